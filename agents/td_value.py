"""Temporal-difference learning of afterstate values, the tic-tac-toe player of Sutton and Barto.

V(S) estimates how a game ends for the player who just moved to S: 1 for a win, 0 for a loss, and
what ``draw_value`` says for a draw. The agent plays mostly greedily, sometimes explores, and after
each greedy move makes the earlier value a bit closer to the later one:

    V(S_t) <- V(S_t) + step_size [V(S_{t+1}) - V(S_t)],

where S_{t+1} is the same player's next afterstate. Reference: R. Sutton and A. Barto,
"Reinforcement Learning: An Introduction", 2nd edition, 2018, section 1.5. Departures: in self-play
both players learn, in the same table; and two other targets can be chosen, see ``BACKUPS``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Self

import numpy as np
from jaxtyping import Float64

from etude.agents import td_fast
from etude.agents.games import Game
from etude.agents.schedules import (
    PerVisit,
    Schedule,
    check_fraction,
    check_result,
    make_exploration,
    make_schedule,
    settings_from_json,
    settings_to_json,
)
from etude.agents.storage import Settings
from etude.agents.tabular_agent import TabularAgent
from etude.agents.value_table import ValueTable
from etude.envs.mnk.game_graph import Node
from etude.envs.mnk.opponents import Opponent
from etude.envs.mnk.rules import MNKRules
from etude.foundations.names import check_name

LEAST_VISITED: Final = "least_visited"
EXPLORERS: Final = ("uniform", LEAST_VISITED)


@dataclass(frozen=True, kw_only=True)
class TDSettings:
    """How a ``TDValueAgent`` learns."""

    backup: str = "sutton_barto"
    "The target of an update, a key of BACKUPS."
    symmetric: bool = True
    "Whether positions that are turned or mirrored images of each other share a value."
    step_size: Any = 0.1
    "A number or a schedule; Sutton and Barto, section 1.5."
    exploration: Any = 0.1
    "The share of exploratory moves, a number or a schedule."
    explorer: str = "uniform"
    "How an exploratory move is drawn: among all, or among those least visited."
    initial_value: float = 0.5
    "Of every position that is not terminal; 1 is optimistic: what is new looks good."
    draw_value: float = 0.5
    "The value of a draw; 0 makes the agent play for wins alone."
    trace_decay: float = 0.8
    "lambda, the weight of later values; used by backup 'lambda' alone."

    def __post_init__(self) -> None:
        check_name("a backup", self.backup, BACKUPS)
        check_name("an explorer", self.explorer, EXPLORERS)
        check_result("initial_value", self.initial_value)
        check_result("draw_value", self.draw_value)
        check_fraction("trace_decay", self.trace_decay)
        object.__setattr__(self, "step_size", make_schedule(self.step_size))
        object.__setattr__(self, "exploration", make_exploration(self.exploration))


class TDValueAgent(TabularAgent):
    """A table of afterstate values, learned by temporal differences.

    Args:
        rules: the board.
        settings: how it learns.
        seed: of its random numbers.

    >>> agent = TDValueAgent(MNKRules(3, 3, 3), TDSettings(backup="max", step_size=1.0), seed=1)
    >>> agent.learn(10).num_games
    10
    """

    kind: ClassVar[str] = "td"

    def __init__(
        self, rules: MNKRules, settings: TDSettings | None = None, *, seed: int | None = None
    ) -> None:
        self.settings = settings = settings or TDSettings()
        results = ((1.0, settings.draw_value, 0.0),)
        table = ValueTable(rules, settings.symmetric, (settings.initial_value,), results)
        super().__init__(rules, table, seed)
        self._steps: Schedule = settings.step_size
        self._per_visit = isinstance(settings.step_size, PerVisit)

    def learn_from(self, game: Game, number: int) -> None:
        """See ``TabularAgent``."""
        if game.learner is None:
            self._check_self_play()
        self._step_size = float(self._steps.over(np.array([number]))[0])
        visits = self.table.visits()
        for ply in game.learning_plies():
            key = self.table.fold(game.afterstates[ply].position)
            visits[key] = visits.get(key, 0) + 1
        BACKUPS[self.settings.backup](self, game)

    def back_up_sutton_barto(self, game: Game) -> None:
        """V(S_t) <- V(S_t) + step_size [V(S_{t+1}) - V(S_t)] after greedy moves, in order.

        An exploratory move does not change the value of the position before it.
        """
        last = len(game.afterstates) - 1
        for ply in game.learning_plies():
            if ply + 2 <= last and game.greedy[ply + 2]:
                self._move_toward(game, ply, self._value(game, ply + 2))
            elif ply + 1 == last:  # the answer ended the game
                self._move_toward(game, ply, self._result(game, ply))

    def back_up_max(self, game: Game) -> None:
        """The target is the best that can follow, whatever was played; from the end to the start.

        In self-play the opponent answers by the same table, and what is good for one is bad for
        the other: V(S) <- 1 - max V(answers). Against an opponent the answer is the one they gave,
        and the maximum is over the agent's own next moves, as in Q-learning (C. Watkins, "Learning
        from delayed rewards", 1989).
        """
        last = len(game.afterstates) - 1
        for ply in reversed(game.learning_plies()):
            if ply == last:
                continue
            if game.learner is None:
                target = 1.0 - self._best_value_after(game, ply)
            elif ply + 1 == last:
                target = self._result(game, ply)
            else:
                target = self._best_value_after(game, ply + 1)
            self._move_toward(game, ply, target)

    def back_up_lambda(self, game: Game) -> None:
        """The lambda-return G_t = (1 - lambda) V(S_{t+1}) + lambda G_{t+1}, from end to start.

        Section 12.1 of the book, with values as they are when they are needed. The return is cut at
        an exploratory move, which changes nothing before it.
        """
        last, decay = len(game.afterstates) - 1, self.settings.trace_decay
        returns = [0.0] * len(game.afterstates)
        for ply in reversed(game.learning_plies()):
            if ply == last:
                returns[ply] = self._value(game, ply)
                continue
            if ply + 1 == last:
                returns[ply] = self._result(game, ply)
            elif game.greedy[ply + 2]:
                later = self._value(game, ply + 2)
                returns[ply] = (1.0 - decay) * later + decay * returns[ply + 2]
            else:
                returns[ply] = self._value(game, ply)
                continue
            self._move_toward(game, ply, returns[ply])

    def _move_toward(self, game: Game, ply: int, target: float) -> None:
        """V(S) <- V(S) + step_size [target - V(S)]."""
        key = self.table.fold(game.afterstates[ply].position)
        values = self.table.values()
        value = values.get(key, self.settings.initial_value)
        step_size = self._step_size
        if self._per_visit:
            step_size = max(1.0 / self.table.visits()[key], step_size)
        values[key] = value + step_size * (target - value)

    def _value(self, game: Game, ply: int) -> float:
        """V of the afterstate number ``ply``."""
        return self._scores(game.afterstates[ply])[0]

    def _result(self, game: Game, ply: int) -> float:
        """How the game ended for the player who made the move number ``ply``."""
        outcome = game.afterstates[-1].outcome
        assert outcome is not None
        return self.table.result(outcome, ply % 2)

    def _best_value_after(self, game: Game, ply: int) -> float:
        """The best V that the next move can reach."""
        node = game.afterstates[ply]
        return max(self._scores(node.play(action))[0] for action in node.legal)

    def _check_self_play(self) -> None:
        if self.settings.backup == "max" and self.settings.draw_value != 0.5:
            raise ValueError(
                "in self-play the max backup takes a player's value for 1 minus the other's, so a "
                f"draw is worth 0.5, got draw_value={self.settings.draw_value}; choose another "
                "backup, or an opponent."
            )

    def _learn_fast(self, games: range, opponent: Opponent | None) -> int:
        """See ``TabularAgent.learn``."""
        if opponent is None:
            self._check_self_play()
        lesson = td_fast.Lesson(
            backup=list(BACKUPS).index(self.settings.backup),
            self_play=opponent is None,
            per_visit=self._per_visit,
            least_visited=self.settings.explorer == LEAST_VISITED,
            trace_decay=self.settings.trace_decay,
            draw_value=self.settings.draw_value,
        )
        schedules = self._exploration(games), self._steps.over(np.array(games))
        return td_fast.learn(self.table, lesson, *schedules, self._tabulated(opponent), self._rng)

    def _exploration(self, games: range) -> Float64[np.ndarray, " games"]:
        exploration: Float64[np.ndarray, " games"] = self.settings.exploration.over(np.array(games))
        return exploration

    def _exploratory(self, children: Sequence[Node]) -> list[int]:
        if self.settings.explorer != LEAST_VISITED:
            return super()._exploratory(children)
        return self._least_visited(children)

    def describe(self) -> Settings:
        """See ``TabularAgent``."""
        return settings_to_json(self.settings)

    @classmethod
    def _from_settings(cls, rules: MNKRules, settings: Settings) -> Self:
        return cls(rules, settings_from_json(TDSettings, settings))


BACKUPS: Final[dict[str, Callable[[TDValueAgent, Game], None]]] = {
    "sutton_barto": TDValueAgent.back_up_sutton_barto,
    "max": TDValueAgent.back_up_max,
    "lambda": TDValueAgent.back_up_lambda,
}
