"""Games between two opponents: in a window, as text, or recorded to a file."""

from pathlib import Path
from typing import Annotated, Final

import tyro
from rich.console import Console
from rich.progress import track

from etude import recording
from etude.envs.mnk.render import (
    BoardPainter,
    BoardWindow,
    Frame,
    board_text,
)
from etude.envs.mnk.rules import STONES, MNKRules
from etude.envs.mnk.sprites import SIDE_LABELS, look_of
from etude.match import Match
from etude.play import has_display
from etude.players import board_for

LONG_SIDE: Final = 480  # pixels
CAPTION: Final = 48
HOLD_FPS: Final = 20


def watch(
    first: Annotated[str, tyro.conf.Positional],
    second: Annotated[str, tyro.conf.Positional],
    *,
    board: str | None = None,
    games: int = 1,
    seed: int | None = None,
    record: Path | None = None,
    show_values: bool = False,
    fps: float = 2,
) -> None:
    """Watch two opponents play; they swap sides after every game.

    Args:
        first: who begins the first game: "minimax", "epsilon_minimax:0.1", "uniform", the file of
            an agent (.npz), or a preset such as "perfect" or "book", which is trained on the spot.
        second: who plays against it.
        board: "tictactoe", "connect_four", "gomoku", or "m,n,k" with ",gravity" or ",misere"; if
            left out, the board of an agent's file, or tic-tac-toe.
        games: how many games.
        seed: of the players' choices and of a preset's training; the same seed gives the same
            games.
        record: write a film (.mp4), an animation (.gif) or the final board (.png) instead.
        show_values: show what a player thinks of every move if it is an agent, else exact values.
        fps: moves a second.

    Raises:
        ValueError: an unknown board, opponent or kind of file, or a number that is not positive.
    """
    rules = board_for(board, first, second)
    is_drawn = record is not None or has_display()
    labels = SIDE_LABELS[look_of(rules)] if is_drawn else STONES
    match = Match(rules, (first, second), games, seed, show_values, labels)
    if not fps > 0:
        raise ValueError(
            f"fps is the number of moves a second, above 0, got {fps}; 2 is easy to follow."
        )
    if record is not None:
        _record(match, record, fps)
    elif is_drawn:
        _show(match, fps)
    else:
        _print(match)
    print(*match.summary(), sep="\n")


def film(match: Match) -> tuple[list[Frame], frozenset[int]]:
    """Play a match: the frames of all its games, and the numbers of those that end a game."""
    painter = BoardPainter(match.rules, picture_size(match.rules))
    frames: list[Frame] = []
    ends = set()
    console = Console(stderr=True)
    for game in track(range(match.num_games), "playing", console=console, transient=True):
        for scene in match.play(game):
            frames.append(painter.frame(scene.position, **scene.overlays))
        ends.add(len(frames) - 1)
    return frames, frozenset(ends)


def _record(match: Match, path: Path, fps: float) -> None:
    recording.check_recordable(path)
    frames, ends = film(match)
    recording.record(path, frames, fps, ends)
    for number, caption in enumerate(match.endings, 1):
        print(f"game {number}: {caption}")
    print(f"wrote {path}")


def _show(match: Match, fps: float) -> None:
    title = f"Etude: {match.names[0]} against {match.names[1]}"
    window = BoardWindow(match.rules, picture_size(match.rules), title)
    try:
        for game in range(match.num_games):
            for scene in match.play(game):
                window.show(scene.position, fps, **scene.overlays)
                if window.quit_requested:
                    return
            print(f"game {game + 1}: {scene.caption}")
            for _ in range(round(recording.HOLD_SECONDS * HOLD_FPS)):  # stays open to a click
                window.show(scene.position, HOLD_FPS, **scene.overlays)
                if window.quit_requested:
                    return
    finally:
        window.close()


def _print(match: Match) -> None:
    for game in range(match.num_games):
        for scene in match.play(game):
            print(board_text(match.rules, scene.position, scene.last_cell), end="\n\n")
        print(f"game {game + 1}: {scene.caption}")


def picture_size(rules: MNKRules) -> tuple[int, int]:
    """Width and height of a picture that fits the board's shape, with room for a caption."""
    longest = max(rules.m, rules.n)
    width, height = (
        max(LONG_SIDE * cells // longest, 240) // 2 * 2 for cells in (rules.n, rules.m)
    )
    return width, height + CAPTION
