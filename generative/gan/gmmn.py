"""Moment matching: how far two samples are from one distribution, without a discriminator.

Y. Li, K. Swersky and R. Zemel, "Generative moment matching networks", ICML 2015, and G. K.
Dziugaite, D. M. Roy and Z. Ghahramani, "Training generative neural networks via maximum mean
discrepancy optimization", UAI 2015, train a generator on the first distance here. Each is a
function of samples that a gradient passes through; the first two are unbiased, so they lie around 0
and not above it when the distributions agree, and a gradient of a small batch points, on average,
where that of endless ones does.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn.functional import normalize

Samples = Float[Tensor, "n *shape"]
Real = Float[Tensor, "m *shape"]
Scalar = Float[Tensor, ""]
Matching = Callable[[Samples, Real, torch.Generator], Scalar]

FACTORS: Final = (1 / 64, 1 / 16, 1 / 4, 1.0, 4.0)  # of the median distance
NUM_PROJECTIONS: Final = 64
_NUM_FOR_MEDIAN: Final = 256
_PRODUCTS_FROM: Final = 8  # coordinates; with fewer, differences are as fast and lose no digits


def squared_mmd(samples: Samples, real: Real, bandwidths: Sequence[float]) -> Scalar:
    """Unbiased estimate of MMD^2 = E k(x, x') + E k(y, y') - 2 E k(x, y).

    A. Gretton et al., "A kernel two-sample test", JMLR 13, 2012, lemma 6, with the mixture of Li et
    al. 2015, sec. 5: k(x, y) = mean_b exp(-|x - y|^2 / (2 b^2)). At most 2, and 0 on average for
    two samples of one distribution.

    Args:
        samples: of the generator, at least 2; images count as vectors.
        real: at least 2.
        bandwidths: the b, in units of the data; see ``median_bandwidths``.

    Raises:
        ValueError: fewer, or none or not only positive bandwidths.
    """
    _check_bandwidths(bandwidths)
    x, y = _vectors(samples, real)

    def total(distances: Tensor) -> Scalar:
        return _kernel(distances, bandwidths).sum()

    within = [(total(_squared_distances(z, z)) - len(z)) / (len(z) * (len(z) - 1)) for z in (x, y)]
    return within[0] + within[1] - 2.0 * total(_squared_distances(x, y)) / (len(x) * len(y))


def energy_distance(samples: Samples, real: Real) -> Scalar:
    """Unbiased estimate of 2 E|x - y| - E|x - x'| - E|y - y'|.

    G. J. Szekely and M. L. Rizzo, "Energy statistics: a class of statistics based on distances",
    Journal of Statistical Planning and Inference 143, 2013, eq. 5: MMD^2 of the kernel -|x - y|,
    twice; it has no width to choose. In the units of the data; 0 on average for two samples of one
    distribution.

    Args:
        samples: of the generator, at least 2; images count as vectors.
        real: at least 2.

    Raises:
        ValueError: fewer.
    """
    x, y = _vectors(samples, real)
    within = [_distances(z, z).sum() / (len(z) * (len(z) - 1)) for z in (x, y)]
    return 2.0 * _distances(x, y).mean() - within[0] - within[1]


def sliced_wasserstein(samples: Samples, real: Real, projections: Float[Tensor, "d num"]) -> Scalar:
    """Mean over directions of the squared Wasserstein-2 distance of the samples' shadows.

    N. Bonneel, J. Rabin, G. Peyre and H. Pfister, "Sliced and Radon Wasserstein barycenters of
    measures", JMIV 51, 2015, eq. 11: along a line, the i-th smallest of one sample goes to the i-th
    smallest of the other. A shift by v costs |v|^2 / d. Of samples it is at least 0 and a little
    too large, the less the more there are. If their numbers differ, those of ``real`` are read at
    the quantiles of the others.

    Args:
        samples: of the generator, at least 2; images count as vectors of d numbers.
        real: at least 2.
        projections: unit vectors, see ``random_projections``.

    Raises:
        ValueError: fewer.
    """
    x, y = _vectors(samples, real)
    shadows = (x @ projections).sort(dim=0).values  # (n, num)
    targets = (y @ projections).sort(dim=0).values
    if len(targets) != len(shadows):
        quantiles = (torch.arange(len(x), device=y.device) + 0.5) / len(x)
        targets = targets[(quantiles * len(y)).long()]
    return (shadows - targets).square().mean()


def random_projections(
    dim: int, num_projections: int, torch_rng: torch.Generator
) -> Float[Tensor, "dim num"]:
    """Unit vectors of all directions alike, one a column.

    Raises:
        ValueError: no coordinates or no vectors.
    """
    if min(dim, num_projections) < 1:
        raise ValueError(
            f"there is at least one projection of one coordinate, got {num_projections} of {dim}; "
            f"for example {NUM_PROJECTIONS}."
        )
    return normalize(torch.randn(dim, num_projections, generator=torch_rng), dim=0)


def median_bandwidths(real: Real, factors: Sequence[float] = FACTORS) -> list[float]:
    """Widths for a mixture of kernels: shares of the median distance of the first 256.

    The median alone (Gretton et al. 2012, sec. 8) sees how the modes lie, and nothing within them.

    Args:
        real: at least 2.
        factors: the shares; one above 1 reaches samples that lie far away.

    Raises:
        ValueError: fewer, or half of them coincide.
    """
    vectors, _ = _vectors(real[:_NUM_FOR_MEDIAN].detach(), real)
    median = torch.pdist(vectors).median().item()
    if median <= 0.0:
        raise ValueError(
            f"half of the {len(vectors)} samples coincide, got a median distance of {median}; pass "
            "the widths of the kernels yourself."
        )
    return [factor * median for factor in factors]


def witness(
    points: Float[Tensor, "n *shape"],
    samples: Float[Tensor, "m *shape"],
    real: Float[Tensor, "k *shape"],
    bandwidths: Sequence[float],
) -> Float[Tensor, " n"]:
    """E k(z, y) - E k(z, x) at points z: above 0 where samples are missing (Gretton, sec. 2.3).

    It is what the gradient of ``squared_mmd`` makes samples climb, and the place of a
    discriminator's logits in a picture.

    Args:
        points: z.
        samples: x.
        real: y.
        bandwidths: see ``squared_mmd``.

    Raises:
        ValueError: none or not only positive bandwidths.
    """
    _check_bandwidths(bandwidths)
    z, x, y = (batch.flatten(1) for batch in (points, samples, real))
    missing, present = (
        _kernel(_squared_distances(z, others), bandwidths).mean(dim=1) for others in (y, x)
    )
    return missing - present


def _mmd_matching(samples: Samples, real: Real, torch_rng: torch.Generator) -> Scalar:
    """With widths from the batch; nothing is drawn."""
    return squared_mmd(samples, real, median_bandwidths(real))


def _energy_matching(samples: Samples, real: Real, torch_rng: torch.Generator) -> Scalar:
    """Nothing is drawn."""
    return energy_distance(samples, real)


def _sliced_matching(samples: Samples, real: Real, torch_rng: torch.Generator) -> Scalar:
    """Along fresh directions."""
    dim = math.prod(samples.shape[1:])
    projections = random_projections(dim, NUM_PROJECTIONS, torch_rng)
    return sliced_wasserstein(samples, real, projections.to(samples))


MATCHINGS: Final[Mapping[str, Matching]] = MappingProxyType(
    {
        "mmd": _mmd_matching,
        "energy": _energy_matching,
        "sliced-wasserstein": _sliced_matching,
    }
)


class _Mixture(torch.autograd.Function):
    """mean_i exp(rates_i s) and its derivative in one go: twice as fast as a node for each term.

    Torch makes the class of ``ctx`` when it runs.
    """

    @staticmethod
    def forward(
        ctx: Any, squares: Float[Tensor, "n m"], rates: Float[Tensor, " b"]
    ) -> Float[Tensor, "n m"]:
        value = torch.zeros_like(squares)
        needs_slope = ctx.needs_input_grad[0]
        slope = torch.zeros_like(squares) if needs_slope else value
        term = torch.empty_like(squares)
        for rate in rates.tolist():
            # Below lie numbers that float32 holds with fewer digits, ten times as slowly.
            torch.mul(squares, rate, out=term).clamp_(min=-80.0).exp_()
            value += term
            if needs_slope:
                slope.add_(term, alpha=rate / len(rates))
        ctx.save_for_backward(slope)
        return value / len(rates)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Float[Tensor, "n m"]) -> tuple[Float[Tensor, "n m"], None]:
        (slope,) = ctx.saved_tensors
        return gradient * slope, None


def _kernel(
    squared_distances: Float[Tensor, "n m"], bandwidths: Sequence[float]
) -> Float[Tensor, "n m"]:
    rates = torch.tensor([-0.5 / b**2 for b in bandwidths], dtype=torch.float64)
    mixture: Tensor = _Mixture.apply(squared_distances, rates)
    return mixture


def _squared_distances(x: Float[Tensor, "n d"], y: Float[Tensor, "m d"]) -> Float[Tensor, "n m"]:
    """By products; around the mean of the real ones, so that few digits are lost."""
    if x.shape[1] < _PRODUCTS_FROM:
        axes = zip(x.unbind(1), y.unbind(1), strict=True)
        first, *others = ((a[:, None] - b[None, :]).square() for a, b in axes)
        return sum(others, start=first)
    centre = y.detach().mean(dim=0)
    x, y = x - centre, y - centre
    squares = x.square().sum(dim=1)[:, None] + y.square().sum(dim=1) - 2.0 * x @ y.T
    return squares.clamp_min(0.0)


def _distances(x: Float[Tensor, "n d"], y: Float[Tensor, "m d"]) -> Float[Tensor, "n m"]:
    """Without a gradient where points coincide, where it has none: sqrt would make it NaN."""
    if x.shape[1] < _PRODUCTS_FROM:
        return torch.cdist(x, y, compute_mode="donot_use_mm_for_euclid_dist")
    squares = _squared_distances(x, y)
    least = torch.finfo(squares.dtype).eps * squares.detach().mean()
    apart = squares > least
    return torch.where(apart, squares, 1.0).sqrt() * apart


def _vectors(samples: Samples, real: Real) -> tuple[Float[Tensor, "n d"], Float[Tensor, "m d"]]:
    if min(len(samples), len(real)) < 2:
        raise ValueError(
            f"moments are matched between at least two samples and two real ones, got "
            f"{len(samples)} and {len(real)}; enlarge the batch."
        )
    return samples.flatten(1), real.flatten(1)


def _check_bandwidths(bandwidths: Sequence[float]) -> None:
    if not bandwidths or not all(0.0 < b < math.inf for b in bandwidths):
        raise ValueError(
            f"bandwidths are one or more finite numbers above 0, got {list(bandwidths)}; "
            "`median_bandwidths` finds some."
        )
