"""Watercolour: glazes of transparent colour that run, and pool where they dry."""

from typing import Final

import numpy as np
from jaxtyping import Float

from etude.generative.style_images.canvas import (
    Picture,
    Plane,
    coordinates,
    inside,
    noise,
    palette,
    paper,
)

NUM_BLOTS: Final = 18


def watercolour(size: int, rng: np.random.Generator) -> Picture:
    """Blots of colour on rough paper, wet in wet, with spatter."""
    x, y = coordinates(size)
    picture = paper(size, rng, "fbf8f0", grain=0.012)
    tooth = noise(x, y, 60.0, rng, octaves=2)
    inks = palette("e4572e", "f3a712", "3b4f9f", "5fa8d3", "a8326e", "2e8b7a", "7353ba")
    for i, centre in enumerate(rng.permutation(_spread(NUM_BLOTS))):
        centre = centre + rng.normal(0.0, 0.05, 2)
        radius = rng.uniform(0.11, 0.20)
        glaze = _blot(x - centre[0], y - centre[1], radius, tooth, rng)
        picture = _tint(picture, inks[i % len(inks)], glaze)
    for _ in range(60):
        centre, radius = rng.random(2), 0.002 + 0.012 * rng.random() ** 4
        spot = inside(np.hypot(x - centre[0], y - centre[1]) - radius, 0.003)
        picture = _tint(picture, inks[rng.integers(len(inks))], 0.7 * spot)
    return picture


def _spread(num_blots: int) -> Float[np.ndarray, "n 2"]:
    """Points of the golden spiral, which fill a disc evenly."""
    i = np.arange(num_blots) + 0.5
    turn = i * np.pi * (3.0 - np.sqrt(5.0))
    away = 0.58 * np.sqrt(i / num_blots)
    return 0.5 + np.stack([np.cos(turn), np.sin(turn)], axis=-1) * away[:, None]


def _blot(x: Plane, y: Plane, radius: float, tooth: Plane, rng: np.random.Generator) -> Plane:
    """How much pigment lies where: thin and cloudy inside, dark where the edge dried."""
    torn = radius * (0.28 * noise(x, y, 4.0, rng) + 0.07 * noise(x, y, 22.0, rng, octaves=4))
    distance = np.hypot(x, y * rng.uniform(0.8, 1.25)) + torn - radius
    wet = np.clip(noise(x, y, 3.0, rng) - 0.4, 0.0, 1.0)  # here and there it ran
    softness = 0.006 + 0.04 * wet
    cover = np.clip(0.5 - distance / np.maximum(softness, 1.0 / len(x)), 0.0, 1.0)
    pool = 0.55 * np.exp(distance / 0.010) + 0.25 * np.exp(distance / 0.045)
    clouds = 0.32 + 0.14 * noise(x, y, 5.0, rng) + 0.06 * tooth
    amount: Plane = np.clip(cover * (clouds + np.where(distance < 0.0, pool, 0.8)), 0.0, 1.0)
    return amount


def _tint(picture: Picture, ink: Float[np.ndarray, "3"], amount: Plane) -> Picture:
    """What is left of the light that passes a glaze of ink twice (Beer and Lambert's law)."""
    tinted: Picture = picture * np.clip(ink, 0.02, 1.0) ** amount[..., None]
    return tinted
