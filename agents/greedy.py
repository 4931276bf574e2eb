"""Greedy moves by afterstate scores, for all states of a board in one compiled loop."""

from typing import Final

import numpy as np
from jaxtyping import Bool, Float64

from etude.agents.compiled import compiled
from etude.envs.mnk.retrograde import ONGOING
from etude.envs.mnk.state_space import Graph, expand

TIE_TOLERANCE: Final = 1e-9  # what rounding can make of equal numbers learned in different orders


@compiled
def mark_greedy(
    graph: Graph, scores: Float64[np.ndarray, "heads states"], num_actions: int, tolerance: float
) -> Bool[np.ndarray, "states actions"]:
    """The moves to the lexicographically greatest scores, ties included, in every state.

    Args:
        graph: of the board.
        scores: of every state for the player who moved there.
        num_actions: of the board.
        tolerance: how much less still ties.
    """
    greedy = np.zeros((len(graph.codes), num_actions), np.bool_)
    actions = np.empty(graph.tables.num_cells, np.int64)
    rows = np.empty(graph.tables.num_cells, np.int64)
    for row in range(len(graph.codes)):
        if graph.outcomes[row] == ONGOING:
            count = keep_best(scores, actions, rows, expand(graph, row, actions, rows), tolerance)
            for i in range(count):
                greedy[row, actions[i]] = True
    return greedy


@compiled
def keep_best(
    scores: Float64[np.ndarray, "heads states"],
    actions: np.ndarray,
    rows: np.ndarray,
    count: int,
    tolerance: float,
) -> int:
    """Move the best of the first ``count`` moves to the front, in order; returns how many."""
    for head in range(len(scores)):
        top = -np.inf
        for i in range(count):
            top = max(top, scores[head, rows[i]])
        kept = 0
        for i in range(count):
            if scores[head, rows[i]] >= top - tolerance:
                actions[kept], rows[kept] = actions[i], rows[i]
                kept += 1
        count = kept
    return count
