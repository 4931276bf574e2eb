"""All moves of an enumerated board as three flat arrays, for loops that come by often."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Int8, Int32, Int64

from etude.agents.compiled import compiled
from etude.envs.mnk.retrograde import decode
from etude.envs.mnk.rules import MNKRules
from etude.envs.mnk.state_space import Graph, StateSpace, expand, state_space


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
    every = np.arange(len(space), dtype=np.int32)
    return _list_moves(space, every, every)


@lru_cache(maxsize=4)
def folded_move_table(rules: MNKRules) -> Moves:
    """The moves of a board up to symmetry: an eighth of them on a square one.

    Only keys, the rows of ``StateSpace.canonical``, have moves. They are those of the key's least
    image, which is where ``Fold`` turns a position, and lead to keys again.

    Raises:
        ValueError: the board is too large to be enumerated.
    """
    space = state_space(rules)
    keys = space.row_of[space.canonical]
    return _list_moves(space, keys, least_images(space.graph, keys))


def _list_moves(
    space: StateSpace, keys: Int32[np.ndarray, " states"], origins: Int32[np.ndarray, " states"]
) -> Moves:
    """The moves of all keys, each as seen from its origin."""
    counts = np.count_nonzero(space.legal, axis=1)
    counts[keys != np.arange(len(keys))] = 0
    starts = np.concatenate(([0], np.cumsum(counts, dtype=np.int64)))
    actions = np.empty(starts[-1], np.int8)
    rows = np.empty(starts[-1], np.int32)
    fill(space.graph, keys, origins, starts, actions, rows)
    return Moves(starts, actions, rows, space.outcomes, space.to_move)


@compiled
def least_images(graph: Graph, keys: Int32[np.ndarray, " states"]) -> Int32[np.ndarray, " states"]:
    """For each key the row of its least image by bitboards, as ``MNKRules.canonical`` has it."""
    images = keys.copy()
    least = np.full(len(keys), 1 << 2 * graph.tables.num_cells)
    for row, key in enumerate(keys):
        first, second = decode(graph.tables, graph.codes[row])
        boards = first << graph.tables.num_cells | second
        if boards < least[key]:
            least[key], images[key] = boards, row
    return images


@compiled
def fill(
    graph: Graph,
    keys: Int32[np.ndarray, " states"],
    origins: Int32[np.ndarray, " states"],
    starts: Int64[np.ndarray, " states+1"],
    actions: Int8[np.ndarray, " moves"],
    rows: Int32[np.ndarray, " moves"],
) -> None:
    """Write the moves of all states that have any."""
    found_actions = np.empty(graph.tables.num_cells, np.int64)
    found_rows = np.empty(graph.tables.num_cells, np.int64)
    for row in range(len(keys)):
        start, count = starts[row], starts[row + 1] - starts[row]
        if count:
            expand(graph, origins[row], found_actions, found_rows)
            sort_moves(found_actions, found_rows, count)
            for i in range(count):
                actions[start + i] = found_actions[i]
                rows[start + i] = keys[found_rows[i]]


@compiled
def sort_moves(
    actions: Int64[np.ndarray, " cells"], rows: Int64[np.ndarray, " cells"], count: int
) -> None:
    """Put the first moves in order of action; under gravity they come in order of cell."""
    for i in range(1, count):
        for j in range(i, 0, -1):
            if actions[j - 1] < actions[j]:
                break
            actions[j - 1], actions[j] = actions[j], actions[j - 1]
            rows[j - 1], rows[j] = rows[j], rows[j - 1]
