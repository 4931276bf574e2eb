"""Statistics of few runs: closed forms, and what they must be blind to."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from etude.benchmarks.statistics import (
    bootstrap_interval,
    interquartile_mean,
    performance_profile,
    probability_of_improvement,
)

FINITE = st.floats(-1e3, 1e3)
RUNS = arrays(np.float64, st.integers(1, 12), elements=FINITE)


@pytest.mark.parametrize(
    ("num_values", "kept"),
    [
        (1, [0]),
        (3, [0, 1, 4]),
        (4, [1, 4]),
        (5, [1, 4, 9]),
        (7, [1, 4, 9, 16, 25]),
        (8, [4, 9, 16, 25]),
    ],
)
def test_a_quarter_rounded_down_is_cut_off_at_either_end(num_values: int, kept: list[int]) -> None:
    squares = np.arange(num_values, dtype=np.float64) ** 2
    assert interquartile_mean(squares[::-1]) == pytest.approx(sum(kept) / len(kept))


@given(RUNS)
def test_interquartile_mean_stays_within_the_values_in_any_order(values: np.ndarray) -> None:
    mean = interquartile_mean(values)
    assert values.min() - 1e-9 <= mean <= values.max() + 1e-9
    assert mean == pytest.approx(interquartile_mean(values[::-1]))
    assert 3.0 - 2.0 * mean == pytest.approx(interquartile_mean(3.0 - 2.0 * values), abs=1e-9)


def test_outliers_do_not_move_it_and_rows_have_one_each() -> None:
    rows = np.array([[1.0, 2.0, 3.0, 4.0], [-1e9, 2.0, 3.0, 1e9]])
    assert interquartile_mean(rows, axis=-1).tolist() == [2.5, 2.5]
    assert interquartile_mean(rows.T, axis=0).tolist() == [2.5, 2.5]
    assert interquartile_mean(rows) == pytest.approx(np.mean([2.0, 2.0, 3.0, 3.0]))
    with pytest.raises(ValueError, match="needs a value"):
        interquartile_mean(np.array([]))


def test_interval_of_two_values_is_known() -> None:
    """The mean of two draws from {0, 1} is 0, 1/2 or 1, in 1, 2 and 1 cases of four."""
    rng = np.random.default_rng(0)
    values = np.array([0.0, 1.0])
    assert bootstrap_interval(values, rng, statistic=np.mean, level=0.95) == (0.0, 1.0)
    assert bootstrap_interval(values, rng, statistic=np.mean, level=0.2) == (0.5, 0.5)


def test_interval_is_that_of_all_resamples() -> None:
    """Of four runs all 4^4 resamples can be listed."""
    values = np.array([0.1, 0.4, 0.5, 0.9])
    listed = [interquartile_mean(np.array(drawn)) for drawn in product(values, repeat=4)]
    low, high = bootstrap_interval(values, np.random.default_rng(1), level=0.8, num_resamples=40000)
    assert (low, high) == pytest.approx(np.quantile(listed, [0.1, 0.9]), abs=0.02)


def test_runs_are_drawn_within_their_task() -> None:
    """Two tasks without any spread leave none, however far apart they are."""
    values = np.array([[0.0] * 5, [1.0] * 5])
    assert bootstrap_interval(values, np.random.default_rng(2)) == (0.5, 0.5)
    pooled = bootstrap_interval(values.ravel(), np.random.default_rng(2))
    assert pooled[0] < 0.3 < 0.7 < pooled[1]


def test_more_runs_narrow_the_interval() -> None:
    """About as the root of their number, for runs spread evenly."""
    widths = []
    for num_runs in (16, 256):
        low, high = bootstrap_interval(np.linspace(0, 1, num_runs), np.random.default_rng(3))
        assert low < 0.5 < high
        widths.append(high - low)
    assert widths[0] / widths[1] == pytest.approx(4.0, rel=0.25)


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0])
def test_levels_are_shares(level: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        bootstrap_interval(np.array([1.0]), np.random.default_rng(0), level=level)
    with pytest.raises(ValueError, match="needs a value"):
        bootstrap_interval(np.array([]), np.random.default_rng(0))


@given(RUNS)
def test_profiles_fall_from_one_to_nothing(scores: np.ndarray) -> None:
    thresholds = np.sort(np.append(scores, [scores.min() - 1.0, scores.max() + 1.0]))
    profile = performance_profile(scores, thresholds)
    assert profile[0] == 1.0
    assert profile[-1] == 0.0
    assert (np.diff(profile) <= 0.0).all()
    assert performance_profile(scores, np.array([scores.max()]))[0] > 0.0  # the optimum is reached


def test_improvement_of_known_pairs() -> None:
    low, high = np.array([1.0, 2.0]), np.array([3.0, 4.0, 5.0])
    assert probability_of_improvement(high, low) == 1.0
    assert probability_of_improvement(low, high) == 0.0
    assert probability_of_improvement(low, low) == 0.5
    assert probability_of_improvement(np.array([2.0, 3.0]), np.array([2.0, 0.0])) == 0.875


@given(RUNS, RUNS)
def test_one_improves_or_the_other_does(x: np.ndarray, y: np.ndarray) -> None:
    forth, back = probability_of_improvement(x, y), probability_of_improvement(y, x)
    assert forth + back == pytest.approx(1.0)
