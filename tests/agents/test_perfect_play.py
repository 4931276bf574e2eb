"""Perfect play by labels: what is known is exact, both paths agree, and the proof comes in time."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from etude.agents.move_table import folded_move_table, move_table
from etude.agents.perfect_fast import KNOWN, SHARE, VALUE
from etude.agents.perfect_play import PerfectPlayAgent
from etude.agents.presets import find_preset
from etude.agents.value_table import TableArrays
from etude.envs.mnk.best_response import best_response
from etude.envs.mnk.opponents import EpsilonMinimax
from etude.envs.mnk.retrograde import ONGOING
from etude.envs.mnk.rules import FIRST, SECOND, MNKRules, Position
from etude.envs.mnk.state_space import StateSpace, state_space
from etude.envs.mnk.tabular_policy import uniform_policy

RULES = MNKRules(3, 3, 3)
BOARDS = [
    RULES,
    MNKRules(3, 3, 3, gravity=True),
    MNKRules(3, 3, 3, misere=True),
    MNKRules(2, 4, 3),
    MNKRules(3, 4, 3, gravity=True),
]


def arrays_of(agent: PerfectPlayAgent) -> tuple[StateSpace, TableArrays]:
    space = state_space(agent.rules)
    return space, agent.table.peek_arrays(space)


def exact_values(space: StateSpace) -> np.ndarray:
    """V1 of every state: 1, 1/2 or 0 for the player who moved last."""
    values: np.ndarray = (1.0 - np.sign(space.scores)) / 2.0
    return values


def exact_shares(space: StateSpace) -> np.ndarray:
    """V2 of every state: wins of the player who moved last, by value-keeping moves, from there."""
    shares = np.empty(len(space))
    for side in (FIRST, SECOND):
        best = best_response(space, uniform_policy(space), side, (1.0, 0.0, 0.0), space.optimal)
        moved = space.to_move != side
        shares[moved] = best.state_values[moved]
    return shares


@pytest.mark.parametrize("rules", BOARDS, ids=lambda rules: rules.name)
@pytest.mark.parametrize("symmetric", [True, False])
def test_both_paths_learn_the_same_numbers(rules: MNKRules, symmetric: bool) -> None:
    pure, fast, mixed = (PerfectPlayAgent(rules, symmetric, seed=4) for _ in range(3))
    pure.learn(60).learn(60)
    fast.learn(120, fast=True)
    mixed.learn(40, fast=True).learn(40).learn(40, fast=True)
    for agent in (fast, mixed):
        for one, other in zip(arrays_of(pure)[1], arrays_of(agent)[1], strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("rules", BOARDS, ids=lambda rules: rules.name)
def test_as_many_games_as_positions_are_enough(rules: MNKRules) -> None:
    agent = find_preset("perfect").train(rules, seed=1, fast=True)
    assert isinstance(agent, PerfectPlayAgent)
    assert agent.knows_all
    space, table = arrays_of(agent)
    ongoing = space.ongoing & (space.plies > 0)
    np.testing.assert_array_equal(table.values[KNOWN, table.keys][ongoing], 1.0)
    np.testing.assert_array_equal(
        table.values[VALUE, table.keys][ongoing], exact_values(space)[ongoing]
    )
    np.testing.assert_allclose(
        table.values[SHARE, table.keys][ongoing], exact_shares(space)[ongoing], rtol=0, atol=1e-12
    )
    assert not (agent.playable_table() & ~space.optimal).any()


def test_each_game_makes_a_position_known_and_what_is_known_is_exact() -> None:
    agent = PerfectPlayAgent(RULES, seed=2)
    space = state_space(RULES)
    values, shares, num_known = exact_values(space), exact_shares(space), 0
    while not agent.knows_all:
        agent.learn(1)
        _, table = arrays_of(agent)
        known = (table.values[KNOWN] == 1.0) & space.ongoing
        assert np.count_nonzero(known) > num_known
        num_known = np.count_nonzero(known)
        np.testing.assert_array_equal(table.values[VALUE, known], values[known])
        np.testing.assert_allclose(table.values[SHARE, known], shares[known], rtol=0, atol=1e-12)
    assert num_known == space.num_ongoing_up_to_symmetry - 1  # the empty board is no afterstate
    assert agent.exploitability() == 0.0


def test_nothing_changes_once_everything_is_known() -> None:
    agent = PerfectPlayAgent(RULES, seed=0).learn(627, fast=True)
    before = arrays_of(agent)[1].values.copy()
    agent.learn(50).learn(50, fast=True)
    np.testing.assert_array_equal(arrays_of(agent)[1].values, before)
    assert agent.num_games == 727


def test_games_go_where_something_is_not_known() -> None:
    """Below the one unknown first move, out of three, until all is known."""
    agent = PerfectPlayAgent(RULES, seed=0)
    known = agent.table.values(KNOWN)
    corner, edge = (agent.table.fold(RULES.play(Position(), cell)) for cell in (0, 1))
    known[corner] = known[edge] = 1.0
    for _ in range(20):
        game = agent.play_game(None, epsilon=1.0)
        assert game.afterstates[0].position == RULES.play(Position(), 4)


def test_it_learns_from_the_games_of_an_environment_too() -> None:
    gym = pytest.importorskip("gymnasium")
    env = gym.make("etude:etude/TicTacToe-v0", opponent="self")
    agent = PerfectPlayAgent(RULES, seed=0).learn(30, env=env)
    assert agent.num_games == 30
    assert len(agent.table) > 30


def test_a_proof_survives_a_file(tmp_path: Path) -> None:
    agent = PerfectPlayAgent(RULES, seed=0).learn(627, fast=True)
    agent.save(tmp_path / "perfect.npz")
    loaded = PerfectPlayAgent.load(tmp_path / "perfect.npz")
    assert loaded.knows_all
    for one, other in zip(arrays_of(agent)[1], arrays_of(loaded)[1], strict=True):
        np.testing.assert_array_equal(one, other)


def test_other_opponents_are_refused() -> None:
    for learn in (PerfectPlayAgent(RULES).learn, partial(PerfectPlayAgent(RULES).learn, fast=True)):
        with pytest.raises(ValueError, match="self-play"):
            learn(1, EpsilonMinimax(0.5))


@pytest.mark.parametrize("rules", BOARDS, ids=lambda rules: rules.name)
def test_folded_moves_are_those_of_the_least_image(rules: MNKRules) -> None:
    space, folded = state_space(rules), folded_move_table(rules)
    keys = space.row_of[space.canonical]
    for key in np.unique(keys).tolist():
        moves = slice(folded.starts[key], folded.starts[key + 1])
        image = rules.canonical(space.position(key))
        legal = rules.legal_actions(image)
        assert folded.actions[moves].tolist() == legal
        rows = [space.row(rules.play(image, action)) for action in legal]
        assert folded.rows[moves].tolist() == keys[rows].tolist()
    assert (np.diff(folded.starts)[keys != np.arange(len(space))] == 0).all()


@pytest.mark.parametrize("rules", BOARDS, ids=lambda rules: rules.name)
def test_all_moves_come_in_order_of_action(rules: MNKRules) -> None:
    space, moves = state_space(rules), move_table(rules)
    for row in np.flatnonzero(space.outcomes == ONGOING)[::37].tolist():
        position, found = space.position(row), slice(moves.starts[row], moves.starts[row + 1])
        legal = rules.legal_actions(position)
        assert moves.actions[found].tolist() == legal
        rows = [space.row(rules.play(position, action)) for action in legal]
        assert moves.rows[found].tolist() == rows


def test_budgets_follow_the_number_of_positions() -> None:
    perfect, book = find_preset("perfect"), find_preset("book")
    assert perfect.games_for(RULES) == state_space(RULES).num_ongoing_up_to_symmetry
    assert book.games_for(RULES) == book.num_games
    assert book.games_for(MNKRules(15, 15, 5)) == book.num_games


@pytest.mark.slow
def test_four_in_a_row_is_learned_to_a_proof() -> None:
    """Seed 0: everything is known after about 873,000 games of the 1,135,214 that are enough."""
    agent = find_preset("perfect").train(MNKRules(4, 4, 4), seed=0, fast=True)
    assert agent.exploitability() == 0.0
    space = state_space(agent.rules)
    assert not (agent.playable_table() & ~space.optimal).any()
