"""Pointillism: short strokes of broken colour, side by side."""

import numpy as np

from etude.generative.style_images.canvas import (
    Picture,
    coordinates,
    gradient,
    inside,
    lay,
    noise,
    palette,
)
from etude.generative.style_images.strokes import Brush, Painting


def pointillism(size: int, rng: np.random.Generator) -> Picture:
    """A lake at noon in dots of pure colour that mix in the eye."""
    x, y = coordinates(size)
    shore = 0.5 + 0.02 * noise(x, y * 0, 3.0, rng)
    motif = gradient(y / 0.5, palette("8ec6ea", "d8ecf0", "fbe8c0"))
    trees = 0.42 - 0.07 * np.abs(noise(x, y * 0, 6.0, rng))
    motif = lay(motif, gradient((y - 0.3) * 5.0, palette("7fae4a", "285a4c")), inside(trees - y))
    ripples = 0.12 * noise(x * 0.4, y * 3.0, 6.0, rng)
    mirror = gradient((1.0 - y) / 0.5 + ripples, palette("1f5f9e", "5aa6cf", "bfe0d8", "f6d59a"))
    motif = lay(motif, mirror, inside(shore - y))
    meadow = 0.84 - 0.25 * (x - 0.2) ** 2
    motif = lay(motif, gradient((y - 0.7) * 3.0, palette("d9c94a", "5b9a3c")), inside(meadow - y))
    painting = Painting(palette("f3ead7")[0] * np.ones_like(motif), rng)
    flat = np.zeros_like(x)
    for width, num_strokes in ((0.020, 4000), (0.013, 7000)):
        dot = Brush(length=0.2 * width, width=width, num_strokes=num_strokes, relief=0.001)
        painting.cover(motif, flat, dot, variation=0.14)
    return painting.dry(0.15)
