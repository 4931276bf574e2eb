"""Transfer in one pass: a network trained for a set of styles, which may be blended.

J. Johnson, A. Alahi and L. Fei-Fei, "Perceptual losses for real-time style transfer and
super-resolution", ECCV 2016: strided convolutions, residual blocks and upsamplings learn to
minimise what Gatys et al. minimise for each image anew. V. Dumoulin, J. Shlens and M. Kudlur, "A
learned representation for artistic style", ICLR 2017: all styles share the convolutions; a style is
a scale and a shift after each normalisation, and a convex combination of them is one in between.

Departures, all for speed on a CPU: the first convolution has a stride already, so nothing wide
happens at full resolution; upsampling and the convolution after it are one step. Borders are
replicated rather than reflected, so that there is no smallest image, and a sigmoid keeps the output
in [0, 1].
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from etude.foundations.names import check_name
from etude.generative.style.losses import LayerWeights, LossTerms, content_loss, style_loss
from etude.generative.style.protocol import Encoder
from etude.generative.style.statistics import mean_gram, total_variation

EPSILON: Final = 1e-5
STRIDE: Final = 4  # pixels to a position of the residual blocks

# Of five neighbours in an image that was doubled, which of three in the small one each stands on:
# (phase, tap, neighbour), where the phase is 0 for the even pixels and 1 for the odd.
NEIGHBOURS: Final = (
    ((1, 0, 0), (1, 0, 0), (0, 1, 0), (0, 1, 0), (0, 0, 1)),
    ((1, 0, 0), (0, 1, 0), (0, 1, 0), (0, 0, 1), (0, 0, 1)),
)


class ConditionalInstanceNorm(nn.Module):
    """z = gamma_s (x - mean(x)) / deviation(x) + beta_s (Dumoulin et al. 2017, eq. 5).

    Mean and deviation are those of each image and channel; gamma starts at 1 and beta at 0.

    Args:
        num_styles: rows of gamma and beta.
        num_channels: columns of gamma and beta.
    """

    def __init__(self, num_styles: int, num_channels: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(num_styles, num_channels))
        self.beta = nn.Parameter(torch.zeros(num_styles, num_channels))

    def forward(
        self, features: Float[Tensor, "n c h w"], weights: Float[Tensor, "n s"]
    ) -> Float[Tensor, "n c h w"]:
        """Normalise, then scale and shift by the weighted sums over the styles."""
        gamma, beta = weights @ self.gamma, weights @ self.beta  # (n, c)
        # groups of one channel; F.instance_norm would copy out of channels_last and take ten times
        # as long, and F.group_norm refuses a single position
        num_groups = features.shape[1]
        if len(features) == 1:  # a pass less
            return torch.group_norm(features, num_groups, gamma[0], beta[0], EPSILON)
        normal = torch.group_norm(features, num_groups, eps=EPSILON)
        return torch.addcmul(beta[..., None, None], normal, gamma[..., None, None])


class UpsamplingConvolution(nn.Module):
    """Nearest upsampling by two, then a 5 x 5 convolution with replicated borders, in one step.

    The five neighbours of a pixel stand on three of the small image, and which ones depends only on
    whether its row and column are even or odd. So the step is four 3 x 3 convolutions whose weights
    are sums of the large kernel's, a third of the work, and their outputs are interleaved (W. Shi
    et al., "Real-time single image and video super-resolution using an efficient sub-pixel
    convolutional neural network", CVPR 2016). As the kernel is shared, there is no checkerboard (A.
    Odena, V. Dumoulin and C. Olah, "Deconvolution and checkerboard artifacts", Distill, 2016).

    Input: (n, in_channels, h, w). Output: (n, out_channels, 2h, 2w).

    Args:
        in_channels: of the input.
        out_channels: of the output.
    """

    neighbours: Tensor

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        convolution = nn.Conv2d(in_channels, out_channels, 5)  # for its initial weights
        self.weight, self.bias = convolution.weight, convolution.bias
        self.register_buffer("neighbours", torch.tensor(NEIGHBOURS).float(), persistent=False)

    def forward(self, features: Float[Tensor, "n c h w"]) -> Float[Tensor, "n d h2 w2"]:
        """See the class."""
        kernels = torch.einsum("dcyx,pya,qxb->dpqcab", self.weight, *2 * [self.neighbours])
        assert self.bias is not None
        bias = self.bias.repeat_interleave(4)
        padded = F.pad(features, (1, 1, 1, 1), mode="replicate")
        return F.pixel_shuffle(F.conv2d(padded, kernels.flatten(0, 2), bias), 2)


class NormalisedLayer(nn.Module):
    """A convolution, then conditional normalisation; without a nonlinearity.

    Args:
        convolution: of any kind.
        num_styles: see ``ConditionalInstanceNorm``.
        num_channels: of the convolution's output.
    """

    def __init__(self, convolution: nn.Module, num_styles: int, num_channels: int) -> None:
        super().__init__()
        self.convolution = convolution
        self.norm = ConditionalInstanceNorm(num_styles, num_channels)

    def forward(
        self, features: Float[Tensor, "n c h w"], weights: Float[Tensor, "n s"]
    ) -> Float[Tensor, "n _c _h _w"]:
        """The features in the styles that are weighed."""
        normal: Tensor = self.norm(self.convolution(features), weights)
        return normal


class ResidualBlock(nn.Module):
    """x + norm(conv(relu(norm(conv(x))))) (Johnson et al. 2016, supplement)."""

    def __init__(self, num_styles: int, num_channels: int) -> None:
        super().__init__()
        self.first, self.second = (
            NormalisedLayer(_convolution(num_channels, num_channels), num_styles, num_channels)
            for _ in range(2)
        )

    def forward(
        self, features: Float[Tensor, "n c h w"], weights: Float[Tensor, "n s"]
    ) -> Float[Tensor, "n c h w"]:
        """Of the same shape."""
        inner = F.relu(self.first(features, weights))
        output: Tensor = features + self.second(inner, weights)
        return output


class TransferNetwork(nn.Module):
    """An image and a blend of styles in, the image in that style out.

    Input: RGB in [0, 1], (n, 3, h, w), of any size; weights of the styles, (n, num_styles), each
    row a convex combination. Output: RGB in [0, 1], (n, 3, h, w). At the defaults 250,155
    parameters and 1,152 more for each style.

    Args:
        styles: their names, each once.
        width: channels at half the resolution; twice as many at a quarter.
        num_blocks: residual blocks, at a quarter of the resolution.

    Raises:
        ValueError: no styles, or one twice.
    """

    def __init__(self, styles: Sequence[str], width: int = 24, num_blocks: int = 5) -> None:
        super().__init__()
        if not styles or len(set(styles)) < len(styles):
            raise ValueError(
                f"a network has at least one style and each once, got {', '.join(styles) or 'none'}"
                "; name them apart."
            )
        self.styles = tuple(styles)
        self.width, self.num_blocks = width, num_blocks
        num, wide = len(styles), 2 * width
        self.stem = NormalisedLayer(_convolution(3, width, kernel_size=5, stride=2), num, width)
        self.down = NormalisedLayer(_convolution(width, wide, stride=2), num, wide)
        self.blocks = nn.ModuleList(ResidualBlock(num, wide) for _ in range(num_blocks))
        self.up = NormalisedLayer(UpsamplingConvolution(wide, width), num, width)
        self.head = UpsamplingConvolution(width, 3)

    def forward(
        self, images: Float[Tensor, "n 3 h w"], weights: Float[Tensor, "n s"]
    ) -> Float[Tensor, "n 3 h w"]:
        """See the class.

        Raises:
            ValueError: weights for another number of styles.
        """
        if weights.shape[1] != len(self.styles):
            raise ValueError(
                f"there is a weight for each of the {len(self.styles)} styles, got "
                f"{weights.shape[1]}; see blend_weights."
            )
        h, w = images.shape[2:]
        whole = F.pad(images, (0, -w % STRIDE, 0, -h % STRIDE), mode="replicate")
        features = F.relu(self.stem(2.0 * whole - 1.0, weights))
        features = F.relu(self.down(features, weights))
        for block in self.blocks:
            features = block(features, weights)
        features = F.relu(self.up(features, weights))
        return torch.sigmoid(self.head(features))[..., :h, :w]

    def normalisation_parameters(self) -> Iterator[nn.Parameter]:
        """All that differs between styles: what is trained for a new one (Dumoulin et al., 3.2)."""
        for module in self.modules():
            if isinstance(module, ConditionalInstanceNorm):
                yield from module.parameters()

    def with_style(self, name: str) -> "TransferNetwork":
        """A copy that knows one more style, which starts as the mean of the others.

        Train its ``normalisation_parameters``: the gradients of the other styles are 0 as long as
        the weights of a batch are all on the new one.

        Raises:
            ValueError: there is a style of that name.
        """
        grown = TransferNetwork([*self.styles, name], self.width, self.num_blocks)
        grown.to(next(self.parameters()))
        state = self.state_dict()
        for key, value in state.items():
            if key.endswith((".gamma", ".beta")):
                state[key] = torch.cat([value, value.mean(dim=0, keepdim=True)])
        grown.load_state_dict(state)
        return grown


def blend_weights(
    styles: Sequence[str], shares: Mapping[str, float]
) -> Float[Tensor, "1 num_styles"]:
    """The weights of a blend, scaled to a sum of 1.

    Args:
        styles: the names a network knows, in its order.
        shares: of the styles to blend, at least 0 each and not all 0; the others are 0.

    Raises:
        ValueError: an unknown style, or shares that are no blend.

    >>> blend_weights(["waves", "mosaic", "halftone"], {"halftone": 3, "waves": 1})
    tensor([[0.2500, 0.0000, 0.7500]])
    """
    for name in shares:
        check_name("a style", name, styles)
    total = sum(shares.values())
    if not 0.0 < total < float("inf") or min(shares.values()) < 0.0:
        raise ValueError(
            f"shares of a blend are at least 0 and not all 0, got {dict(shares)}; for example "
            f"{{{styles[0]!r}: 1.0}}."
        )
    return torch.tensor([[shares.get(name, 0.0) / total for name in styles]])


def style_grams(
    encoder: Encoder, styles: Sequence[Float[Tensor, "1 3 _ _"]], layers: Sequence[str]
) -> dict[str, Float[Tensor, "num_styles _c _c"]]:
    """The Gram matrices that the styles ask for, by layer; the styles may have any sizes."""
    features = [encoder(style) for style in styles]
    return {layer: torch.cat([mean_gram(found[layer]) for found in features]) for layer in layers}


def perceptual_losses(
    network: TransferNetwork,
    encoder: Encoder,
    layers: LayerWeights,
    images: Float[Tensor, "n 3 h w"],
    weights: Float[Tensor, "n num_styles"],
    grams: Mapping[str, Float[Tensor, "n _c _c"]],
) -> LossTerms:
    """What the network minimises on a batch (Johnson et al. 2016, sec. 3.2).

    Args:
        network: what is trained.
        encoder: what looks at its output.
        layers: which features count, and how much.
        images: the contents, RGB in [0, 1].
        weights: of the styles for each image.
        grams: the Gram matrices that each image aims at, by layer; see ``style_grams``.
    """
    output = network(images, weights)
    features, contents = encoder(output), encoder(images)
    content = [
        weight * content_loss(features[layer], contents[layer])
        for layer, weight in layers.content.items()
    ]
    style = [
        weight * _mean_style_loss(mean_gram(features[layer]), grams[layer])
        for layer, weight in layers.style.items()
    ]
    return LossTerms(
        content=torch.stack(content).sum() / sum(layers.content.values()),
        style=torch.stack(style).sum() / sum(layers.style.values()),
        variation=total_variation(output),
    )


def _mean_style_loss(
    grams: Float[Tensor, "n c c"], targets: Float[Tensor, "n c c"]
) -> Float[Tensor, ""]:
    """Each image is compared with its own style, so that faint styles count as much as strong."""
    pairs = zip(grams[:, None], targets[:, None], strict=True)
    return torch.stack([style_loss(gram, target) for gram, target in pairs]).mean()


def _convolution(
    in_channels: int, out_channels: int, kernel_size: int = 3, stride: int = 1
) -> nn.Conv2d:
    """Without a bias, which the normalisation would remove."""
    return nn.Conv2d(
        in_channels,
        out_channels,
        kernel_size,
        stride,
        padding=kernel_size // 2,
        padding_mode="replicate",
        bias=False,
    )
