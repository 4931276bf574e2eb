"""Agents that are known to reach a named optimum of tic-tac-toe, with what it is.

Three notions of "best" disagree on 3 x 3, so each preset names its own. A score against a random
opponent is the mean of both seats.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from etude.agents.dyna import DynaAgent
from etude.agents.monte_carlo import MonteCarloAgent
from etude.agents.perfect_play import PerfectPlayAgent
from etude.agents.schedules import Exponential, PerVisit
from etude.agents.tabular_agent import SELF, TabularAgent
from etude.agents.td_value import TDSettings, TDValueAgent
from etude.envs.mnk.retrograde import MAX_TABLE_CELLS
from etude.envs.mnk.rules import MNKRules
from etude.envs.mnk.state_space import state_space
from etude.foundations.names import check_name

UNIFORM: Final = "uniform"
POSITIONS: Final = 627  # of 3 x 3 that are not over, up to symmetry
MAX_GAMES: Final = 2_000_000  # that a preset plays unless told to: a minute of compiled learning
PERFECT: Final = "exploitability 0"
NEVER_LOSES: Final = "exploitability 0, and most wins against random of all that never lose"
MOST_POINTS: Final = "greatest wins minus losses against random"
MOST_WINS: Final = "most wins against random"

OPTIMA: Final[dict[str, float]] = {
    PERFECT: 0.0,  # the exploitability itself
    NEVER_LOSES: (191 / 192 + 866 / 945) / 2,
    MOST_POINTS: (191 / 192 + 874 / 945) / 2,
    MOST_WINS: (191 / 192 + 887 / 945) / 2,
}
"""The exact figure of each optimum on 3 x 3: share of wins, or wins minus losses."""


@dataclass(frozen=True)
class Preset:
    """A ready-made agent.

    Attributes:
        make: the agent, from rules and seed.
        opponent: whom it learns against.
        num_games: a budget for 3 x 3. With it "perfect" reaches its optimum on every seed, one game
            for each position (see ``perfect_play``); the presets against random came within 0.1 %
            of theirs on 20 of 20 seeds, "book" reached its own on 98 of 100.
        optimum: what it aims at, a key of ``OPTIMA``.
        has_fast_path: whether ``learn(fast=True)`` works.
    """

    make: Callable[[MNKRules, int | None], TabularAgent]
    opponent: str
    num_games: int
    optimum: str
    has_fast_path: bool = True

    def games_for(self, rules: MNKRules) -> int:
        """A budget for another board: as many games a position, up to symmetry, as on 3 x 3.

        For "perfect" it is enough on every seed. It is at most ``MAX_GAMES``, and that of 3 x 3,
        a beginning, on boards too large to be enumerated.

        >>> find_preset("perfect").games_for(MNKRules(3, 4, 3))
        20088
        """
        if rules.num_cells > MAX_TABLE_CELLS:
            return self.num_games
        num_positions = state_space(rules).num_ongoing_up_to_symmetry
        return min(-(-self.num_games * num_positions // POSITIONS), MAX_GAMES)

    def train(self, rules: MNKRules, seed: int | None = None, **options: Any) -> TabularAgent:
        """The agent after ``games_for`` games; ``options`` are those of ``learn``."""
        return self.make(rules, seed).learn(self.games_for(rules), self.opponent, **options)


def make_td(rules: MNKRules, seed: int | None, **settings: Any) -> TDValueAgent:
    """A ``TDValueAgent`` with some settings."""
    return TDValueAgent(rules, TDSettings(**settings), seed=seed)


def _perfect(rules: MNKRules, seed: int | None) -> TabularAgent:
    return PerfectPlayAgent(rules, seed=seed)


def _book(rules: MNKRules, seed: int | None) -> TabularAgent:
    return make_td(rules, seed)


def _book_decayed(rules: MNKRules, seed: int | None) -> TabularAgent:
    step_size, exploration = Exponential(0.5, 0.01, 100_000), Exponential(0.3, 0.01, 100_000)
    return make_td(rules, seed, step_size=step_size, exploration=exploration)


def _max_backup(rules: MNKRules, seed: int | None) -> TabularAgent:
    return make_td(rules, seed, backup="max", step_size=1.0, exploration=1.0)


def _beat_random(rules: MNKRules, seed: int | None) -> TabularAgent:
    return make_td(rules, seed, backup="max", step_size=PerVisit(), exploration=0.5)


def _win_most(rules: MNKRules, seed: int | None) -> TabularAgent:
    return make_td(rules, seed, backup="max", step_size=PerVisit(), exploration=0.5, draw_value=0.0)


def _monte_carlo(rules: MNKRules, seed: int | None) -> TabularAgent:
    return MonteCarloAgent(rules, seed=seed)


def _dyna(rules: MNKRules, seed: int | None) -> TabularAgent:
    return DynaAgent(rules, seed=seed)


PRESETS: Final[dict[str, Preset]] = {
    "perfect": Preset(_perfect, SELF, POSITIONS, NEVER_LOSES),
    "book": Preset(_book, SELF, 100_000, PERFECT),
    "book-decayed": Preset(_book_decayed, SELF, 100_000, PERFECT),
    "max-backup": Preset(_max_backup, SELF, 10_000, PERFECT),
    "beat-random": Preset(_beat_random, UNIFORM, 200_000, MOST_POINTS),
    "win-most": Preset(_win_most, UNIFORM, 200_000, MOST_WINS),
    "monte-carlo": Preset(_monte_carlo, SELF, 100_000, PERFECT),
    "dyna": Preset(_dyna, UNIFORM, 10_000, MOST_POINTS, has_fast_path=False),
}


def find_preset(name: str) -> Preset:
    """The preset called ``name``.

    Raises:
        ValueError: there is none; the message lists them.
    """
    check_name("a preset", name, PRESETS)
    return PRESETS[name]
