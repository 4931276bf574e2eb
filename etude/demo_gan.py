"""The stop of the demo at which uniform noise becomes a grid of 25 clouds."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import torch

from etude.benchmarks.one_thread import one_thread
from etude.benchmarks.page import Block, Picture
from etude.benchmarks.tables import Table, decimals, number, precise
from etude.gan_view import GeneratorView
from etude.generative.gan.recipes import recipe
from etude.generative.gan.task import make_lesson, open_task, trained_generator
from etude.generative.gan.toy import TOY
from etude.generative.gan.toy_grade import ToyGrade, grade
from etude.generative.training import train
from etude.grade_tables import UNKNOWN
from etude.tour import Tour
from etude.training_film import TrainingFilm
from etude.training_view import Recorders, TrainingBar

DATA: Final = "grid25"
STEPS: Final = 3_000
NUM_FRAMES: Final = 30
NUM_SAMPLES: Final = 20_000


def show_generator(tour: Tour) -> list[Block]:
    """A generator that learns a grid, on film, graded by the density that it should have."""
    words = tour.say(
        "A generator turns uniform random numbers into points, and a discriminator learns to tell "
        "them from the data: 25 small clouds. Both are networks of a few thousand weights. Since "
        "the density of the data is known, every sample can be graded."
    )
    settings = replace(recipe(DATA, "relativistic", "fast"), steps=STEPS, seed=tour.seed)
    task = open_task(DATA)
    lesson = make_lesson(task, settings, torch.device("cpu"))
    view = GeneratorView(task, lesson, settings)
    path = tour.out / "grid.gif"
    film = TrainingFilm(tour.out / "grid", view.paint, STEPS // NUM_FRAMES, None)
    with one_thread(), TrainingBar(STEPS, tour.console) as bar, film:
        train(lesson.update, lesson.parts, STEPS, Recorders(bar, film))
    film.write(path)
    tour.note(f"How noise became the grid: {path}")
    torch_rng = torch.Generator().manual_seed(tour.seed)
    samples = trained_generator(task, lesson, settings, {}).sample(NUM_SAMPLES, torch_rng)
    real = TOY[DATA].sample(NUM_SAMPLES, torch_rng)
    table = toy_table(grade(TOY[DATA], samples), grade(TOY[DATA], real))
    table.print()
    return [
        words,
        Picture(
            source=path,
            alt="A cloud of points that splits into 25 small ones.",
            caption=f"{STEPS:,} steps. Orange: where the discriminator finds data; on the right "
            "all modes on top of each other.",
        ),
        table,
    ]


def toy_table(generator: ToyGrade, real: ToyGrade) -> Table:
    """A generator beside real samples."""
    columns = (generator.as_dict(), real.as_dict())

    def cells(figure: str, form: Callable[[float], str]) -> list[str]:
        found = [column[figure] for column in columns]
        return [UNKNOWN if value is None else form(value) for value in found]

    rows = {
        f"modes of {real.num_modes}": cells("modes", number),
        "high quality": cells("high_quality", precise),
        "reverse KL over the modes": cells("reverse_kl", decimals),
        "width of a mode": cells("width_ratio", decimals),
    }
    return Table(
        caption="The grade of the generator",
        note="High quality: within 3 sigma of a mean. Width: over the true one.",
        heading=("", "generator", "real samples"),
        rows=tuple((name, *texts) for name, texts in rows.items()),
    )
