"""Stained glass: the cells of a Voronoi diagram, set in lead, with the sun behind them."""

import numpy as np
from jaxtyping import Float, Int
from scipy.spatial import cKDTree

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

Points = Float[np.ndarray, "n 2"]


def voronoi(x: Plane, y: Plane, sites: Points) -> tuple[Int[np.ndarray, "h w"], Plane]:
    """The nearest site of each pixel, and the distance to the border of its cell.

    Args:
        x: where, in units of the picture's side.
        y: where.
        sites: at least three points (x, y).
    """
    pixels = np.stack([x, y], axis=-1)
    _, nearest = cKDTree(sites).query(pixels, k=3)
    first = sites[nearest[..., 0]]
    borders = []
    for k in (1, 2):  # the bisector of p and q is (|z - q|^2 - |z - p|^2) / 2|q - p| away
        other = sites[nearest[..., k]]
        excess = ((pixels - other) ** 2).sum(axis=-1) - ((pixels - first) ** 2).sum(axis=-1)
        borders.append(excess / (2.0 * np.linalg.norm(other - first, axis=-1)))
    return nearest[..., 0], np.minimum(*borders)


def stained_glass(size: int, rng: np.random.Generator) -> Picture:
    """A sunrise over water in coloured panes."""
    x, y = coordinates(size)
    sun = np.array([rng.uniform(0.35, 0.65), 0.42])
    sites = _rings(sun, rng)
    cell, border = voronoi(x, y, sites)
    panes = np.clip(_sunrise(sites, sun, rng), 0.0, 1.0)[cell]
    streaks = 0.05 * noise(x + 0.05 * noise(x, y, 5.0, rng), y * 0.35, 18.0, rng)
    behind = 0.82 + 0.35 * np.exp(-4.0 * ((x - sun[0]) ** 2 + (y - sun[1]) ** 2))
    rim = 0.3 * np.exp(-border / 0.010)  # dirt gathers where the glass meets the lead
    glass = np.clip(panes * (behind + streaks - rim)[..., None], 0.0, 1.0)
    frame = np.minimum.reduce([x, y, 1.0 - x, 1.0 - y]) - 0.004
    edge = np.minimum(border, frame)
    lead = lit(
        np.broadcast_to(palette("26262b")[0], glass.shape),
        0.004 * np.exp(-((edge / 0.005) ** 2)),
        0.35,
    )
    return lay(glass, lead, inside(edge - 0.0065))


def _rings(sun: Float[np.ndarray, "2"], rng: np.random.Generator) -> Points:
    """Sites in rings round the sun, so that panes look like rays."""
    sites = [sun[None]]
    for ring, radius in enumerate(np.cumsum(np.linspace(0.09, 0.13, 9)) + 0.015):
        num_sites = max(9, round(radius * 46))
        jitter = 0.22 * rng.standard_normal(num_sites)
        turns = (np.arange(num_sites) + 0.5 * (ring % 2) + jitter) / num_sites
        away = radius + 0.015 * rng.standard_normal(num_sites)
        around = np.stack([np.cos(2 * np.pi * turns), np.sin(2 * np.pi * turns)], axis=-1)
        sites.append(sun + away[:, None] * around)
    return np.concatenate(sites)


def _sunrise(sites: Points, sun: Float[np.ndarray, "2"], rng: np.random.Generator) -> Colours:
    """A colour for each pane."""
    away = np.linalg.norm(sites - sun, axis=-1)
    sky = palette("ffe36b", "ffb02e", "f2662b", "cf2e4e", "7a2f8a", "2b3f9f", "1a66b8")
    water = palette("f9c74f", "2fa59a", "137a8b", "0d5672", "123a6b", "1c7a5a")
    band = away / 0.11 + 0.5 * rng.standard_normal(len(sites))
    upper = sky[np.clip(np.where(away < 0.05, 0, 1 + 0.8 * band), 0, len(sky) - 1).astype(int)]
    lower = water[np.clip(0.75 * band, 0, len(water) - 1).astype(int)]
    colours = np.where((sites[:, 1] > sun[1] + 0.14)[:, None], lower, upper)
    uneven: Colours = colours * (1.0 + 0.12 * rng.standard_normal((len(sites), 1)))
    return uneven
