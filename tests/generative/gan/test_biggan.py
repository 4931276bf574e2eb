"""BigGAN's players: the paper's sizes, what each part computes, and who depends on what."""

from collections.abc import Callable
from typing import TypeVar

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from etude.generative.gan.biggan import (
    LAYERS,
    BigGANDiscriminator,
    BigGANGenerator,
    ClassConditionalBatchNorm,
    DiscriminatorBlock,
    GeneratorBlock,
    SelfAttention,
    with_spectral_norms,
)
from etude.generative.gan.latents import normal

Network = TypeVar("Network", bound=nn.Module)


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def randn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=rng(seed))


def uniform(*shape: int, seed: int = 0) -> Tensor:
    return 2.0 * torch.rand(shape, generator=rng(seed)) - 1.0


def seeded(build: Callable[[], Network]) -> Network:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return build()


def num_parameters(network: nn.Module) -> int:
    return sum(weight.numel() for weight in network.parameters())


def test_the_papers_sizes() -> None:
    """What the authors' code counts for 128 pixels: 70,433,988 and 87,982,370."""
    with torch.device("meta"):
        generator = BigGANGenerator(120, 128, 3, num_classes=1_000, width=96)
        discriminator = BigGANDiscriminator(128, 3, num_classes=1_000, width=96)
    assert num_parameters(generator) == 70_433_988
    assert num_parameters(discriminator) == 87_982_370


def test_numbers_of_parameters_are_those_of_the_documentation() -> None:
    with torch.device("meta"):
        assert num_parameters(BigGANGenerator()) == 4_373_251
        assert num_parameters(BigGANDiscriminator()) == 4_207_361


@pytest.mark.parametrize("size", LAYERS)
@pytest.mark.parametrize("channels", [1, 3])
def test_shapes(size: int, channels: int) -> None:
    latent_dim = 2 * len(LAYERS[size].generator)
    generator = seeded(lambda: BigGANGenerator(latent_dim, size, channels, 5, 8, 6))
    discriminator = seeded(lambda: BigGANDiscriminator(size, channels, 5, 8))
    labels = torch.tensor([0, 4])
    images = generator(uniform(2, latent_dim), labels)
    assert images.shape == (2, channels, size, size)
    assert images.abs().max() <= 1.0
    assert discriminator(images, labels).shape == (2,)


@pytest.mark.parametrize(("size", "halvings"), [(128, 1), (256, 2), (512, 3)])
def test_attention_is_at_64_pixels(size: int, halvings: int) -> None:
    with torch.device("meta"):
        generator = BigGANGenerator(2 * len(LAYERS[size].generator), size, width=8)
        discriminator = BigGANDiscriminator(size, width=8)
    for network, behind in ((generator, 4), (discriminator, halvings)):  # 4 blocks: 4 to 64 pixels
        kinds = [isinstance(attention, SelfAttention) for attention in network.attentions]
        assert kinds == [block == behind for block in range(1, len(kinds) + 1)]


def test_first_outputs_are_neither_flat_nor_saturated() -> None:
    generator = with_spectral_norms(seeded(lambda: BigGANGenerator(16, 8, 1, 10, 8, 16)))
    discriminator = with_spectral_norms(seeded(lambda: BigGANDiscriminator(8, 1, 10, 8)))
    labels = torch.arange(32) % 10
    images = generator(uniform(32, 16), labels)
    assert 0.2 < images.std() < 0.9
    assert 0.01 < discriminator(images, labels).std() < 5.0


def test_noise_becomes_normal() -> None:
    z = torch.linspace(-0.999, 0.999, 101, dtype=torch.float64)
    distribution = torch.special.ndtr(normal(z[None])[0])
    torch.testing.assert_close(2.0 * distribution - 1.0, z)
    assert normal(torch.tensor([[-1.0, 1.0]])).isfinite().all()


def test_gains_and_biases_are_linear_in_the_condition() -> None:
    norm = seeded(lambda: ClassConditionalBatchNorm(6, 4))
    features, condition = 3.0 + 2.0 * randn(5, 6, 4, 4), randn(5, 4, seed=1)
    found = norm(features, condition)
    mean = features.mean(dim=(0, 2, 3), keepdim=True)
    variance = features.var(dim=(0, 2, 3), correction=0, keepdim=True)
    gain = 1.0 + condition @ norm.gain.weight.T
    bias = condition @ norm.bias.weight.T
    normalised = (features - mean) / (variance + 1e-5).sqrt()
    torch.testing.assert_close(
        found, gain[:, :, None, None] * normalised + bias[:, :, None, None], rtol=1e-4, atol=1e-5
    )


def test_attention_begins_as_nothing() -> None:
    features = randn(2, 16, 4, 6)
    torch.testing.assert_close(seeded(lambda: SelfAttention(16))(features), features)


def test_attention_is_that_of_the_equations() -> None:
    attention, features = seeded(lambda: SelfAttention(16)), randn(2, 16, 4, 6)
    nn.init.constant_(attention.gain, 0.7)
    theta = attention.query(features).flatten(2)  # (n, 2, 24)
    phi = F.max_pool2d(attention.key(features), 2).flatten(2)  # (n, 2, 6)
    values = F.max_pool2d(attention.value(features), 2).flatten(2)  # (n, 8, 6)
    weights = torch.einsum("nci,ncj->nij", theta, phi).softmax(dim=2)
    found = torch.einsum("nij,ncj->nci", weights, values).reshape(2, 8, 4, 6)
    torch.testing.assert_close(attention(features), features + 0.7 * attention.out(found))


def test_a_generators_block_is_that_of_the_paper() -> None:
    """Its shortcut enlarges first, as in fig. 15 (b)."""
    block = seeded(lambda: GeneratorBlock(6, 4, 3))
    features, condition = randn(4, 6, 3, 5), randn(4, 3, seed=1)
    found = block(features, condition)
    hidden = F.interpolate(F.relu(block.norm1(features, condition)), scale_factor=2.0)
    hidden = F.relu(block.norm2(block.conv1(hidden), condition))
    shortcut = block.shortcut(F.interpolate(features, scale_factor=2.0))
    torch.testing.assert_close(found, block.conv2(hidden) + shortcut)


@pytest.mark.parametrize("reduces", [False, True])
@pytest.mark.parametrize("is_first", [False, True])
def test_a_discriminators_block_is_that_of_the_paper(reduces: bool, is_first: bool) -> None:
    """Its shortcut reduces last, as in fig. 15 (c)."""
    block = seeded(lambda: DiscriminatorBlock(4, 6, reduces=reduces, is_first=is_first))
    features = randn(2, 4, 4, 6)
    hidden = features if is_first else F.relu(features)
    hidden = block.conv2(F.relu(block.conv1(hidden)))
    expected = hidden + block.shortcut(features)
    expected = F.avg_pool2d(expected, 2) if reduces else expected
    torch.testing.assert_close(block(features), expected)


def test_a_block_that_changes_nothing_has_no_shortcut() -> None:
    block = DiscriminatorBlock(4, 4, reduces=False, is_first=False)
    assert isinstance(block.shortcut, nn.Identity)


def test_logits_are_projections_on_classes() -> None:
    discriminator = seeded(lambda: BigGANDiscriminator(8, 1, 4, 4))
    images, found = uniform(3, 1, 8, 8), []
    for label in range(4):
        found.append(discriminator(images, torch.full((3,), label)))
    features = images
    for block in discriminator.blocks:
        features = block(features)
    pooled = F.relu(features).sum(dim=(2, 3))
    common = pooled @ discriminator.judge.weight[0]
    expected = common[:, None] + pooled @ discriminator.embedding.weight.T
    torch.testing.assert_close(torch.stack(found, dim=1), expected)


def test_a_sample_depends_on_its_own_noise_and_class_alone() -> None:
    generator = seeded(lambda: BigGANGenerator(8, 8, 1, 3, 4, 6)).eval()
    z, labels = uniform(3, 8), torch.tensor([0, 1, 2])
    images = generator(z, labels)
    torch.testing.assert_close(generator(z[1:2], labels[1:2]), images[1:2])
    assert (generator(z[1:2], labels[2:3]) - images[1:2]).abs().max() > 1e-3


@pytest.mark.parametrize("piece", range(4))
def test_each_piece_of_the_noise_goes_to_its_place(piece: int) -> None:
    """The first begins the image; the others reach a block each, and none before it."""
    generator = seeded(lambda: BigGANGenerator(8, 32, 1, 3, 2, 6)).eval()
    seen: list[Tensor] = []
    for block in generator.blocks:
        block.register_forward_hook(lambda module, args, features: seen.append(features))
    z, labels = uniform(1, 8), torch.tensor([1])
    other = z.clone()
    other[:, 2 * piece : 2 * piece + 2] *= -0.5
    generator(z, labels)
    generator(other, labels)
    is_other = [bool((one != two).any()) for one, two in zip(seen[:3], seen[3:], strict=True)]
    assert is_other == [block >= max(piece - 1, 0) for block in range(3)]


def test_a_logit_depends_on_its_own_image_and_class_alone() -> None:
    discriminator = with_spectral_norms(seeded(lambda: BigGANDiscriminator(8, 1, 3, 4))).eval()
    images, labels = uniform(3, 1, 8, 8), torch.tensor([0, 1, 2])
    logits = discriminator(images, labels)
    torch.testing.assert_close(discriminator(images[1:2], labels[1:2]), logits[1:2])


@pytest.mark.parametrize("is_generator", [False, True])
def test_spectral_norms_hold_all_weights_but_the_generators_embedding(is_generator: bool) -> None:
    network: BigGANGenerator | BigGANDiscriminator
    if is_generator:
        network = seeded(lambda: BigGANGenerator(8, 8, 1, 3, 4, 6))
        inputs = (uniform(4, 8), torch.tensor([0, 1, 2, 0]))
    else:
        network = seeded(lambda: BigGANDiscriminator(8, 1, 3, 4))
        inputs = (uniform(4, 1, 8, 8), torch.tensor([0, 1, 2, 0]))
    embedding = network.embedding.weight.detach().clone()
    for weight in network.parameters():
        weight.data.mul_(3.0)
    with_spectral_norms(network)
    for _ in range(50):  # steps of the power method
        network(*inputs)
    network.eval()
    layers = [module for module in network.modules() if isinstance(module, nn.Conv2d | nn.Linear)]
    assert len(layers) == (9 if is_generator else 6)
    if is_generator:
        torch.testing.assert_close(network.embedding.weight, 3.0 * embedding)
    else:
        layers.append(network.embedding)
    for layer in layers:
        largest = torch.linalg.matrix_norm(layer.weight.flatten(1), ord=2)
        assert largest.item() == pytest.approx(1.0, rel=0.02)


def test_arguments_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="8, 16, 32, 64, 128, 256, 512 pixels, got 48; scale"):
        BigGANGenerator(size=48)
    with pytest.raises(ValueError, match="got 12"):
        BigGANDiscriminator(12)
    with pytest.raises(ValueError, match=r"cut into 4 equal pieces, got 30 numbers; 32 would do"):
        BigGANGenerator(30, 32)
    with pytest.raises(ValueError, match="at least 8 channels, got 4; choose a larger width"):
        BigGANGenerator(10, 64, width=2)
