"""The command `etude bench tournament`: labels, ratings, the table, JSON, results, mistakes."""

from pathlib import Path

import numpy as np
import pytest

from etude.agents.presets import make_td
from etude.benchmarks import results
from etude.benchmarks.tournament import RoundRobin
from etude.envs.mnk.rules import MNKRules
from etude.tournament import Tournament, hold, show, tournament

RULES = MNKRules(3, 3, 3)


def test_the_outcome_has_everything() -> None:
    found = tournament(("uniform", "minimax", "epsilon_minimax:0.5"))
    assert (found["board"], found["exact"]) == ("tictactoe", True)
    names = [line["player"] for line in found["players"]]
    assert names == ["minimax", "epsilon_minimax:0.5", "uniform"]
    best, _, random_play = found["players"]
    assert random_play["elo"] == 0.0
    assert best["loss"] == 0.0
    assert best["points"] == pytest.approx(best["win"] + best["draw"] / 2)
    assert best["points_interval"] == [best["points"]] * 2
    assert len(found["results"]) == 6
    (pairing,) = (r for r in found["results"] if (r["first"], r["second"]) == tuple(names[::2]))
    assert pairing["win"] == pytest.approx(0.9678, abs=5e-5)
    assert pairing["games"] == 0


def test_the_mean_is_0_without_random_play() -> None:
    result = hold(RULES, ["minimax", "epsilon_minimax:0.2", "epsilon_minimax:0.9"], 20, 0)
    assert result.ratings.sum() == pytest.approx(0.0, abs=1e-6)
    assert (np.diff(result.ratings) < 0).all()


def test_more_games_let_ratings_go_further_apart() -> None:
    few, many = (hold(RULES, ["uniform", "minimax"], games, 0) for games in (1, 100))
    assert many.ratings[0] > few.ratings[0] > few.ratings[1] == 0.0


def test_copies_are_labelled_and_trained_apart(capsys: pytest.CaptureFixture[str]) -> None:
    result = hold(RULES, ["perfect", "perfect", "uniform", "uniform"], 20, 0)
    assert set(result.names) == {"perfect", "perfect (2)", "uniform", "uniform (2)"}
    assert result.ratings[list(result.names).index("uniform")] == 0.0


def test_games_are_played_on_large_boards(tmp_path: Path) -> None:
    players = ("uniform", "uniform")
    found = tournament(players, board="5,5,4,gravity", games=6, seed=3, out=tmp_path)
    assert not found["exact"]
    assert [pairing["games"] for pairing in found["results"]] == [6, 6]
    lines = results.read(tmp_path / "results.jsonl")
    assert {(line["suite"], line["task"], line["seed"]) for line in lines} == {
        ("tournament", "5,5,4,gravity", 3)
    }
    assert {line["method"] for line in lines} == {"uniform", "uniform (2)"}
    assert set(lines[0]["metrics"]) == {"elo", "points", "win", "draw", "loss"}
    assert sum(line["metrics"]["points"] for line in lines) == pytest.approx(1.0)


def test_an_agent_from_a_file_brings_its_board(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "small.npz"
    make_td(MNKRules(2, 3, 2), seed=0).save(path)
    tournament(("uniform", str(path)))
    shown = capsys.readouterr().out
    assert shown.startswith("2,3,2: points a game")
    assert " small " in shown
    with pytest.raises(ValueError, match="was trained on"):
        tournament(("uniform", str(path)), board="3,3,3")


@pytest.mark.parametrize("exact", [True, False])
def test_seven_players_fit_on_a_narrow_terminal(
    exact: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    show(example(7, exact))
    shown = capsys.readouterr().out.splitlines()
    assert max(map(len, shown)) <= 80
    rows = shown[-7:]
    assert rows[0].startswith("1 ")
    assert "wider" not in shown[-1]
    assert [len(row.split()) for row in rows] == [len(rows[0].split())] * 7


def test_more_players_leave_the_columns_out(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    show(example(20, exact=True))
    shown = capsys.readouterr().out.splitlines()
    assert max(map(len, shown)) <= 80
    assert shown[1].split() == ["Elo", "points", "win", "draw", "loss"]
    assert "--json" in shown[-1]


def example(num_players: int, exact: bool) -> Tournament:
    """Draws between players with long names."""
    ends = np.zeros((num_players, num_players, 3))
    ends[:, :, 1] = 1.0 - np.eye(num_players)
    games = np.zeros((num_players, num_players), np.int64) if exact else 20 * ends[:, :, 1]
    return Tournament(
        RULES,
        tuple(f"epsilon_minimax:{i}" for i in range(num_players)),
        RoundRobin(ends, games.astype(np.int64)),
        np.linspace(1200, 0, num_players),
    )


@pytest.mark.parametrize(
    ("players", "options", "message"),
    [
        ((), {}, "at least two players, got 0"),
        (("uniform",), {}, "at least two players, got 1"),
        (("uniform", "minimax"), {"games": 0}, "at least 1 game"),
        (("uniform", "minmax"), {}, "did you mean 'minimax'"),
        (("uniform", "missing.npz"), {}, "missing.npz"),
        (("uniform", "minimax"), {"board": "gomoku"}, "minimax needs a board"),
    ],
)
def test_mistakes_are_explained(
    players: tuple[str, ...], options: dict[str, object], message: str
) -> None:
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        tournament(players, **options)
