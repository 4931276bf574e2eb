"""Games between two opponents, or an agent at work: in a window, as text, or recorded."""

from pathlib import Path
from typing import Annotated, Final

import tyro
from rich.console import Console
from rich.progress import track

from etude import recording
from etude.envs.mnk.render import (
    BoardPainter,
    BoardWindow,
    board_text,
)
from etude.envs.mnk.rules import STONES, MNKRules
from etude.envs.mnk.sprites import SIDE_LABELS, look_of
from etude.envs.pygame_window import Frame
from etude.envs.registration import STYLE_WEIGHTS
from etude.foundations.names import check_name
from etude.match import Match
from etude.motifs import Motifs, refuse
from etude.output import Outcome
from etude.play import has_display
from etude.players import board_for, is_agent

LONG_SIDE: Final = 480  # pixels
CAPTION: Final = 48
HOLD_FPS: Final = 20


def watch(
    *players: Annotated[str, tyro.conf.Positional],
    agent: str | None = None,
    motifs: Annotated[Motifs, tyro.conf.arg(name="")] = Motifs(),  # noqa: B008
    board: str | None = None,
    games: int = 1,
    seed: int | None = None,
    record: Path | None = None,
    show_values: bool = False,
    fps: float = 2,
) -> Outcome:
    """Watch two opponents play, or an agent tune a style transfer.

    Opponents swap sides after every game. Instead of them, name the environment
    etude/StyleWeights-v0: its agent is shown beside default weights.

    Args:
        players: who begins the first game, and who plays against it: "minimax",
            "epsilon_minimax:0.1", "uniform", the file of an agent (.npz), or a preset such as
            "perfect" or "book", which is trained on the spot. Or etude/StyleWeights-v0.
        agent: who tunes in etude/StyleWeights-v0: "agent", which comes along (default), the file of
            one (.npz), or a baseline such as "default" or "random".
        motifs: what is painted there.
        board: "tictactoe", "connect_four", "gomoku", or "m,n,k" with ",gravity" or ",misere"; if
            left out, the board of an agent's file, or tic-tac-toe.
        games: how many games, or paintings.
        seed: of the players' choices and of a preset's training, or of the choice of paintings; the
            same seed gives the same games.
        record: write a film (.mp4), an animation (.gif) or the final board (.png) instead.
        show_values: show what a player thinks of every move if it is an agent, else exact values.
        fps: moves a second.

    Returns:
        How the games ended, or what the paintings gained.

    Raises:
        ValueError: an unknown board, opponent or kind of file, options that do not go together, or
            a number that is not positive.
    """
    if not fps > 0:
        raise ValueError(
            f"fps is the number of moves a second, above 0, got {fps}; 2 is easy to follow."
        )
    if players == (STYLE_WEIGHTS,):
        from etude.watch_tuning import watch_tuning

        refuse(STYLE_WEIGHTS, board=board is not None, show_values=show_values)
        name = agent or "agent"
        return watch_tuning(name, motifs, games=games, seed=seed, record=record, fps=fps)
    first, second = two_players(players)
    refuse("a board", agent=agent is not None, **motifs.given)
    rules = board_for(board, first, second)
    is_drawn = record is not None or has_display()
    labels = SIDE_LABELS[look_of(rules)] if is_drawn else STONES
    match = Match(rules, (first, second), games, seed, show_values, labels)
    if record is not None:
        _record(match, record, fps)
    elif is_drawn:
        _show(match, fps)
    else:
        _print(match)
    print(*match.summary(), sep="\n")
    return match.as_dict() | {"record": record}


def two_players(names: tuple[str, ...]) -> tuple[str, str]:
    """Who plays on a board.

    Raises:
        ValueError: not two of them, or an environment that is not to be watched like this.
    """
    if len(names) == 2:
        return names[0], names[1]
    if len(names) == 1 and "/" in names[0] and not is_agent(names[0]):
        check_name("an environment to watch", names[0], (STYLE_WEIGHTS,))
    raise ValueError(
        f"a board has two players, got {len(names)} ({', '.join(names) or 'nobody'}); for example "
        f"`etude watch minimax uniform`. `etude watch {STYLE_WEIGHTS}` needs none."
    )


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
