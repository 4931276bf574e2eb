"""Schedules: ends, middles and order."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etude.generative.gan.schedules import geometric

shares = st.floats(0.0, 1.0)


def test_a_schedule_is_flat_before_and_after() -> None:
    values = [geometric(share, 2.0, 0.5, 0.4, 1.0) for share in (0.0, 0.4, 1.0)]
    assert values == [2.0, 2.0, 0.5]


@given(first=shares, second=shares)
def test_the_penalty_only_falls(first: float, second: float) -> None:
    early, late = sorted((first, second))
    values = [geometric(share, 0.3, 1e-3, 0.2, 0.8) for share in (early, late)]
    assert 0.3 >= values[0] >= values[1] >= 1e-3


def test_the_middle_of_a_geometric_change_is_the_geometric_mean() -> None:
    assert geometric(0.5, 0.3, 1e-3, 0.2, 0.8) == pytest.approx(math.sqrt(0.3 * 1e-3))
