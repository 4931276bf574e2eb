"""Commands that are killed, and memory after many plies: the small forms of `bench hardening`."""

import json
import random
from pathlib import Path

import pytest

from etude.benchmarks.endurance import MEBIBYTE, play_long
from etude.benchmarks.killed_jobs import JOBS, check_once, measured, table_job
from etude.benchmarks.kills import Job, Report, kill_often
from etude.benchmarks.results import Result, append, read
from etude.cli import main
from etude.envs.mnk.rules import MNKRules


def test_an_agent_whose_training_is_killed_again_and_again(tmp_path: Path) -> None:
    report = kill_often(table_job(400_000), 3, tmp_path, random.Random(0))
    assert report.kills >= 1
    assert report.is_same
    assert report.num_lost == 0
    assert report.progress[-1] == 400_000
    assert not (tmp_path / "disturbed" / ".agent.npz.unfinished").exists()


def test_what_is_lost_or_different_is_seen(tmp_path: Path) -> None:
    """A command that forgets: each start overwrites what the one before had made."""
    job = Job(
        name="forgetful",
        command=("solve", "--json"),
        progress=lambda folder: len(list(folder.glob("*.txt"))),
        outcome=lambda folder: folder.name,
    )
    report = kill_often(job, 1, tmp_path, random.Random(0))
    assert not report.is_same
    assert Report(progress=[3, 2, 5, 5, 1]).num_lost == 2


def test_a_command_that_fails_is_an_error(tmp_path: Path) -> None:
    job = Job(
        name="impossible",
        command=("solve", "no board"),
        progress=lambda folder: 0,
        outcome=lambda folder: 0,
    )
    with pytest.raises(RuntimeError, match="impossible failed with the status 2"):
        kill_often(job, 1, tmp_path, random.Random(0))


def test_what_is_counted_twice_is_an_error(tmp_path: Path) -> None:
    check_once([1, 2, 3], "a step")
    with pytest.raises(ValueError, match="a step counts once, got 2 3 times"):
        check_once([1, 2, 2, 2], "a step")
    path = tmp_path / "results.jsonl"
    result = Result(
        suite="s", task="t", method="m", seed=0, metrics={"a": 1.0, "cpu_seconds": 2.0}, seconds=1.0
    )
    append(path, result)
    ((metrics, curve),) = measured(path).values()
    assert (metrics, curve) == ({"a": 1.0}, [])
    append(path, result)
    with pytest.raises(ValueError, match="a run counts once"):
        measured(path)


@pytest.mark.parametrize("board", ["tictactoe", "connect_four"])
def test_a_million_plies_leave_the_memory_as_it_was(board: str) -> None:
    """Measured: no growth at all; a leak of a byte a ply would be a mebibyte."""
    played = play_long(1_000_000, MNKRules.from_name(board))
    assert played.plies >= 1_000_000
    assert played.largest < MEBIBYTE


def test_the_command_records_what_it_measures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--parts", "plies", "--plies", "20000", "--out", str(tmp_path), "--tracker", "none"]
    main(["bench", "hardening", *options])
    lines = read(tmp_path / "results.jsonl")
    assert [line["method"] for line in lines] == ["tictactoe", "connect_four"]
    assert all(line["metrics"]["plies"] >= 20_000 for line in lines)
    assert "growth mebibytes" in " ".join(capsys.readouterr().out.split())
    with pytest.raises(SystemExit):
        main(["bench", "hardening", "--kills", "0", "--out", str(tmp_path)])


def test_each_job_is_a_command_of_its_own() -> None:
    jobs = {name: make() for name, make in JOBS.items()}
    assert len({job.name for job in jobs.values()}) == len(jobs)
    assert json.dumps([job.command for job in jobs.values()])
