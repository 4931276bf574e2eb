"""Convolutions of fewer multiplications against direct ones, and their gradients."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from etude.generative.style.vgg import WINOGRAD_CHANNELS, ConvolutionReLU
from etude.generative.style.winograd import (
    FILTER_TRANSFORM,
    INPUT_TRANSFORM,
    OUTPUT_TRANSFORM,
    WinogradFilters,
    winograd_conv2d_relu,
)


def convolution(
    num_in: int, num_out: int, dtype: torch.dtype = torch.float64
) -> tuple[Tensor, Tensor]:
    torch_rng = torch.Generator().manual_seed(0)
    weight = torch.randn(num_out, num_in, 3, 3, generator=torch_rng, dtype=torch.float64)
    bias = torch.randn(num_out, generator=torch_rng, dtype=torch.float64)
    return (weight / (9 * num_in) ** 0.5).to(dtype), bias.to(dtype)


def random_features(*shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
    torch_rng = torch.Generator().manual_seed(1)
    return torch.randn(shape, generator=torch_rng, dtype=torch.float64).to(dtype)


def test_one_dimension_by_hand() -> None:
    """F(4, 3): A^T [(G g) * (B^T d)] is the correlation of d with g."""
    window, weights = torch.arange(6.0).square().numpy(), torch.tensor([1.0, -2.0, 5.0]).numpy()
    found = OUTPUT_TRANSFORM @ ((FILTER_TRANSFORM @ weights) * (INPUT_TRANSFORM @ window))
    assert found.tolist() == pytest.approx([18.0, 38.0, 66.0, 102.0])


@given(st.integers(1, 3), st.integers(1, 7), st.integers(1, 7), st.integers(1, 13), st.booleans())
@settings(max_examples=30, deadline=None)
def test_the_output_is_that_of_direct_convolution(
    num_images: int, num_in: int, num_out: int, side: int, last: bool
) -> None:
    weight, bias = convolution(num_in, num_out)
    features = random_features(num_images, num_in, side, 14 - side)
    if last:
        features = features.contiguous(memory_format=torch.channels_last)
    expected = F.relu(F.conv2d(features, weight, bias, padding=1))
    found = winograd_conv2d_relu(features, WinogradFilters(weight, bias))
    assert torch.allclose(found, expected, atol=1e-12)


def test_the_gradient_in_float64() -> None:
    weight, bias = convolution(2, 3)
    filters = WinogradFilters(weight, bias)
    features = random_features(2, 2, 5, 6).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: winograd_conv2d_relu(x, filters), (features,))


def test_errors_in_float32_are_small() -> None:
    """Of the output and of the gradient; many blocks of tiles."""
    weight, bias = convolution(256, 128, torch.float32)
    features = random_features(1, 256, 66, 61, dtype=torch.float32).requires_grad_()
    pull = random_features(1, 128, 66, 61, dtype=torch.float32)
    filters = WinogradFilters(weight, bias + 9.0)  # ReLU passes everything: no kinks
    found = winograd_conv2d_relu(features, filters)
    exact = features.detach().double().requires_grad_()
    expected = F.conv2d(exact, weight.double(), bias.double() + 9.0, padding=1)
    assert (found - expected).norm() < 1e-5 * expected.norm()
    (gradient,) = torch.autograd.grad(found, features, pull)
    (wanted,) = torch.autograd.grad(expected, exact, pull.double())
    assert (gradient - wanted).norm() < 1e-5 * wanted.norm()


def test_what_is_no_number_stays_none() -> None:
    weight, bias = convolution(2, 2)
    features = random_features(1, 2, 4, 4)
    features[0, 0, 0, 0] = float("nan")
    assert winograd_conv2d_relu(features, WinogradFilters(weight, bias)).isnan().any()


def test_wide_frozen_convolutions_take_the_short_way() -> None:
    wide = ConvolutionReLU(WINOGRAD_CHANNELS, 8).requires_grad_(False)
    features = random_features(1, WINOGRAD_CHANNELS, 9, 7, dtype=torch.float32).requires_grad_()
    expected = F.relu(F.conv2d(features, wide.weight, wide.bias, padding=1))
    found = wide(features)
    assert "Winograd" in type(found.grad_fn).__name__
    assert torch.allclose(found, expected, atol=1e-4)
    assert "Winograd" not in type(wide.double()(features.double()).grad_fn).__name__
    trained = ConvolutionReLU(WINOGRAD_CHANNELS, 8)
    trained(features).sum().backward()
    assert trained.weight.grad is not None
