"""What a search for settings finds, on seeds that it did not see, and what Ray costs beside it.

The search is for tabular TD by self-play on tic-tac-toe, within a budget in which the book's
settings are not yet perfect. Both settings are then trained again with fresh seeds. The cost is
that of the same runs on as many workers in the same round: the time until a first run has come
back, and the time of the others.
"""

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from etude.benchmarks.report import report
from etude.benchmarks.results import Result
from etude.benchmarks.runner import Run, hire, run_all
from etude.benchmarks.search_space import read_space
from etude.benchmarks.suites import record
from etude.benchmarks.sweep_subjects import Subject, find_subject
from etude.benchmarks.sweep_trials import train_whole
from etude.benchmarks.workers import Done, Workers

BUDGET: Final = 1_000  # games
SEARCH_SEEDS: Final = 5
FRESH_SEED: Final = 100
NUM_RUNS: Final = 16  # whose cost is compared
NUM_WORKERS: Final = 2
COST: Final = f"{NUM_RUNS} runs of TD on {NUM_WORKERS} workers"


def sweep_bench(
    *,
    trials: int = 60,
    seeds: int = 20,
    rounds: int = 3,
    out: Path = Path("runs/bench"),
    workers: int | None = None,
) -> None:
    """Search settings of TD on tic-tac-toe, grade them on fresh seeds, and compare Ray's cost.

    The search is kept in the folder, and goes on where it was stopped. `pip install
    'etude[sweep]'` has Optuna and Ray; without rounds Ray is not needed.

    Args:
        trials: of the search.
        seeds: fresh ones, of the best settings and of the book's.
        rounds: of the comparison with Ray; 0 leaves it out.
        out: folder of `results.jsonl`, `sweep/` and `sweep.png`.
        workers: runs at a time in the search; one a core if left out.

    Raises:
        ValueError: fewer trials or seeds than 1.
        ImportError: Optuna or Ray is not installed.
    """
    for option, number in (("trials", trials), ("seeds", seeds)):
        if number < 1:
            raise ValueError(f"--{option} is at least 1, got {number}.")
    subject = find_subject("td", None, None, BUDGET, None)
    found = search(subject, trials, out, workers)
    path = out / "results.jsonl"
    both = {"the book's": {}, "found": found}
    fresh = range(FRESH_SEED, FRESH_SEED + seeds)
    run_all([plan(subject, name, both[name], s) for s in fresh for name in both], path, workers)
    record(measure_cost(subject, rounds), path, rounds)
    report(path)


def search(subject: Subject, trials: int, out: Path, workers: int | None) -> dict[str, Any]:
    """The best settings of a search, whose picture is left in the folder."""
    from etude.benchmarks import sweep  # these import Optuna
    from etude.benchmarks.sweep_report import best_first, draw

    space = read_space(subject.default_space, subject.defaults, subject.method)
    chosen = sweep.Plan(subject=subject, space=space, num_trials=trials, num_seeds=SEARCH_SEEDS)
    folder, console = out / "sweep", Console(stderr=True, highlight=False)
    folder.mkdir(parents=True, exist_ok=True)
    with sweep.opened(folder, chosen) as study:
        hunt = sweep.Sweep(chosen, study, folder / "results.jsonl", console.print)
        if hunt.num_missing:
            with hire(workers, None, hunt.num_missing) as hired:
                hunt.run(hired)
        ended = sweep.trials_of(study)
    draw(out / "sweep.png", chosen, ended)
    best = best_first(ended, subject.less_is_better)[0]
    return sweep.settings_of(best.params, space)


def plan(subject: Subject, name: str, settings: dict[str, Any], seed: int) -> Run:
    """A run of TD with some settings."""
    return Run(
        suite="sweep",
        task=f"TD, {subject.budget:,} games of self-play",
        method=f"{name}: {_shown(subject, settings)}",
        seed=seed,
        config=subject.config(settings),
        execute=train_whole,
    )


def _shown(subject: Subject, settings: dict[str, Any]) -> str:
    names = [text.partition("=")[0] for text in subject.default_space]
    values = {**subject.defaults, **settings}
    return ", ".join(
        f"{name} {values[name]:.2g}" if isinstance(values[name], float) else values[name]
        for name in names
    )


def measure_cost(subject: Subject, rounds: int) -> Iterator[Result | str]:
    """The same runs on processes and on a local cluster of Ray, in turn."""
    for number in range(rounds):
        for name, address in (("processes", None), ("Ray, local", "local")):
            yield f"round {number + 1} of {rounds}: {name}"
            started = time.perf_counter()
            with hire(NUM_WORKERS, address, NUM_WORKERS) as workers:
                runs = [plan(subject, "cost", {}, seed) for seed in range(NUM_RUNS)]
                first = _do(workers, runs[:NUM_WORKERS]) - started
                rest = _do(workers, runs[NUM_WORKERS:]) - started - first
            yield Result(
                suite="sweep",
                task=COST,
                method=name,
                seed=number,
                metrics={
                    "first_answers_seconds": first,
                    "each_other_run_seconds": rest / (NUM_RUNS - NUM_WORKERS),
                },
                seconds=time.perf_counter() - started,
                config={"games": BUDGET, "workers": NUM_WORKERS},
            )


def _do(workers: Workers, runs: list[Run]) -> float:
    """Do runs that never fail; returns when they were done."""
    waiting, done = list(enumerate(runs)), 0
    under_way = 0
    while done < len(runs):
        while waiting and under_way < NUM_WORKERS:
            number, run = waiting.pop(0)
            workers.start(number, partial(run.execute, run))
            under_way += 1
        ended = sum(isinstance(news, Done) for news in workers.news())
        done, under_way = done + ended, under_way - ended
    return time.perf_counter()
