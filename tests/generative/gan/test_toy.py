"""Densities against closed forms and against the samplers."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from etude.generative.gan.toy import (
    TOY,
    Checkerboard,
    Distribution,
    GaussianMixture,
    grid25,
    moons,
    ring8,
    spiral,
)

NAMES = pytest.mark.parametrize("name", sorted(TOY))


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_ring_and_grid_are_those_of_the_papers() -> None:
    ring, grid = ring8(), grid25()
    assert (len(ring.means), ring.sigma) == (8, 0.01)
    torch.testing.assert_close(ring.means.norm(dim=1), torch.ones(8, dtype=torch.float64))
    assert (len(grid.means), grid.sigma) == (25, 0.05)
    expected = {(-4.0 + 2.0 * i, -4.0 + 2.0 * j) for i in range(5) for j in range(5)}
    assert {(x, y) for x, y in grid.means.tolist()} == expected


@pytest.mark.parametrize("mixture", [ring8(), grid25()], ids=lambda mixture: mixture.name)
def test_mixtures_far_apart_have_closed_forms(mixture: GaussianMixture) -> None:
    assert mixture.separated
    k, variance = len(mixture.means), mixture.sigma**2
    expected = math.log(k) + math.log(2.0 * math.pi * math.e * variance)
    assert mixture.entropy == pytest.approx(expected, abs=1e-9)
    peak = mixture.log_density(mixture.means)
    torch.testing.assert_close(peak, torch.full_like(peak, -math.log(2 * math.pi * variance * k)))
    beside = mixture.log_density(mixture.means + torch.tensor([0.0, 2.0 * mixture.sigma]))
    torch.testing.assert_close(beside, peak - 2.0)


def test_log_density_of_two_components_by_hand() -> None:
    means = torch.tensor([[0.0, 0.0], [1.0, 0.0]], dtype=torch.float64)
    mixture = GaussianMixture(name="pair", means=means, sigma=0.5)
    density = (math.exp(-0.5 * 4 * 0.5) + math.exp(-0.5 * 4 * 0.5)) / 2 / (2 * math.pi * 0.25)
    got = mixture.log_density(torch.tensor([[0.5, 0.5]]))
    assert got.item() == pytest.approx(math.log(density), abs=1e-12)
    assert not mixture.separated


def test_far_points_have_a_finite_log_density() -> None:
    assert ring8().log_density(torch.tensor([[1_001.0, 0.0]])).item() == pytest.approx(
        -0.5 * (1_000.0 / 0.01) ** 2, rel=1e-6
    )


@NAMES
def test_density_integrates_to_one(name: str) -> None:
    distribution = TOY[name]
    left, right, bottom, top = distribution.extent
    assert right - left == pytest.approx(top - bottom)
    cells = 700
    x, y = (
        low + (torch.arange(cells, dtype=torch.float64) + 0.5) * ((right - left) / cells)
        for low in (left, bottom)
    )
    mass = distribution.log_density(torch.cartesian_prod(x, y)).exp().sum().item()
    assert mass * ((right - left) / cells) ** 2 == pytest.approx(1.0, abs=4e-3)


@NAMES
def test_samples_have_the_stated_moments_and_entropy(name: str) -> None:
    distribution = TOY[name]
    assert isinstance(distribution, Distribution)
    assert distribution.name == name
    points = distribution.sample(40_000, rng())
    assert points.dtype == torch.float32
    close = 5.0 * distribution.deviation / math.sqrt(len(points))
    assert (points.mean(dim=0) - distribution.mean).abs().max() < close
    variance = points.var(dim=0, correction=0).mean().item()
    assert math.sqrt(variance) == pytest.approx(distribution.deviation, rel=0.01)
    log_densities = distribution.log_density(points)
    assert log_densities.dtype == torch.float64
    error = log_densities.std().item() / math.sqrt(len(points))
    assert -log_densities.mean().item() == pytest.approx(distribution.entropy, abs=5 * error + 1e-9)


@NAMES
def test_samples_depend_on_the_generator_alone(name: str) -> None:
    first, again, other = (TOY[name].sample(16, rng(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@NAMES
def test_no_points_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="at least one point, got n=0"):
        TOY[name].sample(0, rng())


@given(st.integers(0, 2**32))
def test_board_holds_all_its_samples(seed: int) -> None:
    board = Checkerboard()
    points = board.sample(1_000, rng(seed))
    assert torch.equal(
        board.log_density(points), torch.full((1_000,), -math.log(8.0), dtype=torch.float64)
    )


def test_board_alternates_and_ends() -> None:
    line = torch.arange(-2.5, 3.0)
    points = torch.cartesian_prod(line, line)
    filled = Checkerboard().log_density(points).isfinite().reshape(6, 6)
    expected = torch.zeros(6, 6, dtype=torch.bool)
    expected[1:-1, 1:-1] = torch.tensor([[1, 0], [0, 1]]).repeat(2, 2).bool()
    assert torch.equal(filled, expected)


@pytest.mark.parametrize(("curve", "num_means"), [(spiral, 250), (moons, 100)])
def test_curves_are_dense_enough(curve: type[GaussianMixture], num_means: int) -> None:
    coarse, fine = curve(num_means), curve(4 * num_means)  # type: ignore[call-arg,arg-type]
    assert not coarse.separated
    middle = coarse.means[num_means // 2][None]
    assert coarse.log_density(middle).item() == pytest.approx(
        fine.log_density(middle).item(), abs=1e-6
    )
    assert coarse.entropy == pytest.approx(fine.entropy, abs=2e-3)


def test_spiral_runs_evenly_along_the_curve() -> None:
    means = spiral().means
    steps = means.diff(dim=0).norm(dim=1)
    assert steps.max() / steps.min() < 1.01
    assert means.norm(dim=1).max() < 2.0


@pytest.mark.parametrize(("num_means", "sigma"), [(0, 1.0), (1, 0.0), (1, math.inf), (1, math.nan)])
def test_impossible_mixtures_are_refused(num_means: int, sigma: float) -> None:
    with pytest.raises(ValueError, match=f"got {num_means} and {sigma}"):
        GaussianMixture(name="no", means=torch.zeros(num_means, 2), sigma=sigma)
