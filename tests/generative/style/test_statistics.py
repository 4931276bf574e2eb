"""Gram matrices, moments and total variation against what can be computed by hand."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from etude.generative.style.statistics import (
    EPSILON,
    gram_matrix,
    mean_and_deviation,
    mean_gram,
    total_variation,
)

features_of = st.builds(
    lambda c, h, w, seed: torch.randn(
        1, c, h, w, generator=torch.Generator().manual_seed(seed), dtype=torch.float64
    ),
    st.integers(1, 4),
    st.integers(1, 5),
    st.integers(1, 5),
    st.integers(0, 1000),
)


def test_gram_is_the_sum_of_products_over_positions() -> None:
    first = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    second = torch.tensor([[0.0, 1.0], [-1.0, 2.0]])
    gram = gram_matrix(torch.stack([first, second])[None])
    # g_11 = 1 + 4 + 9 + 16, g_12 = 0 + 2 - 3 + 8, g_22 = 0 + 1 + 1 + 4
    assert gram.tolist() == [[[30.0, 7.0], [7.0, 6.0]]]


def test_gram_of_constant_features() -> None:
    features = torch.tensor([2.0, 3.0]).view(1, 2, 1, 1).expand(1, 2, 4, 5)
    assert mean_gram(features).tolist() == [[[4.0, 6.0], [6.0, 9.0]]]
    assert gram_matrix(features)[0, 0, 1].item() == 6.0 * 20


@given(features_of)
@settings(max_examples=30, deadline=None)
def test_gram_forgets_where_things_are(features: Tensor) -> None:
    positions = features.flatten(2)
    shuffled = positions[..., torch.randperm(positions.shape[-1])].view_as(features)
    gram = gram_matrix(features)
    assert torch.allclose(gram, gram_matrix(shuffled))
    assert torch.allclose(gram, gram.transpose(1, 2))
    assert torch.linalg.eigvalsh(gram).min() > -1e-9


@given(features_of)
@settings(max_examples=30, deadline=None)
def test_a_mask_counts_positions(features: Tensor) -> None:
    doubled = torch.cat([features, features], dim=-1)
    mask = torch.ones_like(doubled[:, :1])
    mask[..., features.shape[-1] :] = 0.0
    assert torch.allclose(mean_gram(doubled, mask), mean_gram(features))
    assert torch.allclose(
        gram_matrix(features, 3.0 * torch.ones_like(features[:, :1])), 3.0 * gram_matrix(features)
    )


def test_mean_and_deviation_by_hand() -> None:
    features = torch.tensor([1.0, 3.0, 5.0, 7.0]).view(1, 1, 2, 2)
    mean, deviation = mean_and_deviation(features)
    assert mean.item() == 4.0
    assert deviation.item() == pytest.approx((5.0 + EPSILON) ** 0.5)


def test_deviation_of_flat_features_has_a_gradient() -> None:
    features = torch.full((1, 2, 3, 3), 0.5, requires_grad=True)
    mean_and_deviation(features)[1].sum().backward()
    assert features.grad is not None
    assert features.grad.isfinite().all()


def test_total_variation_of_a_ramp_and_of_flat_images() -> None:
    ramp = torch.tensor([0.0, 0.5, 1.0]).expand(1, 3, 4, 3)
    assert total_variation(ramp).item() == pytest.approx(0.25)
    assert total_variation(ramp.transpose(2, 3)).item() == pytest.approx(0.25)
    assert total_variation(torch.full((1, 3, 4, 4), 0.7)).item() == 0.0
    assert total_variation(torch.rand(1, 3, 1, 1)).item() == 0.0


def test_the_gradient_of_a_gram_matrix() -> None:
    """Also where the loss is not symmetric, for several images and with a mask."""
    torch_rng = torch.Generator().manual_seed(0)
    features = torch.rand(2, 3, 4, 5, generator=torch_rng, dtype=torch.float64).requires_grad_()
    mask = torch.rand(2, 1, 4, 5, generator=torch_rng, dtype=torch.float64)
    pull = torch.rand(2, 3, 3, generator=torch_rng, dtype=torch.float64)
    for chosen in (None, mask):
        assert torch.autograd.gradcheck(
            lambda x, chosen=chosen: gram_matrix(x, chosen) * pull, (features,)
        )


def test_float32_gives_the_same() -> None:
    features = torch.rand(2, 70, 9, 11, requires_grad=True)
    exact = features.detach().double().requires_grad_()
    found, expected = gram_matrix(features), gram_matrix(exact)
    assert torch.allclose(found.double(), expected, rtol=1e-5)
    pull = torch.rand(2, 70, 70)
    (gradient,) = torch.autograd.grad(found, features, pull)
    (wanted,) = torch.autograd.grad(expected, exact, pull.double())
    assert torch.allclose(gradient.double(), wanted, rtol=1e-5)
