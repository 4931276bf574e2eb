"""Runs of learners: in parallel processes, each only once, with a bar that knows how long it takes.

A finished run is a line in a file of results, and a run whose line is already there is not run
again: a benchmark that was stopped goes on where it was, and one that was done can be extended by
seeds or methods.
"""

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import Any, Final, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from etude.benchmarks import results
from etude.benchmarks.results import Result

POLL_SECONDS: Final = 0.2
SPEED_WINDOW_SECONDS: Final = 600.0  # the bar goes by the speed of the last ten minutes
Report = Callable[[float], None]


@dataclass(frozen=True, kw_only=True)
class Run:
    """One method, one task, one seed.

    Attributes:
        suite: as in ``Result``, like the next four.
        task: what is to be done.
        method: who does it.
        seed: of everything that is random.
        config: what the method is told; a run with another config is another run.
        execute: does it, in another process: a function of a module, handed the run and what to
            call with the share that is done, in [0, 1].
        cost: about how long it takes, in the same unit for all runs.
    """

    suite: str
    task: str
    method: str
    seed: int
    execute: Callable[["Run", Report], Result]
    config: dict[str, Any] = field(default_factory=dict)
    cost: float = 1.0

    def result(self, **measured: Any) -> Result:
        """The result of this run, from what was measured."""
        return Result(
            suite=self.suite,
            task=self.task,
            method=self.method,
            seed=self.seed,
            config=self.config,
            **measured,
        )


def run_all(runs: Iterable[Run], path: Path, num_workers: int | None = None) -> int:
    """Do the runs whose results are not in a file yet, and add them to it as they come.

    Ctrl-C ends the runs that are under way; those that are done stay in the file.

    Args:
        runs: in the order in which they are begun.
        path: the file of results.
        num_workers: processes, one a core if left out.

    Returns:
        How many runs were done before.

    Raises:
        RuntimeError: some runs failed; the others were done all the same.
    """
    runs = list(runs)
    done = {_key(line) for line in results.read(path)} if path.exists() else set()
    to_do = [run for run in runs if _key(vars(run)) not in done]
    if to_do:
        failures = _run_in_parallel(
            to_do, path, min(num_workers or os.cpu_count() or 1, len(to_do))
        )
        if failures:
            raise RuntimeError(
                f"{len(failures)} of {len(to_do)} runs failed, the others are in {path}; the first "
                f"to fail was {failures[0]}"
            )
    return len(runs) - len(to_do)


def _key(run: dict[str, Any]) -> str:
    """What makes a run the same as another."""
    return json.dumps([run.get(name) for name in ("suite", "task", "method", "seed", "config")])


def _run_in_parallel(runs: Sequence[Run], path: Path, num_workers: int) -> list[str]:
    """Do the runs; returns what went wrong."""
    context = get_context("spawn")  # PyTorch and numba have threads, which a fork would break
    shares, stop = context.SimpleQueue(), context.Event()
    pool = ProcessPoolExecutor(num_workers, context, _start_worker, (shares, stop))
    try:
        with _Bar(runs) as bar:
            futures = {pool.submit(_execute, i, run): i for i, run in enumerate(runs)}
            failures, waiting = [], set(futures)
            while waiting:
                finished, waiting = wait(waiting, POLL_SECONDS, FIRST_COMPLETED)
                while not shares.empty():
                    bar.update(*shares.get())
                for future in finished:
                    run = runs[futures[future]]
                    if (error := future.exception()) is None:
                        results.append(path, future.result())
                    else:
                        failures.append(f"{run.method}, {run.task}, seed {run.seed}: {error!r}")
                    bar.finish(futures[future])
            return failures
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


class Stopped(Exception):
    """Raised in a run that is to end early."""


_shares: Any = None  # of a worker: a queue and an event, which have no common public types
_stop: Any = None


def _start_worker(shares: Any, stop: Any) -> None:
    global _shares, _stop
    _shares, _stop = shares, stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the main process tells when to stop
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.environ["OMP_NUM_THREADS"] = "1"  # of PyTorch, not imported yet: what is parallel are runs


def _end_with_parent() -> None:
    """A worker whose main process was killed would wait for work for ever."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _execute(number: int, run: Run) -> Result:
    last = 0.0

    def report(share: float) -> None:
        nonlocal last
        if _stop.is_set():
            raise Stopped
        if time.monotonic() > last + POLL_SECONDS:
            last = time.monotonic()
            _shares.put((number, share))

    return run.execute(run, report)


class _Bar:
    """How much of the work is done, each run weighted by its cost."""

    def __init__(self, runs: Sequence[Run]) -> None:
        self._runs = runs
        self._shares = [0.0] * len(runs)
        self._num_finished = 0
        self._progress = Progress(
            BarColumn(),
            TextColumn("{task.percentage:.0f} %"),
            TimeRemainingColumn(),
            TextColumn("{task.description}"),
            console=Console(stderr=True),
            speed_estimate_period=SPEED_WINDOW_SECONDS,
        )
        self._task = self._progress.add_task("starting", total=sum(run.cost for run in runs))

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def update(self, number: int, share: float) -> None:
        """A run says how much of it is done."""
        self._shares[number] = share
        running = [
            f"{run.method} {run.seed}"
            for run, share in zip(self._runs, self._shares, strict=True)
            if 0.0 < share < 1.0
        ]
        counted = f"{self._num_finished} of {len(self._runs)} runs"
        description = "; ".join(filter(None, [counted, ", ".join(running)]))
        costs = zip(self._runs, self._shares, strict=True)
        completed = sum(run.cost * share for run, share in costs)
        self._progress.update(self._task, completed=completed, description=description)

    def finish(self, number: int) -> None:
        """A run has ended."""
        self._num_finished += 1
        self.update(number, 1.0)
