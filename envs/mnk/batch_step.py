"""One step of many boards of up to 64 cells in one compiled loop, with the opponent folded in.

The two bitboards of a game stay in registers from the learner's move to the next observation;
``batch_stages`` has the same step in pieces, for larger boards and for opponents that Python asks.
Branches on the constants of the game go the same way every time, so they cost nothing; those that
depend on the board are few.
"""

import numpy as np
from jaxtyping import Float32, Int8, Int64

from etude.envs.mnk.batch_state import ONE, ONGOING, ZERO, Boards, Game, Results
from etude.envs.mnk.compiled import Word, compiled, inlined, lowest_bit, popcount
from etude.envs.mnk.pcg64 import next_uniform


@inlined
def drop(game: Game, occupied: Word, action: Word) -> Word:
    """The cell that ``action`` fills."""
    cell = action
    if game.gravity:
        cell += game.num_cells - game.num_columns
        while occupied >> np.uint64(cell) & ONE:
            cell -= game.num_columns
    return cell


@inlined
def outcome_after(game: Game, own: Word, other: Word, cell: Word) -> Word:
    """How the game ended for the player whose stone on ``cell`` is the last, or ``ONGOING``."""
    won: Word = False
    if game.has_line.size:
        won = game.has_line[own]
    else:
        for j in range(game.num_lines[cell]):
            line = game.lines[cell, j, 0]
            won |= own & line == line
    if won:
        return game.line_outcome
    return ONGOING if game.action_cells[0] & ~(own | other) else 0


@inlined
def nth_cell(game: Game, board: Word, number: int) -> Word:
    """The cell of stone ``number`` of a bitboard, counted from 0 in ascending order."""
    if game.has_line.size:
        return np.int64(game.cells_of[board, number])
    for _ in range(number):
        board &= board - ONE
    return lowest_bit(board)


@inlined
def optimal_actions(game: Game, code: Word, digit: Word, occupied: Word) -> Word:
    """The actions that keep the value of the board ``code`` for the player who puts ``digit``."""
    value: Word = np.sign(game.scores[code])
    optimal: Word = ZERO
    legal: Word = game.action_cells[0] & ~occupied
    while legal:
        action = lowest_bit(legal)
        legal &= legal - ONE
        cell = drop(game, occupied, action)
        if np.sign(game.scores[code + digit * game.powers[cell]]) == -value:
            optimal |= ONE << np.uint64(action)
    return optimal


@inlined
def answer(game: Game, boards: Boards, i: int, own: Word, other: Word) -> Word:
    """The cell of the next stone of ``other``, the opponent, by one number of the stream."""
    u = next_uniform(boards.streams, i)
    epsilon = game.epsilons[boards.opponents[i]]
    actions = game.action_cells[0] & ~(own | other)
    if epsilon < 1.0:
        if u < epsilon:
            u /= epsilon
        else:
            u = (u - epsilon) / (1.0 - epsilon)
            digit = 1 + (popcount(own | other) & ONE)
            actions = optimal_actions(game, boards.codes[i], digit, own | other)
    return drop(game, own | other, nth_cell(game, actions, int(u * popcount(actions))))


@inlined
def add_to_code(game: Game, boards: Boards, i: int, side: Word, cell: Word) -> None:
    """Follow a new stone in the code by which the solver's table is read."""
    if game.powers.size:
        boards.codes[i] += (side + 1) * game.powers[cell]


@inlined
def play_round(
    game: Game, boards: Boards, i: int, side: Word, own: Word, other: Word, action: Word
) -> tuple[Word, Word, Word]:
    """Play a legal action and the answer; return both bitboards and the outcome for the learner."""
    cell = drop(game, own | other, action)
    own |= ONE << np.uint64(cell)
    add_to_code(game, boards, i, side, cell)
    outcome = outcome_after(game, own, other, cell)
    if outcome == ONGOING and not game.self_play:
        cell = answer(game, boards, i, own, other)
        other |= ONE << np.uint64(cell)
        add_to_code(game, boards, i, 1 - side, cell)
        outcome = outcome_after(game, other, own, cell)
        if outcome != ONGOING:
            outcome = -outcome
    return own, other, outcome


@inlined
def draw_players(game: Game, boards: Boards, i: int) -> Word:
    """Draw side and opponent of a new game, in the order of ``MNKEnv.reset``; return the side."""
    side: Word = np.int64(game.side)
    if side < 0:
        side = np.int64(next_uniform(boards.streams, i) * 2.0)
    number = 0
    if game.pool.size:
        u = next_uniform(boards.streams, i)
        while number < game.pool.size - 1 and u >= game.pool[number]:
            number += 1
    boards.opponents[i] = number
    boards.learners[i] = side
    boards.codes[i] = 0
    boards.running[i] = True
    return side


@inlined
def begin_game(game: Game, boards: Boards, i: int) -> tuple[Word, Word, Word, Word]:
    """Start a game, with the opponent's move if it is first; return the side, then the round."""
    side = draw_players(game, boards, i)
    own: Word = ZERO
    other: Word = ZERO
    outcome: Word = ONGOING
    if side == 1 and not game.self_play:
        cell = answer(game, boards, i, own, other)
        other = ONE << np.uint64(cell)
        add_to_code(game, boards, i, 0, cell)
        outcome = outcome_after(game, other, own, cell)
        if outcome != ONGOING:
            outcome = -outcome
    return side, own, other, outcome


@inlined
def write_view(
    game: Game,
    i: int,
    own: Word,
    other: Word,
    is_over: bool,
    observations: Float32[np.ndarray, "n features"],
    masks: Int8[np.ndarray, "n actions"],
) -> None:
    """Write the flat observation and the mask, for the player with the stones ``own``."""
    if game.has_line.size:
        for j in range(game.num_cells):
            observations[i, j] = game.planes[own, j]
            observations[i, game.num_cells + j] = game.planes[other, j]
    else:
        for j in range(game.num_cells):
            observations[i, j] = own >> np.uint64(j) & ONE
            observations[i, game.num_cells + j] = other >> np.uint64(j) & ONE
    actions = ZERO if is_over else game.action_cells[0] & ~(own | other)
    for j in range(masks.shape[1]):
        masks[i, j] = actions >> np.uint64(j) & ONE


@compiled
def step_boards(
    game: Game, boards: Boards, actions: Int64[np.ndarray, " n"], results: Results
) -> None:
    """Play ``actions`` and the answers of epsilon-minimax opponents, or self-play.

    Args:
        game: with boards of one word.
        boards: changed in place.
        actions: inside the action space.
        results: written; see there for what is valid where.
    """
    for i in range(actions.size):
        side: Word = np.int64(boards.num_stones[i] & 1 if game.self_play else boards.learners[i])
        own, other = boards.stones[i, side, 0], boards.stones[i, 1 - side, 0]
        outcome: Word = np.int64(boards.outcomes[i])
        if outcome != ONGOING and side == 1:
            outcome = -outcome
        illegal = False
        results.rewards[i] = 0.0
        results.terminated[i] = False
        begins = not boards.running[i]
        if not begins:
            boards.learners[i] = side
            if outcome == ONGOING:  # else the opponent's first move ended the game
                illegal = bool((own | other) >> np.uint64(actions[i]) & ONE)
                if not illegal:
                    own, other, outcome = play_round(game, boards, i, side, own, other, actions[i])
            if outcome != ONGOING or (illegal and game.illegal_loses):
                ending = -1 if illegal else outcome
                results.terminated[i] = True
                results.outcomes[i] = ending
                results.illegal[i] = illegal
                results.rewards[i] = game.rewards[ending + 1]
                boards.running[i] = False
                begins = game.resets_at_once
                if begins:
                    view = (other, own) if game.self_play and not illegal else (own, other)
                    write_view(
                        game,
                        i,
                        view[0],
                        view[1],
                        outcome != ONGOING,
                        results.final_observations,
                        results.final_masks,
                    )
        if begins:
            side, own, other, outcome = begin_game(game, boards, i)
        boards.stones[i, side, 0], boards.stones[i, 1 - side, 0] = own, other
        boards.num_stones[i] = popcount(own | other)
        boards.outcomes[i] = -outcome if side == 1 and outcome != ONGOING else outcome
        if game.self_play and boards.num_stones[i] & 1 != side:
            own, other = other, own
        write_view(game, i, own, other, outcome != ONGOING, results.observations, results.masks)
