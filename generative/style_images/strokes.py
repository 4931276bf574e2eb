"""Paint in strokes that follow a field of directions.

Strokes are laid coarse to fine over each other (A. Hertzmann, "Painterly rendering with curved
brush strokes of multiple sizes", SIGGRAPH 1998), each along a line of the field. Bristles leave
grooves in a map of heights, which a lamp from above makes visible.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Float, Int

from etude.generative.style_images.canvas import (
    Picture,
    Plane,
    lay,
    lit,
)

Scalars = Float[np.ndarray, " n"]
Paths = Float[np.ndarray, "n k 2"]
Corners = Int[np.ndarray, "n 2"]
NUM_KNOTS: Final = 7
NUM_BRISTLES: Final = 24
CHUNK: Final = 1 << 14  # pixels of strokes that are worked out together, which fit a cache


@dataclass(frozen=True, kw_only=True)
class Brush:
    """A layer of strokes, measured in units of the picture's side.

    Args:
        length: of a stroke.
        width: of a stroke.
        num_strokes: how many.
        relief: the height of the paint.
    """

    length: float
    width: float
    num_strokes: int
    relief: float = 0.002


def trace(starts: Float[np.ndarray, "n 2"], angles: Plane, length: float) -> Paths:
    """Lines of a field of directions, as points (x, y) at equal steps.

    Args:
        starts: the middle of each line.
        angles: the direction at each pixel, in radians.
        length: of each line.
    """
    size = len(angles)
    step = length / (NUM_KNOTS - 1)
    point, knots = starts, [starts]
    for _ in range(NUM_KNOTS - 1):
        column, row = np.clip((point * size).astype(int), 0, size - 1).T
        angle = angles[row, column]
        point = point + step * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
        knots.append(point)
    return np.stack(knots, axis=1)


class Painting:
    """A picture and the heights of its paint, to which strokes are added.

    Args:
        ground: the primed canvas.
        rng: places strokes and pulls bristles out of the brush.
    """

    def __init__(self, ground: Picture, rng: np.random.Generator) -> None:
        self.picture = ground.copy()
        self.height = np.zeros(ground.shape[:2])
        self.rng = rng

    def cover(self, motif: Picture, angles: Plane, brush: Brush, variation: float = 0.06) -> None:
        """Paint over everything with one brush, in the colours of a motif.

        Args:
            motif: what to paint; a stroke takes the colour at its start.
            angles: the direction of strokes at each pixel, in radians.
            brush: its size.
            variation: the deviation of a stroke's colour from the motif's.
        """
        size = len(motif)
        starts = self.rng.random((brush.num_strokes, 2)) * 1.1 - 0.05
        tints = self.rng.standard_normal((brush.num_strokes, 1))  # brighter or darker,
        tints = tints + 0.5 * self.rng.standard_normal((brush.num_strokes, 3))  # in another hue
        column, row = np.clip((starts * size).astype(int), 0, size - 1).T
        colours = np.clip(motif[row, column] + variation * tints, 0.0, 1.0)
        bristles = self.rng.standard_normal((brush.num_strokes, NUM_BRISTLES))
        paths = trace(starts, angles, brush.length)
        low, high = _boxes(paths, brush.width, size)
        chunks = np.cumsum((high - low).prod(axis=1)) // CHUNK
        for part in np.split(np.arange(len(paths)), np.flatnonzero(np.diff(chunks)) + 1):
            hairs = bristles[part], colours[part]
            marks = _marks(paths[part], low[part], high[part], *hairs, brush, size)
            self._lay(low[part].tolist(), high[part].tolist(), marks)

    def _lay(self, low: list[list[int]], high: list[list[int]], marks: "Marks") -> None:
        """Paint strokes one over the other."""
        first = 0
        for (left, top), (right, bottom) in zip(low, high, strict=True):
            box = slice(top, bottom), slice(left, right)
            last = first + (bottom - top) * (right - left)
            cover, ridge, paint = (
                values[first:last].reshape(bottom - top, right - left, *values.shape[1:])
                for values in marks
            )
            self.picture[box] = lay(self.picture[box], paint, cover)
            self.height[box] += cover * (ridge - 0.7 * self.height[box])
            first = last

    def dry(self, strength: float = 0.3) -> Picture:
        """The finished picture, lit from above."""
        return lit(self.picture, self.height, strength)


class Marks(NamedTuple):
    """What strokes do to the pixels of their boxes, box by box and row by row.

    Attributes:
        cover: how much of a pixel is covered.
        ridge: the height of the paint.
        paint: its colour.
    """

    cover: Scalars
    ridge: Scalars
    paint: Float[np.ndarray, "n 3"]


def _boxes(paths: Paths, margin: float, size: int) -> tuple[Corners, Corners]:
    """The pixels that strokes may touch: columns and rows of the first, and of what is beyond."""
    low = np.clip(((paths.min(axis=1) - margin) * size).astype(int), 0, size)
    high = np.clip(((paths.max(axis=1) + margin) * size).astype(int) + 1, 0, size)
    return low, np.maximum(low, high)


def _marks(
    paths: Paths,
    low: Corners,
    high: Corners,
    bristles: Float[np.ndarray, "k b"],
    colours: Float[np.ndarray, "k 3"],
    brush: Brush,
    size: int,
) -> Marks:
    stroke, across, distance = _offsets(paths, low, high, size)
    place = np.clip((across / brush.width + 0.5) * (NUM_BRISTLES - 1), 0, NUM_BRISTLES - 1)
    before = place.astype(int)
    slope = np.diff(bristles, axis=1, append=bristles[:, -1:])
    hair = slope[stroke, before] * (place - before) + bristles[stroke, before]
    edge = distance - brush.width * (0.44 + 0.04 * hair)
    return Marks(
        cover=np.clip(0.5 - edge * size, 0.0, 1.0),
        ridge=brush.relief * (1.0 + 0.35 * hair - (2.0 * distance / brush.width) ** 4),
        paint=np.clip(colours[stroke] + 0.035 * hair[:, None], 0.0, 1.0),
    )


def _offsets(
    paths: Paths, low: Corners, high: Corners, size: int
) -> tuple[Int[np.ndarray, " n"], Scalars, Scalars]:
    """For each pixel: whose box it is in, the signed distance across that line, and that to it."""
    w, h = (high - low).T
    stroke, place = _runs(w * h)
    row, column = np.divmod(place, w[stroke])
    row, column = row + (np.cumsum(h) - h)[stroke], column + (np.cumsum(w) - w)[stroke]
    start, leg = paths[:, :-1], np.diff(paths, axis=1)
    length = np.hypot(leg[..., 0], leg[..., 1])
    direction = leg / length[..., None]
    x_along, x_across = _projections(start[..., 0], direction, low[:, 0], w, size)
    y_across, y_along = _projections(start[..., 1], direction, low[:, 1], h, size)
    along = x_along[column] + y_along[row]  # (n, k - 1)
    across = y_across[row] - x_across[column]
    distance = np.hypot(across, along - np.clip(along, 0.0, length[stroke]))
    nearest = distance.argmin(axis=-1)[:, None]
    return (
        stroke,
        np.take_along_axis(across, nearest, axis=-1)[:, 0],
        np.take_along_axis(distance, nearest, axis=-1)[:, 0],
    )


def _projections(
    start: Float[np.ndarray, "k legs"],
    direction: Float[np.ndarray, "k legs 2"],
    low: Int[np.ndarray, " k"],
    lengths: Int[np.ndarray, " k"],
    size: int,
) -> tuple[Float[np.ndarray, "m legs"], Float[np.ndarray, "m legs"]]:
    """What a column, or a row, adds to the products with both parts of each leg's direction."""
    stroke, place = _runs(lengths)
    offset = ((low[stroke] + place + 0.5) / size)[:, None] - start[stroke]
    return offset * direction[stroke, :, 0], offset * direction[stroke, :, 1]


def _runs(lengths: Int[np.ndarray, " k"]) -> tuple[Int[np.ndarray, " n"], Int[np.ndarray, " n"]]:
    """Which run something is in, and its place there, of runs that follow each other.

    >>> [part.tolist() for part in _runs(np.array([2, 0, 3]))]
    [[0, 0, 2, 2, 2], [0, 1, 0, 1, 2]]
    """
    run = np.repeat(np.arange(len(lengths)), lengths)
    return run, np.arange(len(run)) - (np.cumsum(lengths) - lengths)[run]
