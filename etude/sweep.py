"""The command `etude sweep`: a search for good settings of what learns, on a few lines."""

import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import tyro
from rich.console import Console

from etude.benchmarks.runner import hire
from etude.benchmarks.search_space import read_space
from etude.benchmarks.sweep_subjects import Subject, find_subject
from etude.output import Outcome
from etude.run_folder import claim

RUNS: Final = Path("runs/sweep")
Method = Literal[
    "td",
    "mc",
    "dqn",
    "a2c",
    "ppo",
    "maskable_ppo",
    "dqn_masked",
    "a2c_masked",
    "ppo_masked",
    "gan",
]


@dataclass(frozen=True, kw_only=True)
class Task:
    """What is learned, and how that is graded."""

    env: str | None = None
    """A board such as tictactoe (default) or 4,4,4, or the id of its environment."""
    data: str | None = None
    """For "gan": ring8 (default), grid25, spiral, moons or checkerboard."""
    objective: str | None = None
    """What is to become best. Of a board nash_conv (default of tables), score (of networks),
    win_rate, optimal_share; of data energy_distance (default), kl, reverse_kl, high_quality, modes,
    on_support."""
    budget: int | None = None
    """Of each run: games of tables (10,000), decisions of networks (20,000), updates of "gan" (as
    many as are known to be enough)."""
    opponent: str | None = None
    """As in `etude train`; self where nash_conv is the objective of a table, uniform elsewhere."""


@dataclass(frozen=True, kw_only=True)
class Search:
    """How settings are searched."""

    set: tuple[str, ...] = ()
    """Settings: NAME=LOW:HIGH, NAME=LOW:HIGH:log, or NAME=A,B,C; some that matter if left out."""
    trials: int = 30
    """How many in all; 0 shows those that there are."""
    seeds: int = 3
    """Runs of each trial, from --seed on; its objective is their mean."""
    seed: int = 0
    """Of the proposals, and the first of the runs."""
    whole: bool = False
    """Give up no trial early: by default one is that shows less than half of the others did."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the runs are done, and their results kept."""

    out: Path | None = None
    """A folder for `study.db`, `results.jsonl` and `sweep.png`; one in runs/sweep, named after the
    task, if left out."""
    workers: int | None = None
    """Trials at a time; one a core if left out. One alone makes a search repeatable."""
    ray: str | None = None
    """Run on a cluster of Ray instead: local, auto, or ray://HOST:10001."""


def sweep(
    method: Annotated[Method, tyro.conf.Positional],
    *,
    task: Annotated[Task, tyro.conf.arg(name="")] = Task(),
    search: Annotated[Search, tyro.conf.arg(name="")] = Search(),
    place: Annotated[Place, tyro.conf.arg(name="")] = Place(),
) -> Outcome:
    """Search good settings of what learns, by exact grades.

    The same command goes on where it was stopped, and more --trials extend what is done. Finished
    runs are not run again; a run whose process is killed is.

    Args:
        method: "td" and "mc": tables; "gan": a generator of points; the others are networks of
            Stable-Baselines3, see `etude train --help`.
        task: what is learned.
        search: how settings are searched.
        place: where the runs are done.

    Raises:
        ValueError: an unknown setting, range or objective, no study to show, or another study in
            the folder.
        ImportError: Optuna or Ray is not installed.
        ConnectionError: no cluster answers.
        OSError: the folder cannot be written.
    """
    check_numbers(search, place)
    subject = find_subject(method, _where(method, task), task.objective, task.budget, task.opponent)
    space = read_space(search.set or subject.default_space, subject.defaults, method)
    for name, values in space.items():
        for end in values.ends:
            subject.check({name: end})
    folder = place.out or RUNS / "-".join(re.findall(r"\w+", subject.task.replace(",", "")))
    return _search(folder, subject, space, search, place)


def check_numbers(search: Search, place: Place) -> None:
    """Check the numbers that the command line gives.

    Raises:
        ValueError: one is too small.
    """
    if search.trials < 0:
        raise ValueError(f"--trials is at least 1, or 0 to show a study, got {search.trials}.")
    for option, number in (("seeds", search.seeds), ("workers", place.workers)):
        if number is not None and number < 1:
            raise ValueError(f"--{option} is at least 1, got {number}.")


def _where(method: str, task: Task) -> str | None:
    """The board or the data; the option for the other is refused."""
    wrong = ("env", task.env) if method == "gan" else ("data", task.data)
    if wrong[1] is not None:
        raise ValueError(f"{method} takes no --{wrong[0]}, got {wrong[1]!r}; leave it out.")
    return task.data if method == "gan" else task.env


def _search(folder: Path, subject: Subject, space: Any, search: Search, place: Place) -> Outcome:
    if find_spec("optuna") is None:
        raise ImportError(
            "a sweep needs Optuna, which is not installed; run `pip install 'etude[sweep]'`."
        )
    from etude.benchmarks import sweep as study  # these import Optuna
    from etude.benchmarks.sweep_report import best_table, draw, outcome

    if search.trials == 0 and not (folder / study.STUDY).exists():
        raise ValueError(f"no study in {str(folder)!r} to show; give --trials 30, for example.")
    console = Console(stderr=True, highlight=False)
    plan = study.Plan(
        subject=subject,
        space=space,
        num_trials=search.trials,
        num_seeds=search.seeds,
        seed=search.seed,
        stops_early=not search.whole,
    )
    claim(folder, note(plan))
    with study.opened(folder, plan) as opened:
        hunt = study.Sweep(
            plan,
            opened,
            folder / "results.jsonl",
            lambda line: console.print(line, markup=False, soft_wrap=True),
        )
        if hunt.num_missing:
            with hire(place.workers, place.ray, hunt.num_missing) as workers:
                hunt.run(workers)
        trials = study.trials_of(opened)
    best_table(plan, trials).print()
    draw(folder / "sweep.png", plan, trials)
    print(f"study: {folder / study.STUDY}\npicture: {folder / 'sweep.png'}")
    return outcome(plan, trials, folder)


def note(plan: Any) -> dict[str, Any]:
    """What a study is, for the folder that it is kept in; more trials are the same study."""
    return {
        "task": plan.subject.task,
        "space": {name: str(values) for name, values in plan.space.items()},
        "seeds": plan.num_seeds,
        "seed": plan.seed,
        "gives up early": plan.stops_early,
    }
