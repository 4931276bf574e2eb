"""A round robin: everyone against everyone, in both seats.

Where the board can be enumerated nothing is sampled: the results are expectations over all games.
On larger boards games are played, but two agents, who never vary, play the same game each time, so
that one shows the result. An illegal move of an agent loses the game.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations
from typing import Final

import numpy as np
from jaxtyping import Float64, Int64

from etude.agents.evaluation import tabular
from etude.agents.solver_grades import Interval, wilson_interval
from etude.envs.mnk.best_response import Match, end_probabilities
from etude.envs.mnk.game_graph import MAX_KEPT_CELLS
from etude.envs.mnk.opponents import AgentOpponent, EpsilonMinimax, Opponent
from etude.envs.mnk.retrograde import MAX_TABLE_CELLS
from etude.envs.mnk.rules import FIRST, SECOND, MNKRules, Position
from etude.envs.mnk.state_space import StateSpace
from etude.envs.mnk.tabular_policy import Policy, minimax_policy, tabulate

VALUES: Final = np.array([1.0, 0.5, 0.0])  # points for a win, a draw and a loss
KEPT_BYTES: Final = 1 << 30  # of policies at a time; one of 4 x 4 cells takes as much
Pairings = Sequence[tuple[int, int]]
Follow = Callable[[Pairings], Iterable[tuple[int, int]]]
"""Hands pairings on, first and second player, and may show how many there were."""


@dataclass(frozen=True, eq=False)
class RoundRobin:
    """Results of all players against each other.

    Attributes:
        ends: the shares of wins, draws and losses of the row's player, moving first, against the
            column's; 0 on the diagonal.
        num_games: that each of them was estimated from, 0 where it is exact.
    """

    ends: Float64[np.ndarray, "first second 3"]
    num_games: Int64[np.ndarray, "first second"]

    @property
    def is_exact(self) -> bool:
        """Whether no result is an estimate."""
        return not self.num_games.any()

    @property
    def points(self) -> Float64[np.ndarray, "players players"]:
        """Points a game of the row's player against the column's, the mean of both seats."""
        first = self.ends @ VALUES
        points: Float64[np.ndarray, "players players"] = (first + 1.0 - first.T) / 2
        np.fill_diagonal(points, 0.0)
        return points

    @property
    def totals(self) -> Float64[np.ndarray, "players 3"]:
        """The shares of each player's wins, draws and losses over all opponents and both seats."""
        seats = 2 * (len(self.ends) - 1)
        both = self.ends.sum(axis=1) + self.ends.sum(axis=0)[:, ::-1]
        totals: Float64[np.ndarray, "players 3"] = both / seats
        return totals

    def points_interval(self, player: int) -> Interval:
        """The 95 % interval of a player's points a game over all opponents and both seats.

        Wilson's, of the results that are estimates. A draw counts as half a win, which makes it
        wider than it need be, and half a point is rounded outwards.
        """
        others = np.arange(len(self.ends)) != player
        first, second = self.ends[player, others], self.ends[others, player, ::-1]
        points = np.concatenate([first, second]) @ VALUES
        games = np.concatenate([self.num_games[player, others], self.num_games[others, player]])
        estimated, num_games = games > 0, int(games.sum())
        if num_games == 0:
            return Interval(float(points.mean()), float(points.mean()))
        scored = round(2 * float(points @ games)) / 2
        low = wilson_interval(math.floor(scored), num_games).low
        high = wilson_interval(math.ceil(scored), num_games).high
        known, share = float(points[~estimated].sum()) / len(points), float(estimated.mean())
        return Interval(known + share * low, known + share * high)


def is_exact_for(rules: MNKRules, players: Sequence[Opponent]) -> bool:
    """Whether results can be computed: on few cells, fewer if someone has no table."""
    has_tables = all(isinstance(p, EpsilonMinimax) or _has_table(p) for p in players)
    return rules.num_cells <= (MAX_TABLE_CELLS if has_tables else MAX_KEPT_CELLS)


def compute_all(
    space: StateSpace, players: Sequence[Opponent], follow: Follow = iter
) -> RoundRobin:
    """The exact results, every tied move of an agent with a table equally likely.

    Args:
        space: all positions of the board.
        players: at least two.
        follow: is handed the pairings, to show a progress bar.
    """
    num_kept = max(2, KEPT_BYTES // (8 * space.legal.size))

    @lru_cache(maxsize=num_kept)
    def policy(player: int) -> Policy:
        return policy_of(players[player], space)

    ends = np.zeros((len(players), len(players), 3))
    for i, j in follow(list(permutations(range(len(players)), 2))):
        ends[i, j] = match_or_forfeit(space, policy(i), policy(j))
    return RoundRobin(ends, np.zeros(ends.shape[:2], np.int64))


def play_all(
    rules: MNKRules,
    players: Sequence[Opponent],
    num_games: int,
    seed: int,
    follow: Follow = iter,
) -> RoundRobin:
    """Results of games that are played, each from random numbers of its own.

    Args:
        rules: the board.
        players: at least two.
        num_games: of each two in each order; one of two agents.
        seed: of the players' choices.
        follow: is handed the pairings of all games, to show a progress bar.
    """
    counts = np.zeros((len(players), len(players), 3), np.int64)
    estimated = np.zeros(counts.shape[:2], np.bool_)
    games = []
    for i, j in permutations(range(len(players)), 2):
        estimated[i, j] = not all(isinstance(players[k], AgentOpponent) for k in (i, j))
        games += [(i, j)] * (num_games if estimated[i, j] else 1)
    for number, (i, j) in enumerate(follow(games)):
        rng = np.random.default_rng([seed, number])
        counts[i, j, 1 - play_game(rules, (players[i], players[j]), rng)] += 1
    sums = counts.sum(axis=2)
    return RoundRobin(counts / np.maximum(sums, 1)[:, :, None], np.where(estimated, sums, 0))


def policy_of(player: Opponent, space: StateSpace) -> Policy:
    """What a player does in every state; rows of 0 where an agent would play an illegal move."""
    if isinstance(player, EpsilonMinimax):
        return minimax_policy(space, player.epsilon)
    if isinstance(player, AgentOpponent):
        return tabular(player.agent, space).policy_table(space)
    return tabulate(space, player)


def match_or_forfeit(space: StateSpace, policy_first: Policy, policy_second: Policy) -> Match:
    """How a game between two policies ends, seen by the first.

    It is over, and lost, where the one to move has a row of 0: they would play an illegal move.
    """
    outcomes = space.outcomes.copy()
    for side, policy, outcome in ((FIRST, policy_first, -1), (SECOND, policy_second, 1)):
        forfeits = space.ongoing & (space.to_move == side) & ~policy.any(axis=1)
        outcomes[forfeits] = outcome
    graph = space.graph._replace(outcomes=outcomes)
    loss, draw, win = end_probabilities(graph, policy_first, policy_second).tolist()
    return Match(win, draw, loss)


def play_game(rules: MNKRules, players: tuple[Opponent, Opponent], rng: np.random.Generator) -> int:
    """The outcome of one game for the first player: 1, 0 or -1.

    Raises:
        ValueError: an illegal move of an opponent that is no agent.
    """
    position = Position()
    while (outcome := rules.outcome(position)) is None:
        player, legal = players[position.to_move], rules.legal_actions(position)
        if isinstance(player, AgentOpponent):
            (action,) = player.choose_all(rules, [position])
            if action not in legal:
                return -1 if position.to_move == FIRST else 1
        else:
            action = player.act(rules, position, legal, float(rng.random()))
        position = rules.play(position, action)
    return outcome


def _has_table(player: Opponent) -> bool:
    return isinstance(player, AgentOpponent) and hasattr(player.agent, "policy_table")
