"""Fully connected players, for points in the plane and images of a few pixels.

Two fixed layers, without weights, let small networks do what large ones learn slowly.

The generator reads the first binary digits of each uniform number as coin flips. A continuous
function of connected noise has connected samples: between modes it leaves bridges, where nothing
should be (M. Khayatkhoei, A. Elgammal and M. Singh, "Disconnected manifold learning for generative
adversarial networks", NeurIPS 2018, who train several generators instead). But the digits of a
uniform number are independent fair coins, and what is left of it is uniform again (M. Kac,
"Statistical independence in probability, analysis and number theory", 1959, ch. 1): the same noise,
written in another way, has as many pieces as there are words of digits.

The discriminator reads points through waves of random directions, from the whole cloud's size to
below that of a mode (M. Tancik et al., "Fourier features let networks learn high frequency
functions in low dimensional domains", NeurIPS 2020; there all are of one scale).
"""

import math
from collections.abc import Sequence
from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm as with_spectral_norm

SLOPE: Final = 0.2  # of the leaky ReLU below 0


class BinaryExpansion(nn.Module):
    """Uniform numbers to their first binary digits and what is left; the same noise.

    (n, d) in [-1, 1) to (n, (num_digits + 1) d): digits as -1 and 1, the first ones first, then
    the remainders, stretched to [-1, 1) again.

    Args:
        num_digits: of each number; 0 leaves them as they are.
    """

    def __init__(self, num_digits: int) -> None:
        super().__init__()
        self.num_digits = num_digits

    def forward(self, z: Float[Tensor, "n d"]) -> Float[Tensor, "n e"]:
        """See the class."""
        digits, rest = [], z
        for _ in range(self.num_digits):
            digit = torch.where(rest < 0.0, -1.0, 1.0)
            digits.append(digit)
            rest = 2.0 * rest - digit
        return torch.cat([*digits, rest], dim=1)


class FourierFeatures(nn.Module):
    """Numbers beside sines and cosines of them: (n, d) to (n, d + 2 num_waves).

    Args:
        num_numbers: d.
        num_waves: of random directions, their frequencies spaced by equal factors.
        lowest: frequency, in radians to a unit of the data.
        highest: frequency; 80 tells points apart that are 0.02 from each other.
    """

    def __init__(
        self, num_numbers: int, num_waves: int, lowest: float = 1.0, highest: float = 80.0
    ) -> None:
        super().__init__()
        directions = nn.functional.normalize(torch.randn(num_numbers, num_waves), dim=0)
        lengths = torch.logspace(math.log10(lowest), math.log10(highest), num_waves)
        self.waves: Tensor
        self.register_buffer("waves", directions * lengths)

    def forward(self, numbers: Float[Tensor, "n d"]) -> Float[Tensor, "n e"]:
        """See the class."""
        angles = numbers @ self.waves
        return torch.cat([numbers, angles.sin(), angles.cos()], dim=1)


class MLPGenerator(nn.Module):
    """(n, latent_dim) in [-1, 1) to samples, (n, *shape).

    17 thousand parameters at the defaults for points.

    Args:
        latent_dim: how many uniform numbers become a sample.
        shape: of a sample.
        width: units of a hidden layer.
        depth: hidden layers.
        num_digits: see ``BinaryExpansion``.
        is_bounded: whether a tanh keeps samples in [-1, 1].
    """

    def __init__(
        self,
        latent_dim: int,
        shape: Sequence[int],
        width: int = 64,
        depth: int = 5,
        num_digits: int = 4,
        *,
        is_bounded: bool = False,
    ) -> None:
        super().__init__()
        self._shape = tuple(shape)
        num_inputs = latent_dim * (num_digits + 1)
        layers = hidden_layers(num_inputs, width, depth)
        layers.append(nn.Linear(width, math.prod(shape)))
        if is_bounded:
            layers.append(nn.Tanh())
        self.layers = nn.Sequential(BinaryExpansion(num_digits), *layers)

    def forward(self, z: Float[Tensor, "n latent_dim"]) -> Float[Tensor, "n *shape"]:
        """See the class."""
        made: Tensor = self.layers(z)
        return made.reshape(-1, *self._shape)


class MLPDiscriminator(nn.Module):
    """Samples, (n, *shape), to logits, (n), each from its own sample alone.

    13 thousand parameters at the defaults for points.

    Args:
        shape: of a sample.
        width: units of a hidden layer.
        depth: hidden layers.
        num_waves: see ``FourierFeatures``; 0 for none.
        spectral_norm: keep the largest singular value of each layer at 1 (T. Miyato et al.,
            "Spectral normalization for generative adversarial networks", ICLR 2018).
    """

    def __init__(
        self,
        shape: Sequence[int],
        width: int = 64,
        depth: int = 3,
        num_waves: int = 32,
        *,
        spectral_norm: bool = False,
    ) -> None:
        super().__init__()
        num_numbers = math.prod(shape)
        layers = hidden_layers(num_numbers + 2 * num_waves, width, depth)
        layers.append(nn.Linear(width, 1))
        if spectral_norm:
            for layer in layers[::2]:
                with_spectral_norm(layer)
        if num_waves:
            layers.insert(0, FourierFeatures(num_numbers, num_waves))
        self.layers = nn.Sequential(*layers)

    def forward(self, samples: Float[Tensor, "n *shape"]) -> Float[Tensor, " n"]:
        """See the class."""
        logits: Tensor = self.layers(samples.flatten(1))
        return logits[:, 0]


def hidden_layers(num_inputs: int, width: int, depth: int) -> list[nn.Module]:
    """Linear layers and leaky ReLUs in turn; the initialisation is PyTorch's."""
    layers: list[nn.Module] = []
    for i in range(depth):
        layers += [nn.Linear(width if i else num_inputs, width), nn.LeakyReLU(SLOPE)]
    return layers
