"""The command line: help, errors without a traceback, interruption."""

import subprocess
import sys

import pytest

from etude import __version__
from etude.cli import COMMANDS, main


def test_overview_has_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    main([])
    shown = capsys.readouterr().out
    for name, command in COMMANDS.items():
        assert name in shown
        assert command.summary in shown
    main(["--version"])
    assert capsys.readouterr().out.strip() == f"etude {__version__}"


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_options_and_examples(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([name, "--help"])
    assert stop.value.code == 0
    shown = capsys.readouterr().out
    for example in COMMANDS[name].examples:
        assert " ".join(example.split()[:2]) in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["plya"], "did you mean `etude play`"),
        (["xyzzy"], "see `etude --help`"),
        (["solve", "tictactow"], "did you mean 'tictactoe'"),
        (["solve", "--position", "XX./.../..."], "got 2 X and 0 O"),
        (["solve", "gomoku"], "choose a smaller board"),
        (["watch", "minimax", "minmax"], "did you mean 'minimax'"),
        (["watch", "minimax", "uniform", "--record", "x.avi"], "ends in .mp4, .gif, .png"),
        (["play", "3,3,4"], "no line could ever win"),
        (["bench", "throughput", "--rounds", "0"], "at least 1 round"),
        (["report", "missing.jsonl"], "missing.jsonl"),
    ],
)
def test_mistakes_get_one_line_and_exit_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    complaint = capsys.readouterr().err
    assert message in complaint
    assert complaint.count("\n") == 1
    assert "Traceback" not in complaint


def test_interruption_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(name: str, arguments: list[str]) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("etude.cli.run", interrupt)
    with pytest.raises(SystemExit) as stop:
        main(["solve"])
    assert stop.value.code == 130


def test_python_m_etude_and_a_closed_pipe() -> None:
    done = subprocess.run(
        f"{sys.executable} -m etude solve --json | true", shell=True, capture_output=True, text=True
    )
    assert "Traceback" not in done.stderr
