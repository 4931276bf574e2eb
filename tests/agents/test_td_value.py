"""The TD value agent: updates by hand, the compiled path, learning."""

import itertools

import numpy as np
import pytest

from etude.agents.games import Game
from etude.agents.monte_carlo import MonteCarloAgent
from etude.agents.schedules import Exponential, PerVisit
from etude.agents.tabular_agent import TabularAgent
from etude.agents.td_value import BACKUPS, EXPLORERS, TDSettings, TDValueAgent
from etude.envs.mnk.game_graph import game_graph
from etude.envs.mnk.rules import MNKRules
from etude.envs.mnk.state_space import state_space
from etude.envs.mnk.tabular_policy import TabularOpponent, minimax_policy

RULES = MNKRules(3, 3, 3)
BOARDS = (RULES, MNKRules(2, 3, 2), MNKRules(3, 3, 3, gravity=True), MNKRules(3, 3, 3, misere=True))


def make_game(moves: list[int], exploratory: set[int] = frozenset(), learner: int | None = None):  # type: ignore[no-untyped-def,assignment]
    """A game from its moves, of which some (by number) were exploratory."""
    node, afterstates = game_graph(RULES).root, []
    for action in moves:
        node = node.play(action)
        afterstates.append(node)
    greedy = [ply not in exploratory for ply in range(len(moves))]
    return Game(afterstates, greedy, learner)


FIRST_WINS = [0, 3, 1, 4, 2]  # X takes the top row


def learned(agent: TabularAgent, game: Game) -> list[float]:
    """The values of the afterstates of a game."""
    values = agent.table.values()
    return [values.get(agent.table.fold(node.position), 0.5) for node in game.afterstates]


def test_book_td_changes_by_step_size_times_td_error() -> None:
    agent = TDValueAgent(RULES, TDSettings(step_size=0.1))
    game = make_game(FIRST_WINS)
    agent.learn_from(game, 0)
    # X's second move leads to a win: 0.5 + 0.1 (1 - 0.5); O's second one to a loss.
    np.testing.assert_allclose(learned(agent, game)[:4], [0.5, 0.5, 0.55, 0.45])
    agent.learn_from(game, 1)
    # Now the first moves follow the second ones: 0.5 + 0.1 (0.55 - 0.5), before those change.
    np.testing.assert_allclose(learned(agent, game)[:4], [0.505, 0.495, 0.595, 0.405])


def test_book_td_learns_nothing_from_an_exploratory_move() -> None:
    agent = TDValueAgent(RULES, TDSettings(step_size=0.1))
    game = make_game(FIRST_WINS, exploratory={4})
    agent.learn_from(game, 0)
    np.testing.assert_allclose(learned(agent, game)[:4], [0.5, 0.5, 0.5, 0.45])


def test_lambda_return_reaches_back_and_is_cut_at_exploration() -> None:
    settings = TDSettings(backup="lambda", step_size=1.0, trace_decay=0.5)
    agent = TDValueAgent(RULES, settings)
    game = make_game(FIRST_WINS)
    agent.learn_from(game, 0)
    # X: G = V(end) = 1, then 0.5 * V + 0.5 * G with V = 1 by then; O: 0, then 0.
    np.testing.assert_allclose(learned(agent, game)[:4], [1.0, 0.0, 1.0, 0.0])
    agent = TDValueAgent(RULES, settings)
    agent.learn_from(make_game(FIRST_WINS, exploratory={2}), 0)
    np.testing.assert_allclose(learned(agent, game)[:4], [0.5, 0.0, 1.0, 0.0])


def test_max_backup_in_self_play_is_one_minus_the_best_answer() -> None:
    agent = TDValueAgent(RULES, TDSettings(backup="max", step_size=1.0))
    game = make_game([0, 3, 1, 5, 6])  # X could have won at 2
    agent.learn_from(make_game([0, 3, 1, 5, 2]), 0)
    assert learned(agent, game)[3] == 0.0
    agent.learn_from(make_game([0, 3, 1, 2, 6, 4, 8, 5]), 1)  # O completes 3, 4, 5
    assert learned(agent, make_game([0, 3, 1, 5, 2]))[3] == 0.0


def test_max_backup_against_an_opponent_follows_the_answer_given() -> None:
    agent = TDValueAgent(RULES, TDSettings(backup="max", step_size=0.5))
    game = make_game(FIRST_WINS, exploratory={2}, learner=0)
    agent.learn_from(game, 0)
    # 0.5 + 0.5 (1 - 0.5), and from there 0.5 + 0.5 (0.75 - 0.5); O learns nothing.
    np.testing.assert_allclose(learned(agent, game)[:4], [0.625, 0.5, 0.75, 0.5])


@pytest.mark.parametrize("backup", BACKUPS)
@pytest.mark.parametrize("opponent", ["self", "uniform", "tabular"])
@pytest.mark.parametrize("symmetric", [True, False])
def test_fast_path_plays_the_same_games_and_learns_the_same(
    backup: str, opponent: str, symmetric: bool
) -> None:
    for rules, explorer in itertools.product(BOARDS, EXPLORERS):
        step_size = PerVisit(0.01) if opponent != "self" else Exponential(0.5, 0.1, 50)
        settings = TDSettings(
            backup=backup, symmetric=symmetric, explorer=explorer, step_size=step_size
        )
        pure, fast = (TDValueAgent(rules, settings, seed=7) for _ in range(2))
        space = state_space(rules)
        noisy = TabularOpponent(space, minimax_policy(space, 0.5))
        other = noisy if opponent == "tabular" else opponent
        pure.learn(60, other).learn(40, other)
        fast.learn(30, other, fast=True).learn(70, other, fast=True)
        assert_same(pure, fast)
    assert pure.rng.random() == fast.rng.random()


def assert_same(pure: TabularAgent, fast: TabularAgent) -> None:
    space = state_space(pure.rules)
    slow_arrays, fast_arrays = pure.table.peek_arrays(space), fast.table.peek_arrays(space)
    for one, other in zip(slow_arrays, fast_arrays, strict=True):
        np.testing.assert_array_equal(one, other)
    assert pure.table.visits() == fast.table.visits()


def test_monte_carlo_is_an_average_and_its_fast_path_the_same() -> None:
    agent = MonteCarloAgent(RULES)
    for number, moves in enumerate((FIRST_WINS, FIRST_WINS, [0, 3, 1, 4, 8, 5])):
        agent.learn_from(make_game(moves), number)
    game = make_game(FIRST_WINS)
    np.testing.assert_allclose(learned(agent, game)[:4], [2 / 3, 1 / 3, 2 / 3, 1 / 3])
    for opponent in ("self", "uniform"):
        pure, fast = (MonteCarloAgent(RULES, seed=3) for _ in range(2))
        assert_same(pure.learn(200, opponent), fast.learn(200, opponent, fast=True))


def test_schedules_count_games_over_several_calls() -> None:
    settings = TDSettings(step_size=Exponential(1.0, 0.01, 100), exploration=0.5)
    once, thrice = (TDValueAgent(RULES, settings, seed=1) for _ in range(2))
    once.learn(90)
    thrice.learn(30).learn(30).learn(30)
    assert_same(once, thrice)


def test_self_play_learns_to_draw() -> None:
    solved = [
        TDValueAgent(RULES, seed=seed).learn(30_000, fast=True).exploitability() == 0.0
        for seed in range(6)
    ]
    assert sum(solved) >= 4  # 100 of 100 were there by 20,000 games; now and then one leaves


def test_large_boards_have_sparse_tables() -> None:
    rules = MNKRules(6, 7, 4, gravity=True)
    agent = TDValueAgent(rules, seed=0).learn(20)
    assert 20 < len(agent.table) < 20 * rules.num_cells
    with pytest.raises(ValueError, match="enumerated"):
        agent.exploitability()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"backup": "maxx"}, "did you mean 'max'"),
        ({"explorer": "random"}, "an explorer"),
        ({"initial_value": 2.0}, "initial_value"),
        ({"exploration": PerVisit()}, "same for all positions"),
        ({"step_size": -0.1}, "between 0 and 1"),
    ],
)
def test_settings_are_checked(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TDSettings(**settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("fast", [True, False])
def test_max_backup_needs_a_zero_sum_game(fast: bool) -> None:
    agent = TDValueAgent(RULES, TDSettings(backup="max", draw_value=0.0))
    with pytest.raises(ValueError, match=r"draw_value=0\.0"):
        agent.learn(1, fast=fast)
