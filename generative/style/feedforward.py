"""Transfer in one pass: a network trained for a set of styles, which may be blended.

J. Johnson, A. Alahi and L. Fei-Fei, "Perceptual losses for real-time style transfer and
super-resolution", ECCV 2016: two strided convolutions, residual blocks and two upsamplings learn to
minimise what Gatys et al. minimise for each image anew. V. Dumoulin, J. Shlens and M. Kudlur, "A
learned representation for artistic style", ICLR 2017: all styles share the convolutions; a style is
a scale and a shift after each normalisation, and a convex combination of them is one in between.

Departures: reflection padding and upsampling before a convolution instead of a transposed one (both
as Dumoulin et al. do), four residual blocks of half the width, and no normalisation after the last
layer, whose sigmoid keeps the output in [0, 1].
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

MIN_SIZE: Final = 5  # pixels: a quarter of it, rounded up, can still be reflected by one
EPSILON: Final = 1e-5


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
        normal = F.instance_norm(features, eps=EPSILON)
        return gamma[..., None, None] * normal + beta[..., None, None]


class ConvolutionLayer(nn.Module):
    """Reflection padding, a convolution, conditional normalisation.

    Args:
        num_styles: see ``ConditionalInstanceNorm``.
        in_channels: of the input.
        out_channels: of the output.
        kernel_size: odd.
        stride: 2 halves the sides, rounding up.
        separable: split into a depthwise and a 1 x 1 convolution, with about an eighth of the
            parameters (A. G. Howard et al., "MobileNets", 2017).
    """

    def __init__(
        self,
        num_styles: int,
        in_channels: int,
        out_channels: int,
        kernel_size: int = 3,
        stride: int = 1,
        separable: bool = False,
    ) -> None:
        super().__init__()
        self.convolution = nn.Sequential(
            *_convolutions(in_channels, out_channels, kernel_size, stride, separable)
        )
        self.norm = ConditionalInstanceNorm(num_styles, out_channels)

    def forward(
        self, features: Float[Tensor, "n c h w"], weights: Float[Tensor, "n s"]
    ) -> Float[Tensor, "n _c _h _w"]:
        """Without a nonlinearity."""
        normal: Tensor = self.norm(self.convolution(features), weights)
        return normal


class ResidualBlock(nn.Module):
    """x + norm(conv(relu(norm(conv(x))))) (Johnson et al. 2016, supplement)."""

    def __init__(self, num_styles: int, num_channels: int, separable: bool) -> None:
        super().__init__()
        self.first = ConvolutionLayer(num_styles, num_channels, num_channels, separable=separable)
        self.second = ConvolutionLayer(num_styles, num_channels, num_channels, separable=separable)

    def forward(
        self, features: Float[Tensor, "n c h w"], weights: Float[Tensor, "n s"]
    ) -> Float[Tensor, "n c h w"]:
        """Of the same shape."""
        inner = F.relu(self.first(features, weights))
        output: Tensor = features + self.second(inner, weights)
        return output


class TransferNetwork(nn.Module):
    """An image and a blend of styles in, the image in that style out.

    Input: RGB in [0, 1], (n, 3, h, w), sides of at least 5; weights of the styles, (n, num_styles),
    each row a convex combination. Output: RGB in [0, 1], (n, 3, h, w). At the defaults 348,771
    parameters and 1,344 more for each style; Johnson's size is ``width=32, num_blocks=5``.

    Args:
        styles: their names, each once.
        width: channels at full resolution; twice and four times as many at a half and a quarter.
        num_blocks: residual blocks.
        separable: in the blocks and at reduced resolutions, see ``ConvolutionLayer``; 51,571
            parameters and 1,344 more for each style.

    Raises:
        ValueError: no styles, or one twice.
    """

    def __init__(
        self,
        styles: Sequence[str],
        width: int = 16,
        num_blocks: int = 4,
        separable: bool = False,
    ) -> None:
        super().__init__()
        if not styles or len(set(styles)) < len(styles):
            raise ValueError(
                f"a network has at least one style and each once, got {', '.join(styles) or 'none'}"
                "; name them apart."
            )
        self.styles = tuple(styles)
        self.width, self.num_blocks, self.separable = width, num_blocks, separable
        num = len(styles)
        self.stem = ConvolutionLayer(num, 3, width, kernel_size=9)
        self.down = nn.ModuleList(
            ConvolutionLayer(num, i * width, 2 * i * width, stride=2, separable=separable)
            for i in (1, 2)
        )
        self.blocks = nn.ModuleList(
            ResidualBlock(num, 4 * width, separable) for _ in range(num_blocks)
        )
        self.up = nn.ModuleList(
            ConvolutionLayer(num, 2 * i * width, i * width, separable=separable) for i in (2, 1)
        )
        self.head = nn.Sequential(nn.ReflectionPad2d(4), nn.Conv2d(width, 3, 9))

    def forward(
        self, images: Float[Tensor, "n 3 h w"], weights: Float[Tensor, "n s"]
    ) -> Float[Tensor, "n 3 h w"]:
        """See the class.

        Raises:
            ValueError: an image too small, or weights for another number of styles.
        """
        self._check(images, weights)
        features = F.relu(self.stem(2.0 * images - 1.0, weights))
        sizes = []
        for layer in self.down:
            sizes.append(features.shape[2:])
            features = F.relu(layer(features, weights))
        for block in self.blocks:
            features = block(features, weights)
        for layer, size in zip(self.up, reversed(sizes), strict=True):
            features = F.relu(layer(F.interpolate(features, size=size), weights))
        return torch.sigmoid(self.head(features))

    def _check(self, images: Float[Tensor, "n 3 h w"], weights: Float[Tensor, "n s"]) -> None:
        if min(images.shape[2:]) < MIN_SIZE:
            h, w = images.shape[2:]
            raise ValueError(
                f"an image has sides of at least {MIN_SIZE} pixels, got {h} x {w}; enlarge it."
            )
        if weights.shape[1] != len(self.styles):
            raise ValueError(
                f"there is a weight for each of the {len(self.styles)} styles, got "
                f"{weights.shape[1]}; see blend_weights."
            )

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
        grown = TransferNetwork(
            [*self.styles, name], self.width, self.num_blocks, self.separable
        ).to(next(self.parameters()))
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
    grams: Mapping[str, Float[Tensor, "num_styles _c _c"]],
    images: Float[Tensor, "n 3 h w"],
    weights: Float[Tensor, "n num_styles"],
) -> LossTerms:
    """What the network minimises on a batch (Johnson et al. 2016, sec. 3.2).

    Args:
        network: what is trained.
        encoder: what looks at its output.
        layers: which features count, and how much.
        grams: see ``style_grams``.
        images: the contents, RGB in [0, 1].
        weights: of the styles for each image; a blend aims at the blend of the Gram matrices.
    """
    output = network(images, weights)
    features, contents = encoder(output), encoder(images)
    content = [
        weight * content_loss(features[layer], contents[layer])
        for layer, weight in layers.content.items()
    ]
    style = [
        weight * _mean_style_loss(mean_gram(features[layer]), weights, grams[layer])
        for layer, weight in layers.style.items()
    ]
    return LossTerms(
        content=torch.stack(content).sum() / sum(layers.content.values()),
        style=torch.stack(style).sum() / sum(layers.style.values()),
        variation=total_variation(output),
    )


def _mean_style_loss(
    grams: Float[Tensor, "n c c"],
    weights: Float[Tensor, "n num_styles"],
    targets: Float[Tensor, "num_styles c c"],
) -> Float[Tensor, ""]:
    """Each image is compared with its own style, so that faint styles count as much as strong."""
    wanted = torch.einsum("ns,scd->ncd", weights, targets)
    pairs = zip(grams[:, None], wanted[:, None], strict=True)
    terms = [style_loss(gram, target) for gram, target in pairs]
    return torch.stack(terms).mean()


def _convolutions(
    in_channels: int, out_channels: int, kernel_size: int, stride: int, separable: bool
) -> Iterator[nn.Module]:
    """Without biases, which the normalisation would remove."""
    yield nn.ReflectionPad2d(kernel_size // 2)
    if separable:
        yield nn.Conv2d(
            in_channels, in_channels, kernel_size, stride, groups=in_channels, bias=False
        )
        yield nn.Conv2d(in_channels, out_channels, 1, bias=False)
    else:
        yield nn.Conv2d(in_channels, out_channels, kernel_size, stride, bias=False)
