"""What a training step of StyleGAN2 costs: ours beside the way public ports write it.

The networks, the losses and the penalty are the same. The plain loop is how tidy ports of the
paper's code to PyTorch do it: the weights of each sample in a grouped convolution, real and
generated images in passes of their own, the penalty in another, an optimiser's step for it, and an
average of the weights taken one by one. Both take turns within a round, so that the load of the
machine falls on both alike: compare the ratio rather than the numbers.
"""

import time
from collections.abc import Iterator
from copy import deepcopy
from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from etude.benchmarks.results import Result
from etude.benchmarks.turns import Measure, costs, timed
from etude.generative.gan.adversarial import uniform_latents
from etude.generative.gan.architectures import ARCHITECTURES
from etude.generative.gan.settings import GANSettings
from etude.generative.gan.source import Rows
from etude.generative.gan.stylegan import (
    StyleBlock,
    StyleGANDiscriminator,
    StyleGANGenerator,
    StyleLayer,
    with_deviation,
)
from etude.generative.gan.stylegan_layers import ModulatedConv2d, activate, doubled, filtered
from etude.generative.gan.task import Task, make_lesson

SUITE: Final = "gan_images"
TASK: Final = "cost of a step of StyleGAN2"
OURS: Final = "etude"
PLAIN: Final = "weights of each sample, grouped"
SHAPE: Final = (1, 32, 32)
STYLEGAN: Final = ARCHITECTURES["stylegan"]
NUM_IMAGES: Final = 256  # of noise; what is on them does not matter here
STEPS: Final = 8  # in each round, one of them with the penalty
SETTINGS: Final = GANSettings(
    architecture="stylegan",
    objective="non-saturating",
    penalty="r1",
    steps=100_000,
    batch_size=16,
    final_batch_size=16,
    latent_dim=64,
    penalty_every_steps=8,
    penalty_share=1.0,
    generator_width=32,
    discriminator_width=32,
    generator_depth=4,
    style_mixing=0.0,
)


def measure_stylegan_cost(rounds: int, steps: int = STEPS) -> Iterator[Result]:
    """Steps a CPU second of both, on one thread.

    Args:
        rounds: how often.
        steps: in each round.
    """
    yield from costs(
        SUITE,
        TASK,
        {OURS: own_loop(SETTINGS), PLAIN: plain_loop(SETTINGS)},
        rounds=rounds,
        steps=steps,
        warm_up=1,
        config={"size": SHAPE[-1], "batch_size": SETTINGS.batch_size},
    )


def own_loop(settings: GANSettings) -> Measure:
    """The lesson's updates."""
    lesson = make_lesson(Task(name="noise", source=images()), settings, torch.device("cpu"))
    return timed(lesson.update)


def images() -> Rows:
    """Noise, which takes as long as faces."""
    torch_rng = torch.Generator().manual_seed(0)
    return Rows(2.0 * torch.rand(NUM_IMAGES, *SHAPE, generator=torch_rng) - 1.0)


def plain_loop(settings: GANSettings) -> Measure:
    """The same steps as ports of the paper's code write them."""
    game = PlainGame(settings)

    def measure(num_steps: int) -> float:
        begun = time.process_time()
        for step in range(num_steps):
            game.teach_discriminator()
            if step % settings.penalty_every_steps == 0:
                game.pay_penalty()
            game.teach_generator()
            game.follow()
        return time.process_time() - begun

    return measure


class PlainGame:
    """Both players, their optimisers, and an average of the generator.

    Args:
        settings: those of the contender.
    """

    def __init__(self, settings: GANSettings) -> None:
        channels, size, _ = SHAPE
        self._settings, self._source = settings, images()
        self._torch_rng = torch.Generator().manual_seed(0)
        self._generator = StyleGANGenerator(**STYLEGAN.arguments(SHAPE, 0, settings))
        self._discriminator = StyleGANDiscriminator(size, channels, settings.discriminator_width)
        for network in (self._generator, self._discriminator):
            network.to(memory_format=torch.contiguous_format)
        self._average = deepcopy(self._generator).requires_grad_(False)
        self._adams = [
            torch.optim.Adam(
                network.parameters(), settings.learning_rate, (settings.momentum, settings.memory)
            )
            for network in (self._generator, self._discriminator)
        ]

    def teach_discriminator(self) -> None:
        """Real and generated images in passes of their own."""
        real_logits, fake_logits = (
            plain_logits(self._discriminator, batch)
            for batch in (self._draw(), self._generate().detach())
        )
        loss = F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()
        self._descend(self._adams[1], loss)

    def pay_penalty(self) -> None:
        """R1 in a step of its own."""
        real = self._draw().requires_grad_()
        logits = plain_logits(self._discriminator, real).sum()
        gradients = torch.autograd.grad(logits, real, create_graph=True)[0]
        penalty = gradients.square().sum(dim=(1, 2, 3)).mean() / 2.0
        weight = self._settings.gamma * self._settings.penalty_every_steps
        self._descend(self._adams[1], weight * penalty)

    def teach_generator(self) -> None:
        """Through a discriminator that is frozen meanwhile."""
        self._discriminator.requires_grad_(False)
        loss = F.softplus(-plain_logits(self._discriminator, self._generate())).mean()
        self._descend(self._adams[0], loss)
        self._discriminator.requires_grad_(True)

    @torch.no_grad()
    def follow(self) -> None:
        """The average of the weights."""
        decay = self._settings.average_decay
        pairs = zip(self._average.parameters(), self._generator.parameters(), strict=True)
        for kept, weight in pairs:
            kept.mul_(decay).add_(weight, alpha=1.0 - decay)

    def _draw(self) -> Tensor:
        return self._source.draw(self._settings.batch_size, self._torch_rng)

    def _generate(self) -> Tensor:
        settings, torch_rng = self._settings, self._torch_rng
        z = uniform_latents(settings.batch_size, settings.latent_dim, torch_rng)
        return plain_images(self._generator, self._generator.mapping(z), torch_rng)

    @staticmethod
    def _descend(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()


def plain_images(
    generator: StyleGANGenerator, w: Float[Tensor, "n w_dim"], torch_rng: torch.Generator | None
) -> Float[Tensor, "n c size size"]:
    """What ``generator.synthesise`` makes of one w for all layers, by grouped convolutions.

    Args:
        generator: whose weights.
        w: of each sample.
        torch_rng: of the noise, which is constant if None.
    """
    features = generator.constant.expand(len(w), -1, -1, -1)
    image: Tensor | None = None
    for block in generator.blocks:
        assert isinstance(block, StyleBlock)
        for layer in block.layers:
            assert isinstance(layer, StyleLayer)
            features = _plain_layer(layer, features, w, torch_rng)
        added = grouped_convolution(block.to_image, features, w) + block.bias[:, None, None]
        image = added if image is None else added + doubled(image)
    assert image is not None
    return torch.tanh(image)


def _plain_layer(
    layer: StyleLayer, features: Tensor, w: Tensor, torch_rng: torch.Generator | None
) -> Tensor:
    features = grouped_convolution(layer.convolution, features, w)
    noise = layer.noise
    if torch_rng is not None:
        noise = torch.randn(len(w), *noise.shape[1:], generator=torch_rng)
    return activate(features + layer.noise_strength * noise + layer.bias[:, None, None])


def grouped_convolution(
    layer: ModulatedConv2d, features: Float[Tensor, "n c h w"], w: Float[Tensor, "n w_dim"]
) -> Float[Tensor, "n d _h _w"]:
    """What the layer computes, with weights of each sample (eq. 1 and 3 as they are written)."""
    n, num_in, h, width = features.shape
    weights = layer.gain * layer.weight * layer.affine(w)[:, None, :, None, None]
    if layer.demodulate:
        weights = weights * torch.rsqrt(weights.square().sum(dim=(2, 3, 4), keepdim=True) + 1e-8)
    together = features.reshape(1, n * num_in, h, width)
    if not layer.doubles:
        padding = weights.shape[-1] // 2
        result = F.conv2d(together, weights.flatten(0, 1), padding=padding, groups=n)
        return result.reshape(n, -1, h, width)
    turned = weights.transpose(1, 2).flatten(0, 1)  # (n*num_in, num_out, k, k)
    result = F.conv_transpose2d(together, turned, stride=2, groups=n)
    return filtered(result.reshape(n, -1, *result.shape[2:]), padding=1, gain=4.0)


def plain_logits(
    discriminator: StyleGANDiscriminator, images: Float[Tensor, "n c h w"]
) -> Float[Tensor, " n"]:
    """What the discriminator computes, in the layout that the images have."""
    features = discriminator.blocks(activate(discriminator.from_image(images)))
    features = activate(discriminator.convolution(with_deviation(features)))
    logits: Tensor = discriminator.judge(activate(discriminator.dense(features.flatten(1))))
    return logits[:, 0]
