"""Distributions of points in the plane whose density is known, so that every sample can be graded.

The ring and the grid are those of A. Srivastava et al., "VEEGAN: reducing mode collapse in GANs
using implicit variational learning", NeurIPS 2017, sec. 4.1, with the scales of Z. Lin et al.,
"PacGAN: the power of two samples in generative adversarial networks", NeurIPS 2018, sec. 4.1.
Spiral and moons are mixtures as well, of Gaussians that lie so close along a curve that no gap
shows: their densities are sums, not approximations.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Final, Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

Points = Float[Tensor, "n 2"]
Extent = tuple[float, float, float, float]

_CHUNK: Final = 8_192  # points whose distances to all means are in memory at a time
_MARGIN: Final = 8.0  # deviations around the means; less than 1e-13 of the mass lies beyond
_CELLS: Final = 3  # of the quadrature, a deviation
_EXACT: Final = "donot_use_mm_for_euclid_dist"  # products round small distances away
_SIDE: Final = 4  # squares along a side of the board


@runtime_checkable
class Distribution(Protocol):
    """A distribution in the plane, with what is known about it."""

    @property
    def name(self) -> str:
        """What the command line calls it."""
        ...

    @property
    def extent(self) -> Extent:
        """Left, right, bottom and top of a picture of it, which is square."""
        ...

    @property
    def mean(self) -> Float[Tensor, " 2"]:
        """Its mean, float32."""
        ...

    @property
    def deviation(self) -> float:
        """Root of the mean variance of both coordinates: what data are divided by."""
        ...

    @property
    def entropy(self) -> float:
        """-E[log p], in nats."""
        ...

    def sample(self, n: int, torch_rng: torch.Generator) -> Points:
        """Draw points, float32.

        Raises:
            ValueError: less than one.
        """
        ...

    def log_density(self, points: Points) -> Float[Tensor, " n"]:
        """The logarithm of p in nats, float64; -inf where nothing can be."""
        ...


@dataclass(frozen=True, kw_only=True, eq=False)
class GaussianMixture:
    """Round Gaussians of one width and equal weights: p(x) = mean_i N(x; mean_i, sigma^2 I).

    Raises:
        ValueError: no means, or a width that is not positive.
    """

    name: str
    means: Float[Tensor, "k 2"]
    """Of the components, float64."""
    sigma: float
    """Their deviation along each axis."""

    def __post_init__(self) -> None:
        if len(self.means) < 1 or not 0.0 < self.sigma < math.inf:
            raise ValueError(
                "a mixture has at least one mean and a finite sigma above 0, got "
                f"{len(self.means)} and {self.sigma}; for example 8 and 0.01."
            )

    @cached_property
    def separated(self) -> bool:
        """Whether circles of 3 sigma around the means are disjoint: only then are there modes."""
        gaps = torch.pdist(self.means)
        return len(self.means) == 1 or gaps.min().item() >= 6.0 * self.sigma

    @cached_property
    def extent(self) -> Extent:
        """See ``Distribution``."""
        low, high = self.means.amin(dim=0), self.means.amax(dim=0)
        centre, half = (low + high) / 2.0, (high - low).max().item() / 2.0
        half = 1.1 * half + 4.0 * self.sigma
        x, y = centre.tolist()
        return (x - half, x + half, y - half, y + half)

    @cached_property
    def mean(self) -> Float[Tensor, " 2"]:
        """See ``Distribution``."""
        return self.means.mean(dim=0).float()

    @cached_property
    def deviation(self) -> float:
        """See ``Distribution``; the variances within and between the components add up."""
        between = self.means.var(dim=0, correction=0).mean().item()
        return math.sqrt(self.sigma**2 + between)

    @cached_property
    def entropy(self) -> float:
        """See ``Distribution``; by the midpoint rule on cells of a third of sigma, to 1e-9.

        Of modes far apart it is log k + log(2 pi e sigma^2).
        """
        cell = self.sigma / _CELLS
        axes = []
        for axis in range(2):
            low = self.means[:, axis].amin() - _MARGIN * self.sigma
            high = self.means[:, axis].amax() + _MARGIN * self.sigma
            axes.append(torch.arange(low.item(), high.item(), cell, dtype=torch.float64))
        total = 0.0
        num_rows = max(1, _CHUNK // len(axes[0]))  # all at once would fill the memory
        for first in range(0, len(axes[1]), num_rows):
            rows = axes[1][first : first + num_rows]
            densities = self.log_density(torch.cartesian_prod(axes[0], rows)).exp()
            total += torch.special.entr(densities).sum().item()
        return total * cell**2

    def sample(self, n: int, torch_rng: torch.Generator) -> Points:
        """See ``Distribution``."""
        _check_count(n)
        chosen = torch.randint(len(self.means), (n,), generator=torch_rng)
        noise = torch.randn(n, 2, generator=torch_rng)
        return self.means.float()[chosen] + self.sigma * noise

    def log_density(self, points: Points) -> Float[Tensor, " n"]:
        """See ``Distribution``."""
        means = self.means.to(points.device)
        scaled = points.double() / self.sigma
        norm = math.log(len(means) * 2.0 * math.pi * self.sigma**2)
        log_densities = torch.empty(len(points), dtype=torch.float64, device=points.device)
        for first in range(0, len(points), _CHUNK):
            part = slice(first, first + _CHUNK)
            distances = torch.cdist(scaled[part], means / self.sigma, compute_mode=_EXACT)
            log_densities[part] = torch.logsumexp(-0.5 * distances.square(), dim=1) - norm
        return log_densities


@dataclass(frozen=True)
class Checkerboard:
    """Uniform on the 8 black squares, of side 1, of a board on [-2, 2)^2; nothing elsewhere."""

    name: str = "checkerboard"
    extent: Extent = (-2.4, 2.4, -2.4, 2.4)
    entropy: float = math.log(_SIDE**2 // 2)
    """log 8: that of a uniform distribution is the logarithm of its area."""
    deviation: float = math.sqrt(_SIDE**2 / 12.0)
    """Each coordinate for itself is uniform on [-2, 2)."""

    @property
    def mean(self) -> Float[Tensor, " 2"]:
        """See ``Distribution``."""
        return torch.zeros(2)

    def sample(self, n: int, torch_rng: torch.Generator) -> Points:
        """See ``Distribution``."""
        _check_count(n)
        row = torch.randint(_SIDE, (n,), generator=torch_rng)
        column = 2 * torch.randint(_SIDE // 2, (n,), generator=torch_rng) + row % 2
        corners = torch.stack((column, row), dim=1) - _SIDE // 2
        # Closer to 1, the sum would be rounded up to the next square.
        within = torch.rand(n, 2, generator=torch_rng).clamp_max(1.0 - 2.0**-22)
        return corners + within

    def log_density(self, points: Points) -> Float[Tensor, " n"]:
        """See ``Distribution``."""
        squares = points.double().floor()
        on_board = (squares >= -_SIDE // 2) & (squares < _SIDE // 2)
        black = squares.sum(dim=1).remainder(2.0) == 0.0
        inside = on_board.all(dim=1) & black
        nowhere = torch.full((len(points),), -math.inf, dtype=torch.float64, device=points.device)
        return nowhere.masked_fill(inside, -self.entropy)


def ring8() -> GaussianMixture:
    """8 Gaussians of sigma 0.01 on the unit circle."""
    angles = torch.arange(8, dtype=torch.float64) * (2.0 * math.pi / 8)
    means = torch.stack((angles.cos(), angles.sin()), dim=1)
    return GaussianMixture(name="ring8", means=means, sigma=0.01)


def grid25() -> GaussianMixture:
    """25 Gaussians of sigma 0.05 at the points of a grid with steps of 2 from -4 to 4."""
    line = torch.arange(-4.0, 5.0, 2.0, dtype=torch.float64)
    return GaussianMixture(name="grid25", means=torch.cartesian_prod(line, line), sigma=0.05)


def spiral(num_means: int = 250) -> GaussianMixture:
    """Two turns of Archimedes' spiral, r = 2 t / t_end from t = pi/2 to 4.5 pi, blurred by 0.06.

    Args:
        num_means: on the curve at equal arc lengths: 250 are less than a deviation apart, so that
            the density is that of the whole curve to 1e-9, but at its ends.
    """
    last = 4.5 * math.pi
    fine = np.linspace(math.pi / 2.0, last, 20_001)
    lengths = fine * np.sqrt(1.0 + fine**2) + np.arcsinh(fine)  # of r = t, twice
    places = lengths[0] + (np.arange(num_means) + 0.5) / num_means * (lengths[-1] - lengths[0])
    t = torch.from_numpy(np.interp(places, lengths, fine))
    means = torch.stack((t * t.cos(), t * t.sin()), dim=1) * (2.0 / last)
    return GaussianMixture(name="spiral", means=means, sigma=0.06)


def moons(num_means: int = 100) -> GaussianMixture:
    """Two interleaved half circles of radius 1, blurred by 0.1.

    Args:
        num_means: on each, at equal angles; 100 are a third of a deviation apart, see ``spiral``.
    """
    t = (torch.arange(num_means, dtype=torch.float64) + 0.5) * (math.pi / num_means)
    upper = torch.stack((t.cos(), t.sin()), dim=1)
    lower = torch.stack((1.0 - t.cos(), 0.5 - t.sin()), dim=1)
    return GaussianMixture(name="moons", means=torch.cat((upper, lower)), sigma=0.1)


TOY: Final[Mapping[str, Distribution]] = MappingProxyType(
    {
        distribution.name: distribution
        for distribution in (ring8(), grid25(), spiral(), moons(), Checkerboard())
    }
)


def _check_count(n: int) -> None:
    if n < 1:
        raise ValueError(f"a sample has at least one point, got n={n}; for example 1000.")
