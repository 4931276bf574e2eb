"""The convolutional players: shapes, sizes, independence of samples, and first weights."""

import pytest
import torch
from torch import Tensor, nn

from etude.generative.gan.dcgan import SIZES, DCGANDiscriminator, DCGANGenerator, PixelNorm
from etude.generative.gan.objectives import input_gradients, zero_centred


def latents(n: int, latent_dim: int, seed: int = 0) -> Tensor:
    torch_rng = torch.Generator().manual_seed(seed)
    return 2.0 * torch.rand(n, latent_dim, generator=torch_rng) - 1.0


def seeded(build: type[nn.Module], *args: object, **kwargs: object) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return build(*args, **kwargs)


def num_parameters(network: nn.Module) -> int:
    return sum(weight.numel() for weight in network.parameters())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("channels", [1, 3])
def test_shapes(size: int, channels: int) -> None:
    generator = seeded(DCGANGenerator, 5, size, channels, width=4)
    discriminator = seeded(DCGANDiscriminator, size, channels, width=4)
    images = generator(latents(2, 5))
    assert images.shape == (2, channels, size, size)
    assert images.abs().max() <= 1.0
    assert discriminator(images).shape == (2,)


def test_numbers_of_parameters_are_those_of_the_documentation() -> None:
    generator, discriminator = DCGANGenerator(), DCGANDiscriminator()
    convolutions = 16 * (256 * 128 + 128 * 64 + 64 * 3) + 128 + 64 + 3
    assert num_parameters(generator) == 65 * 4_096 + convolutions == 924_867
    convolutions = 16 * (3 * 64 + 64 * 128 + 128 * 256) + 64 + 128 + 256
    assert num_parameters(discriminator) == convolutions + 4_097 == 662_977


def test_channels_are_no_more_than_512() -> None:
    generator = DCGANGenerator(8, 128, 3, width=192)
    assert [c.in_channels for c in generator.convolutions] == [512, 512, 512, 384, 192]


def test_a_sample_depends_on_its_own_noise_alone() -> None:
    generator, z = seeded(DCGANGenerator, 8, 16, width=8), latents(4, 8)
    torch.testing.assert_close(generator(z)[1:2], generator(z[1:2]))


@pytest.mark.parametrize("spectral_norm", [False, True])
def test_a_logit_depends_on_its_own_image_alone(spectral_norm: bool) -> None:
    discriminator = seeded(DCGANDiscriminator, 16, width=8, spectral_norm=spectral_norm).eval()
    images = latents(4, 3 * 256).view(4, 3, 16, 16)
    torch.testing.assert_close(discriminator(images)[1:2], discriminator(images[1:2]))


@pytest.mark.parametrize("size", [16, 128])
def test_first_outputs_are_neither_flat_nor_saturated(size: int) -> None:
    images = seeded(DCGANGenerator, size=size, width=16)(latents(8, 64))
    assert 0.4 < images.std() < 0.9
    logits = seeded(DCGANDiscriminator, size, width=16)(images)
    assert 0.05 < logits.std() < 5.0


def test_features_of_length_one() -> None:
    features = torch.randn(2, 6, 3, 4, generator=torch.Generator().manual_seed(0)) * 7.0
    lengths = PixelNorm()(features).square().mean(dim=1)
    torch.testing.assert_close(lengths, torch.ones(2, 3, 4))
    assert PixelNorm()(torch.zeros(1, 6, 1, 1)).isfinite().all()


def test_spectral_norm_holds_the_singular_values() -> None:
    discriminator = seeded(DCGANDiscriminator, 16, width=8, spectral_norm=True)
    images = latents(2, 3 * 256).view(2, 3, 16, 16)
    for _ in range(50):  # iterations of the power method
        discriminator(images)
    discriminator.eval()
    for layer in (*discriminator.convolutions, discriminator.judge):
        largest = torch.linalg.matrix_norm(layer.weight.flatten(1), ord=2)
        assert largest.item() == pytest.approx(1.0, rel=0.02)


def test_penalties_reach_all_weights_of_the_convolutions() -> None:
    discriminator = seeded(DCGANDiscriminator, 16, width=8)
    images = latents(2, 3 * 256).view(2, 3, 16, 16).requires_grad_()
    zero_centred(input_gradients(discriminator(images), images)).backward()
    for layer in (*discriminator.convolutions, discriminator.judge):
        assert layer.weight.grad is not None
        assert layer.weight.grad.abs().sum() > 0.0


def test_penalty_is_that_of_finite_differences() -> None:
    discriminator = seeded(DCGANDiscriminator, 16, 1, width=4).double()
    images = latents(1, 256).view(1, 1, 16, 16).double().requires_grad_()
    penalty = zero_centred(input_gradients(discriminator(images), images))
    steps = 1e-6 * torch.eye(256, dtype=torch.float64).view(256, 1, 16, 16)
    with torch.no_grad():
        slopes = (discriminator(images + steps) - discriminator(images - steps)) / 2e-6
    assert penalty.item() == pytest.approx(slopes.square().sum().item() / 2.0, rel=1e-5)


def test_sizes_that_are_no_power_of_two() -> None:
    with pytest.raises(ValueError, match="8, 16, 32, 64, 128 pixels, got 48; scale them"):
        DCGANGenerator(size=48)
    with pytest.raises(ValueError, match="got 4"):
        DCGANDiscriminator(4)
