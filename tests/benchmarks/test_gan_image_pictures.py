"""Pictures of generated digits: what is where on a sheet, and the curves of truncation."""

from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image

from etude.benchmarks import gan_image_pictures as pictures
from etude.benchmarks.plots import DOTS_PER_INCH, WIDTH
from etude.benchmarks.results import Result
from etude.generative.gan.biggan import BigGANGenerator
from etude.generative.gan.generator_file import TrainedGenerator
from etude.generative.gan.stacked_digits import DIGITS

pytest.importorskip("sklearn")


def generator() -> TrainedGenerator:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = BigGANGenerator(4, 8, 1, 10, 4, 6).eval()
    return TrainedGenerator(
        architecture="biggan",
        arguments={},
        network=network,
        latent_dim=4,
        data=DIGITS,
        num_classes=10,
    )


def result(threshold: float | None, seed: int, value: float) -> Result:
    names = ("half_precision", "half_recall", "half_frechet")
    metrics = dict.fromkeys(names, value) | {f"real_{name}": 0.5 for name in names}
    return Result(
        suite="gan_images",
        task="truncation",
        method=str(threshold),
        seed=seed,
        metrics=metrics,
        seconds=0.0,
        config={"threshold": threshold},
    )


def test_pixels_of_a_sheet_are_squares_row_by_row() -> None:
    images = torch.linspace(-1.0, 1.0, 6).reshape(6, 1, 1, 1).expand(6, 1, 8, 8)
    found = pictures.sheet(images, 3)[0]
    side = 8 * pictures.FACTOR
    gap = pictures.FACTOR // 2
    assert found.shape == (3, 2 * side + 3 * gap, 3 * side + 4 * gap)
    assert found[:, :gap].eq(1.0).all()
    for number in range(6):
        row, column = divmod(number, 3)
        tile = found[:, gap + row * (side + gap) :, gap + column * (side + gap) :]
        torch.testing.assert_close(tile[:, :side, :side], torch.full((3, side, side), number / 5.0))


def test_samples_come_class_by_class() -> None:
    trained = generator()
    made = pictures.in_classes(trained, 3)
    assert made.shape == (30, 1, 8, 8)
    z = 2.0 * torch.rand(30, 4, generator=torch.Generator().manual_seed(pictures.SEED)) - 1.0
    torch.testing.assert_close(made[6:9], trained(z[6:9], torch.tensor([2, 2, 2])))


@pytest.mark.parametrize("name", ["biggan-digits.png", "gan-images-neighbours.png"])
def test_pictures_are_drawn(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "open_generator", lambda path: generator())
    drawn = np.asarray(Image.open(BytesIO(pictures.PICTURES[name]())))
    assert drawn.shape[2] == 3
    assert drawn.min() < 50
    half = drawn.shape[1] // 2
    assert (drawn[:, :half] != drawn[:, -half:]).any()


def test_curves_are_means_over_seeds() -> None:
    thresholds = (None, 1.0, 0.5)
    values = {None: 0.9, 1.0: 0.6, 0.5: 0.3}
    same = [result(t, seed, values[t]) for t in thresholds for seed in range(2)]
    spread = [result(t, s, values[t] + 0.1 - 0.2 * s) for t in thresholds for s in range(2)]
    drawn = pictures.truncation_curves(same)
    assert Image.open(BytesIO(drawn)).width == round(WIDTH * DOTS_PER_INCH)
    assert pictures.truncation_curves(spread) == drawn
    assert pictures.truncation_curves([result(t, 0, 0.2) for t in thresholds]) != drawn
