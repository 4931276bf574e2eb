"""What an agent sees: parts put together, taken apart, and kept within bounds."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from etude.envs.style_weights.observation import (
    MAX_LOG,
    MAX_LOG_WEIGHT,
    Observation,
    flatten,
    observation_space,
    split_observation,
)

ANY = st.floats(width=32, allow_nan=True, allow_infinity=True)


def parts(logs: np.ndarray) -> Observation:
    """Of two paintings with three weights; ``logs`` has shape (3, 2, 3)."""
    share = np.array([0.25, 1.0], np.float32)
    weights = np.array([[-5.0, 0.0, 5.0], [1.0, 2.0, 3.0]], np.float32)
    return Observation(share, 1.0 - share, weights, *logs)


@given(arrays(np.float32, (3, 2, 3), elements=st.floats(-MAX_LOG, MAX_LOG, width=32)))
def test_what_is_put_together_comes_apart_again(logs: np.ndarray) -> None:
    given_parts = parts(logs)
    for part, again in zip(given_parts, split_observation(flatten(given_parts)), strict=True):
        np.testing.assert_allclose(again, part, rtol=1e-6)


@given(arrays(np.float32, (3, 2, 3), elements=ANY))
def test_observations_lie_in_their_space_whatever_happened(logs: np.ndarray) -> None:
    space = observation_space(3)
    for observation in flatten(parts(logs)):
        assert space.contains(observation)


def test_what_is_no_number_is_shown_as_the_bound() -> None:
    logs = np.zeros((3, 2, 3), np.float32)
    logs[0, 0] = np.nan, np.inf, -np.inf
    assert split_observation(flatten(parts(logs))).log_starts[0].tolist() == [
        MAX_LOG,
        MAX_LOG,
        -MAX_LOG,
    ]


def test_losses_are_what_they_began_with_times_their_ratios() -> None:
    logs = np.arange(18, dtype=np.float32).reshape(3, 2, 3) / 9
    np.testing.assert_allclose(parts(logs).log_losses, logs[0] + logs[1])
    assert np.abs(parts(logs).log_weights).max() == MAX_LOG_WEIGHT
