"""What the compiled loops of ``MNKVectorEnv`` know of a game, of its N boards and of one step.

A board is a pair of bitboards of 64-bit words, so that the same layout serves tic-tac-toe (one
word) and Gomoku (four). Boards of few cells have a table with an entry for every bitboard: reading
it costs less than a loop whose length the processor cannot predict.
"""

from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int8, Int16, Int64, UInt64

from etude.envs.mnk.opponents import EpsilonMinimax
from etude.envs.mnk.rules import MNKRules
from etude.envs.mnk.settings import MNKSettings
from etude.envs.mnk.solver import solver_for

ONGOING: Final = 2
WORD: Final = 64
ONE: Final = np.uint64(1)
ZERO: Final = np.uint64(0)
MAX_TABLE_CELLS: Final = 9  # the tables of 2**9 bitboards stay in the first-level cache


class Game(NamedTuple):
    """What does not change from step to step: the rules, and how opponents move."""

    num_cells: int
    num_columns: int
    gravity: bool
    line_outcome: int  # for the player who completes a line: 1, or -1 under misere
    lines: UInt64[np.ndarray, "cells lines words"]
    num_lines: Int64[np.ndarray, " cells"]
    action_cells: UInt64[np.ndarray, " words"]  # an action is legal while its cell here is empty
    has_line: Bool[np.ndarray, " boards"]  # the tables of small boards, else empty
    cells_of: Int8[np.ndarray, "boards cells"]  # the cells of a bitboard, in ascending order
    planes: Float32[np.ndarray, "boards cells"]
    scores: Int8[np.ndarray, " codes"]  # the solver's table; empty if no opponent needs it
    powers: Int64[np.ndarray, " cells"]  # of 3, for codes; empty likewise
    self_play: bool
    side: int  # the learner's: 0, 1, or -1 to draw it
    pool: Float64[np.ndarray, " opponents"]  # cumulative probabilities; empty without a pool
    epsilons: Float64[np.ndarray, " opponents"]
    illegal_loses: bool
    rewards: Float64[np.ndarray, " outcomes"]  # loss, draw, win
    resets_at_once: bool


class Boards(NamedTuple):
    """The state of N games."""

    stones: UInt64[np.ndarray, "n sides words"]
    num_stones: Int16[np.ndarray, " n"]
    outcomes: Int8[np.ndarray, " n"]  # seen by the first player, or ONGOING
    running: Bool[np.ndarray, " n"]  # False from the end of an episode to the next reset
    learners: Int8[np.ndarray, " n"]  # the side whose reward it is
    opponents: Int8[np.ndarray, " n"]
    codes: Int64[np.ndarray, " n"]  # sum of digit * 3**cell, where the game has powers
    streams: UInt64[np.ndarray, "n 4"]


class Results(NamedTuple):
    """What one step tells; ends and finals are valid where ``terminated``."""

    observations: Float32[np.ndarray, "n features"]
    masks: Int8[np.ndarray, "n actions"]
    rewards: Float64[np.ndarray, " n"]
    terminated: Bool[np.ndarray, " n"]
    outcomes: Int8[np.ndarray, " n"]  # for the learner
    illegal: Bool[np.ndarray, " n"]
    final_observations: Float32[np.ndarray, "n features"]
    final_masks: Int8[np.ndarray, "n actions"]


def make_game(settings: MNKSettings, *, solves: bool, resets_at_once: bool) -> Game:
    """The constants of a game.

    Args:
        settings: the arguments of the environment.
        solves: whether the loops play minimax moves, for which they need the solver's table.
        resets_at_once: whether the next game starts in the step that ends one.
    """
    rules, pool = settings.rules, settings.pool
    lines, num_lines = _line_words(rules)
    has_line, cells_of, planes = _bitboard_tables(rules)
    epsilons = [
        opponent.epsilon if isinstance(opponent, EpsilonMinimax) else np.nan
        for opponent in settings.opponents
    ]
    return Game(
        num_cells=rules.num_cells,
        num_columns=rules.n,
        gravity=rules.gravity,
        line_outcome=-1 if rules.misere else 1,
        lines=lines,
        num_lines=num_lines,
        action_cells=board_words(rules, (1 << rules.num_actions) - 1),
        has_line=has_line,
        cells_of=cells_of,
        planes=planes,
        scores=solver_for(rules).scores if solves else np.empty(0, np.int8),  # type: ignore[attr-defined]
        powers=3 ** np.arange(rules.num_cells if solves else 0),
        self_play=not settings.opponents,
        side=-1 if settings.side is None else settings.side,
        pool=np.cumsum(np.trim_zeros(pool.probabilities, "b")) if pool else np.empty(0),
        epsilons=np.array(epsilons, np.float64),
        illegal_loses=settings.illegal_move == "lose",
        rewards=np.array([settings.rewards[outcome] for outcome in (-1, 0, 1)]),
        resets_at_once=resets_at_once,
    )


def make_boards(rules: MNKRules, num_boards: int) -> Boards:
    """Boards on which no game is running."""
    return Boards(
        stones=np.zeros((num_boards, 2, num_words(rules)), np.uint64),
        num_stones=np.zeros(num_boards, np.int16),
        outcomes=np.full(num_boards, ONGOING, np.int8),
        running=np.zeros(num_boards, np.bool_),
        learners=np.zeros(num_boards, np.int8),
        opponents=np.zeros(num_boards, np.int8),
        codes=np.zeros(num_boards, np.int64),
        streams=np.zeros((num_boards, 4), np.uint64),
    )


def make_results(rules: MNKRules, num_boards: int, *, finals: bool) -> Results:
    """Fresh arrays for one step, with room for the finals of games that end or not."""
    cells, num_finals = 2 * rules.num_cells, num_boards if finals else 0
    return Results(
        observations=np.empty((num_boards, cells), np.float32),
        masks=np.empty((num_boards, rules.num_actions), np.int8),
        rewards=np.empty(num_boards, np.float64),
        terminated=np.empty(num_boards, np.bool_),
        outcomes=np.zeros(num_boards, np.int8),
        illegal=np.zeros(num_boards, np.bool_),
        final_observations=np.zeros((num_finals, cells), np.float32),
        final_masks=np.zeros((num_finals, rules.num_actions), np.int8),
    )


def num_words(rules: MNKRules) -> int:
    """How many 64-bit words hold one bit a cell."""
    return -(-rules.num_cells // WORD)


def board_words(rules: MNKRules, board: int) -> UInt64[np.ndarray, " words"]:
    """A bitboard as words, the lowest cells first."""
    mask = (1 << WORD) - 1
    return np.array([board >> WORD * w & mask for w in range(num_words(rules))], np.uint64)


def board_of_words(words: UInt64[np.ndarray, " words"]) -> int:
    """The bitboard whose ``board_words`` these are."""
    return sum(word << WORD * w for w, word in enumerate(words.tolist()))


def _line_words(
    rules: MNKRules,
) -> tuple[UInt64[np.ndarray, "cells lines words"], Int64[np.ndarray, " cells"]]:
    """The lines through each cell as words, and how many there are."""
    num_lines = np.array([len(lines) for lines in rules.lines_through])
    words = np.zeros((rules.num_cells, num_lines.max(), num_words(rules)), np.uint64)
    for cell, lines in enumerate(rules.lines_through):
        for j, line in enumerate(lines):
            words[cell, j] = board_words(rules, line)
    return words, num_lines


def _bitboard_tables(
    rules: MNKRules,
) -> tuple[
    Bool[np.ndarray, " boards"],
    Int8[np.ndarray, "boards cells"],
    Float32[np.ndarray, "boards cells"],
]:
    """For every bitboard of a small board: has it a line, which cells has it, and its plane."""
    cells = rules.num_cells
    boards = np.arange(1 << cells if cells <= MAX_TABLE_CELLS else 0)
    if not boards.size:
        return np.empty(0, np.bool_), np.empty((0, 0), np.int8), np.empty((0, 0), np.float32)
    has_line = np.array([any(b & line == line for line in rules.lines) for b in boards.tolist()])
    planes = boards[:, None] >> np.arange(cells) & 1
    cells_of = np.argsort(1 - planes, axis=1, kind="stable")
    return has_line, cells_of.astype(np.int8), planes.astype(np.float32)
