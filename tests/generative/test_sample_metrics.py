"""Metrics of sample sets against closed forms and independent implementations."""

import math

import numpy as np
import pytest
import scipy.linalg
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torchmetrics.image.fid import FrechetInceptionDistance
from torchmetrics.image.kid import KernelInceptionDistance

from etude.generative import sample_metrics
from etude.generative.sample_metrics import (
    density_coverage,
    extract_features,
    frechet_feature_distance,
    grade_samples,
    kernel_distance,
    precision_recall,
    standardised,
)


def normal(num: int, dim: int, seed: int, shift: float = 0.0) -> Tensor:
    return torch.randn(num, dim, generator=torch.Generator().manual_seed(seed)) + shift


class Pixels(nn.Module):
    """An extractor that returns its input; the libraries ask one for the number of features."""

    num_features = 12

    def forward(self, images: Tensor) -> Tensor:
        return images.flatten(1).float()


def random_images(num: int, seed: int) -> Tensor:
    torch_rng = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, (num, 3, 2, 2), generator=torch_rng, dtype=torch.uint8)


def test_frechet_distance_is_that_of_the_moments() -> None:
    real, fake = normal(40, 5, 0) @ normal(5, 5, 9), normal(50, 5, 1, shift=0.5)
    covariances = [np.cov(features.double().numpy().T) for features in (real, fake)]
    root = scipy.linalg.sqrtm(covariances[0] @ covariances[1]).real
    means = real.double().mean(0) - fake.double().mean(0)
    expected = means.square().sum().item() + np.trace(sum(covariances) - 2.0 * root)
    assert frechet_feature_distance(real, fake) == pytest.approx(expected)


def test_frechet_distance_of_the_library() -> None:
    real, fake = random_images(60, 0), random_images(50, 1) // 2
    library = FrechetInceptionDistance(feature=Pixels()).set_dtype(torch.float64)
    library.update(real, real=True)
    library.update(fake, real=False)
    ours = frechet_feature_distance(Pixels()(real), Pixels()(fake))
    assert ours == pytest.approx(library.compute().item(), rel=1e-4)


def test_frechet_distance_of_one_feature_and_of_few_samples() -> None:
    assert frechet_feature_distance(
        torch.tensor([[0.0], [2.0]]), torch.tensor([[5.0], [5.0]])
    ) == pytest.approx(4.0**2 + 2.0)
    few, many = normal(3, 8, 0), normal(8, 8, 0)
    assert frechet_feature_distance(few, few) == pytest.approx(0.0, abs=1e-6)
    assert frechet_feature_distance(few, many) > 0.0


def test_frechet_distance_is_biased_by_the_number_of_samples() -> None:
    means = []
    for num in (50, 100):
        distances = [
            frechet_feature_distance(normal(num, 4, seed), normal(num, 4, seed + 500))
            for seed in range(100)
        ]
        means.append(float(np.mean(distances)))
    assert means[0] / means[1] == pytest.approx(2.0, rel=0.15)


def test_kernel_distance_is_a_loop_over_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    real, fake = normal(6, 3, 0), normal(5, 3, 1, shift=1.0)

    def kernel(x: Tensor, y: Tensor) -> float:
        return float((x @ y / 3.0 + 1.0) ** 3)

    within_real = [kernel(real[i], real[j]) for i in range(6) for j in range(6) if i != j]
    within_fake = [kernel(fake[i], fake[j]) for i in range(5) for j in range(5) if i != j]
    between = [kernel(x, y) for x in real for y in fake]
    expected = np.mean(within_real) + np.mean(within_fake) - 2.0 * np.mean(between)
    assert kernel_distance(real, fake) == pytest.approx(float(expected), rel=1e-5)
    monkeypatch.setattr(sample_metrics, "BLOCK", 7)
    assert kernel_distance(real, fake) == pytest.approx(float(expected), rel=1e-5)


@pytest.mark.filterwarnings("ignore:.*will save all extracted features:UserWarning")
def test_kernel_distance_of_the_library() -> None:
    real, fake = random_images(40, 0), random_images(40, 1) // 2
    library = KernelInceptionDistance(feature=Pixels(), subsets=1, subset_size=40)
    library.update(real, real=True)
    library.update(fake, real=False)
    mean, _ = library.compute()
    assert kernel_distance(Pixels()(real), Pixels()(fake)) == pytest.approx(mean.item(), rel=1e-3)


def test_kernel_distance_is_unbiased() -> None:
    distances = np.array(
        [kernel_distance(normal(8, 2, i), normal(9, 2, -1 - i)) for i in range(500)]
    )
    assert abs(distances.mean()) < 4.0 * distances.std() / math.sqrt(len(distances))
    assert distances.min() < 0.0


def naive_counts(real: Tensor, fake: Tensor, neighbours: int) -> tuple[float, float, float, float]:
    """Precision, recall, density and coverage as their papers' sums say."""

    def radius(features: Tensor, i: int) -> float:
        others = [torch.dist(features[i], x).item() for j, x in enumerate(features) if j != i]
        return sorted(others)[neighbours - 1]

    def within(centres: Tensor, points: Tensor) -> list[list[bool]]:
        radii = [radius(centres, i) for i in range(len(centres))]
        return [
            [torch.dist(x, point).item() <= radii[i] for i, x in enumerate(centres)]
            for point in points
        ]

    in_real, in_fake = within(real, fake), within(fake, real)
    return (
        float(np.mean([any(row) for row in in_real])),
        float(np.mean([any(row) for row in in_fake])),
        float(np.sum(in_real) / (neighbours * len(fake))),
        float(np.mean([any(column) for column in zip(*in_real, strict=True)])),
    )


@given(
    seed=st.integers(0, 10_000),
    neighbours=st.integers(1, 4),
    shift=st.floats(0.0, 2.0),
    block=st.sampled_from([1, 30, 2**24]),
)
def test_neighbours_are_those_of_a_loop(
    seed: int, neighbours: int, shift: float, block: int
) -> None:
    real = normal(9, 2, seed).double()
    fake = normal(7, 2, seed + 1, shift).double()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sample_metrics, "BLOCK", block)
        ours = *precision_recall(real, fake, neighbours), *density_coverage(real, fake, neighbours)
    assert ours == pytest.approx(naive_counts(real, fake, neighbours))


@given(seed=st.integers(0, 10_000), scale=st.floats(1e-3, 1e3), shift=st.floats(-100.0, 100.0))
def test_neighbours_do_not_change_with_units(seed: int, scale: float, shift: float) -> None:
    real, fake = normal(20, 3, seed).double(), normal(20, 3, seed + 1, 0.5).double()
    assert precision_recall(real, fake) == precision_recall(
        scale * real + shift, scale * fake + shift
    )
    assert density_coverage(real, fake) == density_coverage(
        scale * real + shift, scale * fake + shift
    )


def test_copies_reach_the_edges_of_their_neighbours() -> None:
    real = normal(50, 4, 0)
    copies = real.flip(0)
    assert precision_recall(real, copies) == (1.0, 1.0)
    assert density_coverage(real, copies) == (pytest.approx(6 / 5), 1.0)  # itself and 5 neighbours


def test_samples_far_away_and_samples_of_one_mode() -> None:
    real = torch.cat([normal(50, 2, 0), normal(50, 2, 1, shift=100.0)])
    assert precision_recall(real, real + 1e4) == (0.0, 0.0)
    assert density_coverage(real, real + 1e4) == (0.0, 0.0)
    one_mode = normal(100, 2, 2)
    precision, recall = precision_recall(real, one_mode)
    density, coverage = density_coverage(real, one_mode)
    assert precision > 0.9
    assert recall < 0.55
    assert density > 0.7
    assert coverage < 0.55


def test_density_and_coverage_of_one_distribution_are_as_in_the_lemmas() -> None:
    num, neighbours = 60, 5
    grades = np.array(
        [density_coverage(normal(num, 3, i), normal(num, 3, -1 - i)) for i in range(200)]
    )
    missed = math.prod((num - i) / (2 * num - i) for i in range(1, neighbours + 1))
    errors = grades.std(axis=0) / math.sqrt(len(grades))
    assert abs(grades[:, 0].mean() - 1.0) < 4.0 * errors[0]
    assert abs(grades[:, 1].mean() - (1.0 - missed)) < 4.0 * errors[1]


def test_standardised_features() -> None:
    real, fake = normal(30, 3, 0) * 5.0 + 2.0, normal(20, 3, 1)
    real[:, 1] = 7.0  # never varies
    scaled_real, scaled_fake = standardised(real, fake)
    assert scaled_real.mean(0).tolist() == pytest.approx([0.0] * 3, abs=1e-6)
    assert scaled_real.std(0).tolist() == pytest.approx([1.0, 0.0, 1.0], abs=1e-6)
    assert scaled_fake[:, 1].tolist() == pytest.approx((fake[:, 1] - 7.0).tolist())


def test_grade_of_images() -> None:
    real, fake = random_images(40, 0).float(), random_images(30, 1).float()
    grade = grade_samples(real, fake, Pixels(), batch_size=7)
    features = Pixels()(real), Pixels()(fake)
    assert grade.frechet == frechet_feature_distance(*features)
    assert grade.kernel == kernel_distance(*standardised(*features))
    assert (grade.precision, grade.recall) == precision_recall(*features)
    assert (grade.density, grade.coverage) == density_coverage(*features)
    assert list(grade.as_dict().items())[-3:] == [
        ("num_real", 40),
        ("num_fake", 30),
        ("feature_dim", 12),
    ]
    raw = grade_samples(real, fake, Pixels(), standardise_kernel=False)
    assert raw.kernel == kernel_distance(*features)


def test_features_carry_no_gradients() -> None:
    layer = nn.Linear(12, 2)
    features = extract_features(random_images(5, 0).float(), nn.Sequential(nn.Flatten(), layer), 2)
    assert features.shape == (5, 2)
    assert not features.requires_grad


def test_what_cannot_be_graded() -> None:
    images = random_images(10, 0).float()
    with pytest.raises(ValueError, match=r"3 x 2 x 2, got 1 x 2 x 2; scale or convert"):
        grade_samples(images, images[:, :1], Pixels())
    with pytest.raises(ValueError, match="at least 6 samples, got 10 real and 5 generated"):
        grade_samples(images, images[:5], Pixels())
    with pytest.raises(ValueError, match="at least one image, got none"):
        grade_samples(images[:0], images, Pixels())
    with pytest.raises(ValueError, match="others among the generated ones"):
        grade_samples(images, images * math.nan, Pixels())
    with pytest.raises(ValueError, match="got 3 and 4 of each"):
        kernel_distance(normal(5, 3, 0), normal(5, 4, 0))
    with pytest.raises(ValueError, match="a neighbour 1 or more, got 0"):
        precision_recall(normal(5, 3, 0), normal(5, 3, 0), neighbours=0)
    with pytest.raises(ValueError, match="at least 2 samples, got 1 real and 3 generated"):
        frechet_feature_distance(normal(1, 3, 0), normal(3, 3, 0))
