"""BigGAN's players and their step as one would write them down, to compare our own with.

Layers in the order of the paper's figure, images and features as PyTorch lays them out by default,
a pass of the discriminator for the real images and one for the others, gradients for its weights
also when the generator learns, and an average of the weights tensor by tensor. A test holds the
results of these networks to ours.
"""

import copy
from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from etude.generative.gan.biggan import (
    BigGANDiscriminator,
    BigGANGenerator,
    DiscriminatorBlock,
    GeneratorBlock,
)
from etude.generative.gan.latents import normal
from etude.generative.gan.settings import GANSettings
from etude.generative.gan.source import LabelledSource

Images = Float[Tensor, "n c h w"]


def plain_generator(
    generator: BigGANGenerator, z: Float[Tensor, "n d"], labels: Int[Tensor, " n"]
) -> Images:
    """What the generator makes."""
    first, *others = normal(z).chunk(len(generator.blocks) + 1, dim=1)
    embedded = generator.embedding(labels)
    features = generator.begin(first).view(len(z), -1, 4, 4)
    for block, attention, piece in zip(generator.blocks, generator.attentions, others, strict=True):
        assert isinstance(block, GeneratorBlock)
        condition = torch.cat([embedded, piece], dim=1)
        hidden = F.interpolate(F.relu(block.norm1(features, condition)), scale_factor=2)
        hidden = block.conv1(hidden)
        hidden = block.conv2(F.relu(block.norm2(hidden, condition)))
        features = attention(hidden + block.shortcut(F.interpolate(features, scale_factor=2)))
    return torch.tanh(generator.end(F.relu(generator.norm(features))))


def plain_discriminator(
    discriminator: BigGANDiscriminator, images: Images, labels: Int[Tensor, " n"]
) -> Float[Tensor, " n"]:
    """The discriminator's logits."""
    features = images
    for i, block in enumerate(discriminator.blocks):
        assert isinstance(block, DiscriminatorBlock)
        hidden = F.relu(features) if i > 0 else features
        hidden = block.reduce(block.conv2(F.relu(block.conv1(hidden))))
        shortcut = block.reduce(block.shortcut(features))
        features = discriminator.attentions[i](hidden + shortcut)
    features = F.relu(features).sum(dim=[2, 3])
    logits = discriminator.judge(features).squeeze(1)
    result: Tensor = logits + (discriminator.embedding(labels) * features).sum(dim=1)
    return result


def plain_step(
    generator: BigGANGenerator,
    discriminator: BigGANDiscriminator,
    source: LabelledSource,
    settings: GANSettings,
) -> Callable[[], None]:
    """A step of both players by the hinge loss.

    Args:
        generator: with spectral norms or without; changed.
        discriminator: likewise.
        source: the data.
        settings: batch, rates and betas.
    """
    for network in (generator, discriminator):
        network.to(memory_format=torch.contiguous_format)
    average = copy.deepcopy(generator)
    betas = (settings.momentum, settings.memory)
    g_adam, d_adam = (
        torch.optim.Adam(network.parameters(), settings.learning_rate, betas)
        for network in (generator, discriminator)
    )
    torch_rng = torch.Generator().manual_seed(settings.seed)

    def fake(labels: Tensor) -> Tensor:
        z = torch.rand(len(labels), settings.latent_dim, generator=torch_rng) * 2 - 1
        return plain_generator(generator, z, labels)

    def step() -> None:
        real = source.draw_labelled(settings.batch_size, torch_rng)
        assert real.labels is not None
        d_adam.zero_grad()
        real_logits = plain_discriminator(discriminator, real.samples, real.labels)
        images = fake(real.labels).detach()
        fake_logits = plain_discriminator(discriminator, images, real.labels)
        loss = F.relu(1.0 - real_logits).mean() + F.relu(1.0 + fake_logits).mean()
        torch.autograd.backward(loss)
        d_adam.step()
        g_adam.zero_grad()
        loss = -plain_discriminator(discriminator, fake(real.labels), real.labels).mean()
        torch.autograd.backward(loss)
        g_adam.step()
        follow(average, generator, settings.average_decay)

    return step


@torch.no_grad()
def follow(average: nn.Module, network: nn.Module, decay: float) -> None:
    """Move an average of weights."""
    state = network.state_dict()
    for name, value in average.state_dict().items():
        if value.is_floating_point():
            value.copy_(value * decay + state[name] * (1.0 - decay))
