"""Marbled paper by closed forms: ink drops that push each other aside, and a comb drawn through.

Each step moves the plane one to one, so a pixel's colour is found by undoing the steps, last first,
until it lies in the drop that was let fall there. S. Lu, A. Jaffer, X. Jin, H. Zhao and X. Mao,
"Mathematical marbling", IEEE Computer Graphics and Applications 32(6), 2012, equations 1 and 2.
"""

from typing import Final

import numpy as np
from jaxtyping import Bool

from etude.generative.style_images.canvas import (
    Picture,
    Plane,
    coordinates,
    noise,
    palette,
    reduced,
)

OVERSAMPLING: Final = 2
NUM_PLACES: Final = 5  # a side
NUM_RINGS: Final = 10
SHARPNESS: Final = 0.03  # how far from a tine the ink moves half as much


def marbling(size: int, rng: np.random.Generator) -> Picture:
    """Rings of inks, dropped in turn at the same places, combed to and fro."""
    x, y = coordinates(OVERSAMPLING * size)
    paint = noise(x, y, 40.0, rng, octaves=2)
    places = np.stack(np.divmod(np.arange(NUM_PLACES**2), NUM_PLACES), axis=-1)
    centres = (places + rng.uniform(-0.1, 1.1, places.shape)) / NUM_PLACES
    inks = palette("f4ead5", "12355b", "e2a72e", "b3272d", "f4ead5", "1f7a6d", "5b2a4f")
    for i in range(7):
        x = _undo_tine(x, y, (i + rng.uniform(0.3, 0.7)) / 7.0, 0.09 * (-1.0) ** i)
    for i in range(5):
        y = _undo_tine(y, x, (i + rng.uniform(0.3, 0.7)) / 5.0, 0.12 * (-1.0) ** i)
    ink = np.full(x.shape, -1)
    for ring in range(NUM_RINGS):
        for centre_x, centre_y in centres + 0.006 * rng.standard_normal(centres.shape):
            x, y, hit = _undo_drop(x, y, centre_x, centre_y, rng.uniform(0.03, 0.075))
            ink = np.where((ink < 0) & hit, ring % len(inks), ink)
    colour = inks[np.maximum(ink, 0)]  # no drop: the bare paper
    colour = np.clip(colour * (1.0 + 0.02 * paint[..., None]), 0.0, 1.0)
    return reduced(colour, OVERSAMPLING)


def _undo_drop(
    x: Plane, y: Plane, centre_x: float, centre_y: float, radius: float
) -> tuple[Plane, Plane, Bool[np.ndarray, "h w"]]:
    """Where ink was before a drop fell; and where the drop itself is.

    A drop of radius r at C moves P to C + (P - C) sqrt(1 + r^2 / |P - C|^2), which keeps areas.
    """
    from_x, from_y = x - centre_x, y - centre_y
    squared = from_x**2 + from_y**2
    hit = squared < radius**2
    shrink = np.sqrt(np.clip(1.0 - radius**2 / np.maximum(squared, 1e-12), 0.0, 1.0))
    return (
        np.where(hit, x, centre_x + from_x * shrink),
        np.where(hit, y, centre_y + from_y * shrink),
        hit,
    )


def _undo_tine(along: Plane, across: Plane, place: float, pull: float) -> Plane:
    """Where ink was before a tine was drawn through: it moved by pull * s / (distance + s)."""
    return along - pull * SHARPNESS / (np.abs(across - place) + SHARPNESS)
