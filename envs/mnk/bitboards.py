"""Boards as padded bitboards, for compiled search.

Columns lie one after the other with an empty row on top of each: bit ``column * (m + 1) + height``
is a cell. Shifted boards then cannot run over an edge, and every line test is a few shifts,
whatever the size of the board.

After J. Tromp's Connect Four bitboards, generalised to any k and to boards without gravity.
"""

from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Int64
from numba import njit

from etude.envs.mnk.rules import MNKRules

MAX_BITS: Final = 63


class Layout(NamedTuple):
    """What the compiled search needs to know of a board.

    Attributes:
        num_cells: m * n.
        k: stones in a line.
        gravity: stones fall.
        board: all cells.
        bottom: the lowest cell of each column.
        shifts: to the next cell in each direction in which a line has room; some repeat.
    """

    num_cells: int
    k: int
    gravity: bool
    board: int
    bottom: int
    shifts: tuple[int, int, int, int]


def check_searchable(rules: MNKRules) -> None:
    """Check that the search can answer for a board.

    Raises:
        ValueError: the board is too large or played misere.
    """
    num_bits = (rules.m + 1) * rules.n
    if num_bits > MAX_BITS:
        raise ValueError(
            f"an exact answer needs (m + 1) * n of at most {MAX_BITS}, got {num_bits} for "
            f"{rules.name!r}; choose a smaller board, such as connect_four or 7,7,5."
        )
    if rules.misere:
        raise ValueError(
            f"misere games are solved on boards of at most 16 cells, got {rules.name!r} with "
            f"{rules.num_cells}; choose a smaller board, or leave out misere."
        )


def make_layout(rules: MNKRules) -> Layout:
    """The padded bitboards of a board."""
    m, n = rules.m, rules.n
    bottom = sum(1 << column * (m + 1) for column in range(n))
    directions = ((1, m), (m + 1, n), (m, min(m, n)), (m + 2, min(m, n)))
    shifts = [shift for shift, room in directions if room >= rules.k]
    return Layout(
        num_cells=rules.num_cells,
        k=rules.k,
        gravity=rules.gravity,
        board=bottom * ((1 << m) - 1),
        bottom=bottom,
        shifts=(shifts[0], shifts[1 % len(shifts)], shifts[2 % len(shifts)], shifts[-1]),
    )


def make_move_order(rules: MNKRules) -> Int64[np.ndarray, " groups"]:
    """Bitboards of columns (with gravity) or cells, those on most lines or in the middle first."""
    if rules.gravity:
        columns = sorted(range(rules.n), key=lambda column: abs(2 * column - rules.n + 1))
        return np.array([((1 << rules.m) - 1) << column * (rules.m + 1) for column in columns])
    through = rules.lines_through
    cells = sorted(range(rules.num_cells), key=lambda cell: -len(through[cell]))
    return np.array([1 << padded_bit(rules, cell) for cell in cells])


def padded_bit(rules: MNKRules, cell: int) -> int:
    """The bit of a ``Layout`` that stands for a cell."""
    row, column = divmod(cell, rules.n)
    return column * (rules.m + 1) + rules.m - 1 - row


@njit(cache=True, inline="always")
def popcount(board: int) -> int:
    """How many bits are set."""
    board -= board >> 1 & 0x5555555555555555
    board = (board & 0x3333333333333333) + (board >> 2 & 0x3333333333333333)
    board = board + (board >> 4) & 0x0F0F0F0F0F0F0F0F
    return (board * 0x0101010101010101) >> 56


@njit(cache=True)
def completing_cells(layout: Layout, stones: int) -> int:
    """The cells, empty or not, where one more stone would complete a line of ``stones``."""
    cells, k = 0, layout.k
    for shift in layout.shifts:
        if k == 4:
            pair = stones << shift & stones << 2 * shift
            cells |= pair & (stones << 3 * shift | stones >> shift)
            pair = stones >> shift & stones >> 2 * shift
            cells |= pair & (stones << shift | stones >> 3 * shift)
            continue
        for missing in range(k):  # the place of the empty cell in the line
            run = layout.board
            for place in range(1, missing + 1):
                run &= stones << place * shift
            for place in range(1, k - missing):
                run &= stones >> place * shift
            cells |= run
    return cells & layout.board


@njit(cache=True)
def holds_line(layout: Layout, stones: int) -> bool:
    """Whether ``stones`` hold a line."""
    for shift in layout.shifts:
        runs = stones
        for _ in range(layout.k - 1):
            runs &= runs >> shift
        if runs:
            return True
    return False
