"""The benchmark of perfect learning, on a board that takes milliseconds."""

import numpy as np
import pytest

from etude.agents.presets import NEVER_LOSES, OPTIMA, find_preset
from etude.benchmarks.four_in_a_row import measure, wins_against_random
from etude.envs.mnk.best_response import match
from etude.envs.mnk.rules import FIRST, SECOND, MNKRules
from etude.envs.mnk.state_space import state_space
from etude.envs.mnk.tabular_policy import uniform_over, uniform_policy

SMALL = MNKRules(3, 3, 3)


def test_every_seed_ends_perfect_and_wins_as_often_as_that_allows() -> None:
    found = list(measure(range(2), SMALL))
    assert [(result.suite, result.task, result.seed) for result in found] == [
        ("four_in_a_row", "tictactoe", 0),
        ("four_in_a_row", "tictactoe", 1),
    ]
    for result in found:
        metrics = result.metrics
        assert metrics["exploitability"] == metrics["nash_conv"] == 0.0
        assert metrics["win_rate"] == pytest.approx(OPTIMA[NEVER_LOSES], abs=1e-12)
        assert metrics["gap_to_limit"] == pytest.approx(0.0, abs=1e-12)
        assert metrics["games"] <= find_preset("perfect").games_for(SMALL) + 16
        assert result.curve[-1] == (metrics["games"], 0.0)
        assert result.curve[0][1] > 0.0
        steps = [step for step, _ in result.curve]
        assert steps == sorted(set(steps))
        assert len(result.curve_seconds) == len(result.curve)


def test_wins_against_random_are_those_of_a_match() -> None:
    space, uniform = state_space(SMALL), uniform_policy(state_space(SMALL))
    playable = space.legal & (np.arange(9) != 4)
    playable |= space.legal & ~playable.any(axis=1, keepdims=True)
    policy = uniform_over(playable)
    first = match(space, policy, uniform).win
    second = match(space, uniform, policy).loss
    assert wins_against_random(space.graph, playable, FIRST) == pytest.approx(first, abs=1e-12)
    assert wins_against_random(space.graph, playable, SECOND) == pytest.approx(second, abs=1e-12)
