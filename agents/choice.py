"""What an agent wants to play, legal or not: whoever asks decides what an illegal move costs."""

from collections.abc import Sequence

from etude.envs.mnk.opponents import AgentOpponent, Predicts
from etude.envs.mnk.rules import MNKRules, Position


def choose(agent: Predicts, rules: MNKRules, position: Position, observation: str = "flat") -> int:
    """The agent's deterministic move in one position; see ``choose_in_all``."""
    return choose_in_all(agent, rules, [position], observation)[0]


def choose_in_all(
    agent: Predicts, rules: MNKRules, positions: Sequence[Position], observation: str = "flat"
) -> list[int]:
    """The agent's deterministic moves in several positions, by one call of ``predict``.

    Args:
        agent: gets the action mask if its ``predict`` takes one, and need not heed it.
        rules: the board.
        positions: at least one, none of which is over.
        observation: the form of observation that the agent was trained on.
    """
    return AgentOpponent(agent, observation).choose_all(rules, positions)
