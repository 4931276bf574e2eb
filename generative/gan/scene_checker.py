"""An exact judge of captioned scenes: reads a picture, and says which words of a caption are wrong.

Nothing in it is learned, so a generator can be graded by a judge that shares none of its faults.
It reads by synthesis. Every pixel is explained as background and a share of one colour; the pixels
of more than half fall apart into things; for each thing and each shape, the area and the centroid
of its shares give size and place in closed form, the shape is drawn there, and the drawing with the
least error names the shape. At last the whole scene is drawn as it was read: if it does not
resemble the picture, then the picture shows something else, and nothing was read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy.typing import NDArray
from scipy import ndimage
from torch import Tensor

from etude.generative.gan.captioned_scenes import (
    AREAS,
    BACKGROUND,
    COLOURS,
    DROPS,
    RELATIONS,
    SHAPES,
    SIZES,
    Scene,
    Thing,
    coverage,
    decode,
    render,
)

MAX_ERROR: Final = 0.12
"""Root of the mean squared error, in [0, 1], of the least the scene as read; grey mush has more."""
MAX_DISTORTION: Final = 0.35
"""The same of a thing's shares about its own shape, per root of its area in pixels."""
SIZE_TOLERANCE: Final = 0.25  # of a radius, beyond which a thing is neither small nor large
SPECK: Final = 0.3  # of the area of a small thing; less is dirt, which the error counts
REACH: Final = 2.0  # pixels around a thing that still belong to it
KINDS: Final = ("shape", "colour", "size", "relation")

Plane = NDArray[np.float32]
AnyWords = Int[Tensor, "_n 7"]  # as many as pictures, or an error says so


class Seen(NamedTuple):
    """A thing in a picture; a size of None is neither small nor large."""

    thing: Thing
    x: float
    y: float
    radius: float


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What is on a picture.

    Args:
        things: in the order in which a caption names them; empty if there are not two.
        relation: how they lie; None if there are not two.
        problem: why nothing was read, or nothing.
    """

    things: tuple[Seen, ...] = ()
    relation: str | None = None
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What of a caption is wrong in a picture.

    Args:
        wrong: the words, as "circle (1st)"; empty if the picture shows what the caption says.
        kinds: those of ``KINDS`` that have wrong words.
    """

    wrong: tuple[str, ...]
    kinds: frozenset[str]

    @property
    def is_right(self) -> bool:
        """Whether every word is."""
        return not self.wrong


@dataclass(frozen=True, kw_only=True)
class SceneGrade:
    """Shares of pictures, in [0, 1], in which the words of a kind are all right.

    Args:
        caption: all words.
        shape: both shapes.
        colour: both colours.
        size: all sizes that are stated.
        relation: how the things lie.
        num_pictures: that were judged.
    """

    caption: float
    shape: float
    colour: float
    size: float
    relation: float
    num_pictures: int


def grade_scenes(images: Float[Tensor, "n 3 s s"], words: AnyWords) -> SceneGrade:
    """How many pictures show what their captions say.

    Args:
        images: RGB in [-1, 1].
        words: of their captions.

    Raises:
        ValueError: no pictures, or fewer than captions.
    """
    verdicts = judge(images, words)
    if not verdicts:
        raise ValueError("a grade is of at least one picture, got none; draw some.")
    shares = {
        kind: 1.0 - sum(kind in verdict.kinds for verdict in verdicts) / len(verdicts)
        for kind in KINDS
    }
    right = sum(verdict.is_right for verdict in verdicts) / len(verdicts)
    return SceneGrade(caption=right, num_pictures=len(verdicts), **shares)


def judge(images: Float[Tensor, "n 3 s s"], words: AnyWords) -> list[Verdict]:
    """What of each caption is wrong in its picture.

    Raises:
        ValueError: other numbers of pictures and captions.
    """
    if len(images) != len(words):
        raise ValueError(
            f"each picture has a caption, got {len(images)} pictures and {len(words)} captions."
        )
    return [
        compare(scene, reading)
        for scene, reading in zip(decode(words), read_scenes(images), strict=True)
    ]


def compare(scene: Scene, reading: Reading) -> Verdict:
    """The words of a caption that a picture gets wrong.

    Things are matched so that as few words as possible are wrong: where they have changed places,
    the relation is.
    """
    if reading.relation is None:
        relation = {("relation", scene.relation)}
        return _verdict(_wrong(scene, (None, None)) | relation)
    first, second = (seen.thing for seen in reading.things)
    found = []
    for order in ((first, second), (second, first)):
        wrong = _wrong(scene, order)
        if reading.relation != scene.relation or order != (first, second):
            wrong = wrong | {("relation", scene.relation)}
        found.append(wrong)
    return _verdict(min(found, key=len))


def read_scenes(images: Float[Tensor, "n 3 s s"]) -> list[Reading]:
    """What is on each picture; RGB in [-1, 1], of 16 pixels a side and more."""
    pixels = (images.detach().float().cpu() / 2.0 + 0.5).clamp(0.0, 1.0)
    shares, errors = explain(pixels)
    return [_read(*planes) for planes in zip(pixels, shares, errors, strict=True)]


def explain(
    pixels: Float[Tensor, "n 3 s s"],
) -> tuple[Float[Tensor, "n k s s"], Float[Tensor, "n k s s"]]:
    """Each pixel as the background and a share of each colour, and what that leaves unexplained.

    Args:
        pixels: RGB in [0, 1].

    Returns:
        Shares, about 0 to 1, and squared errors.
    """
    background = torch.tensor(BACKGROUND)
    directions = torch.tensor(list(COLOURS.values())) - background  # (k, 3)
    offsets = pixels - background[:, None, None]
    lengths = directions.square().sum(dim=1)[:, None, None]
    shares = torch.einsum("ki,nihw->nkhw", directions, offsets) / lengths
    within = shares.clamp(0.0, 1.0)
    explained = within[:, :, None] * directions[:, :, None, None]  # (n, k, 3, s, s)
    return shares, (offsets[:, None] - explained).square().sum(dim=2)


def _read(
    pixels: Float[Tensor, "3 s s"], shares: Float[Tensor, "k s s"], errors: Float[Tensor, "k s s"]
) -> Reading:
    size = pixels.shape[-1]
    nearest = errors.argmin(dim=0, keepdim=True)
    share = shares.gather(0, nearest)[0].numpy()
    labels, number = ndimage.label(share > 0.5)
    least = SPECK * min(AREAS) * (min(SIZES.values()) * size) ** 2
    parts = [labels == i for i in range(1, number + 1)]
    parts = [part for part in parts if part.sum() >= least]
    if len(parts) != 2:
        return Reading(problem=f"{len(parts)} things")
    seen = []
    for part, other in ((parts[0], parts[1]), (parts[1], parts[0])):
        found = _see(_territory(part, other), shares.numpy(), errors.numpy())
        if found is None:
            return Reading(problem="a thing of no shape")
        seen.append(found)
    if _error(pixels, seen) > MAX_ERROR:
        return Reading(problem="more than two things explain")
    return _in_order(seen)


def _territory(part: NDArray[np.bool_], other: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The pixels around a thing that are nearer to it than to the other."""
    ours, theirs = (ndimage.distance_transform_edt(~mask) for mask in (part, other))
    territory: NDArray[np.bool_] = (ours <= REACH) & (ours < theirs)
    return territory


def _see(territory: NDArray[np.bool_], shares: Plane, errors: Plane) -> Seen | None:
    """The thing in a part of a picture; None if no shape is like it."""
    colour = int(errors[:, territory].sum(axis=1).argmin())
    share = np.where(territory, shares[colour], 0.0).clip(-0.5, 1.5)
    size, area = share.shape[0], max(float(share.sum()), 1e-6)
    places = np.arange(size) + 0.5
    x, y = (share.sum(axis=axis) @ places / area / size for axis in (0, 1))
    radii = torch.tensor(AREAS).pow(-0.5) * area**0.5 / size
    middle_y = y - torch.tensor(DROPS) * radii
    geometry = torch.stack([torch.full_like(radii, x), middle_y.float(), radii], dim=1)[None]
    templates = coverage(torch.arange(len(SHAPES))[None], geometry, size)[0].numpy()
    distortions = np.square(templates - share).sum(axis=(1, 2)) / area
    shape = int(distortions.argmin())
    if distortions[shape] > MAX_DISTORTION**2:
        return None
    radius = float(radii[shape])
    thing = Thing(_size_name(radius), list(COLOURS)[colour], SHAPES[shape])
    return Seen(thing, float(x), float(middle_y[shape]), radius)


def _size_name(radius: float) -> str | None:
    """Small or large, whichever is nearer by its factor; None if neither is near."""
    near = {name: abs(np.log(radius / ours)) for name, ours in SIZES.items()}
    name = min(near, key=lambda size: near[size])
    return name if near[name] <= np.log1p(SIZE_TOLERANCE) else None


def _error(pixels: Float[Tensor, "3 s s"], seen: Sequence[Seen]) -> float:
    """How far the scene as it was read is from the picture."""
    numbers: list[int] = []
    for (_, colour, shape), *_ in seen:
        numbers += [0, list(COLOURS).index(colour), SHAPES.index(shape), 0]
    geometry = torch.tensor([[found[1:] for found in seen]])
    drawn = render(torch.tensor([numbers[:-1]]), geometry, pixels.shape[-1])[0] / 2.0 + 0.5
    return (drawn - pixels).square().mean().sqrt().item()


def _in_order(seen: Sequence[Seen]) -> Reading:
    """Upper or left thing first."""
    first, second = seen
    is_above = abs(first.y - second.y) > abs(first.x - second.x)
    things = sorted(seen, key=lambda found: found.y if is_above else found.x)
    relation = RELATIONS[0] if is_above else RELATIONS[1]
    return Reading(things=tuple(things), relation=relation)


def _wrong(scene: Scene, found: Sequence[Thing | None]) -> set[tuple[str, str]]:
    """Kinds and words that are wrong of two things."""
    wrong = set()
    for place, asked, thing in zip(("1st", "2nd"), (scene.first, scene.second), found, strict=True):
        for kind in ("shape", "colour", "size"):
            word = getattr(asked, kind)
            if word is not None and (thing is None or getattr(thing, kind) != word):
                wrong.add((kind, f"{word} ({place})"))
    return wrong


def _verdict(wrong: set[tuple[str, str]]) -> Verdict:
    ordered = sorted(wrong, key=lambda pair: (pair[1][-4:], KINDS.index(pair[0])))
    return Verdict(
        wrong=tuple(word for _, word in ordered), kinds=frozenset(kind for kind, _ in wrong)
    )
