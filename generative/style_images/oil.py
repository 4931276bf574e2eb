"""Oil: thick strokes that follow the wind in the sky and the grass below."""

import numpy as np

from etude.generative.style_images.canvas import (
    Picture,
    Plane,
    coordinates,
    gradient,
    inside,
    lay,
    noise,
    palette,
)
from etude.generative.style_images.strokes import Brush, Painting


def brush_strokes(size: int, rng: np.random.Generator) -> Picture:
    """Poppies in a field under a wide sky, in thick oil."""
    x, y = coordinates(size)
    motif, hill = _meadow(x, y, rng)
    sky_angle = 0.25 * noise(x, y, 3.0, rng)
    field_angle = -1.2 + 0.5 * noise(x, y, 4.0, rng)
    angles = np.where(y < hill, sky_angle, field_angle)
    painting = Painting(motif * 0.8, rng)
    painting.cover(motif, angles, Brush(length=0.22, width=0.045, num_strokes=500))
    painting.cover(motif, angles, Brush(length=0.12, width=0.026, num_strokes=1100))
    painting.cover(motif, angles, Brush(length=0.06, width=0.016, num_strokes=1600))
    return painting.dry()


def _meadow(x: Plane, y: Plane, rng: np.random.Generator) -> tuple[Picture, Plane]:
    """Poppies in a field, and the height of the horizon."""
    sky = palette("2f6db5", "7fb4e0", "f6e3b4", "f4a65a")
    motif = gradient(y / 0.5 + 0.08 * noise(x, y, 3.0, rng), sky)
    clouds = np.clip(noise(x * 0.6, y * 1.8, 4.0, rng) - 0.5, 0.0, 0.8)
    motif = lay(motif, palette("fffaf0")[0], clouds * (y < 0.4))
    hill = 0.46 + 0.05 * np.sin(5.0 * x + rng.uniform(0.0, 6.0))
    grass = gradient((y - 0.45) / 0.55, palette("35586c", "6d9a3a", "b9a92c", "2f5a2c"))
    motif = lay(motif, grass, inside(hill - y))
    for _ in range(90):
        depth = rng.random() ** 0.6
        radius = 0.006 + 0.022 * depth
        centre_x, centre_y = rng.random(), 0.52 + 0.46 * depth
        bloom = inside(np.hypot(x - centre_x, (y - centre_y) * 1.3) - radius)
        motif = lay(motif, palette("d8261c", "f0531f", "b3122a")[rng.integers(3)], bloom)
    return motif, hill
