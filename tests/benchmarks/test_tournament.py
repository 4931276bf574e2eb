"""Round robins: exact results agree with known ones and with games, forfeits are lost."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from etude.agents.presets import make_td
from etude.benchmarks.tournament import (
    RoundRobin,
    compute_all,
    is_exact_for,
    match_or_forfeit,
    play_all,
    play_game,
    policy_of,
)
from etude.envs.mnk.best_response import match
from etude.envs.mnk.opponents import AgentOpponent, EpsilonMinimax, Opponent, PolicyOpponent
from etude.envs.mnk.rules import MNKRules
from etude.envs.mnk.state_space import state_space
from etude.envs.mnk.tabular_policy import minimax_policy, uniform_policy

RULES = MNKRules(3, 3, 3)
UNIFORM, MINIMAX = EpsilonMinimax(1.0), EpsilonMinimax(0.0)


class Stuck:
    """Plays one action whatever the position, legal or not."""

    def __init__(self, action: int) -> None:
        self.action = action

    def predict(self, observation: Any, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        return np.full(len(observation), self.action), None


def test_exact_results_are_the_known_ones() -> None:
    results = compute_all(state_space(RULES), [UNIFORM, MINIMAX])
    assert results.is_exact
    assert results.ends[0, 0].sum() == 0.0
    assert results.ends[1, 0] == pytest.approx([0.9678, 0.0322, 0.0], abs=5e-5)
    assert results.ends[0, 1, 2] == pytest.approx(0.7775, abs=5e-5)
    points = 0.5 + (0.9678 + 0.7775) / 4  # without a loss a game is worth half a point at least
    assert results.points == pytest.approx(np.array([[0, 1 - points], [points, 0]]), abs=5e-5)
    assert results.totals[1] == pytest.approx([0.8726, 0.1274, 0.0], abs=5e-5)
    assert results.totals[0] == pytest.approx(results.totals[1][::-1])
    assert results.points_interval(1) == pytest.approx((points, points), abs=5e-5)


@pytest.mark.parametrize("followed", [True, False])
def test_pairings_are_handed_on(followed: bool) -> None:
    seen: list[tuple[int, int]] = []

    def follow(pairings: Sequence[tuple[int, int]]) -> Sequence[tuple[int, int]]:
        seen.extend(pairings)
        return pairings if followed else []

    results = compute_all(state_space(RULES), [UNIFORM] * 3, follow)
    assert sorted(seen) == [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)]
    assert results.ends.any() == followed


def test_without_forfeits_it_is_the_ordinary_match() -> None:
    space = state_space(RULES)
    policies = uniform_policy(space), minimax_policy(space, 0.3)
    assert match_or_forfeit(space, *policies) == match(space, *policies)


def test_an_illegal_move_loses_in_both_seats_and_both_ways() -> None:
    """Against itself the second player is the first to repeat a move: the cell is taken."""
    stuck = AgentOpponent(Stuck(4))
    results = compute_all(state_space(RULES), [stuck, stuck, UNIFORM])
    assert results.ends[0, 1].tolist() == [1.0, 0.0, 0.0]
    assert results.totals[2] == pytest.approx([1.0, 0.0, 0.0])
    played = play_all(RULES, [stuck, stuck, UNIFORM], 5, seed=0)
    assert played.ends == pytest.approx(results.ends)
    assert play_game(RULES, (UNIFORM, AgentOpponent(Stuck(9))), np.random.default_rng(0)) == 1


def test_games_agree_with_expectations() -> None:
    agent = make_td(RULES, seed=0)
    agent.learn(300)
    players: list[Opponent] = [UNIFORM, MINIMAX, AgentOpponent(Asked(agent))]
    exact = compute_all(state_space(RULES), players)
    num_games = 400
    played = play_all(RULES, players, num_games, seed=1)
    spread = 5 * np.sqrt(0.25 / num_games)
    assert np.abs(exact.ends - played.ends).max() < spread
    assert (played.num_games == num_games * (1 - np.eye(3))).all()
    for player in range(3):
        low, high = played.points_interval(player)
        assert low < exact.points[player].sum() / 2 < high
    again = play_all(RULES, players, num_games, seed=1)
    assert (again.ends == played.ends).all()
    assert (play_all(RULES, players, num_games, seed=2).ends != played.ends).any()


class Asked:
    """An agent without its table."""

    def __init__(self, agent: Any) -> None:
        self.predict = agent.predict


def test_ties_of_an_agent_with_a_table_are_all_played() -> None:
    """An agent that has learned nothing plays like random, by its table, but for wins."""
    space = state_space(RULES)
    agent = make_td(RULES, seed=0)
    agent.learn(1)
    policy = policy_of(AgentOpponent(agent), space)
    assert (policy == agent.policy_table(space)).all()
    assert np.count_nonzero(policy[0]) > 1
    asked = policy_of(AgentOpponent(Asked(agent)), space)
    assert (np.count_nonzero(asked, axis=1) == space.ongoing).all()
    assert (policy[asked > 0] > 0).all()


def test_any_opponent_has_a_policy() -> None:
    space = state_space(MNKRules(2, 2, 2))
    last = PolicyOpponent(lambda observation, mask: int(np.flatnonzero(mask)[-1]))
    assert policy_of(last, space)[0].tolist() == [0.0, 0.0, 0.0, 1.0]


def test_two_agents_play_once_for_they_never_vary() -> None:
    agents = [AgentOpponent(Stuck(4)), AgentOpponent(Stuck(0))]
    results = play_all(RULES, [*agents, UNIFORM], 6, seed=0)
    assert results.num_games.tolist() == [[0, 0, 6], [0, 0, 6], [6, 6, 0]]
    assert not results.is_exact
    low, high = results.points_interval(0)
    assert high - low < 0.5  # half of the result is known


def test_an_interval_needs_no_more_than_the_estimates() -> None:
    """Wilson's interval of 5 points of 10: 0.2366 to 0.7634, half of the result of three."""
    ends = np.zeros((3, 3, 3))
    ends[0, 1] = ends[0, 2] = (1.0, 0.0, 0.0)
    ends[1, 0] = ends[2, 0] = (0.0, 1.0, 0.0)
    games = np.zeros((3, 3), np.int64)
    games[1, 0] = games[2, 0] = 5
    results = RoundRobin(ends, games)
    assert results.points_interval(0) == pytest.approx(
        (0.5 + 0.2366 / 2, 0.5 + 0.7634 / 2), abs=1e-4
    )


@pytest.mark.parametrize(
    ("board", "player", "exact"),
    [
        ("4,4,3", UNIFORM, True),
        ("3,3,3", AgentOpponent(Stuck(0)), True),
        ("3,4,3", AgentOpponent(Stuck(0)), False),
        ("connect_four", UNIFORM, False),
    ],
)
def test_small_boards_are_exact(board: str, player: Opponent, exact: bool) -> None:
    assert is_exact_for(MNKRules.from_name(board), [MINIMAX, player]) == exact
