"""Grades on boards too large for a table: single positions and matches, judged by the solver.

*Move accuracy* is the share of positions in which an agent's move keeps the exact value (win, draw
or loss). It is steadier than the result of a match, in which one error decides a game.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

import numpy as np
from jaxtyping import Float64

from etude.agents.choice import choose, choose_in_all
from etude.agents.protocol import Agent
from etude.envs.mnk.opponents import EpsilonMinimax, Opponent, Probabilities, sample
from etude.envs.mnk.rules import FIRST, MNKRules, Position
from etude.envs.mnk.solver import solver_for

Z_95: Final = 1.959963984540054  # the normal quantile of a two-sided interval of 95 %
NUM_LENGTHS: Final = 200
RARE: Final = 20


class LabelledPosition(NamedTuple):
    """A position and the exact value, -1, 0 or 1, of each legal move for the player to move."""

    position: Position
    action_values: dict[int, int]

    @property
    def optimal_actions(self) -> list[int]:
        """The moves that keep the position's value."""
        best = max(self.action_values.values())
        return [action for action, value in self.action_values.items() if value == best]

    @property
    def is_decision(self) -> bool:
        """Whether some move gives the value away."""
        return len(set(self.action_values.values())) > 1


class Interval(NamedTuple):
    """The ends of a confidence interval."""

    low: float
    high: float


class GameEnd(NamedTuple):
    """How a game ended for an agent: 1, 0 or -1; ``forfeited`` if it lost by an illegal move."""

    outcome: int
    forfeited: bool = False


@dataclass(frozen=True)
class MatchResult:
    """Games of an agent, counted by their result for the agent.

    Args:
        wins: games won.
        draws: games drawn.
        losses: games lost, by an illegal move or otherwise.
        illegal: games lost by an illegal move.
    """

    wins: int
    draws: int
    losses: int
    illegal: int = 0

    @classmethod
    def count(cls, ends: Iterable[GameEnd]) -> Self:
        """The result of games that ended like this."""
        ends = list(ends)
        outcomes = [end.outcome for end in ends]
        return cls(
            outcomes.count(1),
            outcomes.count(0),
            outcomes.count(-1),
            sum(end.forfeited for end in ends),
        )

    @property
    def num_games(self) -> int:
        """How many games were played."""
        return self.wins + self.draws + self.losses

    @property
    def win_interval(self) -> Interval:
        """The 95 % interval of the share of wins."""
        return wilson_interval(self.wins, self.num_games)

    def __str__(self) -> str:
        low, high = self.win_interval
        return (
            f"{self.wins} wins, {self.draws} draws and {self.losses} losses in {self.num_games} "
            f"games ({self.wins / self.num_games:.1%} won; 95 % interval {low:.1%} to {high:.1%})"
        )


@dataclass(frozen=True)
class StubbornMinimax:
    """Perfect play that wins as early and loses as late as it can.

    ``EpsilonMinimax(0.0)`` keeps the value, and nothing else: in a lost position every move does,
    so it plays at random there. This one makes its opponent prove the win.

    Args:
        min_stones: with fewer stones on the board it moves like ``EpsilonMinimax(0.0)``, because
            distances are slow to compute in the opening.
    """

    min_stones: int = 12

    def act(self, rules: MNKRules, position: Position, legal: Sequence[int], u: float) -> int:
        """See ``Opponent``."""
        return sample(self.action_probabilities(rules, position, legal), u)

    def action_probabilities(
        self, rules: MNKRules, position: Position, legal: Sequence[int]
    ) -> Probabilities:
        """See ``Opponent``."""
        if position.num_stones < self.min_stones:
            return EpsilonMinimax(0.0).action_probabilities(rules, position, legal)
        scores = solver_for(rules).action_scores(position)
        best = [action for action, score in scores.items() if score == max(scores.values())]
        probabilities: Float64[np.ndarray, " actions"] = np.zeros(rules.num_actions)
        probabilities[best] = 1.0 / len(best)
        return probabilities


@dataclass(frozen=True)
class DemandingMinimax:
    """Perfect play that leaves its opponent the smallest share of moves that keep their value.

    The hardest of the three to win against: it looks for positions in which most moves err. It has
    little choice left, so that its games against a deterministic agent are much alike.
    """

    def act(self, rules: MNKRules, position: Position, legal: Sequence[int], u: float) -> int:
        """See ``Opponent``."""
        return sample(self.action_probabilities(rules, position, legal), u)

    def action_probabilities(
        self, rules: MNKRules, position: Position, legal: Sequence[int]
    ) -> Probabilities:
        """See ``Opponent``."""
        optimal = solver_for(rules).optimal_actions(position)
        shares = {action: _kept_share(rules, rules.play(position, action)) for action in optimal}
        best = [action for action, share in shares.items() if share == min(shares.values())]
        probabilities: Float64[np.ndarray, " actions"] = np.zeros(rules.num_actions)
        probabilities[best] = 1.0 / len(best)
        return probabilities


def labelled_positions(
    rules: MNKRules, num_positions: int, rng: np.random.Generator, stones: tuple[int, int]
) -> Iterator[LabelledPosition]:
    """Positions of random games that are not over, labelled by the solver as they are asked for.

    Args:
        rules: the board.
        num_positions: how many.
        rng: draws the games.
        stones: the fewest and the most stones on the board, each number equally often.

    Raises:
        ValueError: no game can go on with so many stones.
    """
    fewest, most = stones
    if not 0 <= fewest <= most < rules.num_cells:
        raise ValueError(
            f"stones is a range within 0 to {rules.num_cells - 1} on {rules.name!r}, got {stones}."
        )
    for _ in range(num_positions):
        position = random_position(rules, int(rng.integers(fewest, most + 1)), rng)
        yield LabelledPosition(position, solver_for(rules).action_values(position))


def random_position(rules: MNKRules, num_stones: int, rng: np.random.Generator) -> Position:
    """The position after ``num_stones`` random moves, of a game that these did not end."""
    while True:
        position = Position()
        for _ in range(num_stones):
            actions = rules.legal_actions(position)
            if not actions:
                break
            position = rules.play(position, int(rng.choice(actions)))
        if rules.outcome(position) is None and position.num_stones == num_stones:
            return position


def stones_of_random_games(rules: MNKRules) -> tuple[int, int]:
    """A range of stones for ``labelled_positions``: the middle of a game, as random games reach it.

    It goes from two to five sevenths of the cells (12 to 30 on Connect Four), or less far where
    fewer than one in ``RARE`` random games last so long.
    """
    rng = np.random.default_rng(0)  # the range belongs to the board, not to the grade
    lengths = sorted(_random_length(rules, rng) for _ in range(NUM_LENGTHS))
    most = min(5 * rules.num_cells // 7, lengths[-NUM_LENGTHS // RARE] - 1)
    return min(2 * rules.num_cells // 7, most), most


def _random_length(rules: MNKRules, rng: np.random.Generator) -> int:
    position = Position()
    while actions := rules.legal_actions(position):
        position = rules.play(position, int(rng.choice(actions)))
    return position.num_stones


def count_accurate(agent: Agent, rules: MNKRules, labelled: Sequence[LabelledPosition]) -> int:
    """In how many positions the agent's move keeps the exact value; an illegal one does not.

    Raises:
        ValueError: there are no positions.
    """
    if not labelled:
        raise ValueError("move accuracy is a share of positions, got none.")
    actions = choose_in_all(agent, rules, [label.position for label in labelled])
    return sum(
        action in label.optimal_actions for action, label in zip(actions, labelled, strict=True)
    )


def move_accuracy(agent: Agent, rules: MNKRules, labelled: Iterable[LabelledPosition]) -> float:
    """The share of positions in which the agent's move keeps the exact value.

    Raises:
        ValueError: there are no positions.
    """
    labelled = list(labelled)
    hits = count_accurate(agent, rules, labelled)
    return hits / len(labelled)


def uniform_accuracy(labelled: Iterable[LabelledPosition]) -> float:
    """The move accuracy of a uniformly random player: what accuracy is to be compared with."""
    shares = [len(label.optimal_actions) / len(label.action_values) for label in labelled]
    return float(np.mean(shares))


def match_against_solver(
    agent: Agent,
    rules: MNKRules,
    num_games: int,
    rng: np.random.Generator,
    side: int = FIRST,
    opponent: Opponent | None = None,
) -> MatchResult:
    """Play an agent's deterministic moves against an opponent, by default perfect play.

    Args:
        agent: gets flat observations and the mask.
        rules: the board.
        num_games: how many.
        rng: draws the opponent's moves.
        side: the agent's.
        opponent: ``EpsilonMinimax(0.0)`` if left out, uniform over the moves that keep the value.
    """
    opponent = opponent or EpsilonMinimax(0.0)
    return MatchResult.count(play_game(agent, rules, side, opponent, rng) for _ in range(num_games))


def play_game(
    agent: Agent, rules: MNKRules, side: int, opponent: Opponent, rng: np.random.Generator
) -> GameEnd:
    """Play one game; an illegal move of the agent loses it on the spot.

    Raises:
        ValueError: an illegal move of the opponent.
    """
    position = Position()
    while (outcome := rules.outcome(position)) is None:
        legal = rules.legal_actions(position)
        if position.to_move == side:
            action = choose(agent, rules, position)
            if action not in legal:
                return GameEnd(-1, forfeited=True)
        else:
            action = opponent.act(rules, position, legal, float(rng.random()))
        position = rules.play(position, action)
    return GameEnd(outcome if side == FIRST else -outcome)


def wilson_interval(successes: int, trials: int, z: float = Z_95) -> Interval:
    """The score interval of a share (E. B. Wilson, JASA 22, 1927).

    With p = successes / trials it is (p + z^2 / 2n -+ z sqrt(p (1 - p) / n + z^2 / 4n^2)) /
    (1 + z^2 / n).

    Raises:
        ValueError: no trials, or more successes than trials.

    >>> low, high = wilson_interval(50, 100)
    >>> round(low, 4), round(high, 4)
    (0.4038, 0.5962)
    """
    if not 0 <= successes <= trials or trials == 0:
        raise ValueError(
            f"a share needs at least one trial and no more successes than trials, got "
            f"{successes} of {trials}."
        )
    p, n = successes / trials, trials
    middle = p + z * z / (2 * n)
    spread = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    low = (middle - spread) / scale if successes > 0 else 0.0  # exactly, not to rounding
    high = (middle + spread) / scale if successes < trials else 1.0
    return Interval(low, high)


def _kept_share(rules: MNKRules, position: Position) -> float:
    """The share of moves that keep the value; 0 after the end."""
    values = solver_for(rules).action_values(position)
    return list(values.values()).count(max(values.values())) / len(values) if values else 0.0
