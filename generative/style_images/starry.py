"""A starry night: strokes that whirl in the wind, round stars with halos."""

from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Float

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

NUM_WHIRLS: Final = 3
NUM_STARS: Final = 8
COARSE: Final = Brush(length=0.16, width=0.024, num_strokes=1400)
FINE: Final = Brush(length=0.09, width=0.014, num_strokes=3200)


class Sky(NamedTuple):
    """A picture of a sky, and the direction of its wind at each pixel, in radians."""

    picture: Picture
    angles: Plane


def starry_swirls(size: int, rng: np.random.Generator) -> Picture:
    """Whirls of wind and haloed stars over dark hills."""
    x, y = coordinates(size)
    sky = _over_hills(x, y, _night(x, y, rng), rng)
    painting = Painting(sky.picture * 0.7, rng)
    painting.cover(sky.picture, sky.angles, COARSE, 0.07)
    painting.cover(sky.picture, sky.angles, FINE, 0.08)
    return painting.dry()


def _night(x: Plane, y: Plane, rng: np.random.Generator) -> Sky:
    """The first places are whirls, the others stars; wind turns round both."""
    hue = 0.45 + 0.2 * noise(x, y, 4.0, rng)
    wind_x, wind_y = np.ones_like(x), 0.3 * np.sin(7.0 * x + rng.uniform(0.0, 6.0))
    glow = np.zeros_like(x)
    places = _apart(rng, num_points=NUM_WHIRLS + NUM_STARS, distance=0.16)
    for i, (centre_x, centre_y) in enumerate(places * [1.0, 0.68]):
        from_x, from_y = x - centre_x, y - centre_y
        away = np.hypot(from_x, from_y) + 1e-6
        radius = 0.13 if i < NUM_WHIRLS else rng.uniform(0.05, 0.08)
        near = np.exp(-((away / radius) ** 2))
        spin = 6.0 * near * (1 if i % 2 else -1)
        wind_x = wind_x - spin * from_y / away
        wind_y = wind_y + spin * from_x / away
        rings = near * (0.6 + 0.4 * np.cos(50.0 * away))
        if i < NUM_WHIRLS:
            hue = hue + 0.5 * rings
        else:
            glow = np.maximum(glow, rings)
    blues = gradient(hue, palette("0b1a4a", "14367f", "2f66b0", "7db0d8", "dbe9d8"))
    yellows = gradient(glow, palette("c98f1f", "f5d24a", "fff7cf"))
    picture = lay(blues, yellows, np.clip(2.0 * glow, 0.0, 1.0))
    return Sky(picture, np.arctan2(wind_y, wind_x))


def _over_hills(x: Plane, y: Plane, sky: Sky, rng: np.random.Generator) -> Sky:
    """The same with hills below, whose strokes follow the slope."""
    hill = 0.8 + 0.06 * np.sin(6.0 * x + rng.uniform(0.0, 6.0)) + 0.03 * noise(x, y * 0, 4.0, rng)
    dark = gradient((y - 0.75) * 4.0 + 0.3 * noise(x, y, 6.0, rng), palette("1c4a55", "0c1f33"))
    cover = inside(hill - y)
    slope = np.arctan(np.gradient(hill, axis=1) * len(x))
    return Sky(lay(sky.picture, dark, cover), np.where(cover > 0.5, slope, sky.angles))


def _apart(rng: np.random.Generator, num_points: int, distance: float) -> Float[np.ndarray, "n 2"]:
    """Random points of the unit square, none close to another if there is room."""
    points = [rng.random(2)]
    while len(points) < num_points:
        candidates = rng.random((20, 2))
        gaps = np.linalg.norm(candidates[:, None] - np.array(points), axis=-1).min(axis=1)
        free = gaps > distance
        points.append(candidates[free.argmax() if free.any() else gaps.argmax()])
    return np.array(points)
