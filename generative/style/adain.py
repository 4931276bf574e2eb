"""Any style in one pass: features of the content take the mean and deviation of the style's.

X. Huang and S. Belongie, "Arbitrary style transfer in real-time with adaptive instance
normalization", ICCV 2017. An encoder looks at both images, ``adaptive_instance_norm`` exchanges the
statistics, and a trained decoder turns the result back into an image. Departures: each loss is
divided by the size of what it is compared with, so that layers and encoders compare, and total
variation keeps the image smooth, see ``losses``.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from etude.generative.style.losses import content_loss
from etude.generative.style.protocol import Encoder
from etude.generative.style.statistics import mean_and_deviation, total_variation

SHARE_ROUNDING: Final = 1e-6
Features = Mapping[str, Tensor]
Scalar = Float[Tensor, ""]
PROBE_SIZE: Final = 64  # pixels a side of the image that tells what comes out of an encoder
LEAST_CHANNELS: Final = 16


def adaptive_instance_norm(
    content: Float[Tensor, "n c h w"], style: Float[Tensor, "n c style_h style_w"]
) -> Float[Tensor, "n c h w"]:
    """deviation(y) (x - mean(x)) / deviation(x) + mean(y) (Huang and Belongie 2017, eq. 8).

    Args:
        content: x, features whose arrangement is kept.
        style: y, features whose mean and deviation are taken, channel by channel.
    """
    content_mean, content_deviation = mean_and_deviation(content)
    style_mean, style_deviation = mean_and_deviation(style)
    return style_deviation * (content - content_mean) / content_deviation + style_mean


class Decoder(nn.Module):
    """The encoder mirrored: 3 x 3 convolutions and nearest upsampling.

    Input: (n, channels[0], h, w). Output: RGB in [0, 1], (n, 3, s h, s w), where each stage doubles
    s. At the defaults, which mirror VGG-19 up to relu4_1, 3,505,219 parameters. Departures: a
    sigmoid at the end, so that the image is in range, and replicated borders instead of reflected
    ones, so that there is no smallest image. Initial weights are those of K. He et al., "Delving
    deep into rectifiers", ICCV 2015.

    Args:
        channels: of the input, then after each stage.
        num_convolutions: in each stage, at least 1; the last one changes the channels.

    Raises:
        ValueError: no stages, or not as many numbers of convolutions as stages.
    """

    def __init__(
        self,
        channels: Sequence[int] = (512, 256, 128, 64),
        num_convolutions: Sequence[int] = (1, 4, 2),
    ) -> None:
        super().__init__()
        if not 1 <= len(num_convolutions) == len(channels) - 1:
            raise ValueError(
                "a decoder has a number of convolutions for each step from channels to channels, "
                f"got num_convolutions={tuple(num_convolutions)}, channels={tuple(channels)}; for "
                "example (1, 4) and (256, 128, 64)."
            )
        layers: list[nn.Module] = []
        for i, num in enumerate(num_convolutions):
            for _ in range(num - 1):
                layers += _convolution(channels[i], channels[i])
            layers += [*_convolution(channels[i], channels[i + 1]), nn.Upsample(scale_factor=2)]
        layers += _convolution(channels[-1], channels[-1])
        layers += [nn.Conv2d(channels[-1], 3, 3, padding=1, padding_mode="replicate"), nn.Sigmoid()]
        self.layers = nn.Sequential(*layers)
        for layer in self.layers:
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")

    def forward(self, features: Float[Tensor, "n c h w"]) -> Float[Tensor, "n 3 _h _w"]:
        """See the class."""
        images: Tensor = self.layers(features)
        return images


def mirrored_decoder(encoder: Encoder) -> Decoder:
    """An untrained decoder for the last layer of an encoder.

    It has a stage for each halving of the resolution, and half as many channels after each, as
    VGG-19 has (at least ``LEAST_CHANNELS``).
    """
    features = encoder(torch.zeros(1, 3, PROBE_SIZE, PROBE_SIZE))[encoder.layers[-1]]
    num_stages = round(math.log2(PROBE_SIZE / features.shape[-1]))
    channels = [max(features.shape[1] >> i, LEAST_CHANNELS) for i in range(1, num_stages + 1)]
    return Decoder([features.shape[1], *channels], [1, *[2] * (num_stages - 1)])


class AdaINNetwork(nn.Module):
    """A photo and any styles in, the photo in a blend of them out.

    Input: RGB in [0, 1], (n, 3, h, w), for each style (n, 3, style_h, style_w), and the styles'
    shares. Output: RGB in [0, 1], (n, 3, h, w).

    Args:
        encoder: its last layer is what the decoder was trained on.
        decoder: features of that layer in, RGB in [0, 1] out.
    """

    def __init__(self, encoder: Encoder, decoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.stride = 2 ** sum(isinstance(layer, nn.Upsample) for layer in decoder.modules())

    def forward(
        self,
        images: Float[Tensor, "n 3 h w"],
        styles: Sequence[Float[Tensor, "n 3 _ _"]],
        shares: Sequence[float],
    ) -> Float[Tensor, "n 3 h w"]:
        """See the class and ``transfer``."""
        h, w = images.shape[2:]
        whole = F.pad(images, (0, -w % self.stride, 0, -h % self.stride), mode="replicate")
        return transfer(self.encoder, self.decoder, whole, styles, shares)[..., :h, :w]


class AdaINLosses(NamedTuple):
    """What the decoder minimises, before the weights; each 0 at its optimum."""

    content: Scalar
    style: Scalar
    variation: Scalar


def transfer(
    encoder: Encoder,
    decoder: nn.Module,
    content: Float[Tensor, "n 3 h w"],
    styles: Sequence[Float[Tensor, "n 3 _ _"]],
    shares: Sequence[float],
) -> Float[Tensor, "n 3 _h _w"]:
    """Paint the content in a blend of styles (eq. 14 and 15).

    Args:
        encoder: its last layer is what the decoder was trained on.
        decoder: features of that layer in, RGB in [0, 1] out.
        content: RGB in [0, 1].
        styles: RGB in [0, 1], of any sizes.
        shares: of each style, at least 0. What they lack to 1 stays content: [0.5] paints one style
            at half its strength.

    Raises:
        ValueError: not a share for each style, one below 0, or more than 1 in all.
    """
    rest = 1.0 - sum(shares)
    if len(shares) != len(styles) or min([*shares, rest + SHARE_ROUNDING]) < 0.0:
        raise ValueError(
            f"each style has a share of at least 0, together at most 1, got {list(shares)} for "
            f"{len(styles)} styles; for example {[1 / max(len(styles), 1)] * len(styles)}."
        )
    layer = encoder.layers[-1]
    features = encoder(content)[layer]
    target = rest * features
    for style, share in zip(styles, shares, strict=True):
        target = target + share * adaptive_instance_norm(features, encoder(style)[layer])
    images: Tensor = decoder(target)
    return images


def adain_losses(
    encoder: Encoder,
    decoder: nn.Module,
    content: Float[Tensor, "n 3 h w"],
    style: Float[Tensor, "n 3 style_h style_w"],
) -> AdaINLosses:
    """The decoder's losses on a batch (eq. 11 to 13).

    Content: how far the output's features are from the target's. Style: how far mean and deviation
    are from the style's, in every layer of the encoder. Variation: how rough the output is.
    """
    layer = encoder.layers[-1]
    style_features = encoder(style)
    target = adaptive_instance_norm(encoder(content)[layer], style_features[layer])
    output = decoder(target)
    features = encoder(output)
    return AdaINLosses(
        content=content_loss(features[layer], target),
        style=moment_loss(features, style_features),
        variation=total_variation(output),
    )


def moment_loss(features: Features, target: Features) -> Scalar:
    """The squared differences of means and of deviations, the mean over the layers (eq. 13).

    Each layer's is divided by the mean square of its target's features.
    """
    terms = []
    for layer, wanted in target.items():
        mean, deviation = mean_and_deviation(features[layer])
        wanted_mean, wanted_deviation = mean_and_deviation(wanted)
        scale = (wanted_mean.square() + wanted_deviation.square()).mean()
        difference = (mean - wanted_mean).square() + (deviation - wanted_deviation).square()
        terms.append(difference.mean() / scale)
    return torch.stack(terms).mean()


def _convolution(in_channels: int, out_channels: int) -> list[nn.Module]:
    convolution = nn.Conv2d(in_channels, out_channels, 3, padding=1, padding_mode="replicate")
    return [convolution, nn.ReLU()]
