"""VGG-19 as a frozen encoder: the network of Gatys et al.

K. Simonyan and A. Zisserman, "Very deep convolutional networks for large-scale image recognition",
ICLR 2015, configuration E: five stages of 3 x 3 convolutions, each followed by ReLU, with a pooling
between stages. "relu4_1" is the first ReLU of the fourth stage. The weights are torchvision's
``IMAGENET1K_V1``.

Departures: the network ends after the last layer in use; average pooling instead of the maximum is
the default (L. A. Gatys et al., CVPR 2016, sec. 2: "slightly more appealing results"); the wide
convolutions are computed with fewer multiplications on CPUs, see ``winograd``.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, get_args

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from etude.foundations.names import check_name
from etude.generative.style.protocol import check_layers, freeze, read_weights

if TYPE_CHECKING:
    from etude.generative.style.winograd import WinogradFilters

Pooling = Literal["average", "max"]
STAGES: Final = ((64, 2), (128, 2), (256, 4), (512, 4), (512, 4))  # channels, convolutions
LAYERS: Final = tuple(
    f"relu{stage}_{i}"
    for stage, (_, num_convolutions) in enumerate(STAGES, 1)
    for i in range(1, num_convolutions + 1)
)
MEAN: Final = (0.485, 0.456, 0.406)  # torchvision's, of ImageNet in [0, 1]
STD: Final = (0.229, 0.224, 0.225)
WINOGRAD_CHANNELS: Final = 128  # from here on it is faster than direct convolution


class ConvolutionReLU(nn.Conv2d):
    """A 3 x 3 convolution of one pixel's padding, and ReLU; (n, c, h, w) to (n, k, h, w).

    Frozen weights of float32 are transformed at the first call, and must not change after it.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__(in_channels, out_channels, 3, padding=1)
        self._filters: WinogradFilters | None = None

    def forward(self, features: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k h w"]:
        """See the class."""
        if not self._suits_winograd():
            return F.relu(super().forward(features), inplace=True)  # nothing else needs its input
        # numba takes a second to import, which all who paint without VGG-19 can do without
        from etude.generative.style.winograd import WinogradFilters, winograd_conv2d_relu

        if self._filters is None:
            assert self.bias is not None
            self._filters = WinogradFilters(self.weight, self.bias)
        return winograd_conv2d_relu(features, self._filters)

    def _suits_winograd(self) -> bool:
        weight = self.weight
        return (
            self.in_channels >= WINOGRAD_CHANNELS
            and weight.dtype == torch.float32
            and weight.device.type == "cpu"
            and not weight.requires_grad
        )


class VGG19(nn.Module):
    """The frozen encoder.

    Input: RGB in [0, 1], (n, 3, h, w). Output: by name, the features after ReLU; "relu3_1" has 256
    channels and h/4 x w/4 positions. 12.9 million parameters up to "relu5_1".

    Args:
        layers: the names of the features to return; the network ends after the last.
        weights: a file with torchvision's state dict, of which only what is needed is kept; random
            ones (PyTorch's) without.
        pooling: "average" or "max".

    Raises:
        ValueError: no or unknown layers, an unknown pooling, or a file with something else.
        OSError: the file cannot be read.
    """

    name = "vgg19"
    mean: Tensor
    std: Tensor

    def __init__(
        self, layers: Sequence[str], weights: Path | None, pooling: Pooling = "average"
    ) -> None:
        super().__init__()
        check_layers(layers, LAYERS, self.name)
        check_name("a pooling", pooling, get_args(Pooling))
        self.layers = tuple(layers)
        self.pool = nn.AvgPool2d(2) if pooling == "average" else nn.MaxPool2d(2)
        last = max(LAYERS.index(layer) for layer in layers)
        channels = [3, *(width for width, num in STAGES for _ in range(num))]
        self.convolutions = nn.ModuleDict(
            {LAYERS[i]: ConvolutionReLU(channels[i], channels[i + 1]) for i in range(last + 1)}
        )
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(STD).view(1, 3, 1, 1))
        if weights is not None:
            _load(self, weights)
        freeze(self)

    def forward(self, images: Float[Tensor, "n 3 h w"]) -> dict[str, Float[Tensor, "n _c _h _w"]]:
        """See the class."""
        features = (images - self.mean) / self.std
        features = features.contiguous(memory_format=torch.channels_last)
        found = {}
        for layer, convolution in self.convolutions.items():
            if layer.endswith("_1") and layer != LAYERS[0]:
                features = self.pool(features)
            features = convolution(features)
            if layer in self.layers:
                found[layer] = features
        return found


def _load(encoder: VGG19, weights: Path) -> None:
    """Copy the convolutions out of torchvision's state dict."""
    state = read_weights(weights)
    indices = _torchvision_indices()
    try:
        for layer, convolution in encoder.convolutions.items():
            prefix = f"features.{indices[layer]}."
            convolution.load_state_dict({name: state[prefix + name] for name in ("weight", "bias")})
    except (KeyError, RuntimeError, TypeError) as error:
        raise ValueError(
            "weights of vgg19 are torchvision's state dict of VGG19_Weights.IMAGENET1K_V1, got "
            f"{str(weights)!r} ({error}); leave the file out to see what there is."
        ) from error


def _torchvision_indices() -> dict[str, int]:
    """The place of each layer's convolution in torchvision's ``features``.

    >>> _torchvision_indices()["relu4_1"]
    19
    """
    indices, place = {}, 0
    for layer in LAYERS:
        if layer.endswith("_1") and layer != LAYERS[0]:
            place += 1  # a pooling
        indices[layer] = place
        place += 2  # a convolution and a ReLU
    return indices
