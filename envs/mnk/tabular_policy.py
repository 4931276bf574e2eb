"""Policies as arrays: one row of probabilities for each state of a ``StateSpace``."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Bool, Float64

from etude.envs.mnk.opponents import Opponent, Probabilities, sample
from etude.envs.mnk.rules import FIRST, SECOND, SIDE_NAMES, MNKRules, Position
from etude.envs.mnk.state_space import StateSpace

Policy = Float64[np.ndarray, "states actions"]
Mask = Bool[np.ndarray, "states actions"]
SUM_TOLERANCE: Final = 1e-6


def uniform_over(mask: Mask) -> Policy:
    """The policy that plays all moves of a mask equally often; rows without a move are zero."""
    counts = np.count_nonzero(mask, axis=1, keepdims=True)
    policy: Policy = mask / np.maximum(counts, 1)
    return policy


def uniform_policy(space: StateSpace) -> Policy:
    """Every legal move equally often."""
    return uniform_over(space.legal)


def minimax_policy(space: StateSpace, epsilon: float = 0.0) -> Policy:
    """Every optimal move equally often, but a random legal one with probability ``epsilon``."""
    optimal = uniform_over(space.optimal)
    if epsilon == 0.0:  # nothing to mix: on 4 x 4 cells each table takes a gigabyte
        return optimal
    return epsilon * uniform_over(space.legal) + (1.0 - epsilon) * optimal


def tabulate(space: StateSpace, opponent: Opponent) -> Policy:
    """The policy of any opponent, asked once in every state that is not terminal."""
    policy = np.zeros(space.legal.shape)
    for row in np.flatnonzero(space.ongoing).tolist():
        position = space.position(row)
        legal = np.flatnonzero(space.legal[row]).tolist()
        policy[row] = opponent.action_probabilities(space.rules, position, legal)
    return policy


@dataclass(frozen=True, eq=False)
class TabularOpponent:
    """A tabular policy as an opponent for the environments.

    Args:
        space: the states.
        policy: what it plays in each.

    Raises:
        ValueError: see ``check_policy``; both sides are checked.
    """

    space: StateSpace
    policy: Policy

    def __post_init__(self) -> None:
        for side in (FIRST, SECOND):
            check_policy(self.space, self.policy, side)

    def act(self, rules: MNKRules, position: Position, legal: Sequence[int], u: float) -> int:
        """See ``Opponent``."""
        return sample(self.policy[self.space.row(position)], u)

    def action_probabilities(
        self, rules: MNKRules, position: Position, legal: Sequence[int]
    ) -> Probabilities:
        """See ``Opponent``."""
        probabilities: Probabilities = self.policy[self.space.row(position)].copy()
        return probabilities


def check_side(side: int) -> int:
    """The side, if it is one.

    Raises:
        ValueError: it is not.
    """
    if side not in (FIRST, SECOND):
        raise ValueError(
            f"a side is {FIRST} ({SIDE_NAMES[FIRST]}) or {SECOND} ({SIDE_NAMES[SECOND]}), "
            f"got {side!r}."
        )
    return side


def check_policy(space: StateSpace, policy: Policy, side: int) -> None:
    """Check that ``policy`` is a distribution over legal moves wherever ``side`` moves.

    Raises:
        ValueError: the wrong shape or type, an illegal move, or a row that is no distribution.
    """
    if policy.shape != space.legal.shape or policy.dtype != np.float64:
        raise ValueError(
            f"a policy on {space.rules.name} is float64 with one row a state and one column an "
            f"action, {space.legal.shape}, got {policy.dtype} {policy.shape}; see tabulate()."
        )
    turns = space.ongoing & (space.to_move == side)
    illegal = turns & (~space.legal & (policy != 0.0)).any(axis=1)
    if illegal.any():
        raise ValueError(
            f"a policy gives no weight to illegal moves, got some in {_where(space, illegal)}; "
            "multiply by space.legal and divide each row by its sum."
        )
    off = turns & ~(
        (np.abs(policy.sum(axis=1) - 1.0) < SUM_TOLERANCE) & (policy >= 0.0).all(axis=1)
    )
    if off.any():
        raise ValueError(
            "a policy's rows have no negative entries and sum to 1, got others in "
            f"{_where(space, off)}; divide each row by its sum."
        )


def check_playable(space: StateSpace, playable: Mask) -> None:
    """Check that a mask has legal moves, and at least one in every state that is not terminal.

    Raises:
        ValueError: it has not.
    """
    if playable.shape != space.legal.shape or playable.dtype != np.bool_:
        raise ValueError(
            f"playable moves on {space.rules.name} are a boolean mask of shape "
            f"{space.legal.shape}, got {playable.dtype} {playable.shape}; compare with ==."
        )
    illegal = (playable & ~space.legal).any(axis=1)
    if illegal.any():
        raise ValueError(
            f"only legal moves are playable, got others in {_where(space, illegal)}; "
            "combine the mask with space.legal by &."
        )
    stuck = space.ongoing & ~playable.any(axis=1)
    if stuck.any():
        raise ValueError(
            "a player has at least one move until the game ends, got none in "
            f"{_where(space, stuck)}; mark the greedy moves of every state."
        )


def _where(space: StateSpace, rows: Bool[np.ndarray, " states"]) -> str:
    """How many states, and the board of the first."""
    example = space.rules.format(space.position(int(np.flatnonzero(rows)[0])))
    return f"{np.count_nonzero(rows)} states, such as {example!r}"
