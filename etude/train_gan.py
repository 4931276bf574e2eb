"""Training generators on the command line: ``etude train gan``."""

from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Final

import torch
import tyro
from rich.console import Console

from etude import __version__
from etude.devices import Device, find_device
from etude.gan_view import GeneratorView
from etude.generative.gan.generator_file import save_generator
from etude.generative.gan.objectives import PenaltyName
from etude.generative.gan.recipes import Preset, recipe
from etude.generative.gan.settings import (
    Architecture,
    Augmentation,
    GANSettings,
    ObjectiveName,
    Precision,
)
from etude.generative.gan.task import Pictures, make_lesson, open_task, trained_generator
from etude.grade_generator import as_dict, grade_of, print_grade
from etude.output import Outcome
from etude.run_folder import claim
from etude.training_film import TrainingFilm
from etude.training_run import train_in_folder

NUM_FRAMES: Final = 40  # of the animation of a run


@dataclass(frozen=True, kw_only=True)
class Method:
    """How data are learned; the best known way if left out."""

    architecture: Architecture | None = None
    """Which networks play."""
    objective: ObjectiveName | None = None
    """What is minimised: a game with a discriminator (relativistic, non-saturating, minimax,
    least-squares, wasserstein, hinge), or a distance to the data (mmd, energy,
    sliced-wasserstein)."""
    preset: Preset = "best"
    """fast takes half of the time and less."""


@dataclass(frozen=True, kw_only=True)
class Overrides:
    """What is to differ from the best known settings for the data; None where nothing is."""

    steps: int | None = None
    """Updates of the generator."""
    batch_size: int | None = None
    """Samples in each."""
    num_parts: int | None = None
    """Parts that a batch goes through the networks in, to save memory."""
    discriminator_steps: int | None = None
    """Updates of the discriminator before each of the generator's."""
    penalty: PenaltyName | None = None
    """What the discriminator pays for its gradients."""
    gamma: float | None = None
    """Weight of the zero-centred penalty at first."""
    final_gamma: float | None = None
    """Its weight in the end."""
    learning_rate: float | None = None
    """Of Adam, at first."""
    average_decay: float | None = None
    """Of the average of the generator's weights, which is what is kept."""
    latent_dim: int | None = None
    """How many uniform numbers become a sample."""
    generator_width: int | None = None
    """Channels, see each network; the papers' sizes are 64 (stylegan at 1024 pixels, with a latent
    dim of 512), 96 (biggan at 128) and 128 (dcgan at 64)."""
    generator_depth: int | None = None
    """Hidden layers of mlp, or from z to w of stylegan, 8 in the paper."""
    discriminator_width: int | None = None
    """As above."""
    augmentation: Augmentation | None = None
    """What happens to all that the discriminator sees, where data are few."""
    path_length_weight: float | None = None
    """Of stylegan; the paper's is 2."""
    style_mixing: float | None = None
    """Share of stylegan's samples; the paper's is 0.9."""
    orthogonal_weight: float | None = None
    """Of biggan; the paper's is 1e-4."""
    precision: Precision | None = None
    """auto is bfloat16 on a GPU that has it, float32 elsewhere."""

    def of(self, settings: GANSettings) -> GANSettings:
        """The settings with what is given here.

        Raises:
            ValueError: a number out of its range.
        """
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return replace(
            settings, **{name: value for name, value in given.items() if value is not None}
        )


@dataclass(frozen=True, kw_only=True)
class Output:
    """Where everything goes, and what is seen of it.

    Raises:
        ValueError: pictures every 0 steps.
    """

    out: Path | None = None
    """A folder for everything that is made; one in runs/gan, named after what is learned and how,
    if left out."""
    every: int | None = None
    """Steps from one picture to the next; a fortieth of all if left out."""
    window: bool = False
    """Show the pictures in a window as they come."""

    def __post_init__(self) -> None:
        if self.every is not None and self.every < 1:
            raise ValueError(f"every is at least 1 step, got {self.every}; leave it out if unsure.")


def train_gan(
    *,
    data: str = "grid25",
    method: Annotated[Method, tyro.conf.arg(name="")] = Method(),
    seed: int = 0,
    device: Device = "auto",
    pictures: Annotated[Pictures, tyro.conf.arg(name="")] = Pictures(),  # noqa: B008
    output: Annotated[Output, tyro.conf.arg(name="")] = Output(),
    overrides: Annotated[Overrides, tyro.conf.arg(name="")] = Overrides(),
) -> Outcome:
    """Train a generator: uniform noise in, samples like the data out.

    Ctrl-C ends the training and keeps everything; the same command goes on where it ended, and
    comes to the same generator as if it had not. The folder has `generator.safetensors`, which
    `etude sample` and `etude grade` take, `film.gif`, how the samples became the data, from the
    pictures in `frames`, and `steps.jsonl`, the losses. In pictures of points the background is the
    discriminator: orange where it finds data.

    Args:
        data: ring8, grid25, spiral, moons, checkerboard; digits, stacked-digits, faces; or a folder
            of pictures, or of CIFAR-10's binary files.
        method: how it is learned.
        seed: of the weights, the noise and the order of the data.
        device: where to train; auto is a GPU if there is one.
        pictures: what becomes of those from a folder.
        output: where everything goes.
        overrides: what is to differ from the best known settings.

    Returns:
        The generator's file, and its grade.

    Raises:
        ValueError: unknown data, pictures that do not fit together, another run in the folder, or a
            setting out of its range.
        FloatingPointError: the training diverged; the last checkpoint is kept.
        ImportError: the data need a package that is not installed.
        OSError: the folder cannot be written.
    """
    task = open_task(data, pictures)
    settings = recipe(task.kind, method.objective, method.preset, method.architecture)
    settings = overrides.of(replace(settings, seed=seed))
    folder = output.out or Path("runs/gan") / default_name(data, settings)
    run = {
        "made_by": f"etude train gan {__version__}",
        "data": data,
        "pictures": asdict(pictures),
        "settings": asdict(settings),
    }
    claim(folder, run)
    if task.is_small:
        torch.set_num_threads(1)
    lesson = make_lesson(task, settings, find_device(device))
    console = Console(highlight=False)
    view = GeneratorView(task, lesson, settings)
    every = output.every or max(settings.steps // NUM_FRAMES, 1)
    title = f"Etude: {data}, {settings.objective}" if output.window else None
    with TrainingFilm(folder / "frames", view.paint, every, title) as film:
        train_in_folder(lesson, settings.steps, folder, run, film)
    film.write(folder / "film.gif")
    path = folder / "generator.safetensors"
    trained = trained_generator(task, lesson, settings, run)
    save_generator(path, trained)
    console.print(f"film: {folder / 'film.gif'}", soft_wrap=True)
    console.print(f"generator: {path}", soft_wrap=True)
    comparison = grade_of(trained, task)
    print_grade(console, path.name, comparison)
    return {"generator": path, "data": data, "film": folder / "film.gif"} | as_dict(comparison)


def default_name(data: str, settings: GANSettings) -> str:
    """Of a folder: what is learned, by which networks (but for the plainest), and how."""
    by = () if settings.architecture == "mlp" else (settings.architecture,)
    return "-".join((Path(data).name, *by, settings.objective))
