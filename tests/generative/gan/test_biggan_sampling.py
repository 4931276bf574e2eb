"""Truncation, orthogonal regularisation, standing statistics, and generators made plain."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from etude.generative.gan.adversarial import uniform_latents
from etude.generative.gan.biggan import (
    BigGANDiscriminator,
    BigGANGenerator,
    with_spectral_norms,
)
from etude.generative.gan.biggan_sampling import (
    OrthogonalRegularisation,
    baked,
    finished,
    off_diagonal,
    sample_truncated,
    standing_statistics,
    truncated,
)
from etude.generative.gan.gan_training import AdversarialLesson, Regulariser
from etude.generative.gan.latents import normal
from etude.generative.gan.settings import GANSettings
from etude.generative.gan.source import LabelledRows

LABELS = torch.arange(64) % 3


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def small(seed: int = 0) -> BigGANGenerator:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return BigGANGenerator(8, 8, 1, 3, width=4, embedding_dim=6)


def lesson(steps: int = 8) -> AdversarialLesson:
    """A game of some steps, with what the paper adds to it."""
    generator = small()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        discriminator = BigGANDiscriminator(8, 1, 3, width=4)
    with_spectral_norms(generator)
    with_spectral_norms(discriminator)
    settings = GANSettings(
        objective="hinge", steps=steps, batch_size=16, final_batch_size=16, latent_dim=8
    )
    images = torch.rand(64, 1, 8, 8, generator=rng(2)) * 2.0 - 1.0
    regularisers = [OrthogonalRegularisation(generator)]
    source = LabelledRows(images, LABELS)
    return AdversarialLesson(generator, discriminator, source, settings, rng(), regularisers)


@given(threshold=st.floats(0.05, 4.0), seed=st.integers(0, 99))
def test_truncated_noise_is_that_of_a_truncated_normal_distribution(
    threshold: float, seed: int
) -> None:
    """Its distribution function is (Phi(x) - Phi(-t)) / (Phi(t) - Phi(-t))."""
    z = uniform_latents(16, 4, rng(seed)).double()
    numbers = normal(truncated(z, threshold))
    assert numbers.abs().max() <= threshold
    low, high = (torch.special.ndtr(torch.tensor(t).double()) for t in (-threshold, threshold))
    shares = (torch.special.ndtr(numbers) - low) / (high - low)
    torch.testing.assert_close(shares, (z + 1.0) / 2.0)


def test_no_truncation_is_none() -> None:
    z = uniform_latents(4, 4, rng())
    torch.testing.assert_close(truncated(z, math.inf), z, rtol=0.0, atol=0.0)
    for threshold in (0.0, -1.0, math.nan):
        with pytest.raises(ValueError, match=r"above 0, got .*; 0.5 is typical"):
            truncated(z, threshold)


def test_less_noise_is_less_variety() -> None:
    generator, z = finished(small()), uniform_latents(64, 8, rng())
    assert isinstance(generator, BigGANGenerator)
    spreads = [
        sample_truncated(generator, threshold, z, torch.zeros(64, dtype=torch.long)).var(0).sum()
        for threshold in (math.inf, 1.0, 0.3)
    ]
    assert spreads[0] > spreads[1] > spreads[2] > 0.0


def test_orthogonal_filters_pay_nothing_of_any_length() -> None:
    rows = torch.diag(torch.tensor([1.0, 5.0, 0.1]))
    assert off_diagonal(rows).item() == 0.0
    generator = small()  # its first weights are orthogonal, filters the rows
    for layer in (generator.blocks[0].conv1, generator.blocks[0].shortcut):
        assert off_diagonal(layer.weight.flatten(1)) < 1e-8


@pytest.mark.parametrize("num_rows", [5, 30])  # fewer and more than the 12 columns
def test_the_gradient_of_the_price_is_that_of_the_equation(num_rows: int) -> None:
    """4 beta (W W^T * (1 - I)) W."""
    layer = nn.Conv2d(3, num_rows, 2)
    layer.weight.data.normal_(generator=rng())
    price = OrthogonalRegularisation(layer, weight=0.01)()
    price.backward()
    rows = layer.weight.detach().flatten(1)
    products = rows @ rows.T
    outside = products * (1.0 - torch.eye(num_rows))
    assert price.item() == pytest.approx(0.01 * outside.square().sum().item(), rel=1e-5)
    assert layer.weight.grad is not None
    torch.testing.assert_close(
        layer.weight.grad.flatten(1), 0.04 * outside @ rows, rtol=1e-4, atol=1e-5
    )


def test_a_price_that_is_due_less_often_is_higher() -> None:
    generator = small()
    nn.init.ones_(generator.end.weight)
    every, fourth = (OrthogonalRegularisation(generator, 0.1, every) for every in (1, 4))
    assert isinstance(fourth, Regulariser)
    assert fourth.every_steps == 4
    torch.testing.assert_close(fourth(), 4.0 * every())


def test_all_weights_of_a_generator_pay_but_its_embedding() -> None:
    generator = small()
    with_spectral_norms(generator)
    with torch.no_grad():
        for weight in generator.parameters():
            weight.add_(0.1 * torch.rand(weight.shape, generator=rng()))
    OrthogonalRegularisation(generator)().backward()
    paying = {name for name, weight in generator.named_parameters() if weight.grad is not None}
    assert paying == {
        name for name, _ in generator.named_parameters() if name.endswith("weight.original")
    }
    assert len(paying) == 9


def test_standing_statistics_are_those_of_many_samples() -> None:
    generator = small()
    standing_statistics(generator, rng(), num_passes=50)
    assert not generator.training
    seen: list[Tensor] = []
    generator.norm.register_forward_pre_hook(lambda module, args: seen.append(args[0]))
    z, labels = uniform_latents(4_096, 8, rng(1)), torch.randint(3, (4_096,), generator=rng(2))
    with torch.no_grad():
        generator(z, labels)
    torch.testing.assert_close(
        generator.norm.running_mean, seen[0].mean(dim=(0, 2, 3)), rtol=0.1, atol=0.02
    )
    torch.testing.assert_close(
        generator.norm.running_var, seen[0].var(dim=(0, 2, 3)), rtol=0.1, atol=0.02
    )
    assert generator.norm.momentum == 0.1


def test_statistics_of_truncated_samples_are_others() -> None:
    one, other = small(), small()
    standing_statistics(one, rng(), num_passes=4)
    standing_statistics(other, rng(), num_passes=4, threshold=0.3)
    assert (other.blocks[0].norm1.norm.running_var < one.blocks[0].norm1.norm.running_var).all()
    with pytest.raises(ValueError, match="at least one pass, got 0"):
        standing_statistics(one, rng(), num_passes=0)


def test_a_baked_network_is_plain_and_computes_the_same() -> None:
    generator = small()
    with_spectral_norms(generator)
    z = uniform_latents(64, 8, rng())
    with torch.no_grad():
        for weight in generator.parameters():
            weight.mul_(1.5)
        for _ in range(200):  # steps of the power method
            generator(z, LABELS)
    generator.eval()
    plain = baked(generator)
    assert plain.state_dict().keys() == small().state_dict().keys()
    torch.testing.assert_close(plain(z, LABELS), generator(z, LABELS), rtol=1e-3, atol=1e-3)
    generator.train()(z, LABELS).sum().backward()  # the original goes on as before
    assert generator.end.parametrizations.weight.original.grad is not None


def test_networks_without_norms_are_copied() -> None:
    generator = small().eval()
    z, plain = uniform_latents(64, 8, rng()), baked(generator)
    assert plain is not generator
    torch.testing.assert_close(plain(z, LABELS), generator(z, LABELS), rtol=0.0, atol=0.0)


def test_the_average_of_a_game_becomes_a_plain_generator() -> None:
    game = lesson()
    before = finished(game.average)
    for _ in range(8):
        assert all(loss.isfinite() for loss in game.update().values())
    after = finished(game.average)
    fresh = small().eval()
    fresh.load_state_dict(after.state_dict())
    z = uniform_latents(64, 8, rng())
    torch.testing.assert_close(fresh(z, LABELS), after(z, LABELS), rtol=0.0, atol=0.0)
    assert (after(z, LABELS) - before(z, LABELS)).abs().max() > 1e-3
    again = finished(game.average)
    torch.testing.assert_close(again(z, LABELS), after(z, LABELS), rtol=0.0, atol=0.0)


@pytest.mark.slow
def test_a_step_of_the_papers_size() -> None:
    """158 million parameters at 128 pixels, with all of its parts; 4 GB."""
    with torch.device("meta"):
        generator = BigGANGenerator(120, 128, 3, num_classes=1_000, width=96)
        discriminator = BigGANDiscriminator(128, 3, num_classes=1_000, width=96)
    for network in (generator, discriminator):
        network.to_empty(device="cpu")  # orthogonal weights of this size take a while
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.reset_running_stats()
                module.reset_parameters()
        for weight in network.parameters():
            weight.data.uniform_(-0.03, 0.03, generator=rng())
        with_spectral_norms(network)
    settings = GANSettings(
        objective="hinge", steps=1, batch_size=2, final_batch_size=2, latent_dim=120
    )
    source = LabelledRows(torch.zeros(2, 3, 128, 128), torch.tensor([3, 999]))
    regularisers = [OrthogonalRegularisation(generator)]
    game = AdversarialLesson(generator, discriminator, source, settings, rng(), regularisers)
    before = generator.end.parametrizations.weight.original.detach().clone()
    assert all(loss.isfinite() for loss in game.update().values())
    after = generator.end.parametrizations.weight.original
    assert after.isfinite().all()
    assert (after != before).any()


def test_prices_that_make_no_sense() -> None:
    with pytest.raises(ValueError, match=r"at least 0, got -1.0; the paper's is 1e-4"):
        OrthogonalRegularisation(small(), -1.0)
    with pytest.raises(ValueError, match="1 or more steps, got 0"):
        OrthogonalRegularisation(small(), 1e-4, 0)
