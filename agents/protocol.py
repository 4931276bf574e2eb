"""What every agent can do.

``predict`` has the signature of Stable-Baselines3, so that an agent of ours runs unchanged wherever
one of theirs does: in both libraries' ``evaluate_policy``, as an opponent, in a play session.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, Self, runtime_checkable

import gymnasium as gym
import numpy as np
from jaxtyping import Bool

from etude.envs.mnk.rules import MNKRules, Position


@runtime_checkable
class Agent(Protocol):
    """Somebody who plays."""

    def predict(
        self,
        observation: Any,
        state: Any = None,
        episode_start: Bool[np.ndarray, " n"] | None = None,
        deterministic: bool = True,
        action_masks: Bool[np.ndarray, "*batch actions"] | None = None,
    ) -> tuple[Any, Any]:
        """Actions for one flat observation or a batch of them.

        Args:
            observation: own stones, then the opponent's, shape (features,) or (n, features).
            state: passed through; the agents here remember nothing.
            episode_start: not used, for the same reason.
            deterministic: the best action, the first of equals; otherwise a draw among equals.
            action_masks: the legal actions; taken from the observation if left out.

        Returns:
            An integer action, or an array of shape (n,); and ``state``.
        """
        ...


@runtime_checkable
class Learner(Agent, Protocol):
    """An agent that learns from games of whole moves, with a table or a network of values."""

    num_games: int
    num_timesteps: int

    def learn(
        self,
        total_games: int | None = None,
        opponent: Any = "self",
        *,
        total_timesteps: int | None = None,
        env: gym.Env[Any, Any] | None = None,
        progress: bool | Callable[[Any], object] = False,
        rng: np.random.Generator | None = None,
    ) -> Self:
        """Play games and learn from them; may be called again to go on.

        Ctrl-C leaves an agent that has learned from whole games.

        Args:
            total_games: how many more games; or ``total_timesteps``.
            opponent: "self", or whatever ``make_opponent`` takes; against an opponent the agent's
                side is drawn anew each game, and only its own moves are learned from.
            total_timesteps: how many more decisions of the agent (in self-play of both sides); the
                game that reaches them is the last.
            env: an environment with flat observations to play in, instead of an opponent. It is
                seeded once a call; with its opponent "self" the agent plays both sides.
            progress: show a bar; or a function, called about ten times a second with the agent.
            rng: where moves are drawn from; the agent's own stream if left out.

        Raises:
            KeyboardInterrupt: Ctrl-C was pressed.
            TypeError: an opponent or environment that is none.
            ValueError: not one budget of at least 1, an unknown opponent, or an environment that
                does not fit the board.
        """
        ...


@runtime_checkable
class ValueAgent(Agent, Protocol):
    """An agent that says what it thinks of a position, and can be kept in a file."""

    rules: MNKRules

    def value(self, position: Position) -> float:
        """The expected result for the player to move, in [-1, 1]."""
        ...

    def action_values(self, position: Position) -> dict[int, float]:
        """The expected result of each legal action for the player who plays it, in [-1, 1]."""
        ...

    def save(self, path: Path) -> None:
        """Write the agent to a file, which replaces an older one when it is complete."""
        ...

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read an agent from a file that ``save`` wrote.

        Raises:
            ValueError: the file is truncated, of another kind, or of a newer version.
        """
        ...
