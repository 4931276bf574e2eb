"""Rules: golden counts, symmetries, text, and positions that cannot arise."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etude.envs.mnk.rules import FIRST, SECOND, MNKRules, Position, bits

TICTACTOE = MNKRules()
CONNECT_FOUR = MNKRules.from_name("connect_four")
BOARDS = [
    TICTACTOE,
    MNKRules(3, 3, 3, misere=True),
    MNKRules(3, 5, 3),
    MNKRules(4, 4, 3, gravity=True),
    MNKRules(2, 6, 4, misere=True),
    MNKRules(7, 7, 5),
    CONNECT_FOUR,
    MNKRules(15, 15, 5),
]


@st.composite
def positions(draw: st.DrawFn) -> tuple[MNKRules, Position]:
    """A position some random moves after the start."""
    rules = draw(st.sampled_from(BOARDS))
    position = Position()
    for _ in range(draw(st.integers(0, min(rules.num_cells, 40)))):
        legal = rules.legal_actions(position)
        if not legal:
            break
        position = rules.play(position, draw(st.sampled_from(legal)))
    return rules, position


def test_tictactoe_games_and_positions_counted_by_brute_force() -> None:
    """The counts every textbook has: 255,168 games, 5,478 positions, 765 up to symmetry."""
    endings = {1: 0, 0: 0, -1: 0}
    seen = set()

    def visit(position: Position) -> None:
        seen.add(position)
        outcome = TICTACTOE.outcome(position)
        if outcome is not None:
            endings[outcome] += 1
            return
        for action in TICTACTOE.open_actions(position.occupied):
            stone = 1 << action
            first, second = position
            to_move = position.to_move
            visit(
                Position(first | stone, second)
                if to_move == FIRST
                else Position(first, second | stone)
            )

    visit(Position())
    assert endings == {1: 131_184, -1: 77_904, 0: 46_080}
    assert len(seen) == 5_478
    assert len({TICTACTOE.canonical(position) for position in seen}) == 765


@pytest.mark.parametrize(
    ("rules", "num_lines"),
    [
        (TICTACTOE, 8),
        (CONNECT_FOUR, 69),  # Allis 1988
        (MNKRules(15, 15, 5), 572),
        (MNKRules(19, 19, 5), 1020),
        (MNKRules(1, 1, 1), 1),
        (MNKRules(2, 3, 1), 6),
        (MNKRules(1, 5, 3), 3),
    ],
)
def test_number_of_winning_lines(rules: MNKRules, num_lines: int) -> None:
    assert len(set(rules.lines)) == len(rules.lines) == num_lines
    assert all(line.bit_count() == rules.k for line in rules.lines)


@pytest.mark.parametrize(
    ("rules", "order"),
    [
        (TICTACTOE, 8),
        (MNKRules(3, 4, 3), 4),
        (CONNECT_FOUR, 2),
        (MNKRules(4, 4, 4, gravity=True), 2),
        (MNKRules(1, 4, 2), 2),
        (MNKRules(1, 1, 1), 1),
    ],
)
def test_symmetries_form_the_right_group(rules: MNKRules, order: int) -> None:
    group = set(rules.symmetries)
    assert len(group) == len(rules.symmetries) == order
    assert rules.symmetries[0] == tuple(range(rules.num_cells))
    for left in group:
        for right in group:
            assert tuple(left[cell] for cell in right) in group


@given(positions(), st.data())
def test_a_symmetry_moves_the_legal_mask_and_keeps_the_outcome(
    case: tuple[MNKRules, Position], data: st.DataObject
) -> None:
    rules, position = case
    number = data.draw(st.integers(0, len(rules.symmetries) - 1))
    image = rules.transform(position, rules.symmetries[number])
    rules.validate(image)
    assert rules.outcome(image) == rules.outcome(position)
    assert rules.canonical(image) == rules.canonical(position)
    moved = np.zeros(rules.num_actions, np.int8)
    moved[list(rules.action_symmetries[number])] = rules.legal_mask(position)
    np.testing.assert_array_equal(rules.legal_mask(image), moved)


@given(positions())
def test_text_and_pickle_give_the_position_back(case: tuple[MNKRules, Position]) -> None:
    rules, position = case
    assert rules.parse(rules.format(position)) == position
    assert rules.parse(rules.format(position).replace("/", "\n").lower()) == position
    assert pickle.loads(pickle.dumps((rules, position))) == case


@given(positions())
def test_a_move_adds_one_stone_and_changes_sides(case: tuple[MNKRules, Position]) -> None:
    rules, position = case
    for action in rules.legal_actions(position):
        after = rules.play(position, action)
        added = after.occupied ^ position.occupied
        assert added.bit_count() == 1
        assert after[position.to_move] & added
        assert after.to_move == 1 - position.to_move
        cell = next(bits(added))
        assert cell % rules.n == action if rules.gravity else cell == action
        assert rules.completes_line(after[position.to_move], cell) == (
            rules.winning_line(after) is not None
        )


def test_stones_fall_in_connect_four() -> None:
    position = Position()
    for action in (3, 3, 3):
        position = CONNECT_FOUR.play(position, action)
    assert CONNECT_FOUR.format(position).split("/")[3:] == ["...X...", "...O...", "...X..."]


@pytest.mark.parametrize(
    ("text", "outcome", "line"),
    [
        ("XXX/OO./...", 1, (0, 1, 2)),
        ("X.O/XO./O.X", -1, (2, 4, 6)),
        ("XOX/XOO/OXX", 0, None),
        ("XXO/OOX/XOX", 0, None),
        ("XXX/XOO/XOO", 1, (0, 1, 2, 3, 6)),
        ("X../.O./...", None, None),
    ],
)
def test_outcome_and_winning_line(
    text: str, outcome: int | None, line: tuple[int, ...] | None
) -> None:
    position = TICTACTOE.parse(text)
    assert TICTACTOE.outcome(position) == outcome
    assert TICTACTOE.winning_line(position) == line
    misere = MNKRules(misere=True)
    assert misere.outcome(position) == (None if outcome is None else -outcome)


@pytest.mark.parametrize(
    ("rules", "text", "message"),
    [
        (TICTACTOE, "XX./.../...", "got 2 X and 0 O"),
        (TICTACTOE, "O../.../...", "got 0 X and 1 O"),
        (TICTACTOE, "XXX/OOO/...", "one of X and one of O"),
        (TICTACTOE, "XXX/OO./O..", "nobody moves after the end"),
        (TICTACTOE, "OOO/XX./XX.", "nobody moves after the end"),
        (MNKRules(4, 5, 3), "XXXOO/OO.../...../XXX.O", "separate lines of X"),
        (TICTACTOE, "X.Q/.../...", "signs out of X, O"),
        (TICTACTOE, "X../...", "3 rows of 3"),
        (TICTACTOE, "", "the empty board is '.../.../...'"),
        (CONNECT_FOUR, "X....../" + "/".join(["......."] * 5), "mid-air"),
    ],
)
def test_positions_that_cannot_arise(rules: MNKRules, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        rules.parse(text)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((3, 3, 4), ValueError, r"k must be at most max\(m, n\) = 3, got k=4"),
        ((0, 3, 1), ValueError, "m must be at least 1, got m=0"),
        ((3, -1, 1), ValueError, "n must be at least 1, got n=-1"),
        ((3, 3, 0), ValueError, "k must be at least 1, got k=0"),
        ((20, 19, 5), ValueError, r"at most 361 cells .* got 20 x 19 = 380"),
        ((3.0, 3, 3), TypeError, "m must be an integer, got 3.0"),
        ((True, 3, 3), TypeError, "m must be an integer, got True"),
    ],
)
def test_impossible_boards(arguments: tuple[int, int, int], error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        MNKRules(*arguments)


@pytest.mark.parametrize(
    ("position", "action", "message"),
    [
        ("X../.../...", 0, "that cell is taken"),
        ("X../.../...", 9, "cells are numbered 0 to 8"),
        ("X../.../...", -1, "cells are numbered 0 to 8"),
        ("XXX/OO./...", 8, "the game is over"),
    ],
)
def test_illegal_moves_say_why(position: str, action: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TICTACTOE.play(TICTACTOE.parse(position), action)


def test_a_full_column_says_so() -> None:
    position = Position()
    for _ in range(6):
        position = CONNECT_FOUR.play(position, 0)
    with pytest.raises(ValueError, match=r"that column is full; legal in .*: 1, 2, 3, 4, 5, 6"):
        CONNECT_FOUR.play(position, 0)


@settings(max_examples=20)
@given(st.sampled_from(BOARDS))
def test_names_are_read_back(rules: MNKRules) -> None:
    assert MNKRules.from_name(rules.name) == rules


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("tictactow", "did you mean 'tictactoe'"),
        ("connectfour", "did you mean 'connect_four'"),
        ("3,3", "'m,n,k'"),
        ("3,3,3,gravty", "'m,n,k'"),
        ("3,3,9", "k must be at most"),
    ],
)
def test_unknown_board_names(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MNKRules.from_name(name)


def test_large_boards_are_played_to_the_end() -> None:
    rules = MNKRules(19, 19, 19)
    rng = np.random.default_rng(0)
    position = Position()
    while rules.outcome(position) is None:
        position = rules.play(position, int(rng.choice(rules.legal_actions(position))))
    assert position.num_stones == 361
    assert position.to_move == SECOND
