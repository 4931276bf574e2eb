"""The PettingZoo view passes PettingZoo's own tests."""

import warnings

import numpy as np
import pytest

with warnings.catch_warnings():  # PettingZoo's tests import its own games by a deprecated path
    warnings.simplefilter("ignore", DeprecationWarning)
    from pettingzoo.test import api_test, seed_test

from etude.envs.mnk.pettingzoo_aec import MNKAECEnv, env

BOARDS = [{}, {"m": 6, "n": 7, "k": 4, "gravity": True}, {"m": 4, "n": 5, "k": 3, "misere": True}]


@pytest.mark.parametrize("board", BOARDS)
# PettingZoo advises against what its own board games do: dictionaries, and an empty first board.
@pytest.mark.filterwarnings("ignore:Observation")
def test_api(board: dict[str, int]) -> None:
    api_test(env(**board), num_cycles=200, verbose_progress=False)


@pytest.mark.parametrize("board", BOARDS)
def test_seed(board: dict[str, int]) -> None:
    seed_test(lambda: env(**board), num_cycles=100)


def test_a_game_is_told_from_both_sides() -> None:
    game = MNKAECEnv()
    game.reset()
    for action in (0, 3, 1, 4):
        game.step(action)
    view = game.observe("player_0")
    assert np.flatnonzero(view["observation"]).tolist() == [0, 1, 9 + 3, 9 + 4]
    assert np.flatnonzero(view["action_mask"]).tolist() == [2, 5, 6, 7, 8]
    assert not game.observe("player_1")["action_mask"].any()
    game.step(2)
    assert game.rewards == {"player_0": 1.0, "player_1": -1.0}
    assert all(game.terminations.values())


@pytest.mark.parametrize("mover", ["player_0", "player_1"])
def test_an_illegal_move_loses(mover: str) -> None:
    game = MNKAECEnv()
    game.reset()
    for action in (4, 4) if mover == "player_1" else (4, 0, 4):
        game.step(action)
    assert game.rewards == {mover: -1.0, "player_1" if mover == "player_0" else "player_0": 0.0}


def test_every_render_mode() -> None:
    for mode, kind in (("rgb_array", np.ndarray), ("ansi", str), ("human", type(None))):
        game = MNKAECEnv(render_mode=mode)
        game.reset()
        game.step(0)
        assert isinstance(game.render(), kind)
        game.close()
        game.close()


def test_unknown_render_mode() -> None:
    with pytest.raises(ValueError, match="did you mean 'ansi'"):
        MNKAECEnv(render_mode="ansy")


def test_render_without_a_mode_warns() -> None:
    game = MNKAECEnv()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert game.render() is None
    assert "render_mode" in str(caught[0].message)
