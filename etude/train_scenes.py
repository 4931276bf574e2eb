"""Training a StackGAN on captioned scenes on the command line: ``etude train scenes``."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Final

import torch
import tyro
from rich.console import Console
from rich.table import Table

from etude import __version__
from etude.benchmarks.tables import precise
from etude.envs.pygame_window import Frame
from etude.generative.gan.adversarial import uniform_latents
from etude.generative.gan.captioned_scenes import CaptionedScenes
from etude.generative.gan.scene_checker import KINDS, grade_scenes
from etude.generative.gan.stackgan import enlarged
from etude.generative.gan.stackgan_file import TrainedStackGAN, save_stackgan
from etude.generative.gan.stackgan_training import (
    StackGANSettings,
    StageLesson,
    first_stage,
    second_stage,
    sketcher_of,
    trained_stackgan,
)
from etude.output import Outcome
from etude.run_folder import claim
from etude.sample_pictures import sheet
from etude.training_film import TrainingFilm
from etude.training_run import train_in_folder

NUM_FRAMES: Final = 40  # of the animation of a stage
SHOWN: Final = {"train": 48, "held_out": 16}  # captions of a picture
NUM_GRADED: Final = 1_000  # pictures of a split
SPLIT_NAMES: Final = {"train": "as in training", "held_out": "never seen"}
PICTURE_SEED: Final = 0
GRADE_SEED: Final = 1


@dataclass(frozen=True, kw_only=True)
class Output:
    """Where everything goes, and what is seen of it.

    Raises:
        ValueError: pictures every 0 steps.
    """

    out: Path = Path("runs/gan/scenes")
    """A folder for everything that is made."""
    every: int | None = None
    """Steps from one picture to the next; a fortieth of a stage if left out."""
    window: bool = False
    """Show the pictures in a window as they come."""

    def __post_init__(self) -> None:
        if self.every is not None and self.every < 1:
            raise ValueError(f"every is at least 1 step, got {self.every}; leave it out if unsure.")


def train_scenes(
    *,
    stage_one_steps: int | None = None,
    stage_two_steps: int | None = None,
    seed: int = 0,
    output: Annotated[Output, tyro.conf.arg(name="")] = Output(),
) -> Outcome:
    """Train a StackGAN: captions of two shapes in, pictures out, first small, then larger.

    Ctrl-C ends the training and keeps everything; the same command goes on where it ended, and
    comes to the same networks as if it had not. The folder has `stackgan.safetensors`, which
    `etude sample` takes, and for each stage `film.gif`, how pictures of 64 captions came about (the
    last two rows have things that no training picture shows), and `steps.jsonl`, the losses. At the
    end, an exact checker reads pictures and compares them with their captions.

    Args:
        stage_one_steps: updates of Stage-I, which makes sketches of 16 x 16; what is best known if
            left out.
        stage_two_steps: of Stage-II, which makes pictures of 32 x 32 from them.
        seed: of the weights, the noise and the scenes.
        output: where everything goes.

    Returns:
        The StackGAN's file, and the shares of captions that each stage gets right.

    Raises:
        ValueError: another run in the folder, or a number out of its range.
        FloatingPointError: the training diverged; the last checkpoint is kept.
        OSError: the folder cannot be written.
    """
    settings = settings_of(stage_one_steps, stage_two_steps, seed)
    run = {"made_by": f"etude train scenes {__version__}", "settings": asdict(settings)}
    claim(output.out, run)
    torch.set_num_threads(1)  # networks this small lose more by sharing the work than they gain
    console = Console(highlight=False)
    first = first_stage(settings)
    _run_stage("stage_one", first, settings.stage_one.steps, output, run, console)
    second = second_stage(sketcher_of(first), settings)
    _run_stage("stage_two", second, settings.stage_two.steps, output, run, console)
    trained = trained_stackgan(second, settings, run)
    path = output.out / "stackgan.safetensors"
    save_stackgan(path, trained)
    console.print(f"StackGAN: {path}", soft_wrap=True)
    return {"stackgan": path, "captions_right": print_grade(console, trained)}


def settings_of(
    stage_one_steps: int | None, stage_two_steps: int | None, seed: int
) -> StackGANSettings:
    """The best known settings with what is given here.

    Raises:
        ValueError: a number out of its range.
    """
    best = StackGANSettings(seed=seed)
    given = {"stage_one": stage_one_steps, "stage_two": stage_two_steps}
    stages = {
        name: replace(getattr(best, name), steps=steps)
        for name, steps in given.items()
        if steps is not None
    }
    return replace(best, **stages)


def print_grade(console: Console, trained: TrainedStackGAN) -> dict[str, dict[str, float]]:
    """How many captions each stage gets right: a table for a person.

    Returns:
        The same by split, then by stage.
    """
    right: dict[str, dict[str, float]] = {split: {} for split in SPLIT_NAMES}
    table = Table("captions", "pictures", "all words", *KINDS)
    for split, title in SPLIT_NAMES.items():
        torch_rng = torch.Generator().manual_seed(GRADE_SEED)
        words = CaptionedScenes(split=split).draw_words(NUM_GRADED, torch_rng)
        sketches = trained.draw_words(words, torch.Generator().manual_seed(GRADE_SEED), stage=1)
        pictures = trained.draw_words(words, torch.Generator().manual_seed(GRADE_SEED), stage=2)
        for name, images in (
            ("Stage-I, enlarged", enlarged(sketches, trained.architecture.size)),
            ("Stage-II", pictures),
        ):
            grade = asdict(grade_scenes(images, words))
            shares = (precise(grade[figure]) for figure in ("caption", *KINDS))
            table.add_row(title, name, *shares)
            title = ""
            right[split][name] = float(grade["caption"])
    console.print(table)
    return right


def _run_stage(
    name: str,
    lesson: StageLesson,
    num_steps: int,
    output: Output,
    run: Mapping[str, Any],
    console: Console,
) -> None:
    """Train a stage, or what is left of it, and keep what there is to see."""
    folder = output.out / name
    folder.mkdir(exist_ok=True)
    title = f"Etude: {name.replace('_', ' ')}" if output.window else None
    every = min(output.every or max(num_steps // NUM_FRAMES, 1), num_steps)  # a film has two
    view = ScenesView(lesson)
    with TrainingFilm(folder / "frames", view.paint, every, title) as film:
        train_in_folder(lesson, num_steps, folder, run, film)
    film.write(folder / "film.gif")
    console.print(f"film: {folder / 'film.gif'}", soft_wrap=True)


class ScenesView:
    """How a stage gets on, as pictures of 64 captions, always of the same noise.

    Args:
        lesson: the stage.
    """

    def __init__(self, lesson: StageLesson) -> None:
        self._lesson = lesson
        torch_rng = torch.Generator().manual_seed(PICTURE_SEED)
        captions = [
            CaptionedScenes(split=split).draw_words(number, torch_rng)
            for split, number in SHOWN.items()
        ]
        self._words = torch.cat(captions)
        num_latents = lesson.artist.num_latents
        self._z = uniform_latents(len(self._words), num_latents, torch_rng)

    @torch.no_grad()
    def paint(self, step: int) -> Frame:
        """The stage as it is."""
        return sheet(self._lesson.average(self._words, self._z).images)
