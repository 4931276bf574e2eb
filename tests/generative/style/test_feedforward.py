"""The transfer network: shapes, sizes, styles and their blends, and its gradient."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from etude.generative.style.feedforward import (
    ConditionalInstanceNorm,
    TransferNetwork,
    UpsamplingConvolution,
    blend_weights,
    perceptual_losses,
    style_grams,
)
from etude.generative.style.losses import LayerWeights
from etude.generative.style.statistics import mean_and_deviation
from etude.generative.style.tiny_encoder import TinyEncoder

LAYERS = LayerWeights(content={"conv2": 1.0}, style={"conv1": 1.0, "conv2": 3.0})


def random_tensor(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


def small_network(num_styles: int = 2) -> TransferNetwork:
    """Seeded weights, and styles that differ."""
    network = TransferNetwork([f"style{i}" for i in range(num_styles)], 4, 1)
    torch_rng = torch.Generator().manual_seed(0)
    for parameter in network.parameters():
        parameter.data.normal_(0.0, 0.3, generator=torch_rng)
    return network


@pytest.mark.parametrize("num_styles", [1, 10])
def test_the_number_of_parameters(num_styles: int) -> None:
    network = TransferNetwork([str(i) for i in range(num_styles)])
    expected = 250_155 + 1_152 * num_styles
    assert sum(parameter.numel() for parameter in network.parameters()) == expected


@pytest.mark.parametrize("size", [(1, 1), (2, 5), (16, 16), (17, 31)])
def test_the_output_has_the_size_of_the_input(size: tuple[int, int]) -> None:
    images = random_tensor(2, 3, *size)
    output = small_network()(images, torch.eye(2))
    assert output.shape == images.shape
    assert 0.0 <= output.min() <= output.max() <= 1.0


@settings(max_examples=20, deadline=None)
@given(h=st.integers(1, 6), w=st.integers(1, 6), channels=st.integers(1, 4))
def test_upsampling_within_the_convolution_equals_upsampling_before_it(
    h: int, w: int, channels: int
) -> None:
    layer = UpsamplingConvolution(channels, 5)
    features = random_tensor(2, channels, h, w, seed=h + 7 * w)
    upsampled = F.pad(F.interpolate(features, scale_factor=2.0), (2, 2, 2, 2), mode="replicate")
    expected = F.conv2d(upsampled, layer.weight, layer.bias)
    torch.testing.assert_close(layer(features), expected, atol=1e-5, rtol=1e-5)


def test_a_normalised_channel_has_beta_and_gamma_as_moments() -> None:
    norm = ConditionalInstanceNorm(2, 3)
    norm.gamma.data = random_tensor(2, 3) + 0.5
    norm.beta.data = random_tensor(2, 3, seed=1)
    weights = torch.tensor([[1.0, 0.0], [0.25, 0.75]])
    mean, deviation = mean_and_deviation(norm(10.0 * random_tensor(2, 3, 8, 8), weights))
    torch.testing.assert_close(mean[..., 0, 0], weights @ norm.beta, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(deviation[..., 0, 0], weights @ norm.gamma, atol=1e-4, rtol=1e-4)


def test_each_image_of_a_batch_has_its_own_style() -> None:
    network, images = small_network(), random_tensor(1, 3, 12, 12).expand(2, 3, 12, 12)
    batch = network(images, torch.eye(2))
    for i in range(2):
        alone = network(images[:1], torch.eye(2)[i : i + 1])
        torch.testing.assert_close(batch[i : i + 1], alone)
    assert (batch[0] - batch[1]).abs().mean() > 1e-3


def test_a_new_style_changes_no_old_one() -> None:
    network, images = small_network(), random_tensor(1, 3, 12, 12)
    grown = network.with_style("new")
    assert grown.styles == ("style0", "style1", "new")
    old = network(images, torch.tensor([[0.3, 0.7]]))
    torch.testing.assert_close(grown(images, torch.tensor([[0.3, 0.7, 0.0]])), old)
    halfway = network(images, torch.tensor([[0.5, 0.5]]))
    torch.testing.assert_close(grown(images, torch.tensor([[0.0, 0.0, 1.0]])), halfway)

    optimizer = torch.optim.Adam(grown.normalisation_parameters(), lr=0.1)
    grown(images, torch.tensor([[0.0, 0.0, 1.0]])).mean().backward()
    optimizer.step()
    torch.testing.assert_close(grown(images, torch.tensor([[0.3, 0.7, 0.0]])), old)
    trained = grown(images, torch.tensor([[0.0, 0.0, 1.0]]))
    assert (trained - halfway).abs().max() > 1e-3
    with pytest.raises(ValueError, match="each once, got style0, style1, style0; name them apart"):
        network.with_style("style0")


def test_blends_are_convex() -> None:
    styles = ["waves", "mosaic"]
    assert blend_weights(styles, {"mosaic": 2.0}).tolist() == [[0.0, 1.0]]
    for shares in ({"waves": -1.0, "mosaic": 2.0}, {"waves": 0.0}, {}, {"waves": float("nan")}):
        with pytest.raises(ValueError, match="shares of a blend are at least 0 and not all 0"):
            blend_weights(styles, shares)
    with pytest.raises(ValueError, match="got 'wave'; did you mean 'waves'"):
        blend_weights(styles, {"wave": 1.0})


def test_what_does_not_fit_is_named() -> None:
    network = small_network()
    with pytest.raises(ValueError, match="each of the 2 styles, got 3; see blend_weights"):
        network(torch.zeros(1, 3, 9, 9), torch.eye(3)[:1])
    with pytest.raises(ValueError, match="at least one style and each once, got none"):
        TransferNetwork([])


def test_losses_are_zero_where_the_output_is_content_and_style() -> None:
    """A network that returns its input, and a style that is the content."""

    class Identity(TransferNetwork):
        def forward(self, images: Tensor, weights: Tensor) -> Tensor:
            return images

    encoder, images = TinyEncoder(), random_tensor(1, 3, 12, 12)
    grams = style_grams(encoder, [images, 0.2 * images], list(LAYERS.style))
    network = Identity(["a", "b"], 4, 1)
    own, others = ({layer: gram[i : i + 1] for layer, gram in grams.items()} for i in range(2))
    weights = torch.eye(2)[:1]
    terms = perceptual_losses(network, encoder, LAYERS, images, weights, own)
    assert terms.content == 0.0
    assert terms.style.item() == pytest.approx(0.0, abs=1e-10)
    assert terms.variation > 0.0
    other = perceptual_losses(network, encoder, LAYERS, images, weights, others)
    assert other.style > 0.01


def test_the_gradient_agrees_with_finite_differences() -> None:
    encoder, network = TinyEncoder().double(), small_network().double()
    images = random_tensor(2, 3, 8, 8).double()
    styles = [random_tensor(1, 3, 8, 10, seed=seed).double() for seed in (1, 2)]
    grams = style_grams(encoder, styles, list(LAYERS.style))

    def loss() -> Tensor:
        weights = torch.tensor([[1.0, 0.0], [0.4, 0.6]], dtype=torch.float64)
        terms = perceptual_losses(network, encoder, LAYERS, images, weights, grams)
        return terms.content + 10.0 * terms.style + terms.variation

    loss().backward()
    step = 1e-6
    for parameter in (network.stem.norm.gamma, network.head.weight, network.head.bias):
        assert parameter is not None
        values, gradient = parameter.data.view(-1), parameter.grad
        assert gradient is not None
        for i in (0, len(values) - 1):
            start = values[i].item()
            values[i] = start + step
            above = loss().item()
            values[i] = start - step
            below = loss().item()
            values[i] = start
            slope = (above - below) / (2.0 * step)
            assert gradient.view(-1)[i].item() == pytest.approx(slope, rel=1e-4, abs=1e-8)


def test_five_steps_lower_the_loss() -> None:
    encoder, network = TinyEncoder(), small_network()
    images = random_tensor(2, 3, 16, 16)
    grams = style_grams(encoder, [random_tensor(1, 3, 16, 16, seed=1) ** 4] * 2, ["conv1", "conv2"])
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    totals = []
    for _ in range(6):
        terms = perceptual_losses(network, encoder, LAYERS, images, torch.eye(2), grams)
        total = terms.content + terms.style
        totals.append(total.item())
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
    assert totals[-1] < 0.95 * totals[0]
