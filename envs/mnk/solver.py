"""Exact values and optimal moves: what every agent is graded against.

A *score* is seen by the player to move: 0 for a draw, positive for a win, negative for a loss. Its
magnitude is the number of cells plus one minus the stones on the board when the game ends under
best play, so that quicker wins and slower losses score higher. A *value* is the sign of a score.

Boards of up to 16 cells are solved at once by ``retrograde``; larger ones position by position by
``alpha_beta``. Both are compiled on first use, and importing this module imports neither.
"""

from functools import cache
from typing import Protocol

from etude.envs.mnk.rules import MNKRules, Position


class SearchLimit(Exception):
    """An answer takes longer than the caller allowed; asking again uses what was found."""


class Solver(Protocol):
    """The exact answer for any position of one board.

    Every method takes ``seconds``, the time it may search, and raises ``SearchLimit`` when that is
    not enough. None stands for no limit.
    """

    rules: MNKRules

    def score(self, position: Position, *, seconds: float | None = None) -> int:
        """Win, draw or loss with the distance to the end, for the player to move."""
        ...

    def value(self, position: Position, *, seconds: float | None = None) -> int:
        """The sign of ``score``; may be much faster."""
        ...

    def action_scores(self, position: Position, *, seconds: float | None = None) -> dict[int, int]:
        """For each legal action the score of playing it, for the player who plays it."""
        ...

    def action_values(self, position: Position, *, seconds: float | None = None) -> dict[int, int]:
        """The signs of ``action_scores``; may be much faster."""
        ...

    def optimal_actions(self, position: Position, *, seconds: float | None = None) -> list[int]:
        """The actions that keep the position's value, in ascending order; none after the end."""
        ...

    def answers_within(self, position: Position, seconds: float) -> bool:
        """Whether ``action_values`` and ``optimal_actions`` take at most ``seconds``."""
        ...


def plies_to_end(rules: MNKRules, position: Position, score: int) -> int | None:
    """How many moves ``score`` says are left until the end of ``position``; None for a draw.

    >>> rules = MNKRules(3, 3, 3)
    >>> plies_to_end(rules, rules.parse("XX./OO./..."), 5)
    1
    """
    if score == 0:
        return None
    return rules.num_cells + 1 - abs(score) - position.num_stones


@cache
def solver_for(rules: MNKRules) -> Solver:
    """The exact solver of a board; the same object for equal rules.

    Raises:
        ValueError: the board is too large to be solved exactly.
    """
    from etude.envs.mnk.retrograde import MAX_TABLE_CELLS, RetrogradeSolver

    if rules.num_cells <= MAX_TABLE_CELLS:
        return RetrogradeSolver(rules)
    from etude.envs.mnk.alpha_beta import AlphaBetaSolver

    return AlphaBetaSolver(rules)
