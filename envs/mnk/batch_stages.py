"""The step of many boards in pieces: for boards of any size, and for opponents asked in between."""

import numpy as np
from jaxtyping import Bool, Float64, Int64

from etude.envs.mnk.batch_state import ONE, ONGOING, WORD, ZERO, Boards, Game, Results
from etude.envs.mnk.batch_step import draw_players, optimal_actions
from etude.envs.mnk.compiled import Word, compiled, inlined, lowest_bit, popcount
from etude.envs.mnk.pcg64 import next_uniform


@inlined
def is_taken(boards: Boards, i: int, cell: Word) -> bool:
    """Whether a stone lies on ``cell``."""
    word, bit = cell // WORD, np.uint64(cell % WORD)
    return bool((boards.stones[i, 0, word] | boards.stones[i, 1, word]) >> bit & ONE)


@inlined
def open_word(game: Game, boards: Boards, i: int, w: int) -> Word:
    """Word ``w`` of the legal actions of a game that is not over."""
    return game.action_cells[w] & ~(boards.stones[i, 0, w] | boards.stones[i, 1, w])


@inlined
def completes_line(game: Game, boards: Boards, i: int, side: Word, cell: Word) -> bool:
    """Whether the stones of ``side`` hold a line through ``cell``."""
    complete = False
    for j in range(game.num_lines[cell]):
        missing: Word = ZERO
        for w in range(game.lines.shape[2]):
            missing |= game.lines[cell, j, w] & ~boards.stones[i, side, w]
        complete |= missing == ZERO
    return complete


@inlined
def place(game: Game, boards: Boards, i: int, action: Word) -> None:
    """Put down a stone of the player to move by a legal ``action``."""
    cell: Word = action
    if game.gravity:
        cell += game.num_cells - game.num_columns
        while is_taken(boards, i, cell):
            cell -= game.num_columns
    side: Word = np.int64(boards.num_stones[i] & 1)
    boards.stones[i, side, cell // WORD] |= ONE << np.uint64(cell % WORD)
    boards.num_stones[i] += 1
    if game.powers.size:
        boards.codes[i] += (side + 1) * game.powers[cell]
    if completes_line(game, boards, i, side, cell):
        boards.outcomes[i] = game.line_outcome if side == 0 else -game.line_outcome
    elif boards.num_stones[i] == game.num_cells:
        boards.outcomes[i] = 0


@inlined
def nth_open(game: Game, boards: Boards, i: int, u: float) -> Word:
    """The legal action that ``u`` in [0, 1) selects, all equally likely."""
    num_open = 0
    for w in range(game.action_cells.size):
        num_open += popcount(open_word(game, boards, i, w))
    number: Word = int(u * num_open)
    action: Word = 0
    for w in range(game.action_cells.size):
        word = open_word(game, boards, i, w)
        here: Word = np.int64(popcount(word))
        if 0 <= number < here:
            for _ in range(number):
                word &= word - ONE
            action = WORD * w + lowest_bit(word)
        number -= here
    return action


@inlined
def nth_bit(word: Word, number: int) -> Word:
    """The index of one number ``number`` of a word, counted from 0."""
    for _ in range(number):
        word &= word - ONE
    return lowest_bit(word)


@inlined
def awaits_reply(game: Game, boards: Boards, i: int) -> bool:
    """Whether the opponent of board ``i`` is to move."""
    is_learners_turn = boards.num_stones[i] & 1 == boards.learners[i]
    return boards.outcomes[i] == ONGOING and not is_learners_turn and not game.self_play


@inlined
def write_view(
    game: Game,
    boards: Boards,
    i: int,
    observations: Float64[np.ndarray, "n features"],
    masks: Int64[np.ndarray, "n actions"],
) -> None:
    """Write the flat observation and the mask of board ``i``."""
    side: Word = np.int64(boards.num_stones[i] & 1 if game.self_play else boards.learners[i])
    for w in range(game.action_cells.size):
        own, other = boards.stones[i, side, w], boards.stones[i, 1 - side, w]
        start = w * WORD
        for j in range(min(WORD, game.num_cells - start)):
            observations[i, start + j] = own >> np.uint64(j) & ONE
            observations[i, game.num_cells + start + j] = other >> np.uint64(j) & ONE
        word = open_word(game, boards, i, w) if boards.outcomes[i] == ONGOING else ZERO
        for j in range(min(WORD, masks.shape[1] - start)):
            masks[i, start + j] = word >> np.uint64(j) & ONE


@compiled
def find_refused(
    game: Game, boards: Boards, actions: Int64[np.ndarray, " n"], refuses_taken: bool
) -> int:
    """The first board whose action lies outside the space, or is taken; -1 if there is none."""
    num_actions = game.num_columns if game.gravity else game.num_cells
    for i in range(actions.size):
        if boards.running[i] and boards.outcomes[i] == ONGOING:
            if not 0 <= actions[i] < num_actions:
                return i
            if refuses_taken and is_taken(boards, i, actions[i]):
                return i
    return -1


@compiled
def begin(game: Game, boards: Boards, chosen: Bool[np.ndarray, " n"]) -> None:
    """Clear the ``chosen`` boards and draw who plays."""
    for i in range(chosen.size):
        if chosen[i]:
            draw_players(game, boards, i)
            for w in range(game.action_cells.size):
                boards.stones[i, 0, w] = boards.stones[i, 1, w] = ZERO
            boards.num_stones[i] = 0
            boards.outcomes[i] = ONGOING


@compiled
def play(
    game: Game,
    boards: Boards,
    actions: Int64[np.ndarray, " n"],
    results: Results,
    plays: Bool[np.ndarray, " n"],
) -> None:
    """Put down the learners' stones; ``plays`` tells afterwards on which boards."""
    for i in range(actions.size):
        goes_on = boards.running[i] and boards.outcomes[i] == ONGOING
        results.illegal[i] = goes_on and is_taken(boards, i, actions[i])
        plays[i] = goes_on and not results.illegal[i]
        if plays[i]:
            boards.learners[i] = boards.num_stones[i] & 1
            place(game, boards, i, actions[i])


@compiled
def find_awaiting(
    game: Game, boards: Boards, chosen: Bool[np.ndarray, " n"], awaiting: Bool[np.ndarray, " n"]
) -> None:
    """Write into ``awaiting`` which of the ``chosen`` boards await the opponent's move."""
    for i in range(chosen.size):
        awaiting[i] = chosen[i] and awaits_reply(game, boards, i)


@compiled
def reply(game: Game, boards: Boards, awaiting: Bool[np.ndarray, " n"]) -> None:
    """Let the epsilon-minimax opponents of the ``awaiting`` boards move."""
    for i in range(awaiting.size):
        if awaiting[i]:
            u = next_uniform(boards.streams, i)
            epsilon = game.epsilons[boards.opponents[i]]
            if u < epsilon:
                action = nth_open(game, boards, i, u / epsilon)
            else:
                u = (u - epsilon) / (1.0 - epsilon)
                digit = 1 + np.int64(boards.num_stones[i] & 1)
                occupied = boards.stones[i, 0, 0] | boards.stones[i, 1, 0]
                actions = optimal_actions(game, boards.codes[i], digit, occupied)
                action = nth_bit(actions, int(u * popcount(actions)))
            place(game, boards, i, action)


@compiled
def draw_uniforms(
    boards: Boards, indices: Int64[np.ndarray, " chosen"], uniforms: Float64[np.ndarray, " chosen"]
) -> None:
    """Write the next number of each chosen board's stream into ``uniforms``."""
    for j in range(indices.size):
        uniforms[j] = next_uniform(boards.streams, indices[j])


@compiled
def place_replies(
    game: Game,
    boards: Boards,
    indices: Int64[np.ndarray, " chosen"],
    actions: Int64[np.ndarray, " chosen"],
) -> None:
    """Put down stones of the players to move on the chosen boards, by legal actions."""
    for j in range(indices.size):
        place(game, boards, indices[j], actions[j])


@compiled
def settle(game: Game, boards: Boards, results: Results, begins: Bool[np.ndarray, " n"]) -> None:
    """Write rewards and ends; ``begins`` tells afterwards where a new game is to begin."""
    for i in range(begins.size):
        results.rewards[i] = 0.0
        results.terminated[i] = False
        begins[i] = not boards.running[i]
        lost = results.illegal[i] and game.illegal_loses
        if boards.running[i] and (lost or boards.outcomes[i] != ONGOING):
            outcome: Word = np.int64(boards.outcomes[i])
            if lost:
                outcome = -1
            elif boards.learners[i] == 1:
                outcome = -outcome
            results.terminated[i] = True
            results.outcomes[i] = outcome
            results.rewards[i] = game.rewards[outcome + 1]
            boards.running[i] = False
            begins[i] = game.resets_at_once
            if begins[i]:
                write_view(game, boards, i, results.final_observations, results.final_masks)


@compiled
def write_views(game: Game, boards: Boards, results: Results) -> None:
    """Write what all boards look like."""
    for i in range(boards.running.size):
        write_view(game, boards, i, results.observations, results.masks)
