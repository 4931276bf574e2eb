"""StackGAN's stages behind captions: words and noise in, sketches or pictures out; and their judge.

What they are made of is in ``stackgan``; here a text encoder stands before each, and Stage-II takes
its sketches from a Stage-I that no longer changes.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from etude.generative.gan.captioned_scenes import Words
from etude.generative.gan.stackgan import (
    Drawn,
    StageIDiscriminator,
    StageIGenerator,
    StageIIGenerator,
)
from etude.generative.gan.stackgan_layers import TextEncoder


class StageOne(nn.Module):
    """Captions, (n, 7), and noise in [-1, 1], (n, num_latents), to sketches.

    Attributes:
        num_latents: uniform numbers that a sketch takes.
    """

    def __init__(self, text_encoder: TextEncoder, generator: StageIGenerator) -> None:
        super().__init__()
        self.text_encoder, self.generator = text_encoder, generator
        self.num_latents = generator.num_latents
        self.to(memory_format=torch.channels_last)

    def forward(self, words: Words, z: Float[Tensor, "n num_latents"]) -> Drawn:
        """See the class."""
        drawn: Drawn = self.generator(self.text_encoder(words), z)
        return drawn


class StageTwo(nn.Module):
    """Captions, (n, 7), and noise in [-1, 1], (n, num_latents), to pictures.

    Stage-I and its text encoder are frozen.

    Attributes:
        num_latents: uniform numbers that a picture takes: those of its sketch come first.
    """

    def __init__(self, stage_one: StageOne, generator: StageIIGenerator) -> None:
        super().__init__()
        self.stage_one = stage_one.requires_grad_(False)
        self.generator = generator
        self.num_latents = stage_one.num_latents + generator.num_latents
        self.to(memory_format=torch.channels_last)

    def forward(self, words: Words, z: Float[Tensor, "n num_latents"]) -> Drawn:
        """See the class."""
        first = self.stage_one.num_latents
        sketches = self.stage_one(words, z[:, :first]).images
        text = self.stage_one.text_encoder(words)
        drawn: Drawn = self.generator(text, sketches, z[:, first:])
        return drawn


class MatchingJudge(nn.Module):
    """Images, (n, 3, size, size), and captions, (n, 7), to logits, (n): real, and of that caption?

    Its text encoder is its own, learned from the captions that fit and those that do not.
    """

    def __init__(self, text_encoder: TextEncoder, discriminator: StageIDiscriminator) -> None:
        super().__init__()
        self.text_encoder, self.discriminator = text_encoder, discriminator
        self.to(memory_format=torch.channels_last)

    def forward(self, images: Float[Tensor, "n 3 size size"], words: Words) -> Float[Tensor, " n"]:
        """See the class."""
        return self.decide(self.look(images), words)

    def look(self, images: Float[Tensor, "n 3 size size"]) -> Float[Tensor, "n c 4 4"]:
        """What is seen of images, whatever their captions."""
        features: Tensor = self.discriminator.look(
            images.contiguous(memory_format=torch.channels_last)
        )
        return features

    def decide(self, features: Float[Tensor, "n c 4 4"], words: Words) -> Float[Tensor, " n"]:
        """The logits of images that were looked at."""
        return self.discriminator.decide(features, self.text_encoder(words))


@dataclass(frozen=True, kw_only=True)
class StackGANArchitecture:
    """What both stages are built with; see ``stackgan``."""

    text_dim: int = 112
    """Of the vector of a caption."""
    condition_dim: int = 64
    """Of a condition."""
    latent_dim: int = 16
    """Uniform numbers beside the condition that become a sketch."""
    small_size: int = 16
    """Pixels a side of a sketch."""
    size: int = 32
    """Of a picture."""
    first_width: int = 128
    """Channels of Stage-I at 4 x 4."""
    second_width: int = 32
    """Of Stage-II at the sketch's size."""
    num_blocks: int = 2
    """Residual blocks of Stage-II."""

    def stage_one(self) -> StageOne:
        """Stage-I, from torch's global random numbers."""
        generator = StageIGenerator(
            self.text_dim, self.condition_dim, self.latent_dim, self.first_width, self.small_size
        )
        return StageOne(TextEncoder(self.text_dim), generator)

    def stage_two(self, stage_one: StageOne) -> StageTwo:
        """Stage-II for the sketches of a Stage-I, from torch's global random numbers."""
        generator = StageIIGenerator(
            self.text_dim,
            self.condition_dim,
            self.second_width,
            self.small_size,
            self.size,
            num_blocks=self.num_blocks,
        )
        return StageTwo(stage_one, generator)
