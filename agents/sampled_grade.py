"""Grades of agents on boards too large to enumerate: matches and single moves, with intervals.

The agent plays in both seats against random play, and against perfect play where the solver can
give it. *Move accuracy*, judged by the solver on positions of random games, is the steadier figure:
against a perfect opponent one error decides a game.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from etude.agents.protocol import Agent
from etude.agents.solver_grades import (
    GameEnd,
    Interval,
    LabelledPosition,
    MatchResult,
    count_accurate,
    labelled_positions,
    play_game,
    stones_of_random_games,
    uniform_accuracy,
    wilson_interval,
)
from etude.envs.mnk.opponents import EpsilonMinimax, Opponent
from etude.envs.mnk.rules import FIRST, SECOND, SIDE_NAMES, MNKRules, Position
from etude.envs.mnk.solver import solver_for

UNIFORM: Final = "uniform"
MINIMAX: Final = "minimax"
OPPONENTS: Final[dict[str, Opponent]] = {
    UNIFORM: EpsilonMinimax(1.0),
    MINIMAX: EpsilonMinimax(0.0),
}
QUICK_GAMES: Final = 10  # against random play, for each game against perfect play, which takes long
PATIENCE_SECONDS: Final = 20.0
Follow = Callable[[Iterable[Any], str, int], Iterable[Any]]
"""Hands items on, and shows how many of them there were: (items, what they are, how many)."""


@dataclass(frozen=True)
class Accuracy:
    """In how many positions an agent's move kept the exact value.

    Args:
        hits: so many.
        num_positions: of so many.
        stones: the fewest and the most stones on their boards.
        uniform_share: the expected share of a random player, to compare with.
    """

    hits: int
    num_positions: int
    stones: tuple[int, int]
    uniform_share: float

    @property
    def share(self) -> float:
        """The move accuracy."""
        return self.hits / self.num_positions

    @property
    def interval(self) -> Interval:
        """Its 95 % interval."""
        return wilson_interval(self.hits, self.num_positions)


@dataclass(frozen=True)
class SampledGrade:
    """What an agent is worth on a board too large to enumerate.

    Args:
        board: the name of the board.
        against: for each opponent and side of the agent, the result of the match.
        accuracy: of single moves, if the board can be solved.
        unsolved: why there is no perfect play to compare with; empty if there is.
    """

    board: str
    against: dict[str, dict[str, MatchResult]]
    accuracy: Accuracy | None
    unsolved: str

    def as_dict(self) -> dict[str, Any]:
        """The grade as plain values, for JSON."""
        accuracy = self.accuracy
        return {
            "board": self.board,
            "against": {
                opponent: {side: result_as_dict(result) for side, result in sides.items()}
                for opponent, sides in self.against.items()
            },
            "move_accuracy": accuracy
            and asdict(accuracy) | {"share": accuracy.share, "interval": list(accuracy.interval)},
            "unsolved": self.unsolved,
        }


def sampled_grade(
    agent: Agent,
    rules: MNKRules,
    *,
    num_games: int,
    num_positions: int,
    rng: np.random.Generator,
    follow: Follow = lambda items, *_: items,
) -> SampledGrade:
    """Let an agent play, and have its moves judged.

    Args:
        agent: plays its deterministic moves; an illegal one loses the game.
        rules: the board.
        num_games: in each seat against perfect play, and ``QUICK_GAMES`` times as many against
            random play.
        num_positions: for the move accuracy.
        rng: draws the opponents' moves and the positions.
        follow: is handed everything that takes time, to show a progress bar.

    Raises:
        ValueError: fewer games or positions than 1.
    """
    for name, number in (("games", num_games), ("positions", num_positions)):
        if number < 1:
            raise ValueError(f"a grade takes at least 1 of its {name}, got {number}.")
    unsolved = why_unsolved(rules)
    numbers = {UNIFORM: QUICK_GAMES * num_games} | ({} if unsolved else {MINIMAX: num_games})
    against = {
        opponent: {
            SIDE_NAMES[side]: _play(agent, rules, side, opponent, number, rng, follow)
            for side in (FIRST, SECOND)
        }
        for opponent, number in numbers.items()
    }
    accuracy = None if unsolved else _judge(agent, rules, num_positions, rng, follow)
    return SampledGrade(rules.name, against, accuracy, unsolved)


def why_unsolved(rules: MNKRules, patience_seconds: float = PATIENCE_SECONDS) -> str:
    """Why no perfect play can be had on a board; empty if it can."""
    try:
        solver = solver_for(rules)
    except ValueError as error:
        return str(error)
    if solver.answers_within(Position(), patience_seconds):
        return ""
    return (
        f"{rules.name} is not solved: the first move alone takes more than {patience_seconds:.0f} s"
    )


def result_as_dict(result: MatchResult) -> dict[str, Any]:
    """Shares, their 95 % intervals and the number of games, as plain values."""
    counts = {"win": result.wins, "draw": result.draws, "loss": result.losses}
    number = result.num_games
    shares = {name: count / number for name, count in counts.items()}
    intervals = {
        f"{name}_interval": list(wilson_interval(count, number)) for name, count in counts.items()
    }
    return shares | {"illegal": result.illegal / number} | intervals | {"games": number}


def _play(
    agent: Agent,
    rules: MNKRules,
    side: int,
    opponent: str,
    num_games: int,
    rng: np.random.Generator,
    follow: Follow,
) -> MatchResult:
    def ends() -> Iterable[GameEnd]:
        for _ in range(num_games):
            yield play_game(agent, rules, side, OPPONENTS[opponent], rng)

    what = f"{SIDE_NAMES[side]} against {opponent}"
    return MatchResult.count(follow(ends(), what, num_games))


def _judge(
    agent: Agent, rules: MNKRules, num_positions: int, rng: np.random.Generator, follow: Follow
) -> Accuracy:
    stones = stones_of_random_games(rules)
    positions = labelled_positions(rules, num_positions, rng, stones)
    labelled: list[LabelledPosition] = list(follow(positions, "solving positions", num_positions))
    hits = count_accurate(agent, rules, labelled)
    return Accuracy(hits, num_positions, stones, uniform_accuracy(labelled))
