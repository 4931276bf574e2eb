"""Waves: layered crests with lines that follow them, as in the prints of Edo."""

from typing import Final

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
    paper,
)

NUM_LAYERS: Final = 9
BLUES: Final = palette("9cc3c9", "4f93b0", "1f5f92", "143f74", "0e2a57")


def waves(size: int, rng: np.random.Generator) -> Picture:
    """A swell of many blues under a pale sky, with a mountain far away."""
    x, y = coordinates(size)
    picture = paper(size, rng, "f0dfbd", grain=0.012)
    dusk = gradient(y / 0.5, palette("d9b98a", "f0dfbd", "f5e8cf"))
    picture = lay(picture, dusk, np.full_like(x, 0.6))
    sun_x = rng.uniform(0.58, 0.84)
    picture = lay(picture, palette("d9593d")[0], inside(np.hypot(x - sun_x, y - 0.17) - 0.075))
    picture = _mountain(picture, x, y)
    for layer in range(NUM_LAYERS):
        picture = _wave(picture, x, y, layer / (NUM_LAYERS - 1), rng)
    return picture


def _mountain(picture: Picture, x: Plane, y: Plane) -> Picture:
    slope = y - 0.22 - 0.75 * np.abs(x - 0.34) ** 1.25
    rock = gradient((y - 0.2) * 4.0, palette("5f7f9a", "8fa9b5", "d5d2bb"))
    picture = lay(picture, rock, inside(-slope))
    snow = y - 0.30 - 0.02 * np.abs((x * 22.0) % 2.0 - 1.0)
    return lay(picture, palette("fbf7ea")[0], inside(-slope) * inside(snow))


def _wave(picture: Picture, x: Plane, y: Plane, near: float, rng: np.random.Generator) -> Picture:
    """One more crest, the nearer the larger; lines run along it, foam lies on it."""
    below = _below_crest(x, y, near, rng)
    depth = below / (0.10 + 0.16 * near)
    body = gradient(0.25 + 0.55 * depth + 0.25 * near, BLUES)
    spacing = 0.014 + 0.014 * near
    warp = below + 0.2 * spacing * noise(x, y, 14.0, rng, octaves=1)
    swell_line = np.abs((warp / spacing) % 1.0 - 0.5) * spacing
    width = 0.22 * spacing * np.clip(1.1 - 0.8 * depth, 0.15, 1.0)
    body = lay(body, palette("e9efe0")[0], 0.85 * inside(swell_line - width))
    picture = lay(picture, body, inside(-below))
    picture = _foam(picture, x, below, near, rng)
    return lay(picture, palette("12264a")[0], inside(np.abs(below) - 0.0016 - 0.0012 * near))


def _below_crest(x: Plane, y: Plane, near: float, rng: np.random.Generator) -> Plane:
    """How far below the surface each point lies."""
    tall, long = 0.03 + 0.085 * near, 0.22 + 0.42 * near
    level, shift = 0.40 + 0.52 * near, rng.random()
    lean = 0.35 * long * (y - level)
    phase = 2.0 * np.pi * ((x + lean) / long + shift)
    swell = 0.75 + 0.25 * np.sin(0.37 * phase + 5.0 * shift)
    roll = phase + 0.75 * np.sin(phase)  # sharper crests than a sine's
    return y - level + tall * swell * np.cos(roll)


def _foam(
    picture: Picture, x: Plane, below: Plane, near: float, rng: np.random.Generator
) -> Picture:
    """Scalloped foam under the crest."""
    scale = 0.020 + 0.030 * near
    scallop = scale * (0.35 + 0.75 * np.abs(np.sin(np.pi * x / (1.3 * scale) + rng.random())))
    picture = lay(picture, palette("143f74")[0], inside(-below) * inside(below - scallop - 0.003))
    return lay(picture, palette("f7f3e3")[0], inside(-below) * inside(below - scallop))
