"""AdaIN against closed forms, and the decoder."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from etude.generative.style.adain import (
    AdaINNetwork,
    Decoder,
    adain_losses,
    adaptive_instance_norm,
    mirrored_decoder,
    moment_loss,
    transfer,
)
from etude.generative.style.statistics import EPSILON, mean_and_deviation
from etude.generative.style.tiny_encoder import TinyEncoder


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@given(
    seed=st.integers(0, 1000),
    scale=st.floats(0.1, 10.0),
    shift=st.floats(-10.0, 10.0),
    h=st.integers(2, 6),
    w=st.integers(2, 6),
)
def test_the_output_has_the_moments_of_the_style(
    seed: int, scale: float, shift: float, h: int, w: int
) -> None:
    content, style = (
        normal(2, 3, 8, 8, seed=seed),
        scale * normal(2, 3, h, w, seed=seed + 1) + shift,
    )
    output = adaptive_instance_norm(content, style)
    mean, deviation = mean_and_deviation(output)
    style_mean, style_deviation = mean_and_deviation(style)
    torch.testing.assert_close(mean, style_mean)
    variance = content.var((2, 3), correction=0, keepdim=True)
    share = variance / (
        variance + EPSILON
    )  # what keeps flat features differentiable costs this much
    torch.testing.assert_close(deviation**2 - EPSILON, style_deviation**2 * share)


def test_by_hand() -> None:
    content = torch.tensor([1.0, 3.0], dtype=torch.float64).view(1, 1, 1, 2)  # 2 +- 1
    style = torch.tensor([10.0, 20.0], dtype=torch.float64).view(1, 1, 2, 1)  # 15 +- 5
    output = adaptive_instance_norm(content, style)
    torch.testing.assert_close(output.flatten().tolist(), [10.0, 20.0], rtol=1e-5, atol=0.0)


def test_own_style_changes_nothing() -> None:
    content = normal(1, 4, 5, 5)
    torch.testing.assert_close(adaptive_instance_norm(content, content), content)


def test_the_moment_loss_of_shifted_features() -> None:
    features = {"a": normal(2, 3, 6, 6), "b": normal(2, 5, 3, 3, seed=1)}
    shifted = {"a": features["a"] + 0.5, "b": features["b"]}
    expected = (0.25 / (features["a"].square().mean() + EPSILON)).item() / 2.0  # of two layers
    assert moment_loss(shifted, features).item() == pytest.approx(expected)
    assert moment_loss(features, features) == 0.0


def test_the_decoder_mirrors_vgg() -> None:
    decoder = Decoder()
    assert sum(parameter.numel() for parameter in decoder.parameters()) == 3_505_219
    assert sum(isinstance(layer, nn.Conv2d) for layer in decoder.layers) == 9
    assert decoder(torch.zeros(1, 512, 2, 3)).shape == (1, 3, 16, 24)


@pytest.mark.parametrize(
    ("channels", "num_convolutions"), [((8,), ()), ((8, 4), (1, 2)), ((8, 4, 2), (1,))]
)
def test_stages_have_channels_and_convolutions(
    channels: tuple[int, ...], num_convolutions: tuple[int, ...]
) -> None:
    with pytest.raises(ValueError, match=r"got num_convolutions=.*, channels=.*; for example"):
        Decoder(channels, num_convolutions)


def test_a_mirrored_decoder_doubles_as_often_as_the_encoder_halves() -> None:
    class Halving:
        name, layers = "halving", ("deep",)

        def __call__(self, images: Tensor) -> dict[str, Tensor]:
            return {"deep": torch.zeros(1, 512, images.shape[2] // 8, images.shape[3] // 8)}

    decoder = mirrored_decoder(Halving())
    convolutions = [layer for layer in decoder.layers if isinstance(layer, nn.Conv2d)]
    assert [layer.out_channels for layer in convolutions] == [256, 256, 128, 128, 64, 64, 3]
    assert decoder(torch.zeros(1, 512, 2, 3)).shape == (1, 3, 16, 24)


@pytest.mark.parametrize("size", [(1, 1), (7, 10), (16, 16)])
def test_the_network_paints_any_size(size: tuple[int, int]) -> None:
    encoder = TinyEncoder()
    network = AdaINNetwork(encoder, mirrored_decoder(encoder))
    images = torch.rand(2, 3, *size, generator=torch.Generator().manual_seed(0))
    painted = network(images, [images[:, :, :5].repeat(1, 1, 9, 9)], [1.0])
    assert painted.shape == images.shape
    assert network.stride == 2


def test_strength_goes_from_the_content_to_the_style() -> None:
    encoder, decoder = TinyEncoder(), Decoder((12, 6), (1,))
    content, style = normal(1, 3, 8, 8).float().sigmoid(), normal(1, 3, 6, 6, seed=1).float()
    plain = decoder(encoder(content)["conv2"])
    torch.testing.assert_close(transfer(encoder, decoder, content, [style], [0.0]), plain)
    own_style = transfer(encoder, decoder, content, [content], [1.0])
    torch.testing.assert_close(own_style, plain, rtol=1e-3, atol=1e-4)
    full = transfer(encoder, decoder, content, [style], [1.0])
    assert full.shape == content.shape
    assert (full - plain).abs().max() > 1e-4
    twice = transfer(encoder, decoder, content, [style, style], [0.3, 0.7])
    torch.testing.assert_close(twice, full)
    for shares in ([1.5], [-0.1], [0.5, 0.5]):
        with pytest.raises(ValueError, match="each style has a share"):
            transfer(encoder, decoder, content, [style], shares)


def test_losses_train_the_decoder_alone_and_fall() -> None:
    encoder, decoder = TinyEncoder(), Decoder((12, 8), (1,))
    torch_rng = torch.Generator().manual_seed(0)
    for parameter in decoder.parameters():
        parameter.data.normal_(0.0, 0.1, generator=torch_rng)
    content, style = (
        normal(2, 3, 8, 8).float().sigmoid(),
        normal(2, 3, 8, 8, seed=1).float().sigmoid(),
    )
    optimizer = torch.optim.Adam(decoder.parameters(), lr=0.02)
    totals = []
    for _ in range(6):
        losses = adain_losses(encoder, decoder, content, style)
        total = losses.content + losses.style
        totals.append(total.item())
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
    assert totals[-1] < 0.9 * totals[0]
    assert all(parameter.grad is None for parameter in encoder.parameters())
