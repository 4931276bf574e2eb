"""Differentiable augmentation: what each change may do, that gradients pass, that runs repeat."""

from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from etude.generative.gan.diffaugment import (
    POLICIES,
    Augmented,
    cut_out,
    translate,
    vary_brightness,
    vary_contrast,
    vary_saturation,
)
from etude.generative.gan.objectives import input_gradients, zero_centred

CHANGES = POLICIES["colour-translation-cutout"]


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def noise(n: int = 4, channels: int = 3, h: int = 16, w: int = 16) -> Tensor:
    return 2.0 * torch.rand(n, channels, h, w, generator=rng(7)) - 1.0


class FirstPixel(nn.Module):
    """Sees one pixel of each image, squared, so that penalties have something to differentiate."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))

    def forward(self, images: Tensor, *conditions: Tensor) -> Tensor:
        logits = self.weight * images[:, 0, 4, 4].square()
        return logits + sum(condition.float() for condition in conditions)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("shape", [(4, 1, 8, 8), (3, 3, 16, 32), (1, 3, 5, 7)])
def test_shapes_are_kept_and_samples_change_differently(change, shape) -> None:
    images = torch.rand(shape, generator=rng())
    changed = change(images, rng())
    assert changed.shape == shape
    same = images[:1].expand(64, -1, -1, -1)
    if not (change is vary_saturation and shape[1] == 1):
        assert len(change(same, rng()).flatten(1).unique(dim=0)) > 4


def test_brightness_adds_up_to_half_a_unit() -> None:
    added = vary_brightness(noise(500), rng()) - noise(500)
    torch.testing.assert_close(added.std(dim=(1, 2, 3)), torch.zeros(500))
    assert -0.5 <= added.min() < -0.45 < 0.45 < added.max() <= 0.5


def test_saturation_keeps_the_mean_of_channels_and_grey_images() -> None:
    changed = vary_saturation(noise(), rng())
    torch.testing.assert_close(changed.mean(dim=1), noise().mean(dim=1))
    assert not torch.allclose(changed, noise())
    grey = noise(channels=1)
    torch.testing.assert_close(vary_saturation(grey, rng()), grey)


def test_contrast_keeps_the_mean_and_scales_the_deviation() -> None:
    images = noise(500)
    changed = vary_contrast(images, rng())
    torch.testing.assert_close(changed.mean(dim=(1, 2, 3)), images.mean(dim=(1, 2, 3)))
    scales = changed.std(dim=(1, 2, 3)) / images.std(dim=(1, 2, 3))
    assert 0.5 <= scales.min() < 0.55
    assert 1.45 < scales.max() <= 1.5


@given(st.integers(0, 10_000))
def test_a_translation_moves_the_picture_by_an_eighth_at_most(seed: int) -> None:
    images = noise(1, 3, 16, 24)
    moved = translate(images, rng(seed))
    found = [
        (down, right)
        for down in range(-2, 3)
        for right in range(-3, 4)
        if torch.equal(moved, shifted(images, down, right))
    ]
    assert len(found) == 1


def shifted(images: Tensor, down: int, right: int) -> Tensor:
    result = images.roll((down, right), dims=(2, 3)).clone()
    if down:
        result[:, :, slice(0, down) if down > 0 else slice(down, None)] = 0.0
    if right:
        result[:, :, :, slice(0, right) if right > 0 else slice(right, None)] = 0.0
    return result


def test_all_translations_come() -> None:
    point = torch.zeros(2_000, 1, 16, 16)
    point[:, :, 8, 8] = 1.0
    places = translate(point, rng()).sum(dim=(0, 1)).nonzero()
    assert len(places) == 25
    assert places.min() == 6
    assert places.max() == 10


def test_what_is_cut_out_is_a_square_of_half_the_size() -> None:
    is_cut = cut_out(torch.ones(2_000, 1, 8, 8), rng())[:, 0] == 0.0
    rows, columns = is_cut.any(dim=2).sum(dim=1), is_cut.any(dim=1).sum(dim=1)
    assert torch.equal(is_cut.sum(dim=(1, 2)), rows * columns)  # a rectangle
    assert rows.max() == columns.max() == 4
    assert rows.min() == columns.min() == 2  # half of it outside
    assert is_cut.any(dim=0).all()


def test_without_changes_it_is_the_discriminator() -> None:
    torch_rng = rng()
    state = torch_rng.get_state()
    augmented = Augmented(FirstPixel(), "none", torch_rng)
    assert torch.equal(augmented(noise()), FirstPixel()(noise()))
    assert torch.equal(torch_rng.get_state(), state)


def test_labels_go_to_the_discriminator() -> None:
    augmented = Augmented(FirstPixel(), "none", rng())
    labels = torch.tensor([0, 1, 2, 3])
    assert torch.equal(augmented(noise(), labels), augmented(noise()) + labels)


@pytest.mark.parametrize("channels", [1, 3])
def test_gradients_pass_to_the_images_and_penalties_to_the_weights(channels: int) -> None:
    augmented = Augmented(FirstPixel(), "colour-translation-cutout", rng())
    images = noise(32, channels).requires_grad_()
    gradients = input_gradients(augmented(images), images)
    assert (gradients.abs().sum(dim=1) > 0.0).sum() > 10  # where nothing is cut out
    torch.autograd.backward(zero_centred(gradients))
    weight = augmented.discriminator.weight
    assert weight.grad is not None
    assert weight.grad.abs() > 0.0


def test_real_and_generated_samples_are_changed_differently() -> None:
    """They pass as one batch; each image of it has its own numbers."""
    augmented = Augmented(FirstPixel(), "colour-translation-cutout", rng())
    real = noise(8)
    first, second = augmented(torch.cat([real, real])).chunk(2)
    assert (first != second).sum() > 4


def test_the_same_state_makes_the_same_changes() -> None:
    runs = []
    for _ in range(2):
        augmented = Augmented(FirstPixel(), "colour-translation-cutout", rng(3))
        runs.append([augmented(noise()) for _ in range(3)])
    for first, second in zip(*runs, strict=True):
        assert torch.equal(first, second)
    assert all(not torch.equal(first, second) for first, second in pairwise(runs[0]))


def test_an_unknown_policy() -> None:
    with pytest.raises(ValueError, match=r"an augmentation is one of none, .*, got 'colour'"):
        Augmented(FirstPixel(), "colour", rng())
