"""Learners of tic-tac-toe beside each other, each graded exactly.

The protocol is the same for all: the board, the opponent and the draw of sides; the budget is
counted in decisions of the learner, with its wall-clock time beside it (grading excluded, compiled
code warm, one thread a run). Learners by self-play see no opponent and have a table of their own.
A table that knows the symmetries of the board has a row without that knowledge, and Stable-
Baselines3's methods have one with illegal moves that lose and one with a mask. How the latter were
tuned is in ``tuning``.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from etude.agents.baseline_settings import BASELINES
from etude.agents.monte_carlo import MonteCarloAgent, MonteCarloSettings
from etude.agents.presets import find_preset, make_td
from etude.agents.schedules import PerVisit
from etude.agents.tabular_agent import SELF, TabularAgent
from etude.benchmarks.report import report
from etude.benchmarks.results import Result
from etude.benchmarks.runner import Run, run_all
from etude.benchmarks.training import ReportShare, train_sb3, train_table
from etude.envs.mnk.rules import MNKRules
from etude.foundations.names import check_name

SUITE: Final = "tictactoe"
UNIFORM: Final = "uniform"
RULES: Final = MNKRules(3, 3, 3)
TABLE_BUDGETS: Final = (50_000, 500_000, 1_000_000)  # decisions against random play
BASELINE_BUDGETS: Final = (50_000, 500_000)
TABLE_SEEDS: Final = 20
BASELINE_SEEDS: Final = 5
QUICK_SEEDS: Final = 3
BASELINE_COST: Final = 10.0  # of a decision, where a table's in plain Python costs 1
COMPILED_COST: Final = 0.05


@dataclass(frozen=True)
class Learner:
    """A table agent in the benchmark.

    Attributes:
        make: the agent, from its seed.
        num_games: the budget by self-play.
        budgets: of decisions against random play.
        compiled: whether it learns by the compiled path, or in plain Python.
    """

    make: Callable[[int], TabularAgent]
    num_games: int = 100_000
    budgets: tuple[int, ...] = TABLE_BUDGETS
    compiled: bool = True


def _preset(name: str) -> Callable[[int], TabularAgent]:
    return partial(find_preset(name).make, RULES)


def _td(**settings: Any) -> Callable[[int], TabularAgent]:
    return partial(make_td, RULES, **settings)


def _monte_carlo_without_symmetry(seed: int) -> TabularAgent:
    return MonteCarloAgent(RULES, MonteCarloSettings(symmetric=False), seed=seed)


BY_SELF_PLAY: Final[dict[str, Learner]] = {
    "perfect": Learner(_preset("perfect"), num_games=600),
    "perfect-python": Learner(_preset("perfect"), num_games=600, compiled=False),
    "max-backup": Learner(_preset("max-backup")),
    "max-backup-no-symmetry": Learner(
        _td(backup="max", step_size=1.0, exploration=1.0, symmetric=False)
    ),
    "book": Learner(_preset("book")),
    "book-python": Learner(_preset("book"), compiled=False),
    "book-no-symmetry": Learner(_td(symmetric=False)),
    "book-decayed": Learner(_preset("book-decayed")),
    "book-optimistic": Learner(_td(initial_value=1.0)),
    "td-lambda": Learner(_td(backup="lambda")),
    "monte-carlo": Learner(_preset("monte-carlo")),
    "monte-carlo-no-symmetry": Learner(_monte_carlo_without_symmetry),
}
AGAINST_RANDOM: Final[dict[str, Learner]] = {
    "book": Learner(_preset("book")),
    "book-python": Learner(_preset("book"), budgets=TABLE_BUDGETS[:1], compiled=False),
    "book-no-symmetry": Learner(_td(symmetric=False)),
    "beat-random": Learner(_preset("beat-random")),
    "beat-random-python": Learner(
        _preset("beat-random"), budgets=TABLE_BUDGETS[:1], compiled=False
    ),
    "beat-random-no-symmetry": Learner(
        _td(backup="max", step_size=PerVisit(), exploration=0.5, symmetric=False)
    ),
    "win-most": Learner(_preset("win-most")),
    "monte-carlo": Learner(_preset("monte-carlo")),
    "dyna-python": Learner(_preset("dyna"), budgets=TABLE_BUDGETS[:1], compiled=False),
}
METHODS: Final = tuple(dict.fromkeys([*BY_SELF_PLAY, *AGAINST_RANDOM, *BASELINES]))


def tictactoe(
    *,
    quick: bool = False,
    seeds: int | None = None,
    methods: tuple[str, ...] = (),
    out: Path = Path("runs/bench"),
    workers: int | None = None,
    ray: str | None = None,
) -> None:
    """Compare learners of tic-tac-toe: tables beside Stable-Baselines3, graded exactly.

    Runs that are in the folder already are not run again, so that a comparison which was stopped
    with Ctrl-C goes on, and one that is done can be extended. All of it takes about an hour on two
    cores, `--quick` some minutes.

    Args:
        quick: 3 seeds, and the smallest budget alone.
        seeds: of each method; 20 of tables and 5 of Stable-Baselines3 if left out.
        methods: some of them; all if left out.
        out: folder of `results.jsonl` and `report.html`.
        workers: runs at a time; one a core if left out.
        ray: run on a cluster of Ray instead: local, auto, or ray://HOST:10001.

    Raises:
        ValueError: an unknown method, or fewer seeds or workers than 1.
        RuntimeError: some runs failed; the others are in the folder.
    """
    for name in methods:
        check_name("a method", name, METHODS)
    for option, number in (("seeds", seeds), ("workers", workers)):
        if number is not None and number < 1:
            raise ValueError(f"--{option} is at least 1, got {number}.")
    console, path = Console(stderr=True), out / "results.jsonl"
    runs = [run for run in plan(quick, seeds) if not methods or run.method in methods]
    if not has_baselines():
        console.print(
            "without Stable-Baselines3, which is not installed: `pip install 'etude[baselines]'`"
        )
    num_done = run_all(runs, path, workers, ray)
    if num_done:
        console.print(f"{num_done} of {len(runs)} runs were done before")
    report(path, html=out / "report.html")


def plan(quick: bool = False, seeds: int | None = None) -> Iterator[Run]:
    """All runs of the suite, those that are over soonest first."""
    num_budgets = 1 if quick else None
    for seed in range(seeds or (QUICK_SEEDS if quick else TABLE_SEEDS)):
        for method in BY_SELF_PLAY:
            yield self_play_run(method, seed)
        for method, learner in AGAINST_RANDOM.items():
            for budget in learner.budgets[:num_budgets]:
                yield against_random_run(method, seed, budget)
    if has_baselines():
        for budget in BASELINE_BUDGETS[:num_budgets]:
            for seed in range(seeds or (QUICK_SEEDS if quick else BASELINE_SEEDS)):
                for method in BASELINES:
                    yield baseline_run(method, seed, budget)


def has_baselines() -> bool:
    """Whether Stable-Baselines3 is installed."""
    return find_spec("sb3_contrib") is not None


def self_play_run(method: str, seed: int) -> Run:
    """A table agent that plays itself."""
    learner = BY_SELF_PLAY[method]
    return Run(
        suite=SUITE,
        task="self-play",
        method=method,
        seed=seed,
        config=_config(learner, SELF, "games", learner.num_games),
        execute=learn_by_self_play,
        cost=_cost(learner, learner.num_games),
    )


def against_random_run(method: str, seed: int, budget: int) -> Run:
    """A table agent that plays against random moves."""
    learner = AGAINST_RANDOM[method]
    return Run(
        suite=SUITE,
        task=task_of(budget),
        method=method,
        seed=seed,
        config=_config(learner, UNIFORM, "decisions", budget),
        execute=learn_against_random,
        cost=_cost(learner, budget),
    )


def _config(learner: Learner, opponent: str, unit: str, budget: int) -> dict[str, Any]:
    return {
        "opponent": opponent,
        "compiled": learner.compiled,
        unit: budget,
        "settings": learner.make(0).describe(),
    }


def _cost(learner: Learner, budget: int) -> float:
    return budget * (COMPILED_COST if learner.compiled else 1.0)


def baseline_run(method: str, seed: int, budget: int) -> Run:
    """An agent of Stable-Baselines3 that plays against random moves."""
    from etude.agents.baselines import METHODS

    return Run(
        suite=SUITE,
        task=task_of(budget),
        method=method,
        seed=seed,
        config={
            "method": method,
            "opponent": UNIFORM,
            "decisions": budget,
            "settings": asdict(METHODS[method].config),
        },
        execute=train_sb3,
        cost=budget * BASELINE_COST,
    )


def task_of(budget: int) -> str:
    """What learning against random play within a budget of decisions is called."""
    return f"against random, {budget:,} decisions"


def learn_by_self_play(run: Run, report_share: ReportShare) -> Result:
    """See ``train_table``."""
    return train_table(run, BY_SELF_PLAY[run.method].make, report_share)


def learn_against_random(run: Run, report_share: ReportShare) -> Result:
    """See ``train_table``."""
    return train_table(run, AGAINST_RANDOM[run.method].make, report_share)
