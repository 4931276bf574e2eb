"""Learning a model of the opponent and planning with it.

Besides policy and value there is a third thing that an agent can learn: the world. Here the rules
are known, and the unknown is how the opponent answers. The agent counts the answers to each of its
afterstates, and believes in their frequencies:

    V(S) = sum_b P(b | S) max_a V(S b a),    P(b | S) = N(S, b) / N(S).

After each game it applies the equation to the positions of that game, from the last to the first,
and then to others that it remembers, drawn at random, so that experience is used many times over.
In tic-tac-toe against a random opponent this gains a little over the max backup of ``td_value``
within 50,000 decisions, see benchmarks/README.md.

Reference: R. Sutton, "Integrated architectures for learning, planning, and reacting based on
approximating dynamic programming", ICML 1990 (Dyna); "Reinforcement Learning", 2nd edition, 2018,
section 8.2. Departures: full expectations over the model instead of sampled ones, so that no step
size is needed.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from jaxtyping import Float64

from etude.agents.games import Game
from etude.agents.schedules import (
    Schedule,
    check_result,
    make_exploration,
    settings_from_json,
    settings_to_json,
)
from etude.agents.storage import Arrays, Settings
from etude.agents.tabular_agent import TabularAgent
from etude.agents.value_table import ValueTable, check_array, num_words, pack, unpack
from etude.envs.mnk.game_graph import Node
from etude.envs.mnk.rules import MNKRules, Position


@dataclass(frozen=True, kw_only=True)
class DynaSettings:
    """How a ``DynaAgent`` learns."""

    symmetric: bool = True
    "Whether positions that are turned or mirrored images of each other share what is known."
    exploration: Any = 0.3
    "The share of exploratory moves, a number or a schedule."
    planning_updates: int = 20
    "How many remembered positions are planned for after each game."
    draw_value: float = 0.5
    "The value of a draw, where a win is 1 and a loss 0."

    def __post_init__(self) -> None:
        if self.planning_updates < 0:
            raise ValueError(
                f"planning_updates is 0 or more, got {self.planning_updates}; 0 learns from the "
                "games alone."
            )
        check_result("draw_value", self.draw_value)
        object.__setattr__(self, "exploration", make_exploration(self.exploration))


class DynaAgent(TabularAgent):
    """Values planned with a learned model of the opponent; see the module.

    Args:
        rules: the board.
        settings: how it learns.
        seed: of its random numbers.
    """

    kind: ClassVar[str] = "dyna"

    def __init__(
        self, rules: MNKRules, settings: DynaSettings | None = None, *, seed: int | None = None
    ) -> None:
        self.settings = settings = settings or DynaSettings()
        results = ((1.0, settings.draw_value, 0.0),)
        super().__init__(rules, ValueTable(rules, settings.symmetric, (0.5,), results), seed)
        self._answers: dict[Position, dict[Position, int]] = {}  # N(S, b), both by key
        self._known: list[Position] = []  # the keys of _answers, to draw from

    def answer_frequencies(self, afterstate: Position) -> dict[Position, float]:
        """P(b | S): the model's belief about the position after the opponent's answer, by key."""
        counts = self._answers.get(self.table.fold(afterstate), {})
        total = sum(counts.values())
        return {key: count / total for key, count in counts.items()}

    def learn_from(self, game: Game, number: int) -> None:
        """Count the answers of a game, then plan. See ``TabularAgent``."""
        visits, keys = self.table.visits(), []
        for ply in game.learning_plies():
            key = self.table.fold(game.afterstates[ply].position)
            visits[key] = visits.get(key, 0) + 1
            if ply + 1 < len(game.afterstates):
                self._count_answer(key, game.afterstates[ply + 1])
                keys.append(key)
        for key in reversed(keys):
            self._plan(key)
        for u in self._rng.random(self.settings.planning_updates).tolist():
            self._plan(self._known[int(u * len(self._known))])

    def _count_answer(self, key: Position, answer: Node) -> None:
        if key not in self._answers:
            self._answers[key] = {}
            self._known.append(key)
        counts, answer_key = self._answers[key], self.table.fold(answer.position)
        counts[answer_key] = counts.get(answer_key, 0) + 1

    def _plan(self, key: Position) -> None:
        """V(S) <- sum_b P(b | S) max_a V(S b a)."""
        counts = self._answers[key]
        total = sum(count * self._value_after(answer) for answer, count in counts.items())
        self.table.values()[key] = total / sum(counts.values())

    def _value_after(self, answer: Position) -> float:
        """What the agent can make of an answer."""
        node = self._graph.node(answer)
        if node.outcome is not None:
            return self.table.result(node.outcome, node.to_move)
        return max(self._scores(node.play(action))[0] for action in node.legal)

    def _exploration(self, games: range) -> Float64[np.ndarray, " games"]:
        schedule: Schedule = self.settings.exploration
        return schedule.over(np.array(games))

    def describe(self) -> Settings:
        """See ``TabularAgent``."""
        return settings_to_json(self.settings)

    @classmethod
    def _from_settings(cls, rules: MNKRules, settings: Settings) -> Self:
        return cls(rules, settings_from_json(DynaSettings, settings))

    def _to_file(self) -> Arrays:
        pairs = [(s, b, n) for s in self._known for b, n in self._answers[s].items()]
        return self.table.to_file() | {
            "model_from": pack(self.rules, [afterstate for afterstate, _, _ in pairs]),
            "model_to": pack(self.rules, [answer for _, answer, _ in pairs]),
            "model_counts": np.array([count for _, _, count in pairs], np.int64),
        }

    def _from_file(self, arrays: Arrays) -> None:
        self.table.from_file(arrays)
        check_array(arrays, "model_counts", np.int64, (None,))
        shape = (len(arrays["model_counts"]), 2, num_words(self.rules))
        for name in ("model_from", "model_to"):
            check_array(arrays, name, np.uint64, shape)
        self._answers.clear()
        pairs = (unpack(self.rules, arrays[name]) for name in ("model_from", "model_to"))
        for afterstate, answer, count in zip(*pairs, arrays["model_counts"].tolist(), strict=True):
            self._answers.setdefault(afterstate, {})[answer] = count
        self._known = list(self._answers)
