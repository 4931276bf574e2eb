"""What a step of StackGAN's Stage-I costs: ours beside one as it would be written down plainly.

Networks, batches, losses and weights are the same. The plain step has images in rows of pixels
instead of channels last, enlarges before it convolves, passes real images, real ones with wrong
captions and generated ones through the discriminator one after the other, generates images anew for
the generator's step, and computes gradients for weights that will not change. Both take turns
within a round, so that the load of the machine falls on both alike.
"""

import math
from collections.abc import Iterator
from copy import deepcopy
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from etude.benchmarks.results import Result
from etude.benchmarks.turns import Measure, costs, timed
from etude.generative.gan.adversarial import uniform_latents
from etude.generative.gan.captioned_scenes import CaptionedScenes, Words
from etude.generative.gan.latents import normal
from etude.generative.gan.objectives import input_gradients, relativistic, zero_centred
from etude.generative.gan.stackgan import StageIGenerator
from etude.generative.gan.stackgan_layers import UpConvolution
from etude.generative.gan.stackgan_stages import MatchingJudge, StageOne
from etude.generative.gan.stackgan_training import StackGANSettings, first_stage, spoil

SUITE: Final = "gan_images"
TASK: Final = "cost of a step of StackGAN's stage I"
OURS: Final = "etude"
PLAIN: Final = "plain step of the same networks"
STEPS: Final = 24  # in each round
WARM_UP: Final = 4


def measure_cost(rounds: int, steps: int = STEPS) -> Iterator[Result]:
    """Steps a CPU second of both.

    Args:
        rounds: how often.
        steps: in each round.
    """
    settings = StackGANSettings()
    yield from costs(
        SUITE,
        TASK,
        {OURS: own_step(settings), PLAIN: plain_step(settings)},
        rounds=rounds,
        steps=steps,
        warm_up=WARM_UP,
        config={},
    )


def own_step(settings: StackGANSettings) -> Measure:
    """Our lesson."""
    return timed(first_stage(settings).update)


def plain_step(settings: StackGANSettings) -> Measure:
    """The same networks in plain steps."""
    lesson = first_stage(settings)
    player = PlainPlayer(lesson.artist, lesson.judge, settings)
    return timed(player.update)


class PlainPlayer:
    """A plain Stage-I lesson; its weights are copies of those it is given.

    Args:
        artist: Stage-I.
        judge: its discriminator.
        settings: how it is trained.

    Attributes:
        artist: as it is now.
        judge: as it is now.
    """

    def __init__(self, artist: nn.Module, judge: MatchingJudge, settings: StackGANSettings) -> None:
        assert isinstance(artist, StageOne)
        self.artist = deepcopy(artist).to(memory_format=torch.contiguous_format)
        self.judge = deepcopy(judge).to(memory_format=torch.contiguous_format)
        layers = self.artist.generator.enlarge
        for i, layer in enumerate(layers):
            if isinstance(layer, UpConvolution):
                layers[i] = PlainUpConvolution(layer)
        self._settings, stage = settings, settings.stage_one
        betas = (stage.momentum, stage.memory)
        self._artist_adam = torch.optim.Adam(self.artist.parameters(), stage.learning_rate, betas)
        self._judge_adam = torch.optim.Adam(self.judge.parameters(), stage.learning_rate, betas)
        self._average = deepcopy(self.artist)
        self._source = CaptionedScenes(size=settings.architecture.small_size)
        self._torch_rng = torch.Generator().manual_seed(settings.seed)
        self._step = 0

    def images(self, words: Words, z: Tensor) -> tuple[Tensor, Tensor]:
        """Sketches, and the divergence of their conditions."""
        generator: StageIGenerator = self.artist.generator
        latent_dim = z.shape[1] - self._settings.architecture.condition_dim
        text = self.artist.text_encoder(words)
        condition, divergence = generator.augment(text, normal(z[:, latent_dim:]))
        features = generator.project(torch.cat([z[:, :latent_dim], condition], dim=1))
        return torch.tanh(generator.paint(generator.enlarge(features))), divergence

    def logits(self, images: Tensor, words: Words) -> Tensor:
        """The judge's opinion."""
        discriminator = self.judge.discriminator
        return discriminator.decide(discriminator.look(images), self.judge.text_encoder(words))

    def update(self) -> None:
        """Make a step of both players."""
        stage = self._settings.stage_one
        real, words = self._source.draw(stage.batch_size, self._torch_rng)
        z = uniform_latents(len(words), self.artist.num_latents, self._torch_rng)
        wrong = spoil(words, self._torch_rng)
        fake = self.images(words, z)[0].detach()
        real_logits = self.logits(real, words)
        loss = relativistic(real_logits, self.logits(fake, words))
        loss = loss + stage.wrong_weight * relativistic(real_logits, self.logits(real, wrong))
        if self._step % stage.penalty_every_steps == 0:
            loss = loss + stage.penalty_every_steps * stage.gamma * self._penalty(real, fake, words)
        self._judge_adam.zero_grad()
        torch.autograd.backward(loss)
        self._judge_adam.step()
        fake, divergence = self.images(words, z)
        logits = self.logits(fake, words)
        loss = relativistic(logits, self.logits(real, words))
        self._artist_adam.zero_grad()
        torch.autograd.backward(loss + stage.divergence_weight * divergence)
        self._artist_adam.step()
        self._follow(stage.average_decay)
        self._step += 1

    def _penalty(self, real: Tensor, fake: Tensor, words: Words) -> Tensor:
        num = math.ceil(self._settings.stage_one.penalty_share * len(real))
        total = torch.zeros(())
        for images in (real[:num], fake[:num]):
            looked_at = images.clone().requires_grad_()
            logits = self.logits(looked_at, words[:num])
            total = total + zero_centred(input_gradients(logits, looked_at))
        return total

    @torch.no_grad()
    def _follow(self, decay: float) -> None:
        pairs = zip(self._average.parameters(), self.artist.parameters(), strict=True)
        for average, weight in pairs:
            average.mul_(decay).add_(weight, alpha=1.0 - decay)


class PlainUpConvolution(nn.Module):
    """The weights of an ``UpConvolution``, used in two steps; shapes are the same."""

    def __init__(self, layer: UpConvolution) -> None:
        super().__init__()
        self.weight, self.bias = layer.weight, layer.bias

    def forward(self, features: Tensor) -> Tensor:
        """See the class."""
        large = F.interpolate(features, scale_factor=2, mode="nearest")
        return F.conv2d(large, self.weight, self.bias, padding=1)
