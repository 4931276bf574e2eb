"""The two contenders of the cost of StyleGAN2 compute the same; rows say what was measured."""

from dataclasses import replace

import pytest
import torch

from etude.benchmarks import stylegan_cost as module
from etude.benchmarks.stylegan_cost import (
    OURS,
    PLAIN,
    SETTINGS,
    measure_stylegan_cost,
    plain_images,
    plain_logits,
)
from etude.generative.gan.stylegan import StyleGANDiscriminator, StyleGANGenerator


def test_both_ways_make_the_same_images_and_logits() -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        generator, discriminator = (
            StyleGANGenerator(5, 16, 3, 8, depth=2),
            StyleGANDiscriminator(16, 3, 8),
        )
    for name, weight in generator.named_parameters():
        if name.endswith("noise_strength"):
            weight.data.fill_(0.3)
    z = 2.0 * torch.rand(4, 5, generator=torch.Generator().manual_seed(0)) - 1.0
    images = generator.synthesise(generator.styles(z))
    torch.testing.assert_close(plain_images(generator, generator.mapping(z), None), images)
    torch.testing.assert_close(plain_logits(discriminator, images), discriminator(images))


def test_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    small = replace(
        SETTINGS, batch_size=4, final_batch_size=4, generator_width=4, discriminator_width=4
    )
    monkeypatch.setattr(module, "SETTINGS", small)
    rows = list(measure_stylegan_cost(rounds=2, steps=1))
    assert [(row.method, row.seed) for row in rows] == [
        (OURS, 0),
        (PLAIN, 0),
        (OURS, 1),
        (PLAIN, 1),
    ]
    for row in rows:
        assert row.suite == "gan_images"
        assert row.config["batch_size"] == 4
        assert row.metrics["steps_per_cpu_second"] == pytest.approx(1.0 / row.seconds)
