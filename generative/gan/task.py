"""What a generator may learn: points, digits, faces, folders of images; and networks that fit."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import torch

from etude.foundations.names import check_name
from etude.generative.gan.architectures import ARCHITECTURES
from etude.generative.gan.cifar10 import CIFAR10, is_cifar10
from etude.generative.gan.diffaugment import Augmented
from etude.generative.gan.faces import FACES, Faces
from etude.generative.gan.gan_training import AdversarialLesson, Lesson, MatchingLesson
from etude.generative.gan.generator_file import TrainedGenerator
from etude.generative.gan.image_folder import ImageFolder
from etude.generative.gan.settings import GANSettings
from etude.generative.gan.source import (
    LabelledRows,
    LabelledSource,
    Rows,
    Source,
    WithoutLabels,
)
from etude.generative.gan.stacked_digits import DIGITS, STACKED_DIGITS, StackedDigits, digits
from etude.generative.gan.toy import TOY, Distribution

NAMES: Final = (*TOY, STACKED_DIGITS, DIGITS, FACES)
NUM_POINTS: Final = 100_000  # of a toy distribution to learn from, as many as PacGAN's
SMALL: Final = 256  # numbers in a sample
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
    def kind(self) -> str:
        """What ``recipe`` goes by: the name of data that have one, or what a folder holds."""
        if self.name in NAMES:
            return self.name
        return "cifar10" if isinstance(self.source, CIFAR10) else "folder"

    @property
    def is_small(self) -> bool:
        """Whether samples are so small that networks lose more by sharing work than they gain."""
        return math.prod(self.source.shape) <= SMALL

    @property
    def num_classes(self) -> int:
        """Of the samples; 0 if they are unknown."""
        return self.source.num_classes if isinstance(self.source, LabelledSource) else 0


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """What becomes of pictures from a folder."""

    image_size: int | None = None
    """Pixels a side: 16, 32, 64 and so on up to 1,024; the largest up to 64 that they fill if left
    out."""
    channels: Literal[1, 3] | None = None
    """1 for grey, 3 for colour, to which all are converted; what they are if left out."""
    crop: bool = False
    """Take pictures of any shape: scale the shorter side, and cut out the middle."""
    mirror: bool = False
    """Flip half of them from left to right."""


def open_task(name: str, pictures: Pictures = Pictures()) -> Task:
    """The data of that name.

    Args:
        name: one of ``NAMES``, or a folder of pictures or of CIFAR-10's files.
        pictures: what becomes of these.

    Raises:
        ValueError: neither a name nor a folder, or one whose pictures do not fit together.
        ImportError: digits need scikit-learn, faces scikit-image.
    """
    if name in TOY:
        return points_task(TOY[name])
    if name == STACKED_DIGITS:
        return Task(name=name, source=StackedDigits())
    if name == DIGITS:
        return Task(name=name, source=LabelledRows(*digits()))
    if name == FACES:
        return Task(name=name, source=Faces())
    folder = Path(name)
    if is_cifar10(folder):
        return Task(name=name, source=CIFAR10(folder))
    if folder.is_dir():
        pictures_there = ImageFolder(
            folder,
            pictures.image_size,
            channels=pictures.channels,
            crop=pictures.crop,
            mirror=pictures.mirror,
        )
        return Task(name=name, source=pictures_there)
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
    """Networks with seeded weights that learn the data.

    Raises:
        ValueError: the networks do not go with the data.
    """
    players = ARCHITECTURES[settings.architecture]
    _check_fit(task, settings)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        generator = players.generator(**arguments(task, settings)).to(device)
        if not settings.is_adversarial:
            return MatchingLesson(generator, task.source, settings)
        shape, num_classes = task.source.shape, task.num_classes
        discriminator = players.discriminator(shape, num_classes, settings)
    torch_rng = torch.Generator().manual_seed(settings.seed)
    regularisers = players.prepare(generator, settings, torch_rng)
    if settings.augmentation != "none":
        discriminator = Augmented(discriminator, settings.augmentation, torch_rng)
    return AdversarialLesson(
        generator,
        discriminator.to(device),
        task.source if players.is_conditional else WithoutLabels(task.source),
        settings,
        torch_rng,
        regularisers,
    )


def trained_generator(
    task: Task, lesson: Lesson, settings: GANSettings, notes: Mapping[str, Any]
) -> TrainedGenerator:
    """The average of a lesson's generator, with what is needed to use it."""
    players = ARCHITECTURES[settings.architecture]
    return TrainedGenerator(
        architecture=settings.architecture,
        arguments=arguments(task, settings),
        network=players.finished(lesson.average),
        latent_dim=settings.latent_dim,
        data=task.name,
        num_classes=task.num_classes if players.is_conditional else 0,
        mean=task.mean,
        scale=task.scale,
        notes=notes,
    )


def arguments(task: Task, settings: GANSettings) -> dict[str, Any]:
    """Those of the generator's constructor."""
    players = ARCHITECTURES[settings.architecture]
    return players.arguments(task.source.shape, task.num_classes, settings)


def _check_fit(task: Task, settings: GANSettings) -> None:
    name = settings.architecture
    if name != "mlp" and len(task.source.shape) != 3:
        raise ValueError(
            f"convolutional networks make images, got {name} for the points of {task.name}; leave "
            "the architecture out."
        )
    _check_groups(settings)
    if ARCHITECTURES[name].is_conditional:
        if not task.num_classes:
            raise ValueError(
                f"{name} learns from images of known classes, got {task.name}, which has none; "
                "take digits, CIFAR-10, or another architecture."
            )
        if not settings.is_adversarial:
            raise ValueError(
                f"a distance to the data knows no classes, got {settings.objective} for {name}; "
                "take a game, such as hinge."
            )


def _check_groups(settings: GANSettings) -> None:
    """Real and generated samples must not meet in a group that the discriminator looks at."""
    group = ARCHITECTURES[settings.architecture].group_size
    for size in (settings.batch_size, settings.final_batch_size):
        part = size // settings.num_parts
        penalised = math.ceil(settings.penalty_share * part)
        if part % group or penalised % group:
            raise ValueError(
                f"{settings.architecture} judges samples in groups of {group}, got parts of {part} "
                f"with a penalty on {penalised}; choose multiples."
            )
