"""Painting a clip so that the paint moves with what it is painted on.

M. Ruder, A. Dosovitskiy and T. Brox, "Artistic style transfer for videos", GCPR 2016: what was in
view before is painted already, and moves along the optical flow (sec. 4.1); what was hidden in the
last frame is looked up in older ones (sec. 4.3); what is new is painted afresh. How that is done
is the painter's business: ``video_gatys`` descends on each frame, ``video_network`` paints in one
pass.

Departure: pixels are in view or not, and an older frame only fills what the newer ones cannot. A
frame of which most was not in view begins a new scene and is painted like the first.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor

from etude.generative.style.optical_flow import estimate_motion
from etude.generative.warping import warp

Image = Float[Tensor, "1 3 h w"]
Mask = Float[Tensor, "1 1 h w"]


@dataclass(frozen=True, kw_only=True)
class VideoSettings:
    """How to paint a clip.

    Raises:
        ValueError: a number out of its range.
    """

    scene_factor: int = 2
    """The first frame of a scene gets so many times the evaluations of a picture, since all others
    begin with its paint."""
    frame_evaluations: int = 50
    """How often the loss is evaluated for a frame that follows another (tuned, see
    benchmarks/README.md); with 20, what comes into view stays a photo."""
    temporal_weight: float = 400.0
    """How much the paint sticks to what it is painted on: 0 lets it flicker, 1000 keeps it from
    taking the style (Ruder et al. 2016, eq. 8; tuned, see benchmarks/README.md)."""
    fresh_share: float = 0.15
    """Of a network's painting, how much of each pixel is new paint; 1 flickers, 0.02 smears."""
    memory_frames: tuple[int, ...] = (1,)
    """How many frames ago to look for paint, the newest first (Ruder et al. 2016, sec. 4.3)."""
    cut_share: float = 0.5
    """A frame of which more than this share was not in view before begins a new scene."""

    def __post_init__(self) -> None:
        for name in ("scene_factor", "frame_evaluations"):
            if getattr(self, name) < 1:
                raise ValueError(
                    f"{name} is at least 1, got {getattr(self, name)}; for example "
                    f"{VideoSettings.__dataclass_fields__[name].default}."
                )
        if not 0.0 <= self.temporal_weight < float("inf"):
            raise ValueError(
                f"temporal_weight is at least 0, got {self.temporal_weight}; 0 leaves the term out."
            )
        for name in ("fresh_share", "cut_share"):
            if not 0.0 < getattr(self, name) <= 1.0:
                raise ValueError(
                    f"{name} lies above 0 and up to 1, got {getattr(self, name)}; for example "
                    f"{VideoSettings.__dataclass_fields__[name].default}."
                )
        if not self.memory_frames or min(self.memory_frames) < 1:
            raise ValueError(
                f"memory_frames are at least 1 frame ago, got {self.memory_frames}; for example 1."
            )


class Carried(NamedTuple):
    """Paint that comes from earlier frames.

    Args:
        painting: moved to where its place is now, RGB in [0, 1].
        visible: 1 where there was paint, 0 where the painting above means nothing.
    """

    painting: Image
    visible: Mask

    @property
    def revealed_share(self) -> float:
        """The share of pixels that were not in view before."""
        return 1.0 - self.visible.mean().item()


class Canvas(NamedTuple):
    """A frame that is done.

    Args:
        content: the frame, RGB in [0, 1].
        painting: of the same size.
    """

    content: Image
    painting: Image


class PaintedFrame(NamedTuple):
    """A frame as it was painted.

    Args:
        painting: RGB in [0, 1], of the frame's size.
        loss: the total at the end; None where nothing is optimised.
        revealed_share: the share of pixels that were not in view before.
        begins_scene: whether it was painted without what came before.
        stopped: why it ended early ("interrupted", "the loss was no longer finite"); else "".
    """

    painting: Image
    loss: float | None
    revealed_share: float
    begins_scene: bool
    stopped: str


class Painted(NamedTuple):
    """What a painter hands back, see ``PaintedFrame``."""

    image: Image
    loss: float | None = None
    stopped: str = ""


@runtime_checkable
class FramePainter(Protocol):
    """A method of painting frames.

    Attributes:
        identity: all that the paintings depend on besides the frames, as JSON holds it: a clip that
            was begun is only gone on with by the same.
    """

    identity: Mapping[str, Any]

    def begin(self, content: Image) -> Painted:
        """Paint the first frame of a scene."""
        ...

    def follow(self, content: Image, carried: Carried) -> Painted:
        """Paint a frame on what is there of earlier ones."""
        ...


def stylize_frames(
    frames: Iterable[Image], painter: FramePainter, settings: VideoSettings | None = None
) -> Iterator[PaintedFrame]:
    """Paint frames one at a time; what is kept in memory does not grow.

    A frame whose ``stopped`` is not empty is the last: what was painted of it until then.

    Args:
        frames: RGB in [0, 1], all of one size.
        painter: the method.
        settings: see there.
    """
    settings = settings or VideoSettings()
    canvases: deque[Canvas] = deque(maxlen=max(settings.memory_frames))
    for content in frames:
        painted = paint_frame(content, canvases, painter, settings)
        yield painted
        if painted.stopped:
            return
        canvases.append(Canvas(content, painted.painting))


def paint_frame(
    content: Image, canvases: Sequence[Canvas], painter: FramePainter, settings: VideoSettings
) -> PaintedFrame:
    """Paint one frame.

    Args:
        content: the frame, RGB in [0, 1].
        canvases: the frames before it in order, ``max(memory_frames)`` or all that there are.
        painter: the method.
        settings: see there.
    """
    carried = carry(content, canvases, settings.memory_frames)
    begins_scene = carried.revealed_share > settings.cut_share
    painting = painter.begin(content) if begins_scene else painter.follow(content, carried)
    return PaintedFrame(
        painting.image, painting.loss, carried.revealed_share, begins_scene, painting.stopped
    )


def carry(content: Image, canvases: Sequence[Canvas], memory_frames: Sequence[int]) -> Carried:
    """The paint of earlier frames, each pixel from the first of ``memory_frames`` that has it."""
    carried = Carried(content, torch.zeros_like(content[:, :1]))
    for num_ago in memory_frames:
        if num_ago <= len(canvases):
            canvas = canvases[-num_ago]
            flow, visible = estimate_motion(content, canvas.content)
            moved = warp(canvas.painting, flow, "bicubic").clamp(0.0, 1.0)
            found = visible * (1.0 - carried.visible)
            painting = torch.where(found > 0.0, moved, carried.painting)
            carried = Carried(painting, carried.visible + found)
    return carried
