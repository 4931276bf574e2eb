"""Grades by matches and single moves."""

import json
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from etude.agents.sampled_grade import QUICK_GAMES, sampled_grade, why_unsolved
from etude.agents.solver_grades import MatchResult
from etude.envs.mnk.opponents import EpsilonMinimax
from etude.envs.mnk.rules import MNKRules

FOUR = MNKRules(4, 5, 3, gravity=True)  # 20 cells, a first-player win
GOMOKU = MNKRules.from_name("gomoku")


class Perfect:
    """Asks the solver; on boards without one it plays the first legal action."""

    def __init__(self, rules: MNKRules) -> None:
        self.rules = rules

    def predict(
        self, observation: Any, action_masks: Any = None, deterministic: bool = True
    ) -> tuple[Any, Any]:
        from etude.agents.observed import read_observations

        if self.rules == GOMOKU:
            return np.array([np.flatnonzero(mask)[0] for mask in action_masks]), None
        positions, _ = read_observations(self.rules, observation)
        legal = [self.rules.legal_actions(position) for position in positions]
        player = EpsilonMinimax(0.0)
        moves = zip(positions, legal, strict=True)
        return np.array([player.act(self.rules, *move, 0.0) for move in moves]), None


class Blind:
    """Always plays the first column, full or not."""

    def predict(self, observation: Any, deterministic: bool = True) -> tuple[Any, Any]:
        return np.zeros(len(observation), np.int64), None


def grade(agent: Any, rules: MNKRules = FOUR, **options: Any) -> Any:
    settings = {"num_games": 3, "num_positions": 40, "rng": np.random.default_rng(0)}
    return sampled_grade(agent, rules, **(settings | options))


def test_perfect_play_is_graded_perfect() -> None:
    result = grade(Perfect(FOUR))
    assert result.accuracy is not None
    assert result.accuracy.share == 1.0
    assert result.accuracy.uniform_share < 0.95
    assert result.against["minimax"] == {
        "first": MatchResult(3, 0, 0),
        "second": MatchResult(0, 0, 3),
    }
    assert result.against["uniform"]["first"] == MatchResult(3 * QUICK_GAMES, 0, 0)
    assert result.unsolved == ""


def test_an_illegal_move_loses_and_is_counted() -> None:
    result = grade(Blind())
    against = result.against["uniform"]["second"]
    assert 0 < against.illegal <= against.losses
    assert against.num_games == 3 * QUICK_GAMES
    assert result.accuracy.share < 1.0


def test_a_board_without_a_solver_leaves_random_play() -> None:
    result = grade(Perfect(GOMOKU), GOMOKU, num_games=1)
    assert list(result.against) == ["uniform"]
    assert result.accuracy is None
    assert "exact answer needs" in result.unsolved
    assert json.loads(json.dumps(result.as_dict()))["move_accuracy"] is None


def test_a_board_that_takes_too_long_is_said_to() -> None:
    assert "more than 0 s" in why_unsolved(MNKRules(7, 7, 5), patience_seconds=0.01)
    assert why_unsolved(FOUR) == ""


def test_plain_values_have_intervals() -> None:
    plain = json.loads(json.dumps(grade(Perfect(FOUR)).as_dict()))
    second = plain["against"]["minimax"]["second"]
    assert (second["win"], second["loss"], second["illegal"], second["games"]) == (0, 1, 0, 3)
    assert second["win_interval"] == pytest.approx([0.0, 0.5615], abs=5e-5)  # 0 of 3, Wilson
    low, high = plain["move_accuracy"]["interval"]
    assert low < plain["move_accuracy"]["share"] == high == 1.0


def test_the_same_seed_gives_the_same_grade() -> None:
    assert grade(Blind()) == grade(Blind())


def test_what_takes_time_is_followed() -> None:
    seen = []

    def follow(items: Iterable[Any], what: str, number: int) -> Iterable[Any]:
        listed = list(items)
        seen.append((what, number, len(listed)))
        return listed

    grade(Blind(), follow=follow)
    assert [what for what, _, _ in seen] == [
        "first against uniform",
        "second against uniform",
        "first against minimax",
        "second against minimax",
        "solving positions",
    ]
    assert all(number == length for _, number, length in seen)


@pytest.mark.parametrize("option", ["num_games", "num_positions"])
def test_nothing_is_no_grade(option: str) -> None:
    with pytest.raises(ValueError, match=r"at least 1 of its (games|positions), got 0"):
        grade(Blind(), **{option: 0})
