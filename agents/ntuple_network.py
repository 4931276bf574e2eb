"""What an n-tuple network looks at: its settings, its random walks and the arrays they make."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Int16, UInt64

from etude.agents.ntuple_training import PLAYABLE, Network
from etude.agents.schedules import Exponential, Linear, Schedule
from etude.envs.mnk.rules import MNKRules

MAX_BOARD_CELLS: Final = 64
MAX_WEIGHTS: Final = 1 << 28


@dataclass(frozen=True, kw_only=True)
class NTupleConfig:
    """Settings of an ``NTupleAgent``."""

    num_tuples: int = 70
    "Tuples, each with its own table; Thill, Koch and Konen 2012."
    tuple_length: int = 8
    "Cells of a tuple; Thill, Koch and Konen 2012."
    trace_decay: float = 0.9
    "Lambda: 0 learns from the next position only, 1 from the outcome only; 0.7 does as well."
    first_step_size: float = 0.004
    "Step size of the first game, for 70 tuples; fewer features allow larger ones."
    last_step_size: float = 0.001
    "Step size after ``decay_games``; while it is large, the opening moves change their minds."
    first_epsilon: float = 0.2
    "Share of random moves in the first game."
    last_epsilon: float = 0.05
    "Share of random moves after ``decay_games``."
    decay_games: int = 1_000_000
    "Games in which both decay; the best value is the number of games that will be played."

    def __post_init__(self) -> None:
        for name in ("num_tuples", "tuple_length"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}.")
        if not 0.0 <= self.trace_decay <= 1.0:
            raise ValueError(f"trace_decay lies between 0 and 1, got {self.trace_decay}.")
        _ = self.step_size, self.epsilon  # which check their own numbers

    @property
    def step_size(self) -> Schedule:
        """The step size of each game, decaying by equal factors."""
        return Exponential(self.first_step_size, self.last_step_size, self.decay_games)

    @property
    def epsilon(self) -> Schedule:
        """The share of random moves of each game, decaying in a straight line."""
        return Linear(self.first_epsilon, self.last_epsilon, self.decay_games)


def check_size(rules: MNKRules, config: NTupleConfig) -> None:
    """Check that the network can be made.

    Raises:
        ValueError: it or the board is too large, or a tuple does not fit on the board.
    """
    if rules.num_cells > MAX_BOARD_CELLS:
        raise ValueError(
            f"an n-tuple agent plays on at most {MAX_BOARD_CELLS} cells, got {rules.num_cells} "
            f"for {rules.name!r}; choose a smaller board, such as 8,8,5."
        )
    if config.tuple_length > rules.num_cells:
        raise ValueError(
            f"a tuple has at most the {rules.num_cells} cells of the board, got "
            f"tuple_length={config.tuple_length}; choose shorter tuples."
        )
    num_weights = 2 * config.num_tuples * num_states(rules) ** config.tuple_length
    if num_weights > MAX_WEIGHTS:
        raise ValueError(
            f"a network has at most {MAX_WEIGHTS} weights, got {config.num_tuples} tuples of "
            f"{config.tuple_length} cells, {num_weights} weights; choose fewer or shorter tuples."
        )


def check_tuples(rules: MNKRules, config: NTupleConfig, tuples: np.ndarray) -> None:
    """Check tuples that come from a file: compiled loops trust them.

    Raises:
        ValueError: they are not those of such a network.
    """
    shape = (config.num_tuples, config.tuple_length)
    if tuples.shape != shape or tuples.dtype != np.int16:
        raise ValueError(f"tuples are int16 {shape}, got {tuples.dtype} {tuples.shape}")
    if tuples.min() < 0 or tuples.max() >= rules.num_cells or (np.diff(tuples) <= 0).any():
        raise ValueError("a tuple has different cells of the board, in ascending order")


def num_states(rules: MNKRules) -> int:
    """How many things a tuple tells apart on a cell: empty, X, O, and with gravity playable."""
    return 4 if rules.gravity else 3


def draw_tuples(
    rules: MNKRules, config: NTupleConfig, rng: np.random.Generator
) -> Int16[np.ndarray, "tuples length"]:
    """The cells of random walks over the board, one king's move a step."""
    walks = [random_walk(rules, config.tuple_length, rng) for _ in range(config.num_tuples)]
    return np.array(walks, np.int16)


def random_walk(rules: MNKRules, length: int, rng: np.random.Generator) -> list[int]:
    """The first ``length`` different cells of a random walk, in ascending order."""
    cell = int(rng.integers(rules.num_cells))
    cells = {cell}
    while len(cells) < length:
        cell = int(rng.choice(neighbours(rules, cell)))
        cells.add(cell)
    return sorted(cells)


def neighbours(rules: MNKRules, cell: int) -> list[int]:
    """The cells around one."""
    row, column = divmod(cell, rules.n)
    return [
        i * rules.n + j
        for i in range(max(row - 1, 0), min(row + 2, rules.m))
        for j in range(max(column - 1, 0), min(column + 2, rules.n))
        if (i, j) != (row, column)
    ]


def make_network(rules: MNKRules, tuples: Int16[np.ndarray, "tuples length"]) -> Network:
    """A network whose weights are all 0, so that every value is that of a draw."""
    num_tuples, length = tuples.shape
    states = num_states(rules)
    touches = sorted(iterate_touches(rules, tuples))
    cells, touched, powers = (np.array(column) for column in zip(*touches, strict=True))
    offsets = np.arange(num_tuples, dtype=np.int32) * states**length
    indices = np.tile(offsets, len(rules.symmetries)).astype(np.int32)
    if rules.gravity:  # the lowest row is playable
        lowest = cells >= rules.num_cells - rules.n
        np.add.at(indices, touched[lowest], PLAYABLE * powers[lowest])
    return Network(
        num_cells=rules.num_cells,
        num_columns=rules.n,
        gravity=rules.gravity,
        line_value=-1.0 if rules.misere else 1.0,
        lines=line_bitboards(rules),
        empty_indices=indices,
        starts=np.searchsorted(cells, np.arange(rules.num_cells + 1)),
        touched=touched.astype(np.int32),
        powers=powers.astype(np.int32),
        weights=np.zeros((2, num_tuples * states**length), np.float32),
    )


def iterate_touches(
    rules: MNKRules, tuples: Int16[np.ndarray, "tuples length"]
) -> Iterator[tuple[int, int, int]]:
    """Cell, feature, and the power by which the cell counts in the feature's index."""
    for number, symmetry in enumerate(rules.symmetries):
        for row, cells in enumerate(tuples.tolist()):
            for place, cell in enumerate(cells):
                yield symmetry[cell], number * len(tuples) + row, num_states(rules) ** place


def line_bitboards(rules: MNKRules) -> UInt64[np.ndarray, "cells lines"]:
    """The winning lines through each cell, filled up with 0, one 0 at least."""
    longest = max(len(lines) for lines in rules.lines_through)
    boards = np.zeros((rules.num_cells, longest + 1), np.uint64)
    for cell, lines in enumerate(rules.lines_through):
        boards[cell, : len(lines)] = lines
    return boards
