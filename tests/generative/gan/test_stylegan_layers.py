"""StyleGAN2's layers beside plain ways to the same: weights of each sample, filters by hand."""

import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from etude.generative.gan.stylegan_layers import (
    EqualisedConv2d,
    EqualisedLinear,
    ModulatedConv2d,
    activate,
    doubled,
    filtered,
)


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def grouped(layer: ModulatedConv2d, features: Tensor, w: Tensor, demodulate: bool) -> Tensor:
    """Eq. 1 and 3 as the paper writes them, and its grouped convolution (appendix B)."""
    n, num_in, h, _ = features.shape
    scales = F.linear(w, layer.affine.weight / math.sqrt(w.shape[1]), layer.affine.bias)
    num_out, _, size, _ = layer.weight.shape
    weights = layer.weight / math.sqrt(num_in * size**2) * scales[:, None, :, None, None]
    if demodulate:
        weights = weights / (weights.square().sum(dim=(2, 3, 4), keepdim=True) + 1e-8).sqrt()
    together = features.reshape(1, n * num_in, h, h)
    result = F.conv2d(together, weights.flatten(0, 1), padding=size // 2, groups=n)
    return result.view(n, num_out, h, h)


@pytest.mark.parametrize(("size", "demodulate"), [(3, True), (3, False), (1, False)])
def test_modulation_of_activations_is_that_of_weights(size: int, demodulate: bool) -> None:
    layer = ModulatedConv2d(6, 5, size, 7, demodulate=demodulate)
    features, w = normal(3, 6, 4, 4), normal(3, 7, seed=1)
    torch.testing.assert_close(layer(features, w), grouped(layer, features, w, demodulate))


def test_demodulated_outputs_have_a_deviation_of_one() -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        layer = ModulatedConv2d(64, 8, 3, 4)
    outputs = layer(normal(8, 64, 32, 32), 5.0 * normal(8, 4, seed=1))[:, :, 1:-1, 1:-1]
    torch.testing.assert_close(outputs.std(dim=(2, 3)), torch.ones(8, 8), atol=0.1, rtol=0.0)


def test_a_doubling_convolution_is_one_of_doubled_features() -> None:
    """Filter and convolution commute; a transposed convolution has its kernel mirrored."""
    plain, double = ModulatedConv2d(4, 5, 3, 6), ModulatedConv2d(4, 5, 3, 6, double=True)
    double.load_state_dict(plain.state_dict())
    double.weight.data = plain.weight.data.flip((2, 3))
    features, w = F.pad(normal(2, 4, 6, 6), (2, 2, 2, 2)), normal(2, 6, seed=1)
    torch.testing.assert_close(double(features, w), plain(doubled(features), w))


def test_doubling_interpolates() -> None:
    """[1, 3, 3, 1] after zeros is linear interpolation, away from the border."""
    images = normal(2, 3, 6, 6)
    expected = F.interpolate(images, scale_factor=2.0, mode="bilinear", align_corners=False)
    torch.testing.assert_close(doubled(images)[:, :, 1:-1, 1:-1], expected[:, :, 1:-1, 1:-1])


def test_the_filter_of_a_point() -> None:
    point = torch.zeros(1, 2, 7, 7)
    point[0, 1, 3, 3] = 1.0
    line = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8.0
    result = filtered(point, padding=1, gain=4.0)
    assert result.shape == (1, 2, 6, 6)
    torch.testing.assert_close(result[0, 1, 1:5, 1:5], 4.0 * torch.outer(line, line))
    assert result[0, 0].abs().max() == 0.0


@pytest.mark.parametrize("size", [1, 3])
def test_a_halving_convolution_filters_first(size: int) -> None:
    layer = EqualisedConv2d(3, 5, size, halve=True)
    features = F.pad(normal(2, 3, 4, 4), (2, 2, 2, 2))
    weight = layer.weight / math.sqrt(3 * size**2)
    every = F.conv2d(filtered(features, padding=1 + size // 2), weight)
    assert layer(features).shape == (2, 5, 4, 4)
    torch.testing.assert_close(layer(features), every[:, :, ::2, ::2])


def test_weights_of_all_rates_make_the_same_layer_at_first() -> None:
    for rate in (1.0, 0.01):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            layer = EqualisedLinear(3, 2, rate=rate, bias=1.0)
            torch.manual_seed(0)
            weight = torch.randn(2, 3)
        features = normal(4, 3)
        expected = F.linear(features, weight / math.sqrt(3.0), torch.ones(2))
        torch.testing.assert_close(layer(features), expected)


def test_a_step_of_a_slow_layer_is_shorter() -> None:
    """The same step of the optimiser moves the output by the square of the rate: 1e-4."""
    features, moves = torch.ones(1, 4), []
    for rate in (1.0, 0.01):
        layer = EqualisedLinear(4, 1, rate=rate)
        before = layer(features)
        torch.autograd.backward(before.sum())
        gradient = layer.weight.grad
        assert gradient is not None
        layer.weight.data += gradient
        moves.append((layer(features) - before).item())
    assert moves[1] == pytest.approx(1e-4 * moves[0], rel=0.02)


def test_activation_keeps_the_mean_square() -> None:
    """(1 + 0.2^2) / 2 of it is left by leaky ReLU; the root of 2 makes that 1.04."""
    assert activate(normal(100_000)).square().mean().item() == pytest.approx(1.04, abs=0.02)
