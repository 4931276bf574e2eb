"""Woodcut: one block of black lines whose width is the tone, and one of red for the sun."""

from typing import Final

import numpy as np

from etude.generative.style_images.canvas import (
    Picture,
    Plane,
    coordinates,
    inside,
    lay,
    noise,
    palette,
    paper,
)

HILLS: Final = ((0.47, 0.075, 58.0), (0.57, 0.06, 46.0), (0.67, 0.04, 36.0))
SHORE: Final = 0.74


def woodcut(size: int, rng: np.random.Generator) -> Picture:
    """Hills and firs by a lake, under a red sun."""
    x, y = coordinates(size)
    sun_x = rng.uniform(0.3, 0.7)
    away = np.hypot(x - sun_x, y - 0.27)
    wobble = 0.006 * noise(x, y, 9.0, rng)
    rays = _lines(away + wobble, np.clip(0.08 + 0.75 * away, 0.0, 0.6), 34.0)
    ink = np.where(away < 0.15, 0.0, rays)
    sun = inside(away - 0.125)
    for base, rough, density in HILLS:
        ridge = base + rough * noise(x, np.full_like(x, base), 3.5, rng)
        sun = sun * inside(y - ridge)
        ink = np.where(y > ridge, _slope(x, y - ridge, wobble, density), ink)
    ink = np.where(y > SHORE, _lake(x, y, sun_x, wobble), ink)
    for _ in range(9):
        ink = _fir(ink, x, y, rng)
    worn = np.clip(1.1 - 0.10 * np.abs(noise(x * 0.3, y * 2.0, 40.0, rng)), 0.0, 1.0)
    sheet = lay(paper(size, rng, "f1e4c8"), palette("c8321f")[0], 0.92 * sun)
    return lay(sheet, palette("1b1a22")[0], ink * worn)


def _lines(place: Plane, tone: Plane, density: float) -> Plane:
    """Parallel lines, ``density`` to the picture's side, whose share of the area is the tone."""
    off = np.abs((place * density) % 1.0 - 0.5)
    return inside((off - 0.5 * tone) / density) * (tone > 0.0)


def _slope(x: Plane, below: Plane, wobble: Plane, density: float) -> Plane:
    """Solid under the ridge, then tongues of ink that thin out into mist; a cut along the ridge."""
    fan = x + 0.35 * below * np.sin(14.0 * x) + wobble  # gullies spread and meet
    reach = 0.12 + 0.05 * np.sin(31.0 * x)
    hatch = _lines(fan, np.clip(1.1 - below / reach, 0.0, 1.0), density)
    return hatch * (1.0 - inside(below - 0.004))


def _lake(x: Plane, y: Plane, sun_x: float, wobble: Plane) -> Plane:
    """Level lines, closer to each other far away, with a path of light under the sun."""
    depth = np.clip((y - SHORE) / (1.0 - SHORE), 1e-3, 1.0)
    ripple = depth**0.7 * 11.0 + 35.0 * wobble * depth
    path = np.exp(-(((x - sun_x) / (0.03 + 0.12 * depth)) ** 2))
    tone = np.clip(0.62 - 0.2 * depth - 0.62 * path + 4.0 * wobble, 0.0, 1.0)
    off = np.abs(ripple % 1.0 - 0.5)
    spacing = (1.0 - SHORE) / 11.0
    lines: Plane = np.maximum(
        inside((off - 0.5 * tone) * spacing), inside(np.abs(y - SHORE) - 0.003)
    )
    return lines


def _fir(ink: Plane, x: Plane, y: Plane, rng: np.random.Generator) -> Plane:
    """One more tree on the near shore, with a cut around it that keeps it off the lake."""
    side = rng.choice([0.02, 0.98]) + rng.normal(0.0, 0.09)
    foot, height = rng.uniform(0.86, 0.99), rng.uniform(0.28, 0.46)
    fall = (y - foot + height) / height  # 0 at the tip, 1 at the foot
    tiers = 0.35 + 0.65 * ((fall * 7.0) % 1.0)
    ragged = 0.006 * noise(x, y, 34.0, rng, octaves=1)
    edge = np.abs(x - side) - 0.17 * height * np.clip(fall, 0.0, 1.0) * tiers + ragged
    outside = np.maximum(edge, np.maximum(-fall, fall - 1.0) * height)
    planted: Plane = np.maximum(ink * (1.0 - inside(outside - 0.006)), inside(outside))
    return planted
