"""Exact values of single positions on boards too large for a table.

Negamax with null windows on bitboards: columns lie one after the other with an empty row on top of
each, so that shifted boards cannot run over an edge and every line test is a few shifts. A position
is cut off by immediate wins and forced replies, by the earliest possible win, by sides that no open
line is left to (at best a draw), and by a table of bounds; moves are tried by the number of threats
they leave, then from the centre. The score itself is found by narrowing the window around it. The
compiled search keeps its stack in arrays and stops after a number of nodes, so that it can be
interrupted, limited and resumed.

After P. Pons, "Solving Connect 4: how to build a perfect AI", blog.gamesolver.org, 2015-2022; the
dead-side cut, boards without gravity, any k and the resumable stack are ours.
"""

import math
import time
from collections.abc import Callable
from threading import RLock
from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Int8, Int64
from numba import njit

from etude.envs.mnk.bitboards import (
    Layout,
    check_searchable,
    completing_cells,
    holds_line,
    make_layout,
    make_move_order,
    padded_bit,
    popcount,
)
from etude.envs.mnk.opening_book import BOOK_DEPTH, CONNECT_FOUR, connect_four_book
from etude.envs.mnk.rules import FIRST, MNKRules, Position, bits
from etude.envs.mnk.solver import SearchLimit, Solver, solver_for

CHUNK_NODES: Final = 100_000
TABLE_BITS: Final = 22
UNKNOWN: Final = 127
MAX_KNOWN: Final = 1 << 14
MIX_OWN: Final = -7046029254386353131
MIX_OTHER: Final = -4417276706812531889


class Frames(NamedTuple):
    """The stack of the search, one entry a ply, and its working memory.

    Attributes:
        top: the depth at which the search goes on.
        own: stones of the player to move.
        other: stones of the other player.
        window: the question of each node: is its score above this?
        best: the best score of the moves tried.
        num_left: moves not yet tried, of ``moves``.
        moves: one bit each, the best last.
        keys: what ``moves`` are sorted by.
        order: of moves with equal keys.
    """

    top: Int64[np.ndarray, " 1"]
    own: Int64[np.ndarray, " plies"]
    other: Int64[np.ndarray, " plies"]
    window: Int64[np.ndarray, " plies"]
    best: Int64[np.ndarray, " plies"]
    num_left: Int64[np.ndarray, " plies"]
    moves: Int64[np.ndarray, "plies moves"]
    keys: Int64[np.ndarray, " moves"]
    order: Int64[np.ndarray, " groups"]


class Bounds(NamedTuple):
    """A hash table of bounds of scores; a new position replaces the one in its place."""

    positions: Int64[np.ndarray, "entries 2"]
    bounds: Int8[np.ndarray, "entries 2"]


@njit(cache=True, inline="always")
def slot(own: int, other: int, entries: int) -> int:
    """Where the table keeps a position."""
    mixed = own * MIX_OWN + other * MIX_OTHER
    return ((mixed ^ mixed >> 29) * MIX_OWN) >> 24 & (entries - 1)


@njit(cache=True)
def safe_moves(layout: Layout, occupied: int, threats: int) -> int:
    """The moves that do not lose at once to the other side's ``threats``; 0 if there are none."""
    if layout.gravity:
        playable = (occupied + layout.bottom) & layout.board
    else:
        playable = layout.board & ~occupied
    forced = playable & threats
    if forced & (forced - 1):
        return 0
    if forced:
        playable = forced
    return playable & ~(threats >> 1) if layout.gravity else playable


@njit(cache=True)
def open_node(layout: Layout, frames: Frames, table: Bounds, depth: int) -> int:
    """List the moves of a node, or tell its score (outside of the window, a bound of it)."""
    own, other, window = frames.own[depth], frames.other[depth], frames.window[depth]
    occupied = own | other
    empty = layout.board & ~occupied
    remaining = popcount(empty)
    playable = safe_moves(layout, occupied, completing_cells(layout, other) & empty)
    if not playable:
        return -(remaining // 2)
    if remaining <= 2:
        return 0
    low, high = -((remaining - 2) // 2), (remaining - 1) // 2
    if not holds_line(layout, layout.board & ~other):
        high = 0
    if not holds_line(layout, layout.board & ~own):
        low = 0
    entry = slot(own, other, len(table.bounds))
    if table.positions[entry, 0] == own and table.positions[entry, 1] == other:
        low = max(low, table.bounds[entry, 0])
        high = min(high, table.bounds[entry, 1])
    if low > window or low == high:
        return low
    if high <= window:
        return high
    frames.best[depth] = -(remaining // 2)
    order_moves(layout, frames, depth, playable, empty)
    return UNKNOWN


@njit(cache=True)
def order_moves(layout: Layout, frames: Frames, depth: int, playable: int, empty: int) -> None:
    """Write the moves of a node, the best last: by threats they leave, then by ``order``."""
    own, moves, keys = frames.own[depth], frames.moves[depth], frames.keys
    count = 0
    single = playable & (playable - 1) == 0
    for group in frames.order:
        move = playable & group
        if not move:
            continue
        key = 0 if single else popcount(completing_cells(layout, own | move) & empty)
        place = count
        while place > 0 and keys[place - 1] >= key:
            keys[place] = keys[place - 1]
            moves[place] = moves[place - 1]
            place -= 1
        keys[place] = key
        moves[place] = move
        count += 1
    frames.num_left[depth] = count


@njit(cache=True)
def remember(frames: Frames, table: Bounds, depth: int) -> None:
    """Store the bound that a finished node has proved."""
    own, other, best = frames.own[depth], frames.other[depth], frames.best[depth]
    entry = slot(own, other, len(table.bounds))
    if table.positions[entry, 0] != own or table.positions[entry, 1] != other:
        table.positions[entry, 0], table.positions[entry, 1] = own, other
        table.bounds[entry, 0], table.bounds[entry, 1] = -UNKNOWN, UNKNOWN
    side = 0 if best > frames.window[depth] else 1  # a lower or an upper bound
    table.bounds[entry, side] = best


@njit(cache=True, nogil=True)
def search(layout: Layout, frames: Frames, table: Bounds, num_nodes: int) -> int:
    """Search on for so many nodes: the root's bound, or ``UNKNOWN`` so far.

    The bound is a lower one above the root's window, an upper one otherwise.
    """
    depth = frames.top[0]
    for _ in range(num_nodes):
        score = open_node(layout, frames, table, depth)
        while score != UNKNOWN:
            if depth == 0:
                return score
            depth -= 1
            frames.best[depth] = max(frames.best[depth], -score)
            score = UNKNOWN
            if frames.best[depth] > frames.window[depth] or frames.num_left[depth] == 0:
                remember(frames, table, depth)
                score = frames.best[depth]
        frames.num_left[depth] -= 1
        move = frames.moves[depth, frames.num_left[depth]]
        frames.own[depth + 1] = frames.other[depth]
        frames.other[depth + 1] = frames.own[depth] | move
        frames.window[depth + 1] = -frames.window[depth] - 1
        depth += 1
    frames.top[0] = depth
    return UNKNOWN


class AlphaBetaSolver:
    """Exact answers by search, for boards with (m + 1) * n of at most 63, without misere.

    One search runs at a time; what it finds stays in a table for the next one. The compiled part
    runs without the interpreter's lock and comes back every few milliseconds, for Ctrl-C and the
    time limit.

    Args:
        rules: the board.
        table_bits: the table has 2**table_bits entries of 18 bytes.
        use_book: take Connect Four's values in the opening from a book.

    Raises:
        ValueError: the board is too large or played misere.
    """

    def __init__(
        self, rules: MNKRules, table_bits: int = TABLE_BITS, use_book: bool = True
    ) -> None:
        check_searchable(rules)
        self.rules = rules
        self.layout = make_layout(rules)
        self.num_nodes = 0
        self._frames = _make_frames(rules)
        self._table = Bounds(
            np.zeros((1 << table_bits, 2), np.int64), np.zeros((1 << table_bits, 2), np.int8)
        )
        self._table.bounds[0] = -UNKNOWN, UNKNOWN  # zeros would say that the empty board is a draw
        self._bits = [1 << padded_bit(rules, cell) for cell in range(rules.num_cells)]
        self._lock = RLock()
        self._book_depth = BOOK_DEPTH if use_book and rules == CONNECT_FOUR else -1
        self._known: dict[tuple[str, Position], dict[int, int]] = {}

    def __reduce__(self) -> tuple[Callable[[MNKRules], Solver], tuple[MNKRules]]:
        return solver_for, (self.rules,)  # a copy in another process solves for itself

    def score(self, position: Position, *, seconds: float | None = None) -> int:
        """See ``Solver``."""
        outcome = self.rules.outcome(position)
        if outcome is not None:
            return self._final_score(position, outcome)
        return self._score(*self._boards(position), _deadline(seconds))

    def value(self, position: Position, *, seconds: float | None = None) -> int:
        """See ``Solver``."""
        outcome = self.rules.outcome(position)
        if outcome is not None:
            return int(np.sign(self._final_score(position, outcome)))
        return self.value_of_boards(*self._boards(position), _deadline(seconds))

    def action_scores(self, position: Position, *, seconds: float | None = None) -> dict[int, int]:
        """See ``Solver``; answers are remembered."""
        return self._per_action("scores", position, seconds)

    def action_values(self, position: Position, *, seconds: float | None = None) -> dict[int, int]:
        """See ``Solver``; answers are remembered."""
        return self._per_action("values", position, seconds)

    def optimal_actions(self, position: Position, *, seconds: float | None = None) -> list[int]:
        """See ``Solver``; answers are remembered."""
        values = self.action_values(position, seconds=seconds)
        best = max(values.values(), default=0)
        return [action for action, value in values.items() if value == best]

    def answers_within(self, position: Position, seconds: float) -> bool:
        """See ``Solver``."""
        try:
            self.action_values(position, seconds=seconds)
        except SearchLimit:
            return False
        return True

    def value_of_boards(self, own: int, other: int, deadline: float = math.inf) -> int:
        """Win, draw or loss of a game that goes on, for the player who is to move and has ``own``.

        Args:
            own: the mover's stones, as a padded bitboard.
            other: the other player's.
            deadline: when to give up, by ``time.perf_counter()``.
        """
        if self._wins_at_once(own, other):
            return 1
        if (own | other).bit_count() <= self._book_depth:
            known = connect_four_book().value(own, other)
            if known is not None:
                return known
        if self._search(own, other, 0, deadline) > 0:
            return 1
        return 0 if self._search(own, other, -1, deadline) >= 0 else -1

    def _per_action(
        self, question: str, position: Position, seconds: float | None
    ) -> dict[int, int]:
        key = question, position
        if key not in self._known:
            deadline = _deadline(seconds)
            own, other = self._boards(position)
            answers: dict[int, int] = {}
            for action in self.rules.legal_actions(position):
                move = self._bits[self.rules.cell_of(position.occupied, action)]
                answers[action] = self._after(own, other, move, question, deadline)
            if len(self._known) >= MAX_KNOWN:
                self._known.clear()
            self._known[key] = answers
        return dict(self._known[key])

    def _after(self, own: int, other: int, move: int, question: str, deadline: float) -> int:
        """The score or value of a move for the player who makes it."""
        remaining = self.rules.num_cells - (own | other).bit_count()
        if holds_line(self.layout, own | move):
            return remaining if question == "scores" else 1
        if remaining == 1:
            return 0
        ask = self._score if question == "scores" else self.value_of_boards
        return -ask(other, own | move, deadline)

    def _score(self, own: int, other: int, deadline: float) -> int:
        """The score of a game that goes on, by halving the interval in which it lies."""
        remaining = self.rules.num_cells - (own | other).bit_count()
        if self._wins_at_once(own, other):
            return remaining
        low, high = -(remaining // 2), (remaining - 1) // 2
        while low < high:
            middle = (low + high) // 2
            if low // 2 < middle <= 0:  # nearer to 0, where the answer is cheaper
                middle = -(-low // 2)
            elif 0 <= middle < high // 2:
                middle = high // 2
            bound = self._search(own, other, middle, deadline)
            low, high = (bound, high) if bound > middle else (low, bound)
        return _score_in_stones(low, remaining)

    def _search(self, own: int, other: int, window: int, deadline: float) -> int:
        """A bound of the score in pairs of stones: a lower one above ``window``, else an upper."""
        with self._lock:
            frames = self._frames
            frames.top[0], frames.own[0], frames.other[0], frames.window[0] = 0, own, other, window
            while True:
                bound = search(self.layout, frames, self._table, CHUNK_NODES)
                self.num_nodes += CHUNK_NODES
                if bound != UNKNOWN:
                    return int(bound)
                if time.perf_counter() > deadline:
                    raise SearchLimit(
                        "the position takes longer to solve than the time given for it"
                    )

    def _wins_at_once(self, own: int, other: int) -> bool:
        occupied, layout = own | other, self.layout
        playable = layout.board & ~occupied
        if layout.gravity:
            playable &= occupied + layout.bottom
        return bool(completing_cells(layout, own) & playable)

    def _boards(self, position: Position) -> tuple[int, int]:
        """The stones of the player to move and of the other one, in the layout of the search."""
        first, second = (sum(self._bits[cell] for cell in bits(stones)) for stones in position)
        return (first, second) if position.to_move == FIRST else (second, first)

    def _final_score(self, position: Position, outcome: int) -> int:
        sign = outcome if position.to_move == FIRST else -outcome
        return sign * (self.rules.num_cells + 1 - position.num_stones)


def _score_in_stones(pairs: int, remaining: int) -> int:
    """The score whose half, rounded up, is ``pairs``; its parity follows from who wins."""
    won_by_mover = pairs > 0
    magnitude = 2 * abs(pairs)
    if pairs == 0 or (magnitude % 2 == remaining % 2) == won_by_mover:
        return 2 * pairs
    return 2 * pairs - (1 if won_by_mover else -1)


def _deadline(seconds: float | None) -> float:
    return math.inf if seconds is None else time.perf_counter() + seconds


def _make_frames(rules: MNKRules) -> Frames:
    def plies() -> Int64[np.ndarray, " plies"]:
        return np.zeros(rules.num_cells + 2, np.int64)

    return Frames(
        top=np.zeros(1, np.int64),
        own=plies(),
        other=plies(),
        window=plies(),
        best=plies(),
        num_left=plies(),
        moves=np.zeros((rules.num_cells + 2, rules.num_cells), np.int64),
        keys=np.zeros(rules.num_cells, np.int64),
        order=make_move_order(rules),
    )
