"""What the suite survives: kills at random moments, two writers of one file, very many plies.

Each result is a count of what went wrong, which should be 0, beside how often it could have.
"""

import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from multiprocessing import get_context
from pathlib import Path
from typing import Final, Literal, get_args

from etude.benchmarks import report, results
from etude.benchmarks.endurance import MEBIBYTE, play_long
from etude.benchmarks.killed_jobs import JOBS, JobName, check_once
from etude.benchmarks.kills import kill_often
from etude.benchmarks.results import Result
from etude.benchmarks.suites import record
from etude.envs.mnk.rules import MNKRules

SUITE: Final = "hardening"
Part = Literal["kills", "plies", "writers"]
PARTS: Final[tuple[Part, ...]] = get_args(Part)
JOB_NAMES: Final[tuple[JobName, ...]] = get_args(JobName)
NUM_LINES: Final = 10_000  # of each writer
BOARDS: Final = ("tictactoe", "connect_four")


def hardening(
    *,
    parts: tuple[Part, ...] = PARTS,
    kills: int = 20,
    jobs: tuple[JobName, ...] = JOB_NAMES,
    plies: int = 100_000_000,
    out: Path = Path("runs/bench"),
) -> None:
    """Kill commands at random moments, let two processes write one file, and play very long.

    A command that was killed is started again, as often as it is killed, and what it comes to is
    compared with what one comes to that is not disturbed. All of it takes some twenty minutes.

    Args:
        parts: "kills"; "plies": the memory of the batched environment; "writers".
        kills: of each job.
        jobs: which commands are killed.
        plies: on each board.
        out: folder of the results; new ones are added to those that are there.

    Raises:
        ValueError: fewer kills or plies than 1, or something was counted twice.
        RuntimeError: a command failed.
    """
    for option, number in (("kills", kills), ("plies", plies)):
        if number < 1:
            raise ValueError(f"--{option} is at least 1, got {number}.")
    path = out / "results.jsonl"
    record(measure(parts, kills, jobs, plies), path)
    report.report(path)


def measure(
    parts: Sequence[Part], kills: int, jobs: Sequence[JobName], plies: int
) -> Iterator[Result | str]:
    """Results as they come.

    Args:
        parts: of ``PARTS``.
        kills: of each job.
        jobs: keys of ``JOBS``.
        plies: on each board.

    Raises:
        ValueError: something was counted twice.
        RuntimeError: a command failed.
    """
    if "writers" in parts:
        yield measure_writers(NUM_LINES)
    if "plies" in parts:
        yield from (measure_plies(plies, board) for board in BOARDS)
    if "kills" in parts:
        yield from (measure_kills(job, kills) for job in jobs)


def measure_kills(name: JobName, num_kills: int, seed: int = 0) -> Result:
    """Kill a job at random moments, and compare what it comes to with an undisturbed one."""
    job, start = JOBS[name](), time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        report = kill_often(job, num_kills, Path(folder), random.Random(seed))
    return Result(
        suite=SUITE,
        task="killed at random moments, and started again",
        method=f"etude {job.name}",
        seed=seed,
        metrics={
            "kills": float(report.kills),
            "with_less_than_before": float(report.num_lost),
            "other_results": float(not report.is_same),
            "cpu_seconds": report.cpu_seconds,
            "cpu_seconds_undisturbed": report.undisturbed_cpu_seconds,
        },
        curve=[(float(kill), float(done)) for kill, done in enumerate(report.progress, start=1)],
        seconds=time.perf_counter() - start,
        config={"command": " ".join(job.command), "kills": num_kills},
    )


def measure_plies(num_plies: int, board: str) -> Result:
    """Play very long, and see whether the memory grows."""
    played = play_long(num_plies, MNKRules.from_name(board))
    return Result(
        suite=SUITE,
        task="memory of MNKVectorEnv, 1024 games at once",
        method=board,
        seed=0,
        metrics={
            "plies": float(played.plies),
            "growth_mebibytes": played.growth / MEBIBYTE,
            "largest_growth_mebibytes": played.largest / MEBIBYTE,
            "cpu_seconds": played.seconds,
        },
        seconds=played.seconds,
        config={"board": board, "plies": num_plies},
    )


def measure_writers(num_lines: int) -> Result:
    """Two processes add results to one file, as fast as they can.

    Raises:
        ValueError: a line is there twice.
    """
    start, context = time.perf_counter(), get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "results.jsonl"
        writers = [
            context.Process(target=write_many, args=(path, name, num_lines)) for name in "ab"
        ]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        found = [(line["method"], line["seed"]) for line in results.read(path)]
    check_once(found, "a line")
    return Result(
        suite=SUITE,
        task="two processes that write to one file of results",
        method="benchmarks.results",
        seed=0,
        metrics={"lines": 2.0 * num_lines, "lost": float(2 * num_lines - len(found))},
        seconds=time.perf_counter() - start,
        config={"lines": num_lines},
    )


def write_many(path: Path, name: str, num_lines: int) -> None:
    """Add results to a file, numbered by their seeds."""
    for number in range(num_lines):
        metrics = {"number": float(number)}
        results.append(
            path,
            Result(
                suite=SUITE, task="write", method=name, seed=number, metrics=metrics, seconds=0.0
            ),
        )
