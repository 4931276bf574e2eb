"""Pictures of generated digits in docs: ``python -m etude.benchmarks.gan_image_pictures``.

All are of the models that come along, so anybody makes the same pictures again.
"""

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Final

import torch
import tyro
from jaxtyping import Float
from matplotlib import rc_context
from matplotlib.figure import Figure
from PIL import Image
from rich.console import Console
from torch import Tensor

from etude.benchmarks.gan_images import SHIPPED, measure_truncation
from etude.benchmarks.picture_rows import Captioned, picture_rows
from etude.benchmarks.plots import COLOURS, DOTS_PER_INCH, LIMIT_LINE, LOOK, PLOT_HEIGHT, WIDTH
from etude.benchmarks.results import Result
from etude.foundations.files import replacing
from etude.generative.gan.adversarial import uniform_latents
from etude.generative.gan.digits_grade import nearest_neighbours
from etude.generative.gan.generator_file import TrainedGenerator, open_generator
from etude.generative.gan.shipped import find_generator
from etude.generative.gan.stacked_digits import NUM_DIGITS, digits
from etude.generative.images import side_by_side, to_uint8

RGB = Float[Tensor, "1 3 h w"]
SEED: Final = 0
NUM_COLUMNS: Final = 14  # digits of a class
NUM_NEIGHBOURS: Final = 5
FACTOR: Final = 4  # pixels a side for each of a digit
PANELS: Final = (("half_precision", "precision"), ("half_recall", "recall"))
STYLEGAN: Final = "stylegan-digits"


def gan_image_pictures(*, out: Path = Path("docs/pictures")) -> None:
    """Draw the pictures and save them; a minute.

    Args:
        out: the folder, made if it does not exist.

    Raises:
        OSError: the folder cannot be written.
        ImportError: the digits need scikit-learn.
    """
    out.mkdir(parents=True, exist_ok=True)
    console = Console(highlight=False)
    for name, make in PICTURES.items():
        with console.status(f"drawing {name}"):
            picture = make()
        with replacing(out / name) as partial:
            partial.write_bytes(picture)
        console.print(f"{out / name}: {len(picture) / 1000:.0f} kB")


def classes() -> bytes:
    """Real digits and samples, a row for each class."""
    images, labels = digits()
    real = torch.cat([images[labels == digit][:NUM_COLUMNS] for digit in range(NUM_DIGITS)])
    made = in_classes(open_generator(find_generator(SHIPPED)), NUM_COLUMNS)
    shown = [
        Captioned(sheet(real, NUM_COLUMNS), "digits that people wrote"),
        Captioned(sheet(made, NUM_COLUMNS), "digits that BigGAN made"),
    ]
    return png(picture_rows([shown], shown[0].image.shape[-2]))


def neighbours() -> bytes:
    """Samples, and the digits that are most like each, below it."""
    shown = []
    for caption, name in (("BigGAN", SHIPPED), ("StyleGAN2", STYLEGAN)):
        made = in_classes(open_generator(find_generator(name)), 1)
        rows = nearest_neighbours(made, NUM_NEIGHBOURS).rows  # (10, k)
        nearest = digits().images[rows.T.flatten()]  # the nearest of all, then the second, ...
        gap = torch.ones(len(made), 1, 8, 8)
        picture = sheet(torch.cat((made, gap, nearest)), len(made))
        shown.append(Captioned(picture, f"{caption}, and the nearest real digits"))
    return png(picture_rows([shown], shown[0].image.shape[-2]))


def truncation() -> bytes:
    """What truncation does to precision, recall and the Frechet distance."""
    return truncation_curves(list(measure_truncation()))


@rc_context(LOOK)
def truncation_curves(found: Sequence[Result]) -> bytes:
    """A PNG file: fidelity and variety on the left, the distance on the right.

    Args:
        found: of ``measure_truncation``.
    """
    thresholds = list(dict.fromkeys(result.config["threshold"] for result in found))

    def means(name: str) -> list[float]:
        return [
            sum(values) / len(values)
            for threshold in thresholds
            if (values := [r.metrics[name] for r in found if r.config["threshold"] == threshold])
        ]

    figure = Figure(figsize=(WIDTH, PLOT_HEIGHT))
    left, right = figure.subplots(1, 2)
    places = range(len(thresholds))
    for (metric, label), colour in zip(PANELS, COLOURS, strict=False):
        real = found[0].metrics[f"real_{metric}"]
        left.plot(places, means(metric), color=colour, marker="o", markersize=4, label=label)
        left.axhline(real, color=colour, linestyle=":", linewidth=1)
    left.plot([], [], color=LIMIT_LINE["color"], linestyle=":", linewidth=1, label="of real digits")
    left.set(title="fidelity and variety", ylim=(0.0, 1.02))
    right.plot(places, means("half_frechet"), color=COLOURS[2], marker="o", markersize=4)
    right.axhline(found[0].metrics["real_half_frechet"], label="of real digits", **LIMIT_LINE)
    right.set(title="Frechet distance", ylim=(0.0, None))
    names = ["all"] + [f"{threshold:g}" for threshold in thresholds if threshold is not None]
    for axes in (left, right):
        axes.set_xticks(places, names)
        axes.set_xlabel("threshold of the noise")
        axes.legend()
    file = BytesIO()
    figure.savefig(file, format="png", dpi=DOTS_PER_INCH)
    return file.getvalue()


PICTURES: Final[Mapping[str, Callable[[], bytes]]] = {
    "biggan-digits.png": classes,
    "biggan-truncation.png": truncation,
    "gan-images-neighbours.png": neighbours,
}


def in_classes(generator: TrainedGenerator, num_each: int) -> Float[Tensor, "n 1 8 8"]:
    """So many samples of each class in turn, or ten times as many of a generator without any."""
    z = uniform_latents(
        NUM_DIGITS * num_each, generator.latent_dim, torch.Generator().manual_seed(SEED)
    )
    labels = torch.arange(NUM_DIGITS).repeat_interleave(num_each)
    return generator(z, labels if generator.num_classes else None)


def sheet(images: Float[Tensor, "n 1 8 8"], num_columns: int) -> RGB:
    """Images in [-1, 1] in rows, each pixel a square."""
    large = images.repeat_interleave(FACTOR, dim=2).repeat_interleave(FACTOR, dim=3)
    shown = large.clamp(-1.0, 1.0) / 2.0 + 0.5
    return side_by_side(shown, num_columns, FACTOR // 2)


def png(image: RGB) -> bytes:
    """A PNG file."""
    file = BytesIO()
    Image.fromarray(to_uint8(image)).save(file, "PNG", optimize=True)
    return file.getvalue()


if __name__ == "__main__":
    tyro.cli(gan_image_pictures)
