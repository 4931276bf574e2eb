"""Which encoder looks at the pictures, and why this one.

The order: a file of VGG-19's weights that the user gives; VGG-19 from torchvision's cache, or from
torchvision's downloader if the user asks for it; EfficientNet-Lite0, whose weights come with a
package, so that nothing is downloaded at run time. The tiny one is taken by name only.

EfficientNet-Lite1 is held out: it judges paintings and no method optimises it, because a method
reaches low distances under its own encoder by any means. One yardstick serves all methods.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, NamedTuple, get_args

import torch

from etude.foundations.names import check_name
from etude.generative.style.efficientnet_lite import (
    EfficientNetLite,
    package_of,
    packaged_weights,
)
from etude.generative.style.efficientnet_lite import Name as LiteName
from etude.generative.style.losses import LayerWeights
from etude.generative.style.protocol import Encoder
from etude.generative.style.tiny_encoder import TinyEncoder
from etude.generative.style.vgg import VGG19, Pooling

Name = Literal["vgg19", "efficientnet-lite0", "tiny"]
VGG19_FILE: Final = "vgg19-dcbb9e9d.pth"  # what torchvision calls IMAGENET1K_V1 in its cache
ORDER_OF_CHOICE: Final = ("vgg19", "efficientnet-lite0")
HELD_OUT: Final = "efficientnet-lite1"

LAYER_WEIGHTS: Final[dict[str, LayerWeights]] = {
    "vgg19": LayerWeights(  # Gatys et al. 2016, sec. 3
        content={"relu4_2": 1.0},
        style=dict.fromkeys(("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"), 1.0),
    ),
    "efficientnet-lite0": LayerWeights(  # chosen by eye among several
        content={"b5e": 1.0},
        style=dict.fromkeys(("stem", "b0d", "b1e", "b2d", "b3e", "b4d", "b5e", "b7e"), 1.0),
    ),
    "efficientnet-lite1": LayerWeights(  # the same stages: see `etude grade`
        content={"b7e": 1.0},
        style=dict.fromkeys(
            ("stem", "b0d", "b1e", "b3d", "b4e", "b6d", "b7e", "b9e", "b11e", "b15e"), 1.0
        ),
    ),
    "tiny": LayerWeights(content={"conv2": 1.0}, style={"conv1": 1.0, "conv2": 1.0}),
}


@dataclass(frozen=True, kw_only=True)
class EncoderChoice:
    """What the user wants of the encoder.

    Raises:
        ValueError: a file of weights for an encoder that is not vgg19.
    """

    encoder: Name | None = None
    """The network that looks at the pictures; the first that is here if left out: vgg19,
    efficientnet-lite0."""
    weights: Path | None = None
    """A file with torchvision's weights of VGG-19."""
    pooling: Pooling = "average"
    """Of VGG-19."""
    download: bool = False
    """Let torchvision fetch VGG-19's weights (548 MB) into its cache."""

    def __post_init__(self) -> None:
        if self.encoder is not None:
            check_name("an encoder to paint with", self.encoder, get_args(Name))
        if self.encoder not in (None, "vgg19") and (self.weights or self.download):
            raise ValueError(
                f"weights are given or downloaded for vgg19, got {self.encoder!r}; leave them out "
                "or choose vgg19."
            )


class Availability(NamedTuple):
    """Whether an encoder is here, and why or why not."""

    name: str
    is_here: bool
    reason: str


class Opened(NamedTuple):
    """An encoder, and where its weights come from."""

    encoder: Encoder
    reason: str


class Judge(NamedTuple):
    """An encoder that grades, and the layers by which it does."""

    encoder: Encoder
    layers: LayerWeights


def available_encoders(weights: Path | None = None) -> list[Availability]:
    """All encoders in the order of choice, then those that are not chosen by themselves.

    Args:
        weights: a file of VGG-19's weights, if the user has one.
    """
    return [
        _find_vgg19(weights),
        _find_lite("efficientnet-lite0"),
        _find_judge(),
        Availability("tiny", True, "random weights, for tests; taken by name only"),
    ]


def held_out_encoder() -> Judge:
    """EfficientNet-Lite1, which judges what others painted.

    Raises:
        ImportError: its package is not installed.
        ValueError: the package's weights are broken.
    """
    layers = LAYER_WEIGHTS[HELD_OUT]
    encoder = EfficientNetLite(layers.layers, packaged_weights(HELD_OUT), HELD_OUT)
    return Judge(encoder, layers)


def open_encoder(choice: EncoderChoice, layers: Sequence[str] | None = None) -> Opened:
    """The encoder that the user wants, or the first that is here.

    Args:
        choice: what the user wants.
        layers: the features to return; those of ``LAYER_WEIGHTS`` if left out.

    Raises:
        ValueError: the encoder is not here, a layer is unknown, or the weights are not its own.
        OSError: the weights cannot be read or downloaded.
    """
    if choice.download:
        _download_vgg19()
    offers = {offer.name: offer for offer in available_encoders(choice.weights)}
    name = "vgg19" if choice.weights else choice.encoder or _first(offers)
    if not offers[name].is_here:
        raise ValueError(f"an encoder needs its weights, got {name!r}: {offers[name].reason}.")
    layers = LAYER_WEIGHTS[name].layers if layers is None else layers
    return Opened(_build(name, layers, choice), offers[name].reason)


def _build(name: str, layers: Sequence[str], choice: EncoderChoice) -> Encoder:
    if name == "vgg19":
        return VGG19(layers, choice.weights or _cached_vgg19(), choice.pooling)
    if name == "efficientnet-lite0":
        return EfficientNetLite(layers, packaged_weights())
    return TinyEncoder(layers)


def _first(offers: Mapping[str, Availability]) -> str:
    """The encoder to paint with if the user names none."""
    for name in ORDER_OF_CHOICE:
        if offers[name].is_here:
            return name
    reasons = "; ".join(f"{name}: {offers[name].reason}" for name in ORDER_OF_CHOICE)
    raise ValueError(f"painting needs an encoder, got none ({reasons}).")


def _find_lite(name: LiteName) -> Availability:
    try:
        packaged_weights(name)
    except ImportError as error:
        return Availability(name, False, str(error))
    return Availability(name, True, f"ImageNet weights of the package {package_of(name)}")


def _find_judge() -> Availability:
    found = _find_lite(HELD_OUT)
    return found._replace(reason=f"{found.reason}; the judge of paintings, held out from painting")


def _find_vgg19(weights: Path | None) -> Availability:
    if weights is not None:
        is_file = weights.is_file()
        return Availability("vgg19", is_file, f"{'the' if is_file else 'no such'} file {weights}")
    cached = _cached_vgg19()
    if cached.is_file():
        return Availability("vgg19", True, f"torchvision's weights in {cached}")
    return Availability(
        "vgg19", False, f"no weights in {cached}; give a file (--weights) or --download (548 MB)"
    )


def _cached_vgg19() -> Path:
    """Where torchvision keeps the weights once they are downloaded."""
    return Path(torch.hub.get_dir()) / "checkpoints" / VGG19_FILE


def _download_vgg19() -> None:
    from torchvision.models import VGG19_Weights

    VGG19_Weights.IMAGENET1K_V1.get_state_dict(progress=True, check_hash=True)
