"""The loss of a painting as a picture."""

from io import BytesIO

import numpy as np
from PIL import Image

from etude.benchmarks.loss_curve import loss_curve
from etude.generative.style.gatys import GatysSettings
from etude.generative.style.painting import Step


def history(size: int, evaluations: int) -> list[Step]:
    return [
        Step(size, i, evaluations, 3.0 / (i + 1), 0.1 + 0.01 * i, 0.02 / (i + 1), 0.001)
        for i in range(evaluations)
    ]


def drawn(file: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(file)).convert("RGB"))


def test_each_size_and_each_weight_change_the_picture() -> None:
    settings = GatysSettings()
    one = drawn(loss_curve(history(128, 12), settings, "Painting"))
    two = drawn(loss_curve([*history(128, 12), *history(256, 8)], settings, "Painting"))
    assert one.shape == two.shape
    assert (one != two).any()
    without = GatysSettings(variation_weight=0.0)
    assert (drawn(loss_curve(history(128, 12), without, "Painting")) != one).any()


def test_a_single_evaluation_is_drawn() -> None:
    assert drawn(loss_curve(history(64, 1), GatysSettings(), "")).std() > 1.0
