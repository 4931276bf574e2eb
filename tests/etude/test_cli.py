"""The command line: help, errors without a traceback, interruption."""

import subprocess
import sys

import pytest

from etude import __version__
from etude.cli import WIDEST, main
from etude.commands import COMMANDS, is_group, members

GROUPS = ["", *filter(is_group, COMMANDS)]


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("options", [[], ["--help"], ["-h", "solve"]])
def test_overview_has_every_command_on_one_screen(
    group: str, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    main([*group.split(), *options])
    shown = capsys.readouterr().out
    for name, command in members(group).items():
        assert f"  {name.split()[-1]} " in shown
        assert command.summary in shown
    assert "etude " + group in shown
    assert len(shown.splitlines()) <= 32
    assert max(map(len, shown.splitlines())) <= 96


def test_the_first_overview_has_groups_but_not_what_is_in_them() -> None:
    assert "bench" in members("")
    assert not any(" " in name for name in members(""))
    below = set(members("bench")) | set(members("train")) | set(members("features"))
    assert set(members("")) | below == set(COMMANDS)


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--version"])
    assert capsys.readouterr().out.strip() == f"etude {__version__}"


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in GROUPS])
def test_help_has_options_and_examples(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([*name.split(), "--help"])
    assert stop.value.code == 0
    shown = capsys.readouterr().out
    for example in COMMANDS[name].examples:
        assert f"etude {name}" in example
        assert " ".join(example.split()[:3]) in shown


def test_a_command_names_those_below_it(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    assert "see also:\n  etude train style --help\n" in capsys.readouterr().out


@pytest.mark.parametrize("columns", [60, 200])
def test_help_is_as_wide_as_the_screen(
    columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    with pytest.raises(SystemExit):
        main(["stylize", "--help"])
    before, _, options = capsys.readouterr().out.partition("examples:")
    assert max(map(len, before.splitlines())) <= min(columns, WIDEST)
    flowing = " ".join(options.replace("│", " ").split())
    assert "images that need more are looked at in tiles, which takes longer." in flowing
    is_in_a_line = any(
        "looked at in tiles, which takes longer." in it for it in options.split("\n")
    )
    assert is_in_a_line == (columns == 200)


def test_lists_of_commands_import_nothing_that_takes_long() -> None:
    code = (
        "import sys; from etude.cli import main; main(['bench']); main([]); "
        "print(sorted({'numpy', 'numba', 'torch', 'rich', 'tyro'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


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
        (["bench", "througput"], "did you mean `etude bench throughput`"),
        (["bench", "--rounds", "3"], "see `etude bench --help`"),
        (["bench", "throughput", "--rounds", "0"], "at least 1 round"),
        (["bench", "throughput", "--seconds", "0"], "more than 0 seconds"),
        (["bench", "solver", "--rounds", "0"], "at least 1 round"),
        (["bench", "tournament", "uniform"], "at least two players"),
        (["bench", "connect_four", "--seeds", "0"], "--seeds is at least 1"),
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
