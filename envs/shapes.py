"""Anti-aliased shapes as signed distances, and the layers they are painted on.

A shape is the distance of every pixel to its border, in pixels and negative inside. How much of a
pixel it covers is then ``clip(1/2 - distance, 0, 1)``: smooth edges at any size without drawing
large and scaling down, and, with the distance divided by a softness, the same formula blurs a
shadow. Plain arrays; nothing here knows of pygame.

Reference: I. Quilez, "2D distance functions", 2019, iquilezles.org/articles/distfunctions2d.
"""

import numpy as np
from jaxtyping import Float32

Colour = tuple[int, int, int]
Point = tuple[float, float]
Distance = Float32[np.ndarray, "height width"]


class Layer:
    """A transparent picture to paint shapes on.

    Args:
        width: pixels from left to right.
        height: pixels from top to bottom.
    """

    def __init__(self, width: int, height: int) -> None:
        self.size = (width, height)
        self._x = np.arange(width, dtype=np.float32)[None, :] + 0.5
        self._y = np.arange(height, dtype=np.float32)[:, None] + 0.5
        self._premultiplied = np.zeros((height, width, 4), np.float32)

    def disc(self, centre: Point, radius: float) -> Distance:
        """The distance to a filled circle."""
        distance: Distance = np.hypot(self._x - centre[0], self._y - centre[1]) - np.float32(radius)
        return distance

    def ring(self, centre: Point, radius: float, width: float) -> Distance:
        """The distance to a circle drawn with a pen of ``width``."""
        distance: Distance = np.abs(self.disc(centre, radius)) - np.float32(width / 2)
        return distance

    def segment(self, start: Point, end: Point, width: float) -> Distance:
        """The distance to a straight stroke with round ends."""
        across, down = end[0] - start[0], end[1] - start[1]
        squared_length = max(across**2 + down**2, 1e-9)
        along = (self._x - start[0]) * across + (self._y - start[1]) * down
        share = np.clip(along / np.float32(squared_length), 0, 1)
        x, y = self._x - start[0] - share * across, self._y - start[1] - share * down
        distance: Distance = np.hypot(x, y) - np.float32(width / 2)
        return distance

    def box(self, corner: Point, size: Point, radius: float) -> Distance:
        """The distance to a rectangle with round corners; ``corner`` is its upper left one."""
        half_width, half_height = size[0] / 2, size[1] / 2
        x = np.abs(self._x - corner[0] - half_width) - np.float32(half_width - radius)
        y = np.abs(self._y - corner[1] - half_height) - np.float32(half_height - radius)
        outside = np.hypot(np.maximum(x, 0), np.maximum(y, 0))
        distance: Distance = outside + np.minimum(np.maximum(x, y), 0) - np.float32(radius)
        return distance

    def paint(
        self, distance: Distance, colour: Colour, opacity: float = 1.0, softness: float = 1.0
    ) -> None:
        """Put a shape on top; ``softness`` is the width of its edge in pixels."""
        coverage = np.clip(0.5 - distance / np.float32(softness), 0, 1) * np.float32(opacity)
        self._premultiplied *= 1 - coverage[..., None]
        self._premultiplied += coverage[..., None] * np.array((*colour, 255), np.float32)

    def to_bytes(self) -> bytes:
        """The picture as RGBA bytes, row by row, colours not multiplied by alpha."""
        alpha = self._premultiplied[..., 3:] / 255
        rgba = self._premultiplied.copy()
        rgba[..., :3] /= np.maximum(alpha, 1e-6)
        return rgba.round().clip(0, 255).astype(np.uint8).tobytes()


def blend(start: Colour, end: Colour, share: float) -> Colour:
    """The colour that lies ``share`` of the way from ``start`` to ``end``."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(start, end, strict=True))
    return red, green, blue


def luminance(colour: Colour) -> float:
    """How bright a colour looks, in [0, 1] (the weights of ITU-R BT.709)."""
    red, green, blue = colour
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255
