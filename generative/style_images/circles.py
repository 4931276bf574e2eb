"""Squares with concentric circles, painted by hand: a study of colours side by side."""

from typing import Final

import numpy as np

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

NUM_SQUARES: Final = 4  # a side
COLOURS: Final = palette(
    "e63946", "f4a236", "f7d34a", "2a9d6f", "1d6fa5", "27306b", "7d3c8c", "e8789a", "f3ead2",
    "1f1f28", "7cc3c0", "b4502f",
)  # fmt: skip


def concentric_circles(size: int, rng: np.random.Generator) -> Picture:
    """Four by four squares, no two alike."""
    x, y = coordinates(size)
    picture = np.ones((size, size, 3)) * palette("e9dcc0")[0]
    wobble_x, wobble_y = (0.006 * noise(x, y, 7.0, rng) for _ in range(2))
    for row in range(NUM_SQUARES):
        for column in range(NUM_SQUARES):
            across = (x + wobble_x) * NUM_SQUARES - column - 0.5
            down = (y + wobble_y) * NUM_SQUARES - row - 0.5
            picture = _square(picture, across, down, COLOURS[rng.permutation(len(COLOURS))], rng)
    wash = 1.0 + 0.07 * noise(x, y, 10.0, rng)
    brush = 0.04 * noise(x * 0.35 + y * 0.2, y, 70.0, rng, octaves=2)
    painted = np.clip(picture * (wash + brush)[..., None], 0.0, 1.0)
    weave = 0.0006 * (np.sin(2 * np.pi * 110.0 * x) + np.sin(2 * np.pi * 110.0 * y))
    return lit(painted, weave, 0.12)


def _square(
    picture: Picture, across: Plane, down: Plane, colours: Colours, rng: np.random.Generator
) -> Picture:
    """One square with its rings, in units of its side."""
    edge = np.maximum(np.abs(across), np.abs(down))
    picture = lay(picture, colours[0], inside((edge - 0.492) / NUM_SQUARES))
    away = np.hypot(across - rng.normal(0.0, 0.02), down - rng.normal(0.0, 0.02))
    num_rings = int(rng.integers(4, 7))
    radii = np.linspace(0.47, 0.06, num_rings) + rng.normal(0.0, 0.018, num_rings)
    for radius, colour in zip(radii, colours[1:], strict=False):
        picture = lay(picture, colour, inside((away - radius) / NUM_SQUARES))
    return picture
