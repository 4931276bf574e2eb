"""Paintings side by side: the descent, the weights, and losses that are no numbers."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch import Tensor

from etude.envs.style_weights.batch import StyleWeightsBatch
from etude.envs.style_weights.instances import Instance
from etude.envs.style_weights.objective import Objective
from etude.envs.style_weights.observation import MAX_LOG_WEIGHT, Observation, split_observation
from etude.envs.style_weights.settings import MAX_CHANGE, StyleWeightsSettings
from etude.generative.style.adam import Adam

NUM_WEIGHTS = 4


def tiny(instances: list[Instance], **kwargs: Any) -> StyleWeightsSettings:
    return StyleWeightsSettings(instances, encoder="tiny", judge="inner", **kwargs)


def begun(instances: list[Instance], n: int = 3, **kwargs: Any) -> StyleWeightsBatch:
    batch = StyleWeightsBatch(n, tiny(instances, **kwargs))
    batch.begin(np.arange(n), np.arange(n))
    return batch


def actions_for(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, (n, NUM_WEIGHTS)).astype(np.float32)


def test_a_painting_is_descended_on_with_adam(instances: list[Instance]) -> None:
    """As ``etude stylize`` descends on one picture, clipped to [0, 1] after each iteration."""
    batch = begun(instances, iterations=6)
    expected = [_painted_alone(instances[i], batch, i) for i in range(3)]
    batch.step(np.zeros((3, NUM_WEIGHTS), np.float32))
    torch.testing.assert_close(batch.images, torch.cat(expected), rtol=0.0, atol=1e-3)
    assert (batch.images[0] - instances[0].content).abs().mean() > 0.05


def _painted_alone(instance: Instance, batch: StyleWeightsBatch, i: int) -> Tensor:
    view, adam = batch.settings.painters_view, Adam(batch.settings.step_size)
    targets = view.targets(instance.content, instance.style)
    image = instance.content
    for _ in range(batch.settings.iterations):
        image = image.detach().requires_grad_()
        loss = (batch.weights[i] * view(image, targets)[0]).sum()
        (gradient,) = torch.autograd.grad(loss, image)
        image = (image.detach() + adam.step(gradient)).clamp(0.0, 1.0)
    return image


def test_a_caller_may_have_switched_gradients_off(instances: list[Instance]) -> None:
    batch, other = begun(instances), begun(instances)
    with torch.no_grad():
        batch.step(actions_for(3))
    other.step(actions_for(3))
    assert torch.equal(batch.images, other.images)
    assert not batch.images.requires_grad


def test_rewards_are_what_the_quality_gains(instances: list[Instance]) -> None:
    batch = begun(instances, num_steps=4)
    first, total = batch.qualities, torch.zeros(3)
    for step in range(4):
        before = batch.qualities
        outcome = batch.step(actions_for(3, step))
        np.testing.assert_array_equal(outcome.rewards, (batch.qualities - before).numpy())
        assert (outcome.ended == (step == 3)).all()
        assert not outcome.failed.any()
        total += torch.from_numpy(outcome.rewards)
    torch.testing.assert_close(total, batch.qualities - first, rtol=0.0, atol=1e-5)


def test_a_painting_begins_while_others_go_on(instances: list[Instance]) -> None:
    batch, undisturbed = begun(instances), begun(instances)
    for each in (batch, undisturbed):
        each.step(actions_for(3))
    batch.begin(np.array([1]), np.array([4]))
    fresh = StyleWeightsBatch(1, batch.settings)
    fresh.begin(np.array([0]), np.array([4]))
    np.testing.assert_allclose(batch.observe()[1:2], fresh.observe(), atol=1e-5)
    for step in range(2):
        actions = actions_for(3, step)
        outcomes = [batch.step(actions), undisturbed.step(actions), fresh.step(actions[1:2])]
        assert torch.equal(batch.images[[0, 2]], undisturbed.images[[0, 2]])
        np.testing.assert_array_equal(batch.observe()[[0, 2]], undisturbed.observe()[[0, 2]])
        np.testing.assert_array_equal(outcomes[0].rewards[[0, 2]], outcomes[1].rewards[[0, 2]])
        torch.testing.assert_close(batch.images[1:2], fresh.images)
        np.testing.assert_allclose(batch.observe()[1:2], fresh.observe(), atol=1e-5)
    assert batch.numbers.tolist() == [0, 4, 2]


# --- weights


def test_weights_are_those_that_actions_ask_for(instances: list[Instance]) -> None:
    batch = begun(instances)
    default = batch.settings.default_log_weights
    np.testing.assert_allclose(batch.weights[0], np.exp(default) / np.exp(default).sum(), rtol=1e-5)
    actions = actions_for(3)
    batch.step(actions)
    expected = np.exp(default + MAX_CHANGE * actions)
    expected /= expected.sum(1, keepdims=True)
    np.testing.assert_allclose(batch.weights, expected, rtol=1e-5)


def test_the_scale_of_weights_does_not_count(instances: list[Instance]) -> None:
    batch, other = begun(instances), begun(instances)
    actions = 0.5 * actions_for(3)
    batch.step(actions)
    other.step(actions + np.array([[0.5], [-0.25], [0.0]], np.float32))
    torch.testing.assert_close(batch.log_weights, other.log_weights)
    torch.testing.assert_close(batch.images, other.images, rtol=0.0, atol=1e-4)


@pytest.mark.parametrize("kept_up", [[1, -1, 1, -1], [1, 1, 1, -1], [-1, -1, -1, -1]])
def test_weights_driven_to_the_bounds_stay_there(
    kept_up: list[int], instances: list[Instance]
) -> None:
    batch = begun(instances, num_steps=30, iterations=1)
    space = batch.settings.observation_space
    for _ in range(30):
        outcome = batch.step(np.tile(np.float32(kept_up), (3, 1)))
        assert not outcome.failed.any()
        assert batch.log_weights.abs().max() <= MAX_LOG_WEIGHT
        torch.testing.assert_close(batch.weights.sum(1), torch.ones(3))
        assert all(space.contains(observation) for observation in batch.observe())
    if len(set(kept_up)) > 1:
        assert (batch.log_weights.abs().amax(1) == MAX_LOG_WEIGHT).all()
    before = batch.log_weights
    batch.step(np.tile(-np.float32(kept_up), (3, 1)))  # and come back
    assert len(set(kept_up)) == 1 or (batch.log_weights != before).all(1).all()


@settings(max_examples=25)
@given(
    actions=arrays(np.float32, (4, 3, NUM_WEIGHTS), elements=st.floats(-1, 1, width=32)),
    log_weights=arrays(np.float32, (3, NUM_WEIGHTS), elements=st.floats(-5, 5, width=32)),
)
def test_observations_lie_within_their_bounds(
    actions: np.ndarray, log_weights: np.ndarray, instances: list[Instance]
) -> None:
    batch = StyleWeightsBatch(3, tiny(instances, num_steps=4, iterations=2))
    batch.begin(np.arange(3), np.array([0, 2, 4]), log_weights)
    space = batch.settings.observation_space
    assert all(space.contains(observation) for observation in batch.observe())
    for action in actions:
        batch.step(action)
        assert all(space.contains(observation) for observation in batch.observe())
        assert batch.images.min() >= 0.0
        assert batch.images.max() <= 1.0


def test_observations_say_how_things_stand(instances: list[Instance]) -> None:
    batch = begun(instances, num_steps=4)
    starts = _seen(batch)
    assert starts.preference.tolist() == [0.0, 0.25, 0.5]
    assert starts.budget.tolist() == [1.0, 1.0, 1.0]
    assert not any(part.any() for part in (starts.log_weights, starts.log_ratios))
    for step in (1, 2):
        before = _seen(batch)
        batch.step(actions_for(3, step))
        seen = _seen(batch)
        assert seen.budget == pytest.approx([1.0 - step / 4] * 3)
        np.testing.assert_allclose(seen.log_weights, batch.log_weights, atol=1e-5)
        np.testing.assert_allclose(seen.log_changes, seen.log_losses - before.log_losses, atol=1e-4)
        assert np.abs(seen.log_changes).max() > 0.01


def _seen(batch: StyleWeightsBatch) -> Observation:
    return split_observation(batch.observe())


# --- losses that are no numbers


def poisoned(self: Objective, images: Tensor, targets: Any) -> Tensor:
    terms = unharmed(self, images, targets)
    factors = torch.ones(len(terms), 1)
    factors[1] = torch.nan
    return terms * factors


unharmed = Objective.__call__


@pytest.mark.parametrize("judge", ["inner", "held_out"])
def test_a_loss_that_is_no_number_ends_its_painting_alone(
    judge: str, instances: list[Instance], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = StyleWeightsSettings(instances, encoder="tiny", judge=judge, nan_penalty=7.0)
    batch, healthy = (StyleWeightsBatch(3, settings) for _ in range(2))
    for each in (batch, healthy):
        each.begin(np.arange(3), np.arange(3))
    expected = healthy.step(actions_for(3))
    with monkeypatch.context() as patch:
        patch.setattr(Objective, "__call__", poisoned)
        outcome = batch.step(actions_for(3))
    assert outcome.failed.tolist() == [False, True, False]
    assert outcome.rewards[1] == -7.0
    np.testing.assert_array_equal(outcome.rewards[[0, 2]], expected.rewards[[0, 2]])
    assert torch.equal(batch.images[[0, 2]], healthy.images[[0, 2]])
    assert all(settings.observation_space.contains(row) for row in batch.observe())
    batch.begin(np.array([1]), np.array([3]))  # nothing of it stays behind
    healthy.begin(np.array([1]), np.array([3]))
    outcome, expected = batch.step(actions_for(3, 1)), healthy.step(actions_for(3, 1))
    assert not outcome.failed.any()
    np.testing.assert_array_equal(outcome.rewards, expected.rewards)
