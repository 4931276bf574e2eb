"""Where a photo matters to a network: what falls when a part of it is covered.

M. D. Zeiler and R. Fergus, "Visualizing and understanding convolutional networks", ECCV 2014, sec.
4.2: a grey square slides over the photo, and the map says by how much the activation that was
strongest has fallen. Nothing is differentiated, so this is a check of all that is.
"""

from dataclasses import dataclass
from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor

from etude.generative.features.deconvnet import check_units
from etude.generative.style.protocol import Encoder, check_layers

BATCH: Final = 16  # covered photos that are looked at together
GREY: Final = 0.5


@dataclass(frozen=True, kw_only=True)
class Square:
    """What covers the photo.

    Raises:
        ValueError: no pixel, or no step.
    """

    side: int = 24
    """Of the square, in pixels."""
    stride: int = 8
    """From one place of it to the next, in pixels."""

    def __post_init__(self) -> None:
        if self.side < 1:
            raise ValueError(f"side is at least 1 pixel, got {self.side}; for example 24.")
        if self.stride < 1:
            raise ValueError(f"stride is at least 1 pixel, got {self.stride}; for example 8.")


@torch.no_grad()
def occlusion_map(
    encoder: Encoder,
    image: Float[Tensor, "1 3 h w"],
    layer: str,
    unit: int,
    square: Square,
) -> Float[Tensor, "rows columns"]:
    """How far a unit's strongest activation falls, by where the square lies.

    Args:
        encoder: a frozen one.
        image: RGB in [0, 1].
        layer: one of the encoder's.
        unit: a channel.
        square: what covers it.

    Returns:
        The fall at each place, from the top left on, as the activation itself without the square
        minus that with it; 0 where the activation does not see the square, below 0 where the unit
        answers to it more.

    Raises:
        ValueError: an unknown layer or channel, or a square that is larger than the photo.
    """
    check_layers([layer], encoder.layers, encoder.name)
    height, width = image.shape[-2:]
    size, stride = square.side, square.stride
    if size > min(height, width):
        raise ValueError(
            f"a square lies within the photo of {width} x {height} pixels, got one of {size}; take "
            "a smaller one."
        )
    features = encoder(image)[layer]
    check_units(torch.tensor([unit]), features.shape[1], layer)
    tops = range(0, height - size + 1, stride)
    lefts = range(0, width - size + 1, stride)
    places = [(top, left) for top in tops for left in lefts]
    # The activation that is strongest on the whole photo, at the place where it is.
    strongest = features[0, unit].flatten().argmax()
    left_over = [
        encoder(_covered(image, places[i : i + BATCH], size))[layer][:, unit].flatten(1)
        for i in range(0, len(places), BATCH)
    ]
    fall = features[0, unit].flatten()[strongest] - torch.cat(left_over)[:, strongest]
    return fall.view(len(tops), len(lefts))


def _covered(
    image: Float[Tensor, "1 3 h w"], places: list[tuple[int, int]], size: int
) -> Float[Tensor, "n 3 h w"]:
    covered = image.repeat(len(places), 1, 1, 1)
    for copy, (top, left) in zip(covered, places, strict=True):
        copy[:, top : top + size, left : left + size] = GREY
    return covered
