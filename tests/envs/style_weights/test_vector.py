"""The vector environment paints exactly what single environments paint."""

import copy
import pickle
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
import torch
from gymnasium.error import ResetNeeded
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from hypothesis import given, settings
from hypothesis import strategies as st
from stable_baselines3 import PPO, SAC

import etude
from etude.envs.sb3_vec_env import SB3VecEnv
from etude.envs.style_weights.env import StyleWeightsEnv
from etude.envs.style_weights.instances import Instance
from etude.envs.style_weights.objective import Objective
from etude.envs.style_weights.settings import PAINTER
from etude.envs.style_weights.vector import StyleWeightsVectorEnv

gym.register_envs(etude)

ENV_ID = "etude/StyleWeights-v0"
TINY = {"encoder": "tiny", "judge": "inner", "iterations": 2, "num_steps": 3}


def make(instances: list[Instance], num_envs: int = 3, **kwargs: Any) -> StyleWeightsVectorEnv:
    return StyleWeightsVectorEnv(num_envs, instances, **(TINY | kwargs))


class Singles:
    """N single environments behind the interface of a vector environment."""

    def __init__(
        self, num_envs: int, mode: AutoresetMode, instances: list[Instance], **kwargs: Any
    ) -> None:
        self.envs = [StyleWeightsEnv(instances, **(TINY | kwargs)) for _ in range(num_envs)]
        self.mode = mode
        self.is_over = [False] * num_envs

    def reset(self, seed: int) -> list[Any]:
        return [env.reset(seed=seed + i) for i, env in enumerate(self.envs)]

    def reset_ended(self) -> list[Any]:
        self.is_over = [False] * len(self.envs)
        return [env.reset() for env in self.envs]

    def step(self, actions: np.ndarray) -> list[Any]:
        """For each: observation, info, reward, terminated, truncated, final observation, info."""
        rows = []
        for i, env in enumerate(self.envs):
            if self.is_over[i]:
                rows.append((*env.reset(), 0.0, False, False, None, None))
                self.is_over[i] = False
                continue
            observation, reward, terminated, truncated, info = env.step(actions[i])
            end = (reward, terminated, truncated, observation, info)
            if (terminated or truncated) and self.mode == AutoresetMode.SAME_STEP:
                observation, info = env.reset()
            self.is_over[i] = (terminated or truncated) and self.mode != AutoresetMode.SAME_STEP
            rows.append((observation, info, *end))
        return rows


def assert_close(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(found, expected, rtol=0.0, atol=1e-4)


def assert_infos_close(infos: dict[str, Any], i: int, expected: dict[str, Any]) -> None:
    assert infos["instance"][i] == expected["instance"]
    for name in expected:
        assert infos[f"_{name}"][i]
        assert_close(infos[name][i], expected[name])


def assert_same_paintings(
    vector: StyleWeightsVectorEnv, singles: Singles, seed: int, num_steps: int
) -> None:
    rng = np.random.default_rng(seed)
    observations, infos = vector.reset(seed=seed)
    for i, (expected, info) in enumerate(singles.reset(seed)):
        assert_close(observations[i], expected)
        assert_infos_close(infos, i, info)
    for _ in range(num_steps):
        if singles.mode == AutoresetMode.DISABLED and any(singles.is_over):
            observations, infos = vector.reset()
            for i, (expected, info) in enumerate(singles.reset_ended()):
                assert_close(observations[i], expected)
                assert_infos_close(infos, i, info)
        actions = rng.uniform(-1.2, 1.2, vector.action_space.shape).astype(np.float32)
        observations, rewards, terminated, truncated, infos = vector.step(actions)
        assert observations.dtype == np.float32
        for i, row in enumerate(singles.step(actions)):
            assert_close(observations[i], row[0])
            assert_infos_close(infos, i, row[1])
            assert_close(rewards[i], row[2])
            assert (terminated[i], truncated[i]) == row[3:5]
            if truncated[i] and singles.mode == AutoresetMode.SAME_STEP:
                assert infos["_final_obs"][i]
                assert infos["_final_info"][i]
                assert_close(infos["final_obs"][i], row[5])
                assert_infos_close(infos["final_info"], i, row[6])


@settings(max_examples=10)
@given(
    num_envs=st.integers(1, 5),
    mode=st.sampled_from(list(AutoresetMode)),
    judge=st.sampled_from(["inner", "held_out"]),
    seed=st.integers(0, 2**31 - 1),
)
def test_a_seed_gives_the_paintings_of_single_environments(
    num_envs: int, mode: AutoresetMode, judge: str, seed: int, instances: list[Instance]
) -> None:
    vector = make(instances, num_envs, autoreset_mode=mode, judge=judge)
    singles = Singles(num_envs, mode, instances, judge=judge)
    assert_same_paintings(vector, singles, seed, num_steps=8)


@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_so_does_the_real_network(mode: AutoresetMode, instances: list[Instance]) -> None:
    kwargs: dict[str, Any] = {"encoder": PAINTER, "judge": "held_out", "iterations": 4}
    vector = make(instances, 4, autoreset_mode=mode, **kwargs)
    assert_same_paintings(vector, Singles(4, mode, instances, **kwargs), 7, num_steps=7)


@pytest.mark.parametrize("mode", [AutoresetMode.SAME_STEP, AutoresetMode.NEXT_STEP])
def test_it_agrees_with_gymnasiums_own_vector_environment(
    mode: AutoresetMode, instances: list[Instance]
) -> None:
    kwargs = {"instances": instances, **TINY}
    own = gym.make_vec(ENV_ID, 3, "vector_entry_point", autoreset_mode=mode, **kwargs)
    sync = gym.make_vec(ENV_ID, 3, "sync", vector_kwargs={"autoreset_mode": mode}, **kwargs)
    assert isinstance(own.unwrapped, StyleWeightsVectorEnv)
    assert isinstance(sync.unwrapped, SyncVectorEnv)
    assert own.observation_space == sync.observation_space
    assert own.action_space == sync.action_space
    assert own.metadata["autoreset_mode"] == sync.metadata["autoreset_mode"] == mode
    rng = np.random.default_rng(0)
    one, other = own.reset(seed=2), sync.reset(seed=2)
    assert_all_close(one, other)
    for _ in range(8):
        actions = rng.uniform(-1, 1, own.action_space.shape).astype(np.float32)
        assert_all_close(own.step(actions), sync.step(actions))
    own.close()
    sync.close()


def assert_all_close(found: Any, expected: Any) -> None:
    if isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for name in expected:
            assert_all_close(found[name], expected[name])
    elif isinstance(expected, tuple | list) or np.asarray(expected).dtype.hasobject:
        for left, right in zip(found, expected, strict=True):
            if right is not None:  # Gymnasium leaves out the final observations of those that go on
                assert_all_close(left, right)
    else:
        assert_close(found, expected)


# --- resets


def test_disabled_autoreset_waits_for_a_reset_mask(instances: list[Instance]) -> None:
    vector = make(instances, 3, autoreset_mode="Disabled", num_steps=2)
    vector.reset(seed=0)
    vector.step(np.zeros((3, 4)))
    mask = np.array([True, False, True])
    _, infos = vector.reset(options={"reset_mask": mask, "instance": np.array([4, 0, 3])})
    assert infos["instance"][[0, 2]].tolist() == [4, 3]
    going_on = infos["instance"][1]
    _, _, _, truncated, _ = vector.step(np.zeros((3, 4)))
    assert truncated.tolist() == [False, True, False]
    with pytest.raises(ResetNeeded, match=r"ended ones at \[1\]; call .*reset_mask"):
        vector.step(np.zeros((3, 4)))
    _, infos = vector.reset(options={"reset_mask": ~mask, "instance": 2})
    assert infos["instance"].tolist() == [4, 2, 3]
    assert 0 <= going_on < 5
    _, _, _, truncated, _ = vector.step(np.zeros((3, 4)))
    assert truncated.tolist() == [True, False, True]


def test_options_are_for_all_or_for_each(instances: list[Instance]) -> None:
    vector = make(instances, 3)
    _, infos = vector.reset(options={"instance": 3})
    assert infos["instance"].tolist() == [3, 3, 3]
    rows = np.array([[1.0, 0.0, 0.0, -1.0], [0.0, 2.0, -2.0, 0.0], np.zeros(4)])
    _, infos = vector.reset(options={"instance": np.array([2, 0, 1]), "log_weights": rows})
    assert infos["instance"].tolist() == [2, 0, 1]
    logits = np.exp(vector.settings.default_log_weights + rows)
    np.testing.assert_allclose(infos["weights"], logits / logits.sum(1)[:, None], rtol=1e-5)


def test_seeds_are_one_for_each(instances: list[Instance]) -> None:
    vector = make(instances, 3)
    counted, _ = vector.reset(seed=11)
    again, _ = vector.reset(seed=[11, 12, 13])
    np.testing.assert_array_equal(counted, again)
    with pytest.raises(ValueError, match="one for each of 3 paintings, got 2"):
        vector.reset(seed=[1, 2])


@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_a_loss_that_is_no_number_ends_its_painting_alone(
    mode: AutoresetMode, instances: list[Instance], monkeypatch: pytest.MonkeyPatch
) -> None:
    vector, healthy = (make(instances, autoreset_mode=mode, nan_penalty=4.0) for _ in range(2))
    for each in (vector, healthy):
        each.reset(seed=0)
    expected = healthy.step(np.zeros((3, 4)))
    with monkeypatch.context() as patch:
        patch.setattr(Objective, "__call__", _second_is_poisoned)
        observations, rewards, terminated, truncated, infos = vector.step(np.zeros((3, 4)))
    assert terminated.tolist() == [False, True, False]
    assert not truncated.any()
    assert rewards[1] == -4.0
    np.testing.assert_array_equal(rewards[[0, 2]], expected[1][[0, 2]])
    np.testing.assert_array_equal(observations[[0, 2]], expected[0][[0, 2]])
    finals = infos["final_obs"] if mode == AutoresetMode.SAME_STEP else observations
    assert vector.observation_space.contains(finals)
    if mode == AutoresetMode.DISABLED:
        vector.reset(options={"reset_mask": terminated})
    vector.step(np.zeros((3, 4)))  # in NEXT_STEP mode this begins the next painting
    assert vector.batch.images.isfinite().all()
    assert vector.batch.qualities.isfinite().all()


unharmed = Objective.__call__


def _second_is_poisoned(self: Objective, images: torch.Tensor, targets: Any) -> torch.Tensor:
    factors = torch.ones(len(images), 1)
    factors[1:2] = torch.nan
    return unharmed(self, images, targets) * factors


# --- contracts


def test_every_call_returns_new_arrays(instances: list[Instance]) -> None:
    vector = make(instances)
    results = [vector.reset(seed=0)]
    for _ in range(4):
        kept = copy.deepcopy(results)
        results.append(vector.step(vector.action_space.sample()))
        assert_all_equal(results[:-1], kept)


def assert_all_equal(found: Any, expected: Any) -> None:
    if isinstance(expected, dict):
        found, expected = list(found.values()), list(expected.values())
    if isinstance(expected, list | tuple):
        for left, right in zip(found, expected, strict=True):
            assert_all_equal(left, right)
    else:
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))])
def test_a_copy_goes_on_alike(copied: Any, instances: list[Instance]) -> None:
    vector = make(instances)
    vector.reset(seed=5)
    vector.step(vector.action_space.sample())
    other = copied(vector)
    for _ in range(4):
        actions = vector.action_space.sample()
        assert_all_equal(vector.step(actions), other.step(actions))


def test_wrong_arguments_say_what_would_be_right(instances: list[Instance]) -> None:
    with pytest.raises(ValueError, match="num_envs must be at least 1, got 0"):
        make(instances, 0)
    with pytest.raises(ValueError, match="did you mean 'SameStep'"):
        make(instances, autoreset_mode="SamStep")
    vector = make(instances, render_mode="rgb_array")
    for look in (lambda: vector.step(np.zeros((3, 4))), vector.render):
        with pytest.raises(ResetNeeded, match="got none"):
            look()
    with pytest.raises(ResetNeeded, match="leave reset_mask out"):
        vector.reset(options={"reset_mask": np.array([True, False, True])})
    for mask in (np.ones(3), np.ones(2, bool), np.zeros(3, bool), [True] * 3):
        with pytest.raises(ValueError, match=r"reset_mask is a bool array of shape \(3,\)"):
            vector.reset(options={"reset_mask": mask})


@pytest.mark.parametrize("actions", [np.zeros((2, 4)), np.zeros(4), np.full((3, 4), np.nan)])
def test_wrong_actions_change_nothing(actions: np.ndarray, instances: list[Instance]) -> None:
    vector, other = make(instances), make(instances)
    for each in (vector, other):
        each.reset(seed=0)
    with pytest.raises(ValueError, match="got"):
        vector.step(actions)
    assert_all_equal(vector.step(np.zeros((3, 4))), other.step(np.zeros((3, 4))))


def test_frames_are_one_for_each(instances: list[Instance]) -> None:
    vector = make(instances, render_mode="rgb_array", render_size=(96, 54))
    vector.reset(seed=0)
    frames = vector.render()
    assert frames is not None
    assert [frame.shape for frame in frames] == [(54, 96, 3)] * 3
    vector.close()
    vector.close()


# --- Stable-Baselines3


@pytest.mark.parametrize(
    ("algorithm", "kwargs"),
    [(PPO, {"n_steps": 25, "batch_size": 50}), (SAC, {"learning_starts": 40, "train_freq": 10})],
)
def test_sb3_trains_on_it(
    algorithm: Any, kwargs: dict[str, Any], instances: list[Instance]
) -> None:
    weights = []
    for _ in range(2):
        vec_env = SB3VecEnv(make(instances, 4, iterations=1))
        model = algorithm("MlpPolicy", vec_env, seed=3, device="cpu", **kwargs)
        model.learn(200)
        weights.append([p.detach().clone() for p in model.policy.parameters()])
    assert model.num_timesteps >= 200
    assert all(map(torch.equal, *weights))  # and the same from the same seed
    observation = vec_env.reset()
    actions, _ = model.predict(observation, deterministic=True)
    assert vec_env.env.action_space.contains(actions)


def test_ends_of_episodes_are_told_in_the_way_of_sb3(instances: list[Instance]) -> None:
    vec_env = SB3VecEnv(make(instances, num_steps=1))
    vec_env.seed(0)
    begun = vec_env.reset()
    observations, _, dones, infos = vec_env.step(np.full((3, 4), 0.5, np.float32))
    assert dones.all()
    for i, info in enumerate(infos):
        assert info["TimeLimit.truncated"] is True
        assert info["terminal_observation"][1] == 0.0  # no steps left
        assert info["terminal_observation"][0] == begun[i, 0]  # the preference
        assert observations[i, 1] == 1.0
        assert info["objectives"].shape == (3,)
