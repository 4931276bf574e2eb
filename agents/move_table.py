"""All moves of an enumerated board as three flat arrays, for loops that come by often."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Int8, Int32, Int64

from etude.agents.compiled import compiled
from etude.envs.mnk.retrograde import ONGOING
from etude.envs.mnk.rules import MNKRules
from etude.envs.mnk.state_space import Graph, expand, state_space


class Moves(NamedTuple):
    """The moves from each state, in ascending order of action.

    Attributes:
        starts: where the moves of each state begin; they end where those of the next one begin.
        actions: of each move.
        rows: that each move leads to.
        outcomes: of each state for the first player, or ``ONGOING``.
        to_move: whose turn it is in each state.
    """

    starts: Int64[np.ndarray, " states+1"]
    actions: Int8[np.ndarray, " moves"]
    rows: Int32[np.ndarray, " moves"]
    outcomes: Int8[np.ndarray, " states"]
    to_move: Int8[np.ndarray, " states"]


@lru_cache(maxsize=4)
def move_table(rules: MNKRules) -> Moves:
    """The moves of a board.

    Raises:
        ValueError: the board is too large to be enumerated.
    """
    space = state_space(rules)
    counts = np.count_nonzero(space.legal, axis=1)
    starts = np.concatenate(([0], np.cumsum(counts, dtype=np.int64)))
    actions = np.empty(starts[-1], np.int8)
    rows = np.empty(starts[-1], np.int32)
    fill(space.graph, starts, actions, rows)
    return Moves(starts, actions, rows, space.outcomes, space.to_move)


@compiled
def fill(
    graph: Graph,
    starts: Int64[np.ndarray, " states+1"],
    actions: Int8[np.ndarray, " moves"],
    rows: Int32[np.ndarray, " moves"],
) -> None:
    """Write the moves of all states. Under gravity the cells, in order, are not the columns."""
    found_actions = np.empty(graph.tables.num_cells, np.int64)
    found_rows = np.empty(graph.tables.num_cells, np.int64)
    for row in range(len(graph.codes)):
        if graph.outcomes[row] != ONGOING:
            continue
        count = expand(graph, row, found_actions, found_rows)
        order = np.argsort(found_actions[:count])
        for i in range(count):
            actions[starts[row] + i] = found_actions[order[i]]
            rows[starts[row] + i] = found_rows[order[i]]
