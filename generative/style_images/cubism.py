"""Cubism: straight cuts through the picture, and every plane shaded from its edges."""

from typing import Final

import numpy as np

from etude.generative.style_images.canvas import (
    Picture,
    Plane,
    coordinates,
    gradient,
    lit,
    noise,
    palette,
    reduced,
)

OVERSAMPLING: Final = 2
NUM_CUTS: Final = 16
SHADE: Final = 0.09  # how far a shadow reaches from a cut
HUES: Final = palette(
    "f0d18e", "dd9440", "a85a32", "5f93a8", "2f5f86", "c3d3bd", "efe6cc", "c2452f"
)


def cubism(size: int, rng: np.random.Generator) -> Picture:
    """Ochres and blues in planes that overlap like panes of glass."""
    x, y = coordinates(OVERSAMPLING * size)
    light = np.ones_like(x)
    plane = np.zeros(x.shape, dtype=int)  # a bit for the side of each cut
    for cut in range(NUM_CUTS):
        distance = _cut(x, y, rng)
        is_behind = distance > 0.0
        light = light * (1.0 - 0.30 * is_behind * np.exp(-np.abs(distance) / SHADE))
        plane = plane + (is_behind << cut)
    hues = HUES[rng.integers(len(HUES), size=2**NUM_CUTS)][plane]
    vignette = gradient(1.5 * np.hypot(x - 0.5, y - 0.5), palette("d8c7a0", "9a8f78", "4a4d4f"))
    picture = 0.25 * vignette + 0.75 * hues
    bristles = 0.03 * noise(0.3 * x + y, 0.2 * y - x, 60.0, rng, octaves=2)
    painted = np.clip(picture * (1.45 * light + bristles)[..., None], 0.0, 1.0)
    painted = lit(painted, 0.0006 * noise(x, y, 40.0, rng, octaves=2), 0.1)
    return reduced(painted, OVERSAMPLING)


def _cut(x: Plane, y: Plane, rng: np.random.Generator) -> Plane:
    """The signed distance to a random line, most of them steep."""
    angle = rng.choice([0.0, 0.5 * np.pi, 0.25 * np.pi, -0.3 * np.pi]) + rng.normal(0.0, 0.25)
    centre_x, centre_y = 0.5 + rng.normal(0.0, 0.22, 2)
    distance = (x - centre_x) * np.cos(angle) + (y - centre_y) * np.sin(angle)
    signed: Plane = distance * rng.choice([-1.0, 1.0])
    return signed
