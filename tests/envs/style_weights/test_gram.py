"""Distances of Gram matrices: the formula of Gatys et al. in both forms, and its gradient."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from etude.envs.style_weights.gram import gram_loss, gram_target
from etude.generative.style.statistics import mean_gram

PRIMAL = ((3, 4, 5, 3), (3, 4, 2, 3))  # n, channels, height, width of images and of styles
DUAL = ((3, 9, 2, 5), (3, 9, 2, 3))
FORMS = pytest.mark.parametrize("shapes", [PRIMAL, DUAL], ids=["primal", "dual"])


def features(shape: tuple[int, ...], seed: int = 0) -> Tensor:
    torch_rng = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=torch_rng, dtype=torch.float64)


def formula(images: Tensor, styles: Tensor) -> Tensor:
    """sum((G - A)^2) / sum(A^2), with G and A of the Gram matrices as they stand in the paper."""
    gram, target = mean_gram(images), mean_gram(styles)
    return (gram - target).square().sum((1, 2)) / target.square().sum((1, 2))


def gradient(images: Tensor, styles: Tensor) -> Tensor:
    images = images.clone().requires_grad_()
    (found,) = torch.autograd.grad(gram_loss(images, gram_target(styles)).sum(), images)
    return found


@settings(max_examples=60)
@given(
    st.integers(1, 3), st.integers(1, 12), *(st.integers(1, 5) for _ in range(4)), st.integers(0, 9)
)
def test_it_is_the_distance_of_the_gram_matrices(
    n: int, c: int, h: int, w: int, style_h: int, style_w: int, seed: int
) -> None:
    images, styles = features((n, c, h, w), seed), features((n, c, style_h, style_w), seed + 100)
    target = gram_target(styles)
    assert target.is_dual == (style_h * style_w < c)
    torch.testing.assert_close(gram_loss(images, target), formula(images, styles))


@FORMS
def test_its_gradient_is_that_of_finite_differences(shapes: tuple[tuple[int, ...], ...]) -> None:
    images, styles = features(shapes[0]).requires_grad_(), features(shapes[1], 1)
    target = gram_target(styles)
    assert target.is_dual == (shapes == DUAL)
    assert torch.autograd.gradcheck(lambda x: gram_loss(x, target), images)


@FORMS
def test_it_is_0_at_the_style_and_1_at_twice_its_gram_matrix(
    shapes: tuple[tuple[int, ...], ...],
) -> None:
    styles = features(shapes[1])
    turned = styles.flip((2, 3))  # where things are does not matter
    target = gram_target(styles)
    for images, expected in ((turned, 0.0), (2.0**0.5 * turned, 1.0), (0.0 * turned, 1.0)):
        losses = gram_loss(images, target)
        torch.testing.assert_close(losses, torch.full_like(losses, expected))


@FORMS
def test_images_of_a_batch_do_not_mix(shapes: tuple[tuple[int, ...], ...]) -> None:
    images, styles = features(shapes[0]), features(shapes[1], 1)
    others, other_styles = images.clone(), styles.clone()
    others[1], other_styles[1] = features(shapes[0], 2)[1], torch.nan
    before, after = gradient(images, styles), gradient(others, other_styles)
    torch.testing.assert_close(after[[0, 2]], before[[0, 2]], rtol=0.0, atol=0.0)
    assert after[1].isnan().all()


@FORMS
def test_a_style_without_features_has_a_finite_loss(shapes: tuple[tuple[int, ...], ...]) -> None:
    images, styles = features(shapes[0]).float(), torch.zeros(shapes[1])
    assert gram_loss(images, gram_target(styles)).isfinite().all()
    assert gradient(images, styles).isfinite().all()
    assert not gradient(torch.zeros(shapes[0]), styles).any()
