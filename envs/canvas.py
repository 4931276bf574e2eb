"""A surface that is drawn on in the units of a design, whatever size it has.

A design is laid out once, at a size of its own; a canvas scales and centres it. Letters and shapes
are drawn at the size in pixels, so that they stay sharp.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from jaxtyping import UInt8

from etude.envs.pygame_window import import_pygame, text_surface
from etude.envs.shapes import Colour, Distance, Layer, Point

if TYPE_CHECKING:
    import pygame

Place = tuple[float, float, float, float]
"""Left, top, width and height in the units of a design."""

Side = Literal["left", "middle", "right"]

SMALLEST_TEXT: Final = 5  # pixels; below that it is a smudge
NUM_TEXTS: Final = 512  # that a canvas remembers
NUM_SHAPES: Final = 256
CRISP_SCALE: Final = 3.0  # from there on pixels of a picture are shown as squares
LINE: Final = 1.25  # of a line of text, in heights


def best_design(designs: tuple[Point, ...], size: tuple[int, int]) -> Point:
    """The size of the design that appears largest on a surface.

    >>> best_design(((960, 540), (540, 960)), (500, 800))
    (540, 960)
    """
    return max(designs, key=lambda design: min(size[0] / design[0], size[1] / design[1]))


def holds(place: Place, point: Point) -> bool:
    """Whether a point lies in a place."""
    left, top, width, height = place
    return left <= point[0] < left + width and top <= point[1] < top + height


class Canvas:
    """A surface in the units of a design.

    Args:
        surface: where everything appears.
        design: width and height of the design.

    Attributes:
        scale: pixels a unit.
    """

    def __init__(self, surface: "pygame.Surface", design: Point) -> None:
        self._pygame = import_pygame()
        self.surface = surface
        width, height = surface.get_size()
        self.scale = min(width / design[0], height / design[1])
        self._left = (width - design[0] * self.scale) / 2
        self._top = (height - design[1] * self.scale) / 2
        self._words = lru_cache(NUM_TEXTS)(text_surface)
        self._shape = lru_cache(NUM_SHAPES)(self._make_shape)

    def point(self, pixel: tuple[int, int]) -> Point:
        """Where a pixel lies in the design."""
        return (pixel[0] - self._left) / self.scale, (pixel[1] - self._top) / self.scale

    def pixel(self, point: Point) -> tuple[int, int]:
        """Where a point of the design lies on the surface."""
        x, y = self._left + point[0] * self.scale, self._top + point[1] * self.scale
        return round(x), round(y)

    def write(
        self,
        text: str,
        at: Point,
        height: float,
        colour: Colour,
        *,
        room: float | None = None,
        side: Side = "left",
    ) -> float:
        """Write a line.

        Args:
            text: the line.
            at: its upper left corner, the middle of its upper edge, or its upper right corner.
            height: of the letters.
            colour: of the letters.
            room: the width that there is; a longer line gets smaller letters, and is cut where
                these could not be read.
            side: what ``at`` means.

        Returns:
            The width of the line.
        """
        words = self._fitting_words(text, height, colour, room)
        if words is None:
            return 0.0
        width = words.get_width()
        x, y = self.pixel(at)
        shift = {"left": 0, "middle": width // 2, "right": width}[side]
        drop = (self._pixels(height) - words.get_height()) // 2
        self.surface.blit(words, (x - shift, y + max(drop, 0)))
        return width / self.scale

    def width_of(self, text: str, height: float) -> float:
        """How wide a line would be."""
        pixels = max(self._pixels(height), 1)
        return self._words(text, pixels, (0, 0, 0)).get_width() / self.scale

    def write_lines(self, text: str, at: Point, height: float, colour: Colour, room: float) -> None:
        """Write text in as many lines as it needs."""
        line, (x, y) = "", at
        for word in text.split():
            longer = f"{line} {word}".strip()
            if line and self.width_of(longer, height) > room:
                self.write(line, (x, y), height, colour, room=room)
                line, y = word, y + LINE * height
            else:
                line = longer
        self.write(line, (x, y), height, colour, room=room)

    def box(self, place: Place, colour: Colour, radius: float = 0.0, opacity: float = 1.0) -> None:
        """A rectangle, with round corners if it has a radius; no thinner than a pixel."""
        if min(place[2:]) <= 0:
            return
        left, top = self.pixel(place[:2])
        width, height = (max(self._pixels(length), 1) for length in place[2:])
        corner = min(radius * self.scale, width / 2, height / 2)
        box = self._shape("box", (width, height), (corner,), colour, opacity)
        self.surface.blit(box, (left, top))

    def disc(self, centre: Point, radius: float, colour: Colour) -> None:
        """A filled circle."""
        reach = radius * self.scale
        side = 2 * int(reach + 1.5)
        x, y = self.pixel(centre)
        disc = self._shape("disc", (side, side), (reach,), colour, 1.0)
        self.surface.blit(disc, (x - side // 2, y - side // 2))

    def stroke(self, points: tuple[Point, ...], width: float, colour: Colour) -> None:
        """A line through points, in a smooth pen's width."""
        pen = max(width * self.scale, 1.0)
        margin = int(pen) + 2
        pixels = [self.pixel(point) for point in points]
        left, top = (min(axis) - margin for axis in zip(*pixels, strict=True))
        right, bottom = (max(axis) + margin for axis in zip(*pixels, strict=True))
        moved = tuple((x - left, y - top) for x, y in pixels)
        line = self._shape("stroke", (right - left, bottom - top), (pen, *moved), colour, 1.0)
        self.surface.blit(line, (left, top))

    def picture(self, pixels: UInt8[np.ndarray, "h w 3"], place: Place) -> None:
        """A picture in the middle of a place, as large as fits; few pixels are shown as squares."""
        (left, top), (right, bottom) = self._corners(place)
        height, width = pixels.shape[:2]
        scale = min((right - left) / width, (bottom - top) / height)
        size = (max(round(width * scale), 1), max(round(height * scale), 1))
        surface = self._pygame.image.frombytes(pixels.tobytes(), (width, height), "RGB")
        transform = self._pygame.transform
        enlarge = transform.scale if scale >= CRISP_SCALE else transform.smoothscale
        corner = (left + (right - left - size[0]) // 2, top + (bottom - top - size[1]) // 2)
        self.surface.blit(enlarge(surface, size), corner)

    def _pixels(self, length: float) -> int:
        return round(length * self.scale)

    def _corners(self, place: Place) -> tuple[tuple[int, int], tuple[int, int]]:
        left, top, width, height = place
        return self.pixel((left, top)), self.pixel((left + width, top + height))

    def _fitting_words(
        self, text: str, height: float, colour: Colour, room: float | None
    ) -> "pygame.Surface | None":
        size = self._pixels(height)
        if not text or size < SMALLEST_TEXT:
            return None
        words = self._words(text, size, colour)
        if room is None or words.get_width() <= room * self.scale:
            return words
        smaller = int(size * room * self.scale / words.get_width())
        words = self._words(text, max(smaller, SMALLEST_TEXT, round(0.7 * size)), colour)
        visible = words.get_rect().clip((0, 0, int(room * self.scale), words.get_height()))
        return words.subsurface(visible)

    def _make_shape(
        self,
        name: str,
        size: tuple[int, int],
        details: tuple[float | Point, ...],
        colour: Colour,
        opacity: float,
    ) -> "pygame.Surface":
        layer = Layer(*size)
        makers: dict[str, Callable[..., Distance]] = {
            "box": lambda radius: layer.box((0.0, 0.0), size, radius),
            "disc": lambda radius: layer.disc((size[0] / 2, size[1] / 2), radius),
            "stroke": lambda pen, *points: _polyline(layer, points, pen),
        }
        layer.paint(makers[name](*details), colour, opacity)
        surface: pygame.Surface = self._pygame.image.frombytes(layer.to_bytes(), size, "RGBA")
        return surface


def _polyline(layer: Layer, points: tuple[Point, ...], pen: float) -> Distance:
    pairs = zip(points, points[1:] or points, strict=False)
    strokes = [layer.segment(start, end, pen) for start, end in pairs]
    union: Distance = np.minimum.reduce(strokes)
    return union
