"""How good a set of samples is beside a set of real images, through any feature extractor.

Frechet and kernel distance see both at once, and cannot tell which of two things is wrong: samples
that look like no real image (fidelity) and real images that no sample looks like (variety). The
two pairs that count neighbours do: precision and density are about fidelity, recall and coverage
about variety.

All are pure functions of features, computed once for all, and in float64. torchmetrics has the
first two; we do without, because its ``FrechetInceptionDistance`` extracts features of its own,
sums products before it takes the means away, which cancels digits, and takes the root of a matrix
that is not symmetric. The tests hold ours to it. The pairs go through blocks of rows, so that
26,000 beside 26,000 samples need some 200 MB and no table of all pairs.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Final, NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from etude.generative.metrics import frechet_distance

BLOCK: Final = 2**23  # pairs in memory at a time, of 8 bytes each
TIE: Final = 1e-12  # squared distances closer than this, relative to the features, are equal
Features = Float[Tensor, "_n d"]
Extract = Callable[[Float[Tensor, "n c h w"]], Float[Tensor, "n d"]]


class Likeness(NamedTuple):
    """One set of images beside another, in the figures of ``SampleGrade``."""

    frechet: float
    kernel: float
    precision: float
    recall: float
    density: float
    coverage: float


@dataclass(frozen=True, kw_only=True)
class SampleGrade:
    """A set of samples in numbers, which compare only under one extractor and one number of images.

    Args:
        frechet: Frechet distance, 0 is the best; see ``frechet_feature_distance``.
        kernel: kernel distance, about 0 is the best; see ``kernel_distance``.
        precision: share of the samples that look like real images.
        recall: share of the real images that samples look like.
        density: as the precision, less moved by outliers; may exceed 1.
        coverage: as the recall, less moved by outliers.
        num_real: real images.
        num_fake: samples.
        feature_dim: features of each.
    """

    frechet: float
    kernel: float
    precision: float
    recall: float
    density: float
    coverage: float
    num_real: int
    num_fake: int
    feature_dim: int

    def as_dict(self) -> dict[str, float]:
        """The numbers by name, as JSON holds them."""
        return asdict(self)


def grade_samples(
    real: Float[Tensor, "n c h w"],
    fake: Float[Tensor, "m _c _h _w"],
    extract: Extract,
    *,
    batch_size: int = 256,
    standardise_kernel: bool = True,
) -> SampleGrade:
    """The grade of samples beside real images, with the papers' numbers of neighbours.

    Args:
        real: real images, in the range that the extractor takes.
        fake: samples, in the same range; as many as real images, for a fair Frechet distance.
        extract: images to features.
        batch_size: images that the extractor sees at a time.
        standardise_kernel: see ``standardised``; False for Inception's, whose published distances
            are of the features as they are.

    Raises:
        ValueError: fewer than 6 images, images of other channels or sizes than the real ones, or
            features that are not finite.
    """
    if real.shape[1:] != fake.shape[1:]:
        raise ValueError(
            "samples have the channels and size of the real images, "
            f"{_size(real)}, got {_size(fake)}; scale or convert one of them."
        )
    real_features = extract_features(real, extract, batch_size)
    fake_features = extract_features(fake, extract, batch_size)
    _check(real_features, fake_features, NEIGHBOURS_OF_DENSITY)
    found = likeness(real_features, fake_features, standardise_kernel=standardise_kernel)
    return SampleGrade(
        **found._asdict(),
        num_real=len(real),
        num_fake=len(fake),
        feature_dim=real_features.shape[1],
    )


def likeness(
    real: Float[Tensor, "n d"], fake: Float[Tensor, "m _d"], *, standardise_kernel: bool = True
) -> Likeness:
    """How like two sets are, by features; six of each or more.

    Args:
        real: features of real images.
        fake: features of samples.
        standardise_kernel: see ``grade_samples``.

    Raises:
        ValueError: fewer than 6 of each, other numbers of features, or some that are not finite.
    """
    precision, recall = precision_recall(real, fake)
    density, coverage = density_coverage(real, fake)
    return Likeness(
        frechet=frechet_feature_distance(real, fake),
        kernel=kernel_distance(*(standardised(real, fake) if standardise_kernel else (real, fake))),
        precision=precision,
        recall=recall,
        density=density,
        coverage=coverage,
    )


def extract_features(
    images: Float[Tensor, "n c h w"], extract: Extract, batch_size: int = 256
) -> Float[Tensor, "n d"]:
    """The features of many images, a batch at a time and without gradients.

    Raises:
        ValueError: no images.
    """
    if not len(images):
        raise ValueError("features are taken of at least one image, got none; name another set.")
    with torch.no_grad():
        return torch.cat([extract(batch) for batch in torch.split(images, batch_size)])


def standardised(
    real: Float[Tensor, "n d"], fake: Float[Tensor, "m d"]
) -> tuple[Float[Tensor, "n d"], Float[Tensor, "m d"]]:
    """Both less the real mean and over the real deviation, feature by feature.

    The kernel distance's polynomial is made for features of about 1, as Inception's are: far
    smaller ones leave only their means to see, far larger ones only their third moments.
    """
    real, fake = real.double(), fake.double()
    mean, deviation = real.mean(dim=0), real.std(dim=0)
    deviation = torch.where(deviation > 0.0, deviation, 1.0)  # a feature that never fires
    return (real - mean) / deviation, (fake - mean) / deviation


def frechet_feature_distance(real: Float[Tensor, "n d"], fake: Float[Tensor, "m _d"]) -> float:
    """The Frechet distance between Gaussians with the features' means and covariances.

    M. Heusel et al., "GANs trained by a two time-scale update rule converge to a local Nash
    equilibrium", NeurIPS 2017, eq. 6 (FID, if the features are Inception's).

    It is biased: two sets of n samples from one distribution are apart by about a constant over n
    (M. J. Chong and D. Forsyth, "Effectively unbiased FID and Inception score and where to find
    them", CVPR 2020), and far more where n is below the number of features. So compare only equal
    numbers of samples, and give the distance between two halves of the real ones beside it.

    Raises:
        ValueError: fewer than 2 samples, other numbers of features, or some that are not finite.
    """
    _check(real, fake, 1)
    moments = [
        (features.mean(dim=0), torch.cov(features.T).reshape(2 * features.shape[1:]))
        for features in (real.double(), fake.double())
    ]
    return frechet_distance(*moments[0], *moments[1]).item()


def kernel_distance(real: Float[Tensor, "n d"], fake: Float[Tensor, "m _d"]) -> float:
    """The unbiased squared MMD under the kernel (x y / d + 1)^3; it may fall a little below 0.

    M. Binkowski, D. J. Sutherland, M. Arbel and A. Gretton, "Demystifying MMD GANs", ICLR 2018,
    sec. 4 (KID, if the features are Inception's). Its expectation depends on no number of samples.
    Departure: all pairs once, which varies less than their mean over random subsets of 1,000.

    Raises:
        ValueError: fewer than 2 samples, other numbers of features, or some that are not finite.
    """
    _check(real, fake, 1)
    real, fake = real.double(), fake.double()
    n, m = len(real), len(fake)
    return (
        (_kernel_sum(real, real) - _diagonal_sum(real)) / (n * (n - 1))
        + (_kernel_sum(fake, fake) - _diagonal_sum(fake)) / (m * (m - 1))
        - 2.0 * _kernel_sum(real, fake) / (n * m)
    )


NEIGHBOURS_OF_PRECISION: Final = 3  # Kynkaanniemi et al., sec. 3.1
NEIGHBOURS_OF_DENSITY: Final = 5  # Naeem et al., sec. 4


def precision_recall(
    real: Float[Tensor, "n d"],
    fake: Float[Tensor, "m _d"],
    neighbours: int = NEIGHBOURS_OF_PRECISION,
) -> tuple[float, float]:
    """The shares of the samples in the real manifold, and of the real images in the samples'.

    T. Kynkaanniemi, T. Karras, S. Laine, J. Lehtinen and T. Aila, "Improved precision and recall
    metric for assessing generative models", NeurIPS 2019, eq. 1 and 2. A set's manifold is the
    union of balls around its members, each as wide as the way to the k-th neighbour.

    Args:
        real: features of real images.
        fake: features of samples.
        neighbours: k.

    Returns:
        Precision and recall, in [0, 1].

    Raises:
        ValueError: k below 1, no more than k samples, other numbers of features, or some that are
            not finite.
    """
    real, fake = _prepared(real, fake, neighbours)
    real_radii, fake_radii = _radii(real, neighbours), _radii(fake, neighbours)
    inside_real = [
        _within(rows, real, real_radii).any(dim=1).sum().item() for rows in _blocks(fake, len(real))
    ]
    inside_fake = [
        _within(rows, fake, fake_radii).any(dim=1).sum().item() for rows in _blocks(real, len(fake))
    ]
    return sum(inside_real) / len(fake), sum(inside_fake) / len(real)


def density_coverage(
    real: Float[Tensor, "n d"],
    fake: Float[Tensor, "m _d"],
    neighbours: int = NEIGHBOURS_OF_DENSITY,
) -> tuple[float, float]:
    """How many real balls hold a sample, over k; and the share of real balls that hold any.

    M. F. Naeem, S. J. Oh, Y. Uh, Y. Choi and J. Yoo, "Reliable fidelity and diversity metrics for
    generative models", ICML 2020, eq. 3 and 4. Only real images have balls, so that no wide ball
    around a lone bad sample covers real images. Where both sets come from one distribution, the
    expected coverage is 1 - (n - 1) ... (n - k) / ((n + m - 1) ... (n + m - k)) (lemma 2), which is
    .969 for equal, large numbers and k = 5, and the expected density is 1 (lemma 1).

    Args:
        real: features of real images.
        fake: features of samples.
        neighbours: k.

    Returns:
        Density, at least 0, and coverage, in [0, 1].

    Raises:
        ValueError: k below 1, no more than k samples, other numbers of features, or some that are
            not finite.
    """
    real, fake = _prepared(real, fake, neighbours)
    radii = _radii(real, neighbours)
    num_within = 0
    covered = torch.zeros(len(real), dtype=torch.bool, device=real.device)
    for rows in _blocks(fake, len(real)):
        within = _within(rows, real, radii)
        num_within += int(within.sum())
        covered |= within.any(dim=0)
    density = num_within / (neighbours * len(fake))
    return density, covered.double().mean().item()


def _polynomial(products: Tensor, features: Tensor) -> Tensor:
    return (products / features.shape[1] + 1.0) ** 3


def _kernel_sum(first: Features, second: Features) -> float:
    blocks = _blocks(first, len(second))
    # numbers, not tensors: small ones between large ones would keep memory from being reused
    return math.fsum(_polynomial(rows @ second.T, rows).sum().item() for rows in blocks)


def _diagonal_sum(features: Features) -> float:
    return _polynomial(features.square().sum(dim=1), features).sum().item()


def _prepared(real: Features, fake: Features, neighbours: int) -> tuple[Features, Features]:
    """Both in float64 and about the real mean, where squared distances keep most digits."""
    if neighbours < 1:
        raise ValueError(f"a ball reaches to a neighbour 1 or more, got {neighbours}; try 3 or 5.")
    _check(real, fake, neighbours)
    mean = real.double().mean(dim=0)
    return real.double() - mean, fake.double() - mean


def _blocks(rows: Features, num_others: int) -> Iterator[Features]:
    """Rows few enough that each fits with all the others."""
    return iter(torch.split(rows, max(BLOCK // num_others, 1)))


def _squared_distances(
    rows: Float[Tensor, "n d"], others: Float[Tensor, "m d"]
) -> Float[Tensor, "n m"]:
    squares = rows.square().sum(dim=1)[:, None] + others.square().sum(dim=1)
    return torch.addmm(squares, rows, others.T, alpha=-2.0).clamp_min_(0.0)


def _radii(features: Float[Tensor, "n d"], neighbours: int) -> Float[Tensor, " n"]:
    """The squared distance to the k-th neighbour; the nearest, at 0, is each one itself."""
    radii = [
        _squared_distances(rows, features).kthvalue(neighbours + 1, dim=1).values
        for rows in _blocks(features, len(features))
    ]
    return torch.cat(radii)


def _within(
    rows: Float[Tensor, "n d"], centres: Float[Tensor, "m d"], radii: Float[Tensor, " m"]
) -> Bool[Tensor, "n m"]:
    """Whether each row lies in the ball around each centre; on its edge counts, rounding aside."""
    tie = TIE * centres.square().sum(dim=1).mean()
    return _squared_distances(rows, centres) <= radii + tie


def _size(images: Tensor) -> str:
    return " x ".join(map(str, images.shape[1:]))


def _check(real: Tensor, fake: Tensor, neighbours: int) -> None:
    if real.shape[1] != fake.shape[1]:
        raise ValueError(
            f"both sets have the same features, got {real.shape[1]} and {fake.shape[1]} of each; "
            "use one extractor."
        )
    if min(len(real), len(fake)) <= neighbours:
        raise ValueError(
            f"each set has at least {neighbours + 1} samples, got {len(real)} real and {len(fake)} "
            "generated; take more."
        )
    for name, features in (("real", real), ("generated", fake)):
        if not features.isfinite().all():
            raise ValueError(
                f"features are finite, got others among the {name} ones; look for broken images."
            )
