"""The compiled part of the n-tuple agent: boards as table indices, self-play and TD(lambda).

A *feature* is one tuple of cells seen through one symmetry of the board. Its index counts in base
3 or 4 what lies on its cells, on top of the offset of its tuple's table, so that the value of a
board is the sum of ``weights[indices]`` and a move changes only the indices of the features
through one cell (with gravity also those through the cell above, which becomes playable).

Values are seen by the first player, in (-1, 1), and weights are kept apart for either player to
move: the same stones mean different things when it is the other one's turn.
"""

import math
from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int32, Int64, UInt64

from etude.agents.compiled import compiled

EMPTY: Final = 0
PLAYABLE: Final = 3
BOTH: Final = -1  # sides learn: self-play
ONE: Final = np.uint64(1)
ZERO: Final = np.uint64(0)


class Network(NamedTuple):
    """The board and the tuples as the loops need them; constant but for the weights."""

    num_cells: int
    num_columns: int
    gravity: bool
    line_value: float  # for the player who completes a line: 1, or -1 under misere
    lines: UInt64[np.ndarray, "cells lines"]  # through each cell; 0 where there are fewer
    empty_indices: Int32[np.ndarray, " features"]
    starts: Int64[np.ndarray, " cells+1"]  # the features through cell c are touched[starts[c] :]
    touched: Int32[np.ndarray, " touches"]
    powers: Int32[np.ndarray, " touches"]
    weights: Float32[np.ndarray, "2 entries"]


class Board(NamedTuple):
    """One position: a bitboard a player and the index of every feature."""

    stones: UInt64[np.ndarray, " 2"]
    indices: Int32[np.ndarray, " features"]


class Memory(NamedTuple):
    """What the learner remembers of one game: room for each ply of the longest one."""

    indices: Int32[np.ndarray, "plies features"]
    exploratory: Bool[np.ndarray, " plies"]  # a random move, worse than the greedy one


@compiled
def reset(network: Network, board: Board) -> None:
    """Clear the board."""
    board.stones[:] = ZERO
    board.indices[:] = network.empty_indices


@compiled
def network_sum(network: Network, indices: Int32[np.ndarray, " features"], to_move: int) -> float:
    """The sum of the weights that a position selects: the argument of tanh."""
    weights = network.weights[to_move]
    total = 0.0
    for index in indices:
        total += weights[index]
    return total


@compiled
def shift_indices(
    network: Network, indices: Int32[np.ndarray, " features"], cell: int, change: int, to_move: int
) -> float:
    """Change what lies on a cell, in all indices; the change of ``network_sum`` for ``to_move``."""
    weights = network.weights[to_move]
    difference = 0.0
    for touch in range(network.starts[cell], network.starts[cell + 1]):
        feature = network.touched[touch]
        old = indices[feature]
        new = old + change * network.powers[touch]
        difference += weights[new] - weights[old]
        indices[feature] = new
    return difference


@compiled
def place(network: Network, board: Board, cell: int, side: int, to_move: int) -> float:
    """Put a stone of ``side`` on a cell; the change of ``network_sum`` for ``to_move``."""
    board.stones[side] |= ONE << np.uint64(cell)
    before = PLAYABLE if network.gravity else EMPTY
    difference = shift_indices(network, board.indices, cell, side + 1 - before, to_move)
    above = cell - network.num_columns
    if network.gravity and above >= 0:
        difference += shift_indices(network, board.indices, above, PLAYABLE, to_move)
    return difference


@compiled
def cell_of(network: Network, board: Board, action: int) -> int:
    """The cell that an action fills, or -1 if it is not legal."""
    occupied = board.stones[0] | board.stones[1]
    cell = action
    if network.gravity:
        cell += network.num_cells - network.num_columns
        while cell >= 0 and occupied >> np.uint64(cell) & ONE:
            cell -= network.num_columns
        return cell
    return -1 if occupied >> np.uint64(cell) & ONE else cell


@compiled
def set_up(network: Network, board: Board, stones: UInt64[np.ndarray, " 2"]) -> None:
    """Put down the stones of a position, the lowest rows first."""
    reset(network, board)
    for cell in range(network.num_cells - 1, -1, -1):
        for side in range(2):
            if stones[side] >> np.uint64(cell) & ONE:
                place(network, board, cell, side, 0)


@compiled
def completes_line(network: Network, stones: np.uint64, cell: int) -> bool:
    """Whether ``stones``, with their stone on ``cell``, hold a line through it."""
    for line in network.lines[cell]:
        if line == ZERO:
            return False
        if stones & line == line:
            return True
    return False


@compiled
def afterstate_values(
    network: Network, board: Board, num_stones: int, values: Float64[np.ndarray, " actions"]
) -> int:
    """Write what each action is worth to the player who takes it; NaN if it is not legal.

    Actions that end the game have their exact value, the others the network's.

    Returns:
        The number of legal actions.
    """
    side = num_stones & 1
    sign = 1.0 - 2.0 * side
    base = network_sum(network, board.indices, 1 - side)
    stones, indices = board.stones[side], board.indices.copy()
    num_legal = 0
    for action in range(len(values)):
        values[action] = np.nan
        cell = cell_of(network, board, action)
        if cell < 0:
            continue
        num_legal += 1
        if completes_line(network, stones | ONE << np.uint64(cell), cell):
            values[action] = network.line_value
        elif num_stones + 1 == network.num_cells:
            values[action] = 0.0
        else:
            total = base + place(network, board, cell, side, 1 - side)
            values[action] = sign * math.tanh(total)
            board.stones[side] = stones
            board.indices[:] = indices
    return num_legal


@compiled
def random_action(values: Float64[np.ndarray, " actions"], num_legal: int, u: float) -> int:
    """The legal action that the uniform number ``u`` selects."""
    left = int(u * num_legal)
    for action in range(len(values)):
        if not math.isnan(values[action]):
            if left == 0:
                return action
            left -= 1
    return -1


@compiled
def best_action(values: Float64[np.ndarray, " actions"]) -> int:
    """The legal action of highest value, the first of equals."""
    best = -1
    for action in range(len(values)):
        if not math.isnan(values[action]) and (best < 0 or values[action] > values[best]):
            best = action
    return best


@compiled
def self_play(
    network: Network,
    board: Board,
    memory: Memory,
    values: Float64[np.ndarray, " actions"],
    epsilon: float,
    rng: np.random.Generator,
) -> tuple[int, float]:
    """Play one game, greedy but for a share ``epsilon`` of random moves.

    Returns:
        The number of plies and the outcome for the first player.
    """
    reset(network, board)
    for ply in range(network.num_cells):
        side = ply & 1
        memory.indices[ply] = board.indices
        num_legal = afterstate_values(network, board, ply, values)
        action = greedy = best_action(values)
        if rng.random() < epsilon:
            action = random_action(values, num_legal, rng.random())
        memory.exploratory[ply] = values[action] < values[greedy]
        cell = cell_of(network, board, action)
        place(network, board, cell, side, 1 - side)
        if completes_line(network, board.stones[side], cell):
            return ply + 1, network.line_value * (1.0 - 2.0 * side)
    return network.num_cells, 0.0


@compiled
def replay(
    network: Network, board: Board, memory: Memory, cells: Int64[np.ndarray, " plies"]
) -> None:
    """Remember the positions of a game that was played elsewhere, by the cells it filled."""
    reset(network, board)
    for ply, cell in enumerate(cells):
        memory.indices[ply] = board.indices
        place(network, board, cell, ply & 1, 1 - (ply & 1))


@compiled
def td_lambda(
    network: Network,
    memory: Memory,
    num_plies: int,
    outcome: float,
    learner: int,
    step_size: float,
    trace_decay: float,
) -> None:
    """Learn from a finished game, from its end to its start.

    With V(s) = tanh(sum of w), the target of s[t] is G[t] = (1 - trace_decay) V(s[t+1]) +
    trace_decay G[t+1], the outcome at the end, and each selected weight moves by step_size
    (G[t] - V(s[t])) (1 - V(s[t])^2). An exploratory move says nothing of the position before it:
    there is no update, and G starts again from V. Every V is computed when its turn comes, with
    the weights that the later positions of the game have already changed.

    Self-play learns from all positions. Where only the side ``learner`` learns, s[0], s[1], ... are
    those that it left to its opponent, whose answer is part of the world.
    """
    target = outcome
    for ply in range(num_plies - 1, -1, -1):
        if ply & 1 == learner:
            continue
        indices, weights = memory.indices[ply], network.weights[ply & 1]
        value = math.tanh(network_sum(network, indices, ply & 1))
        own_move = ply if learner == BOTH else ply + 1
        if own_move < num_plies and memory.exploratory[own_move]:
            target = value
            continue
        step = np.float32(step_size * (target - value) * (1.0 - value * value))
        for index in indices:
            weights[index] += step
        target = (1.0 - trace_decay) * value + trace_decay * target


@compiled
def train(
    network: Network,
    board: Board,
    memory: Memory,
    step_sizes: Float64[np.ndarray, " games"],
    epsilons: Float64[np.ndarray, " games"],
    trace_decay: float,
    num_actions: int,
    rng: np.random.Generator,
) -> int:
    """Learn from one game of self-play after the other; returns the number of all moves."""
    values, total_plies = np.empty(num_actions), 0
    for number in range(len(step_sizes)):
        num_plies, outcome = self_play(network, board, memory, values, epsilons[number], rng)
        td_lambda(network, memory, num_plies, outcome, BOTH, step_sizes[number], trace_decay)
        total_plies += num_plies
    return total_plies
