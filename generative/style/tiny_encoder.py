"""A small encoder with random weights, for tests and for trying things out in a moment.

Two convolutions and a pooling, with smooth nonlinearities: what is differentiated by hand or by
finite differences has no kinks. It knows nothing of pictures; styles of it are tints.
"""

from collections.abc import Sequence
from typing import Final

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from etude.generative.style.protocol import check_layers, freeze

LAYERS: Final = ("conv1", "conv2")
CHANNELS: Final = (8, 12)


class TinyEncoder(nn.Module):
    """Seeded weights.

    Input: RGB in [0, 1], (n, 3, h, w). Output by name: "conv1" (n, 8, h, w), "conv2" (n, 12, h/2,
    w/2). 1,100 parameters, normal with variance 1 / fan-in.

    Args:
        layers: the names of the features to return.
        seed: of the weights.

    Raises:
        ValueError: no or unknown layers.
    """

    name = "tiny"

    def __init__(self, layers: Sequence[str] = LAYERS, seed: int = 0) -> None:
        super().__init__()
        check_layers(layers, LAYERS, self.name)
        self.layers = tuple(layers)
        self.conv1 = nn.Conv2d(3, CHANNELS[0], 3, padding=1)
        self.conv2 = nn.Conv2d(*CHANNELS, 3, padding=1)
        torch_rng = torch.Generator().manual_seed(seed)
        for weight in self.parameters():
            fan_in = max(weight[0].numel(), 1)
            weight.data.normal_(0.0, fan_in**-0.5, generator=torch_rng)
        freeze(self)

    def forward(self, images: Float[Tensor, "n 3 h w"]) -> dict[str, Float[Tensor, "n _c _h _w"]]:
        """See the class."""
        conv1 = F.softplus(self.conv1(2.0 * images - 1.0))
        conv2 = F.softplus(self.conv2(F.avg_pool2d(conv1, 2)))
        features = {"conv1": conv1, "conv2": conv2}
        return {layer: features[layer] for layer in self.layers}
