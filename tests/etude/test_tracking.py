import csv
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from etude import trackers, tracking
from etude.cli import main
from etude.generative.checkpoints import Stateful
from etude.generative.records import Progress
from etude.tracking import (
    KINDS,
    Kind,
    choosing,
    described,
    new_folder,
    tracked_run,
)
from etude.training_run import train_in_folder

CONFIG = {"seed": 3, "settings": {"learning_rate": 0.01, "sizes": (4, 5)}}
LOSSES = {10: 0.5, 20: 0.25}


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "preview.png"
    Image.fromarray(np.full((6, 8, 3), 200, np.uint8)).save(path)
    return path


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def make_run(name: Any, folder: Path, picture: Path) -> None:
    folder.mkdir(exist_ok=True)
    with choosing(name), tracked_run(folder, CONFIG) as tracked:
        tracked.begin(0)
        for step, loss in LOSSES.items():
            tracked.numbers({"loss": loss}, step)
        tracked.picture("preview", picture, 20)


def events_of(folder: Path) -> Any:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    return EventAccumulator(str(folder)).Reload()


def test_tensorboard_has_numbers_pictures_and_what_the_run_is(
    tmp_path: Path, picture: Path
) -> None:
    make_run("tensorboard", tmp_path / "run", picture)
    events = events_of(tmp_path / "run")
    assert {event.step: event.value for event in events.Scalars("loss")} == LOSSES
    (image,) = events.Images("preview")
    assert (image.width, image.height, image.step) == (8, 6, 20)
    (note,) = events.Tensors("config/text_summary")
    assert "_hparams_/session_start_info" in events.summary_metadata
    text = note.tensor_proto.string_val[0].decode()
    assert "| settings.learning_rate | 0.01 |" in text
    assert "| versions.torch |" in text


def test_csv_is_written_by_lightning(tmp_path: Path, picture: Path) -> None:
    make_run("csv", tmp_path / "run", picture)
    make_run("csv", tmp_path / "run", picture)  # a run that goes on keeps what was there
    for session in ("version_0", "version_1"):
        with (tmp_path / "run" / "csv" / session / "metrics.csv").open() as file:
            rows = list(csv.DictReader(file))
        assert {int(row["step"]): float(row["loss"]) for row in rows} == LOSSES
        assert "seed: 3" in (tmp_path / "run" / "csv" / session / "hparams.yaml").read_text()


@pytest.mark.filterwarnings("ignore")  # of mlflow's own libraries
def test_mlflow_keeps_one_run_in_sqlite_when_it_goes_on(tmp_path: Path, picture: Path) -> None:
    make_run("mlflow", tmp_path / "run", picture)
    make_run("mlflow", tmp_path / "run", picture)
    with sqlite3.connect(trackers.MLFLOW_FILE) as base:
        assert base.execute("select name, status from runs").fetchall() == [("run", "FINISHED")]
        found = base.execute("select step, value from metrics where key = 'loss' order by step")
        assert found.fetchall() == list(LOSSES.items())  # each step once
        seed = base.execute("select value from params where key = 'seed'").fetchall()
    assert seed == [("3",)]
    assert list(trackers.MLFLOW_PICTURES.rglob("*.png"))
    assert not Path("mlruns").exists()


@pytest.mark.filterwarnings("ignore")  # of trackio's own libraries
def test_trackio_keeps_runs_in_a_local_data_base(
    tmp_path: Path, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It reads the variable once, at its import.
    monkeypatch.setenv("TRACKIO_DIR", str(trackers.TRACKIO_FOLDER.resolve()))
    make_run("trackio", tmp_path / "run", picture)
    make_run("trackio", tmp_path / "run", picture)
    from trackio.sqlite_storage import SQLiteStorage

    assert (trackers.TRACKIO_FOLDER / "etude.db").exists()
    lines = [line for line in SQLiteStorage.get_logs("etude", "run") if "loss" in line]
    losses = sorted((line["step"], line["loss"]) for line in lines)
    assert losses == list(LOSSES.items())  # each step once


@pytest.mark.filterwarnings("ignore")  # of wandb's own libraries
def test_wandb_stays_offline(tmp_path: Path, picture: Path) -> None:
    make_run("wandb", tmp_path / "run", picture)
    (kept,) = (tmp_path / "run" / "wandb").glob("offline-run-*/run-*.wandb")
    assert kept.stat().st_size > 0


def test_neptune_has_closed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["train", "td", "--games", "10", "--tracker", "neptune"])
    assert "closed on 5 March 2026" in capsys.readouterr().err


def test_a_missing_tracker_is_a_line_and_the_run_goes_on(
    tmp_path: Path, picture: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    make_run("mlflow", tmp_path / "run", picture)
    (line,) = capsys.readouterr().err.splitlines()
    assert "mlflow is not installed" in line
    assert "pip install 'etude[lightning,mlflow]'" in line


class Failing(trackers.NoTracker):
    """A tracker whose disk is full."""

    def __init__(self, folder: Path, config: Mapping[str, Any]) -> None:
        self.calls = 0

    def numbers(self, values: Mapping[str, float], step: int) -> None:
        self.calls += 1
        raise OSError("no space left on device")


def test_a_failing_tracker_is_left_and_the_run_goes_on(
    tmp_path: Path, picture: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    opened: list[Failing] = []

    def open_failing(folder: Path, config: Mapping[str, Any]) -> Failing:
        opened.append(Failing(folder, config))
        return opened[-1]

    monkeypatch.setitem(KINDS, "csv", Kind(open_failing, "x"))
    make_run("csv", tmp_path / "run", picture)
    (line,) = capsys.readouterr().err.splitlines()
    assert "csv failed (no space left on device); the run goes on" in line
    assert opened[0].calls == 1


def test_nothing_is_tracked_unless_the_command_line_asks(tmp_path: Path, picture: Path) -> None:
    (tmp_path / "run").mkdir()
    with tracked_run(tmp_path / "run", CONFIG) as tracked:
        tracked.begin(0)
        tracked.numbers(LOSSES and {"loss": 1.0}, 1)
    assert list((tmp_path / "run").iterdir()) == []


def test_a_config_is_flat_and_says_where_it_ran() -> None:
    found = described(CONFIG)
    assert found["seed"] == 3
    assert found["settings.learning_rate"] == 0.01
    assert found["settings.sizes"] == "(4, 5)"
    assert {"versions.python", "machine.cores", "revision"} <= found.keys()


def test_folders_of_runs_are_numbered() -> None:
    for number in (1, 2):
        folder = new_folder("td")
        assert folder == Path(f"runs/train/td-{number}")
        folder.mkdir(parents=True)


class Falling:
    """A lesson whose loss is 1 / step."""

    def __init__(self) -> None:
        self.counter = torch.nn.Linear(1, 1, bias=False)
        torch.nn.init.zeros_(self.counter.weight)

    @property
    def parts(self) -> dict[str, Stateful]:
        return {"counter": self.counter}

    def update(self) -> dict[str, Tensor]:
        with torch.no_grad():
            self.counter.weight += 1
        return {"loss": 1.0 / self.counter.weight.detach().squeeze()}


class Sheet:
    """A view with a picture every fourth step."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def begin(self, step: int) -> None:
        """Nothing to do."""

    def record(self, progress: Progress) -> None:
        """The picture is always there."""

    def picture_at(self, step: int) -> Path | None:
        return None if step % 4 else self.path


def test_a_run_that_goes_on_counts_no_step_twice(tmp_path: Path, picture: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    with choosing("tensorboard"):
        train_in_folder(Falling(), 5, folder, CONFIG, Sheet(picture), save_every=2)
        time.sleep(1.1)  # files of events are put in order by the second in their names
        train_in_folder(Falling(), 8, folder, CONFIG, Sheet(picture), save_every=2)
    events = events_of(folder)
    assert [event.step for event in events.Scalars("loss")] == list(range(1, 9))
    assert events.Scalars("loss")[-1].value == pytest.approx(1 / 8)
    assert [image.step for image in events.Images("Sheet")] == [4, 8]


def test_training_an_agent_leaves_its_exploitability() -> None:
    main(["train", "td", "--games", "3000"])
    events = events_of(Path("runs/train/td-tictactoe-seed0-1"))
    assert events.Scalars("exploitability")[-1].step == 3000
    assert events.Scalars("optimal share")[-1].value > 0.5


@pytest.fixture
def served(tmp_path: Path, picture: Path) -> Iterator[str]:
    make_run("tensorboard", tmp_path / "run", picture)
    command = [sys.executable, "-m", "etude", "ui", "--folder", str(tmp_path), "--port", "0"]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    lines = (line for line in server.stderr if "http://localhost" in line)
    yield next(lines).partition("at ")[2].split()[0]
    server.terminate()
    server.wait()
    server.stderr.close()


def test_ui_serves_the_runs(served: str) -> None:
    with urllib.request.urlopen(f"{served}data/runs") as answer:
        assert b'"run"' in answer.read()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--folder", "nowhere"], "got 'nowhere', which does not exist"),
        (["--tracker", "mlflow"], "train something with `--tracker mlflow` first"),
        (["--port", "70000"], "between 0 and 65535, got 70000"),
    ],
)
def test_ui_says_what_is_missing(arguments: list[str], message: str, capsys: Any) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["ui", *arguments])
    assert message in capsys.readouterr().err


def test_all_trackers_can_be_chosen() -> None:
    assert {*KINDS, "none", "neptune"} == set(tracking.TrackerName.__args__)  # type: ignore[attr-defined]
