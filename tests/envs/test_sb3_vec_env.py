"""SB3 algorithms train on the batched environment through the adapter."""

from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from sb3_contrib import MaskablePPO
from sb3_contrib.common.maskable.utils import get_action_masks, is_masking_supported
from stable_baselines3 import A2C

import etude
from etude.envs.sb3_vec_env import SB3VecEnv

gym.register_envs(etude)


def make(num_envs: int = 8, **kwargs: Any) -> SB3VecEnv:
    return SB3VecEnv(gym.make_vec("etude/TicTacToe-v0", num_envs=num_envs, **kwargs))


def test_maskable_ppo_learns_and_never_plays_an_illegal_move() -> None:
    vec_env = make(64)
    model = MaskablePPO("MlpPolicy", vec_env, n_steps=32, batch_size=512, seed=0, device="cpu")
    before = win_share(model)
    model.learn(20_000)
    assert win_share(model) > before + 0.1  # measured: 0.50 -> 0.79 (seed 0)


def win_share(model: MaskablePPO) -> float:
    vec_env = make(256)
    vec_env.seed(1)
    observations = vec_env.reset()
    outcomes: list[int] = []
    while len(outcomes) < 1000:
        masks = get_action_masks(vec_env)
        actions, _ = model.predict(observations, action_masks=masks, deterministic=True)
        observations, _, dones, infos = vec_env.step(actions)
        for i in np.flatnonzero(dones):
            assert not infos[i]["illegal_action"]
            outcomes.append(infos[i]["outcome"])
    return float(np.mean(np.array(outcomes) == 1))


def test_masks_are_found_by_sb3_contrib() -> None:
    vec_env = make(3, agent_side="first")
    vec_env.reset()
    assert is_masking_supported(vec_env)
    assert get_action_masks(vec_env).shape == (3, 9)
    assert vec_env.env_method("action_masks", indices=[1])[0].all()


def test_ends_of_episodes_are_told_in_the_way_of_sb3() -> None:
    vec_env = make(4, agent_side="first", illegal_move="lose")
    vec_env.seed(3)
    vec_env.reset()
    vec_env.step(np.zeros(4, int))
    observations, rewards, dones, infos = vec_env.step(np.zeros(4, int))
    assert dones.all()
    assert (rewards == -1.0).all()
    for i in range(4):
        assert infos[i]["terminal_observation"].sum() == 2
        assert infos[i]["illegal_action"]
        assert infos[i]["TimeLimit.truncated"] is False
        assert not observations[i].any()


def test_seeds_make_runs_alike() -> None:
    runs = []
    for _ in range(2):
        model = A2C("MlpPolicy", make(4), seed=5, device="cpu")
        model.learn(200)
        runs.append(model.policy.state_dict()["action_net.weight"].numpy().copy())
    np.testing.assert_array_equal(*runs)


def test_dictionary_observations() -> None:
    vec_env = make(4, observation="dict")
    model = A2C("MultiInputPolicy", vec_env, seed=0, device="cpu")
    model.learn(100)
    assert set(vec_env.reset()) == {"observation", "action_mask"}


def test_attributes_are_shared() -> None:
    vec_env = make(3)
    assert vec_env.get_attr("num_envs") == [3, 3, 3]
    vec_env.set_attr("note", "x")
    assert vec_env.get_attr("note", indices=0) == ["x"]
    with pytest.raises(ValueError, match="share their attributes"):
        vec_env.set_attr("note", "y", indices=[0])
    assert vec_env.env_is_wrapped(gym.Wrapper) == [False] * 3
    vec_env.close()


def test_another_autoreset_mode_is_refused() -> None:
    with pytest.raises(ValueError, match=r"SAME_STEP, got AutoresetMode\.NEXT_STEP"):
        make(2, autoreset_mode="NextStep")


def test_images_are_the_frames_of_all_boards() -> None:
    vec_env = make(4, render_mode="rgb_array", render_size=(64, 64))
    vec_env.reset()
    assert [image.shape for image in vec_env.get_images()] == [(64, 64, 3)] * 4
    picture = vec_env.render("rgb_array")
    assert picture is not None
    assert picture.shape == (128, 128, 3)
