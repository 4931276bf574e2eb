"""What a generator may learn: points, stacked digits, folders of images; and networks that fit."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import torch
from torch import nn

from etude.foundations.names import check_name
from etude.generative.gan.dcgan import DCGANDiscriminator
from etude.generative.gan.gan_training import AdversarialLesson, Lesson, MatchingLesson
from etude.generative.gan.generator_file import ARCHITECTURES, TrainedGenerator
from etude.generative.gan.image_folder import ImageFolder
from etude.generative.gan.mlp import MLPDiscriminator
from etude.generative.gan.objectives import OBJECTIVES
from etude.generative.gan.settings import GANSettings
from etude.generative.gan.source import Rows, Source
from etude.generative.gan.stacked_digits import STACKED_DIGITS, StackedDigits
from etude.generative.gan.toy import TOY, Distribution

NAMES: Final = (*TOY, STACKED_DIGITS)
NUM_POINTS: Final = 100_000  # of a toy distribution to learn from, as many as PacGAN's
POINTS_SEED: Final = 0  # all runs learn from the same ones


@dataclass(frozen=True, kw_only=True)
class Task:
    """Data to learn from.

    Args:
        name: one of ``NAMES``, or a folder.
        source: samples, around 0 and about 1 wide.
        mean: of the data before they were standardised.
        scale: by which they were divided.
    """

    name: str
    source: Source
    mean: tuple[float, ...] = (0.0,)
    scale: float = 1.0

    @property
    def is_of_points(self) -> bool:
        """Whether samples are points in the plane."""
        return self.name in TOY

    @property
    def is_of_pictures(self) -> bool:
        """Whether they are pictures from a folder."""
        return self.name not in NAMES


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """What becomes of pictures from a folder."""

    image_size: int | None = None
    """Pixels a side: 16, 32, 64 or 128; the largest up to 64 that they fill if left out."""
    channels: Literal[1, 3] | None = None
    """1 for grey, 3 for colour, to which all are converted; what they are if left out."""
    crop: bool = False
    """Take pictures of any shape: scale the shorter side, and cut out the middle."""
    mirror: bool = False
    """Flip half of them from left to right."""


def open_task(name: str, pictures: Pictures = Pictures()) -> Task:
    """The data of that name.

    Args:
        name: one of ``NAMES``, or a folder of pictures.
        pictures: what becomes of these.

    Raises:
        ValueError: neither a name nor a folder, or one whose pictures do not fit together.
        ImportError: stacked digits need scikit-learn.
    """
    if name in TOY:
        return points_task(TOY[name])
    if name == STACKED_DIGITS:
        return Task(name=name, source=StackedDigits())
    if Path(name).is_dir():
        folder = ImageFolder(
            Path(name),
            pictures.image_size,
            channels=pictures.channels,
            crop=pictures.crop,
            mirror=pictures.mirror,
        )
        return Task(name=name, source=folder)
    check_name("what a generator learns that is no folder", name, NAMES)
    raise AssertionError("every name has its data")


def points_task(distribution: Distribution) -> Task:
    """Points, standardised by their own mean and deviation."""
    torch_rng = torch.Generator().manual_seed(POINTS_SEED)
    points = distribution.sample(NUM_POINTS, torch_rng)
    mean = points.mean(dim=0)
    scale = (points - mean).square().mean().sqrt()
    return Task(
        name=distribution.name,
        source=Rows((points - mean) / scale),
        mean=tuple(mean.tolist()),
        scale=scale.item(),
    )


def make_lesson(task: Task, settings: GANSettings, device: torch.device) -> Lesson:
    """Networks with seeded weights that learn the data."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        generator = ARCHITECTURES[architecture(task)](**arguments(task, settings)).to(device)
        if not settings.is_adversarial:
            return MatchingLesson(generator, task.source, settings)
        discriminator = make_discriminator(task, settings).to(device)
    return AdversarialLesson(generator, discriminator, task.source, settings)


def trained_generator(
    task: Task, lesson: Lesson, settings: GANSettings, notes: Mapping[str, Any]
) -> TrainedGenerator:
    """The average of a lesson's generator, with what is needed to use it."""
    return TrainedGenerator(
        architecture=architecture(task),
        arguments=arguments(task, settings),
        network=lesson.average,
        latent_dim=settings.latent_dim,
        data=task.name,
        mean=task.mean,
        scale=task.scale,
        notes=notes,
    )


def architecture(task: Task) -> str:
    """Which of ``ARCHITECTURES`` fits."""
    return "dcgan" if task.is_of_pictures else "mlp"


def arguments(task: Task, settings: GANSettings) -> dict[str, Any]:
    """Those of the generator's constructor."""
    if task.is_of_pictures:
        channels, size, _ = task.source.shape
        return {
            "latent_dim": settings.latent_dim,
            "size": size,
            "channels": channels,
            "width": settings.generator_width,
        }
    return {
        "latent_dim": settings.latent_dim,
        "shape": list(task.source.shape),
        "width": settings.generator_width,
        "depth": settings.generator_depth,
        "num_digits": settings.num_digits,
        "is_bounded": task.name == STACKED_DIGITS,
    }


def make_discriminator(task: Task, settings: GANSettings) -> nn.Module:
    """The other player, from torch's global random numbers."""
    spectral_norm = OBJECTIVES[settings.objective].spectral_norm
    if task.is_of_pictures:
        channels, size, _ = task.source.shape
        return DCGANDiscriminator(
            size, channels, settings.discriminator_width, spectral_norm=spectral_norm
        )
    return MLPDiscriminator(
        task.source.shape,
        settings.discriminator_width,
        settings.discriminator_depth,
        settings.num_waves,
        spectral_norm=spectral_norm,
    )
