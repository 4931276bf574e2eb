"""Monte Carlo learning: play lots of games and take statistics.

V(S) is the average result of all games in which the player moved to S: nothing is guessed from
other guesses, so nothing but the number of games limits the accuracy - and a game must end before
anything is learned from it. Reference: R. Sutton and A. Barto, "Reinforcement Learning: An
Introduction", 2nd edition, 2018, chapter 5 (on-policy, epsilon-greedy; positions never recur in a
game, so first visits are all visits). In self-play the average is over one's own old mistakes
too, which a constant step size forgets and 1/N does not.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from jaxtyping import Float64

from etude.agents import td_fast
from etude.agents.games import Game
from etude.agents.schedules import (
    Schedule,
    check_result,
    make_exploration,
    settings_from_json,
    settings_to_json,
)
from etude.agents.storage import Settings
from etude.agents.tabular_agent import TabularAgent
from etude.agents.value_table import ValueTable
from etude.envs.mnk.opponents import Opponent
from etude.envs.mnk.rules import MNKRules


@dataclass(frozen=True, kw_only=True)
class MonteCarloSettings:
    """How a ``MonteCarloAgent`` learns."""

    symmetric: bool = True
    "Whether positions that are turned or mirrored images of each other share their statistics."
    exploration: Any = 0.1
    "The share of exploratory moves, a number or a schedule."
    draw_value: float = 0.5
    "What a draw counts, where a win counts 1 and a loss 0."

    def __post_init__(self) -> None:
        check_result("draw_value", self.draw_value)
        object.__setattr__(self, "exploration", make_exploration(self.exploration))


class MonteCarloAgent(TabularAgent):
    """The average result of the games through each afterstate.

    Args:
        rules: the board.
        settings: how it learns.
        seed: of its random numbers.
    """

    kind: ClassVar[str] = "mc"

    def __init__(
        self,
        rules: MNKRules,
        settings: MonteCarloSettings | None = None,
        *,
        seed: int | None = None,
    ) -> None:
        self.settings = settings = settings or MonteCarloSettings()
        results = ((1.0, settings.draw_value, 0.0),)
        super().__init__(rules, ValueTable(rules, settings.symmetric, (0.5,), results), seed)

    def learn_from(self, game: Game, number: int) -> None:
        """V(S) becomes the mean of N results: V <- V + (result - V) / N. See ``TabularAgent``."""
        values, visits, end = self.table.values(), self.table.visits(), game.afterstates[-1]
        assert end.outcome is not None
        for ply in game.learning_plies():
            key = self.table.fold(game.afterstates[ply].position)
            count = visits[key] = visits.get(key, 0) + 1
            if game.afterstates[ply] is not end:
                result, value = self.table.result(end.outcome, ply % 2), values.get(key, 0.5)
                values[key] = value + (1.0 / count) * (result - value)

    def _learn_fast(self, games: range, opponent: Opponent | None) -> int:
        lesson = td_fast.Lesson(
            backup=td_fast.OUTCOME,
            self_play=opponent is None,
            per_visit=True,
            least_visited=False,
            trace_decay=1.0,
            draw_value=self.settings.draw_value,
        )
        schedules = self._exploration(games), np.zeros(len(games))
        return td_fast.learn(self.table, lesson, *schedules, self._tabulated(opponent), self._rng)

    def _exploration(self, games: range) -> Float64[np.ndarray, " games"]:
        schedule: Schedule = self.settings.exploration
        return schedule.over(np.array(games))

    def describe(self) -> Settings:
        """See ``TabularAgent``."""
        return settings_to_json(self.settings)

    @classmethod
    def _from_settings(cls, rules: MNKRules, settings: Settings) -> Self:
        return cls(rules, settings_from_json(MonteCarloSettings, settings))
