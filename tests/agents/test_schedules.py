"""Schedules: their numbers, their checks, and settings that hold them in files."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etude.agents.dyna import DynaSettings
from etude.agents.monte_carlo import MonteCarloSettings
from etude.agents.schedules import (
    Constant,
    Exponential,
    Linear,
    PerVisit,
    Schedule,
    check_fraction,
    check_result,
    from_json,
    make_exploration,
    make_schedule,
    settings_from_json,
    settings_to_json,
    to_json,
)
from etude.agents.td_value import TDSettings

SCHEDULES = [Constant(0.2), PerVisit(0.1), Linear(1.0, 0.1, 5), Exponential(0.5, 0.1, 5)]


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_schedules_survive_json(schedule: Schedule) -> None:
    assert from_json(to_json(schedule)) == schedule
    assert (np.diff(schedule.over(np.arange(10))) <= 0.0).all()


@given(
    start=st.floats(0.01, 1.0),
    end=st.floats(0.01, 1.0),
    num_games=st.integers(1, 1000),
    game=st.integers(0, 2000),
)
def test_decays_go_from_start_to_end(start: float, end: float, num_games: int, game: int) -> None:
    for decay in (Linear(start, end, num_games), Exponential(start, end, num_games)):
        values = decay.over(np.array([0, game, num_games, 10 * num_games]))
        np.testing.assert_allclose(values[[0, 2, 3]], [start, end, end])
        assert min(start, end) - 1e-9 <= values[1] <= max(start, end) + 1e-9


@pytest.mark.parametrize("settings", [TDSettings, MonteCarloSettings, DynaSettings])
def test_exploration_is_one_for_all_positions(settings: type) -> None:
    with pytest.raises(ValueError, match=r"same for all positions .* PerVisit\(minimum=0\.5\)"):
        settings(exploration=PerVisit(0.5))
    assert settings(exploration=0.3).exploration == Constant(0.3)
    with pytest.raises(ValueError, match=r"draw_value lies between 0 \(a loss\)"):
        settings(draw_value=1.5)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_settings_survive_json(schedule: Schedule) -> None:
    settings = TDSettings(step_size=schedule, explorer="least_visited")
    assert settings_from_json(TDSettings, settings_to_json(settings)) == settings


@pytest.mark.parametrize("change", [{}, {"backup": "max", "unknown": 1}])
def test_settings_of_another_version_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"DynaSettings has the fields symmetric, .*; "):
        settings_from_json(DynaSettings, change)


@pytest.mark.parametrize("wrong", ["0.1", None, True])
def test_what_is_no_schedule_is_refused(wrong: object) -> None:
    for make in (make_schedule, make_exploration):
        with pytest.raises(TypeError, match="a number or one of Constant, PerVisit"):
            make(wrong)


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_numbers_out_of_range_are_named(value: float) -> None:
    with pytest.raises(ValueError, match="trace_decay lies between 0 and 1"):
        check_fraction("trace_decay", value)
    with pytest.raises(ValueError, match="draw_value lies between 0"):
        check_result("draw_value", value)
