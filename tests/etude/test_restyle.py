"""`etude restyle` from end to end, and what users do wrong."""

import io
import json
from pathlib import Path

import pytest

from etude.cli import main

SEAT = "Please take a seat."


def restyle(*arguments: str | Path) -> None:
    main(["restyle", *map(str, arguments)])


def error_of(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    with pytest.raises(SystemExit) as stopped:
        restyle(*arguments)
    assert stopped.value.code == 2
    error: str = capsys.readouterr().err
    assert error.startswith("etude: ")
    assert error.count("\n") == 1
    return error


def test_a_request_there_and_back(capsys: pytest.CaptureFixture[str]) -> None:
    restyle("Come and sit", "--to", "formal")
    output, error = capsys.readouterr()
    assert output.count("\n") == 1
    assert "seat" in output
    assert error == ""
    restyle(SEAT, "--to", "informal")
    output, _ = capsys.readouterr()
    assert output.strip() != SEAT
    assert "please" not in output.lower()


def test_the_register_is_recognised(capsys: pytest.CaptureFixture[str]) -> None:
    restyle(SEAT)
    output, error = capsys.readouterr()
    assert output.strip() != SEAT
    assert error == f"made informal, as it sounds formal: {SEAT!r}\n"


def test_lines_of_a_file_to_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines, out = tmp_path / "lines.txt", tmp_path / "out.txt"
    lines.write_text("Come and sit\n\nBonjour tout le monde\n", encoding="utf-8")
    restyle("--from-file", lines, "--to", "formal", "-o", out)
    first, *rest = out.read_text(encoding="utf-8").splitlines()
    assert "seat" in first
    assert rest == ["", "Bonjour tout le monde"]
    output, error = capsys.readouterr()
    assert output == ""
    assert error.splitlines() == [
        "unchanged, a request has words, got an empty line: ''",
        "unchanged, requests are in English, got hardly an English word: 'Bonjour tout le monde'",
    ]


def test_lines_of_the_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("Come and sit\n" + "very " * 2_000 + "\n"))
    restyle("--to", "formal")
    output, error = capsys.readouterr()
    assert output.splitlines()[1] == "very " * 2_000
    assert "at most 300 characters, got 10000; split it: " in error
    assert len(error) < 200


def test_several_ways_for_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("Come and sit", "--to", "formal", "--json", "-n", "3")
    restyle(*arguments, "--beam", "6")
    (request,) = json.loads(capsys.readouterr().out)["requests"]
    ways = request["ways"]
    assert 1 < len({way["output"] for way in ways}) == len(ways) <= 3
    assert {way["source"] for way in ways} == {"Come and sit"}
    assert request["register"] == "formal"
    assert all(way["reason"] is None and way["score"] < 0.0 for way in ways)
    arguments = ("Can you call me later?", *arguments[1:])
    drawn = []
    for seed in ("1", "1", "2"):
        restyle(*arguments, "--sample", "--temperature", "1.5", "--seed", seed)
        drawn.append(capsys.readouterr().out)
    assert drawn[0] == drawn[1] != drawn[2]


def test_what_users_do_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "say --beam 3 or --sample" in error_of(capsys, "Sit", "-n", "3")
    assert "drop one" in error_of(capsys, "Sit", "--beam", "2", "--sample")
    assert "above 0, got 0.0" in error_of(capsys, "Sit", "--sample", "--temperature", "0")
    assert "no-such" in error_of(capsys, "--from-file", tmp_path / "no-such.txt")
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\xff\xfe")
    assert "text in UTF-8" in error_of(capsys, "--from-file", picture)
    assert "complete safetensors file" in error_of(capsys, "Sit", "--model", picture)
    missing = tmp_path / "none" / "out.txt"
    assert "none" in error_of(capsys, "Come and sit", "--to", "formal", "-o", missing)


def test_nothing_to_say(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdin", terminal)
    assert "requests are given in quotes, got none" in error_of(capsys)
