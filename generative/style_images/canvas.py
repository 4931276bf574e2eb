"""What the drawings share: coordinates, noise, colours, soft edges and light.

Everything is measured in units of the picture's side, and noise is a fixed lattice that is
interpolated, so that a seed gives the same composition at every size.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from jaxtyping import Float
from scipy.ndimage import map_coordinates

Plane = Float[np.ndarray, "h w"]
Picture = Float[np.ndarray, "h w 3"]  # RGB in [0, 1]
Colours = Float[np.ndarray, "k 3"]

LATTICE: Final = 64  # knots a side, after which noise repeats
LIGHT: Final = (-0.6, -0.8)  # from above and slightly left, in x and y


def coordinates(size: int) -> tuple[Plane, Plane]:
    """The centres of the pixels of a square, x to the right and y downwards, in (0, 1)."""
    centres = (np.arange(size) + 0.5) / size
    y, x = np.meshgrid(centres, centres, indexing="ij")
    return x, y


def noise(
    x: Plane, y: Plane, frequency: float, rng: np.random.Generator, octaves: int = 3
) -> Plane:
    """Smooth random heights with deviation about 1, each octave half as strong and twice as fine.

    Args:
        x: where, in units of the picture's side.
        y: where.
        frequency: knots of the coarsest octave along the picture's side.
        rng: draws the lattice.
        octaves: how many.
    """
    total = np.zeros_like(x)
    for octave in range(octaves):
        lattice = rng.standard_normal((LATTICE, LATTICE))
        knots = np.stack([y, x]) * frequency * 2.0**octave
        total += 0.5**octave * map_coordinates(lattice, knots, order=3, mode="grid-wrap")
    return total / 0.8  # cubic interpolation between knots loses some of their deviation


def palette(*colours: str) -> Colours:
    """Colours from their hexadecimal form.

    >>> palette("ff0000", "000000").tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    """
    return np.array([[int(name[i : i + 2], 16) / 255.0 for i in (0, 2, 4)] for name in colours])


def gradient(position: Plane, colours: Colours, stops: Sequence[float] | None = None) -> Picture:
    """The colours blended into each other: position 0 is the first, 1 the last.

    Args:
        position: clipped to [0, 1].
        colours: at least two.
        stops: where each is reached; evenly spaced by default.
    """
    places = np.linspace(0.0, 1.0, len(colours)) if stops is None else np.asarray(stops)
    return np.stack([np.interp(position, places, colours[:, i]) for i in range(3)], axis=-1)


def inside(distance: Plane, softness: float = 0.0) -> Plane:
    """How much of each pixel a shape covers, from the signed distance to its edge.

    Args:
        distance: in units of the picture's side, negative inside.
        softness: the width of the edge, at least a pixel.
    """
    width = max(softness, 1.0 / len(distance))
    return np.clip(0.5 - distance / width, 0.0, 1.0)


def lay(below: Picture, above: Picture | Float[np.ndarray, "3"], cover: Plane) -> Picture:
    """``above`` over ``below`` where ``cover`` is 1, blended in between."""
    blend: Picture = below + cover[..., None] * (above - below)
    return blend


def lit(picture: Picture, height: Plane, strength: float) -> Picture:
    """The picture as a relief under a lamp: slopes that face the light are brighter.

    Args:
        picture: what is painted on it.
        height: in units of the picture's side.
        strength: 0 is flat.
    """
    slope_y, slope_x = np.gradient(height * len(height))
    facing = strength * np.tanh(-slope_x * LIGHT[0] - slope_y * LIGHT[1])
    shade, glance = np.clip(-facing, 0.0, 1.0), np.clip(facing, 0.0, 1.0)
    shaded = np.clip(picture * (1.0 - shade[..., None]), 0.0, 1.0)
    return lay(shaded, np.ones(3), glance)


def reduced(picture: Picture, factor: int) -> Float[np.ndarray, "small_h small_w 3"]:
    """The means over blocks: what was drawn ``factor`` times too large gets smooth edges."""
    h, w = picture.shape[0] // factor, picture.shape[1] // factor
    blocks = picture.reshape(h, factor, w, factor, 3)
    means: Picture = blocks.mean(axis=(1, 3))
    return means


def paper(size: int, rng: np.random.Generator, colour: str, grain: float = 0.02) -> Picture:
    """A sheet with a fine grain and faint clouds."""
    x, y = coordinates(size)
    tone = grain * (noise(x, y, 48.0, rng, octaves=2) + noise(x, y, 3.0, rng, octaves=2)) / 2.0
    sheet: Picture = np.clip(palette(colour)[0] + tone[..., None], 0.0, 1.0)
    return sheet
