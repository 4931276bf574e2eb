"""What agents want to play, with and without a mask."""

from typing import Any

import numpy as np
import pytest

from etude.agents.choice import choose, choose_in_all
from etude.envs.mnk.rules import MNKRules, Position

TICTACTOE = MNKRules()


class Unmasked:
    """Plays the cell with the number of own stones, as SB3's algorithms without looking up."""

    def predict(
        self, observation: Any, state: Any = None, episode_start: Any = None, deterministic: Any = 0
    ) -> tuple[Any, Any]:
        return np.asarray(observation)[:, :9].sum(axis=1).astype(np.int64), state


class Masked:
    """Plays the last legal cell."""

    def predict(self, observation: Any, action_masks: Any, **_: Any) -> tuple[Any, Any]:
        assert action_masks.dtype == np.bool_
        return np.array([np.flatnonzero(mask)[-1] for mask in action_masks]), None


def test_an_illegal_move_is_told_as_it_is() -> None:
    position = TICTACTOE.parse(".X./.../.O.")
    assert choose(Unmasked(), TICTACTOE, position) == 1
    assert 1 not in TICTACTOE.legal_actions(position)


def test_the_mask_goes_to_those_who_take_one() -> None:
    positions = [Position(), TICTACTOE.parse(".../.../..X")]
    assert choose_in_all(Masked(), TICTACTOE, positions) == [8, 7]
    assert choose_in_all(Unmasked(), TICTACTOE, positions) == [0, 0]


def test_the_observation_is_the_one_that_was_asked_for() -> None:
    class Index:
        def predict(self, observation: Any, **_: Any) -> tuple[Any, Any]:
            assert np.asarray(observation).tolist() == [0]
            return np.array([5]), None

    assert choose(Index(), TICTACTOE, Position(), "index") == 5
    with pytest.raises(AssertionError):
        choose(Index(), TICTACTOE, Position())
