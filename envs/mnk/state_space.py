"""Every reachable position of a small board as a row of an array.

Codes (see ``retrograde``) grow with every stone, so rows in ascending order of code are also an
order of play: each position comes before all that can follow it. Policies, values and counts are
then plain arrays over the rows, and one loop over them in either direction is an exact computation.
"""

from functools import cache, cached_property
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Int8, Int32, Int64
from numba import njit

from etude.envs.mnk.retrograde import (
    MAX_TABLE_CELLS,
    ONGOING,
    RetrogradeSolver,
    Tables,
    decode,
    ended,
    playable_cells,
)
from etude.envs.mnk.rules import MNKRules, Position
from etude.envs.mnk.solver import solver_for


class NumGames(NamedTuple):
    """How many games there are, by their end."""

    first_wins: int
    second_wins: int
    draws: int

    @property
    def total(self) -> int:
        """All games."""
        return sum(self)


class Graph(NamedTuple):
    """What a compiled loop over the states needs.

    Attributes:
        tables: of the board.
        codes: of each state, ascending.
        row_of: the row of each code, -1 where no game leads.
        outcomes: of each state for the first player, or ``ONGOING``.
        to_move: whose turn it is in each state.
    """

    tables: Tables
    codes: Int64[np.ndarray, " states"]
    row_of: Int32[np.ndarray, " codes"]
    outcomes: Int8[np.ndarray, " states"]
    to_move: Int8[np.ndarray, " states"]


@njit(cache=True, inline="always")
def expand(
    graph: Graph,
    row: int,
    actions: Int64[np.ndarray, " cells"],
    rows: Int64[np.ndarray, " cells"],
) -> int:
    """Write the legal actions of a state and the rows they lead to; returns how many there are."""
    tables, code = graph.tables, graph.codes[row]
    first, second = decode(tables, code)
    digit = 1 + graph.to_move[row]
    playable = playable_cells(tables, first | second)
    count = 0
    for cell in range(tables.num_cells):
        if playable >> cell & 1:
            actions[count] = tables.actions[cell]
            rows[count] = graph.row_of[code + digit * tables.powers[cell]]
            count += 1
    return count


@njit(cache=True)
def reachable_codes(tables: Tables) -> Int64[np.ndarray, " states"]:
    """The codes that a game can lead to, in ascending order."""
    reached = np.zeros(tables.powers[tables.num_cells], np.bool_)
    reached[0] = True
    for code in range(len(reached)):
        if not reached[code]:
            continue
        first, second = decode(tables, code)
        if ended(tables, first, second) != ONGOING:
            continue
        digit = 1 + tables.num_stones[first] - tables.num_stones[second]
        playable = playable_cells(tables, first | second)
        for cell in range(tables.num_cells):
            if playable >> cell & 1:
                reached[code + digit * tables.powers[cell]] = True
    return np.flatnonzero(reached)


@njit(cache=True)
def describe_states(
    tables: Tables, codes: Int64[np.ndarray, " states"], num_actions: int
) -> tuple[
    Int8[np.ndarray, " states"], Int8[np.ndarray, " states"], Bool[np.ndarray, "states actions"]
]:
    """Stones, outcome for the first player and legal actions of each state."""
    plies = np.zeros(len(codes), np.int8)
    outcomes = np.zeros(len(codes), np.int8)
    legal = np.zeros((len(codes), num_actions), np.bool_)
    for row, code in enumerate(codes):
        first, second = decode(tables, code)
        plies[row] = tables.num_stones[first | second]
        outcomes[row] = ended(tables, first, second)
        if outcomes[row] == ONGOING:
            playable = playable_cells(tables, first | second)
            for cell in range(tables.num_cells):
                if playable >> cell & 1:
                    legal[row, tables.actions[cell]] = True
    return plies, outcomes, legal


@njit(cache=True)
def count_paths(graph: Graph) -> Int64[np.ndarray, " states"]:
    """In how many orders of moves each state arises."""
    paths = np.zeros(len(graph.codes), np.int64)
    paths[0] = 1
    actions = np.empty(graph.tables.num_cells, np.int64)
    rows = np.empty(graph.tables.num_cells, np.int64)
    for row in range(len(graph.codes)):
        if graph.outcomes[row] == ONGOING:
            for i in range(expand(graph, row, actions, rows)):
                paths[rows[i]] += paths[row]
    return paths


@njit(cache=True)
def canonical_codes(
    codes: Int64[np.ndarray, " states"],
    low_images: Int64[np.ndarray, "symmetries half_codes"],
    high_images: Int64[np.ndarray, "symmetries half_codes"],
) -> Int64[np.ndarray, " states"]:
    """The least of the symmetric images of each code: the sum of its two halves' images."""
    canonical = codes.copy()
    base = low_images.shape[1]
    for row, code in enumerate(codes):
        high, low = code // base, code % base
        for symmetry in range(len(low_images)):
            image = low_images[symmetry, low] + high_images[symmetry, high]
            canonical[row] = min(canonical[row], image)
    return canonical


@njit(cache=True)
def mark_optimal(
    graph: Graph, scores: Int8[np.ndarray, " states"], num_actions: int
) -> Bool[np.ndarray, "states actions"]:
    """The actions that keep the value of each state."""
    optimal = np.zeros((len(graph.codes), num_actions), np.bool_)
    actions = np.empty(graph.tables.num_cells, np.int64)
    rows = np.empty(graph.tables.num_cells, np.int64)
    for row in range(len(graph.codes)):
        if graph.outcomes[row] == ONGOING:
            value = np.sign(scores[row])
            for i in range(expand(graph, row, actions, rows)):
                optimal[row, actions[i]] = np.sign(scores[rows[i]]) == -value
    return optimal


class StateSpace:
    """The reachable positions of a board, in ascending order of code.

    Args:
        rules: a board of at most 16 cells.

    Raises:
        ValueError: the board is larger.
    """

    def __init__(self, rules: MNKRules) -> None:
        solver = solver_for(rules)
        if not isinstance(solver, RetrogradeSolver):
            raise ValueError(
                f"only boards of at most {MAX_TABLE_CELLS} cells are enumerated, got "
                f"{rules.name} with {rules.num_cells}; choose a smaller board."
            )
        self.rules = rules
        self.solver = solver
        self.tables = solver.tables
        self.codes = reachable_codes(solver.tables)
        self.row_of: Int32[np.ndarray, " codes"] = np.full(3**rules.num_cells, -1, np.int32)
        self.row_of[self.codes] = np.arange(len(self.codes), dtype=np.int32)
        self.plies, self.outcomes, self.legal = describe_states(
            solver.tables, self.codes, rules.num_actions
        )
        self.to_move: Int8[np.ndarray, " states"] = self.plies % np.int8(2)
        self.graph = Graph(solver.tables, self.codes, self.row_of, self.outcomes, self.to_move)

    def __len__(self) -> int:
        return len(self.codes)

    def row(self, position: Position) -> int:
        """The row of a position.

        Raises:
            ValueError: no game leads to it.
        """
        self.rules.validate(position)
        row = int(self.row_of[self.solver.code(position)])
        if row < 0:
            raise ValueError(
                f"a row stands for a position that a game can reach, got "
                f"{self.rules.format(position)!r}."
            )
        return row

    def position(self, row: int) -> Position:
        """The position of a row."""
        return Position(*map(int, decode(self.tables, self.codes[row])))

    @cached_property
    def ongoing(self) -> Bool[np.ndarray, " states"]:
        """Which states are not terminal."""
        ongoing: Bool[np.ndarray, " states"] = self.outcomes == ONGOING
        return ongoing

    @cached_property
    def scores(self) -> Int8[np.ndarray, " states"]:
        """The score of each state for the player to move."""
        scores: Int8[np.ndarray, " states"] = self.solver.scores[self.codes]
        return scores

    @cached_property
    def optimal(self) -> Bool[np.ndarray, "states actions"]:
        """The actions that keep the value of each state."""
        return mark_optimal(self.graph, self.scores, self.rules.num_actions)

    @cached_property
    def canonical(self) -> Int64[np.ndarray, " states"]:
        """The least of each state's symmetric images: equal exactly for states that are alike."""
        low, high = _symmetry_tables(self.rules, self.tables)
        return canonical_codes(self.codes, low, high)

    @cached_property
    def num_up_to_symmetry(self) -> int:
        """How many states differ by more than a symmetry of the board."""
        return int(np.count_nonzero(self.canonical == self.codes))

    @cached_property
    def num_ongoing_up_to_symmetry(self) -> int:
        """The same, of the states that are not terminal."""
        return int(np.count_nonzero((self.canonical == self.codes) & self.ongoing))

    @cached_property
    def num_by_ply(self) -> list[int]:
        """How many states have 0, 1, 2... stones."""
        counts: list[int] = np.bincount(self.plies, minlength=self.rules.num_cells + 1).tolist()
        return counts

    @cached_property
    def num_games(self) -> NumGames:
        """How many different games there are: orders of moves up to the end."""
        paths = count_paths(self.graph)
        wins, losses, draws = (int(paths[self.outcomes == end].sum()) for end in (1, -1, 0))
        return NumGames(wins, losses, draws)


@cache
def state_space(rules: MNKRules) -> StateSpace:
    """The state space of a board; the same object for equal rules."""
    return StateSpace(rules)


def _symmetry_tables(
    rules: MNKRules, tables: Tables
) -> tuple[Int64[np.ndarray, "symmetries half_codes"], Int64[np.ndarray, "symmetries half_codes"]]:
    """For each symmetry, what half a board adds to the image's code, by the half's code."""
    half = tables.half_cells
    codes = np.arange(3**half)
    digits = codes[:, None] // 3 ** np.arange(half) % 3  # (half_codes, cells)
    low, high = [], []
    for symmetry in rules.symmetries:
        weights = 3 ** np.array(symmetry)
        low.append(digits @ weights[:half])
        high.append(digits[:, : rules.num_cells - half] @ weights[half:])
    return np.array(low), np.array(high)
