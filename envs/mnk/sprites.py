"""What the parts of a board look like: marks, stones, discs, and the empty board.

Three looks, chosen by the rules: tiles with X and O on small boards, stones on the crossings of a
grid on large ones, discs in a blue rack under gravity. Every function returns a ``Layer``;
``render.py`` puts them together.
"""

from typing import Final, Literal

import numpy as np

from etude.envs.mnk.rules import FIRST, MNKRules
from etude.envs.palette import (
    CORAL,
    GOLD,
    HIGHLIGHT,
    INK,
    LOSS,
    MUTED,
    NEUTRAL,
    PAPER,
    TEAL,
    TILE,
    WIN,
)
from etude.envs.shapes import Colour, Layer, Point, blend

Look = Literal["tiles", "stones", "rack"]

WOOD: Final[Colour] = (234, 208, 160)
GRID: Final[Colour] = (137, 108, 68)
RACK: Final[Colour] = (45, 92, 150)


HEAT_STEPS: Final = 64

LARGEST_TILED: Final = 8
SIDE_LABELS: Final[dict[Look, tuple[str, str]]] = {
    "tiles": ("X", "O"),
    "stones": ("green", "red"),
    "rack": ("yellow", "red"),
}


def look_of(rules: MNKRules) -> Look:
    """Which of the three looks suits a board."""
    if rules.gravity:
        return "rack"
    return "tiles" if max(rules.m, rules.n) <= LARGEST_TILED else "stones"


def side_colour(look: Look, side: int) -> Colour:
    """The colour of a player's stones."""
    if side == FIRST:
        return GOLD if look == "rack" else TEAL
    return CORAL


def heat_colour(share: float) -> Colour:
    """The colour of a value: 0 the worst (red), 1/2 neutral, 1 the best (blue).

    It takes steps too fine to be seen, so that there are not endlessly many sprites to keep.
    """
    share = round(min(max(share, 0.0), 1.0) * HEAT_STEPS) / HEAT_STEPS
    return blend(NEUTRAL, WIN, 2 * share - 1) if share > 0.5 else blend(LOSS, NEUTRAL, 2 * share)


def mark(look: Look, side: int, size: int) -> Layer:
    """One stone of a player, to lie on a cell of ``size`` pixels."""
    layer = Layer(size, size)
    colour, centre = side_colour(look, side), (size / 2, size / 2)
    if look == "rack":
        _paint_disc(layer, colour)
    elif look == "stones":
        _paint_stone(layer, colour)
    elif side == FIRST:
        near, far = 0.29 * size, 0.71 * size
        layer.paint(layer.segment((near, near), (far, far), 0.15 * size), colour)
        layer.paint(layer.segment((near, far), (far, near), 0.15 * size), colour)
    else:
        layer.paint(layer.ring(centre, 0.235 * size, 0.14 * size), colour)
    return layer


def _paint_disc(layer: Layer, colour: Colour) -> None:
    size = layer.size[0]
    centre = (size / 2, size / 2)
    dark = blend(colour, INK, 0.35)
    layer.paint(layer.disc(centre, 0.41 * size), blend(colour, INK, 0.18))
    layer.paint(layer.disc(centre, 0.37 * size), colour)
    layer.paint(layer.ring(centre, 0.27 * size, 0.03 * size), dark, opacity=0.4)


def _paint_stone(layer: Layer, colour: Colour) -> None:
    size = layer.size[0]
    centre = (size / 2, size / 2)
    below, above = (0.52 * size, 0.55 * size), (0.4 * size, 0.37 * size)
    layer.paint(layer.disc(below, 0.43 * size), INK, opacity=0.35, softness=0.14 * size + 1)
    layer.paint(layer.disc(centre, 0.44 * size), colour)
    layer.paint(layer.disc(above, 0.14 * size), TILE, opacity=0.3, softness=0.34 * size + 1)


def tile(size: int, colour: Colour) -> Layer:
    """A square of the tiled look in ``colour``, with the gap around it."""
    layer = Layer(size, size)
    gap = 0.03 * size
    corner, inner = (gap, gap), (size - 2 * gap, size - 2 * gap)
    below = (gap, gap + 0.018 * size)
    layer.paint(layer.box(below, inner, 0.1 * size), MUTED, opacity=0.35, softness=0.02 * size + 1)
    layer.paint(layer.box(corner, inner, 0.1 * size), colour)
    return layer


def value_spot(look: Look, size: int, colour: Colour) -> Layer:
    """The ground under a value; on no board does it look like a stone."""
    if look == "tiles":
        return tile(size, colour)
    layer = Layer(size, size)
    if look == "rack":
        layer.paint(layer.disc((size / 2, size / 2), 0.35 * size), colour)
    else:
        inset = 0.06 * size
        side = size - 2 * inset
        layer.paint(layer.box((inset, inset), (side, side), 0.12 * size), colour, opacity=0.9)
    return layer


def last_move_dot(size: int) -> Layer:
    """What marks the last stone where there is no tile to tint."""
    layer = Layer(size, size)
    layer.paint(layer.disc((size / 2, size / 2), 0.12 * size), TILE)
    return layer


def cursor(look: Look, size: int) -> Layer:
    """The frame around the cell that the player points at."""
    layer = Layer(size, size)
    width = max(0.04 * size, 1.5)
    if look == "tiles":
        inset = 0.03 * size
        distance = layer.box((inset, inset), (size - 2 * inset, size - 2 * inset), 0.1 * size)
        layer.paint(abs(distance + width / 2) - width / 2, HIGHLIGHT)
    else:
        layer.paint(layer.ring((size / 2, size / 2), 0.44 * size, width), HIGHLIGHT)
    return layer


def stroke(span: Point, width: float, colour: Colour) -> Layer:
    """A straight stroke that reaches ``span`` pixels right and down (if negative, up)."""
    margin = width
    layer = Layer(round(span[0] + 2 * margin), round(abs(span[1]) + 2 * margin))
    top = margin if span[1] >= 0 else margin - span[1]
    layer.paint(layer.segment((margin, top), (margin + span[0], top + span[1]), width), colour)
    return layer


def empty_rack(m: int, n: int, size: int, border: int) -> Layer:
    """The blue rack of ``m`` x ``n`` holes with a border around it."""
    layer = Layer(n * size + 2 * border, m * size + 2 * border)
    width, height = layer.size
    lip = max(0.06 * size, 1.0)
    rack = (width - 1.0, height - lip)
    layer.paint(layer.box((0.5, lip - 0.5), rack, border * 0.9), blend(RACK, INK, 0.45))
    layer.paint(layer.box((0.5, 0.5), rack, border * 0.9), RACK)
    return layer


def hole(size: int) -> Layer:
    """One hole of the rack."""
    layer = Layer(size, size)
    centre, lower = (size / 2, size / 2), (size / 2, 0.53 * size)
    layer.paint(layer.disc(centre, 0.43 * size), blend(RACK, INK, 0.4))
    layer.paint(layer.disc(centre, 0.41 * size), blend(PAPER, RACK, 0.3))
    layer.paint(np.maximum(layer.disc(lower, 0.4 * size), layer.disc(centre, 0.41 * size)), PAPER)
    return layer


def empty_grid(m: int, n: int, size: int, border: int) -> Layer:
    """A wooden board of ``m`` x ``n`` crossings ``size`` pixels apart, with a border around it."""
    layer = Layer(n * size + 2 * border, m * size + 2 * border)
    width, height = layer.size
    radius = 0.3 * size
    layer.paint(layer.box((1, 2), (width - 2.0, height - 2.0), radius), MUTED, 0.5, softness=3)
    layer.paint(layer.box((0.5, 0.5), (width - 1.0, height - 2.5), radius), WOOD)
    pen = max(1, round(0.035 * size))
    first = border + size // 2 + (pen % 2) / 2  # on whole pixels, so that every line is as sharp
    right, bottom = first + (n - 1) * size, first + (m - 1) * size
    for row in range(m):
        y = first + row * size
        layer.paint(layer.box((first - pen / 2, y - pen / 2), (right - first + pen, pen), 0), GRID)
    for column in range(n):
        x = first + column * size
        layer.paint(layer.box((x - pen / 2, first - pen / 2), (pen, bottom - first + pen), 0), GRID)
    for row, column in _star_points(m, n):
        centre = (first + column * size, first + row * size)
        layer.paint(layer.disc(centre, max(0.1 * size, 1.5)), GRID)
    return layer


def _star_points(m: int, n: int) -> list[tuple[int, int]]:
    """The dots that help the eye on large boards of odd size, as on a go board."""
    if m != n or m % 2 == 0 or m < 9:
        return []
    near = 3 if m > 11 else 2
    thirds = (near, m // 2, m - 1 - near)
    if m < 19:
        corners = [(i, j) for i in thirds[::2] for j in thirds[::2]]
        return [*corners, (m // 2, m // 2)]
    return [(i, j) for i in thirds for j in thirds]
