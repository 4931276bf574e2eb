"""The learning of ``perfect_play`` in compiled loops: the same games, the same numbers."""

from typing import Final

import numpy as np
from jaxtyping import Float64, Int64

from etude.agents.compiled import compiled
from etude.agents.move_table import Moves, folded_move_table, move_table
from etude.agents.value_table import TableArrays, ValueTable
from etude.envs.mnk.retrograde import MAX_TABLE_CELLS, ONGOING
from etude.envs.mnk.state_space import state_space

VALUE, SHARE, KNOWN = range(3)  # the heads: V1, V2 and K of ``perfect_play``
NEVER_AGAIN: Final = 1 << 62  # visits of a state to which no exploration leads by choice


def learn(table: ValueTable, num_games: int, rng: np.random.Generator) -> int:
    """Play games of self-play and learn from them.

    Args:
        table: with the three heads; is changed.
        num_games: how many.
        rng: of all draws.

    Returns:
        How many moves the games have.

    Raises:
        ValueError: the board is too large to be enumerated.
    """
    rules, space = table.rules, state_space(table.rules)
    moves = folded_move_table(rules) if table.fold.symmetric else move_table(rules)
    return learn_games(moves, table.arrays(space), num_games, rng)


@compiled
def learn_games(moves: Moves, table: TableArrays, num_games: int, rng: np.random.Generator) -> int:
    """See ``learn``. All rows are those of keys."""
    path, num_moves = np.empty(MAX_TABLE_CELLS, np.int64), 0
    for _ in range(num_games):
        row, count = 0, 0
        while moves.outcomes[row] == ONGOING:
            row = choose(moves, table, row, rng.random())
            path[count] = row
            count += 1
        for ply in range(count - 1, -1, -1):
            table.visits[path[ply]] += 1
            if not table.values[KNOWN, path[ply]]:
                back_up(moves, table.values, path[ply])
        num_moves += count
    return num_moves


@compiled
def choose(moves: Moves, table: TableArrays, row: int, u: float) -> int:
    """The row that ``u`` picks among the least visited of which not everything is known."""
    start, end = moves.starts[row], moves.starts[row + 1]
    least, num_candidates = NEVER_AGAIN, 0
    for child in moves.rows[start:end]:
        count = num_visits(table, child)
        num_candidates = 1 if count < least else num_candidates + (count == least)
        least = min(least, count)
    wanted = int(u * num_candidates)
    for child in moves.rows[start:end]:
        if num_visits(table, child) == least:
            if wanted == 0:
                return int(child)
            wanted -= 1
    return -1


@compiled
def num_visits(table: TableArrays, row: int) -> int:
    """How often the agent was in a state; where all is known there is nothing to see."""
    return NEVER_AGAIN if table.values[KNOWN, row] else int(table.visits[row])


@compiled
def back_up(moves: Moves, values: Float64[np.ndarray, "3 states"], row: int) -> None:
    """The assignments for one position."""
    answers = moves.rows[moves.starts[row] : moves.starts[row + 1]]
    top, known = -np.inf, 1.0
    for answer in answers:
        top = max(top, values[VALUE, answer])
        known = min(known, values[KNOWN, answer])
    values[VALUE, row] = 1.0 - top
    values[KNOWN, row] = known
    if known:
        values[SHARE, row] = win_share(moves, values, answers)


@compiled
def win_share(
    moves: Moves, values: Float64[np.ndarray, "3 states"], answers: Int64[np.ndarray, " answers"]
) -> float:
    """V2 before answers that are drawn at random."""
    total = 0.0
    for answer in answers:
        if moves.outcomes[answer] != ONGOING:  # a win of who is to move now, who moved before
            win = 1 if moves.to_move[answer] == 0 else -1
            total += 1.0 if moves.outcomes[answer] == win else 0.0
            continue
        best, beaten = -np.inf, 0.0
        for child in moves.rows[moves.starts[answer] : moves.starts[answer + 1]]:
            value, share = values[VALUE, child], values[SHARE, child]
            if value > best or (value == best and share > beaten):
                best, beaten = value, share
        total += beaten
    return total / len(answers)
