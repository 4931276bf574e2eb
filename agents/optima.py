"""The best that is possible on a board, by a best response to random play, and how far an agent is.

Three notions of "best" disagree (see ``presets``): an agent reaches the one that it aims at, and
its figures for the others say what that costs. Nothing is sampled and nothing is looked up: every
limit is the expectation of a best response to the uniformly random player, the mean of both seats.
"""

from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from jaxtyping import Bool, Float64

from etude.agents.compiled import compiled
from etude.agents.evaluation import Grade
from etude.agents.presets import MOST_POINTS, MOST_WINS, NEVER_LOSES, PERFECT
from etude.envs.mnk.retrograde import ONGOING
from etude.envs.mnk.rules import FIRST, SECOND, MNKRules, Position
from etude.envs.mnk.solver import solver_for
from etude.envs.mnk.state_space import Graph, expand, state_space


@dataclass(frozen=True)
class Gap:
    """How far an agent is from one optimum.

    Args:
        optimum: what is optimised, a key of ``presets.OPTIMA``.
        limit: the best possible figure.
        reached: the agent's; None where its play is not of the kind that the optimum is about.
    """

    optimum: str
    limit: float
    reached: float | None

    @property
    def gap(self) -> float | None:
        """The distance of the two, 0 at the optimum."""
        return None if self.reached is None else abs(self.limit - self.reached)

    def as_dict(self) -> dict[str, Any]:
        """Limit, figure and gap as plain values, for JSON."""
        return asdict(self) | {"gap": self.gap}


def gaps(grade: Grade) -> list[Gap]:
    """The gaps of an agent to all optima of its board.

    Raises:
        ValueError: the board is too large to be enumerated.
    """
    is_perfect = grade.exploitability == 0.0
    reached = {
        PERFECT: grade.exploitability,
        NEVER_LOSES: grade.win_rate("uniform") if is_perfect else None,
        MOST_POINTS: grade.score("uniform"),
        MOST_WINS: grade.win_rate("uniform"),
    }
    optima = limits(MNKRules.from_name(grade.board))
    return [Gap(name, limit, reached[name]) for name, limit in optima.items()]


@lru_cache(maxsize=4)
def limits(rules: MNKRules) -> dict[str, float]:
    """The exact figure of each optimum, on any board that can be enumerated.

    ``NEVER_LOSES`` is one of drawn games only: elsewhere somebody loses by force.

    Raises:
        ValueError: the board is too large to be enumerated.

    >>> round(limits(MNKRules(3, 3, 3))[MOST_POINTS], 6)
    0.95983
    """
    space = state_space(rules)
    seats = [
        respond_to_random(space.graph, space.optimal, side, _payoffs(side))
        for side in (FIRST, SECOND)
    ]
    most_points, most_wins, never_loses = np.mean(seats, axis=0).tolist()
    found = {PERFECT: 0.0, MOST_POINTS: most_points, MOST_WINS: most_wins}
    if solver_for(rules).value(Position()) == 0:
        found[NEVER_LOSES] = never_loses
    return found


def _payoffs(side: int) -> Float64[np.ndarray, "notions 3"]:
    """What the outcomes -1, 0, 1 of the first player pay the player of ``side``."""
    payoffs: np.ndarray = np.array([(-1.0, 0.0, 1.0), (0.0, 0.0, 1.0), (0.0, 0.0, 1.0)])
    return payoffs if side == FIRST else payoffs[:, ::-1].copy()


@compiled
def respond_to_random(
    graph: Graph,
    optimal: Bool[np.ndarray, "states actions"],
    responder: int,
    payoffs: Float64[np.ndarray, "notions 3"],
) -> Float64[np.ndarray, " notions"]:
    """``best_response_value`` against the uniform policy for several payoffs, in one loop.

    It needs no table of the policy, which takes a gigabyte on 4 x 4.

    Args:
        graph: of the board.
        optimal: the moves that the responder may play where the last of the payoffs counts.
        responder: their side.
        payoffs: of the outcomes -1, 0, 1 of the first player, one row for each notion of "best".
    """
    last = len(payoffs) - 1
    values = np.empty((len(graph.codes), len(payoffs)))
    actions = np.empty(graph.tables.num_cells, np.int64)
    rows = np.empty(graph.tables.num_cells, np.int64)
    for row in range(len(graph.codes) - 1, -1, -1):
        if graph.outcomes[row] != ONGOING:
            values[row] = payoffs[:, graph.outcomes[row] + 1]
            continue
        count = expand(graph, row, actions, rows)
        for k in range(len(payoffs)):
            total, best = 0.0, -np.inf
            for i in range(count):
                value = values[rows[i], k]
                total += value
                if k < last or optimal[row, actions[i]]:
                    best = max(best, value)
            values[row, k] = best if graph.to_move[row] == responder else total / count
    of_the_empty_board: np.ndarray = values[0].copy()
    return of_the_empty_board
