"""Convolutional players for images: DCGAN without the normalisation over batches.

A. Radford, L. Metz and S. Chintala, "Unsupervised representation learning with deep convolutional
generative adversarial networks", ICLR 2016: no pooling and no hidden dense layers, but strided
convolutions that double the resolution on the way out of the generator and halve it on the way into
the discriminator; ReLU there, leaky ReLU here; uniform noise in, tanh out.

Departures:

- No batch normalisation. In the discriminator it makes each logit depend on the other samples,
  which gradient penalties rule out; in the generator it makes samples depend on their batch, and
  several devices disagree with one. In its place, the generator scales the features at each
  position to length one (T. Karras et al., "Progressive growing of GANs", ICLR 2018, sec. 4.2).
- Kernels of 4 x 4 instead of 5 x 5: each stride is covered evenly, without a checkerboard.
- Weights begin with He's deviation for their activation instead of 0.02, which batch normalisation
  would have made up for.
"""

import math
from itertools import pairwise
from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm as with_spectral_norm

SMALLEST: Final = 4  # where the convolutions begin and end
SIZES: Final = (8, 16, 32, 64, 128)
SLOPE: Final = 0.2  # sec. 3
MOST_CHANNELS: Final = 512


class PixelNorm(nn.Module):
    """Features over their root mean square, position by position; shapes are kept."""

    def forward(self, features: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
        """See the class."""
        return features * torch.rsqrt(features.square().mean(dim=1, keepdim=True) + 1e-8)


class DCGANGenerator(nn.Module):
    """(n, latent_dim) in [-1, 1] to images in [-1, 1], (n, channels, size, size).

    925 thousand parameters at the defaults.

    Args:
        latent_dim: how many uniform numbers become an image.
        size: pixels a side, one of ``SIZES``.
        channels: 1 for grey, 3 for RGB.
        width: channels at half the size; twice as many at each halving, up to 512.

    Raises:
        ValueError: an unknown size.
    """

    def __init__(
        self, latent_dim: int = 64, size: int = 32, channels: int = 3, width: int = 64
    ) -> None:
        super().__init__()
        widths = [*reversed(_widths(size, width)), channels]
        self.project = nn.Linear(latent_dim, widths[0] * SMALLEST**2)
        self.norm = PixelNorm()
        self.convolutions = nn.ModuleList(
            nn.ConvTranspose2d(num_in, num_out, 4, stride=2, padding=1)
            for num_in, num_out in pairwise(widths)
        )
        _initialise(self, slope=0.0)
        self.to(memory_format=torch.channels_last)

    def forward(self, z: Float[Tensor, "n latent_dim"]) -> Float[Tensor, "n c size size"]:
        """See the class."""
        features = self.project(z).unflatten(1, (-1, SMALLEST, SMALLEST))
        features = features.contiguous(memory_format=torch.channels_last)
        for convolution in self.convolutions:
            features = convolution(F.relu(self.norm(features)))
        return torch.tanh(features)


class DCGANDiscriminator(nn.Module):
    """Images, (n, channels, size, size), to logits, (n), each from its own image alone.

    663 thousand parameters at the defaults.

    Args:
        size: pixels a side, one of ``SIZES``.
        channels: 1 for grey, 3 for RGB.
        width: channels at half the size; twice as many at each halving, up to 512.
        spectral_norm: keep the largest singular value of each layer at 1 (T. Miyato et al.,
            "Spectral normalization for generative adversarial networks", ICLR 2018).

    Raises:
        ValueError: an unknown size.
    """

    def __init__(
        self, size: int = 32, channels: int = 3, width: int = 64, *, spectral_norm: bool = False
    ) -> None:
        super().__init__()
        widths = [channels, *_widths(size, width)]
        self.convolutions = nn.ModuleList(
            nn.Conv2d(num_in, num_out, 4, stride=2, padding=1)
            for num_in, num_out in pairwise(widths)
        )
        self.judge = nn.Linear(widths[-1] * SMALLEST**2, 1)
        _initialise(self, slope=SLOPE)
        self.to(memory_format=torch.channels_last)
        if spectral_norm:
            for layer in (*self.convolutions, self.judge):
                with_spectral_norm(layer)

    def forward(self, images: Float[Tensor, "n c size size"]) -> Float[Tensor, " n"]:
        """See the class."""
        features = images.contiguous(memory_format=torch.channels_last)
        for convolution in self.convolutions:
            features = F.leaky_relu(convolution(features), SLOPE)
        logits: Tensor = self.judge(features.flatten(1))
        return logits[:, 0]


def _widths(size: int, width: int) -> list[int]:
    """Channels from half the size down to 4 x 4.

    >>> _widths(64, 96)
    [96, 192, 384, 512]
    """
    if size not in SIZES:
        raise ValueError(
            f"images have a size of {', '.join(map(str, SIZES))} pixels, got {size}; scale them."
        )
    num_halvings = int(math.log2(size // SMALLEST))
    return [min(width * 2**i, MOST_CHANNELS) for i in range(num_halvings)]


def _initialise(network: nn.Module, slope: float) -> None:
    """He's deviation, of as many inputs as meet in one output; no biases."""
    for module in network.modules():
        if isinstance(module, nn.ConvTranspose2d | nn.Conv2d | nn.Linear):
            weight = module.weight
            fan_in = weight[0].numel()
            if isinstance(module, nn.ConvTranspose2d):  # (in, out, 4, 4), of which 2 x 2 meet
                fan_in = weight.shape[0] * 4
            nn.init.normal_(weight, std=math.sqrt(2.0 / (1.0 + slope**2) / fan_in))
            assert module.bias is not None
            nn.init.zeros_(module.bias)
