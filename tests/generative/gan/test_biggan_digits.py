"""The BigGAN of digits that comes along: small, plain, and as good as its card says."""

import pytest
import torch

from etude.generative.gan.adversarial import uniform_latents
from etude.generative.gan.digits_grade import NUM_SAMPLES, asked_labels, grade_digits
from etude.generative.gan.generator_file import open_generator
from etude.generative.gan.shipped import GENERATORS

pytest.importorskip("sklearn")
FILE = GENERATORS["biggan-digits"]


def test_it_is_small_and_plain() -> None:
    assert FILE.stat().st_size < 1_000_000
    trained = open_generator(FILE)
    assert (trained.architecture, trained.data, trained.num_classes) == ("biggan", "digits", 10)
    assert not any("parametrizations" in name for name in trained.network.state_dict())


def test_its_samples_are_as_like_the_digits_as_real_ones() -> None:
    trained = open_generator(FILE)
    z = uniform_latents(NUM_SAMPLES, trained.latent_dim, torch.Generator().manual_seed(0))
    got = grade_digits(trained(z, asked_labels()), asked_labels())
    assert got.half.frechet < got.real_half.frechet
    assert got.half.coverage > got.real_half.coverage - 0.01
    assert got.half.recall > got.real_half.recall - 0.1
    assert got.accuracy is not None
    assert got.accuracy > 0.98
    assert got.variety > 0.9
    assert got.nearest > 0.9 * got.real_nearest  # it has not learned them by heart
    assert got.copies < 0.03


def test_truncation_trades_variety_for_fidelity() -> None:
    trained = open_generator(FILE)
    z = uniform_latents(NUM_SAMPLES, trained.latent_dim, torch.Generator().manual_seed(0))
    labels = asked_labels()
    free, bound = (grade_digits(trained(z, labels, t), labels) for t in (None, 0.7))
    assert bound.half.precision > free.half.precision + 0.03
    assert bound.half.recall < free.half.recall - 0.3
    assert bound.accuracy == 1.0
