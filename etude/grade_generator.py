"""The grade of a generator: ``etude grade generator.safetensors``."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from jaxtyping import Float
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from torch import Tensor

from etude.benchmarks.tables import precise
from etude.generative.checkpoints import load_metadata
from etude.generative.feature_extractors import InceptionFeatures, LiteFeatures
from etude.generative.gan import stackgan_file
from etude.generative.gan.cifar10 import CIFAR10
from etude.generative.gan.digits_grade import NUM_SAMPLES as NUM_DIGITS
from etude.generative.gan.digits_grade import DigitsGrade
from etude.generative.gan.faces import Faces
from etude.generative.gan.generator_file import TrainedGenerator, open_generator
from etude.generative.gan.image_folder import ImageFolder
from etude.generative.gan.known_grade import grade_known
from etude.generative.gan.stacked_grade import StackedGrade
from etude.generative.gan.task import Pictures, Task, open_task
from etude.generative.gan.toy import TOY
from etude.generative.gan.toy_grade import grade as grade_points
from etude.generative.sample_metrics import NEIGHBOURS_OF_DENSITY, grade_samples
from etude.grade_tables import UNKNOWN
from etude.output import Outcome

REAL_SEED: Final = 1
ROWS: Final = {  # name of a figure: what it is called, and its best value
    "modes": ("modes", None),
    "high_quality": ("high quality", "98.89 %"),
    "reverse_kl": ("reverse KL over modes", "0"),
    "width_ratio": ("width of a mode", "1"),
    "on_support": ("where data can be", "100 %"),
    "kl": ("KL(samples, data), nats", "0"),
    "confidence": ("confidence of the judge", None),
    "frechet": ("Frechet distance", "0"),
    "kernel": ("kernel distance", "0"),
    "precision": ("precision", None),
    "recall": ("recall", None),
    "density": ("density", None),
    "coverage": ("coverage", None),
    "frechet_to_all": ("Frechet distance to all digits", "0"),
    "accuracy": ("shows the class it was asked for", None),
    "variety": ("variety within a class", "1"),
    "copies": ("nearly a copy", None),
    "cross_entropy": ("cross entropy, nats", None),
    "energy_distance": ("energy distance", "0"),
}
REAL: Final = "real_"
SHARES: Final = (
    *("high_quality", "on_support", "precision", "recall", "coverage", "confidence"),
    *("accuracy", "copies"),
)

Figures = Mapping[str, float | None]


@dataclass(frozen=True)
class Comparison:
    """What was graded, and the same figures of as many real samples."""

    num_samples: int
    generator: Figures
    real: Figures
    judge: str = ""
    """The network whose features were compared, if there was one."""


def grade_generator(path: Path, *, seed: int = 0, inception: Path | None = None) -> Outcome:
    """Grade a generator and print it beside real samples.

    Args:
        path: a file of ``etude train gan``, or of a generator that comes along.
        seed: of the noise.
        inception: weights of Inception-v3, to grade pictures by.

    Returns:
        Its figures and those of real samples.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it holds no generator, the folder that it learned from is gone, or no weights.
    """
    if load_metadata(path).get("format") == stackgan_file.FORMAT:
        raise ValueError(
            f"a generator of captions has no grade here, got {path.name}; `etude bench gan-images "
            "--parts scenes` counts how many it draws right."
        )
    trained = open_generator(path)
    pictures = Pictures(**trained.notes.get("pictures", {}))
    comparison = grade_of(trained, open_task(trained.data, pictures), seed, inception)
    print_grade(Console(highlight=False), path.name, comparison)
    return {"generator": path.name, "data": trained.data} | as_dict(comparison)


def grade_of(
    trained: TrainedGenerator, task: Task, seed: int = 0, inception: Path | None = None
) -> Comparison:
    """The figures of a generator, and of as many real samples.

    Args:
        trained: the generator.
        task: what it learned.
        seed: of the noise.
        inception: weights of Inception-v3, to grade pictures by instead of EfficientNet-Lite1.

    Raises:
        ValueError: the file holds no such weights.
    """
    torch_rng = torch.Generator().manual_seed(seed)
    real_images = _real_images(task)
    if real_images is not None:
        return _grade_pictures(trained, real_images, torch_rng, inception)
    found = grade_known(trained, torch_rng)
    if isinstance(found, DigitsGrade):
        return Comparison(NUM_DIGITS, *_beside_halves(found))
    if isinstance(found, StackedGrade):
        return Comparison(found.num_samples, *_apart(found.as_dict()))
    distribution = TOY[task.name]
    real = distribution.sample(found.num_samples, torch.Generator().manual_seed(REAL_SEED))
    return Comparison(
        found.num_samples, found.as_dict(), grade_points(distribution, real).as_dict()
    )


def _real_images(task: Task) -> Float[Tensor, "n c h w"] | None:
    """All pictures of a task in [0, 1]; None if it is graded by a judge of its own."""
    match task.source:
        case ImageFolder() as folder:
            return folder.pictures.float() / 255.0
        case CIFAR10() as photos:
            return photos.images.float() / 255.0
        case Faces() as faces:
            return faces.images / 2.0 + 0.5
        case _:
            return None


def _beside_halves(found: DigitsGrade) -> tuple[Figures, Figures]:
    """The figures that chance is known of, of samples and of real digits."""
    ours = found.half._asdict() | {
        "frechet_to_all": found.all.frechet,
        "accuracy": found.accuracy,
        "variety": found.variety,
        "copies": found.copies,
    }
    real = {"accuracy": found.real_accuracy, "variety": 1.0, "copies": found.real_copies}
    return ours, found.real_half._asdict() | real


def _grade_pictures(
    trained: TrainedGenerator,
    real: Float[Tensor, "n c h w"],
    torch_rng: torch.Generator,
    inception: Path | None,
) -> Comparison:
    """As many samples as pictures, beside one half of these judged by the other, if they do."""
    extract = LiteFeatures() if inception is None else InceptionFeatures(inception)
    fake = trained.sample(len(real), torch_rng) / 2.0 + 0.5
    is_lite = inception is None  # whose features are far from 1, see ``standardised``
    found = grade_samples(real, fake, extract, standardise_kernel=is_lite).as_dict()
    halves = real[0::2], real[1::2]
    beside: Figures = {}
    if len(halves[1]) > NEIGHBOURS_OF_DENSITY:
        beside = grade_samples(*halves, extract, standardise_kernel=is_lite).as_dict()
    return Comparison(len(real), found, beside, extract.name)


def _apart(figures: Figures) -> tuple[Figures, Figures]:
    """The figures of samples, and those of real ones, whose names begin with "real"."""
    real = {name.removeprefix(REAL): value for name, value in figures.items() if REAL in name}
    ours = {name: value for name, value in figures.items() if REAL not in name}
    return ours, {"num_modes": ours["num_modes"], "modes": ours["num_modes"]} | real


def as_dict(comparison: Comparison) -> dict[str, object]:
    """A comparison as plain values."""
    return {
        "samples": comparison.num_samples,
        "judge": comparison.judge or None,
        "grade": comparison.generator,
        "real": comparison.real,
    }


def print_grade(console: Console, name: str, comparison: Comparison) -> None:
    """The figures of a generator beside those of real samples, for a person."""
    judged = f", judged by {comparison.judge}" if comparison.judge else ""
    console.print(f"[bold]{escape(name)}[/], {comparison.num_samples:,} samples{judged}")
    table = Table("", "best", "generator", "real samples")
    for figure, (title, best) in ROWS.items():
        if comparison.generator.get(figure) is None and comparison.real.get(figure) is None:
            continue
        cells = [_number(figure, grade) for grade in (comparison.generator, comparison.real)]
        table.add_row(title, best or cells[1], *cells)
    console.print(table)


def _number(figure: str, figures: Figures) -> str:
    value = figures.get(figure)
    if value is None:
        return UNKNOWN
    if figure == "modes":
        return f"{value:.0f} of {figures['num_modes']:.0f}"
    return precise(value) if figure in SHARES else f"{value:.4f}"
