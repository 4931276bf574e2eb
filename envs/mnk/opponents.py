"""Who answers the learner.

An opponent is a stochastic policy. It moves by one number ``u``, uniform in [0, 1), that the
environment draws from its own stream: the same seed gives the same game in a single environment and
in a batch, and the law of the move, ``action_probabilities``, can be integrated exactly by the
solver.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float64, Int8

from etude.envs.mnk.observation import OBSERVATIONS, flat_planes, observe
from etude.envs.mnk.rules import MNKRules, Position
from etude.envs.mnk.solver import solver_for
from etude.foundations.names import check_name

Probabilities = Float64[np.ndarray, " actions"]
Policy = Callable[[Any, Int8[np.ndarray, " actions"]], Any]
DEFAULT_EPSILON: Final = 0.1


@runtime_checkable
class Opponent(Protocol):
    """A stochastic policy over positions in which it is to move."""

    def act(self, rules: MNKRules, position: Position, legal: Sequence[int], u: float) -> int:
        """The action that the uniform number ``u`` in [0, 1) selects out of ``legal``."""
        ...

    def action_probabilities(
        self, rules: MNKRules, position: Position, legal: Sequence[int]
    ) -> Probabilities:
        """The law of ``act``: one probability an action, zero outside ``legal``."""
        ...


@runtime_checkable
class Predicts(Protocol):
    """An agent with Stable-Baselines3's ``predict``."""

    def predict(self, observation: Any, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        """Actions for observations, and the state of a recurrent policy."""
        ...


@dataclass(frozen=True)
class EpsilonMinimax:
    """Perfect play that errs: with probability epsilon any legal move, else any optimal one.

    Both choices are uniform, so epsilon=1 is the uniform opponent and epsilon=0 the minimax one.

    Args:
        epsilon: share of uniformly random moves, in [0, 1].

    Raises:
        ValueError: epsilon lies outside [0, 1].
    """

    epsilon: float

    def __post_init__(self) -> None:
        if not 0.0 <= self.epsilon <= 1.0:
            raise ValueError(
                f"epsilon is a probability, between 0 (perfect) and 1 (uniformly random), "
                f"got {self.epsilon!r}."
            )

    def act(self, rules: MNKRules, position: Position, legal: Sequence[int], u: float) -> int:
        """See ``Opponent``."""
        if u < self.epsilon:
            return legal[int(u / self.epsilon * len(legal))]
        optimal = solver_for(rules).optimal_actions(position)
        return optimal[int((u - self.epsilon) / (1.0 - self.epsilon) * len(optimal))]

    def action_probabilities(
        self, rules: MNKRules, position: Position, legal: Sequence[int]
    ) -> Probabilities:
        """See ``Opponent``."""
        probabilities = np.zeros(rules.num_actions)
        probabilities[list(legal)] = self.epsilon / len(legal)
        if self.epsilon < 1.0:
            optimal = solver_for(rules).optimal_actions(position)
            probabilities[optimal] += (1.0 - self.epsilon) / len(optimal)
        return probabilities


@dataclass(frozen=True)
class PolicyOpponent:
    """A function ``policy(observation, action_mask)`` that returns an action or probabilities.

    Args:
        policy: gets the board from its own side, and returns an integer action or a vector with one
            probability an action.
        observation: the form of observation it expects.
    """

    policy: Policy
    observation: str = "flat"

    def act(self, rules: MNKRules, position: Position, legal: Sequence[int], u: float) -> int:
        """See ``Opponent``."""
        return sample(self.action_probabilities(rules, position, legal), u)

    def action_probabilities(
        self, rules: MNKRules, position: Position, legal: Sequence[int]
    ) -> Probabilities:
        """See ``Opponent``.

        Raises:
            ValueError: the answer is no action or distribution, or it plays an illegal move.
        """
        view = observe(rules, self.observation, position, position.to_move)
        answer = np.asarray(self.policy(view, rules.legal_mask(position)))
        if answer.ndim == 0 and np.issubdtype(answer.dtype, np.integer):
            rules.check_legal(position, int(answer))
            return _point_mass(rules, int(answer))
        check_probabilities(rules, position, legal, answer)
        return answer.astype(np.float64)


@dataclass(frozen=True)
class AgentOpponent:
    """An agent with Stable-Baselines3's ``predict``, playing its deterministic move.

    It gets the action mask if its ``predict`` takes one, and no recurrent state.

    Args:
        agent: the agent.
        observation: the form of observation it was trained on.
    """

    agent: Predicts
    observation: str = "flat"
    _takes_masks: bool = field(init=False, repr=False, default=False)

    def __post_init__(self) -> None:
        takes_masks = "action_masks" in inspect.signature(self.agent.predict).parameters
        object.__setattr__(self, "_takes_masks", takes_masks)

    def act(self, rules: MNKRules, position: Position, legal: Sequence[int], u: float) -> int:
        """See ``Opponent``.

        Raises:
            ValueError: the agent plays an illegal move.
        """
        return self.act_on_all(rules, [position])[0]

    def act_on_all(self, rules: MNKRules, positions: Sequence[Position]) -> list[int]:
        """The moves in several positions, by one call of ``predict``.

        Raises:
            ValueError: the agent plays an illegal move.
        """
        actions = self.choose_all(rules, positions)
        for position, action in zip(positions, actions, strict=True):
            rules.check_legal(position, action)
        return actions

    def choose_all(self, rules: MNKRules, positions: Sequence[Position]) -> list[int]:
        """What the agent wants to play, legal or not: the caller decides what that costs."""
        flat = np.stack([flat_planes(rules, position, position.to_move) for position in positions])
        masks = np.stack([rules.legal_mask(position) for position in positions])
        views = OBSERVATIONS[self.observation](rules, flat, masks)
        keywords = {"action_masks": masks > 0} if self._takes_masks else {}
        actions, _ = self.agent.predict(views, deterministic=True, **keywords)
        return [int(action) for action in actions]

    def action_probabilities(
        self, rules: MNKRules, position: Position, legal: Sequence[int]
    ) -> Probabilities:
        """See ``Opponent``."""
        return _point_mass(rules, self.act(rules, position, legal, 0.0))


class Pool:
    """Several opponents, of which each game draws one.

    Args:
        opponents: anything that ``make_opponent`` takes.
        weights: how often each is drawn, not necessarily summing to 1; equal by default.

    Raises:
        ValueError: no opponents, a pool inside a pool, or weights that are no distribution.
    """

    def __init__(self, opponents: Sequence[Any], weights: Sequence[float] | None = None) -> None:
        if not opponents or any(isinstance(opponent, Pool) for opponent in opponents):
            raise ValueError(
                f"a pool holds at least one opponent and no other pool, got {list(opponents)!r}."
            )
        self.opponents = list(opponents)
        shares = np.ones(len(opponents)) if weights is None else np.asarray(weights, np.float64)
        if shares.shape != (len(opponents),) or not (shares >= 0).all() or not shares.sum() > 0:
            raise ValueError(
                f"a pool of {len(opponents)} needs as many weights, none negative and not all 0, "
                f"got {weights!r}; leave them out for equal shares."
            )
        self.probabilities = shares / shares.sum()

    def draw(self, u: float) -> int:
        """The number of the opponent that the uniform number ``u`` selects."""
        return sample(self.probabilities, u)

    def __repr__(self) -> str:
        return f"Pool({self.opponents!r}, {self.probabilities.tolist()!r})"


OPPONENTS: Final[dict[str, Callable[[float], EpsilonMinimax]]] = {
    "uniform": lambda epsilon: EpsilonMinimax(1.0),
    "minimax": lambda epsilon: EpsilonMinimax(0.0),
    "epsilon_minimax": EpsilonMinimax,
}


def make_opponent(opponent: Any, observation: str = "flat") -> Opponent:
    """The opponent that ``opponent`` describes.

    Args:
        opponent: a name ("uniform", "minimax", "epsilon_minimax" or "epsilon_minimax:0.3"), an
            ``Opponent``, an agent with ``predict``, or a function of (observation, action_mask).
        observation: the form of observation that agents and functions expect.

    Raises:
        ValueError: an unknown name; the message names the nearest.
        TypeError: none of the above.
    """
    if isinstance(opponent, str):
        return _named_opponent(opponent)
    if isinstance(opponent, Opponent):
        return opponent
    if isinstance(opponent, Predicts):
        return AgentOpponent(opponent, observation)
    if callable(opponent):
        return PolicyOpponent(opponent, observation)
    raise TypeError(
        f"an opponent is one of {', '.join(OPPONENTS)}, a function of (observation, action_mask), "
        f"or an object with predict or act, got {type(opponent).__name__}."
    )


def needs_solver(opponent: Opponent) -> bool:
    """Whether the opponent plays optimal moves, which only solvable boards have."""
    return isinstance(opponent, EpsilonMinimax) and opponent.epsilon < 1.0


def sample(probabilities: Probabilities, u: float) -> int:
    """The outcome that ``u``, uniform in [0, 1), selects: the inverse of the distribution."""
    outcome = int(np.searchsorted(np.cumsum(probabilities), u, side="right"))
    return min(outcome, int(np.flatnonzero(probabilities)[-1]))  # the sum may round to below u


def check_probabilities(
    rules: MNKRules, position: Position, legal: Sequence[int], probabilities: Any
) -> None:
    """Check that ``probabilities`` is a distribution over the legal actions.

    Raises:
        ValueError: naming what is wrong: the shape, the sum, a negative entry, or weight on an
            illegal move.
    """
    board = rules.format(position)
    if probabilities.shape != (rules.num_actions,) or probabilities.dtype.kind not in "fiu":
        raise ValueError(
            f"a policy returns an integer action or {rules.num_actions} probabilities, got "
            f"{probabilities.dtype} of shape {probabilities.shape} in {board}."
        )
    if not (probabilities >= 0).all() or not np.isclose(probabilities.sum(), 1.0, atol=1e-6):
        raise ValueError(
            f"a policy's probabilities are not negative and sum to 1, got {probabilities.tolist()} "
            f"with sum {probabilities.sum():.6g} in {board}; divide by the sum."
        )
    illegal = sorted(set(np.flatnonzero(probabilities).tolist()) - set(legal))
    if illegal:
        raise ValueError(
            f"a policy gives no weight to illegal moves, got {illegal} in {board}; multiply by "
            f"action_mask and divide by the sum."
        )


def _named_opponent(name: str) -> Opponent:
    base, colon, epsilon = name.partition(":")
    check_name("an opponent", base if base == "epsilon_minimax" or not colon else name, OPPONENTS)
    try:
        return OPPONENTS[base](float(epsilon or DEFAULT_EPSILON))
    except ValueError:
        raise ValueError(
            f"epsilon_minimax takes the share of random moves, between 0 and 1, got {name!r}; "
            f"for example 'epsilon_minimax:0.3'."
        ) from None


def _point_mass(rules: MNKRules, action: int) -> Probabilities:
    probabilities = np.zeros(rules.num_actions)
    probabilities[action] = 1.0
    return probabilities
