"""StyleWeightsEnv: Gymnasium's contracts, the reward, and how episodes begin and end."""

import copy
import json
import math
import pickle
from functools import partial
from typing import Any, Literal

import gymnasium as gym
import numpy as np
import pytest
import torch
from gymnasium.error import ResetNeeded
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AsyncVectorEnv
from stable_baselines3.common.env_checker import check_env as sb3_check_env
from torch import Tensor

import etude
from etude.envs.style_weights import objective as terms_module
from etude.envs.style_weights.env import StyleWeightsEnv
from etude.envs.style_weights.instances import Instance
from etude.envs.style_weights.objective import Objective
from etude.envs.style_weights.settings import HELD_OUT, PAINTER, VIEWS, objective
from etude.generative.style.statistics import mean_gram, total_variation

gym.register_envs(etude)

ENV_ID = "etude/StyleWeights-v0"
TINY = {"encoder": "tiny", "judge": "inner", "iterations": 2}
ENCODERS = pytest.mark.parametrize("encoder", ["tiny", PAINTER])


def make(instances: list[Instance], **kwargs: Any) -> StyleWeightsEnv:
    return StyleWeightsEnv(instances, **(TINY | {"num_steps": 4} | kwargs))


def trajectory(env: StyleWeightsEnv, seed: int, num_episodes: int = 2) -> list[Any]:
    """Observations, rewards and infos, with actions drawn by the same seed."""
    rng = np.random.default_rng(seed)
    seen: list[Any] = [env.reset(seed=seed)]
    for _ in range(num_episodes):
        is_over = False
        while not is_over:
            *step, info = env.step(rng.uniform(-1.0, 1.0, env.action_space.shape))
            is_over = step[2] or step[3]
            seen.append((*step, info))
        seen.append(env.reset())
    return seen


def assert_same(one: Any, other: Any) -> None:
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        one, other = list(one.values()), list(other.values())
    if isinstance(one, list | tuple):
        assert len(one) == len(other)
        for left, right in zip(one, other, strict=True):
            assert_same(left, right)
    else:
        assert type(one) is type(other)
        np.testing.assert_array_equal(one, other)


# --- contracts


@ENCODERS
def test_gymnasium_checks_it(encoder: str, instances: list[Instance]) -> None:
    env = gym.make(ENV_ID, instances=instances, encoder=encoder, disable_env_checker=True)
    check_env(env.unwrapped)
    env.close()


@pytest.mark.parametrize("render_mode", [None, "rgb_array", "human"])
def test_gymnasium_checks_each_render_mode(
    render_mode: str | None, instances: list[Instance]
) -> None:
    env = make(instances, render_mode=render_mode, render_size=(96, 54))
    check_env(env, skip_render_check=True)
    env.reset(seed=0)
    frame = env.render() if render_mode else None
    if render_mode == "rgb_array":
        assert frame.shape == (54, 96, 3)
        assert frame.dtype == np.uint8
    else:
        assert frame is None
    env.close()
    env.close()


@ENCODERS
def test_sb3_checks_it(encoder: str, instances: list[Instance]) -> None:
    sb3_check_env(make(instances, encoder=encoder), warn=True)


def test_it_is_made_by_id_in_a_spawned_process() -> None:
    settings = {"instances": "test_ood", "size": 16, "encoder": "tiny"}
    make_one = partial(gym.make, "etude:etude/StyleWeights-v0", **settings)
    env = AsyncVectorEnv([make_one], context="spawn")
    observations, infos = env.reset(seed=0)
    expected, info = make_one().reset(seed=0)
    np.testing.assert_allclose(observations[0], expected, atol=1e-5)
    assert infos["instance"][0] == info["instance"]
    env.close()


def test_its_spec_is_written_as_json() -> None:
    spec = gym.make(ENV_ID, instances="test_ood", encoder="tiny", size=16).spec
    assert spec is not None
    kwargs = json.loads(spec.to_json())["kwargs"]
    assert kwargs == {"instances": "test_ood", "encoder": "tiny", "size": 16}
    again = gym.make(gym.envs.registration.EnvSpec.from_json(spec.to_json()))
    assert isinstance(again.unwrapped, StyleWeightsEnv)
    assert again.unwrapped.settings.size == 16


@ENCODERS
def test_a_seed_gives_a_trajectory(encoder: str, instances: list[Instance]) -> None:
    make_one = {"encoder": encoder, "num_steps": 2}
    first = trajectory(make(instances, **make_one), seed=5)
    assert_same(first, trajectory(make(instances, **make_one), seed=5))
    env = make(instances, **make_one)
    trajectory(env, seed=6)  # whatever has happened before
    assert_same(first, trajectory(env, seed=5))


def test_other_seeds_give_other_instances(instances: list[Instance]) -> None:
    env = make(instances)
    drawn = {env.reset(seed=seed)[1]["instance"] for seed in range(40)}
    assert drawn == set(range(5))
    env.reset(seed=0)
    assert {env.reset()[1]["instance"] for _ in range(40)} == set(range(5))


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))])
def test_a_copy_of_a_running_environment_goes_on_alike(
    copied: Any, instances: list[Instance]
) -> None:
    env = make(instances, num_steps=3)
    env.reset(seed=1)
    env.step(env.action_space.sample())
    other = copied(env)
    for action in (np.full(4, 0.5), np.arange(4) / 4 - 0.5):
        assert_same(env.step(action), other.step(action))
    assert_same(env.reset(), other.reset())
    assert env.quality_history == other.quality_history


def test_closing_twice_is_fine(instances: list[Instance]) -> None:
    env = make(instances)
    env.close()
    env.reset(seed=0)
    env.close()
    env.close()


def test_what_is_returned_is_new(instances: list[Instance]) -> None:
    env = make(instances)
    observation, info = env.reset(seed=0)
    kept = copy.deepcopy((observation, info))
    image = env.image
    env.step(np.ones(4))
    assert_same((observation, info), kept)
    assert not torch.equal(image, env.image)


# --- the reward


@pytest.mark.parametrize("judge", ["inner", "held_out"])
def test_the_return_is_the_gain_in_quality(
    judge: Literal["inner", "held_out"], instances: list[Instance]
) -> None:
    env = make(instances, judge=judge, num_steps=5)
    _, first = env.reset(seed=3)
    qualities, rewards, is_over = [first["quality"]], [], False
    while not is_over:
        _, reward, terminated, is_over, info = env.step(env.action_space.sample())
        assert not terminated
        assert reward == pytest.approx(info["quality"] - qualities[-1], abs=1e-6)
        qualities.append(info["quality"])
        rewards.append(reward)
    assert len(rewards) == 5
    assert sum(rewards) == pytest.approx(qualities[-1] - qualities[0], abs=1e-5)
    assert env.quality_history == qualities


@pytest.mark.parametrize(
    ("judge", "network"), [("inner", "tiny"), ("inner", PAINTER), ("held_out", HELD_OUT)]
)
def test_the_quality_is_that_of_the_judges_features(
    judge: str, network: str, instances: list[Instance]
) -> None:
    encoder = "tiny" if network == "tiny" else PAINTER
    env = make(instances, judge=judge, encoder=encoder, smoothness=0.3)
    env.reset(seed=0, options={"instance": 2})
    env.step(env.action_space.sample())
    *_, info = env.step(env.action_space.sample())
    content, style, roughness = slow_logs(network, env.image, instances[2])
    expected = -(0.5 * content + 0.5 * style + 0.3 * roughness)
    assert info["objectives"] == pytest.approx([content, style, roughness], abs=1e-3)
    assert info["quality"] == pytest.approx(expected, abs=1e-3)


def slow_logs(network: str, image: Tensor, instance: Instance) -> tuple[float, float, float]:
    """Log content, mean log style, log variation, in float64 from one picture's features."""
    content_layer, style_layers = VIEWS[network]
    encoder = objective(network, "cpu").encoder
    own, content, style = (
        {name: features.double() for name, features in encoder(picture).items()}
        for picture in (image, instance.content, instance.style)
    )
    gap = (own[content_layer] - content[content_layer]).square().mean()
    variance = content[content_layer].var(correction=0)
    log_content = math.log(float(gap / variance) + terms_module.CONTENT_FLOOR)
    log_styles = []
    for layer in style_layers:
        gram, target = mean_gram(own[layer]), mean_gram(style[layer])
        loss = float((gram - target).square().sum() / target.square().sum())
        log_styles.append(math.log(loss + terms_module.STYLE_FLOOR))
    roughness = math.log(float(total_variation(image)) + terms_module.VARIATION_FLOOR)
    return log_content, sum(log_styles) / len(log_styles), roughness


def test_each_judge_pays_for_what_it_sees(instances: list[Instance]) -> None:
    """The painting is the same, whoever judges it."""
    envs = {judge: make(instances, judge=judge) for judge in ("inner", "held_out")}
    infos = {}
    for judge, env in envs.items():
        env.reset(options={"instance": 1})
        *_, infos[judge] = env.step(np.zeros(4))
    assert torch.equal(envs["inner"].image, envs["held_out"].image)
    assert infos["inner"]["objectives"][1] != pytest.approx(infos["held_out"]["objectives"][1])
    assert infos["inner"]["quality"] != pytest.approx(infos["held_out"]["quality"])


def test_more_weight_on_content_keeps_more_of_it(instances: list[Instance]) -> None:
    found = {}
    for content_weight in (-4.0, 4.0):
        env = make(instances, iterations=10)
        log_weights = np.array([content_weight, 0.0, 0.0, 0.0])
        env.reset(options={"instance": 0, "log_weights": log_weights})
        *_, info = env.step(np.zeros(4))
        found[content_weight] = info["objectives"]
    assert found[4.0][0] < found[-4.0][0]  # log content
    assert found[4.0][1] > found[-4.0][1]  # log style


# --- beginnings and ends


def test_options_choose_the_instance_and_the_weights(instances: list[Instance]) -> None:
    env = make(instances)
    log_weights = np.array([1.0, -2.0, 3.0, 0.0])
    for number in range(5):
        _, info = env.reset(options={"instance": number, "log_weights": log_weights})
        assert info["instance"] == number
        assert torch.equal(env.image, instances[number].content)
    logits = env.settings.default_log_weights + log_weights
    np.testing.assert_allclose(info["weights"], np.exp(logits) / np.exp(logits).sum(), rtol=1e-5)
    _, info = env.reset()
    logits = env.settings.default_log_weights
    np.testing.assert_allclose(info["weights"], np.exp(logits) / np.exp(logits).sum(), rtol=1e-5)


def test_choosing_an_instance_draws_none(instances: list[Instance]) -> None:
    env, other = make(instances), make(instances)
    env.reset(seed=4, options={"instance": 3})
    other.reset(seed=4)
    drawn = [env.reset()[1]["instance"] for _ in range(6)]
    again = [other.reset()[1]["instance"] for _ in range(6)]
    assert drawn != again
    assert drawn[1:] == again[:-1]


def test_actions_beyond_the_bounds_are_clipped(instances: list[Instance]) -> None:
    env, other = make(instances), make(instances)
    for each in (env, other):
        each.reset(seed=0)
    assert_same(env.step(np.array([9.0, -np.inf, 0.5, 0.0])), other.step([1.0, -1.0, 0.5, 0.0]))


@pytest.mark.parametrize("action", [np.full(4, np.nan), np.zeros(3), np.zeros((1, 4)), 0.5])
def test_a_wrong_action_changes_nothing(action: Any, instances: list[Instance]) -> None:
    env, other = make(instances), make(instances)
    for each in (env, other):
        each.reset(seed=0)
    with pytest.raises(ValueError, match=r"got .*(nan|\(\)|\(3,\)|\(1, 4\))"):
        env.step(action)
    assert_same(env.step(np.zeros(4)), other.step(np.zeros(4)))


def test_a_step_needs_a_painting_under_way(instances: list[Instance]) -> None:
    env = make(instances, num_steps=1)
    with pytest.raises(ResetNeeded, match=r"got none; call reset\(\) first"):
        env.step(np.zeros(4))
    env.reset(seed=0)
    assert env.step(np.zeros(4))[3]
    with pytest.raises(ResetNeeded):
        env.step(np.zeros(4))


def test_there_is_nothing_to_see_before_the_first_reset(instances: list[Instance]) -> None:
    env = make(instances, render_mode="rgb_array")
    for look in (env.render, env.scene, lambda: env.image):
        with pytest.raises(ResetNeeded, match=r"from the first reset\(\) on, got none"):
            look()


def test_a_scene_tells_all(instances: list[Instance]) -> None:
    env = make(instances)
    env.reset(options={"instance": 4})
    *_, info = env.step(env.action_space.sample())
    scene = env.scene()
    assert torch.equal(scene.content, instances[4].content)
    assert torch.equal(scene.style, instances[4].style)
    assert torch.equal(scene.image, env.image)
    assert scene.preference == instances[4].preference
    assert tuple(scene.weights) == env.settings.weight_names
    assert list(scene.weights.values()) == pytest.approx(info["weights"].tolist())
    assert len(scene.qualities) == 2
    assert scene.qualities[-1] == info["quality"]
    assert scene.num_steps == 4


def test_a_loss_that_is_no_number_terminates(
    instances: list[Instance], monkeypatch: pytest.MonkeyPatch
) -> None:
    env = make(instances, nan_penalty=3.0)
    env.reset(seed=0)
    with monkeypatch.context() as patch:
        patch.setattr(Objective, "__call__", lambda *args: torch.nan * unharmed(*args))
        observation, reward, terminated, truncated, _ = env.step(np.zeros(4))
    assert (reward, terminated, truncated) == (-3.0, True, False)
    assert env.observation_space.contains(observation)
    with pytest.raises(ResetNeeded):
        env.step(np.zeros(4))
    env.reset()
    assert env.step(np.zeros(4))[2] is False


unharmed = Objective.__call__


def test_a_failure_in_the_last_step_terminates(
    instances: list[Instance], monkeypatch: pytest.MonkeyPatch
) -> None:
    env = make(instances, num_steps=1)
    env.reset(seed=0)
    monkeypatch.setattr(Objective, "__call__", lambda *args: torch.nan * unharmed(*args))
    assert env.step(np.zeros(4))[2:4] == (True, False)


def test_unknown_arguments_are_refused() -> None:
    with pytest.raises(TypeError, match="'sice'"):
        StyleWeightsEnv(sice=3)
