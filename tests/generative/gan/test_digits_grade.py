"""Grades of digits whose faults are known."""

import json

import pytest
import torch
from torch import Tensor

from etude.generative.gan.digits_grade import (
    NUM_SAMPLES,
    DigitsGrade,
    asked_labels,
    grade_digits,
    nearest_neighbours,
)
from etude.generative.gan.stacked_digits import digits

pytest.importorskip("sklearn")


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def noisy(images: Tensor, deviation: float) -> Tensor:
    return images + deviation * torch.randn(images.shape, generator=rng())


@pytest.fixture(scope="module")
def of_real() -> DigitsGrade:
    """What the digits themselves get."""
    return grade_digits(*digits())


def test_the_digits_themselves_are_perfect_copies(of_real: DigitsGrade) -> None:
    assert of_real.all.frechet == pytest.approx(0.0, abs=1e-6)
    assert of_real.all.precision == of_real.all.recall == of_real.all.coverage == 1.0
    assert of_real.half == of_real.real_half
    assert of_real.accuracy == of_real.real_accuracy
    assert of_real.real_accuracy > 0.99
    assert of_real.variety == pytest.approx(1.0)
    assert (of_real.nearest, of_real.copies) == (0.0, 1.0)
    assert of_real.real_copies == pytest.approx(0.01, abs=0.002)


def test_the_floor_is_that_of_two_halves(of_real: DigitsGrade) -> None:
    floor = of_real.real_half
    assert 1.5 < floor.frechet < 4.5
    assert abs(floor.kernel) < 0.02
    assert floor.coverage == pytest.approx(0.969, abs=0.01)  # lemma 2 of Naeem et al.
    assert floor.density == pytest.approx(1.0, abs=0.02)  # lemma 1
    assert floor.precision == pytest.approx(floor.recall, abs=0.03)


def test_noise_costs_likeness(of_real: DigitsGrade) -> None:
    images, labels = digits()
    less, more = (grade_digits(noisy(images, deviation), labels) for deviation in (0.1, 0.4))
    assert 0.0 < less.all.frechet < 0.1 * more.all.frechet
    floor = of_real.real_half.frechet
    assert less.half.frechet == pytest.approx(floor, rel=0.1)
    assert more.half.frechet > 2.0 * floor
    assert less.nearest == pytest.approx(0.8, abs=0.05)  # .1 in each of 64 pixels
    assert (less.copies, more.copies) == (1.0, 0.0)


def test_one_digit_alone_has_fidelity_and_no_variety() -> None:
    images, labels = digits()
    one = (labels == 3).nonzero()[:1].expand(NUM_SAMPLES, 1)[:, 0]
    got = grade_digits(images[one], labels[one])
    assert got.all.precision == 1.0
    assert got.all.recall < 0.01
    assert got.all.coverage < 0.02
    assert got.variety == pytest.approx(0.0, abs=1e-9)


def test_means_of_classes_have_the_right_names_and_no_variety() -> None:
    images, labels = digits()
    means = torch.stack([images[labels == digit].mean(dim=0) for digit in range(10)])
    got = grade_digits(noisy(means[labels], 0.01), labels)
    assert got.accuracy == 1.0
    assert got.variety < 0.001
    assert got.half.frechet > 5.0 * got.real_half.frechet


def test_wrong_names_cost_accuracy_and_only_the_first_samples_count(of_real: DigitsGrade) -> None:
    images, labels = digits()
    wrong = labels.clone()
    wrong[:180] = (wrong[:180] + 1) % 10
    got = grade_digits(torch.cat((images, -images)), torch.cat((wrong, labels)))
    assert (got.all, got.half) == (of_real.all, of_real.half)
    assert got.accuracy == pytest.approx(of_real.real_accuracy - 180 / NUM_SAMPLES, abs=1e-3)


def test_generators_that_know_no_names_have_no_accuracy() -> None:
    got = grade_digits(digits().images)
    assert got.accuracy is None
    assert got.variety == pytest.approx(1.0, abs=0.01)  # by the names that the judge gives
    figures = json.loads(json.dumps(got.as_dict()))
    assert figures["accuracy"] is None
    assert figures["half_frechet"] == figures["real_half_frechet"]


def test_neighbours_are_the_nearest() -> None:
    images = digits().images
    moved = images[100:103].clone()
    moved[1, 0, 4, 4] += 0.3
    found = nearest_neighbours(moved, 2)
    assert found.rows[:, 0].tolist() == [100, 101, 102]
    torch.testing.assert_close(found.distances[:, 0], torch.tensor([0.0, 0.3, 0.0]))
    second = (moved[0] - images[found.rows[0, 1]]).square().sum().sqrt()
    torch.testing.assert_close(found.distances[0, 1], second)
    others = (moved[0] - images).flatten(1).square().sum(dim=1).sqrt().sort().values
    torch.testing.assert_close(found.distances[0], others[:2])


def test_labels_to_ask_for_are_those_of_the_digits() -> None:
    counts = torch.bincount(asked_labels())
    assert counts.tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]  # scikit-learn's


def test_samples_that_cannot_be_graded() -> None:
    images, labels = digits()
    with pytest.raises(ValueError, match="by 1,797 samples, got 100; draw more"):
        grade_digits(images[:100])
    with pytest.raises(ValueError, match="each of the 1797 samples has a label, got 3"):
        grade_digits(images, labels[:3])
    broken = images.clone()
    broken[5, 0, 0, 0] = torch.nan
    with pytest.raises(ValueError, match="got 1 of 1797 that are not; train anew"):
        grade_digits(broken, labels)
    with pytest.raises(ValueError, match="1 to 1797 neighbours, got k=0"):
        nearest_neighbours(images[:2], 0)
