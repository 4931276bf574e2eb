"""The learning of ``perfect_play`` in compiled loops: the same games, the same numbers."""

from typing import Final

import numpy as np
from jaxtyping import Float64, Int64

from etude.agents.compiled import compiled
from etude.agents.move_table import Moves, move_table
from etude.agents.value_table import TableArrays, ValueTable
from etude.envs.mnk.retrograde import MAX_TABLE_CELLS, ONGOING
from etude.envs.mnk.state_space import state_space

NEVER_AGAIN: Final = 1 << 62  # visits of a state to which no exploration leads by choice


def learn(table: ValueTable, num_games: int, rng: np.random.Generator) -> None:
    """Play games of self-play and learn from them.

    Args:
        table: with two heads; is changed.
        num_games: how many.
        rng: of all draws.

    Raises:
        ValueError: the board is too large to be enumerated.
    """
    space = state_space(table.rules)
    learn_games(move_table(table.rules), table.arrays(space), num_games, rng)


@compiled
def learn_games(moves: Moves, table: TableArrays, num_games: int, rng: np.random.Generator) -> None:
    """See ``learn``."""
    path = np.empty(MAX_TABLE_CELLS, np.int64)
    for _ in range(num_games):
        row, count = 0, 0
        while moves.outcomes[row] == ONGOING:
            row = choose(moves, table.keys, table.visits, row, rng.random())
            path[count] = row
            count += 1
        for ply in range(count - 1, -1, -1):
            table.visits[table.keys[path[ply]]] += 1
            if moves.outcomes[path[ply]] == ONGOING:
                back_up(moves, table.keys, table.values, path[ply])


@compiled
def choose(
    moves: Moves, keys: np.ndarray, visits: Int64[np.ndarray, " states"], row: int, u: float
) -> int:
    """The row that ``u`` picks among the least visited."""
    start, end = moves.starts[row], moves.starts[row + 1]
    least = num_visits(moves, keys, visits, moves.rows[start])
    num_candidates = 0
    for move in range(start, end):
        count = num_visits(moves, keys, visits, moves.rows[move])
        num_candidates = 1 if count < least else num_candidates + (count == least)
        least = min(least, count)
    wanted = int(u * num_candidates)
    for move in range(start, end):
        if num_visits(moves, keys, visits, moves.rows[move]) == least:
            if wanted == 0:
                return int(moves.rows[move])
            wanted -= 1
    return -1


@compiled
def num_visits(
    moves: Moves, keys: np.ndarray, visits: Int64[np.ndarray, " states"], row: int
) -> int:
    """How often the agent was in a state; where a game ends there is nothing to see."""
    return int(visits[keys[row]]) if moves.outcomes[row] == ONGOING else NEVER_AGAIN


@compiled
def back_up(
    moves: Moves, keys: np.ndarray, values: Float64[np.ndarray, "2 states"], row: int
) -> None:
    """Both assignments for one afterstate."""
    start, end = moves.starts[row], moves.starts[row + 1]
    top, total = -np.inf, 0.0
    for answer in moves.rows[start:end]:
        top = max(top, values[0, keys[answer]])
        if moves.outcomes[answer] != ONGOING:  # a win of who is to move now, who moved before
            win = 1 if moves.to_move[answer] == 0 else -1
            total += 1.0 if moves.outcomes[answer] == win else 0.0
            continue
        best, beaten = -np.inf, 0.0
        for child in moves.rows[moves.starts[answer] : moves.starts[answer + 1]]:
            value, share = values[0, keys[child]], values[1, keys[child]]
            if value > best or (value == best and share > beaten):
                best, beaten = value, share
        total += beaten
    values[0, keys[row]] = 1.0 - top
    values[1, keys[row]] = total / (end - start)
