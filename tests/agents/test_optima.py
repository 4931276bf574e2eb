"""Limits against random play, and how far agents are from them."""

import pytest

from etude.agents.evaluation import grade
from etude.agents.optima import gaps, limits
from etude.agents.presets import (
    MOST_POINTS,
    MOST_WINS,
    NEVER_LOSES,
    OPTIMA,
    PERFECT,
    find_preset,
)
from etude.envs.mnk.best_response import WIN_LOSS, best_response_value
from etude.envs.mnk.rules import FIRST, SECOND, MNKRules
from etude.envs.mnk.state_space import state_space
from etude.envs.mnk.tabular_policy import uniform_policy

WINS_ONLY = (1.0, 0.0, 0.0)


def test_the_limits_of_tic_tac_toe_are_the_known_ones() -> None:
    assert limits(MNKRules()) == pytest.approx(OPTIMA)


def test_a_won_board_has_no_optimum_that_never_loses() -> None:
    found = limits(MNKRules(3, 4, 3))
    assert found[MOST_POINTS] == pytest.approx(0.98984, abs=5e-6)
    assert NEVER_LOSES not in found


@pytest.mark.parametrize("board", ["3,3,3,misere", "3,4,3", "4,3,3,gravity"])
def test_the_loop_is_the_best_response(board: str) -> None:
    space = state_space(MNKRules.from_name(board))
    policy, found = uniform_policy(space), limits(space.rules)
    for optimum, payoff in ((MOST_POINTS, WIN_LOSS), (MOST_WINS, WINS_ONLY)):
        values = [best_response_value(space, policy, side, payoff) for side in (FIRST, SECOND)]
        assert found[optimum] == pytest.approx(sum(values) / 2)
    if NEVER_LOSES in found:
        values = [
            best_response_value(space, policy, side, WINS_ONLY, space.optimal)
            for side in (FIRST, SECOND)
        ]
        assert found[NEVER_LOSES] == pytest.approx(sum(values) / 2)


def test_a_perfect_agent_has_no_gap_to_what_it_aims_at() -> None:
    agent = find_preset("perfect").train(MNKRules(), seed=0, fast=True)
    found = {gap.optimum: gap for gap in gaps(grade(agent, state_space(agent.rules)))}
    assert found[PERFECT].gap == 0.0
    assert found[NEVER_LOSES].gap == pytest.approx(0.0)
    assert found[MOST_WINS].gap == pytest.approx(OPTIMA[MOST_WINS] - OPTIMA[NEVER_LOSES])
    assert found[MOST_WINS].as_dict()["limit"] == pytest.approx(OPTIMA[MOST_WINS])


def test_an_exploitable_agent_is_not_compared_with_those_that_never_lose() -> None:
    agent = find_preset("perfect").make(MNKRules(), 0)
    found = {gap.optimum: gap for gap in gaps(grade(agent, state_space(agent.rules)))}
    assert found[NEVER_LOSES].gap is None
    assert found[PERFECT].gap == found[PERFECT].reached == 1.0
