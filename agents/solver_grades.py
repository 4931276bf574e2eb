"""Grades on boards too large for a table: single positions and matches, judged by the solver.

*Move accuracy* is the share of positions in which an agent's move keeps the exact value (win, draw
or loss). It is steadier than the result of a match, in which one error decides a game.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Float64

from etude.agents.protocol import Agent
from etude.envs.mnk.observation import flat_planes
from etude.envs.mnk.opponents import EpsilonMinimax, Opponent, Probabilities, sample
from etude.envs.mnk.rules import FIRST, MNKRules, Position
from etude.envs.mnk.solver import solver_for

Z_95: Final = 1.959963984540054  # the normal quantile of a two-sided interval of 95 %


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


@dataclass(frozen=True)
class MatchResult:
    """Games of an agent, counted by their result for the agent."""

    wins: int
    draws: int
    losses: int

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


def move_accuracy(agent: Agent, rules: MNKRules, labelled: Iterable[LabelledPosition]) -> float:
    """The share of positions in which the agent's move keeps the exact value.

    Raises:
        ValueError: there are no positions.
    """
    labelled = list(labelled)
    if not labelled:
        raise ValueError("move accuracy is a share of positions, got none.")
    boards = [label.position for label in labelled]
    flat = np.stack([flat_planes(rules, position, position.to_move) for position in boards])
    masks = np.stack([rules.legal_mask(position) for position in boards]) > 0
    actions, _ = agent.predict(flat, deterministic=True, action_masks=masks)
    hits = [int(a) in label.optimal_actions for a, label in zip(actions, labelled, strict=True)]
    return float(np.mean(hits))


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
    results = [play_game(agent, rules, side, opponent, rng) for _ in range(num_games)]
    return MatchResult(results.count(1), results.count(0), results.count(-1))


def play_game(
    agent: Agent, rules: MNKRules, side: int, opponent: Opponent, rng: np.random.Generator
) -> int:
    """The outcome of one game for the agent: 1, 0 or -1."""
    position = Position()
    while (outcome := rules.outcome(position)) is None:
        legal = rules.legal_actions(position)
        if position.to_move == side:
            mask = rules.legal_mask(position) > 0
            action, _ = agent.predict(flat_planes(rules, position, side), action_masks=mask)
        else:
            action = opponent.act(rules, position, legal, float(rng.random()))
        position = rules.play(position, int(action))
    return outcome if side == FIRST else -outcome


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
    return Interval(max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale))


def _kept_share(rules: MNKRules, position: Position) -> float:
    """The share of moves that keep the value; 0 after the end."""
    values = solver_for(rules).action_values(position)
    return list(values.values()).count(max(values.values())) / len(values) if values else 0.0
