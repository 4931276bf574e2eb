"""What every agent can do.

``predict`` has the signature of Stable-Baselines3, so that an agent of ours runs unchanged wherever
one of theirs does: in both libraries' ``evaluate_policy``, as an opponent, in a play session.
"""

from pathlib import Path
from typing import Any, Protocol, Self, runtime_checkable

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
