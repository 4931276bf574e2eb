"""Grades by the solver: labels, move accuracy, matches and intervals."""

from typing import Any

import numpy as np
import pytest

from etude.agents.solver_grades import (
    DemandingMinimax,
    GameEnd,
    LabelledPosition,
    MatchResult,
    StubbornMinimax,
    labelled_positions,
    match_against_solver,
    move_accuracy,
    play_game,
    random_position,
    stones_of_random_games,
    uniform_accuracy,
    wilson_interval,
)
from etude.envs.mnk.opponents import EpsilonMinimax, Opponent
from etude.envs.mnk.rules import SECOND, MNKRules, Position
from etude.envs.mnk.solver import solver_for

TICTACTOE = MNKRules(3, 3, 3)
FOUR = MNKRules(4, 4, 3, gravity=True)  # a first-player win
CONNECT_FOUR = MNKRules.from_name("connect_four")


class Ranked:
    """Plays the first legal action of a fixed order, or the solver's choice."""

    def __init__(self, rules: MNKRules, perfect: bool) -> None:
        self.rules = rules
        self.perfect = perfect

    def predict(
        self,
        observation: Any,
        state: Any = None,
        episode_start: Any = None,
        deterministic: bool = True,
        action_masks: Any = None,
    ) -> tuple[Any, Any]:
        rows = np.atleast_2d(observation)
        masks = np.atleast_2d(action_masks)
        pairs = zip(rows, masks, strict=True)
        actions = np.array([self._choose(row, mask) for row, mask in pairs])
        return (int(actions[0]) if np.ndim(observation) == 1 else actions), state

    def _choose(self, row: np.ndarray, mask: np.ndarray) -> int:
        if not self.perfect:
            return int(np.flatnonzero(mask)[0])
        own, other = (
            sum(1 << int(cell) for cell in np.flatnonzero(plane)) for plane in row.reshape(2, -1)
        )
        first_moves = own.bit_count() == other.bit_count()
        position = Position(own, other) if first_moves else Position(other, own)
        return solver_for(self.rules).optimal_actions(position)[0]


def test_labels_are_exact_and_within_the_range_of_stones() -> None:
    labelled = list(labelled_positions(CONNECT_FOUR, 30, np.random.default_rng(0), (20, 30)))
    assert len(labelled) == 30
    for position, values in labelled:
        assert 20 <= position.num_stones <= 30
        CONNECT_FOUR.validate(position)
        assert CONNECT_FOUR.outcome(position) is None
        assert list(values) == CONNECT_FOUR.legal_actions(position)
        for action, value in values.items():
            after = CONNECT_FOUR.play(position, action)
            assert value == -solver_for(CONNECT_FOUR).value(after)


def test_labels_follow_from_the_seed() -> None:
    first, again = (
        list(labelled_positions(FOUR, 5, np.random.default_rng(3), (2, 8))) for _ in range(2)
    )
    assert first == again


def test_a_random_position_has_the_stones_that_were_asked_for() -> None:
    rng = np.random.default_rng(0)
    for num_stones in range(9):
        position = random_position(TICTACTOE, num_stones, rng)
        assert position.num_stones == num_stones
        assert TICTACTOE.outcome(position) is None


@pytest.mark.parametrize("stones", [(-1, 3), (5, 4), (2, 9)])
def test_impossible_numbers_of_stones_are_refused(stones: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="stones is a range"):
        next(labelled_positions(TICTACTOE, 1, np.random.default_rng(0), stones))


def test_accuracy_of_perfect_play_is_1_and_of_a_fixed_order_is_counted() -> None:
    labelled = list(labelled_positions(FOUR, 100, np.random.default_rng(1), (2, 10)))
    assert move_accuracy(Ranked(FOUR, perfect=True), FOUR, labelled) == 1.0
    hits = [next(iter(label.action_values)) in label.optimal_actions for label in labelled]
    assert 0.0 < np.mean(hits) < 1.0
    assert move_accuracy(Ranked(FOUR, perfect=False), FOUR, labelled) == np.mean(hits)
    with pytest.raises(ValueError, match="got none"):
        move_accuracy(Ranked(FOUR, perfect=True), FOUR, [])


def test_a_label_knows_its_best_moves() -> None:
    label = LabelledPosition(Position(), {0: -1, 2: 0, 3: 0})
    assert label.optimal_actions == [2, 3]
    assert label.is_decision
    assert not LabelledPosition(Position(), {0: -1, 1: -1}).is_decision
    assert uniform_accuracy([label, LabelledPosition(Position(), {5: 1})]) == (2 / 3 + 1) / 2


@pytest.mark.parametrize("opponent", [None, StubbornMinimax(0), DemandingMinimax()])
def test_perfect_play_wins_the_won_side_and_loses_the_other(opponent: Opponent | None) -> None:
    agent, rng = Ranked(FOUR, perfect=True), np.random.default_rng(0)
    assert match_against_solver(agent, FOUR, 5, rng, opponent=opponent) == MatchResult(5, 0, 0)
    assert match_against_solver(agent, FOUR, 5, rng, SECOND, opponent) == MatchResult(0, 0, 5)


def test_an_illegal_move_loses_the_game() -> None:
    class Stuck:
        def predict(self, observation: Any, **_: Any) -> tuple[Any, Any]:
            return np.zeros(len(observation), np.int64), None

    end = play_game(Stuck(), TICTACTOE, 0, EpsilonMinimax(1.0), np.random.default_rng(0))
    assert end == GameEnd(-1, forfeited=True)
    result = match_against_solver(Stuck(), TICTACTOE, 4, np.random.default_rng(0))
    assert result == MatchResult(0, 0, 4, illegal=4)
    position = TICTACTOE.parse("X../.O./...")
    label = LabelledPosition(position, solver_for(TICTACTOE).action_values(position))
    assert move_accuracy(Stuck(), TICTACTOE, [label]) == 0.0


@pytest.mark.parametrize(
    ("board", "stones"), [("connect_four", (12, 30)), ("gomoku", (64, 150)), ("2,9,2", (5, 6))]
)
def test_the_middle_of_a_game(board: str, stones: tuple[int, int]) -> None:
    rules = MNKRules.from_name(board)
    assert stones_of_random_games(rules) == stones
    random_position(rules, stones[1], np.random.default_rng(0))


def test_the_result_of_a_match_reads_well() -> None:
    assert str(MatchResult(8, 1, 1)) == (
        "8 wins, 1 draws and 1 losses in 10 games (80.0% won; 95 % interval 49.0% to 94.3%)"
    )


def test_stubborn_play_keeps_the_value_and_delays_the_loss() -> None:
    rng, stubborn = np.random.default_rng(2), StubbornMinimax(min_stones=4)
    for num_stones in range(10):
        position = random_position(FOUR, num_stones, rng)
        legal = FOUR.legal_actions(position)
        probabilities = stubborn.action_probabilities(FOUR, position, legal)
        assert probabilities.sum() == pytest.approx(1.0)
        assert stubborn.act(FOUR, position, legal, 0.5) in np.flatnonzero(probabilities)
        expected = EpsilonMinimax(0.0).action_probabilities(FOUR, position, legal)
        if num_stones < 4:
            np.testing.assert_array_equal(probabilities, expected)
        else:
            scores = solver_for(FOUR).action_scores(position)
            best = [a for a, score in scores.items() if score == max(scores.values())]
            assert np.flatnonzero(probabilities).tolist() == best
            assert set(best) <= set(np.flatnonzero(expected).tolist())


def test_demanding_play_keeps_the_value_and_leaves_the_fewest_good_answers() -> None:
    rng, solver = np.random.default_rng(2), solver_for(FOUR)
    for num_stones in range(12):
        position = random_position(FOUR, num_stones, rng)
        legal = FOUR.legal_actions(position)
        probabilities = DemandingMinimax().action_probabilities(FOUR, position, legal)
        shares = {}
        for action in solver.optimal_actions(position):
            after = FOUR.play(position, action)
            answers = FOUR.legal_actions(after)
            shares[action] = len(solver.optimal_actions(after)) / len(answers) if answers else 0
        best = [action for action, share in shares.items() if share == min(shares.values())]
        assert probabilities.sum() == pytest.approx(1.0)
        assert np.flatnonzero(probabilities).tolist() == best


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)],
)
def test_wilson_intervals_of_newcombe_1998(
    successes: int, trials: int, low: float, high: float
) -> None:
    """Method 3 in table I of R. G. Newcombe, Statistics in Medicine 17, 1998."""
    assert wilson_interval(successes, trials) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (3, 2), (-1, 5)])
def test_shares_of_nothing_are_refused(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match="at least one trial"):
        wilson_interval(successes, trials)
