"""Matches on show: results, texts, and recordings that can be read again."""

from collections import Counter
from pathlib import Path
from typing import Any

import imageio.v3 as iio
import numpy as np
import pytest

from etude import recording
from etude.envs.mnk.opponents import AgentOpponent
from etude.envs.mnk.render import BoardPainter
from etude.envs.mnk.rules import MNKRules
from etude.envs.mnk.sprites import SIDE_LABELS, look_of
from etude.match import Match
from etude.watch import picture_size, watch

TICTACTOE = MNKRules()


@pytest.fixture
def headless(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")


def num_scenes(board: str, seed: int, games: int = 1) -> int:
    match = Match(MNKRules.from_name(board), ("minimax", "uniform"), games, seed)
    return sum(len(list(match.play(game))) for game in range(games))


def test_without_a_screen_the_boards_are_printed(
    headless: None, capsys: pytest.CaptureFixture[str]
) -> None:
    watch("minimax", "minimax", seed=0, games=2)
    lines = capsys.readouterr().out.splitlines()
    assert lines.count("draw") == 2
    assert lines.count("X to move") == 10
    assert "game 2: minimax (X) \u2013 minimax (O): draw" in lines
    assert lines[-1] == "minimax against minimax on tictactoe: 0 won, 2 drawn, 0 lost of 2"


def test_sides_alternate_and_results_belong_to_players() -> None:
    match = Match(TICTACTOE, ("minimax", "uniform"), 6, seed=2)
    starts = [next(iter(scenes)).caption for scenes in (match.play(game) for game in range(2))]
    assert starts == ["minimax (X) \u2013 uniform (O)", "uniform (X) \u2013 minimax (O)"]
    for game in range(6):
        list(match.play(game))
    assert match.results.total() == 6
    assert match.results[1] >= 4
    assert match.results[-1] == 0


def test_the_same_seed_gives_the_same_games() -> None:
    positions = []
    for seed in (1, 1, 2):
        match = Match(TICTACTOE, ("uniform", "uniform"), 1, seed)
        positions.append([scene.position for scene in match.play(0)])
    assert positions[0] == positions[1] != positions[2]


class Blind:
    """An agent that has not learned the rules: it always plays the first column or cell."""

    def predict(self, observation: Any, **_: Any) -> tuple[Any, Any]:
        return np.zeros(len(observation), np.int64), None


@pytest.mark.parametrize(
    ("board", "how"), [("tictactoe", "an occupied cell"), ("connect_four", "a full column")]
)
def test_an_illegal_move_of_an_agent_loses(board: str, how: str) -> None:
    rules = MNKRules.from_name(board)
    match = Match(rules, ("minimax", Blind()), 2, seed=0)
    for game in range(2):
        *_, before, last = match.play(game)
        if "Blind plays" in last.caption:
            assert last.caption.endswith(f": Blind plays {how} and loses")
            assert last.position == before.position
    assert match.results == Counter({1: 2})
    num_forfeits = match.forfeits[1]
    assert match.forfeits == Counter({1: num_forfeits})
    assert num_forfeits > 0
    assert f"Blind lost {num_forfeits} by an illegal move" in match.summary()


def test_a_recording_holds_the_illegal_move(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("etude.match.player", lambda *_: AgentOpponent(Blind()))
    path = tmp_path / "game.gif"
    watch("uniform", "minimax", seed=0, record=path)
    labels = SIDE_LABELS[look_of(TICTACTOE)]
    *_, final = Match(TICTACTOE, ("uniform", "minimax"), 1, 0, labels=labels).play(0)
    expected = BoardPainter(TICTACTOE, picture_size(TICTACTOE)).frame(
        final.position, **final.overlays
    )
    assert final.caption.endswith("minimax plays an occupied cell and loses")
    frames = iio.imread(path)
    assert len(frames) == 3, "the empty board, a stone, and the illegal move"
    assert np.abs(frames[-1].astype(int) - expected).mean() < 2, "up to the colours of a gif"


def test_values_of_an_agent_without_any_are_owned_up_to() -> None:
    match = Match(TICTACTOE, (Blind(), "uniform"), 1, 0, show_values=True)
    first = next(match.play(0))
    assert first.values == dict.fromkeys(range(9), 0)
    assert match.summary()[-1] == "Blind tells no values: exact ones are shown at its moves"


def test_presets_are_trained_on_the_spot(capsys: pytest.CaptureFixture[str]) -> None:
    match = Match(TICTACTOE, ("perfect", "uniform"), 1, 0, show_values=True)
    assert next(match.play(0)).values == pytest.approx(dict.fromkeys(range(9), 0.0))
    assert match.names == ("perfect", "uniform")


def test_a_window_shows_the_match(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import pygame

    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setattr("etude.watch.has_display", lambda: True)
    monkeypatch.setattr(recording, "HOLD_SECONDS", 0.1)
    watch("uniform", "uniform", seed=0, games=2, fps=1000, show_values=True)
    assert capsys.readouterr().out.count("game") == 2
    assert not pygame.display.get_init()


def test_moves_that_are_not_exact_are_owned_up_to(
    headless: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("etude.turn.Turn._is_solved", lambda *_: False)
    watch("minimax", "uniform", seed=0)
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.endswith(
        "moves went by rule of thumb: solving them exactly takes more than 10 s each"
    )


def test_gif(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "game.gif"
    watch("minimax", "uniform", seed=1, record=path, fps=4, show_values=True)
    frames = iio.imread(path)
    assert frames.shape == (num_scenes("tictactoe", 1), 528, 480, 3)
    durations = [iio.immeta(path, index=i)["duration"] for i in range(len(frames))]
    assert set(durations[:-1]) == {250}
    assert durations[-1] == 2000
    assert iio.immeta(path)["loop"] == 0
    assert [file.name for file in tmp_path.iterdir()] == ["game.gif"]
    assert f"wrote {path}" in capsys.readouterr().out


def test_mp4(tmp_path: Path) -> None:
    path = tmp_path / "game.MP4"
    watch("minimax", "uniform", board="connect_four", seed=1, record=path, fps=10)
    frames = iio.imread(path, plugin="pyav")
    facts = iio.immeta(path, plugin="pyav")
    width, height = picture_size(MNKRules.from_name("connect_four"))
    num_frames = (num_scenes("connect_four", 1) - 1) * 3 + 60
    assert frames.shape == (num_frames, height // 2 * 2, width, 3)
    assert (facts["codec"], facts["video_format"]) == ("h264", "yuv420p")
    assert facts["fps"] == recording.FILM_FPS
    assert [file.name for file in tmp_path.iterdir()] == ["game.MP4"]


def test_png_is_the_final_board(tmp_path: Path) -> None:
    path = tmp_path / "board.png"
    watch("minimax", "uniform", seed=1, record=path)
    *_, final = Match(TICTACTOE, ("minimax", "uniform"), 1, 1).play(0)
    expected = BoardPainter(TICTACTOE, picture_size(TICTACTOE)).frame(
        final.position, **final.overlays
    )
    np.testing.assert_array_equal(iio.imread(path), expected)


def test_odd_sizes_become_even(tmp_path: Path) -> None:
    frames = [np.full((33, 41, 3), shade, np.uint8) for shade in (0, 255)]
    recording.record(tmp_path / "odd.mp4", frames, 30, frozenset())
    assert iio.imread(tmp_path / "odd.mp4", plugin="pyav").shape == (2, 32, 40, 3)


def test_a_single_frame_is_a_gif_that_stands_still(tmp_path: Path) -> None:
    path = tmp_path / "still.gif"
    recording.record(path, [np.full((8, 8, 3), 90, np.uint8)], 4, frozenset({0}))
    assert iio.imread(path, index=None).shape == (1, 8, 8, 3)


def test_a_failed_recording_leaves_nothing_and_keeps_the_old(tmp_path: Path) -> None:
    path = tmp_path / "game.gif"
    path.write_bytes(b"old")
    with pytest.raises((ValueError, TypeError)):
        recording.record(path, [np.zeros((4, 4, 3), np.uint8), "no frame"], 2, frozenset())  # type: ignore[list-item]
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["game.gif"]


def test_what_cannot_be_done_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\.mp4, \.gif, \.png, got .*game\.avi"):
        watch("uniform", "uniform", record=tmp_path / "game.avi")
    with pytest.raises(ValueError, match="existing folder"):
        watch("uniform", "uniform", record=tmp_path / "missing" / "game.gif")
    with pytest.raises(ValueError, match="at least one game, got 0"):
        watch("uniform", "uniform", games=0)
    with pytest.raises(ValueError, match="above 0, got 0"):
        watch("uniform", "uniform", fps=0)
    with pytest.raises(ValueError, match="did you mean 'minimax'"):
        watch("minimaxx", "uniform")
    with pytest.raises(ValueError, match="minimax needs a board that can be solved"):
        watch("uniform", "minimax", board="gomoku")
    with pytest.raises(ValueError, match="--show-values needs a board"):
        watch("uniform", "uniform", board="gomoku", show_values=True)
