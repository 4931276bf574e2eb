"""Grades of samples whose faults are known."""

import json
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from etude.generative.gan.toy import TOY, Checkerboard, GaussianMixture, grid25, ring8
from etude.generative.gan.toy_grade import (
    HIGH_QUALITY_LIMIT,
    energy_distance,
    grade,
    relative_entropy,
    truth,
)

NUM_SAMPLES = 20_000


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def around(mixture: GaussianMixture, modes: Tensor, width: float) -> Tensor:
    """A sample with the given modes, as wide as asked for."""
    noise = torch.randn(len(modes), 2, generator=rng(), dtype=torch.float64)
    return mixture.means[modes] + width * mixture.sigma * noise


@pytest.mark.parametrize("name", sorted(TOY))
def test_real_samples_reach_the_limits(name: str) -> None:
    distribution = TOY[name]
    real = grade(distribution, distribution.sample(NUM_SAMPLES, rng()))
    limit = truth(distribution, NUM_SAMPLES)
    assert (real.num_modes, real.modes) == (limit.num_modes, limit.modes)
    assert real.high_quality == pytest.approx(limit.high_quality, abs=4e-3)
    assert real.width_ratio == pytest.approx(limit.width_ratio, abs=0.01)
    assert real.reverse_kl == pytest.approx(limit.reverse_kl, abs=2e-3)
    assert real.on_support == 1.0
    assert real.cross_entropy == pytest.approx(limit.cross_entropy, abs=0.04)
    assert real.kl == pytest.approx(limit.kl, abs=0.05)
    assert 0.0 <= real.energy_distance < 2e-3
    assert 0.0 <= real.real_energy_distance < 2e-3


def test_limit_of_the_high_quality_share() -> None:
    assert pytest.approx(0.98889, abs=5e-6) == HIGH_QUALITY_LIMIT
    assert truth(ring8()).high_quality == HIGH_QUALITY_LIMIT
    assert truth(Checkerboard()).high_quality is None


@pytest.mark.parametrize(("modes", "expected"), [(1, math.log(8)), (2, math.log(4)), (8, 0.0)])
def test_reverse_kl_of_missing_modes(modes: int, expected: float) -> None:
    samples = around(ring8(), torch.arange(8_000) % modes, 0.5)
    got = grade(ring8(), samples)
    assert got.modes == modes
    assert got.reverse_kl == pytest.approx(expected, abs=1e-3)
    # Nothing else is wrong: missing modes cost as much in KL(q || p), and half the width more.
    narrow = -2.0 * math.log(0.5) - 1.0 + 0.25
    assert got.kl == pytest.approx(expected + narrow, abs=0.1)


@pytest.mark.parametrize("width", [0.2, 0.5, 0.8])
def test_width_and_kl_of_narrow_modes(width: float) -> None:
    samples = around(grid25(), torch.arange(NUM_SAMPLES) % 25, width)
    got = grade(grid25(), samples)
    # Little of a narrow mode is cut off; the truth it is measured by is cut at 3 sigma.
    assert got.width_ratio == pytest.approx(width / math.sqrt(1.8989 / 2.0), rel=0.02)
    assert got.kl == pytest.approx(-2.0 * math.log(width) - 1.0 + width**2, abs=0.04)
    assert got.high_quality == pytest.approx(1.0 - math.exp(-4.5 / width**2), abs=2e-3)


def test_shifted_modes_are_not_wide() -> None:
    mixture = grid25()
    samples = around(mixture, torch.arange(5_000) % 25, 0.1) + mixture.sigma
    assert grade(mixture, samples).width_ratio == pytest.approx(0.1026, rel=0.03)


def test_modes_count_among_the_first_samples_alone() -> None:
    modes = torch.zeros(5_000, dtype=torch.int64)
    modes[2_499], modes[2_500:] = 1, 2
    got = grade(ring8(), around(ring8(), modes, 0.3))
    assert got.modes == 2


@pytest.mark.parametrize("place", [(0.0, 0.0), (50.0, 50.0)])
def test_no_good_samples(place: tuple[float, float]) -> None:
    got = grade(ring8(), torch.tensor(place).repeat(200, 1))
    assert (got.modes, got.high_quality, got.reverse_kl) == (0, 0.0, math.inf)
    assert got.width_ratio is not None
    assert math.isnan(got.width_ratio)
    assert got.kl == math.inf  # points that coincide have no density
    figures = json.loads(json.dumps(got.as_dict(), allow_nan=False))
    assert figures["reverse_kl"] is None
    assert figures["num_samples"] == 200


def test_samples_beside_the_board() -> None:
    board = Checkerboard()
    samples = board.sample(4_000, rng())
    samples[:1_000] = 9.0 + torch.rand(1_000, 2, generator=rng())
    got = grade(board, samples)
    assert got.on_support == 0.75
    assert got.cross_entropy == pytest.approx(math.log(8.0))
    nowhere = grade(board, samples[:1_000])
    assert (nowhere.on_support, nowhere.cross_entropy, nowhere.kl) == (0.0, math.inf, math.inf)


def test_relative_entropy_of_half_a_board() -> None:
    board = Checkerboard()
    samples = board.sample(NUM_SAMPLES, rng())
    half = samples[samples[:, 0] < 0.0]
    assert relative_entropy(half, math.log(8.0)) == pytest.approx(math.log(2.0), abs=0.05)


def test_energy_distance_of_points() -> None:
    """Of two points it is twice their distance."""
    first, second = torch.zeros(3, 2), torch.tensor([[3.0, 4.0]])
    assert energy_distance(first, second) == pytest.approx(10.0, rel=2e-3)


@given(st.integers(0, 2**32), st.integers(1, 20), st.integers(1, 20))
def test_energy_distance_is_its_definition(seed: int, n: int, m: int) -> None:
    first = torch.randn(n, 2, generator=rng(seed), dtype=torch.float64)
    second = 2.0 + torch.randn(m, 2, generator=rng(seed + 1), dtype=torch.float64)
    pairs = ((first, second, 2.0), (first, first, -1.0), (second, second, -1.0))
    expected = sum(sign * torch.cdist(a, b).mean().item() for a, b, sign in pairs)
    assert energy_distance(first, second) == pytest.approx(expected, rel=0.02)
    assert energy_distance(first, second) == pytest.approx(energy_distance(second, first))


def test_grades_repeat() -> None:
    samples = ring8().sample(500, rng())
    assert grade(ring8(), samples) == grade(ring8(), samples)
    assert grade(ring8(), samples) == grade(ring8(), samples.clone().requires_grad_())


def test_samples_that_cannot_be_graded() -> None:
    with pytest.raises(ValueError, match="at least 100 samples, got 99"):
        grade(ring8(), torch.zeros(99, 2))
    samples = torch.zeros(200, 2)
    samples[3, 1], samples[5] = math.nan, math.inf
    with pytest.raises(ValueError, match="got 2 of 200 that are not"):
        grade(ring8(), samples)
