"""The judge that comes with the package, and how it was made."""

from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from etude.generative.checkpoints import load_weights
from etude.generative.gan.digits_judge import (
    FILE,
    NUM_FEATURES,
    DigitsJudge,
    accuracy,
    load_judge,
    save_judge,
    train_judge,
)
from etude.generative.gan.stacked_digits import StackedDigits, digits

pytest.importorskip("sklearn")


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_shipped_judge_knows_digits_that_it_has_not_seen() -> None:
    judge = load_judge()
    assert accuracy(judge, "test") >= 0.99
    assert accuracy(judge, "train") >= 0.99
    assert FILE.stat().st_size < 300_000
    assert sum(weight.numel() for weight in judge.parameters()) == 63_554
    assert not judge.training
    assert not any(weight.requires_grad for weight in judge.parameters())


def test_training_leads_to_such_a_judge() -> None:
    """In a fifth of the steps; all reach 99.4 %."""
    assert accuracy(train_judge(num_steps=300)) >= 0.97


def test_training_repeats_and_falls() -> None:
    first, again, other = train_judge(0, 3), train_judge(0, 3), train_judge(1, 3)
    weights = [judge.head.weight for judge in (first, again, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
    images, labels = digits("train")
    longer = train_judge(0, 30)
    losses = [cross_entropy(judge(images), labels).item() for judge in (first, longer)]
    assert losses[1] < losses[0]


def test_training_leaves_the_global_random_numbers_alone() -> None:
    before = torch.get_rng_state()
    train_judge(0, 1)
    assert torch.equal(torch.get_rng_state(), before)


def test_real_stacks_get_their_modes() -> None:
    stacks, modes = StackedDigits(split="test").draw_with_modes(2_000, rng())
    right = (load_judge().modes(stacks) == modes).double().mean().item()
    assert right >= 0.97  # three digits have to be right


def test_channels_are_read_in_order() -> None:
    images, labels = digits()
    stack = torch.stack([images[labels == digit][0, 0] for digit in (3, 1, 4)])[None]
    probabilities = load_judge().probabilities(stack)
    assert probabilities.shape == (1, 3, 10)
    torch.testing.assert_close(probabilities.sum(dim=2), torch.ones(1, 3))
    assert load_judge().modes(stack).tolist() == [314]


def test_features_lead_to_the_logits() -> None:
    judge, images = load_judge(), digits().images[:9_000]
    features = judge.features(images)
    assert features.shape == (1_797, NUM_FEATURES)
    assert features.min() >= 0.0
    torch.testing.assert_close(judge.head(features), judge(images))
    assert judge.features(images[:0]).shape == (0, NUM_FEATURES)


def test_features_of_more_than_a_chunk_are_the_same() -> None:
    images = digits().images.repeat(5, 1, 1, 1)
    features = load_judge().features(images)
    torch.testing.assert_close(features[-1_797:], features[:1_797])


def test_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    judge = train_judge(0, 1)
    save_judge(tmp_path / "judge.safetensors", judge, {"seed": "0"})
    state, notes = load_weights(tmp_path / "judge.safetensors")
    assert notes == {"architecture": "digits-judge", "seed": "0"}
    other = DigitsJudge()
    other.load_state_dict(state)
    images: Tensor = digits().images[:4]
    assert torch.equal(other(images), judge(images))


def test_no_steps_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one step, got 0"):
        train_judge(num_steps=0)
