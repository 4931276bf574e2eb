"""Mosaic: tesserae in rows that follow the outline of what they show, as Roman floors have them."""

from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Int

from etude.generative.style_images.canvas import (
    Colours,
    Picture,
    Plane,
    coordinates,
    inside,
    lay,
    lit,
    noise,
    palette,
)

TILE: Final = 0.024  # the side of a tessera
GROUT: Final = 0.0022  # half the gap between two
RADIUS: Final = 0.22  # of a fan
RINGS: Final = np.array([0, 1, 2, 2, 3, 0, 4, 5, 3, 0])  # which colour of a scheme, from the centre
SCHEMES: Final = (
    palette("f3ead2", "d9a441", "b5482e", "7a1f1f", "f0d9a0", "c9682f"),
    palette("eef2e6", "7fb7a8", "2f7f86", "1c4f6b", "c9dfd2", "123450"),
    palette("f6efdc", "e0b84c", "3f7a4a", "1f4d3a", "d8cf9a", "6a9a55"),
)


class Tiles(NamedTuple):
    """Rings of tesserae about a centre.

    Args:
        ring: counted from the centre.
        tile: counted along the ring.
        edge: the signed distance to the edge of the tessera, negative inside.
    """

    ring: Int[np.ndarray, "h w"]
    tile: Int[np.ndarray, "h w"]
    edge: Plane


def mosaic(size: int, rng: np.random.Generator) -> Picture:
    """Overlapping fans of stone, each in rows of tesserae about its own centre."""
    x, y = coordinates(size)
    grout = palette("b9ad97")[0] * np.ones((size, size, 3))
    picture, height = grout, np.zeros((size, size))
    for row, centre_y in enumerate(np.arange(-0.05, 1.3, 0.5 * RADIUS)):
        for column in range(-1, 4):
            across = x - (2 * column + row % 2) * RADIUS - 0.03
            down = y - centre_y
            fan = inside(np.hypot(across, down) - RADIUS)
            tiles = _rings_of_tiles(across, down, rng)
            stone = inside(tiles.edge)
            colours = _colours(tiles, SCHEMES[rng.integers(len(SCHEMES))], rng)
            picture = lay(picture, lay(grout, colours, stone), fan)
            dome = 0.0035 * np.sqrt(np.clip(-tiles.edge / (0.3 * TILE), 0.0, 1.0))
            height = height + fan * (dome * stone - height)
    tarnish = 1.0 + 0.05 * noise(x, y, 5.0, rng)
    return lit(np.clip(picture * tarnish[..., None], 0.0, 1.0), height, 0.4)


def _rings_of_tiles(x: Plane, y: Plane, rng: np.random.Generator) -> Tiles:
    """As many tesserae to a ring as make them about square, each ring turned at random."""
    away = np.hypot(x, y)
    ring = (away / TILE).astype(int)
    num_tiles = np.maximum(np.round(2.0 * np.pi * (ring + 0.5)), 1.0)
    turn = np.arctan2(y, x) / (2.0 * np.pi) + rng.random(64)[ring % 64]
    place = turn % 1.0 * num_tiles
    width = 2.0 * np.pi * away / num_tiles
    off_ring = (np.abs((away / TILE) % 1.0 - 0.5) - 0.5) * TILE
    off_tile = np.abs(place % 1.0 - 0.5) * width - 0.5 * TILE
    return Tiles(ring, place.astype(int), np.maximum(off_ring, off_tile) + GROUT)


def _colours(tiles: Tiles, scheme: Colours, rng: np.random.Generator) -> Picture:
    """A colour for each ring, and no two stones of quite the same shade."""
    shade = 1.0 + 0.10 * rng.standard_normal((64, 128))[tiles.ring % 64, tiles.tile % 128]
    colours = scheme[RINGS[np.minimum(tiles.ring, len(RINGS) - 1)]]
    painted: Picture = np.clip(colours * shade[..., None], 0.0, 1.0)
    return painted
