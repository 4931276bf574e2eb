"""What agents have to beat: rules that do what they say, and weights that were found."""

import numpy as np
import pytest

from etude.agents.tuner_evaluation import returns_of
from etude.envs.style_weights.baselines import (
    BASELINES,
    Baseline,
    fixed,
    greedy_rule,
    linear_schedule,
    make_baseline,
    oracle,
    preference_rule,
    tuned,
)
from etude.envs.style_weights.env import StyleWeightsEnv
from etude.envs.style_weights.instances import Instance
from etude.envs.style_weights.observation import Observation, flatten, split_observation
from etude.envs.style_weights.settings import StyleWeightsSettings

SETTINGS = StyleWeightsSettings()
K = SETTINGS.num_weights


def observation(preference: float = 0.5, budget: float = 1.0, logs: float = 0.0) -> np.ndarray:
    ones = np.ones((1, K), np.float32)
    parts = (0 * ones, logs * ones, 0 * ones, 0 * ones)
    numbers = (np.asarray([value], np.float32) for value in (preference, budget))
    return flatten(Observation(*numbers, *parts))


@pytest.mark.parametrize("name", BASELINES)
def test_every_baseline_acts_on_one_painting_and_on_many(name: str) -> None:
    baseline = make_baseline(name, SETTINGS)
    rows = np.concatenate([observation(p) for p in (0.1, 0.9)])
    actions, _ = baseline.predict(rows)
    assert actions.shape == (2, K)
    assert np.abs(actions).max() <= 1.0
    assert baseline.predict(rows[0])[0].shape == (K,)
    start = baseline.start(rows)
    assert start.shape == (2, K)
    assert np.abs(start).max() <= 5.0


def test_weights_where_they_should_be_are_left_alone() -> None:
    default = make_baseline("default", SETTINGS)
    assert not default.predict(observation())[0].any()
    wanted = np.arange(K, dtype=np.float32) - 3.0
    way = Baseline(fixed(wanted)).predict(observation())[0][0]
    np.testing.assert_allclose(way, np.clip(wanted / 2.0, -1.0, 1.0))


def test_the_preference_rule_weighs_terms_as_the_quality_counts_them() -> None:
    target = preference_rule(SETTINGS)(observation(0.25))[0] + SETTINGS.default_log_weights
    np.testing.assert_allclose(np.exp(target), [0.25, *5 * [0.15], 0.1], rtol=1e-5)


def test_the_greedy_rule_divides_by_the_losses() -> None:
    even = preference_rule(SETTINGS)(observation(0.5, logs=1.5))
    np.testing.assert_allclose(greedy_rule(SETTINGS)(observation(0.5, logs=1.5)), even - 1.5)


def test_the_tilted_rule_is_the_best_static_weights_where_preferences_are_even() -> None:
    tilted, static = (make_baseline(name, SETTINGS) for name in ("tilted", "static"))
    np.testing.assert_allclose(
        tilted.start(observation(0.5)), static.start(observation(0.5)), atol=1e-5
    )
    content = tilted.start(observation(0.9))[0, 0] - tilted.start(observation(0.1))[0, 0]
    assert content > 1.0


def test_a_schedule_goes_from_its_first_to_its_last_weights() -> None:
    first, last = np.zeros(K, np.float32), np.ones(K, np.float32)
    target = linear_schedule(first, last)
    for budget in (1.0, 0.25, 0.0):
        np.testing.assert_allclose(target(observation(budget=budget))[0], (1.0 - budget) * last)


def test_the_weights_that_were_found_fit_the_environment() -> None:
    assert tuned("static", SETTINGS).shape == (1, K)
    assert tuned("schedule", SETTINGS).shape == (2, K)
    for split in ("test", "test_ood"):
        found = tuned(f"oracle {split}", SETTINGS)
        assert found.shape == (64, K)
        assert np.abs(found).max() <= 5.0
    with pytest.raises(ValueError, match="oracle test"):
        oracle("train", np.arange(2), SETTINGS)
    with pytest.raises(ValueError, match=r"7 of them, got 4 \(tiny\)"):
        tuned("static", StyleWeightsSettings(encoder="tiny"))


def test_an_unknown_baseline_gets_the_nearest_name() -> None:
    with pytest.raises(ValueError, match="did you mean 'static'"):
        make_baseline("statik", SETTINGS)


def test_random_actions_have_a_seed() -> None:
    first, again, other = (make_baseline("random", SETTINGS, seed) for seed in (1, 1, 2))
    actions = first.predict(observation())[0]
    np.testing.assert_array_equal(actions, again.predict(observation())[0])
    assert (actions != other.predict(observation())[0]).any()


def test_returns_are_those_of_single_environments(instances: list[Instance]) -> None:
    settings = {"encoder": "tiny", "num_steps": 3}
    policy = make_baseline("greedy", StyleWeightsSettings(instances, **settings))
    returns = returns_of(policy, instances, np.asarray([3, 0]), **settings)
    for number, expected in zip((3, 0), returns, strict=True):
        env = StyleWeightsEnv(instances, **settings)
        seen, _ = env.reset(options={"instance": number})
        start = policy.start(seen[None])[0]
        seen, info = env.reset(options={"instance": number, "log_weights": start})
        np.testing.assert_allclose(split_observation(seen[None]).log_weights[0], start, atol=1e-5)
        before = info["quality"]
        for _ in range(3):
            seen, _, _, _, info = env.step(policy.predict(seen)[0])
        assert info["quality"] - before == pytest.approx(expected, abs=1e-4)


def test_returns_are_of_all_instances_if_none_is_named(instances: list[Instance]) -> None:
    policy = make_baseline("default", StyleWeightsSettings(instances, encoder="tiny"))
    assert returns_of(policy, instances, encoder="tiny", num_steps=1).shape == (5,)
