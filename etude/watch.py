"""Games between two opponents: in a window, as text, or recorded to a file."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import tyro
from rich.console import Console
from rich.progress import track

from etude import recording
from etude.envs.mnk.opponents import Opponent, needs_solver
from etude.envs.mnk.render import (
    BoardPainter,
    BoardWindow,
    Frame,
    board_text,
)
from etude.envs.mnk.rules import STONES, MNKRules, Position
from etude.envs.mnk.sprites import SIDE_LABELS, look_of
from etude.play import has_display
from etude.players import AGENT_SUFFIX, agent_of, player
from etude.turn import PATIENCE_SECONDS, Turn, is_solvable

LONG_SIDE: Final = 480  # pixels
CAPTION: Final = 48
HOLD_FPS: Final = 20


@dataclass(frozen=True)
class Scene:
    """One moment of a match.

    Args:
        position: the stones.
        last_cell: where the last one lies, if any.
        values: of the legal actions, if asked for and known.
        caption: who plays whom, and what has come of it.
    """

    position: Position
    last_cell: int | None
    values: Mapping[int, float] | None
    caption: str

    @property
    def overlays(self) -> dict[str, Any]:
        """The scene as ``BoardPainter.draw`` takes it."""
        return {"last_cell": self.last_cell, "values": self.values, "caption": self.caption}


def watch(
    first: Annotated[str, tyro.conf.Positional],
    second: Annotated[str, tyro.conf.Positional],
    *,
    board: str = "tictactoe",
    games: int = 1,
    seed: int | None = None,
    record: Path | None = None,
    show_values: bool = False,
    fps: float = 2,
) -> None:
    """Watch two opponents play; they swap sides after every game.

    Args:
        first: who begins the first game: "minimax", "epsilon_minimax:0.1", "uniform", or the file
            of an agent (.npz).
        second: who plays against it.
        board: "tictactoe", "connect_four", "gomoku", or "m,n,k" with ",gravity" or ",misere".
        games: how many games.
        seed: of the players' choices; the same seed gives the same games.
        record: write a film (.mp4), an animation (.gif) or the final board (.png) instead.
        show_values: show what a player thinks of every move if it is an agent, else exact values.
        fps: moves a second.

    Raises:
        ValueError: an unknown board, opponent or kind of file, or a number that is not positive.
    """
    rules = MNKRules.from_name(board)
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
    _print_summary(match)


class Match:
    """Games between two players who swap sides after every game.

    Args:
        rules: the board.
        names: of the two players, as ``player`` takes them; the first begins the first game.
        num_games: how many games.
        seed: of the players' choices.
        show_values: whether the scenes carry values.
        labels: what the captions call the sides.

    Raises:
        ValueError: an unknown player, fewer games than 1, or a board too large for what is asked.
    """

    def __init__(
        self,
        rules: MNKRules,
        names: tuple[str, str],
        num_games: int = 1,
        seed: int | None = None,
        show_values: bool = False,
        labels: Sequence[str] = STONES,
    ) -> None:
        if num_games < 1:
            raise ValueError(f"a match has at least one game, got {num_games}; see --games.")
        self.rules = rules
        self.names = tuple(
            Path(name).stem if name.endswith(AGENT_SUFFIX) else name for name in names
        )
        self.num_games = num_games
        self.show_values = show_values
        self.labels = labels
        self.players = tuple(player(name, rules) for name in names)
        self.results: Counter[int] = Counter()
        self.num_inexact = 0
        self._rng = np.random.default_rng(seed)
        self._check_solvable()

    def play(self, game: int) -> Iterator[Scene]:
        """The scenes of one game, which is counted in ``results`` at its end."""
        order = (0, 1) if game % 2 == 0 else (1, 0)
        title = " \u2013 ".join(
            f"{self.names[i]} ({label})" for i, label in zip(order, self.labels, strict=True)
        )
        position, last_cell, seated = Position(), None, [self.players[i] for i in order]
        while (outcome := self.rules.outcome(position)) is None:
            yield Scene(position, last_cell, self._values(position, seated), title)
            position, last_cell = self._move(position, seated)
        self.results[outcome if order[0] == 0 else -outcome] += 1
        first, second = self.labels
        result = {1: f"{first} wins", 0: "draw", -1: f"{second} wins"}[outcome]
        yield Scene(position, last_cell, None, f"{title}: {result}")

    def _move(self, position: Position, seated: Sequence[Opponent]) -> tuple[Position, int]:
        player, u = seated[position.to_move], float(self._rng.random())
        answer = Turn(self.rules, position, player, u).answer()
        self.num_inexact += not answer.exact
        cell = self.rules.cell_of(position.occupied, answer.action)
        return self.rules.play(position, answer.action), cell

    def _values(self, position: Position, seated: Sequence[Opponent]) -> Mapping[int, float] | None:
        if not self.show_values:
            return None
        return Turn(self.rules, position, seated[position.to_move], 0.0).hint().values

    def _check_solvable(self) -> None:
        needed = [
            name
            for name, player in zip(self.names, self.players, strict=True)
            if needs_solver(player)
        ]
        if not any(map(agent_of, self.players)):
            needed += ["--show-values"] * self.show_values
        if needed and not is_solvable(self.rules):
            raise ValueError(
                f"{needed[0]} needs a board that can be solved exactly, got {self.rules.name}; "
                f"choose a smaller board, or leave it to 'uniform' players."
            )


def _record(match: Match, path: Path, fps: float) -> None:
    recording.check_recordable(path)
    painter = BoardPainter(match.rules, picture_size(match.rules))
    frames: list[Frame] = []
    ends = set()
    console = Console(stderr=True)
    for game in track(range(match.num_games), "playing", console=console, transient=True):
        for scene in match.play(game):
            frames.append(painter.frame(scene.position, **scene.overlays))
        ends.add(len(frames) - 1)
        print(f"game {game + 1}: {scene.caption}")
    recording.record(path, frames, fps, frozenset(ends))
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


def _print_summary(match: Match) -> None:
    wins, draws, losses = (match.results[outcome] for outcome in (1, 0, -1))
    print(
        f"{match.names[0]} against {match.names[1]} on {match.rules.name}: "
        f"{wins} won, {draws} drawn, {losses} lost of {wins + draws + losses}"
    )
    if match.num_inexact:
        print(
            f"{match.num_inexact} moves went by rule of thumb: solving them exactly takes more "
            f"than {PATIENCE_SECONDS:.0f} s each"
        )


def picture_size(rules: MNKRules) -> tuple[int, int]:
    """Width and height of a picture that fits the board's shape, with room for a caption."""
    longest = max(rules.m, rules.n)
    width, height = (
        max(LONG_SIDE * cells // longest, 240) // 2 * 2 for cells in (rules.n, rules.m)
    )
    return width, height + CAPTION
