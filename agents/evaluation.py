"""Exact grades: what a policy is worth, computed over every position instead of played out.

On boards that can be enumerated no game is sampled. Results against an opponent are expectations
over all games; exploitability counts every tied greedy move as playable, which is stricter than
any way to break the ties. An illegal move loses the game on the spot.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Protocol

import numpy as np
from jaxtyping import Bool, Float64

from etude.agents.choice import choose_in_all
from etude.agents.protocol import Agent
from etude.envs.mnk.best_response import end_probabilities, worst_case
from etude.envs.mnk.rules import FIRST, SECOND, SIDE_NAMES
from etude.envs.mnk.state_space import StateSpace
from etude.envs.mnk.tabular_policy import (
    Policy,
    check_playable,
    check_policy,
    minimax_policy,
    uniform_policy,
)

OPPONENTS: Final[dict[str, Callable[[StateSpace], Policy]]] = {
    "uniform": uniform_policy,
    "minimax": minimax_policy,
}
CHUNK_STATES: Final = 4096  # that an agent is asked about at once
ROUNDING: Final = 1e-12  # probabilities of less are what rounding leaves of 0


class Tabular(Protocol):
    """An agent whose play can be written down for every position.

    Only legal actions appear in the tables. Where the agent would play an illegal one, the rows of
    both are empty although the game is not over, and it is graded as having lost there.
    """

    def policy_table(self, space: StateSpace) -> Float64[np.ndarray, "states actions"]:
        """The probability of each action in each state; zero rows where the game is over."""
        ...

    def playable_table(self, space: StateSpace) -> Bool[np.ndarray, "states actions"]:
        """Which actions are tied for the best in each state."""
        ...


@dataclass(frozen=True)
class Tabulated:
    """An agent that has no table, asked for its move in every position.

    Args:
        agent: it plays its deterministic move.
        space: all positions of its board.
    """

    agent: Agent
    space: StateSpace

    @cached_property
    def _playable(self) -> Bool[np.ndarray, "states actions"]:
        rules = self.space.rules
        playable = np.zeros(self.space.legal.shape, np.bool_)
        ongoing = np.flatnonzero(self.space.ongoing)
        for start in range(0, len(ongoing), CHUNK_STATES):
            rows = ongoing[start : start + CHUNK_STATES]
            positions = [self.space.position(row) for row in rows.tolist()]
            actions = choose_in_all(self.agent, rules, positions)
            playable[rows, actions] = self.space.legal[rows, actions]
        return playable

    def policy_table(self, space: StateSpace) -> Float64[np.ndarray, "states actions"]:
        """See ``Tabular``."""
        return self._playable.astype(np.float64)

    def playable_table(self, space: StateSpace) -> Bool[np.ndarray, "states actions"]:
        """See ``Tabular``: the one move that it plays, if that is legal."""
        return self._playable


def tabular(agent: Any, space: StateSpace) -> Tabular:
    """The agent itself if it has tables, or else one that asks it in every position."""
    has_tables = hasattr(agent, "policy_table")
    found: Tabular = agent if has_tables else Tabulated(agent, space)
    return found


@dataclass(frozen=True)
class Grade:
    """What an agent is worth on one board.

    Args:
        board: the name of the board.
        against: for each opponent and side of the agent, the exact probabilities that it wins,
            draws and loses, by an illegal move or otherwise.
        nash_conv: the sum of what best responses gain in both seats, with every tied greedy move
            playable; 0 for perfect play.
        optimal_share: of the positions that are not over, in how many every playable move keeps
            the exact value.
        illegal: for each opponent and side, the probability to lose by an illegal move.
        illegal_share: of the positions that are not over, in how many the agent's move is illegal.
    """

    board: str
    against: dict[str, dict[str, tuple[float, float, float]]]
    nash_conv: float
    optimal_share: float
    illegal: dict[str, dict[str, float]]
    illegal_share: float

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
            "illegal_share": self.illegal_share,
            "against": {
                opponent: {
                    side: dict(zip(("win", "draw", "loss"), result, strict=True))
                    | {"illegal": self.illegal[opponent][side]}
                    for side, result in sides.items()
                }
                for opponent, sides in self.against.items()
            },
        }


def grade(
    agent: Tabular, space: StateSpace, opponents: Mapping[str, Policy] | None = None
) -> Grade:
    """The exact grade of an agent.

    Args:
        agent: the agent.
        space: all positions of the board that it plays on.
        opponents: whom else it is graded against, beside those of ``OPPONENTS``: the policies by
            their names.

    Raises:
        ValueError: its tables are no policy, or do not agree on where it plays an illegal move; or
            an opponent's policy is none.
    """
    policy, playable = agent.policy_table(space), agent.playable_table(space)
    forfeits = space.ongoing & ~playable.any(axis=1)
    _check_tables(space, policy, playable, forfeits)
    against: dict[str, dict[str, tuple[float, float, float]]] = {}
    illegal: dict[str, dict[str, float]] = {}
    for name, opponent in _all_opponents(space, opponents or {}):
        against[name], illegal[name] = {}, {}
        for side in (FIRST, SECOND):
            win, draw, loss, forfeited = _results(space, policy, opponent, side)
            against[name][SIDE_NAMES[side]] = (win, draw, loss)
            illegal[name][SIDE_NAMES[side]] = forfeited
    keeps_value = ~(playable & ~space.optimal).any(axis=1) & ~forfeits
    return Grade(
        board=space.rules.name,
        against=against,
        nash_conv=_nash_conv(space, playable, forfeits),
        optimal_share=float(keeps_value[space.ongoing].mean()),
        illegal=illegal,
        illegal_share=float(forfeits[space.ongoing].mean()),
    )


def _all_opponents(space: StateSpace, others: Mapping[str, Policy]) -> Iterator[tuple[str, Policy]]:
    """Names and policies, made one by one: on 4 x 4 each takes a gigabyte."""
    for name, make in OPPONENTS.items():
        yield name, make(space)
    for name, policy in others.items():
        for side in (FIRST, SECOND):
            check_policy(space, policy, side)
        yield name, policy


def _check_tables(
    space: StateSpace,
    policy: Float64[np.ndarray, "states actions"],
    playable: Bool[np.ndarray, "states actions"],
    forfeits: Bool[np.ndarray, " states"],
) -> None:
    """Raise a ValueError unless both tables are empty in ``forfeits`` and sound elsewhere."""
    if policy[forfeits].any():
        raise ValueError(
            "an agent without a playable move forfeits the game, so its row in policy_table is 0, "
            f"got moves in {np.count_nonzero(policy[forfeits].any(axis=1))} such states; make "
            "both tables from the same moves."
        )
    check_playable(space, playable | (space.legal & forfeits[:, None]))
    if forfeits.any():
        policy = np.where(forfeits[:, None], uniform_policy(space), policy)
    for side in (FIRST, SECOND):
        check_policy(space, policy, side)


def _results(
    space: StateSpace,
    policy: Float64[np.ndarray, "states actions"],
    opponent: Float64[np.ndarray, "states actions"],
    side: int,
) -> tuple[float, float, float, float]:
    """Probabilities that the policy's player wins, draws, loses, and loses by an illegal move.

    No end is reached from a row of zeros: what is missing in the sum of all ends was forfeited.
    """
    policies = (policy, opponent) if side == FIRST else (opponent, policy)
    ends = end_probabilities(space.graph, *policies).tolist()
    loss, draw, win = ends if side == FIRST else ends[::-1]
    forfeited = 1.0 - (win + draw + loss)
    if forfeited < ROUNDING:
        forfeited = 0.0
    return win, draw, loss + forfeited, forfeited


def _nash_conv(
    space: StateSpace,
    playable: Bool[np.ndarray, "states actions"],
    forfeits: Bool[np.ndarray, " states"],
) -> float:
    """``greedy_nash_conv``, in a game that is over where the agent forfeits it at its turn."""
    total = 0
    for responder, outcome in ((FIRST, 1), (SECOND, -1)):
        over = forfeits & (space.to_move != responder)
        outcomes = np.where(over, np.int8(outcome), space.outcomes)
        total += worst_case(space.graph._replace(outcomes=outcomes), playable, responder)
    return float(total)
