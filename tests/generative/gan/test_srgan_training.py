"""Lessons in enlarging: losses by hand, networks that learn, and runs that resume."""

import math
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from etude.generative.data import style_image
from etude.generative.gan.sr_patches import draw_patches
from etude.generative.gan.srgan import SRResNet, bicubic
from etude.generative.gan.srgan_settings import UpscalerSettings
from etude.generative.gan.srgan_training import (
    FEATURE_LAYERS,
    FeatureLoss,
    PixelLesson,
    SRGANLesson,
    UpscalerLesson,
    new_network,
)
from etude.generative.gan.super_resolution import Model
from etude.generative.records import Progress
from etude.generative.style.encoders import LAYER_WEIGHTS
from etude.generative.style.tiny_encoder import TinyEncoder
from etude.generative.training import train

PICTURES = [style_image("cubism", 64), style_image("waves", 64)]
SMALL = UpscalerSettings(
    steps=6, batch_size=2, patch_size=8, width=4, num_blocks=1, discriminator_width=2
)


class Squares:
    """An encoder with one layer, the squares of the pixels, under a name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.layers = ("squares",)

    def __call__(self, images: Tensor) -> dict[str, Tensor]:
        return {"squares": images.square()}


class Losses:
    """A recorder of losses."""

    def __init__(self) -> None:
        self.found: list[dict[str, float]] = []

    def begin(self, step: int) -> None: ...

    def record(self, progress: Progress) -> None:
        self.found.append(progress.losses)


def lesson(model: Model, settings: UpscalerSettings = SMALL) -> UpscalerLesson:
    network = new_network(2, settings)
    if model == "srresnet":
        return PixelLesson(network, PICTURES, settings)
    return SRGANLesson(network, TinyEncoder(), PICTURES, settings)


def test_the_feature_loss_is_the_papers_for_vgg_and_relative_for_others() -> None:
    images, originals = torch.rand(2, 3, 4, 4), torch.rand(2, 3, 4, 4)
    error = (images.square() - originals.square()).square().mean()
    found = FeatureLoss(Squares("vgg19"))(images, originals)
    assert torch.allclose(found, error / 12.75**2)
    relative = FeatureLoss(Squares("other"))(images, originals)
    assert torch.allclose(relative, error / originals.square().var())
    assert FeatureLoss(TinyEncoder())(originals, originals) == 0.0


def test_gradients_of_features_are_those_of_the_images() -> None:
    images, originals = torch.rand(1, 3, 8, 8, requires_grad=True), torch.rand(1, 3, 8, 8)
    originals.requires_grad_()
    torch.autograd.backward(FeatureLoss(TinyEncoder())(images, originals))
    assert images.grad is not None
    assert originals.grad is None


def test_every_encoder_has_layers_to_learn_from() -> None:
    assert set(FEATURE_LAYERS) == set(LAYER_WEIGHTS) - {"efficientnet-lite1"}  # which is held out


def test_a_first_step_reports_the_error_of_interpolation() -> None:
    patches = draw_patches(PICTURES, 2, 8, 2, torch.Generator().manual_seed(SMALL.seed))
    expected = F.l1_loss(bicubic(patches.small, 2), patches.large)
    for model in ("srresnet", "srgan"):
        assert torch.allclose(lesson(model).update()["pixels"], expected)


def test_a_first_adversarial_step_is_undecided() -> None:
    """A discriminator that cannot tell its inputs apart, or hardly, has the loss log 2."""
    losses = lesson("srgan").update()
    assert losses["discriminator"].item() == pytest.approx(math.log(2.0), abs=0.1)
    assert losses["adversarial"].item() == pytest.approx(math.log(2.0), abs=0.1)
    assert set(losses) == {"pixels", "features", "adversarial", "discriminator", "gradient"}


@pytest.mark.parametrize("model", ["srresnet", "srgan"])
def test_a_network_learns(model: Model) -> None:
    settings = UpscalerSettings(
        steps=150,
        batch_size=2,
        patch_size=12,
        width=8,
        num_blocks=1,
        learning_rate=3e-3,
        average_decay=0.9,
        discriminator_width=2,
        feature_weight=10.0,
        adversarial_weight=1e-3,
        pixel_weight=0.0,
    )
    learned = lesson(model, settings)
    for _ in range(150):
        learned.update()
    patches = draw_patches(PICTURES, 16, 12, 2, torch.Generator().manual_seed(9))
    with torch.no_grad():
        made = learned.average(patches.small)
    loss = F.l1_loss if model == "srresnet" else FeatureLoss(TinyEncoder())
    interpolated = loss(bicubic(patches.small, 2), patches.large)
    assert loss(made, patches.large) < 0.97 * interpolated


@pytest.mark.parametrize("model", ["srresnet", "srgan"])
def test_a_run_that_was_left_comes_to_the_same_bits(model: Model, tmp_path: Path) -> None:
    whole, halves = lesson(model), [lesson(model), lesson(model)]
    train(whole.update, whole.parts, 6, Losses())
    for num_steps, half in zip((3, 6), halves, strict=True):
        train(half.update, half.parts, num_steps, Losses(), checkpoint=tmp_path / "run.pt")
    for name, weights in whole.average.state_dict().items():
        assert torch.equal(halves[1].average.state_dict()[name], weights)


@pytest.mark.parametrize("objective", ["non-saturating", "least-squares", "hinge"])
def test_other_objectives_and_the_papers_networks_make_a_step(objective: str) -> None:
    settings = UpscalerSettings(steps=1, batch_size=2, patch_size=8, objective=objective)
    network = SRResNet(2, 4, 1, paper=True)
    losses = SRGANLesson(network, TinyEncoder(), PICTURES, settings).update()
    assert all(loss.isfinite() for loss in losses.values())


def test_pixels_alone_make_the_same_steps_in_both_lessons() -> None:
    settings = UpscalerSettings(
        steps=3,
        batch_size=2,
        patch_size=8,
        learning_rate=1e-3,
        feature_weight=0.0,
        adversarial_weight=0.0,
        pixel_weight=1.0,
        discriminator_width=2,
    )
    plain = PixelLesson(new_network(2, SMALL), PICTURES, settings)
    beside = SRGANLesson(new_network(2, SMALL), TinyEncoder(), PICTURES, settings)
    for _ in range(3):
        plain.update()
        beside.update()
    for name, weights in plain.average.state_dict().items():
        assert torch.allclose(beside.average.state_dict()[name], weights, atol=1e-7)


def test_a_seed_decides_the_weights() -> None:
    one, again = (new_network(4, SMALL).state_dict() for _ in range(2))
    other = new_network(4, UpscalerSettings(width=4, num_blocks=1, seed=1)).state_dict()
    assert all(torch.equal(one[name], weights) for name, weights in again.items())
    assert not torch.equal(one["head.weight"], other["head.weight"])
    paper = new_network(4, UpscalerSettings(paper=True))
    assert (paper.width, paper.num_blocks, paper.is_paper) == (64, 16, True)


def test_the_papers_discriminator_needs_its_patches() -> None:
    settings = UpscalerSettings(paper=True, patch_size=16)
    with pytest.raises(ValueError, match=r"96 x 96 pixels, which are patches of 48, got 16"):
        SRGANLesson(SRResNet(2, 4, 1), TinyEncoder(), PICTURES, settings)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("steps", 0, "steps is at least 1, got 0"),
        ("patch_size", 4, "patch_size is at least 8, got 4"),
        ("seed", -1, "seed is at least 0, got -1"),
        ("pixel_weight", -0.5, "pixel_weight is at least 0.0, got -0.5"),
        ("learning_rate", math.nan, "learning_rate is at least 1e-12, got nan"),
        ("average_decay", 1.0, r"lies in \[0, 1\), got 1.0"),
        ("objective", "hing", "did you mean 'hinge'"),
    ],
)
def test_settings_out_of_range(name: str, value: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        UpscalerSettings(**{name: value})  # type: ignore[arg-type]
