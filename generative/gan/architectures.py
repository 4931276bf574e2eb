"""The networks that play a game against each other, by the name that the command line knows."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from etude.generative.gan.biggan import (
    BigGANDiscriminator,
    BigGANGenerator,
    with_spectral_norms,
)
from etude.generative.gan.biggan_sampling import (
    OrthogonalRegularisation,
    finished,
    sample_truncated,
)
from etude.generative.gan.dcgan import DCGANDiscriminator, DCGANGenerator
from etude.generative.gan.gan_training import Regulariser
from etude.generative.gan.mlp import MLPDiscriminator, MLPGenerator
from etude.generative.gan.objectives import OBJECTIVES
from etude.generative.gan.settings import Architecture, GANSettings
from etude.generative.gan.stylegan import GROUP_SIZE, StyleGANDiscriminator, StyleGANGenerator
from etude.generative.gan.stylegan_training import PATH_LENGTH_SHARE, PathLength

Shape = Sequence[int]  # of a sample


def as_it_was_built(
    generator: nn.Module, settings: GANSettings, torch_rng: torch.Generator
) -> list[Regulariser]:
    """A generator that learns by the game alone."""
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
        group_size: how many samples, one after the other, the discriminator looks at together.
        prepare: readies a generator for training, where random numbers of its own come from the
            lesson's; returns what it pays besides.
        finished: a trained generator, made ready for use.
        truncated: samples with less variety and more fidelity, of a generator, the amount, latents,
            and labels if it is conditional; None if it cannot.
    """

    generator: Callable[..., nn.Module]
    arguments: Callable[[Shape, int, GANSettings], dict[str, Any]]
    discriminator: Callable[[Shape, int, GANSettings], nn.Module]
    is_conditional: bool = False
    group_size: int = 1
    prepare: Callable[[nn.Module, GANSettings, torch.Generator], list[Regulariser]] = (
        as_it_was_built
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


def _stylegan_arguments(shape: Shape, num_classes: int, settings: GANSettings) -> dict[str, Any]:
    return _image_arguments(shape, num_classes, settings) | {
        "depth": settings.generator_depth,
        "style_mixing": settings.style_mixing,
    }


def _stylegan_discriminator(shape: Shape, num_classes: int, settings: GANSettings) -> nn.Module:
    channels, size, _ = shape
    return StyleGANDiscriminator(size, channels, settings.discriminator_width)


def _prepare_stylegan(
    generator: nn.Module, settings: GANSettings, torch_rng: torch.Generator
) -> list[Regulariser]:
    assert isinstance(generator, StyleGANGenerator)
    generator.noise_rng = torch_rng
    if not settings.path_length_weight:
        return []
    num_samples = math.ceil(PATH_LENGTH_SHARE * settings.batch_size / settings.num_parts)
    return [PathLength(generator, num_samples, settings.path_length_weight, torch_rng)]


def _truncated_stylegan(
    generator: nn.Module, psi: float, z: Float[Tensor, "n latent_dim"]
) -> Float[Tensor, "n c h w"]:
    images: Tensor = generator(z, psi)
    return images


def _biggan_arguments(shape: Shape, num_classes: int, settings: GANSettings) -> dict[str, Any]:
    return _image_arguments(shape, num_classes, settings) | {"num_classes": num_classes}


def _biggan_discriminator(shape: Shape, num_classes: int, settings: GANSettings) -> nn.Module:
    channels, size, _ = shape
    discriminator = BigGANDiscriminator(size, channels, num_classes, settings.discriminator_width)
    if OBJECTIVES[settings.objective].spectral_norm:
        return with_spectral_norms(discriminator)
    return discriminator


def _prepare_biggan(
    generator: nn.Module, settings: GANSettings, torch_rng: torch.Generator
) -> list[Regulariser]:
    assert isinstance(generator, BigGANGenerator)
    if OBJECTIVES[settings.objective].spectral_norm:
        with_spectral_norms(generator)
    if not settings.orthogonal_weight:
        return []
    return [OrthogonalRegularisation(generator, settings.orthogonal_weight)]


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
        "stylegan": Players(
            generator=StyleGANGenerator,
            arguments=_stylegan_arguments,
            discriminator=_stylegan_discriminator,
            group_size=GROUP_SIZE,
            prepare=_prepare_stylegan,
            truncated=_truncated_stylegan,
        ),
        "biggan": Players(
            generator=BigGANGenerator,
            arguments=_biggan_arguments,
            discriminator=_biggan_discriminator,
            is_conditional=True,
            prepare=_prepare_biggan,
            finished=finished,
            truncated=sample_truncated,
        ),
    }
)
