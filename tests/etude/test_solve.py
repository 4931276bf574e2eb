"""What ``etude solve`` prints."""

import re

import pytest

from etude import solve as solve_module
from etude.envs.mnk.rules import MNKRules
from etude.envs.mnk.solver import SearchLimit, solver_for
from etude.solve import phrase, solve


def test_a_position_shows_every_move_and_marks_the_best(capsys: pytest.CaptureFixture[str]) -> None:
    solve("tictactoe", position="X.O/.X./..O")
    text = capsys.readouterr().out
    assert "X is to move and draws" in text
    assert text.count("loss 2") == 4
    assert re.search(r"\*\s+draws\s+cell 5\b", text)
    assert re.search(r"\n +loses in 2 plies\s+cell 1, 3, 6, 7\b", text)
    assert "5*" in text
    assert "1*" not in text
    assert "\x1b" not in text  # no colours into a pipe


def test_the_empty_board_comes_with_its_facts(capsys: pytest.CaptureFixture[str]) -> None:
    solve()
    text = " ".join(capsys.readouterr().out.split())
    assert "5,478 positions, 765 up to symmetry; 255,168 games" in text


def test_gravity_shows_outcomes_where_the_stones_land(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(solve_module, "SECONDS_FOR_DISTANCES", 0.0)
    solve("connect_four")
    text = capsys.readouterr().out
    assert "X is to move and wins" in text
    assert re.search(r"\*\s+wins.*column 3\b", text)
    bottom_row = text[: text.index("└")].rstrip().splitlines()[-1]
    assert [cell.split()[0] for cell in bottom_row.split("│")[1:-1]] == [
        "loss",
        "loss",
        "draw",
        "win",
        "draw",
        "loss",
        "loss",
    ]


def test_the_outcome_has_every_move() -> None:
    answer = solve("3,3,3", position="XX./OO./...")
    assert answer["board"] == "tictactoe"
    assert answer["to_move"] == "first"
    assert (answer["value"], answer["plies"]) == (1, 1)
    assert answer["moves"][2] == {"value": 1, "plies": 1}
    assert 2 in answer["best"]
    assert "facts" not in answer


def test_a_finished_game_says_who_has_won(capsys: pytest.CaptureFixture[str]) -> None:
    solve(position="XXX/OO./...")
    assert "X has won" in capsys.readouterr().out


def test_distances_are_left_out_where_they_take_too_long(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    solver = solver_for(MNKRules(3, 3, 3))

    def give_up(*args: object, **kwargs: object) -> None:
        raise SearchLimit

    monkeypatch.setattr(solver, "action_scores", give_up)
    monkeypatch.setattr(solver, "action_values", lambda position: {4: 0, 5: -1})
    solve(position=".../.../...")
    text = capsys.readouterr().out
    assert re.search(r"\*\s+draws\s+cell 4\b", text)
    assert re.search(r"loses\s+cell 5\b", text)
    assert "left out" in text


@pytest.mark.parametrize(
    ("board", "position", "message"),
    [
        ("tictacto", None, "did you mean 'tictactoe'"),
        ("gomoku", None, "an exact answer needs"),
        ("tictactoe", "XX/OO", "a 3 x 3 board is 3 rows"),
        ("tictactoe", "XXX/.../...", "as many stones as O or one more"),
    ],
)
def test_bad_input_says_what_is_wrong(board: str, position: str | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        solve(board, position=position)


def test_phrases_count_in_words() -> None:
    assert phrase(-1, 4) == "loses in 4 plies"
    assert phrase(1, None) == "wins"
    assert solve_module.VERBS[0] == phrase(0, None)
