"""The benchmark of GANs of images: short runs, rows beside real digits, and what a step costs."""

import copy
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from etude.benchmarks import gan_images
from etude.benchmarks.gan_images import FIRST, METHODS, REAL, THRESHOLDS
from etude.benchmarks.plain_biggan import (
    follow,
    plain_discriminator,
    plain_generator,
    plain_step,
)
from etude.benchmarks.results import Result
from etude.generative.gan.biggan import (
    LAYERS,
    BigGANDiscriminator,
    BigGANGenerator,
    with_spectral_norms,
)
from etude.generative.gan.generator_file import TrainedGenerator
from etude.generative.gan.recipes import recipe
from etude.generative.gan.settings import Architecture, GANSettings
from etude.generative.gan.source import LabelledRows
from etude.generative.gan.stacked_digits import DIGITS, digits

pytest.importorskip("sklearn")


def uniform(*shape: int, seed: int = 0) -> Tensor:
    return 2.0 * torch.rand(shape, generator=torch.Generator().manual_seed(seed)) - 1.0


def players(size: int = 8, width: int = 4) -> tuple[BigGANGenerator, BigGANDiscriminator]:
    latent_dim = 2 * len(LAYERS[size].generator)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return (
            BigGANGenerator(latent_dim, size, 1, 10, width, 6),
            BigGANDiscriminator(size, 1, 10, width),
        )


def tiny_recipe(data: str, architecture: Architecture | None = None) -> GANSettings:
    """Three steps of small networks, hardly trained."""
    settings = recipe(data, architecture=architecture)
    small = 4 if architecture == "biggan" else 8
    return replace(
        settings,
        steps=3,
        batch_size=8,
        final_batch_size=16,
        generator_width=small,
        discriminator_width=small,
    )


@pytest.mark.parametrize(("size", "width"), [(8, 4), (32, 2), (128, 8)])
def test_plain_networks_compute_the_same(size: int, width: int) -> None:
    generator, discriminator = players(size, width)
    for attention in (*generator.attentions, *discriminator.attentions):
        for gain in attention.parameters(recurse=False):
            torch.nn.init.constant_(gain, 0.5)
    z, labels = uniform(2, generator.latent_dim), torch.tensor([3, 7])
    images = generator(z, labels)
    torch.testing.assert_close(plain_generator(generator, z, labels), images)
    torch.testing.assert_close(
        plain_discriminator(discriminator, images, labels), discriminator(images, labels)
    )


def test_a_plain_step_moves_both_players() -> None:
    generator, discriminator = players()
    with_spectral_norms(generator)
    with_spectral_norms(discriminator)
    before = copy.deepcopy((generator, discriminator))
    settings = GANSettings(objective="hinge", batch_size=8, latent_dim=4)
    plain_step(generator, discriminator, LabelledRows(*digits()), settings)()
    for network, old in zip((generator, discriminator), before, strict=True):
        pairs = zip(network.parameters(), old.parameters(), strict=True)
        assert all(weight.isfinite().all() and (weight != was).any() for weight, was in pairs)


def test_an_average_follows() -> None:
    average, network = torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)
    expected = 0.9 * average.weight.detach() + 0.1 * network.weight.detach()
    follow(average, network, 0.9)
    torch.testing.assert_close(average.weight.detach(), expected)


def test_methods_are_graded_beside_real_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gan_images, "recipe", tiny_recipe)
    monkeypatch.setattr(gan_images, "COST_STEPS", 2)
    found = list(gan_images.measure([0]))
    assert [result.method for result in found] == [REAL, *METHODS]
    real, first = found[0], found[1]
    assert first.method == FIRST
    assert first.config["steps"] == 3
    assert real.metrics["half_frechet"] == first.metrics["real_half_frechet"]
    assert real.metrics["accuracy"] > 0.99
    for result in found[1:]:
        assert result.metrics["half_frechet"] > 10.0 * real.metrics["half_frechet"]
        assert result.metrics["cpu_seconds"] > 0.0
        assert ("accuracy" in result.metrics) == (result.method == FIRST)


def test_steps_fill_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gan_images, "recipe", tiny_recipe)
    monkeypatch.setattr(gan_images, "seconds_of_step", lambda settings: 0.5)
    trained = gan_images.train_generator("biggan", 5, cpu_seconds=3.1)
    assert (trained.settings.steps, trained.settings.seed) == (6, 5)
    assert trained.generator.num_classes == 10


def test_truncation_is_measured_from_all_noise_to_little(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = players()[0].eval()
    trained = TrainedGenerator(
        architecture="biggan",
        arguments={},
        network=generator,
        latent_dim=generator.latent_dim,
        data=DIGITS,
        num_classes=10,
    )
    monkeypatch.setattr(gan_images, "open_generator", lambda path: trained)
    monkeypatch.setattr(gan_images, "TRUNCATION_SEEDS", 1)
    monkeypatch.setattr(gan_images, "THRESHOLDS", THRESHOLDS[::4])  # each grade takes a second
    found = list(gan_images.measure_truncation())
    assert [result.config["threshold"] for result in found] == [None, 2.0, 0.5]
    varieties = [result.metrics["variety"] for result in found]
    assert varieties == sorted(varieties, reverse=True)


def test_steps_of_both_loops_are_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gan_images, "recipe", tiny_recipe)
    found = list(gan_images.measure_cost(2, num_steps=1))
    assert all(isinstance(result, Result) for result in found)
    assert [(result.method, result.seed) for result in found] == [
        (method, number)
        for number in range(2)
        for method in ("etude", "plain loop of the same networks")
    ]
