"""Runs of learners: in parallel, each only once, with a bar that knows how long it takes.

A finished run is a line in a file of results, and a run whose line is already there is not run
again: a benchmark that was stopped goes on where it was, and one that was done can be extended by
seeds or methods. The runs are done by processes of this machine (``workers``) or on a cluster
(``ray_workers``); this process alone writes the file.
"""

import json
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from etude.benchmarks import results
from etude.benchmarks.results import Result
from etude.benchmarks.workers import Died, Done, Processes, Report, Share, Workers

SPEED_WINDOW_SECONDS: Final = 600.0  # the bar goes by the speed of the last ten minutes


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
            call with the share that is done, in [0, 1]. It may be called again if its process dies.
        cost: about how long it takes, in the same unit for all runs.
    """

    suite: str
    task: str
    method: str
    seed: int
    execute: Callable[["Run", Report], Result]
    config: dict[str, Any] = field(default_factory=dict)
    cost: float = 1.0

    @property
    def name(self) -> str:
        """For messages."""
        return f"{self.method}, {self.task}, seed {self.seed}"

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


def run_all(
    runs: Iterable[Run], path: Path, num_workers: int | None = None, ray: str | None = None
) -> int:
    """Do the runs whose results are not in a file yet, and add them to it as they come.

    Ctrl-C ends the runs that are under way; those that are done stay in the file. A run whose
    process dies is begun again, see ``MAX_TRIES``.

    Args:
        runs: in the order in which they are begun.
        path: the file of results.
        num_workers: how many at a time; one a core if left out.
        ray: the address of a cluster, see ``RayWorkers``; processes of this machine if left out.

    Returns:
        How many runs were done before.

    Raises:
        RuntimeError: some runs failed; the others were done all the same.
        ImportError: Ray is not installed.
        ConnectionError: no cluster answers there.
    """
    runs, finished = list(runs), Finished(path)
    to_do = [run for run in runs if run not in finished]
    if to_do:
        with hire(num_workers, ray, len(to_do)) as workers:
            failures = _do_all(to_do, path, finished, workers)
        if failures:
            raise RuntimeError(
                f"{len(failures)} of {len(to_do)} runs failed, the others are in {path}; the first "
                f"to fail was {failures[0]}"
            )
    return len(runs) - len(to_do)


class Finished:
    """The runs in a file of results, which others may write to as well.

    Args:
        path: the file, which need not exist.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._size = path, 0
        self._found: dict[str, dict[str, Any]] = {}

    def __contains__(self, run: Run) -> bool:
        return self.line(run) is not None

    def line(self, run: Run) -> dict[str, Any] | None:
        """The line of a run, if it has one."""
        size = self._path.stat().st_size if self._path.exists() else 0
        if size != self._size:
            self._found = {_key(line): line for line in results.read(self._path)}
            self._size = size
        return self._found.get(_key(vars(run)))


def _key(run: dict[str, Any]) -> str:
    """What makes a run the same as another."""
    return json.dumps([run.get(name) for name in ("suite", "task", "method", "seed", "config")])


@contextmanager
def hire(num_workers: int | None, ray: str | None, most: int) -> Iterator[Workers]:
    """Workers here or on a cluster, who end with the context.

    Args:
        num_workers: how many; one a core if None.
        ray: see ``run_all``.
        most: no more than this.
    """
    workers: Workers
    if ray is None:
        workers = Processes(min(num_workers or os.cpu_count() or 1, most))
    else:
        from etude.benchmarks.ray_workers import RayWorkers

        workers = RayWorkers(ray, num_workers)
    try:
        yield workers
    finally:
        workers.close()


def _do_all(runs: Sequence[Run], path: Path, finished: Finished, workers: Workers) -> list[str]:
    """Do the runs; returns what went wrong."""
    waiting, under_way, failures = deque(range(len(runs))), set[int](), list[str]()
    with _Bar(runs) as bar:
        while waiting or under_way:
            while waiting and len(under_way) < workers.size:
                number = waiting.popleft()
                if runs[number] in finished:  # another process was faster
                    bar.finish(number)
                    continue
                workers.start(number, partial(runs[number].execute, runs[number]))
                under_way.add(number)
            for news in workers.news():
                if isinstance(news, Share | Died):
                    bar.tell(news)
                    continue
                under_way.remove(news.number)
                if not isinstance(news, Done):
                    failures.append(f"{runs[news.number].name}: {news.reason}")
                elif runs[news.number] not in finished:
                    results.append(path, news.value)
                bar.finish(news.number)
    return failures


class _Bar:
    """How much of the work is done, each run weighted by its cost."""

    def __init__(self, runs: Sequence[Run]) -> None:
        self._runs = runs
        self._shares = [0.0] * len(runs)
        self._num_finished = 0
        console = Console(stderr=True)
        self._progress = Progress(
            BarColumn(),
            TextColumn("{task.percentage:.0f} %"),
            TimeRemainingColumn(),
            TextColumn("{task.description}"),
            console=console,
            disable=not console.is_terminal,
            speed_estimate_period=SPEED_WINDOW_SECONDS,
        )
        self._task = self._progress.add_task("starting", total=sum(run.cost for run in runs))

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def tell(self, news: Share | Died) -> None:
        """A run says how much of it is done, or that it begins again."""
        if isinstance(news, Died):
            name = self._runs[news.number].name
            self._progress.console.print(f"{name}: its process ended {news.how}; tried again")
        self._update(news.number, news.share if isinstance(news, Share) else 0.0)

    def _update(self, number: int, share: float) -> None:
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
        self._update(number, 1.0)
