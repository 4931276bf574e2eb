"""Features of digits: their shape, and that a lesson changes them."""

from dataclasses import replace

import pytest
import torch

from etude.generative.features.digit_features import (
    SETTINGS,
    STROKES,
    stroke_features,
    stroke_lesson,
    with_border,
)
from etude.generative.gan.stacked_digits import digits

pytest.importorskip("sklearn")


def test_features_are_what_pooling_units_answer() -> None:
    lesson = stroke_lesson(0, replace(SETTINGS, steps=3, batch_size=4))
    images = digits("test").images[:5]
    before = stroke_features(lesson.machine, images)
    side = STROKES.detection_size(with_border(images).shape[-1]) // STROKES.pooling
    assert before.shape == (5, STROKES.filters * side**2)
    for _ in range(3):
        lesson.update()
    after = stroke_features(lesson.machine, images)
    assert after.min() >= 0.0
    assert after.max() <= 1.0
    assert not after.equal(before)


def test_a_border_is_black() -> None:
    framed = with_border(torch.ones(1, 1, 8, 8))
    assert framed.sum() == 64.0
    assert framed[..., 4:12, 4:12].min() == 1.0
