"""A command that is killed again and again, and what it comes to when it is left alone at last.

SIGKILL cannot be caught: whatever the process was writing stays as it is. A killed command has to
go on when it is started again, lose nothing that it had kept, count nothing twice, and end in the
very result of one that was never disturbed.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

POLL_SECONDS: Final = 0.05
EARLY_SHARE: Final = 0.2  # of the kills come while the program starts
PATIENCE_SECONDS: Final = 3_600.0
TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, kw_only=True)
class Job:
    """A command, and what can be seen of it from outside.

    Attributes:
        name: of the job.
        command: of `etude`; it runs in a folder of its own, to which its paths are relative.
        progress: how far it is, by the files in that folder; 0 if it has not begun.
        outcome: all that it comes to, in what can be compared; raises a ValueError where something
            is counted twice.
        prepare: what the folder has to hold before.
    """

    name: str
    command: tuple[str, ...]
    progress: Callable[[Path], int]
    outcome: Callable[[Path], Any]
    prepare: Callable[[Path], object] = lambda folder: None


@dataclass(kw_only=True)
class Report:
    """What became of a job that was killed.

    Attributes:
        kills: how many times.
        progress: how far it was after each kill.
        is_same: whether it ended in the same as the undisturbed one.
        cpu_seconds: of all its processes.
        undisturbed_cpu_seconds: of the other.
    """

    kills: int = 0
    progress: list[int] = field(default_factory=list)
    is_same: bool = False
    cpu_seconds: float = 0.0
    undisturbed_cpu_seconds: float = 0.0

    @property
    def num_lost(self) -> int:
        """How often less was there after a kill than after the one before."""
        pairs = zip(self.progress, self.progress[1:], strict=False)
        return sum(after < before for before, after in pairs)


def kill_often(job: Job, num_kills: int, folder: Path, rng: random.Random) -> Report:
    """Do a job undisturbed, and again with kills at random moments.

    A moment is a time of the processor, so that the load of the machine hardly matters. Most lie
    within the work, spread so that more than half of it is done after all kills; the others within
    the start.

    Args:
        job: the job.
        num_kills: how many times the process is killed, unless it is done before.
        folder: an empty one.
        rng: of the moments.

    Raises:
        RuntimeError: the command failed.
        ValueError: something was counted twice.
    """
    calm, disturbed = folder / "calm", folder / "disturbed"
    for place in (calm, disturbed):
        place.mkdir()
        job.prepare(place)
    report = Report()
    start, total = _undisturbed(job, calm)
    report.undisturbed_cpu_seconds = total
    for moment in _moments(start, total, num_kills, rng):
        seconds, is_done = _run(job, disturbed, moment)
        report.cpu_seconds += seconds
        if is_done:
            break
        report.kills += 1
        report.progress.append(job.progress(disturbed))
    else:
        report.cpu_seconds += _run(job, disturbed)[0]
    report.progress.append(job.progress(disturbed))
    report.is_same = job.outcome(calm) == job.outcome(disturbed)
    return report


def _moments(start: float, total: float, num_kills: int, rng: random.Random) -> Iterator[float]:
    """Seconds of the processor after which to kill."""
    share = 1.5 * (total - start) / max(num_kills, 1)  # of the work, twice what is done on average
    for _ in range(num_kills):
        if rng.random() < EARLY_SHARE:
            yield rng.uniform(0.0, start)
        else:
            yield start + rng.uniform(0.0, share)


def _undisturbed(job: Job, folder: Path) -> tuple[float, float]:
    """The seconds until there is something to see of a job, and until it is done."""
    process, seen, used = _start(job, folder), None, 0.0
    while process.poll() is None:
        used = max(used, cpu_seconds(process.pid))
        if seen is None and job.progress(folder) > 0:
            seen = used
        time.sleep(POLL_SECONDS)
    _check(job, process)
    return (used if seen is None else seen), used


def _run(job: Job, folder: Path, moment: float = float("inf")) -> tuple[float, bool]:
    """Start the command and kill it; returns the seconds it had, and whether it was done before."""
    process, used, deadline = _start(job, folder), 0.0, time.monotonic() + PATIENCE_SECONDS
    while process.poll() is None:
        used = max(used, cpu_seconds(process.pid))
        if used >= moment:
            process.kill()
            process.communicate()
            return used, False
        if time.monotonic() > deadline:
            process.kill()
            raise RuntimeError(f"{job.name} took longer than {PATIENCE_SECONDS:.0f} seconds.")
        time.sleep(POLL_SECONDS)
    _check(job, process)
    return used, True


def _start(job: Job, folder: Path) -> subprocess.Popen[str]:
    with (folder / "errors.txt").open("w") as errors:  # a pipe that nobody reads would fill
        return subprocess.Popen(
            [sys.executable, "-m", "etude", *job.command],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            text=True,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        )


def _check(job: Job, process: subprocess.Popen[str]) -> None:
    if process.returncode not in (0, -signal.SIGKILL):
        raise RuntimeError(f"{job.name} failed with the status {process.returncode}.")


def cpu_seconds(process: int) -> float:
    """Of a process and of those that it started, as Linux counts them; 0 if it is gone."""
    folder = Path("/proc", str(process))
    try:
        fields = (folder / "stat").read_text().rpartition(") ")[2].split()
        children = (folder / "task" / str(process) / "children").read_text().split()
    except OSError:  # it has ended meanwhile
        return 0.0
    used = (int(fields[11]) + int(fields[12])) / TICKS
    return used + sum(map(cpu_seconds, map(int, children)))
