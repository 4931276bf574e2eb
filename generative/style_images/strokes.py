"""Paint in strokes that follow a field of directions.

Strokes are laid coarse to fine over each other (A. Hertzmann, "Painterly rendering with curved
brush strokes of multiple sizes", SIGGRAPH 1998), each along a line of the field. Bristles leave
grooves in a map of heights, which a lamp from above makes visible.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float

from etude.generative.style_images.canvas import (
    Picture,
    Plane,
    lay,
    lit,
)

Scalars = Float[np.ndarray, " n"]
Paths = Float[np.ndarray, "n k 2"]
NUM_KNOTS: Final = 7
NUM_BRISTLES: Final = 24


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
        for path, colour, hairs in zip(paths, colours, bristles, strict=True):
            self._stroke(path, colour, hairs, brush)

    def _stroke(
        self,
        path: Float[np.ndarray, "k 2"],
        colour: Float[np.ndarray, "3"],
        hairs: Float[np.ndarray, " b"],
        brush: Brush,
    ) -> None:
        size, margin = len(self.height), brush.width
        low = np.clip(((path.min(axis=0) - margin) * size).astype(int), 0, size)
        high = np.clip(((path.max(axis=0) + margin) * size).astype(int) + 1, 0, size)
        if (high <= low).any():
            return
        box = slice(low[1], high[1]), slice(low[0], high[0])
        x = (np.arange(low[0], high[0]) + 0.5) / size
        y = (np.arange(low[1], high[1]) + 0.5) / size
        across, distance = _offsets(x, y, path)
        place = np.clip((across / brush.width + 0.5) * (NUM_BRISTLES - 1), 0, NUM_BRISTLES - 1)
        hair = np.interp(place, np.arange(NUM_BRISTLES), hairs)
        edge = distance - brush.width * (0.44 + 0.04 * hair)
        cover = np.clip(0.5 - edge * size, 0.0, 1.0)
        paint = np.clip(colour + 0.035 * hair[..., None], 0.0, 1.0)
        self.picture[box] = lay(self.picture[box], paint, cover)
        ridge = brush.relief * (1.0 + 0.35 * hair - (2.0 * distance / brush.width) ** 4)
        self.height[box] += cover * (ridge - 0.7 * self.height[box])

    def dry(self, strength: float = 0.3) -> Picture:
        """The finished picture, lit from above."""
        return lit(self.picture, self.height, strength)


def _offsets(
    x: Float[np.ndarray, " w"], y: Float[np.ndarray, " h"], path: Float[np.ndarray, "k 2"]
) -> tuple[Plane, Plane]:
    """The signed distance across a line, and the distance to it, of each pixel of a box."""
    start, leg = path[:-1], np.diff(path, axis=0)
    length = np.hypot(leg[:, 0], leg[:, 1])
    along_x, along_y = (leg / length[:, None]).T
    from_x = x[None, :, None] - start[:, 0]
    from_y = y[:, None, None] - start[:, 1]
    along = from_x * along_x + from_y * along_y  # (h, w, k - 1)
    across = from_y * along_x - from_x * along_y
    distance = np.hypot(across, along - np.clip(along, 0.0, length))
    nearest = distance.argmin(axis=-1)[..., None]
    return (
        np.take_along_axis(across, nearest, axis=-1)[..., 0],
        np.take_along_axis(distance, nearest, axis=-1)[..., 0],
    )
