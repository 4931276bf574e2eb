"""Every position of a small board at once.

A position is a number in base 3, the sum of digit * 3**cell with digit 1 for a stone of the first
player and 2 for one of the second. Placing a stone always increases that number, so one pass over
all codes in descending order is backward induction, one in ascending order marks what can be
reached, and no queue, hash table or ordering by depth is needed. Codes turn into bitboards through
a table for half the board, and a table of 2**cells bits tells whether stones hold a line. The score
convention is that of ``solver``.

This is retrograde analysis (K. Thompson, "Retrograde analysis of certain endgames", ICCA Journal 9,
1986) with an order that makes it a loop.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Bool, Int8, Int64
from numba import njit

from etude.envs.mnk.rules import MNKRules, Position
from etude.envs.mnk.solver import Solver, solver_for

MAX_TABLE_CELLS: Final = 16
ONGOING: Final = 2
MEMORY_OF_MOVES: Final = 1 << 16


class Tables(NamedTuple):
    """What the compiled loops need to know of a board."""

    num_cells: int
    powers: Int64[np.ndarray, " cells+1"]
    half_cells: int
    ones: Int64[np.ndarray, " half_codes"]
    twos: Int64[np.ndarray, " half_codes"]
    has_line: Bool[np.ndarray, " bitboards"]
    num_stones: Int8[np.ndarray, " bitboards"]
    actions: Int64[np.ndarray, " cells"]
    row_below: int
    supported: int
    line_sign: int


def make_tables(rules: MNKRules) -> Tables:
    """The tables of a board.

    Raises:
        ValueError: the board has more than ``MAX_TABLE_CELLS`` cells.
    """
    if rules.num_cells > MAX_TABLE_CELLS:
        raise ValueError(
            f"a table holds every position of at most {MAX_TABLE_CELLS} cells, got {rules.m} x "
            f"{rules.n} = {rules.num_cells}; choose a smaller board, or search with alpha_beta."
        )
    num_cells, half_cells = rules.num_cells, (rules.num_cells + 1) // 2
    cells = np.arange(num_cells)
    boards = np.arange(1 << num_cells)
    has_line = np.zeros(1 << num_cells, np.bool_)
    for line in rules.lines:
        has_line |= boards & line == line
    digits = np.arange(3**half_cells)[:, None] // 3 ** cells[:half_cells] % 3  # (half_codes, cells)
    weights = 1 << cells[:half_cells]
    bottom = rules.full >> (num_cells - rules.n) << (num_cells - rules.n)
    return Tables(
        num_cells=num_cells,
        powers=3 ** np.arange(num_cells + 1),
        half_cells=half_cells,
        ones=(digits == 1) @ weights,
        twos=(digits == 2) @ weights,
        has_line=has_line,
        num_stones=np.bitwise_count(boards).astype(np.int8),
        actions=cells % rules.n if rules.gravity else cells,
        row_below=rules.n,
        supported=bottom if rules.gravity else rules.full,
        line_sign=-1 if rules.misere else 1,
    )


@njit(cache=True, inline="always")
def decode(tables: Tables, code: int) -> tuple[int, int]:
    """The two bitboards of a code."""
    base, shift = tables.powers[tables.half_cells], tables.half_cells
    high, low = code // base, code % base
    first = tables.ones[low] | tables.ones[high] << shift
    second = tables.twos[low] | tables.twos[high] << shift
    return first, second


@njit(cache=True, inline="always")
def playable_cells(tables: Tables, occupied: int) -> int:
    """The bitboard of empty cells that rest on something (on all boards without gravity)."""
    full = (1 << tables.num_cells) - 1
    return full & ~occupied & (occupied >> tables.row_below | tables.supported)


@njit(cache=True, inline="always")
def ended(tables: Tables, first: int, second: int) -> int:
    """The outcome for the first player, or ``ONGOING``."""
    if tables.has_line[first]:
        return tables.line_sign
    if tables.has_line[second]:
        return -tables.line_sign
    return 0 if first | second == (1 << tables.num_cells) - 1 else ONGOING


@njit(cache=True)
def solve_codes(tables: Tables) -> Int8[np.ndarray, " codes"]:
    """The score of every code with a turn to move; other entries are 0 and mean nothing."""
    size = tables.powers[tables.num_cells]
    scores = np.zeros(size, np.int8)
    for code in range(size - 1, -1, -1):
        first, second = decode(tables, code)
        num_first, num_second = tables.num_stones[first], tables.num_stones[second]
        digit = 1 + num_first - num_second
        if digit != 1 and digit != 2:
            continue
        outcome = ended(tables, first, second)
        if outcome != ONGOING:
            mover_sign = 1 if digit == 1 else -1
            scores[code] = mover_sign * outcome * (tables.num_cells + 1 - num_first - num_second)
            continue
        best = -128
        playable = playable_cells(tables, first | second)
        for cell in range(tables.num_cells):
            if playable >> cell & 1:
                best = max(best, -scores[code + digit * tables.powers[cell]])
        scores[code] = best
    return scores


class RetrogradeSolver:
    """Exact answers out of one table of all positions.

    Args:
        rules: a board of at most ``MAX_TABLE_CELLS`` cells.

    Raises:
        ValueError: the board is larger.
    """

    def __init__(self, rules: MNKRules) -> None:
        self.rules = rules
        self.tables = make_tables(rules)
        self.scores = solve_codes(self.tables)
        self._optimal = lru_cache(MEMORY_OF_MOVES)(self._find_optimal)

    def __reduce__(self) -> tuple[Callable[[MNKRules], Solver], tuple[MNKRules]]:
        return solver_for, (self.rules,)  # a copy in another process solves for itself

    def code(self, position: Position) -> int:
        """The code of a position: its place in ``scores``."""
        return self.rules.ternary_code(position.first, position.second)

    def score(self, position: Position, *, seconds: float | None = None) -> int:
        """See ``Solver``."""
        return int(self.scores[self.code(position)])

    def value(self, position: Position, *, seconds: float | None = None) -> int:
        """See ``Solver``."""
        return int(np.sign(self.scores[self.code(position)]))

    def action_scores(self, position: Position, *, seconds: float | None = None) -> dict[int, int]:
        """See ``Solver``."""
        play, legal = self.rules.play, self.rules.legal_actions(position)
        return {action: -self.score(play(position, action)) for action in legal}

    def action_values(self, position: Position, *, seconds: float | None = None) -> dict[int, int]:
        """See ``Solver``."""
        scores = self.action_scores(position)
        return {action: int(np.sign(score)) for action, score in scores.items()}

    def optimal_actions(self, position: Position, *, seconds: float | None = None) -> list[int]:
        """See ``Solver``; positions asked before are remembered."""
        return list(self._optimal(position))

    def answers_within(self, position: Position, seconds: float) -> bool:
        """See ``Solver``."""
        return True

    def _find_optimal(self, position: Position) -> tuple[int, ...]:
        values = self.action_values(position)
        best = max(values.values(), default=0)
        return tuple(action for action, value in values.items() if value == best)
