"""Which patches of photos a unit answers to most, and what it has seen in them.

Zeiler and Fergus 2014, fig. 2: the nine strongest patches of a unit beside their projections. The
network looks at whole photos, in several sizes because a unit may be made for larger things than
one of them has. Patches of a unit lie apart: otherwise one eye would be there nine times.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from etude.generative.data import Images
from etude.generative.features.deconvnet import Rule, check_units, project_shifted, rule_of
from etude.generative.images import resize
from etude.generative.style.protocol import Encoder

MULTIPLE: Final = 32  # of pixels: at such steps all strides of an encoder meet
BLOCK: Final = 32  # pixels a side, in each of which the strongest activation is a candidate
LEAST_LIVING: Final = 1e-6  # activations below are none
LEAST_SHARE: Final = 0.1  # of the strongest activation; below, a patch says little of a unit
APART: Final = 0.5  # of the smaller of two views: patches of one photo are not nearer
NUM_PATCHES: Final = 9
CENTRAL: Final = 0.9  # of the energy of projections lies in the patch that is shown
LEAST_SIDE: Final = 7  # pixels of a patch that is shown
CONTRAST: Final = 0.995  # the quantile of a projection that becomes black or white
GREY: Final = 0.5


class View(NamedTuple):
    """A photo in one size, whose sides are multiples of 32 pixels.

    Args:
        image: RGB in [0, 1].
        photo: its number.
        scale: pixels of the view to one of the photo.
    """

    image: Float[Tensor, "1 3 h w"]
    photo: int
    scale: float


class Peaks(NamedTuple):
    """The strongest activation of each channel in each block of each view.

    Args:
        strengths: the activations.
        places: row and column of the pixel in the middle below each.
        views: the number of the view that a candidate is in.
    """

    strengths: Float[Tensor, "candidates channels"]
    places: Float[Tensor, "candidates channels 2"]
    views: Int[Tensor, " candidates"]


class Windows(NamedTuple):
    """What the network sees around activations.

    Args:
        images: RGB in [0, 1].
        places: row and column of the pixel below each activation.
        strengths: the activations, from the strongest on.
    """

    images: Float[Tensor, "k 3 side side"]
    places: Float[Tensor, "k 2"]
    strengths: Float[Tensor, " k"]


@dataclass(frozen=True, kw_only=True)
class Sending:
    """How activations go back to the pixels.

    Raises:
        ValueError: a number out of its range.
    """

    rule: Rule | None = None
    """What rectifiers let through on the way back: "deconvnet" (Zeiler and Fergus), "guided"
    (Springenberg et al.) or "saliency" (the gradient). If left out, the first for a network with
    switches, the second for others."""
    window: int = 128
    """Pixels a side that the network sees around an activation; a multiple of 32."""
    shifts: int = 2
    """Projections are means over so many shifts by a pixel in each direction; 1 shows the grid of
    the strides."""

    def __post_init__(self) -> None:
        if self.window < MULTIPLE or self.window % MULTIPLE:
            raise ValueError(
                f"window is a multiple of {MULTIPLE}, got {self.window}; for example 128."
            )
        if self.shifts < 1:
            raise ValueError(f"shifts is at least 1, got {self.shifts}; 2 are smooth.")


@dataclass(frozen=True)
class Seen:
    """What a unit answers to.

    Args:
        unit: its channel.
        strengths: of its activations, from the strongest on; fewer than asked for if it hardly
            answers to the other places.
        patches: RGB in [0, 1].
        projections: of the activations in them, of any scale and sign.
    """

    unit: int
    strengths: Float[Tensor, " k"]
    patches: Float[Tensor, "k 3 side side"]
    projections: Float[Tensor, "k 3 side side"]


def views_of(photos: Images, scales: Sequence[float], least: int) -> list[View]:
    """Photos in several sizes, without what is beyond a multiple of 32 pixels.

    Args:
        photos: RGB in [0, 1], of any sizes.
        scales: of each.
        least: pixels of the shorter side, at least 32; smaller views are left out.

    Raises:
        ValueError: nothing is large enough.
    """
    views = []
    for number in range(len(photos)):
        for scale in scales:
            image = resize(photos[number], max(round(scale * max(photos[number].shape[2:])), 1))
            height, width = (length - length % MULTIPLE for length in image.shape[2:])
            if min(height, width) >= max(least, MULTIPLE):
                top, left = (image.shape[2] - height) // 2, (image.shape[3] - width) // 2
                whole = image[..., top : top + height, left : left + width]
                views.append(View(whole, number, scale))
    if not views:
        raise ValueError(
            f"patches are cut out of photos of at least {least} x {least} pixels, got none; choose "
            "larger photos or smaller patches."
        )
    return views


@torch.no_grad()
def find_peaks(encoder: Encoder, views: Sequence[View], layer: str) -> Peaks:
    """The candidates for the strongest activations of a layer."""
    found = []
    for view in views:
        features = encoder(view.image)[layer]
        height, width = view.image.shape[-2:]
        map_height, map_width = features.shape[-2:]
        blocks = (min(height // BLOCK, map_height), min(width // BLOCK, map_width))
        strengths, indices = F.adaptive_max_pool2d(features, blocks, return_indices=True)
        rows = (indices // map_width + 0.5) * (height / map_height)
        columns = (indices % map_width + 0.5) * (width / map_width)
        places = torch.stack([rows, columns], dim=-1)[0].flatten(1, 2)  # (channels, blocks, 2)
        found.append((strengths[0].flatten(1).T, places.transpose(0, 1)))
    numbers = torch.repeat_interleave(
        torch.arange(len(views)), torch.tensor([len(strengths) for strengths, _ in found])
    )
    return Peaks(
        torch.cat([one for one, _ in found]), torch.cat([one for _, one in found]), numbers
    )


def selective_units(peaks: Peaks, number: int) -> list[int]:
    """The living channels that answer to few places much more than to most.

    The measure is the mean of the nine strongest activations over the mean of all; channels that
    are silent almost everywhere come last.

    Args:
        peaks: see ``find_peaks``.
        number: of channels, at most.
    """
    found = peaks.strengths
    num_top = min(9, len(found))
    top = found.topk(num_top, dim=0).values
    selectivity = top.mean(dim=0) / found.mean(dim=0).clamp_min(LEAST_LIVING)
    is_rare = (found > LEAST_SHARE * top[0]).sum(dim=0) < 2 * num_top
    selectivity[is_rare] *= 1e-3
    selectivity[top[0] <= LEAST_LIVING] = 0.0
    order = selectivity.argsort(descending=True)[:number]
    return [int(unit) for unit in order if selectivity[unit] > 0]


def top_activations(
    encoder: Encoder,
    views: Sequence[View],
    layer: str,
    peaks: Peaks,
    unit: int,
    *,
    sending: Sending,
    number: int = NUM_PATCHES,
) -> Seen:
    """The patches that a unit answers to most, and what it has seen in them.

    A patch is the square around the activation that has most of the projection's energy, as large
    for all activations of a unit.

    Args:
        encoder: a frozen one.
        views: where to look.
        layer: one of the encoder's.
        peaks: of this layer, see ``find_peaks``.
        unit: a channel.
        sending: how activations go back.
        number: of patches, at most.

    Raises:
        ValueError: see ``project``.
    """
    check_units(torch.tensor([unit]), peaks.strengths.shape[1], layer)
    found = strongest_windows(views, peaks, unit, sending.window, number)
    nothing = torch.zeros(0, 3, LEAST_SIDE, LEAST_SIDE)
    if not len(found.images):
        return Seen(unit, torch.zeros(0), nothing, nothing)
    units = torch.full((len(found.images),), unit)
    rule = sending.rule or rule_of(encoder)
    projections = project_shifted(
        encoder, found.images, layer, units, rule, found.places, shifts=sending.shifts
    )
    # What is only there in more of the photo than the window is silent within it.
    speaks = projections.flatten(1).any(dim=1)
    if not speaks.any():
        return Seen(unit, torch.zeros(0), nothing, nothing)
    projections, places = projections[speaks], found.places[speaks]
    side = _side(projections, places)
    return Seen(
        unit,
        found.strengths[speaks],
        squares_around(found.images[speaks], places, side),
        squares_around(projections, places, side),
    )


def strongest_windows(
    views: Sequence[View], peaks: Peaks, unit: int, window: int, number: int = NUM_PATCHES
) -> Windows:
    """What the network sees around the strongest activations of a channel, the first strongest.

    Args:
        views: where to look.
        peaks: see ``find_peaks``.
        unit: a channel.
        window: pixels a side, a multiple of 32.
        number: of windows, at most; fewer if the unit is silent elsewhere.
    """
    chosen = _strongest(views, peaks, unit, number, window)
    images, places = torch.zeros(len(chosen), 3, window, window), torch.zeros(len(chosen), 2)
    for n, i in enumerate(chosen):
        image, place = views[int(peaks.views[i])].image, peaks.places[i, unit]
        top, left = (
            _start(float(middle), window, length)
            for middle, length in zip(place, image.shape[-2:], strict=True)
        )
        images[n] = image[0, :, top : top + window, left : left + window]
        places[n] = place - torch.tensor([top, left])
    return Windows(images, places, peaks.strengths[chosen, unit])


def around_grey(projections: Float[Tensor, "n 3 h w"]) -> Float[Tensor, "n 3 h w"]:
    """Projections as pictures: 0 is middle grey, the strongest values of each black or white."""
    sizes = projections.abs().flatten(1)
    largest = sizes.quantile(CONTRAST, dim=1) if sizes.numel() < 1e7 else sizes.amax(dim=1)
    largest = torch.where(largest > 0, largest, sizes.amax(dim=1)).clamp_min(LEAST_LIVING**2)
    return (GREY + GREY * projections / largest[:, None, None, None]).clamp(0.0, 1.0)


def central_share(
    projections: Float[Tensor, "n 3 h w"], places: Float[Tensor, "n 2"], side: int
) -> Float[Tensor, " n"]:
    """How much of each projection's energy lies in a square around a place; 0 of an empty one."""
    energy = projections.square()
    inside = squares_around(energy, places, side).sum(dim=(1, 2, 3))
    return inside / energy.sum(dim=(1, 2, 3)).clamp_min(LEAST_LIVING**4)


def squares_around(
    images: Float[Tensor, "n 3 h w"], places: Float[Tensor, "n 2"], side: int
) -> Float[Tensor, "n 3 side side"]:
    """Squares around places, as far as that goes within the images."""
    cut = []
    for image, place in zip(images, places.tolist(), strict=True):
        top, left = (
            min(max(round(middle - side / 2), 0), length - side)
            for middle, length in zip(place, image.shape[-2:], strict=True)
        )
        cut.append(image[:, top : top + side, left : left + side])
    return torch.stack(cut)


def _strongest(
    views: Sequence[View], peaks: Peaks, unit: int, number: int, window: int
) -> list[int]:
    """Candidates in which a channel is strongest, no two of them of nearly the same place."""
    strengths = peaks.strengths[:, unit]
    least = LEAST_SHARE * float(strengths.max())
    chosen: list[int] = []
    taken: list[tuple[int, float, float, float]] = []
    for i in strengths.argsort(descending=True).tolist():
        if strengths[i] <= max(LEAST_LIVING, least) or len(chosen) == number:
            break
        view = views[int(peaks.views[i])]
        row, column = (peaks.places[i, unit] / view.scale).tolist()  # in the photo
        radius = APART * window / view.scale / 2
        if all(
            photo != view.photo or math.hypot(row - y, column - x) > min(radius, other)
            for photo, y, x, other in taken
        ):
            chosen.append(i)
            taken.append((view.photo, row, column, radius))
    return chosen


def _start(middle: float, window: int, length: int) -> int:
    """Where a window around a place begins, a multiple of 32 so that all strides stay in step."""
    wanted = round((middle - window / 2) / MULTIPLE) * MULTIPLE
    return min(max(wanted, 0), length - window)


def _side(projections: Float[Tensor, "n 3 h w"], places: Float[Tensor, "n 2"]) -> int:
    """Of the smallest squares around the places that have most of the energy, in the median."""
    sides = range(LEAST_SIDE, projections.shape[-1] + 1, 4)
    for side in sides:
        if central_share(projections, places, side).median() >= CENTRAL:
            return side
    return projections.shape[-1]
