"""The command `etude sweep`, from a search to its picture, and what it says of mistakes."""

import json
from pathlib import Path
from typing import Any

import pytest

from etude.benchmarks.results import read
from etude.cli import main

QUICK = ["--set", "step_size=0.01:1:log", "--budget", "100", "--seeds", "1", "--workers", "1"]


def test_a_search_goes_on_and_ends_in_a_table_and_a_picture(tmp_path: Path, capsys: Any) -> None:
    command = ["sweep", "td", *QUICK, "--tracker", "none", "--out", str(tmp_path)]
    main([*command, "--trials", "2"])
    shown = capsys.readouterr()
    assert "td on tictactoe against self, 100 games, nash_conv" in " ".join(shown.out.split())
    assert "trial 1 of 2" in shown.err
    assert (tmp_path / "sweep.png").stat().st_size > 0
    before = read(tmp_path / "results.jsonl")
    main([*command, "--trials", "3", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert len(found["trials"]) == 3
    assert found["trials"][0]["settings"] == {"step_size": 0.1}
    assert found["best"]["value"] == min(trial["value"] for trial in found["trials"])
    assert read(tmp_path / "results.jsonl")[:2] == before
    main([*command, "--trials", "0", "--json"])
    assert json.loads(capsys.readouterr().out) == found


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--set", "stepsize=0:1"], "did you mean 'step_size'"),
        (["--set", "step_size=1:0.1"], "from less to more"),
        (["--set", "exploration=0:2"], "lies between 0 and 1, got 2.0"),
        (["--set", "backup=max,min"], "a backup is one of"),
        (["--objective", "nash"], "an objective of a board is one of nash_conv"),
        (["--env", "connect_four"], "at most 16 cells"),
        (["--env", "tictactwo"], "tictactwo"),
        (["--data", "ring8"], "td takes no --data"),
        (["--trials", "0"], "no study in"),
        (["--trials", "-1"], "--trials is at least 1"),
        (["--seeds", "0"], "--seeds is at least 1, got 0"),
        (["--workers", "0"], "--workers is at least 1, got 0"),
        (["--budget", "0"], "--budget is at least 1, got 0"),
    ],
)
def test_mistakes_are_a_line(
    options: list[str], message: str, tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match="2"):
        main(["sweep", "td", *options])
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line
    assert list(tmp_path.iterdir()) == []


def test_a_generator_has_data_and_no_opponent(capsys: Any) -> None:
    for options, message in (
        (["--env", "tictactoe"], "gan takes no --env"),
        (["--data", "ring9"], "did you mean 'ring8'"),
        (["--opponent", "uniform"], "a generator has no opponent"),
    ):
        with pytest.raises(SystemExit, match="2"):
            main(["sweep", "gan", *options])
        assert message in capsys.readouterr().err


def test_a_folder_holds_one_study(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "run.json").write_text('{"task": "another"}')
    with pytest.raises(SystemExit, match="2"):
        main(["sweep", "td", *QUICK, "--out", str(tmp_path)])
    assert "a folder holds one run" in capsys.readouterr().err


def test_a_damaged_study_is_a_line_and_stays_as_it_is(tmp_path: Path, capsys: Any) -> None:
    command = ["sweep", "td", *QUICK, "--tracker", "none", "--out", str(tmp_path), "--trials"]
    main([*command, "2"])
    study, runs = tmp_path / "study.db", (tmp_path / "results.jsonl").read_bytes()
    whole = study.read_bytes()
    damaged = whole[: len(whole) // 3] + bytes(len(whole) // 3) + whole[2 * len(whole) // 3 :]
    study.write_bytes(damaged)
    capsys.readouterr()
    with pytest.raises(SystemExit, match="2"):
        main([*command, "3"])
    (line,) = capsys.readouterr().err.splitlines()
    assert "move it away to begin anew" in line
    assert study.read_bytes() == damaged
    study.rename(tmp_path / "damaged.db")
    main([*command, "2"])
    assert (tmp_path / "results.jsonl").read_bytes() == runs  # no run was done again


def test_a_missing_optuna_is_a_line(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.setattr("etude.sweep.find_spec", lambda name: None)
    with pytest.raises(SystemExit, match="2"):
        main(["sweep", "td", *QUICK, "--out", str(tmp_path)])
    assert "pip install 'etude[sweep]'" in capsys.readouterr().err
