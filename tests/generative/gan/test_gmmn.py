"""Matching errors against closed forms, and their means over many draws."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from etude.generative.gan.gmmn import (
    MATCHINGS,
    energy_distance,
    median_bandwidths,
    random_projections,
    sliced_wasserstein,
    squared_mmd,
    witness,
)

NAMES = pytest.mark.parametrize("name", sorted(MATCHINGS))


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def normal(n: int, dim: int, seed: int) -> Tensor:
    return torch.randn(n, dim, generator=rng(seed), dtype=torch.float64)


def gaussian_kernel_mean(bandwidth: float, variances: float, shift: float, dim: int) -> float:
    """E k(x, y) of two Gaussians: the sum of their variances, and how far their means are apart."""
    total = bandwidth**2 + variances
    return float((bandwidth**2 / total) ** (dim / 2) * math.exp(-0.5 * shift**2 / total))


@pytest.mark.parametrize("dim", [1, 2, 12])
@pytest.mark.parametrize("bandwidths", [(1.0,), (0.5, 2.0)])
def test_mmd_of_gaussians(dim: int, bandwidths: tuple[float, ...]) -> None:
    samples = 2.0 * normal(4_000, dim, 0)
    samples[:, 0] += 1.0
    real = normal(3_000, dim, 1)
    means = [
        gaussian_kernel_mean(b, 8.0, 0.0, dim)
        + gaussian_kernel_mean(b, 2.0, 0.0, dim)
        - 2.0 * gaussian_kernel_mean(b, 5.0, 1.0, dim)
        for b in bandwidths
    ]
    expected = sum(means) / len(means)
    assert squared_mmd(samples, real, bandwidths).item() == pytest.approx(expected, rel=0.1)


def test_energy_distance_of_shifted_gaussians() -> None:
    """E|N(m, s^2)| = s sqrt(2 / pi) exp(-m^2 / 2 s^2) + m erf(m / s sqrt 2)."""
    shift, s = 1.0, math.sqrt(2.0)
    between = s * math.sqrt(2.0 / math.pi) * math.exp(-(shift**2) / (2.0 * s**2))
    between += shift * math.erf(shift / (s * math.sqrt(2.0)))
    expected = 2.0 * between - 2.0 * s * math.sqrt(2.0 / math.pi)
    got = energy_distance(normal(4_000, 1, 0) + shift, normal(3_000, 1, 1))
    assert got.item() == pytest.approx(expected, rel=0.1)


def test_energy_distance_of_uniforms() -> None:
    """2 int (F - G)^2 = 2 (1/3 + 1/3) of uniforms side by side."""
    first, second = torch.rand(2, 3_000, 1, generator=rng())
    assert energy_distance(first, second + 1.0).item() == pytest.approx(4.0 / 3.0, rel=0.03)


@pytest.mark.parametrize("dim", [2, 12])
def test_energy_distance_is_the_distance_kernel(dim: int) -> None:
    """By hand, pair for pair."""
    x, y = normal(5, dim, 0), normal(4, dim, 1)
    between = sum((a - b).norm().item() for a in x for b in y) / 20
    within = [
        sum((a - b).norm().item() for a in z for b in z) / (len(z) * (len(z) - 1)) for z in (x, y)
    ]
    expected = 2.0 * between - sum(within)
    assert energy_distance(x, y).item() == pytest.approx(expected, rel=1e-6)


@given(st.integers(0, 2**32), st.sampled_from([1, 2, 9]))
def test_sliced_wasserstein_of_a_shift_is_exact(seed: int, dim: int) -> None:
    real = normal(50, dim, seed)
    shift = normal(1, dim, seed + 1)
    projections = random_projections(dim, 20, rng(seed)).double()
    order = torch.randperm(50, generator=rng(seed))
    got = sliced_wasserstein(real[order] + shift, real, projections)
    expected = (shift @ projections).square().mean()
    torch.testing.assert_close(got, expected)


@pytest.mark.parametrize(("n", "m"), [(20_000, 20_000), (4_000, 20_000), (20_000, 4_000)])
def test_sliced_wasserstein_of_gaussians(n: int, m: int) -> None:
    """On a line it is (s - t)^2 + (difference of means)^2, of the deviations s and t."""
    samples, real = 3.0 * normal(n, 1, 0) + 1.0, normal(m, 1, 1)
    got = sliced_wasserstein(samples, real, torch.ones(1, 1, dtype=torch.float64))
    assert got.item() == pytest.approx((3.0 - 1.0) ** 2 + 1.0, rel=0.05)


def test_directions_are_alike() -> None:
    projections = random_projections(3, 20_000, rng())
    torch.testing.assert_close(projections.norm(dim=0), torch.ones(20_000))
    torch.testing.assert_close(
        projections @ projections.T / 20_000, torch.eye(3) / 3.0, atol=0.01, rtol=0
    )


@pytest.mark.parametrize("name", ["mmd", "energy"])
def test_estimates_are_unbiased(name: str) -> None:
    """Over many small draws of one distribution the mean is 0: half of them lie below."""
    draws = torch.randn(2_000, 2, 4, 2, generator=rng(), dtype=torch.float64)
    bandwidths = [0.5, 1.0]
    estimates = torch.stack(
        [
            squared_mmd(x, y, bandwidths) if name == "mmd" else energy_distance(x, y)
            for x, y in draws
        ]
    )
    error = estimates.std().item() / math.sqrt(len(draws))
    assert abs(estimates.mean().item()) < 4.0 * error
    assert error < 0.02
    assert 0.3 < (estimates < 0.0).double().mean().item() < 0.8


@NAMES
@pytest.mark.parametrize("shape", [(2,), (3, 4, 4)])
def test_gradients_are_those_of_differences(name: str, shape: tuple[int, ...]) -> None:
    """Of a step along the gradient, whose length is exact to its third power."""
    samples = torch.randn(6, *shape, generator=rng(0), dtype=torch.float64).requires_grad_()
    real = torch.randn(5, *shape, generator=rng(1), dtype=torch.float64)

    def loss(points: Tensor) -> Tensor:
        return MATCHINGS[name](points, real, rng(2))

    (gradient,) = torch.autograd.grad(loss(samples), samples)
    step = 1e-4 * gradient / gradient.norm()
    with torch.no_grad():
        slope = (loss(samples + step) - loss(samples - step)) / 2e-4
    assert slope.item() == pytest.approx(gradient.norm().item(), rel=1e-4)


@NAMES
@pytest.mark.parametrize("shape", [(2,), (3, 4, 4)])
def test_coincident_samples_have_finite_gradients(name: str, shape: tuple[int, ...]) -> None:
    real = torch.randn(8, *shape, generator=rng())
    samples = real[:1].repeat(6, *(1 for _ in shape)).requires_grad_()  # one of them is real
    loss = MATCHINGS[name](samples, real, rng())
    (gradient,) = torch.autograd.grad(loss, samples)
    assert loss.isfinite()
    assert gradient.isfinite().all()
    assert gradient.abs().max() < 10.0


@NAMES
def test_samples_descend_to_the_real_ones(name: str) -> None:
    """Free points, no network: errors and the distance of the means fall to a fifth."""
    real = torch.randn(100, 2, generator=rng(0)) * 0.5 + 2.0
    samples = torch.randn(100, 2, generator=rng(1)).requires_grad_()
    optimiser = torch.optim.Adam([samples], lr=0.1)
    losses = []
    for _ in range(150):
        loss = MATCHINGS[name](samples, real, rng(2))
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 5.0
    assert (samples.mean(dim=0) - real.mean(dim=0)).norm() < math.hypot(2.0, 2.0) / 5.0


def test_witness_is_where_the_gradient_leads() -> None:
    """The gradient of MMD^2 to a sample is -2 / n of the witness's, where it is of others."""
    samples, real = normal(300, 2, 0), normal(300, 2, 1) + 1.0
    bandwidths = [0.7, 1.4]
    moved = samples.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(squared_mmd(moved, real, bandwidths), moved)
    points = samples.clone().requires_grad_()
    heights = witness(points, samples, real, bandwidths)
    (slope,) = torch.autograd.grad(heights.sum(), points)
    torch.testing.assert_close(gradient, -2.0 / 300 * slope, atol=2e-5, rtol=0.02)
    ends = torch.tensor([[-1.5, -1.5], [2.5, 2.5]], dtype=torch.float64)
    left, right = witness(ends, samples, real, bandwidths).tolist()
    assert left < 0.0 < right


def test_median_bandwidths_are_shares_of_the_median_distance() -> None:
    line = torch.tensor([[0.0], [1.0], [10.0]])
    assert median_bandwidths(line, [1.0, 0.5]) == [9.0, 4.5]  # of 1, 9 and 10


@pytest.mark.parametrize("bandwidths", [[], [1.0, 0.0], [-1.0], [math.inf], [math.nan]])
def test_impossible_bandwidths_are_refused(bandwidths: list[float]) -> None:
    points = torch.zeros(3, 2)
    with pytest.raises(ValueError, match="finite numbers above 0, got"):
        squared_mmd(points, points, bandwidths)
    with pytest.raises(ValueError, match="finite numbers above 0, got"):
        witness(points, points, points, bandwidths)


def test_samples_that_coincide_have_no_median_width() -> None:
    with pytest.raises(ValueError, match="half of the 4 samples coincide"):
        median_bandwidths(torch.zeros(4, 2))


@NAMES
@pytest.mark.parametrize(("n", "m"), [(1, 3), (3, 1), (0, 3)])
def test_too_small_batches_are_refused(name: str, n: int, m: int) -> None:
    with pytest.raises(ValueError, match="at least two samples"):
        MATCHINGS[name](torch.zeros(n, 2), torch.randn(m, 2, generator=rng()), rng())


@pytest.mark.parametrize(("dim", "num"), [(0, 3), (3, 0)])
def test_no_projections_are_refused(dim: int, num: int) -> None:
    with pytest.raises(ValueError, match="at least one projection"):
        random_projections(dim, num, rng())
