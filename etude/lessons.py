"""The methods of `etude train`: which agent learns, from whom, and how long if nobody says."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from gymnasium.error import DependencyNotInstalled

from etude.agents.baseline_settings import BASELINES
from etude.agents.learning import Budget
from etude.agents.ntuple import NTupleAgent
from etude.agents.ntuple_network import NTupleConfig
from etude.agents.presets import find_preset
from etude.agents.tuner_settings import TUNING_METHODS
from etude.envs.mnk.retrograde import MAX_TABLE_CELLS
from etude.envs.mnk.rules import MNKRules
from etude.envs.mnk.settings import SELF_PLAY
from etude.envs.registration import STYLE_WEIGHTS
from etude.foundations.names import check_name
from etude.players import player

TABLE_PRESETS: Final[dict[str, tuple[str, ...]]] = {
    "td": ("perfect", "book", "book-decayed", "max-backup", "beat-random", "win-most"),
    "mc": ("monte-carlo",),
    "dyna": ("dyna",),
}
"""The presets of the agents with a table, the default first."""

NTUPLE: Final = "ntuple"
METHODS: Final = (*TABLE_PRESETS, NTUPLE, *BASELINES)
NTUPLE_GAMES: Final = 100_000
BASELINE_TIMESTEPS: Final = 50_000
BASELINE_OPPONENT: Final = "uniform"

Watch = Callable[[Any], object]
"""What a lesson calls now and then with the agent as it is."""
TakeUp = Callable[[Any], Any]
"""Makes of a fresh agent the one with which learning goes on."""
RESUMABLE: Final = (*TABLE_PRESETS, NTUPLE)
"""The methods whose agents go on from their files as if they had not been stopped.

The others go on from a checkpoint.
"""


@dataclass(frozen=True)
class Wishes:
    """What the command line says of a lesson; None where it leaves the choice to the method.

    Attributes:
        preset: of an agent with a table.
        opponent: whom the agent learns against: "self", or what ``etude.players.player`` takes.
        games: how many games; or
        timesteps: how many decisions of the agent.
        seed: of all random numbers.
    """

    preset: str | None = None
    opponent: str | None = None
    games: int | None = None
    timesteps: int | None = None
    seed: int = 0

    def budget(self) -> Budget | None:
        """How much the agent is to learn.

        Raises:
            ValueError: games and timesteps, or fewer than 1.
        """
        if self.games is None and self.timesteps is None:
            return None
        return Budget(self.games, self.timesteps)


@dataclass(frozen=True)
class Lesson:
    """What is to be done.

    Attributes:
        learn: makes the agent learn, and shows it to a function now and then.
        budget: how much it learns.
        optimum: what it aims at, if that is known.
        num_before: what the agent had used of the budget when it was taken up.
    """

    learn: Callable[[Watch], object]
    budget: Budget
    optimum: str | None = None
    num_before: int = 0


def as_it_is(agent: Any) -> Any:
    """The fresh agent itself: a lesson from its beginning."""
    return agent


def make_lesson(
    method: str,
    rules: MNKRules,
    wishes: Wishes,
    take_up: TakeUp = as_it_is,
    checkpoint: Path | None = None,
) -> Lesson:
    """The lesson of a method on a board.

    Args:
        method: one of ``METHODS``.
        rules: the board.
        wishes: what was asked for.
        take_up: of the methods in ``RESUMABLE``, with which agent learning goes on.
        checkpoint: of the others, where learning is kept and goes on.

    Raises:
        ValueError: an unknown method, or wishes that it cannot fulfil.
        ImportError: the method needs libraries that are not installed.
    """
    if method not in METHODS and method in TUNING_METHODS:
        raise ValueError(
            f"{method} learns to tune a style transfer, got the board {rules.name}; add `--env "
            f"{STYLE_WEIGHTS}`."
        )
    check_name("a method", method, METHODS)
    if method in TABLE_PRESETS:
        return _table_lesson(method, rules, wishes, take_up)
    if wishes.preset is not None:
        raise ValueError(f"{method} has no presets, got {wishes.preset!r}; leave it out.")
    if method == NTUPLE:
        return _ntuple_lesson(rules, wishes, take_up)
    return _baseline_lesson(method, rules, wishes, checkpoint)


def _table_lesson(method: str, rules: MNKRules, wishes: Wishes, take_up: TakeUp) -> Lesson:
    name = wishes.preset or TABLE_PRESETS[method][0]
    check_name(f"a preset of {method}", name, TABLE_PRESETS[method])
    preset = find_preset(name)
    budget = wishes.budget() or Budget(preset.games_for(rules))
    agent = take_up(preset.make(rules, wishes.seed))
    learn = _learning(
        agent,
        budget,
        opponent=_opponent(wishes, rules, preset.opponent),
        fast=preset.has_fast_path and rules.num_cells <= MAX_TABLE_CELLS,
    )
    optimum = preset.optimum if wishes.opponent is None else None
    return Lesson(learn, budget, optimum, budget.count(agent))


def _ntuple_lesson(rules: MNKRules, wishes: Wishes, take_up: TakeUp) -> Lesson:
    budget = wishes.budget() or Budget(NTUPLE_GAMES)
    fewest_games = budget.safe_games(budget.total, rules)
    config = NTupleConfig(decay_games=fewest_games)
    agent = take_up(NTupleAgent(rules, config, np.random.default_rng(wishes.seed)))
    learn = _learning(agent, budget, opponent=_opponent(wishes, rules, SELF_PLAY))
    return Lesson(learn, budget, num_before=budget.count(agent))


def _learning(agent: Any, budget: Budget, **options: Any) -> Callable[[Watch], object]:
    """Learning of what is left of a budget, which may be nothing."""
    left = budget.left(agent)
    if left is None:
        return lambda watch: watch(agent)
    learn = partial(agent.learn, left.total_games, total_timesteps=left.total_timesteps, **options)
    return lambda watch: learn(progress=watch)


def _baseline_lesson(
    method: str, rules: MNKRules, wishes: Wishes, checkpoint: Path | None
) -> Lesson:
    if wishes.games is not None:
        raise ValueError(
            f"{method} learns from a number of decisions, got {wishes.games} games; give "
            "--timesteps instead."
        )
    budget = wishes.budget() or Budget(total_timesteps=BASELINE_TIMESTEPS)
    try:
        import torch

        from etude.agents.baselines import train_baseline
        from etude.agents.sb3_run import steps_kept
    except (ImportError, DependencyNotInstalled) as error:
        raise ImportError(
            f"{method} is an agent of Stable-Baselines3 or sb3-contrib, which are not installed; "
            "run `pip install 'etude[baselines]'`."
        ) from error
    torch.set_num_threads(1)  # networks this small lose more by sharing the work than they gain
    learn = partial(
        train_baseline,
        method,
        rules,
        budget.total,
        seed=wishes.seed,
        opponent=_opponent(wishes, rules, BASELINE_OPPONENT),
        checkpoint=checkpoint,
    )
    return Lesson(lambda watch: learn(progress=watch), budget, num_before=steps_kept(checkpoint))


def _opponent(wishes: Wishes, rules: MNKRules, default: str) -> Any:
    """An ``Opponent``, or "self"."""
    name = wishes.opponent or default
    return name if name == SELF_PLAY else player(name, rules, wishes.seed)
