"""The command `etude bench`: runs a suite and appends its results to a file."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Final, Literal

import tyro
from rich.console import Console

from etude.benchmarks import report, results, solver, throughput
from etude.benchmarks.results import Result

SUITES: Final[dict[str, Callable[[int, float], Iterator[Result | str]]]] = {
    "throughput": throughput.measure,
    "solver": solver.measure,
}


def bench(
    suite: Annotated[Literal["throughput", "solver"], tyro.conf.Positional],
    *,
    rounds: int = 5,
    seconds: float = 1.0,
    out: Path = Path("runs/bench"),
) -> None:
    """Measure speed; results go to `results.jsonl`, one line a run, and are shown as tables.

    Args:
        suite: "throughput": plies a second beside the peers (`pip install 'etude[peers]'` has
            them). "solver": how long exact answers take.
        rounds: how often everything is repeated.
        seconds: CPU time of a contender in each round; the solver takes what it needs.
        out: folder of the results; new ones are added to those that are there.

    Raises:
        ValueError: fewer rounds than 1, or seconds not above 0.
    """
    if rounds < 1 or not seconds > 0:
        raise ValueError(
            f"a benchmark takes at least 1 round of more than 0 seconds, got {rounds} of {seconds}."
        )
    path = out / "results.jsonl"
    console = Console(stderr=True)
    with console.status("compiling", refresh_per_second=1) as status:  # spinning takes time too
        for result in SUITES[suite](rounds, seconds):
            if isinstance(result, str):
                console.print(result)
                continue
            results.append(path, result)
            status.update(f"round {result.seed + 1} of {rounds}: {result.method}, {result.task}")
    report.report(path)
    console.print(f"results: {path}")
