"""Networks that turn images into the features by which sets of samples are graded.

For photos the default is EfficientNet-Lite1, whose ImageNet weights come with a package, so that
nothing is downloaded. Its distances compare only among themselves. Those of the literature need
Inception-v3 and a file of its weights, which the user has; there are two, told apart by their
classes, and only the first gives the numbers of papers:

- 1,008 classes: TensorFlow's of 2015 as ported by pytorch-fid (``pt_inception-2015-12-05``);
- 1,000 classes: torchvision's ``Inception_V3_Weights.IMAGENET1K_V1``.

For digits and the like, a small classifier of the same data serves better, as is usual for MNIST.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Protocol, runtime_checkable

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from etude.generative.built_networks import build_network
from etude.generative.checkpoints import load_weights
from etude.generative.images import resize_to
from etude.generative.style.efficientnet_lite import EfficientNetLite, packaged_weights
from etude.generative.style.protocol import freeze, read_weights

LITE: Final = "efficientnet-lite1"
LITE_LAYER: Final = "b15e"
LITE_SIZE: Final = 128
INCEPTION_SIZE: Final = 299
NUM_CLASSES: Final = 1_000  # torchvision's
NUM_CLASSES_OF_2015: Final = 1_008  # TensorFlow's, some of which are unused


@runtime_checkable
class SampleFeatures(Protocol):
    """Images to one vector of features each.

    Attributes:
        name: what it is called in tables.
    """

    name: str

    def __call__(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n d"]:
        """The features of images in [0, 1]."""
        ...


class LiteFeatures(nn.Module):
    """The mean over all positions of a wide layer of EfficientNet-Lite1, frozen.

    Input: RGB or grey in [0, 1], (n, 3 or 1, h, w), scaled to ``size``. Output: (n, 672). Of the
    layers and sizes tried, this layer told noise and blur best from the spread between two halves
    of one set of photos; 224 pixels tell them better still, at eight times the cost.

    Args:
        size: pixels a side that the network sees.

    Raises:
        ImportError: the package with the weights is not installed.
    """

    def __init__(self, size: int = LITE_SIZE) -> None:
        super().__init__()
        self.name, self._size = f"{LITE} {LITE_LAYER} at {size}", size
        self.network = EfficientNetLite([LITE_LAYER], packaged_weights(LITE), LITE)

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n d"]:
        """See the class."""
        scaled = resize_to(in_colour(images), self._size, self._size)
        pooled: Tensor = self.network(scaled)[LITE_LAYER].mean(dim=(2, 3))
        return pooled


class InceptionFeatures(nn.Module):
    """The pooled features of Inception-v3 before its classifier, frozen.

    Input: RGB or grey in [0, 1], (n, 3 or 1, h, w), scaled to 299 x 299. Output: (n, 2048). The
    network of 2015 pools as TensorFlow did: means leave out the border's padding, and the last
    block takes a maximum.

    C. Szegedy et al., "Rethinking the Inception architecture for computer vision", CVPR 2016.

    Args:
        weights: a file of the state dict, of torch.save's or safetensors.

    Raises:
        ValueError: no such file, or one of something else.
    """

    def __init__(self, weights: Path) -> None:
        super().__init__()
        state = _read(weights)
        bias = state.get("fc.bias")
        num_classes = len(bias) if isinstance(bias, Tensor) and bias.ndim == 1 else 0
        is_of_2015 = num_classes == NUM_CLASSES_OF_2015
        self.name = f"inception-v3 ({'2015' if is_of_2015 else 'torchvision'})"
        self._antialias = not is_of_2015
        self.network = _inception(weights, state, num_classes)
        if is_of_2015:
            _pool_as_in_2015(self.network)
        self.network.fc = nn.Identity()
        freeze(self)

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n d"]:
        """See the class."""
        scaled = F.interpolate(
            in_colour(images),
            size=(INCEPTION_SIZE, INCEPTION_SIZE),
            mode="bilinear",
            align_corners=False,
            antialias=self._antialias,
        )
        features: Tensor = self.network(2.0 * scaled - 1.0)
        return features


def in_colour(images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n 3 h w"]:
    """Grey images as RGB; those in colour as they are.

    Raises:
        ValueError: neither 1 nor 3 channels.
    """
    num_channels = images.shape[1]
    if num_channels not in (1, 3):
        raise ValueError(
            f"the network takes images with 1 or 3 channels, got {num_channels}; grade them by a "
            "classifier of their own."
        )
    return images.expand(-1, 3, -1, -1)


class OwnPooling(nn.Module):
    """A block of Inception whose last branch pools in another way; shapes are the block's.

    Args:
        block: its last branch is a pooling, then ``branch_pool``.
        pool: keeps height and width.
    """

    def __init__(self, block: nn.Module, pool: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.block, self.pool = block, pool

    def forward(self, features: Float[Tensor, "n c h w"]) -> Float[Tensor, "n d h w"]:
        """See the class."""
        pooled = self.block.get_submodule("branch_pool")(self.pool(features))
        others = self.block(features)[:, : -pooled.shape[1]]
        return torch.cat([others, pooled], dim=1)


def _pool_as_in_2015(network: nn.Module) -> None:
    mean = nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False)
    for name in ("5b", "5c", "5d", "6b", "6c", "6d", "6e", "7b"):
        setattr(network, f"Mixed_{name}", OwnPooling(getattr(network, f"Mixed_{name}"), mean))
    network.Mixed_7c = OwnPooling(
        network.get_submodule("Mixed_7c"), nn.MaxPool2d(3, stride=1, padding=1)
    )


def _inception(weights: Path, state: dict[str, Any], num_classes: int) -> nn.Module:
    """The network with these weights, but for its second classifier, which only training uses."""
    message = (
        "weights of Inception-v3 are torchvision's state dict of "
        "Inception_V3_Weights.IMAGENET1K_V1 or pytorch-fid's pt_inception-2015-12-05, got "
        f"{str(weights)!r}"
    )
    if num_classes not in (NUM_CLASSES, NUM_CLASSES_OF_2015):
        found = f"a classifier of {num_classes}" if num_classes else "no classifier"
        raise ValueError(f"{message} with {found}; leave the file out to grade without it.")
    from torchvision.models.inception import Inception3  # two seconds, and few have the weights

    arguments = {"num_classes": num_classes, "aux_logits": False, "init_weights": False}
    main = {
        name: value
        for name, value in state.items()
        if isinstance(value, Tensor) and not name.startswith("AuxLogits.")
    }
    try:
        network: nn.Module = build_network(Inception3, arguments, main)
    except ValueError as error:
        raise ValueError(f"{message} ({error}); leave it out to grade without it.") from error
    return network


def _read(weights: Path) -> dict[str, Any]:
    if not weights.is_file():
        raise ValueError(
            f"weights are a file that exists, got {str(weights)!r}; check the name, or leave it "
            "out to grade without it."
        )
    return load_weights(weights)[0] if weights.suffix == ".safetensors" else read_weights(weights)
