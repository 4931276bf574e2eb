"""Exact grades: what a policy is worth, computed over every position instead of played out.

On boards that can be enumerated no game is sampled. Results against an opponent are expectations
over all games; exploitability counts every tied greedy move as playable, which is stricter than
any way to break the ties.
"""

from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from jaxtyping import Bool, Float64

from etude.envs.mnk.best_response import greedy_nash_conv, match
from etude.envs.mnk.rules import SIDE_NAMES
from etude.envs.mnk.state_space import StateSpace
from etude.envs.mnk.tabular_policy import minimax_policy, uniform_policy

OPPONENTS: Final = {"uniform": uniform_policy, "minimax": minimax_policy}


class Tabular(Protocol):
    """An agent whose play can be written down for every position."""

    def policy_table(self, space: StateSpace) -> Float64[np.ndarray, "states actions"]:
        """The probability of each action in each state; zero rows where the game is over."""
        ...

    def playable_table(self, space: StateSpace) -> Bool[np.ndarray, "states actions"]:
        """Which actions are tied for the best in each state."""
        ...


@dataclass(frozen=True)
class Grade:
    """What an agent is worth on one board.

    Args:
        board: the name of the board.
        against: for each opponent and side of the agent, the exact probabilities that it wins,
            draws and loses.
        nash_conv: the sum of what best responses gain in both seats, with every tied greedy move
            playable; 0 for perfect play.
        optimal_share: of the positions that are not over, in how many every playable move keeps
            the exact value.
    """

    board: str
    against: dict[str, dict[str, tuple[float, float, float]]]
    nash_conv: float
    optimal_share: float

    @property
    def exploitability(self) -> float:
        """NashConv / 2."""
        return self.nash_conv / 2

    def score(self, opponent: str) -> float:
        """Wins minus losses against an opponent, the mean of both sides."""
        results = self.against[opponent].values()
        return float(np.mean([win - loss for win, _, loss in results]))

    def win_rate(self, opponent: str) -> float:
        """The probability to win against an opponent, the mean of both sides."""
        return float(np.mean([win for win, _, _ in self.against[opponent].values()]))

    def as_dict(self) -> dict[str, Any]:
        """The grade as plain values, for JSON."""
        return {
            "board": self.board,
            "nash_conv": self.nash_conv,
            "exploitability": self.exploitability,
            "optimal_share": self.optimal_share,
            "against": {
                opponent: {
                    side: dict(zip(("win", "draw", "loss"), result, strict=True))
                    for side, result in sides.items()
                }
                for opponent, sides in self.against.items()
            },
        }


def grade(agent: Tabular, space: StateSpace) -> Grade:
    """The exact grade of an agent.

    Args:
        agent: the agent.
        space: all positions of the board that it plays on.
    """
    policy, playable = agent.policy_table(space), agent.playable_table(space)
    against = {}
    for name, make in OPPONENTS.items():
        opponent = make(space)
        first, second = match(space, policy, opponent), match(space, opponent, policy)
        against[name] = {
            SIDE_NAMES[0]: (first.win, first.draw, first.loss),
            SIDE_NAMES[1]: (second.loss, second.draw, second.win),
        }
    keeps_value = ~(playable & ~space.optimal).any(axis=1)
    return Grade(
        board=space.rules.name,
        against=against,
        nash_conv=float(greedy_nash_conv(space, playable)),
        optimal_share=float(keeps_value[space.ongoing].mean()),
    )
