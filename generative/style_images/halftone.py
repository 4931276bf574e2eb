"""Halftone: tones as dots of four inks, the darker the larger, each ink on a screen of its own."""

from typing import Final

import numpy as np

from etude.generative.style_images.canvas import (
    Picture,
    Plane,
    coordinates,
    gradient,
    inside,
    lay,
    palette,
    paper,
)

SCREEN_ANGLES: Final = (15.0, 75.0, 0.0, 45.0)  # degrees, for cyan, magenta, yellow and black
INKS: Final = palette("009fe3", "e5007e", "ffe600", "1d1d1b")


def halftone(size: int, rng: np.random.Generator) -> Picture:
    """Glossy balls before a sky, in cyan, magenta, yellow and black."""
    x, y = coordinates(size)
    motif = _balls(x, y, rng)
    black = 1.0 - motif.max(axis=-1, keepdims=True)
    ink = np.concatenate([1.0 - motif - black, 0.85 * black], axis=-1)  # grey component removed
    picture = paper(size, rng, "fbf6ea", grain=0.01)
    for i, angle in enumerate(SCREEN_ANGLES):
        dots = _dots(x, y, ink[..., i], np.deg2rad(angle), num_lines=46.0)
        picture = picture * (1.0 - dots[..., None] * (1.0 - INKS[i]))
    return picture


def _dots(x: Plane, y: Plane, tone: Plane, angle: float, num_lines: float) -> Plane:
    """Dots on a turned grid whose area is the tone."""
    u = (x * np.cos(angle) + y * np.sin(angle)) * num_lines
    v = (y * np.cos(angle) - x * np.sin(angle)) * num_lines
    away = np.hypot((u % 1.0) - 0.5, (v % 1.0) - 0.5)
    return inside((away - np.sqrt(np.clip(tone, 0.0, 1.0) / np.pi) * 1.15) / num_lines)


def _balls(x: Plane, y: Plane, rng: np.random.Generator) -> Picture:
    motif = gradient(y + 0.08 * x, palette("ff3f6c", "ff9a3c", "ffe45c", "5cd6e8", "2a5bd7"))
    for _ in range(7):
        radius = rng.uniform(0.08, 0.2)
        centre = rng.uniform(0.08, 0.92, 2)
        across, up = (x - centre[0]) / radius, (y - centre[1]) / radius
        shadow = inside(np.hypot(across - 0.25, up - 0.3) * radius - radius, 0.05)
        motif = motif * (1.0 - 0.45 * shadow[..., None])
        bulge = np.sqrt(np.clip(1.0 - across**2 - up**2, 0.0, 1.0))
        light = 0.25 + 0.75 * np.clip(-0.45 * across - 0.55 * up + 0.7 * bulge, 0.0, 1.0)
        hue = palette("ff2f55", "20b2e6", "ffd21f", "7b3ff2", "1fbf75")[rng.integers(5)]
        ball = np.clip(hue * light[..., None] + np.clip(light - 0.88, 0, 1)[..., None] * 6, 0, 1)
        motif = lay(motif, ball, inside((np.hypot(across, up) - 1.0) * radius))
    return motif
