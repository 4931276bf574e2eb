"""The networks that play a game against each other, by the name that the command line knows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from etude.generative.gan.dcgan import DCGANDiscriminator, DCGANGenerator
from etude.generative.gan.gan_training import Regulariser
from etude.generative.gan.mlp import MLPDiscriminator, MLPGenerator
from etude.generative.gan.objectives import OBJECTIVES
from etude.generative.gan.settings import Architecture, GANSettings

Shape = Sequence[int]  # of a sample


def no_regularisers(
    generator: nn.Module, settings: GANSettings, torch_rng: torch.Generator
) -> list[Regulariser]:
    """A generator that pays for nothing besides."""
    return []


def as_it_is(generator: nn.Module) -> nn.Module:
    """A generator that can be used as training leaves it."""
    return generator


@dataclass(frozen=True, kw_only=True)
class Players:
    """Two networks and what belongs to them.

    Args:
        generator: builds the one, of JSON's values.
        arguments: these values, for samples of a shape, of so many classes (0 if unknown).
        discriminator: builds the other, for the same, from torch's global random numbers.
        is_conditional: whether both are told the class of a sample.
        regularisers: what the generator pays besides.
        finished: a trained generator, made ready for use.
        truncated: samples with less variety and more fidelity, of a generator, the amount, latents,
            and labels if it is conditional; None if it cannot.
    """

    generator: Callable[..., nn.Module]
    arguments: Callable[[Shape, int, GANSettings], dict[str, Any]]
    discriminator: Callable[[Shape, int, GANSettings], nn.Module]
    is_conditional: bool = False
    regularisers: Callable[[nn.Module, GANSettings, torch.Generator], list[Regulariser]] = (
        no_regularisers
    )
    finished: Callable[[nn.Module], nn.Module] = as_it_is
    truncated: Callable[..., Float[Tensor, "n ..."]] | None = None


def _mlp_arguments(shape: Shape, num_classes: int, settings: GANSettings) -> dict[str, Any]:
    return {
        "latent_dim": settings.latent_dim,
        "shape": list(shape),
        "width": settings.generator_width,
        "depth": settings.generator_depth,
        "num_digits": settings.num_digits,
        "is_bounded": len(shape) == 3,  # images
    }


def _mlp_discriminator(shape: Shape, num_classes: int, settings: GANSettings) -> nn.Module:
    return MLPDiscriminator(
        shape,
        settings.discriminator_width,
        settings.discriminator_depth,
        settings.num_waves,
        spectral_norm=OBJECTIVES[settings.objective].spectral_norm,
    )


def _image_arguments(shape: Shape, num_classes: int, settings: GANSettings) -> dict[str, Any]:
    channels, size, _ = shape
    return {
        "latent_dim": settings.latent_dim,
        "size": size,
        "channels": channels,
        "width": settings.generator_width,
    }


def _dcgan_discriminator(shape: Shape, num_classes: int, settings: GANSettings) -> nn.Module:
    channels, size, _ = shape
    return DCGANDiscriminator(
        size,
        channels,
        settings.discriminator_width,
        spectral_norm=OBJECTIVES[settings.objective].spectral_norm,
    )


ARCHITECTURES: Final[Mapping[Architecture, Players]] = MappingProxyType(
    {
        "mlp": Players(
            generator=MLPGenerator,
            arguments=_mlp_arguments,
            discriminator=_mlp_discriminator,
        ),
        "dcgan": Players(
            generator=DCGANGenerator,
            arguments=_image_arguments,
            discriminator=_dcgan_discriminator,
        ),
    }
)
