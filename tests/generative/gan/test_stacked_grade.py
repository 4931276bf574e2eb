"""Grades of stacks whose faults are known."""

import json
import math

import pytest
import torch

from etude.generative.gan.stacked_digits import NUM_MODES, StackedDigits, digits
from etude.generative.gan.stacked_grade import NUM_SAMPLES, grade_stacks

pytest.importorskip("sklearn")


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_real_stacks_are_as_good_as_chance() -> None:
    got = grade_stacks(StackedDigits().draw(NUM_SAMPLES, rng()))
    assert (got.num_samples, got.num_modes, got.modes) == (26_000, 1_000, 1_000)
    expected = (NUM_MODES - 1) / (2 * NUM_SAMPLES)
    assert expected == pytest.approx(0.0192, abs=1e-4)
    assert got.real_kl == pytest.approx(expected, abs=1e-3)
    assert got.kl == pytest.approx(expected, abs=4e-3)
    assert got.confidence == pytest.approx(got.real_confidence, abs=2e-3)
    assert got.real_confidence > 0.95
    assert got.frechet < 5.0 * got.real_frechet
    assert json.loads(json.dumps(got.as_dict()))["modes"] == 1_000


def test_one_stack_is_one_mode() -> None:
    got = grade_stacks(StackedDigits().draw(1, rng()).repeat(200, 1, 1, 1))
    assert got.modes == 1
    assert got.kl == pytest.approx(math.log(NUM_MODES))
    assert got.frechet > 100.0 * got.real_frechet


def test_missing_digits_cost_their_share() -> None:
    """Without nines 27.1 % of the modes are gone, and KL is three times log(10 / 9)."""
    images, labels = digits()
    kept = images[labels != 9, 0]
    stacks = kept[torch.randint(len(kept), (10_000, 3), generator=rng())]
    got = grade_stacks(stacks)
    assert 729 <= got.modes < 800  # the judge takes a few other digits for nines
    assert got.kl - got.real_kl == pytest.approx(3.0 * math.log(10.0 / 9.0), abs=0.03)


def test_noise_shows_in_confidence_and_distance_alone() -> None:
    stacks = StackedDigits().draw(10_000, rng())
    noise = 0.3 * torch.randn(stacks.shape, generator=rng())
    clean, noisy = grade_stacks(stacks), grade_stacks((stacks + noise).clamp(-1.0, 1.0))
    assert abs(noisy.kl - clean.kl) < 0.01
    assert noisy.confidence < clean.confidence - 0.03
    assert noisy.frechet > 50.0 * clean.frechet


def test_grades_repeat() -> None:
    stacks = StackedDigits().draw(200, rng())
    assert grade_stacks(stacks) == grade_stacks(stacks.clone().requires_grad_())


def test_stacks_that_cannot_be_graded() -> None:
    with pytest.raises(ValueError, match="at least 100 stacks, got 99"):
        grade_stacks(torch.zeros(99, 3, 8, 8))
    stacks = torch.zeros(200, 3, 8, 8)
    stacks[3, 1, 2, 2], stacks[5] = math.nan, math.inf
    with pytest.raises(ValueError, match="got 2 of 200 that are not"):
        grade_stacks(stacks)
