"""Policies graded exactly: best responses, exploitability and match results without playing a game.

A policy is an array (states, actions) of probabilities over the rows of a ``StateSpace``; rows of
states that the policy never plays in, and of terminal ones, do not matter and may be zero. Since
every position comes before all that can follow it, an expectation or a best response is one
backward loop over the rows.

NashConv is what best responders win from a policy in both seats together, and exploitability is
NashConv / 2 (M. Lanctot et al., "A unified game-theoretic approach to multiagent reinforcement
learning", NeurIPS 2017). A perfect tic-tac-toe player has 0 of both, one who is beaten in both
seats 2 and 1.
"""

from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Float64
from numba import njit

from etude.envs.mnk.retrograde import ONGOING
from etude.envs.mnk.rules import FIRST, SECOND
from etude.envs.mnk.state_space import Graph, StateSpace, expand
from etude.envs.mnk.tabular_policy import Mask, Policy, check_playable, check_policy, check_side

WIN_LOSS: Final = (1.0, 0.0, -1.0)
TIE_TOLERANCE: Final = 1e-12


class BestResponse(NamedTuple):
    """The best that one player can do against a policy.

    Attributes:
        value: expected payoff from the empty board.
        state_values: expected payoff from each state.
        actions: the moves that attain it, ties included, in the states of the responder.
    """

    value: float
    state_values: Float64[np.ndarray, " states"]
    actions: Mask


class Match(NamedTuple):
    """Probabilities of how a game ends, seen by the first player."""

    win: float
    draw: float
    loss: float


@njit(cache=True)
def respond(
    graph: Graph,
    policy: Policy,
    allowed: Mask,
    responder: int,
    payoffs: Float64[np.ndarray, " 3"],
) -> tuple[Float64[np.ndarray, " states"], Mask]:
    """Backward induction: the maximum at the responder's turn, the policy's mean else.

    ``payoffs`` belong to the outcomes -1, 0, 1 of the first player.
    """
    values = np.empty(len(graph.codes))
    best_actions = np.zeros(allowed.shape, np.bool_)
    actions = np.empty(graph.tables.num_cells, np.int64)
    rows = np.empty(graph.tables.num_cells, np.int64)
    for row in range(len(graph.codes) - 1, -1, -1):
        if graph.outcomes[row] != ONGOING:
            values[row] = payoffs[graph.outcomes[row] + 1]
            continue
        count = expand(graph, row, actions, rows)
        if graph.to_move[row] != responder:
            values[row] = 0.0
            for i in range(count):
                values[row] += policy[row, actions[i]] * values[rows[i]]
            continue
        values[row] = -np.inf
        for i in range(count):
            if allowed[row, actions[i]]:
                values[row] = max(values[row], values[rows[i]])
        for i in range(count):
            tied = values[rows[i]] >= values[row] - TIE_TOLERANCE
            best_actions[row, actions[i]] = tied and allowed[row, actions[i]]
    return values, best_actions


@njit(cache=True)
def worst_case(graph: Graph, playable: Mask, responder: int) -> int:
    """The responder's outcome if they pick the moves of both sides, the other's of ``playable``."""
    values = np.empty(len(graph.codes), np.int8)
    sign = 1 if responder == FIRST else -1
    actions = np.empty(graph.tables.num_cells, np.int64)
    rows = np.empty(graph.tables.num_cells, np.int64)
    for row in range(len(graph.codes) - 1, -1, -1):
        if graph.outcomes[row] != ONGOING:
            values[row] = sign * graph.outcomes[row]
            continue
        values[row] = -2
        for i in range(expand(graph, row, actions, rows)):
            if graph.to_move[row] == responder or playable[row, actions[i]]:
                values[row] = max(values[row], values[rows[i]])
    return int(values[0])


@njit(cache=True)
def end_probabilities(
    graph: Graph, policy_first: Policy, policy_second: Policy
) -> Float64[np.ndarray, " 3"]:
    """How likely the outcomes -1, 0, 1 of the first player are: one forward loop."""
    reached = np.zeros(len(graph.codes))
    reached[0] = 1.0
    ends = np.zeros(3)
    actions = np.empty(graph.tables.num_cells, np.int64)
    rows = np.empty(graph.tables.num_cells, np.int64)
    for row in range(len(graph.codes)):
        if graph.outcomes[row] != ONGOING:
            ends[graph.outcomes[row] + 1] += reached[row]
        elif reached[row] > 0.0:
            policy = policy_first if graph.to_move[row] == FIRST else policy_second
            for i in range(expand(graph, row, actions, rows)):
                reached[rows[i]] += reached[row] * policy[row, actions[i]]
    return ends


def best_response(
    space: StateSpace,
    policy: Policy,
    side: int,
    payoff: tuple[float, float, float] = WIN_LOSS,
    restrict_to: Mask | None = None,
) -> BestResponse:
    """The most that a player of ``side`` can expect against ``policy``.

    Args:
        space: the states.
        policy: what the other side plays.
        side: the responder's seat, ``FIRST`` or ``SECOND``.
        payoff: of a win, a draw and a loss for the responder; negated, it finds the worst.
        restrict_to: the moves that the responder may play; ``space.optimal`` makes one that never
            throws away value, ``BestResponse.actions`` one that breaks ties by a second payoff.

    Raises:
        ValueError: an invalid policy or side, or a state without an allowed move.

    >>> from etude.envs.mnk.rules import MNKRules
    >>> from etude.envs.mnk.state_space import state_space
    >>> from etude.envs.mnk.tabular_policy import uniform_policy
    >>> space = state_space(MNKRules(3, 3, 3))
    >>> round(best_response(space, uniform_policy(space), FIRST).value * 192, 9)
    191.0
    """
    check_policy(space, policy, 1 - check_side(side))
    allowed = space.legal if restrict_to is None else restrict_to & space.legal
    turns = space.ongoing & (space.to_move == side)
    stuck = np.flatnonzero(turns & ~allowed.any(axis=1))
    if len(stuck):
        board = space.rules.format(space.position(int(stuck[0])))
        raise ValueError(
            f"the responder needs an allowed move at each of their turns, got none in "
            f"{len(stuck)} states, such as {board!r}; add one to restrict_to."
        )
    win, draw, loss = payoff
    payoffs = np.array([loss, draw, win] if side == FIRST else [win, draw, loss], np.float64)
    values, actions = respond(space.graph, policy, allowed, side, payoffs)
    return BestResponse(float(values[0]), values, actions)


def best_response_value(
    space: StateSpace,
    policy: Policy,
    side: int,
    payoff: tuple[float, float, float] = WIN_LOSS,
    restrict_to: Mask | None = None,
) -> float:
    """The value of ``best_response``."""
    return best_response(space, policy, side, payoff, restrict_to).value


def nash_conv(space: StateSpace, policy: Policy) -> float:
    """What best responders win from a policy in both seats: 0 is perfect, 2 beaten in both.

    For games whose two seats' values cancel, as all zero-sum games' do.
    """
    return sum(best_response(space, policy, side).value for side in (FIRST, SECOND))


def exploitability(space: StateSpace, policy: Policy) -> float:
    """NashConv / 2."""
    return nash_conv(space, policy) / 2


def greedy_nash_conv(space: StateSpace, playable: Mask) -> int:
    """NashConv of a player of whom every move in ``playable`` is possible, and the adversary picks.

    Stricter than any rule that breaks ties: 0 only if no tied move ever loses value.

    Raises:
        ValueError: a mask of the wrong shape, with an illegal move, or with no move in some state.
    """
    check_playable(space, playable)
    return sum(int(worst_case(space.graph, playable, side)) for side in (FIRST, SECOND))


def greedy_exploitability(space: StateSpace, playable: Mask) -> float:
    """Half of ``greedy_nash_conv``."""
    return greedy_nash_conv(space, playable) / 2


def match(space: StateSpace, policy_first: Policy, policy_second: Policy) -> Match:
    """How a game between two policies ends, seen by the first.

    Raises:
        ValueError: an invalid policy.
    """
    check_policy(space, policy_first, FIRST)
    check_policy(space, policy_second, SECOND)
    ends = end_probabilities(space.graph, policy_first, policy_second)
    loss, draw, win = ends.tolist()
    return Match(win, draw, loss)
