"""What commands print: quiet, in JSON, and in one line where they were misunderstood."""

import inspect
import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from etude.cli import load, main
from etude.command_line import in_a_line
from etude.commands import COMMANDS, SHELVES, members
from etude.exit_codes import EXIT_CODES
from etude.generative.data import style_image
from etude.generative.images import save_image
from etude.output import no_bars, plain

MAKE_NOTHING = {"play", "demo", "ui", "completion", "report"}  # that a script would ask for


@pytest.mark.parametrize("name", [name for name, command in COMMANDS.items() if command.address])
def test_every_command_takes_the_options_of_all(name: str) -> None:
    parameters = inspect.signature(load(name)).parameters
    assert "quiet" in parameters
    assert (name.split()[0] not in MAKE_NOTHING | {"bench"}) <= ("json" in parameters)
    documented = inspect.getdoc(load(name)) or ""
    for option in ("quiet", "json", "tracker"):
        assert (option in parameters) == (f"\n    {option}: " in documented)


def test_the_first_page_has_every_command_once() -> None:
    shown = [name for names in SHELVES.values() for name in names]
    assert sorted(shown) == sorted(members(""))


def test_json_is_one_object_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    main(["solve", "3,3,3", "--position", "XX./OO./...", "--json"])
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    answer = json.loads(printed)
    assert answer["moves"]["2"] == {"value": 1, "plies": 1}
    main(["solve", "3,3,3", "--position", "XX./OO./...", "--json", "--quiet"])
    assert json.loads(capsys.readouterr().out) == answer


def test_quiet_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    main(["solve", "--quiet"])
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "")


def test_a_quiet_mistake_is_still_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["solve", "tictactow", "--quiet"])
    assert stop.value.code == 2
    assert "did you mean" in capsys.readouterr().err


def test_nobody_draws_bars_where_it_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    assert Console().is_terminal
    with no_bars():
        assert not Console().is_terminal
    assert os.environ["TTY_COMPATIBLE"] == "1"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("watch minimax uniform --seed 3 --games 2", {"players": ["minimax", "uniform"]}),
        ("upscale photo.png --scale 2 -o large.png", {"width": 96, "out": "large.png"}),
        ("sample stackgan-scenes -n 2 -o s.png", {"out": "s.png"}),
        ("styles -o styles.png", {"out": "styles.png"}),
        ("encoders", {}),
        ("stylize photo.png --fast --style waves -o out.png", {"out": "out.png"}),
    ],
)
def test_outcomes_are_plain(
    command: str,
    expected: dict[str, object],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("etude.watch.has_display", lambda: False)
    save_image(tmp_path / "photo.png", style_image("waves", 48), {})
    main([*command.split(), "--json"])
    outcome = json.loads(capsys.readouterr().out)
    assert expected.items() <= outcome.items()
    if "out" in outcome:
        assert (tmp_path / outcome["out"]).exists()


def test_values_that_json_does_not_know() -> None:
    assert plain(Path("a")) == "a"
    assert plain(np.float32(0.5)) == 0.5
    assert plain(np.arange(2)) == [0, 1]
    with pytest.raises(TypeError, match="plain values"):
        plain(object())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "tdd"], "invalid choice 'tdd'"),
        (["train", "td", "--gamse", "3"], "did you mean --games?"),
        (["train", "td", "--games", "x"], "error parsing --games"),
        (["stylize"], "missing from etude stylize: PATH, --style"),
        (["bench", "solver", "--rounds"], "missing value for argument '--rounds'"),
        (["solve", "3,3,3", "more"], "unrecognized options: more"),
        (["train", "gan", "--every", "0"], "every is at least 1 step, got 0"),
    ],
)
def test_options_that_are_not_there_get_one_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    complaint = capsys.readouterr().err
    assert complaint.startswith("etude: ")
    assert message in complaint
    assert complaint.count("\n") == 1


def test_a_box_becomes_a_line() -> None:
    box = """\
╭─ Value error ───────────────────────╮
│ Error parsing --games: it is wrong. │
│                                     │
│ Got errors:                         │
│ - of a kind                         │
│ ─────────────────────────────────── │
│ For full helptext, see x            │
╰─────────────────────────────────────╯
"""
    expected = "error parsing --games: it is wrong; `etude train --help` has all options."
    assert in_a_line(box, "etude train") == expected


def test_exit_codes_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--help"])
    shown = capsys.readouterr().out
    for code in EXIT_CODES:
        assert f"{code} " in shown.splitlines()[-1]


def test_standard_output_is_left_to_json() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "etude", "train", "td", "--preset", "book", "--games", "50"]
        + ["--tracker", "none", "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["grade"]["exact"]


def test_addresses_lead_somewhere() -> None:
    for command in COMMANDS.values():
        if command.address is not None:
            module, _, function = command.address.partition(":")
            assert callable(getattr(import_module(module), function))
