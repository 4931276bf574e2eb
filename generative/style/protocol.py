"""What style transfer asks of a network that looks at images, and what all encoders share."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from etude.foundations.names import check_name
from etude.generative.torch_files import read_torch


@runtime_checkable
class Encoder(Protocol):
    """A frozen network that turns images into features, layer by layer.

    Attributes:
        name: what it is called in messages, results and metadata.
        layers: the names of the features it returns.
    """

    name: str
    layers: tuple[str, ...]

    def __call__(self, images: Float[Tensor, "n 3 h w"]) -> dict[str, Float[Tensor, "n _c _h _w"]]:
        """The features of RGB images in [0, 1], by the name of the layer."""
        ...


def check_layers(layers: Sequence[str], choices: Sequence[str], encoder: str) -> None:
    """Check the names of layers.

    Raises:
        ValueError: there is none, or an unknown one among them.

    >>> check_layers(["relu41"], ["relu1_1", "relu4_1"], "vgg19")
    Traceback (most recent call last):
    ValueError: a layer of vgg19 is one of relu1_1, relu4_1, got 'relu41'; did you mean 'relu4_1'?
    """
    if not layers:
        names = ", ".join(choices)
        raise ValueError(f"{encoder} returns at least one layer, got none; choose from {names}.")
    for layer in layers:
        check_name(f"a layer of {encoder}", layer, choices)


def freeze(encoder: nn.Module) -> None:
    """Turn off the gradients of the weights, and lay them out for fast convolutions on CPUs."""
    encoder.to(memory_format=torch.channels_last)
    encoder.eval().requires_grad_(False)


def read_weights(path: Path) -> dict[str, Any]:
    """A state dict from a file of PyTorch's, see ``read_torch``.

    Raises:
        ValueError: the file holds something else.
        OSError: it cannot be read.
    """
    try:
        state = read_torch(path)
    except ValueError as error:
        raise ValueError(
            f"weights are a file of torch.save's, got {str(path)!r} ({error}); it may be cut off."
        ) from error
    if not isinstance(state, dict) or not all(isinstance(name, str) for name in state):
        raise ValueError(
            f"weights are a state dict, got a {type(state).__name__} in {str(path)!r}; save "
            "`model.state_dict()`."
        )
    return state
