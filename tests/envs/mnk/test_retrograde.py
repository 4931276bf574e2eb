"""The tables of small boards against published counts and plain recursion."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etude.envs.mnk.retrograde import MAX_TABLE_CELLS, RetrogradeSolver, make_tables
from etude.envs.mnk.rules import MNKRules, Position
from etude.envs.mnk.solver import solver_for
from etude.envs.mnk.state_space import StateSpace, state_space

SMALL_BOARDS = [
    MNKRules(m, n, k, gravity, misere)
    for m, n, k in [(1, 1, 1), (1, 4, 2), (4, 1, 3), (2, 3, 2), (3, 2, 3), (3, 3, 2), (3, 3, 3)]
    for gravity in (False, True)
    for misere in (False, True)
]


@cache
def recursive_score(rules: MNKRules, position: Position) -> int:
    outcome = rules.outcome(position)
    if outcome is not None:
        sign = outcome if position.to_move == 0 else -outcome
        return sign * (rules.num_cells + 1 - position.num_stones)
    legal = rules.legal_actions(position)
    return max(-recursive_score(rules, rules.play(position, action)) for action in legal)


@pytest.mark.parametrize("rules", SMALL_BOARDS, ids=lambda rules: rules.name)
def test_every_position_has_the_score_of_plain_recursion(rules: MNKRules) -> None:
    space = StateSpace(rules)
    positions = [space.position(row) for row in range(len(space))]
    assert space.scores.tolist() == [recursive_score(rules, position) for position in positions]


@pytest.mark.parametrize("rules", SMALL_BOARDS, ids=lambda rules: rules.name)
def test_states_are_those_that_recursion_reaches(rules: MNKRules) -> None:
    space = StateSpace(rules)
    recursive_score.cache_clear()
    recursive_score(rules, Position())
    assert len(space) == recursive_score.cache_info().currsize
    for row in range(len(space)):
        position = space.position(row)
        outcome = rules.outcome(position)
        assert space.row(position) == row
        assert space.plies[row] == position.num_stones
        assert space.to_move[row] == position.to_move
        assert space.ongoing[row] == (outcome is None)
        assert outcome is None or space.outcomes[row] == outcome
        assert np.array_equal(space.legal[row], rules.legal_mask(position) == 1)
        assert np.flatnonzero(space.optimal[row]).tolist() == space.solver.optimal_actions(position)


def test_tic_tac_toe_has_the_published_counts() -> None:
    # H. Bottomley, "How many Tic-Tac-Toe (noughts and crosses) games are possible?", 2001
    space = state_space(MNKRules(3, 3, 3))
    assert len(space) == 5_478
    assert space.num_up_to_symmetry == 765
    assert space.ongoing.sum() == 4_520
    assert space.num_ongoing_up_to_symmetry == 627
    assert space.num_by_ply == [1, 9, 72, 252, 756, 1260, 1520, 1140, 390, 78]
    assert space.num_games == (131_184, 77_904, 46_080)
    assert space.num_games.total == 255_168
    assert space.scores[0] == 0


@pytest.mark.parametrize(
    ("name", "num_states", "num_alike", "value"),
    [  # our own earlier enumeration, by another program
        ("3,3,3,misere", 5_478, 765, 0),
        ("3,4,3", 111_973, 28_275, 1),
        ("3,4,3,misere", 111_973, 28_275, -1),
        ("3,5,4", 3_414_564, 857_514, 0),
    ],
)
def test_other_boards_have_the_counts_and_values_of_another_program(
    name: str, num_states: int, num_alike: int, value: int
) -> None:
    space = StateSpace(MNKRules.from_name(name))
    assert (len(space), space.num_up_to_symmetry) == (num_states, num_alike)
    assert np.sign(space.scores[0]) == value


@pytest.mark.parametrize(
    ("name", "value"), [("4,4,3", 1), ("4,4,3,misere", -1), ("4,4,4", 0), ("4,4,4,misere", 0)]
)
def test_largest_boards_have_their_known_values(name: str, value: int) -> None:
    assert RetrogradeSolver(MNKRules.from_name(name)).value(Position()) == value


def test_misere_swaps_who_wins_the_games_but_not_how_many_there_are() -> None:
    normal = state_space(MNKRules(3, 4, 3)).num_games
    misere = state_space(MNKRules(3, 4, 3, misere=True)).num_games
    assert misere == (normal.second_wins, normal.first_wins, normal.draws)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["3,3,3", "3,4,3", "4,3,3,gravity", "3,3,3,misere"]),
    st.data(),
)
def test_symmetric_positions_have_equal_scores_and_canonical_codes(
    name: str, data: st.DataObject
) -> None:
    rules = MNKRules.from_name(name)
    space = state_space(rules)
    row = data.draw(st.integers(0, len(space) - 1))
    symmetry = data.draw(st.sampled_from(rules.symmetries))
    image = space.row(rules.transform(space.position(row), symmetry))
    assert space.scores[image] == space.scores[row]
    assert space.canonical[image] == space.canonical[row] <= space.codes[row]


def test_finished_games_have_a_value_and_no_actions() -> None:
    rules = MNKRules(3, 3, 3)
    solver = solver_for(rules)
    lost = rules.parse("XXX/OO./...")
    assert solver.value(lost) == -1
    assert solver.score(lost) == -5
    assert solver.action_scores(lost) == solver.action_values(lost) == {}
    assert solver.optimal_actions(lost) == []


def test_answers_do_not_share_their_lists() -> None:
    solver = solver_for(MNKRules(3, 3, 3))
    solver.optimal_actions(Position()).clear()
    assert solver.optimal_actions(Position()) == list(range(9))


def test_boards_beyond_the_table_are_refused() -> None:
    rules = MNKRules(3, 6, 3)
    with pytest.raises(ValueError, match=f"at most {MAX_TABLE_CELLS} cells, got 3 x 6 = 18"):
        make_tables(rules)
    with pytest.raises(ValueError, match="are enumerated, got 3,6,3 with 18"):
        StateSpace(rules)


def test_rows_are_only_for_positions_that_a_game_can_reach() -> None:
    space = state_space(MNKRules(3, 3, 3, gravity=True))
    with pytest.raises(ValueError, match="mid-air"):
        space.row(Position(1, 0))
    with pytest.raises(ValueError, match="a position that a game can reach"):
        space.row(space.rules.parse(".../XX./OO."))  # nowhere can X have made the first move
