"""Learning to tune: SB3's algorithms, the head start, and what is left of them as an agent."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

pytest.importorskip("stable_baselines3")

from etude.agents import tuner_training
from etude.agents.imitation import demonstrate, imitate
from etude.agents.tuner_settings import TUNING_METHODS, PPOConfig, SACConfig
from etude.agents.tuner_training import METHODS, FiniteHorizon, train_tuner, tuner_of
from etude.envs.sb3_vec_env import SB3VecEnv
from etude.envs.style_weights.baselines import make_baseline
from etude.envs.style_weights.instances import Instance
from etude.envs.style_weights.settings import StyleWeightsSettings
from etude.envs.style_weights.vector import StyleWeightsVectorEnv

SMALL: dict[str, Any] = {"encoder": "tiny", "num_steps": 3, "iterations": 1}
QUICK = {
    "sac": SACConfig(num_envs=2, learning_starts=6, gradient_steps=1, batch_size=4),
    "ppo": PPOConfig(num_envs=2, n_steps=3, batch_size=6, n_epochs=1, imitates="greedy"),
    "td3": replace(METHODS["td3"].config, num_envs=2, learning_starts=6, gradient_steps=1),
}


@pytest.fixture(scope="module")
def instances() -> list[Instance]:
    torch_rng = torch.Generator().manual_seed(1)
    images = torch.rand(6, 1, 3, 16, 16, generator=torch_rng)
    return [Instance(images[i], images[i + 3], i / 2) for i in range(3)]


def test_the_methods_are_those_that_are_named_for_all() -> None:
    assert set(METHODS) == set(TUNING_METHODS)


@pytest.mark.parametrize("method", TUNING_METHODS)
def test_a_seed_gives_the_same_agent_and_another_another(
    method: str, instances: list[Instance]
) -> None:
    made = [
        train_tuner(method, 24, seed=seed, config=QUICK[method], instances=instances, **SMALL)
        for seed in (0, 0, 1)
    ]
    weights = [agent.layers[0].weight for agent in made]
    np.testing.assert_array_equal(weights[0], weights[1])
    assert (weights[0] != weights[2]).any()
    assert made[0].num_timesteps >= 24
    assert (made[0].method, made[2].seed) == (method, 1)


@pytest.mark.parametrize("method", TUNING_METHODS)
def test_the_agent_does_what_the_model_does_without_noise(
    method: str, instances: list[Instance]
) -> None:
    model = tuner_training._make_model(method, QUICK[method], 0, {"instances": instances, **SMALL})
    rng = np.random.default_rng(0)
    size = (20, *model.observation_space.shape)
    observations = rng.normal(0.0, 3.0, size).astype(np.float32)
    expected, _ = model.predict(observations, deterministic=True)
    actions, _ = tuner_of(method, model, 0).predict(observations)
    np.testing.assert_allclose(actions, expected, atol=1e-5)


def test_nothing_follows_the_last_step(instances: list[Instance]) -> None:
    env = FiniteHorizon(SB3VecEnv(StyleWeightsVectorEnv(2, instances, **SMALL)))
    env.reset()
    for _ in range(3):
        _, _, dones, infos = env.step(np.zeros((2, 4), np.float32))
    assert dones.all()
    assert not any(info["TimeLimit.truncated"] for info in infos)
    assert all("terminal_observation" in info for info in infos)


def test_an_actor_copies_a_rule_and_a_critic_its_returns(instances: list[Instance]) -> None:
    model = tuner_training._make_model("ppo", QUICK["ppo"], 0, {"instances": instances, **SMALL})
    env = model.get_env()
    rule = make_baseline("greedy", StyleWeightsSettings(instances, **SMALL))
    shown = demonstrate(rule, env, 4, seed=0)
    assert len(shown.returns) == 4 * 2 * 3
    np.testing.assert_allclose(shown.actions, rule.predict(shown.observations.numpy())[0])

    def errors() -> tuple[float, float]:
        means = model.policy.get_distribution(shown.observations).distribution.mean
        values = model.policy.predict_values(shown.observations)[:, 0]
        gap = (means - shown.actions).square().mean()
        return gap.item(), (values - shown.returns).square().mean().item()

    before = errors()
    env.seed(0)
    assert imitate(model.policy, rule, env, 4, seed=0) == 24
    assert all(after < 0.5 * error for after, error in zip(errors(), before, strict=True))


def test_progress_sees_the_agent_as_it_learns(instances: list[Instance]) -> None:
    seen: list[int] = []
    train_tuner(
        "sac",
        12,
        seed=0,
        config=QUICK["sac"],
        progress=lambda agent: seen.append(agent.num_timesteps),
        instances=instances,
        **SMALL,
    )
    assert seen == [2, 4, 6, 8, 10, 12]


def test_wrong_arguments_say_what_would_be_right(instances: list[Instance]) -> None:
    with pytest.raises(ValueError, match="one of sac, td3, ppo, got 'sag'; did you mean 'sac'"):
        train_tuner("sag", 10, seed=0)
    with pytest.raises(ValueError, match="ppo takes a PPOConfig, got a SACConfig"):
        train_tuner("ppo", 10, seed=0, config=SACConfig())
