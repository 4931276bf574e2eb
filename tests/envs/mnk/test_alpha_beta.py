"""The search against the tables, and against positions with published answers."""

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etude.envs.mnk import alpha_beta
from etude.envs.mnk.alpha_beta import AlphaBetaSolver
from etude.envs.mnk.opening_book import (
    CONNECT_FOUR,
    OpeningBook,
    boards_of,
    connect_four_book,
    enumerate_layers,
)
from etude.envs.mnk.rules import MNKRules, Position
from etude.envs.mnk.solver import SearchLimit, solver_for
from etude.envs.mnk.state_space import state_space

BOARDS = ["3,3,3", "3,3,2", "1,5,3", "5,1,2,gravity", "3,4,3", "4,3,3,gravity", "3,5,5", "4,4,4"]
BOARDS += ["3,4,3,gravity", "4,4,4,gravity", "3,3,1", "2,7,4"]
NUM_SAMPLED = 400


@pytest.mark.parametrize("name", BOARDS)
def test_small_boards_have_the_answers_of_the_table(name: str) -> None:
    rules = MNKRules.from_name(name)
    space, search = state_space(rules), AlphaBetaSolver(rules, table_bits=14)
    num_rows = min(NUM_SAMPLED, len(space))
    rows = np.random.default_rng(0).choice(len(space), num_rows, replace=False)
    for position in map(space.position, rows.tolist()):
        assert search.score(position) == space.solver.score(position)
        assert search.value(position) == space.solver.value(position)
        assert search.action_scores(position) == space.solver.action_scores(position)
        assert search.action_values(position) == space.solver.action_values(position)
        assert search.optimal_actions(position) == space.solver.optimal_actions(position)


def test_every_position_of_tic_tac_toe_has_the_score_of_the_table() -> None:
    space = state_space(MNKRules(3, 3, 3))
    search = AlphaBetaSolver(space.rules, table_bits=4)  # full of collisions
    assert [search.score(space.position(row)) for row in range(len(space))] == space.scores.tolist()


def test_five_by_five_with_four_in_a_row_is_a_draw() -> None:
    # Uiterwijk and van den Herik, "The advantage of the initiative", 2000
    assert AlphaBetaSolver(MNKRules(5, 5, 4)).score(Position()) == 0


def test_connect_four_opens_in_the_middle() -> None:
    # V. Allis, "A knowledge-based approach of Connect-Four", 1988: only d1 wins, c1 and e1 draw
    solver = solver_for(CONNECT_FOUR)
    expected = {0: -1, 1: -1, 2: 0, 3: 1, 4: 0, 5: -1, 6: -1}
    assert solver.action_values(Position()) == expected
    assert solver.optimal_actions(Position()) == [3]


def played(rules: MNKRules, columns: str) -> Position:
    position = Position()
    for column in columns:
        position = rules.play(position, int(column) - 1)
    return position


@pytest.mark.parametrize(
    ("columns", "pairs"),
    [  # the test set of P. Pons, blog.gamesolver.org: columns from 1, scores in pairs of stones
        ("2252576253462244111563365343671351441", -1),
        ("7422341735647741166133573473242566", 1),
        ("23163416124767223154467471272416755633", 0),
        ("65214673556155731566316327373221417", -1),
    ],
)
def test_published_connect_four_scores(columns: str, pairs: int) -> None:
    position = played(CONNECT_FOUR, columns)
    score = solver_for(CONNECT_FOUR).score(position)
    assert (abs(score) + 1) // 2 * np.sign(score) == pairs


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(18, 40))
def test_mirrored_connect_four_positions_have_mirrored_answers(rng, num_stones: int) -> None:
    position = Position()
    while position.num_stones < num_stones and CONNECT_FOUR.legal_actions(position):
        position = CONNECT_FOUR.play(position, rng.choice(CONNECT_FOUR.legal_actions(position)))
    mirror = CONNECT_FOUR.transform(position, CONNECT_FOUR.symmetries[1])
    solver = solver_for(CONNECT_FOUR)
    scores = solver.action_scores(position)
    assert solver.action_scores(mirror) == {6 - action: score for action, score in scores.items()}
    signs = {action: int(np.sign(score)) for action, score in scores.items()}
    assert solver.action_values(position) == signs
    if scores:
        assert solver.score(position) == max(scores.values())


def test_the_book_agrees_with_the_search() -> None:
    keys, search = enumerate_layers(10)[0][10], AlphaBetaSolver(CONNECT_FOUR, use_book=False)
    for row in range(13, len(keys), len(keys) // 8):
        own, other = boards_of(keys[row])
        assert connect_four_book().value(own, other) == search.value_of_boards(own, other)


def test_a_book_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="a book of depth 2 has 25 values, got 3"):
        OpeningBook(2, np.zeros(3, np.int8))


def test_a_book_derives_earlier_values_from_later_ones() -> None:
    centre, above = 1 << 3 * 7, 1 << 3 * 7 + 1
    layer = enumerate_layers(2)[0][2]
    values = np.ones(len(layer), np.int8)  # two stones: the mover wins, but draws with both in 3
    values[[boards_of(key) == (centre, above) for key in layer]] = 0
    book = OpeningBook(2, values)
    assert book.value(centre, above) == 0
    assert book.value(0, centre) == 0
    assert book.value(0, 1) == book.value(0, 1 << 6 * 7) == -1
    assert book.value(0, 0) == 1
    assert book.value(above, centre) is None  # the first stone is X's: nobody reaches this
    assert book.value(1 << 6 * 7, 1 << 6 * 7 + 1) == 1


def test_a_search_beyond_its_time_gives_up_and_can_go_on() -> None:
    rules = MNKRules(5, 5, 4)
    solver = AlphaBetaSolver(rules)
    with pytest.raises(SearchLimit):
        solver.score(Position(), seconds=0.0)
    assert not solver.answers_within(Position(), 0.0)
    assert solver.answers_within(rules.parse("XOXOX/OXOXO/OXOX./....O/...X."), 60.0)
    assert solver.score(Position()) == 0
    assert solver.score(Position(), seconds=60.0) == 0


def test_small_chunks_lead_to_the_same_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = MNKRules(4, 5, 4, gravity=True)
    expected = AlphaBetaSolver(rules).action_scores(Position())
    monkeypatch.setattr(alpha_beta, "CHUNK_NODES", 1)
    assert AlphaBetaSolver(rules, table_bits=18).action_scores(Position()) == expected


def test_two_threads_get_the_answers_of_one() -> None:
    rules = MNKRules(4, 5, 4, gravity=True)
    shared, alone = AlphaBetaSolver(rules), AlphaBetaSolver(rules)
    openings = [rules.play(Position(), action) for action in range(5)]
    answers: dict[int, int] = {}

    def ask(action: int) -> None:
        answers[action] = shared.score(openings[action])

    threads = [threading.Thread(target=ask, args=(action,)) for action in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {action: alone.score(openings[action]) for action in range(5)}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gomoku", r"\(m \+ 1\) \* n of at most 63, got 240 for 'gomoku'"),
        ("8,8,5", "got 72"),
        ("4,5,4,misere", "misere games are solved on boards of at most 16 cells"),
    ],
)
def test_boards_out_of_reach_are_refused(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        solver_for(MNKRules.from_name(name))
