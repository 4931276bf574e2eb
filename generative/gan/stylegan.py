"""StyleGAN2: a network that maps noise to styles, and one that paints under these styles.

T. Karras et al., "Analyzing and improving the image quality of StyleGAN", CVPR 2020. Noise passes
a mapping network and becomes w. Each layer of the synthesis network scales its input channels by
an affine map of w (modulation), and its output so that it keeps its deviation (demodulation). The
image is the sum of what the resolutions add to it. The discriminator is residual and sees how much
neighbours in its batch differ. From T. Karras, S. Laine and T. Aila, "A style-based generator
architecture for generative adversarial networks", CVPR 2019, come noise at each position, style
mixing and truncation.

Departures:

- z is uniform, as everywhere here; the normal noise of the paper is its inverse distribution.
- Modulated convolutions are computed in another way, see ``stylegan_layers``.
- Style mixing is drawn for each sample (2019, sec. 3.1), not once for a batch as in the code that
  came with the paper.
- Groups of the minibatch deviation are neighbours in the batch, so that real and generated samples,
  which pass as one batch here, never share one.
- Images pass tanh, as DCGAN's: half of a digit is pure black, which the plain sum of the paper
  never hits, and the discriminator would look at nothing else.
- The mapping network learns at a tenth of the others' rate, not at a hundredth (2019, appendix C):
  runs here take thousands of steps, not hundreds of thousands.
- In use, noise is constant.
"""

import math
from itertools import pairwise
from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from etude.generative.gan.latents import inverse_error
from etude.generative.gan.stylegan_layers import (
    EqualisedConv2d,
    EqualisedLinear,
    Features,
    ModulatedConv2d,
    activate,
    doubled,
)

SMALLEST: Final = 4  # pixels a side of the constant that images grow from
SIZES: Final = (8, 16, 32, 64, 128, 256, 512, 1024)
MOST_CHANNELS: Final = 512
GROUP_SIZE: Final = 4  # samples whose deviation the discriminator sees
W_MEMORY: Final = 0.995  # of the average of w, as in the paper's code
MAPPING_RATE: Final = 0.1  # of the mapping network's weights


class MappingNetwork(nn.Module):
    """Uniform noise in [-1, 1] to w, both (n, latent_dim).

    Args:
        latent_dim: width of all layers.
        depth: layers; 8 in the paper.
    """

    def __init__(self, latent_dim: int, depth: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            EqualisedLinear(latent_dim, latent_dim, rate=MAPPING_RATE) for _ in range(depth)
        )

    def forward(self, z: Float[Tensor, "n latent_dim"]) -> Float[Tensor, "n latent_dim"]:
        """See the class."""
        features = inverse_error(z)
        features = features * torch.rsqrt(features.square().mean(dim=1, keepdim=True) + 1e-8)
        for layer in self.layers:
            features = activate(layer(features))
        return features


class StyleLayer(nn.Module):
    """A modulated convolution, noise at each position, a bias and leaky ReLU (fig. 2c).

    Args:
        num_in: channels.
        num_out: channels.
        size: pixels a side of the output.
        w_dim: width of w.
        double: the size.
    """

    def __init__(
        self, num_in: int, num_out: int, size: int, w_dim: int, *, double: bool = False
    ) -> None:
        super().__init__()
        self.convolution = ModulatedConv2d(num_in, num_out, 3, w_dim, double=double)
        self.noise_strength = nn.Parameter(torch.zeros(()))
        self.bias = nn.Parameter(torch.zeros(num_out))
        self.noise: Tensor
        self.register_buffer("noise", torch.randn(1, 1, size, size))

    def forward(
        self, features: Features, w: Float[Tensor, "n w_dim"], torch_rng: torch.Generator | None
    ) -> Float[Tensor, "n d size size"]:
        """See the class.

        Args:
            features: of this size, or half of it.
            w: of each sample.
            torch_rng: draws the noise; constant noise if None.
        """
        noise = self.noise
        if torch_rng is not None:  # drawn on the CPU: the same on every device
            shape = (len(features), *noise.shape[1:])
            noise = torch.randn(shape, generator=torch_rng).to(noise.device)
        offset = noise * self.noise_strength + self.bias[:, None, None]
        return activate(self.convolution(features, w) + offset)


class StyleBlock(nn.Module):
    """Two layers at one size (one at the smallest), and what they add to the image (fig. 7b).

    Args:
        num_in: channels; None at the smallest size.
        num_out: channels.
        size: pixels a side.
        channels: of the image.
        w_dim: width of w.
    """

    def __init__(
        self, num_in: int | None, num_out: int, size: int, channels: int, w_dim: int
    ) -> None:
        super().__init__()
        self.layers = nn.ModuleList()
        if num_in is not None:
            self.layers.append(StyleLayer(num_in, num_out, size, w_dim, double=True))
        self.layers.append(StyleLayer(num_out, num_out, size, w_dim))
        self.to_image = ModulatedConv2d(num_out, channels, 1, w_dim, demodulate=False)
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(
        self,
        features: Features,
        image: Tensor | None,
        w: Float[Tensor, "n num_w w_dim"],
        torch_rng: torch.Generator | None,
    ) -> tuple[Float[Tensor, "n d size size"], Float[Tensor, "n channels size size"]]:
        """Features and image at this size; those at half of it go in, no image at the smallest."""
        for i, layer in enumerate(self.layers):
            features = layer(features, w[:, i], torch_rng)
        added = self.to_image(features, w[:, len(self.layers)]) + self.bias[:, None, None]
        return features, added if image is None else added + doubled(image)


class StyleGANGenerator(nn.Module):
    """(n, latent_dim) in [-1, 1] to images, (n, channels, size, size).

    1.5 million parameters at the defaults; 30,370,060 with a latent_dim of 512 and a size of 1024,
    the paper's configuration F. Normal weights, see ``EqualisedLinear``.

    Args:
        latent_dim: how many uniform numbers become an image, and the width of w.
        size: pixels a side, one of ``SIZES``.
        channels: 1 for grey, 3 for RGB.
        width: channels at half the size; half as many at the full size, twice as many at each
            halving, up to 512.
        depth: layers from z to w.
        style_mixing: share of the samples in training that change to another w at a random layer.

    Raises:
        ValueError: an unknown size.

    Attributes:
        noise_rng: of noise and mixing in training; None in use, where both are off, and in copies.
    """

    noise_rng: torch.Generator | None

    def __init__(
        self,
        latent_dim: int = 64,
        size: int = 32,
        channels: int = 3,
        width: int = 64,
        *,
        depth: int = 8,
        style_mixing: float = 0.9,
    ) -> None:
        super().__init__()
        widths = _widths(size, width)
        self.latent_dim, self._channels = latent_dim, channels
        self.noise_rng, self._style_mixing = None, style_mixing
        self.mapping = MappingNetwork(latent_dim, depth)
        self.constant = nn.Parameter(torch.randn(1, widths[0], SMALLEST, SMALLEST))
        self.blocks = nn.ModuleList(
            StyleBlock(num_in, num_out, SMALLEST * 2**i, channels, latent_dim)
            for i, (num_in, num_out) in enumerate(zip([None, *widths], widths, strict=False))
        )
        self.w_average: Tensor
        self.register_buffer("w_average", torch.zeros(latent_dim))
        self.to(memory_format=torch.channels_last)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of an image: (channels, size, size)."""
        size = SMALLEST * 2 ** (len(self.blocks) - 1)
        return (self._channels, size, size)

    @property
    def num_w(self) -> int:
        """How many w an image is painted with: 4 at size 8, 18 at 1024."""
        return 2 * len(self.blocks)

    def forward(
        self, z: Float[Tensor, "n latent_dim"], truncation: float = 1.0
    ) -> Float[Tensor, "n c size size"]:
        """Images.

        Args:
            z: uniform noise.
            truncation: psi: w is drawn towards its average by it (2019, appendix B); below 1 images
                are more alike and seldom broken, at 0 there is one.
        """
        w = self.styles(z)
        if self.noise_rng is not None:
            return self.synthesise(w, self.noise_rng)
        return self.synthesise(torch.lerp(self.w_average, w, truncation))

    def styles(self, z: Float[Tensor, "n latent_dim"]) -> Float[Tensor, "n num_w w_dim"]:
        """The w of each layer; mixed, and counted in their average, in training."""
        w: Tensor = self.mapping(z)[:, None].expand(-1, self.num_w, -1)
        torch_rng = self.noise_rng
        if torch_rng is None:
            return w
        self.w_average.lerp_(w.detach()[:, 0].float().mean(dim=0), 1.0 - W_MEMORY)
        other_z = torch.rand(z.shape, generator=torch_rng).mul_(2.0).sub_(1.0).to(z)
        cuts = torch.randint(1, self.num_w, (len(z),), generator=torch_rng)
        is_mixed = torch.rand(len(z), generator=torch_rng) < self._style_mixing
        cuts = torch.where(is_mixed, cuts, self.num_w)
        is_other = torch.arange(self.num_w) >= cuts[:, None]
        return torch.where(is_other.to(z.device)[:, :, None], self.mapping(other_z)[:, None], w)

    def synthesise(
        self, w: Float[Tensor, "n num_w w_dim"], torch_rng: torch.Generator | None = None
    ) -> Float[Tensor, "n c size size"]:
        """Images.

        Args:
            w: of each layer.
            torch_rng: of the noise, which is constant if left out.
        """
        image: Tensor | None = None
        features = self.constant.expand(len(w), -1, -1, -1)
        features = features.contiguous(memory_format=torch.channels_last)
        for i, block in enumerate(self.blocks):
            own = w[:, max(2 * i - 1, 0) : 2 * i + 2]  # the last one goes to the next block, too
            features, image = block(features, image, own, torch_rng)
        assert image is not None
        return torch.tanh(image)

    def __getstate__(self) -> dict[str, object]:
        """What a copy keeps, as the moving average is one."""
        return self.__dict__ | {"noise_rng": None}


class ResidualBlock(nn.Module):
    """Two convolutions, the second of which halves the size, beside a third (fig. 7c).

    Args:
        num_in: channels.
        num_out: channels.
    """

    def __init__(self, num_in: int, num_out: int) -> None:
        super().__init__()
        self.first = EqualisedConv2d(num_in, num_in, 3)
        self.second = EqualisedConv2d(num_in, num_out, 3, halve=True)
        self.skip = EqualisedConv2d(num_in, num_out, 1, halve=True, bias=False)

    def forward(self, features: Features) -> Float[Tensor, "n d _h _w"]:
        """See the class."""
        change = activate(self.second(activate(self.first(features))))
        total: Tensor = change + self.skip(features)
        return total / math.sqrt(2.0)


class StyleGANDiscriminator(nn.Module):
    """Images, (n, channels, size, size), to logits, (n), n a multiple of 4.

    A logit depends on its image and on the three others of its group, which are neighbours in the
    batch. 2.3 million parameters at the defaults; 29,012,513 with a size of 1024, the paper's
    configuration F.

    Args:
        size: pixels a side, one of ``SIZES``.
        channels: 1 for grey, 3 for RGB.
        width: channels at half the size; half as many at the full size, twice as many at each
            halving, up to 512.

    Raises:
        ValueError: an unknown size.
    """

    def __init__(self, size: int = 32, channels: int = 3, width: int = 64) -> None:
        super().__init__()
        widths = _widths(size, width)[::-1]
        deepest = widths[-1]
        self.from_image = EqualisedConv2d(channels, widths[0], 1)
        self.blocks = nn.Sequential(*[ResidualBlock(*pair) for pair in pairwise(widths)])
        self.convolution = EqualisedConv2d(deepest + 1, deepest, 3)
        self.dense = EqualisedLinear(deepest * SMALLEST**2, deepest)
        self.judge = EqualisedLinear(deepest, 1)
        self.to(memory_format=torch.channels_last)

    def forward(self, images: Float[Tensor, "n c size size"]) -> Float[Tensor, " n"]:
        """See the class.

        Raises:
            ValueError: n is no multiple of 4.
        """
        features = images.contiguous(memory_format=torch.channels_last)
        features = self.blocks(activate(self.from_image(features)))
        features = activate(self.convolution(with_deviation(features)))
        logits: Tensor = self.judge(activate(self.dense(features.flatten(1))))
        return logits[:, 0]


def with_deviation(features: Features) -> Float[Tensor, "n c+1 h w"]:
    """Features and, as one more channel, how much those of a group differ.

    The deviation over four neighbours in the batch, the mean over channels and positions (Karras et
    al. 2018, sec. 3).

    Raises:
        ValueError: n is no multiple of 4.
    """
    n, _, h, w = features.shape
    if n % GROUP_SIZE:
        raise ValueError(
            f"StyleGAN2's discriminator sees samples in groups of {GROUP_SIZE}, got {n}; choose a "
            f"batch whose parts are multiples of {GROUP_SIZE}."
        )
    groups = features.reshape(-1, GROUP_SIZE, *features.shape[1:])
    variances = (groups - groups.mean(dim=1, keepdim=True)).square().mean(dim=1)
    deviations = (variances + 1e-8).sqrt().mean(dim=(1, 2, 3)).repeat_interleave(GROUP_SIZE)
    added = deviations[:, None, None, None].expand(-1, -1, h, w)
    return torch.cat([features, added], dim=1)


def _widths(size: int, width: int) -> list[int]:
    """Channels at 4 x 4 and at each doubling, up to the full size.

    >>> _widths(32, 96)
    [384, 192, 96, 48]
    """
    if size not in SIZES:
        raise ValueError(
            f"images have a size of {', '.join(map(str, SIZES))} pixels, got {size}; scale them."
        )
    num_doublings = int(math.log2(size // SMALLEST))
    return [min(width * 2**i // 2, MOST_CHANNELS) for i in range(num_doublings, -1, -1)]
