"""Grades on the command line: presets and files, exact and sampled, for a person and a script."""

import json
from pathlib import Path

import numpy as np
import pytest

from etude.agents.ntuple import NTupleAgent
from etude.agents.presets import MOST_POINTS, NEVER_LOSES, OPTIMA, PERFECT
from etude.cli import main
from etude.envs.mnk.rules import MNKRules
from etude.generative.gan.generator_file import TrainedGenerator
from etude.generative.gan.task import Task
from etude.grade_generator import Comparison

CONNECT_FOUR = MNKRules.from_name("connect_four")


def save_network(path: Path, rules: MNKRules) -> str:
    NTupleAgent(rules, rng=np.random.default_rng(0)).save(path)
    return str(path)


def test_a_preset_has_its_gaps(capsys: pytest.CaptureFixture[str]) -> None:
    main(["grade", "perfect", "--json"])
    grade = json.loads(capsys.readouterr().out)
    assert (grade["agent"], grade["board"], grade["exact"]) == ("perfect", "tictactoe", True)
    assert grade["optima"][PERFECT]["gap"] == grade["nash_conv"] == 0.0
    assert grade["optima"][NEVER_LOSES]["gap"] == pytest.approx(0.0)
    assert grade["optima"][MOST_POINTS]["limit"] == pytest.approx(OPTIMA[MOST_POINTS])


def test_an_exact_grade_fits_one_screen(capsys: pytest.CaptureFixture[str]) -> None:
    main(["grade", "perfect"])
    shown = capsys.readouterr().out
    assert "exploitability 0 (NashConv 0): perfect play" in shown
    assert "optimum, by a best response" in shown
    assert "illegal" not in shown
    assert len(shown.splitlines()) <= 24
    assert max(map(len, shown.splitlines())) <= 80


def test_a_preset_is_graded_on_another_board(capsys: pytest.CaptureFixture[str]) -> None:
    main(["grade", "perfect", "--board", "3,3,3,misere", "--json"])
    assert json.loads(capsys.readouterr().out)["board"] == "3,3,3,misere"


def test_a_large_board_is_sampled(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A network that has learned nothing."""
    path = save_network(tmp_path / "network.npz", MNKRules(5, 4, 3, gravity=True))
    options = ["--games", "2", "--positions", "30", "--seed", "1"]
    main(["grade", path, *options, "--json"])
    grade = json.loads(capsys.readouterr().out)
    assert (grade["exact"], grade["board"]) == (False, "5,4,3,gravity")
    assert grade["against"]["uniform"]["first"]["games"] == 20
    assert grade["against"]["minimax"]["second"]["games"] == 2
    low, high = grade["move_accuracy"]["interval"]
    assert low < grade["move_accuracy"]["share"] < high
    main(["grade", path, *options])
    shown = capsys.readouterr().out
    assert "network on 5,4,3,gravity, sampled, with 95 % intervals" in shown
    assert f"keeps the exact value in {grade['move_accuracy']['share']:.1%}" in shown
    assert len(shown.splitlines()) <= 24


def test_a_board_without_a_solver_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = save_network(tmp_path / "network.npz", MNKRules(8, 8, 5))
    main(["grade", path, "--games", "1"])
    shown = " ".join(capsys.readouterr().out.split())
    assert "no perfect play to compare with: an exact answer needs" in shown
    assert "minimax" not in shown


def test_illegal_moves_are_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Blind:
        def predict(self, observation: np.ndarray, **_: object) -> tuple[np.ndarray, None]:
            return np.zeros(len(observation), np.int64), None

    monkeypatch.setattr("etude.grade.find_agent", lambda *_: Blind())
    main(["grade", "perfect"])
    shown = capsys.readouterr().out
    assert "plays an illegal move in" in shown
    assert shown.count("100.0000%") >= 4
    main(["grade", "perfect", "--board", "4,5,3,gravity", "--games", "1", "--positions", "5"])
    assert "illegal" in capsys.readouterr().out


def test_a_generator_that_comes_along_goes_by_its_name(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def grade_of(trained: TrainedGenerator, task: Task, *_: object) -> Comparison:
        found = {"frechet": float(trained.num_classes)}
        return Comparison(task.num_classes, found, found)

    monkeypatch.setattr("etude.grade_generator.grade_of", grade_of)
    main(["grade", "biggan-digits", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert (found["generator"], found["data"]) == ("biggan_digits.safetensors", "digits")
    assert (found["samples"], found["grade"]) == (10, {"frechet": 10.0})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["perfekt"], "a preset out of perfect, book"),
        (["perfect", "--board", "connect_four"], "at most 16 cells"),
        (["missing.npz"], "no such file"),
        (["missing.safetensors"], "a generator is a file that exists, or one of biggan-digits"),
        (["stackgan-scenes"], "`etude bench gan-images --parts scenes` counts how many"),
    ],
)
def test_mistakes_get_one_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["grade", *arguments])
    assert stop.value.code == 2
    assert message in capsys.readouterr().err
