"""Results of benchmarks and sweeps at a tracker: a run each, and the pictures at the end."""

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from etude.benchmarks import results
from etude.benchmarks.results import Result
from etude.cli import main
from etude.tracker_option import with_tracker

CURVE = [(10.0, 0.5), (20.0, 0.25)]


def measure(*, out: Path) -> None:
    """Measure something.

    Args:
        out: where to.
    """
    for seed in (0, 1):
        result = Result(
            suite="toy",
            task="against random, 20 games",
            method="book",
            seed=seed,
            metrics={"score": 0.75},
            curve=CURVE,
            seconds=2.0,
            config={"settings": {"step_size": 0.1}},
        )
        results.append(out / "results.jsonl", result)
    Image.fromarray(np.zeros((4, 6, 3), np.uint8)).save(out / "scores.png")


def events_of(folder: Path) -> Any:
    return EventAccumulator(str(folder)).Reload()


def test_each_result_is_a_run_with_its_curve_and_the_pictures_follow(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((4, 6, 3), np.uint8)).save(tmp_path / "old.png")
    os.utime(tmp_path / "old.png", (0, 0))
    with_tracker(measure)(out=tmp_path)
    task = tmp_path / "tracked" / "toy" / "against-random-20-games"
    assert sorted(path.name for path in task.iterdir()) == ["book-seed0", "book-seed1"]
    events = events_of(task / "book-seed0")
    assert [(event.step, event.value) for event in events.Scalars("curve")] == CURVE
    (score,) = events.Scalars("score")
    assert (score.step, score.value) == (20, 0.75)
    assert events.Tags()["tensors"] == ["config/text_summary"]
    drawn = events_of(tmp_path / "tracked" / "pictures").Tags()["images"]
    assert drawn == ["scores"]  # not the one that was there
    with_tracker(measure)(out=tmp_path)
    assert len(list(task.iterdir())) == 4


def test_without_a_tracker_nothing_but_the_results_is_kept(tmp_path: Path) -> None:
    with_tracker(measure)(out=tmp_path, tracker="none")
    assert not (tmp_path / "tracked").exists()
    assert len(results.read(tmp_path / "results.jsonl")) == 2


def test_a_missing_tracker_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with_tracker(measure)(out=tmp_path, tracker="mlflow")
    (line,) = capsys.readouterr().err.splitlines()
    assert "mlflow is not installed" in line
    assert len(results.read(tmp_path / "results.jsonl")) == 2


def test_a_tournament_is_tracked_even_if_its_results_are_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    main(["bench", "tournament", "uniform", "minimax"])
    folder = tmp_path / "runs" / "tournament" / "tracked" / "tournament" / "tictactoe"
    (elo,) = events_of(folder / "minimax-seed0").Scalars("elo")
    assert elo.value > 100
