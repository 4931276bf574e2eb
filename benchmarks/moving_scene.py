"""A clip whose motion is known exactly: a camera sways over a photo, and a patch flies before it.

A warping error needs a flow that is right; an estimated one would grade itself.
"""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import matplotlib.cbook
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor

from etude.generative.images import load_image, resize_to

PHOTO: Final = "grace_hopper.jpg"  # comes with matplotlib; US Navy, public domain
ROOM: Final = 1.5  # the shorter side of the photo, in sides of a frame
PAN_PERIODS: Final = (50.0, 70.0)  # frames, right and down
PAN_SHARE: Final = 0.2  # of a frame's side, to both sides of the middle
ZOOM_PERIOD: Final = 60.0
ZOOM_SHARE: Final = 0.06
PATCH_SHARE: Final = 0.3  # its side, in sides of a frame
PATCH_PERIODS: Final = (40.0, 90.0)
PATCH_REACH: Final = 0.45  # of the room that it has


class SceneFrame(NamedTuple):
    """One frame, and how it follows from the one before it.

    Args:
        image: RGB in [0, 1].
        flow: from each pixel to where it was, in pixels: right, then down; 0 for the first frame.
        visible: 1 where it was in view, 0 where it was not; 0 for the first frame.
    """

    image: Float[Tensor, "1 3 h w"]
    flow: Float[Tensor, "1 2 h w"]
    visible: Float[Tensor, "1 1 h w"]


class Pose(NamedTuple):
    """Where camera and patch are: the middle of the view and the patch's corner, in pixels.

    ``zoom`` is how many pixels of the photo lie in one of a frame.
    """

    middle: tuple[float, float]
    zoom: float
    corner: tuple[int, int]


def moving_scene(num_frames: int, size: int = 192) -> Iterator[SceneFrame]:
    """Square frames with sides of ``size`` pixels, the same every time."""
    photo = _photo(size)
    patch = _patch(photo, size)
    for number in range(num_frames):
        pose, before = _pose(number, photo, size), _pose(number - 1, photo, size)
        flow, visible = _motion(pose, before, size)
        if number == 0:
            flow, visible = torch.zeros_like(flow), torch.zeros_like(visible)
        yield SceneFrame(_picture(pose, photo, patch, size), flow, visible)


def _photo(size: int) -> Float[Tensor, "1 3 h w"]:
    path = matplotlib.cbook.get_sample_data(PHOTO, asfileobj=False)
    photo = load_image(Path(str(path)))
    scale = ROOM * size / min(photo.shape[-2:])
    return resize_to(photo, round(scale * photo.shape[-2]), round(scale * photo.shape[-1]))


def _patch(photo: Float[Tensor, "1 3 h w"], size: int) -> Float[Tensor, "1 3 side side"]:
    """A square of the photo from above its middle, mirrored."""
    side = round(PATCH_SHARE * size)
    left, top = (photo.shape[-1] - side) // 2, photo.shape[-2] // 7
    return photo[..., top : top + side, left : left + side].flip(3)


def _pose(number: int, photo: Float[Tensor, "1 3 h w"], size: int) -> Pose:
    """All three go to and fro."""
    h, w = photo.shape[-2:]
    phase = 2.0 * math.pi * number
    right, down = (PAN_SHARE * size * math.sin(phase / period) for period in PAN_PERIODS)
    zoom = 1.0 - ZOOM_SHARE * math.sin(phase / ZOOM_PERIOD)
    free = size - round(PATCH_SHARE * size)
    left, top = (
        round(free * (0.5 + PATCH_REACH * math.cos(phase / period))) for period in PATCH_PERIODS
    )
    return Pose(((w - 1) / 2.0 + right, (h - 1) / 2.0 + down), zoom, (left, top))


def _picture(
    pose: Pose,
    photo: Float[Tensor, "1 3 h w"],
    patch: Float[Tensor, "1 3 side side"],
    size: int,
) -> Float[Tensor, "1 3 {size} {size}"]:
    extent = torch.tensor([photo.shape[-1], photo.shape[-2]])[:, None, None]
    x, y = (2.0 * _in_photo(_places(size), pose) + 1.0) / extent - 1.0
    grid = torch.stack([x, y], dim=-1)[None]
    picture = F.grid_sample(photo, grid, mode="bicubic", align_corners=False).clamp(0.0, 1.0)
    (left, top), side = pose.corner, patch.shape[-1]
    picture[..., top : top + side, left : left + side] = patch
    return picture


def _motion(
    pose: Pose, before: Pose, size: int
) -> tuple[Float[Tensor, "1 2 {size} {size}"], Float[Tensor, "1 1 {size} {size}"]]:
    """The exact flow from a frame to the one before it, and what was in view there."""
    places, middle = _places(size), (size - 1) / 2.0
    on_patch = _on_patch(places, pose, size)
    offset = torch.tensor(before.middle)[:, None, None]
    of_photo = (_in_photo(places, pose) - offset) / before.zoom + middle - places
    step = [then - now for then, now in zip(before.corner, pose.corner, strict=True)]
    of_patch = torch.tensor(step, dtype=places.dtype)[:, None, None].expand_as(places)
    flow = torch.where(on_patch, of_patch, of_photo)
    origins = places + flow
    inside = ((origins >= 0.0) & (origins <= size - 1.0)).all(0)
    hidden = ~on_patch & _on_patch(origins, before, size, margin=1.0)
    return flow[None], (inside & ~hidden).to(flow.dtype)[None, None]


def _places(size: int) -> Float[Tensor, "2 {size} {size}"]:
    """X and y of each pixel."""
    line = torch.arange(size, dtype=torch.float32)
    return torch.stack(torch.meshgrid(line, line, indexing="xy"))


def _in_photo(places: Float[Tensor, "2 h w"], pose: Pose) -> Float[Tensor, "2 h w"]:
    """Where in the photo the camera sees these places."""
    middle = torch.tensor(pose.middle)[:, None, None]
    return middle + pose.zoom * (places - (places.shape[-1] - 1) / 2.0)


def _on_patch(
    places: Float[Tensor, "2 h w"], pose: Pose, size: int, margin: float = 0.0
) -> Bool[Tensor, "h w"]:
    """Whether they lie on the patch, or closer to it than the margin."""
    distance = places - torch.tensor(pose.corner)[:, None, None]
    side = round(PATCH_SHARE * size)
    return ((distance > -margin - 0.5) & (distance < side - 0.5 + margin)).all(0)
