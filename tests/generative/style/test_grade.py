"""The grade of a painting: its scale, closed forms, and an order that an eye would agree with."""

from dataclasses import fields

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import avg_pool2d, pad

from etude.generative.data import available_photos, style_image
from etude.generative.images import load_image, resize_to
from etude.generative.metrics import content_distance, style_distance
from etude.generative.style.encoders import (
    LAYER_WEIGHTS,
    EncoderChoice,
    Judge,
    held_out_encoder,
    open_encoder,
)
from etude.generative.style.gatys import GatysSettings, stylize
from etude.generative.style.grade import TransferGrade, TransferGrader, grade_transfer
from etude.generative.style.losses import Style
from etude.generative.style.tiny_encoder import TinyEncoder

TINY = Judge(TinyEncoder(), LAYER_WEIGHTS["tiny"])


def random_image(height: int, width: int, seed: int = 0) -> Tensor:
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(seed))


def test_the_ends_of_the_scale() -> None:
    photo, style = random_image(12, 16), 0.5 * random_image(20, 11, seed=1)
    grader = TransferGrader(photo, style, TINY)
    assert grader(photo) == grader.of_photo
    assert grader.of_photo.content == 0.0
    assert grader.of_photo.content_kept == 1.0
    assert grader.of_photo.style_reached == 0.0
    assert grader.of_photo.similarity == pytest.approx(1.0)
    assert grader.of_style.content_kept == 0.0
    assert grader.of_photo.transfer == grader.of_style.transfer == 1.0
    assert 0.0 < grader.of_style.style < grader.of_photo.style  # scaled, so not quite 0


def test_a_photo_in_its_own_style_is_perfect() -> None:
    photo = random_image(12, 16)
    grade = grade_transfer(photo, photo, photo, TINY)
    assert (grade.content, grade.style, grade.transfer) == (0.0, 0.0, 0.0)
    assert grade_transfer(photo, photo, 1.0 - photo, TINY).transfer == 1.0


def test_the_measures_are_those_of_the_layers() -> None:
    photo, style, painting = (random_image(12, 16, seed) for seed in range(3))
    grader = TransferGrader(photo, style, TINY)
    grade = grader(painting)
    content = content_distance(TINY.encoder, painting, photo, ["conv2"]).item()
    assert grade.content == pytest.approx(content)
    in_style = style_distance(TINY.encoder, painting, style, ["conv1", "conv2"]).item()
    assert grade.style == pytest.approx(in_style)
    assert grade == grade_transfer(photo, style, painting, TINY)
    if grade.content_kept > 0.0:
        kept = 1.0 - content / grader.of_style.content
        assert grade.content_kept == pytest.approx(kept)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**16), share=st.floats(0.0, 1.0))
def test_shares_and_transfer_lie_between_0_and_1(seed: int, share: float) -> None:
    photo, style, noise = (random_image(12, 12, seed + i) for i in range(3))
    grade = grade_transfer(photo, style, share * noise + (1.0 - share) * photo, TINY)
    for number in (grade.content_kept, grade.style_reached, grade.transfer):
        assert 0.0 <= number <= 1.0
    assert all(getattr(grade, field.name) >= 0.0 for field in fields(TransferGrade)[:3])
    assert grade.transfer >= 1.0 - min(grade.content_kept, grade.style_reached)


def test_the_judge_prefers_a_sharp_painting() -> None:
    """To the photo, the style image, another photo, a blurred painting and a double exposure.

    The painting is made with another encoder than the judge's.
    """
    photo = load_image(available_photos()["hopper"], 96)
    style = style_image("brush-strokes", 96)
    opened = open_encoder(EncoderChoice(encoder="efficientnet-lite0"))
    layers = LAYER_WEIGHTS[opened.encoder.name]
    how = GatysSettings(size=96, evaluations=24)
    painting = stylize(photo, [Style(style)], opened.encoder, layers, how).image
    grader = TransferGrader(photo, style, held_out_encoder())
    coffee = resize_to(load_image(available_photos()["coffee"], 96), *photo.shape[-2:])
    grade = grader(painting)
    assert grade.transfer < 0.8
    assert grade.style < 0.5 * grader.of_photo.style
    blurred = avg_pool2d(pad(painting, (2, 2, 2, 2), mode="reflect"), 5, 1)
    stretched = resize_to(style, *photo.shape[-2:])
    for other in (photo, stretched, coffee, blurred, 0.5 * (photo + stretched)):
        assert grade.transfer < grader(other).transfer
    assert grader(coffee).content > 2.0 * grade.content


def test_a_painting_of_another_size() -> None:
    with pytest.raises(ValueError, match="as large as its photo, 16 x 12, got 12 x 16"):
        grade_transfer(random_image(12, 16), random_image(12, 12), random_image(16, 12), TINY)


def test_a_photo_that_is_too_small() -> None:
    with pytest.raises(ValueError, match="at least 11 pixels"):
        TransferGrader(random_image(10, 40), random_image(12, 12), TINY)
