"""Exact grades of policies whose worth is known."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from jaxtyping import Float64

from etude.agents.evaluation import Tabulated, grade
from etude.envs.mnk.rules import MNKRules
from etude.envs.mnk.state_space import StateSpace, state_space
from etude.envs.mnk.tabular_policy import minimax_policy, uniform_policy

SPACE = state_space(MNKRules())


@dataclass
class Fixed:
    """An agent that plays a given policy, all of whose moves count as tied."""

    policy: Float64[np.ndarray, "states actions"]

    def policy_table(self, space: StateSpace) -> np.ndarray:
        return self.policy

    def playable_table(self, space: StateSpace) -> np.ndarray:
        return self.policy > 0


def test_perfect_play_is_graded_perfect() -> None:
    result = grade(Fixed(minimax_policy(SPACE)), SPACE)
    assert result.exploitability == 0.0
    assert result.optimal_share == 1.0
    for side in ("first", "second"):
        np.testing.assert_allclose(result.against["minimax"][side], (0.0, 1.0, 0.0), atol=1e-12)
    assert result.win_rate("uniform") == pytest.approx(0.8726, abs=5e-5)  # minimax, uniform ties
    assert result.against["uniform"]["first"][2] == 0.0


def test_random_play_is_graded_by_the_known_numbers() -> None:
    """Wins, draws and losses of the first player: .5849, .1270, .2881; any tie loses every game."""
    result = grade(Fixed(uniform_policy(SPACE)), SPACE)
    np.testing.assert_allclose(
        result.against["uniform"]["first"], (0.5849, 0.1270, 0.2881), atol=5e-5
    )
    assert result.score("uniform") == pytest.approx(0.0, abs=1e-12)
    assert result.nash_conv == 2.0
    no_move_errs = (SPACE.legal == SPACE.optimal).all(axis=1)
    assert result.optimal_share == no_move_errs[SPACE.ongoing].mean()


def test_a_grade_is_plain_values() -> None:
    plain = grade(Fixed(minimax_policy(SPACE)), SPACE).as_dict()
    assert plain["board"] == "tictactoe"
    assert plain["against"]["minimax"]["second"] == pytest.approx(
        {"win": 0, "draw": 1, "loss": 0, "illegal": 0}
    )


def test_an_illegal_move_is_a_lost_game() -> None:
    """Perfect but for an illegal first move: lost as the first player, sound as the second."""
    policy = minimax_policy(SPACE)
    policy[0] = 0.0
    result = grade(Fixed(policy), SPACE)
    for opponent in ("uniform", "minimax"):
        assert result.against[opponent]["first"] == (0.0, 0.0, 1.0)
        assert result.illegal[opponent] == {"first": 1.0, "second": 0.0}
    assert result.against["minimax"]["second"] == pytest.approx((0.0, 1.0, 0.0))
    assert result.nash_conv == 1.0
    assert result.illegal_share == 1 / SPACE.ongoing.sum()
    assert result.optimal_share == 1 - result.illegal_share


def test_tables_that_disagree_are_refused() -> None:
    agent = Fixed(minimax_policy(SPACE))
    playable = agent.policy > 0
    playable[0] = False
    agent.playable_table = lambda space: playable  # type: ignore[method-assign]
    with pytest.raises(ValueError, match="forfeits the game, so its row in policy_table is 0"):
        grade(agent, SPACE)
    agent = Fixed(minimax_policy(SPACE) / 2)
    with pytest.raises(ValueError, match="sum to 1"):
        grade(agent, SPACE)


def test_other_opponents_are_welcome() -> None:
    perfect = minimax_policy(SPACE)
    opponents = {"half perfect": minimax_policy(SPACE, 0.5)}
    result = grade(Fixed(perfect), SPACE, opponents)
    assert list(result.against) == ["uniform", "minimax", "half perfect"]
    weaker, half, stronger = (
        result.win_rate(name) for name in ("uniform", "half perfect", "minimax")
    )
    assert weaker > half > stronger
    with pytest.raises(ValueError, match="sum to 1"):
        grade(Fixed(perfect), SPACE, {"none": perfect / 2})


def test_an_agent_without_a_table_is_asked_and_may_be_wrong() -> None:
    """It always plays the middle, so that it forfeits the game by its second move at the latest."""

    class Middle:
        def predict(self, observation: Any, **_: Any) -> tuple[Any, Any]:
            return np.full(len(observation), 4), None

    result = grade(Tabulated(Middle(), SPACE), SPACE)  # type: ignore[arg-type]
    for side in ("first", "second"):
        assert result.against["uniform"][side] == pytest.approx((0.0, 0.0, 1.0))
        assert result.illegal["uniform"][side] == pytest.approx(1.0)
    has_middle = SPACE.legal[:, 4].sum() / SPACE.ongoing.sum()
    assert result.illegal_share == pytest.approx(1 - has_middle)
