"""StyleGAN2's networks: the paper's sizes, noise, mixing, truncation, and groups of a batch."""

from copy import deepcopy

import pytest
import torch
from torch import Tensor, nn

from etude.generative.gan.objectives import input_gradients, zero_centred
from etude.generative.gan.stylegan import (
    SIZES,
    MappingNetwork,
    StyleGANDiscriminator,
    StyleGANGenerator,
    with_deviation,
)


def latents(n: int, latent_dim: int, seed: int = 0) -> Tensor:
    torch_rng = torch.Generator().manual_seed(seed)
    return 2.0 * torch.rand(n, latent_dim, generator=torch_rng) - 1.0


def small(size: int = 8, channels: int = 1, **kwargs: float) -> StyleGANGenerator:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        generator = StyleGANGenerator(6, size, channels, 8, depth=2, **kwargs)
    for block in generator.blocks:
        for layer in block.layers:
            layer.noise_strength.data.fill_(0.5)
    return generator


def small_discriminator(size: int = 8, channels: int = 1) -> StyleGANDiscriminator:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return StyleGANDiscriminator(size, channels, 8)


def num_parameters(network: nn.Module) -> int:
    return sum(weight.numel() for weight in network.parameters())


def test_the_papers_configuration_has_the_official_numbers_of_parameters() -> None:
    """As the code that came with the paper prints them for configuration F at 1024 pixels."""
    with torch.device("meta"):
        generator, discriminator = StyleGANGenerator(512, 1024), StyleGANDiscriminator(1024)
    assert num_parameters(generator) == 30_370_060
    assert num_parameters(generator.mapping) == 8 * (512 * 512 + 512)
    assert num_parameters(discriminator) == 29_012_513
    assert generator.num_w == 18


def test_the_papers_networks_run() -> None:
    """At 1024 pixels in shape alone, as a pass takes seconds; with numbers at 16."""
    with torch.device("meta"):
        images = StyleGANGenerator(512, 1024)(torch.zeros(4, 512))
        logits = StyleGANDiscriminator(1024)(images)
    assert images.shape == (4, 3, 1024, 1024)
    assert logits.shape == (4,)
    generator, discriminator = StyleGANGenerator(512, 16, width=512), StyleGANDiscriminator(16)
    logits = discriminator(generator(latents(4, 512)))
    torch.autograd.backward(logits.sum())
    assert all(weight.grad is not None for weight in discriminator.parameters())
    assert generator.constant.grad is not None


@pytest.mark.parametrize("size", SIZES[:4])
@pytest.mark.parametrize("channels", [1, 3])
def test_shapes(size: int, channels: int) -> None:
    generator = small(size, channels)
    images = generator(latents(4, 6))
    assert images.shape == (4, channels, size, size)
    assert images.abs().max() <= 1.0
    assert generator.styles(latents(4, 6)).shape == (4, generator.num_w, 6)
    assert small_discriminator(size, channels)(images).shape == (4,)


@pytest.mark.parametrize("build", [StyleGANGenerator, StyleGANDiscriminator])
def test_an_unknown_size(build: type[nn.Module]) -> None:
    arguments = {"latent_dim": 4} if build is StyleGANGenerator else {}
    with pytest.raises(ValueError, match=r"a size of 8, 16, .*, got 24; scale them"):
        build(size=24, **arguments)


def test_z_becomes_normal_of_length_one() -> None:
    """A mapping without layers; the size of uniform numbers does not matter, their signs do."""
    mapping = MappingNetwork(1, 0)
    torch.testing.assert_close(mapping(torch.tensor([[0.3], [-0.9]])), torch.tensor([[1.0], [-1]]))
    mapped = MappingNetwork(50, 0)(latents(2_000, 50))
    torch.testing.assert_close(mapped.square().mean(dim=1), torch.ones(2_000))
    fourth = mapped.pow(4).mean().item()
    assert fourth == pytest.approx(3.0 * 50 / 52, abs=0.06)  # of a direction in 50 dimensions


def test_the_ends_of_the_noise_are_finite() -> None:
    assert small()(torch.tensor([[-1.0, 1.0, 1.0, -1.0, 0.0, 0.0]])).isfinite().all()


def test_in_use_an_image_depends_on_its_own_noise_alone() -> None:
    generator, z = small(), latents(4, 6)
    torch.testing.assert_close(generator(z)[1:2], generator(z[1:2]))
    assert torch.equal(generator(z), generator(z))


def test_each_resolution_adds_to_the_image_and_each_style_moves_it() -> None:
    generator = small(16, 3)
    w = generator.styles(latents(2, 6)).detach().clone().requires_grad_()
    torch.autograd.backward(generator.synthesise(w).square().sum())
    assert w.grad is not None
    assert (w.grad.abs().sum(dim=(0, 2)) > 0.0).all()
    for block in generator.blocks:
        block.to_image.weight.data *= 0.1
    before = generator.synthesise(w).atanh()[:, :, 4:-4, 4:-4]
    for block in generator.blocks:
        block.bias.data += 0.1
    after = generator.synthesise(w).atanh()[:, :, 4:-4, 4:-4]
    torch.testing.assert_close(after, before + 0.3, atol=1e-4, rtol=1e-4)


def test_in_training_noise_is_drawn_and_a_run_is_repeated() -> None:
    images = []
    for _ in range(2):
        generator = small(style_mixing=0.0)
        generator.noise_rng = torch.Generator().manual_seed(3)
        images.append([generator(latents(4, 6)) for _ in range(2)])
    first, second = images[0]
    assert not torch.allclose(first, second)
    assert torch.equal(first, images[1][0])
    assert torch.equal(second, images[1][1])


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_mixed_samples_change_their_style_at_one_layer(share: float) -> None:
    generator = small(16, style_mixing=share)
    z = latents(400, 6)
    plain = generator.styles(z)
    generator.noise_rng = torch.Generator().manual_seed(1)
    is_own = (generator.styles(z) == plain).all(dim=2)  # (400, num_w)
    assert is_own[:, 0].all()
    assert (is_own[:, 1:] <= is_own[:, :-1]).all()  # once changed, changed to the end
    mixed = (~is_own[:, -1]).double().mean().item()
    assert mixed == pytest.approx(share, abs=0.08)
    if share == 1.0:
        starts = is_own.sum(dim=1)
        assert starts.unique().tolist() == [1, 2, 3, 4, 5]


def test_the_average_of_w_is_followed_in_training_alone() -> None:
    generator = small()
    generator(latents(8, 6))
    assert generator.w_average.abs().max() == 0.0
    generator.noise_rng = torch.Generator().manual_seed(0)
    for seed in range(1_500):
        generator.styles(latents(8, 6, seed))
    w = generator.mapping(latents(4_000, 6, 9_999)).detach()
    torch.testing.assert_close(generator.w_average, w.mean(dim=0), atol=0.1, rtol=0.0)


def test_truncation_goes_to_one_image() -> None:
    generator, z = small(), latents(4, 6)
    generator.w_average.copy_(generator.mapping(latents(1, 6, 1))[0].detach())
    mean = generator(latents(1, 6, 1))
    torch.testing.assert_close(generator(z, truncation=0.0), mean.expand(4, -1, -1, -1))
    assert torch.equal(generator(z, truncation=1.0), generator(z))
    spreads = [generator(z, truncation=psi).std(dim=0).mean().item() for psi in (0.0, 0.5, 1.0)]
    assert spreads == sorted(spreads)
    assert spreads[1] > 0.0


def test_a_copy_draws_no_noise() -> None:
    generator = small()
    generator.noise_rng = torch.Generator()
    assert deepcopy(generator).noise_rng is None
    assert generator.noise_rng is not None


def test_noise_and_the_average_of_w_are_kept_with_the_weights() -> None:
    state = small().state_dict()
    assert "w_average" in state
    assert sum(name.endswith(".noise") for name in state) == 3


def test_deviation_of_groups() -> None:
    """Groups of four neighbours; the deviation of 0, 0, 2, 2 is 1."""
    features = torch.tensor([0.0, 0.0, 2.0, 2.0, 5.0, 5.0, 5.0, 5.0]).view(8, 1, 1, 1)
    features = features.expand(-1, 3, 2, 2)
    result = with_deviation(features)
    assert torch.equal(result[:, :3], features)
    expected = torch.tensor([1.0, 1e-4]).repeat_interleave(4)[:, None, None].expand(-1, 2, 2)
    torch.testing.assert_close(result[:, 3], expected)


def test_a_logit_depends_on_its_own_group_alone() -> None:
    discriminator = small_discriminator()
    images = latents(8, 64).view(8, 1, 8, 8)
    logits = discriminator(images)
    changed = torch.cat([images[:4], -images[4:]])
    torch.testing.assert_close(discriminator(changed)[:4], logits[:4])
    torch.testing.assert_close(discriminator(images[:4]), logits[:4])
    alone = torch.cat([images[:1], -images[1:4]])
    assert not torch.allclose(discriminator(alone)[:1], logits[:1])


def test_a_batch_that_has_no_groups() -> None:
    with pytest.raises(ValueError, match=r"groups of 4, got 6; choose a batch"):
        small_discriminator()(torch.zeros(6, 1, 8, 8))


def test_penalties_reach_the_discriminators_weights() -> None:
    discriminator = small_discriminator(16)
    images = latents(4, 256).view(4, 1, 16, 16).requires_grad_()
    penalty = zero_centred(input_gradients(discriminator(images), images))
    torch.autograd.backward(penalty)
    for name, weight in discriminator.named_parameters():
        if name.endswith("weight"):
            assert weight.grad is not None, name
            assert weight.grad.abs().sum() > 0.0, name
