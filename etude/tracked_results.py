"""Results of benchmarks and sweeps, handed to a tracker as they come: each is a run of its own.

The file of results stays what tables are made from. A tracker shows the same runs beside each other
while the others are still under way.
"""

import itertools
import re
import time
from pathlib import Path
from typing import Final

from etude.benchmarks.results import Result
from etude.tracking import tracked_run

FOLDER: Final = "tracked"  # beside the file of results
PICTURES: Final = "pictures"
NAME_LENGTH: Final = 80


class TrackedResults:
    """Hears of results; a tracker that does not work is tried once."""

    def __init__(self) -> None:
        self._begun = time.time()
        self._folders: list[Path] = []
        self._works = True

    def __call__(self, folder: Path, result: Result) -> None:
        """Send a result: what was run, its curve, its metrics.

        Args:
            folder: of the file of results.
            result: what came of a run.
        """
        if folder not in self._folders:
            self._folders.append(folder)
        if not self._works:
            return
        name = f"{result.method}-seed{result.seed}"
        config = {
            "suite": result.suite,
            "task": result.task,
            "method": result.method,
            "seed": result.seed,
            **result.config,
        }
        where = free(folder / FOLDER / plain(result.suite) / plain(result.task) / plain(name))
        with tracked_run(where, config) as tracked:
            tracked.begin(0)
            every = -(-len(result.curve) // tracked.num_points) or 1
            for step, value in result.curve[::every]:
                tracked.numbers({"curve": value}, round(step))
            last = round(result.curve[-1][0]) if result.curve else 0
            tracked.numbers({**result.metrics, "seconds": result.seconds}, last)
            self._works = tracked.works

    def finish(self) -> None:
        """Send the pictures that were drawn beside the results."""
        for folder in self._folders:
            drawn = [p for p in sorted(folder.glob("*.png")) if p.stat().st_mtime >= self._begun]
            if drawn and self._works:
                with tracked_run(free(folder / FOLDER / PICTURES), {}) as tracked:
                    tracked.begin(0)
                    for path in drawn:
                        tracked.picture(path.stem, path, 0)


def plain(name: str) -> str:
    """A name for a folder.

    >>> plain("against random, 50,000 decisions")
    'against-random-50-000-decisions'
    """
    return "-".join(re.findall(r"[\w.]+", name))[:NAME_LENGTH] or "run"


def free(folder: Path) -> Path:
    """A folder that is made now, with a number added if there was one."""
    for number in itertools.count(1):
        path = folder if number == 1 else folder.with_name(f"{folder.name}-{number}")
        try:
            path.mkdir(parents=True)
        except FileExistsError:
            continue
        return path
    raise AssertionError("counting has no end")
