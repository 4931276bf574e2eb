"""The command `etude bench tournament`: a round robin, its cross table, and Elo ratings."""

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import tyro
from jaxtyping import Float64
from rich.console import Console
from rich.progress import track

from etude.agents.sampled_grade import why_unsolved
from etude.benchmarks import audience, results
from etude.benchmarks.elo import elo_ratings
from etude.benchmarks.results import Result
from etude.benchmarks.tournament import RoundRobin, compute_all, is_exact_for, play_all
from etude.envs.mnk.opponents import EpsilonMinimax, Opponent, needs_solver
from etude.envs.mnk.rules import MNKRules
from etude.envs.mnk.state_space import state_space
from etude.output import Outcome
from etude.players import board_for, player, short_name

RANDOM_PLAY: Final = EpsilonMinimax(1.0)
ENDS: Final = ("win", "draw", "loss")
UNKEPT: Final = Path("runs/tournament")  # of what a tracker hears where no results are kept
EXACT_DIGITS: Final = 3
SAMPLED_DIGITS: Final = 2
NAME_WIDTH: Final = 12  # at least; longer names are shortened where the terminal is narrow


@dataclass(frozen=True, eq=False)
class Tournament:
    """Who took part in a round robin, and what came of it, the best first.

    Attributes:
        rules: the board.
        names: of the players, each another.
        results: of all against each other.
        ratings: Elo.
    """

    rules: MNKRules
    names: tuple[str, ...]
    results: RoundRobin
    ratings: Float64[np.ndarray, " players"]

    def lines(self) -> list[dict[str, Any]]:
        """What there is to say of each player, as plain values."""
        return [
            {
                "player": name,
                "elo": float(self.ratings[i]),
                "points": float(self.results.points[i].sum() / (len(self.names) - 1)),
                "points_interval": list(self.results.points_interval(i)),
                **dict(zip(ENDS, self.results.totals[i].tolist(), strict=True)),
            }
            for i, name in enumerate(self.names)
        ]

    def as_dict(self) -> dict[str, Any]:
        """The tournament as plain values, for JSON."""
        pairings = [
            {
                "first": first,
                "second": second,
                **dict(zip(ENDS, self.results.ends[i, j].tolist(), strict=True)),
                "games": int(self.results.num_games[i, j]),
            }
            for i, first in enumerate(self.names)
            for j, second in enumerate(self.names)
            if i != j
        ]
        return {
            "board": self.rules.name,
            "exact": self.results.is_exact,
            "players": self.lines(),
            "results": pairings,
        }


def tournament(
    players: Annotated[tuple[str, ...], tyro.conf.Positional],
    *,
    board: str | None = None,
    games: int = 20,
    seed: int = 0,
    out: Path | None = None,
) -> Outcome:
    """Let players meet, each two in both orders, and rate them.

    On boards of up to 16 cells (9 if an agent without a table takes part) nothing is sampled: the
    results are expectations over all games. On larger ones games are played; two agents, who never
    vary, play one. Elo ratings are those of maximum likelihood with a virtual draw between each
    two players beside their games; random play is rated 0 if it takes part, else the mean is 0.

    Args:
        players: at least two of "uniform", "minimax", "epsilon_minimax:0.1", files of agents
            (.npz), and presets of `etude train`, which are trained first.
        board: "tictactoe", "connect_four", "gomoku", or "m,n,k" with ",gravity" or ",misere"; that
            of an agent from a file if left out, else tic-tac-toe.
        games: of each two players in each order; exact results weigh as much in the ratings.
        seed: of the players' choices, and of the training of presets.
        out: a folder to add a line a player to its `results.jsonl`.

    Returns:
        The standings, and what each two scored against each other.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: fewer players than two or games than one, an unknown player or board, an agent
            for another board, or perfect play on a board that cannot be solved.
    """
    if len(players) < 2:
        raise ValueError(
            f"a tournament has at least two players, got {len(players)}; for example "
            "`etude bench tournament uniform minimax`."
        )
    if games < 1:
        raise ValueError(f"players meet for at least 1 game, got --games {games}.")
    started = time.perf_counter()
    rules = board_for(board, *players)
    result = hold(rules, players, games, seed)
    seconds = time.perf_counter() - started
    config = {"players": list(players), "board": rules.name, "games": games}
    record(result, out, seed, config, seconds)
    show(result)
    return result.as_dict()


def hold(rules: MNKRules, names: Sequence[str], num_games: int, seed: int) -> Tournament:
    """The tournament; see ``tournament``."""
    copies = list(count_copies(names))
    players = [player(name, rules, seed + copy) for name, copy in zip(names, copies, strict=True)]
    console = Console(stderr=True)
    if is_exact_for(rules, players):
        with console.status(f"solving {rules.name}"):
            space = state_space(rules)
        follow = partial(track, description="computing", console=console, transient=True)
        found = compute_all(space, players, follow)
    else:
        check_solvable(rules, names, players)
        follow = partial(track, description="playing", console=console, transient=True)
        found = play_all(rules, players, num_games, seed, follow)
    anchor = players.index(RANDOM_PLAY) if RANDOM_PLAY in players else None
    ratings = elo_ratings(2 * num_games * found.points, anchor=anchor)
    order = np.argsort(-ratings, kind="stable")
    labels = list(make_labels(names))
    return Tournament(
        rules=rules,
        names=tuple(labels[i] for i in order),
        results=RoundRobin(found.ends[np.ix_(order, order)], found.num_games[np.ix_(order, order)]),
        ratings=ratings[order],
    )


def count_copies(names: Iterable[str]) -> Iterable[int]:
    """How often each name came before.

    >>> list(count_copies(["book", "uniform", "book"]))
    [0, 0, 1]
    """
    seen: Counter[str] = Counter()
    for name in names:
        yield seen[name]
        seen[name] += 1


def make_labels(names: Sequence[str]) -> Iterable[str]:
    """Short names, numbered where they repeat.

    >>> list(make_labels(["a/td.npz", "b/td.npz", "uniform"]))
    ['td', 'td (2)', 'uniform']
    """
    short = [short_name(name) for name in names]
    for name, copy in zip(short, count_copies(short), strict=True):
        yield f"{name} ({copy + 1})" if copy else name


def check_solvable(rules: MNKRules, names: Sequence[str], players: Sequence[Opponent]) -> None:
    """Check that perfect players find their moves in time.

    Raises:
        ValueError: the board is too large for one of them.
    """
    for name, opponent in zip(names, players, strict=True):
        if needs_solver(opponent) and (reason := why_unsolved(rules)):
            raise ValueError(
                f"{name} needs a board that can be solved exactly: {reason}; leave it out, or "
                "choose a smaller board."
            )


def record(
    result: Tournament, out: Path | None, seed: int, config: dict[str, Any], seconds: float
) -> None:
    """Add a line a player to a folder's file of results; without one, only a tracker hears."""
    for line in result.lines():
        found = Result(
            suite="tournament",
            task=result.rules.name,
            method=line["player"],
            seed=seed,
            metrics={name: line[name] for name in ("elo", "points", *ENDS)},
            seconds=seconds,
            config=config,
        )
        if out is None:
            audience.tell(UNKEPT, found)
        else:
            results.append(out / "results.jsonl", found)


def show(result: Tournament) -> None:
    """Print the standings, with a column for each opponent if the terminal is wide enough."""
    console = Console(highlight=False)
    how = "exact" if result.results.is_exact else "from games, with 95 % intervals"
    console.print(f"[bold]{result.rules.name}[/]: points a game, mean of both seats, {how}")
    rows = cross_table(result)
    if too_wide := table_width(rows) + NAME_WIDTH > console.width:
        rows = [row[:1] + row[1 + len(result.names) :] for row in rows]
    name_width = max(NAME_WIDTH, console.width - table_width(rows))
    names = [f"{i + 1} {name}" for i, name in enumerate(result.names)]
    names = [shorten(name, name_width) for name in ("", *names)]
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    for name, row in zip(names, rows, strict=True):
        cells = [cell.rjust(width) for cell, width in zip(row, widths, strict=True)]
        console.print(" ".join([name.ljust(max(map(len, names))), *cells]), markup=False)
    if too_wide:
        console.print("A wider terminal, or --json, has what each scored against each.")


def cross_table(result: Tournament) -> list[list[str]]:
    """The heading and a row a player: Elo, points against each, points in all, and their ends."""
    digits = EXACT_DIGITS if result.results.is_exact else SAMPLED_DIGITS
    rows = [["Elo", *(str(i + 1) for i in range(len(result.names))), "points", *ENDS]]
    for i, line in enumerate(result.lines()):
        against = [share(value, digits) for value in result.results.points[i]]
        against[i] = "-"
        points = share(line["points"], digits)
        if not result.results.is_exact:
            points += " ({} to {})".format(*(share(v, digits) for v in line["points_interval"]))
        ends = [share(line[end], digits) for end in ENDS]
        rows.append([f"{line['elo']:.0f}", *against, points, *ends])
    return rows


def table_width(rows: list[list[str]]) -> int:
    """How wide the columns are, each with a space before it."""
    return sum(1 + max(map(len, cells)) for cells in zip(*rows, strict=True))


def shorten(name: str, width: int) -> str:
    """A name of at most so many characters, with its end, which tells similar players apart.

    >>> shorten("epsilon_minimax:0.2", 12)
    'epsilon~:0.2'
    """
    return name if len(name) <= width else f"{name[: width - 5]}~{name[-4:]}"


def share(value: float, digits: int) -> str:
    """A share without the zero before its point.

    >>> share(0.25, 2), share(1.0, 3)
    ('.25', '1.000')
    """
    return f"{value:.{digits}f}".removeprefix("0")
