"""What layers keep of a photo: all of it, its style, or what is left when one stops early."""

import pytest
import torch

from etude.generative.data import style_image
from etude.generative.features.inversion import (
    InversionSettings,
    invert_content,
    invert_style,
)
from etude.generative.metrics import structural_similarity
from etude.generative.style.statistics import mean_gram
from etude.generative.style.tiny_encoder import TinyEncoder

PHOTO = style_image("mosaic", 32)


def test_a_layer_that_keeps_everything_gives_the_photo_back() -> None:
    settings = InversionSettings(evaluations=120, roughness=0.0)
    found = invert_content(TinyEncoder(["conv1"]), PHOTO, "conv1", settings)
    assert found.distance < 0.02 * found.at_first
    assert structural_similarity(found.image, PHOTO) > 0.95


def test_a_style_is_reached_without_the_places() -> None:
    encoder = TinyEncoder()
    settings = InversionSettings(evaluations=60)
    style = invert_style(encoder, PHOTO, encoder.layers, settings)
    content = invert_content(encoder, PHOTO, "conv2", settings)
    assert style.distance < 0.05 * style.at_first
    for layer in encoder.layers:
        wanted = mean_gram(encoder(PHOTO)[layer])
        gap = (mean_gram(encoder(style.image)[layer]) - wanted).norm() / wanted.norm()
        assert gap < 0.25
    likeness = {
        name: float(structural_similarity(one.image, PHOTO))
        for name, one in {"style": style, "content": content}.items()
    }
    assert likeness["content"] > likeness["style"] + 0.3


def test_it_stays_a_picture_and_a_seed_repeats_it() -> None:
    steps: list[int] = []
    encoder, settings = TinyEncoder(), InversionSettings(evaluations=5)
    one = invert_content(encoder, PHOTO, "conv2", settings, lambda: steps.append(1))
    assert len(steps) == 5
    assert one.image.shape == PHOTO.shape
    assert one.image.min() >= 0.0
    assert one.image.max() <= 1.0
    assert torch.equal(one.image, invert_content(encoder, PHOTO, "conv2", settings).image)
    other = invert_content(encoder, PHOTO, "conv2", InversionSettings(evaluations=5, seed=1))
    assert not torch.equal(one.image, other.image)


def test_what_users_do_wrong() -> None:
    encoder = TinyEncoder()
    with pytest.raises(ValueError, match="got 'relu4_2'"):
        invert_content(encoder, PHOTO, "relu4_2", InversionSettings())
    with pytest.raises(ValueError, match="at least one layer"):
        invert_style(encoder, PHOTO, [], InversionSettings())
    for wrong in ({"size": 8}, {"evaluations": 0}, {"roughness": -0.1}):
        with pytest.raises(ValueError, match=f"{next(iter(wrong))} is at least"):
            InversionSettings(**wrong)
