"""Super-resolution networks: a residual generator, and a critic of its pictures.

C. Ledig et al., "Photo-realistic single image super-resolution using a generative adversarial
network", CVPR 2017: SRResNet (fig. 4, above) looks at the small image with residual blocks and
enlarges at the end, by sub-pixel convolutions (W. Shi et al., "Real-time single image and video
super-resolution using an efficient sub-pixel convolutional neural network", CVPR 2016); the
discriminator (fig. 4, below) tells its pictures from photos.

With ``paper=True`` the networks are the paper's. Departures without:

- No batch normalisation, which costs range and memory here and blurs what is learned from small
  batches (B. Lim et al., "Enhanced deep residual networks for single image super-resolution",
  CVPRW 2017, sec. 3.1); ReLU, as there.
- The network adds to what bicubic interpolation makes, so that it begins there, and sees values
  around 0.
- One sub-pixel convolution, at the small image's resolution, instead of one for each factor of two
  and a wide kernel at full resolution: two thirds of the work goes into residual blocks that way.
- The discriminator judges regions of images of any size, each from what it sees of it, and its
  layers have a spectral norm of 1 (T. Miyato et al., ICLR 2018).
"""

import math
from itertools import pairwise
from typing import Final, Self

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm

SCALES: Final = (2, 4)
PAPER_WIDTH: Final = 64
PAPER_BLOCKS: Final = 16
PAPER_CROP: Final = 96  # pixels a side of what the paper's discriminator looks at
WIDE_KERNEL: Final = 9
SLOPE: Final = 0.2  # of the discriminator's leaky ReLU, sec. 2.1
STAGES: Final = (1, 2, 4, 8)  # its channels, in multiples of the width
REGION: Final = 16  # pixels from one of its logits to the next
DENSE: Final = 16  # its dense layer's width, in multiples of the width
FIRST_SHARE: Final = 0.1  # of He's deviation, in convolutions whose output is added to something
CORRECTION: Final = 0.1  # of what the last convolution makes is added: photos are nearly smooth


class ResidualBlock(nn.Module):
    """x + convolution(activation(convolution(x))), (n, width, h, w); normalised in the paper's."""

    def __init__(self, width: int, *, paper: bool) -> None:
        super().__init__()
        self.first = _convolution(width, width, bias=not paper)
        self.first_norm = nn.BatchNorm2d(width) if paper else nn.Identity()
        self.activation = nn.PReLU() if paper else nn.ReLU()
        self.second = _convolution(width, width, bias=not paper)
        self.second_norm = nn.BatchNorm2d(width) if paper else nn.Identity()

    def forward(self, features: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
        """See the class."""
        inner = self.activation(self.first_norm(self.first(features)))
        out: Tensor = features + self.second_norm(self.second(inner))
        return out


class SRResNet(nn.Module):
    """Small images to large ones: (n, 3, h, w) to (n, 3, scale h, scale w), RGB in [0, 1].

    What comes out may lie a little outside of [0, 1]. 293 thousand parameters at the defaults, 1.55
    million in the paper's network.

    Args:
        scale: 2 or 4.
        width: channels.
        num_blocks: residual blocks.
        paper: the paper's network instead of ours, see the module; ``SRResNet.paper`` has its size,
            too.

    Raises:
        ValueError: another scale, less than one channel, or fewer blocks than 0.
    """

    def __init__(
        self, scale: int = 4, width: int = 40, num_blocks: int = 9, *, paper: bool = False
    ) -> None:
        super().__init__()
        if scale not in SCALES:
            raise ValueError(
                f"a picture becomes {' or '.join(map(str, SCALES))} times as large, got {scale}; "
                "enlarge twice, or scale the result down."
            )
        if width < 1 or num_blocks < 0:
            raise ValueError(
                "a network has at least 1 channel and 0 blocks, got "
                f"width={width}, num_blocks={num_blocks}; leave them out if in doubt."
            )
        self.scale, self.width, self.num_blocks, self.is_paper = scale, width, num_blocks, paper
        self.head: nn.Module = _convolution(3, width)
        if paper:
            self.head = nn.Sequential(nn.Conv2d(3, width, WIDE_KERNEL, padding="same"), nn.PReLU())
        self.blocks = nn.Sequential(*(ResidualBlock(width, paper=paper) for _ in range(num_blocks)))
        self.after = nn.Sequential(_convolution(width, width, bias=not paper))
        if paper:
            self.after.append(nn.BatchNorm2d(width))
        self.enlarge = _paper_enlargement(scale, width) if paper else _enlargement(scale, width)
        if not paper:
            self._initialise()
        self.to(memory_format=torch.channels_last)

    @classmethod
    def paper(cls, scale: int = 4) -> Self:
        """The network of the paper, sec. 2.1 and 3.2: 64 channels, 16 blocks, normalised."""
        return cls(scale, PAPER_WIDTH, PAPER_BLOCKS, paper=True)

    @property
    def margin(self) -> int:
        """How many pixels of the small image around one can change what becomes of it."""
        convolutions = 1 + 2 * self.num_blocks + 1  # of 3 x 3 pixels
        if not self.is_paper:
            return convolutions + 1
        halvings = int(math.log2(self.scale))
        staged = sum(2.0**-i for i in range(halvings))  # 3 x 3, each at twice the resolution
        wide = WIDE_KERNEL // 2
        return convolutions - 1 + wide + math.ceil(staged + wide / self.scale)

    def forward(
        self, small: Float[Tensor, "n 3 h w"]
    ) -> Float[Tensor, "n 3 {self.scale}*h {self.scale}*w"]:
        """See the class."""
        centred = small if self.is_paper else 2.0 * small - 1.0
        first = self.head(centred.contiguous(memory_format=torch.channels_last))
        large: Tensor = self.enlarge(first + self.after(self.blocks(first)))
        return large if self.is_paper else bicubic(small, self.scale) + CORRECTION * large

    def _initialise(self) -> None:
        """He's deviation; little inside the blocks and nothing at the end, so bicubic is first."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                assert module.bias is not None
                nn.init.zeros_(module.bias)
        added = [module.second for module in self.modules() if isinstance(module, ResidualBlock)]
        for layer in (*added, self.after[0]):
            assert isinstance(layer, nn.Conv2d)
            with torch.no_grad():
                layer.weight.mul_(FIRST_SHARE)
        last = self.enlarge[0]
        assert isinstance(last, nn.Conv2d)
        nn.init.zeros_(last.weight)


class SRDiscriminator(nn.Module):
    """Images in [0, 1] to logits, high for photos; four strides of two, eight convolutions.

    In the paper's, (n, 3, 96, 96) becomes (n) logits, with 23.6 million parameters at 64 channels.
    Ours has 327 thousand at the default; images of (n, 3, h, w) become a logit for each region of
    16 x 16 pixels: (n h/16 w/16) in all, sides rounded up.

    Args:
        width: channels at first; twice as many after each stride but the last.
        paper: the paper's network, with batch normalisation and 1024 dense units at 64 channels.

    Raises:
        ValueError: less than one channel.
    """

    def __init__(self, width: int = 16, *, paper: bool = False) -> None:
        super().__init__()
        if width < 1:
            raise ValueError(f"a discriminator has at least 1 channel, got {width}; 16 is usual.")
        self.is_paper = paper
        channels = [3, *(width * share for share in STAGES for _ in range(2))]
        layers: list[nn.Module] = []
        for i, (num_in, num_out) in enumerate(pairwise(channels)):
            is_normed = paper and i > 0
            layers.append(_convolution(num_in, num_out, stride=1 + i % 2, bias=not is_normed))
            layers += [nn.BatchNorm2d(num_out)] if is_normed else []
            layers.append(nn.LeakyReLU(SLOPE))
        self.features = nn.Sequential(*layers)
        sides = PAPER_CROP // REGION if paper else 1
        self.judge = nn.Sequential(
            nn.Conv2d(channels[-1], DENSE * width, sides),  # over all positions: a dense layer
            nn.LeakyReLU(SLOPE),
            nn.Conv2d(DENSE * width, 1, 1),
        )
        self.to(memory_format=torch.channels_last)
        if not paper:
            for module in self.modules():
                if isinstance(module, nn.Conv2d):
                    spectral_norm(module)

    def forward(self, images: Float[Tensor, "n 3 h w"]) -> Float[Tensor, " m"]:
        """See the class.

        Raises:
            ValueError: the paper's is given images that are no squares of 96 pixels.
        """
        h, w = images.shape[2:]
        if self.is_paper and (h, w) != (PAPER_CROP, PAPER_CROP):
            raise ValueError(
                f"the paper's discriminator looks at {PAPER_CROP} x {PAPER_CROP} pixels, got {h} x "
                f"{w}; crop them."
            )
        scaled = (2.0 * images - 1.0).contiguous(memory_format=torch.channels_last)
        logits: Tensor = self.judge(self.features(scaled))
        return logits.flatten()


def bicubic(
    small: Float[Tensor, "n c h w"], scale: int
) -> Float[Tensor, "n c {scale}*h {scale}*w"]:
    """Enlarge by bicubic interpolation as PyTorch does it (a = -0.75); may overshoot."""
    return F.interpolate(small, scale_factor=scale, mode="bicubic", align_corners=False)


def _convolution(num_in: int, num_out: int, *, stride: int = 1, bias: bool = True) -> nn.Conv2d:
    return nn.Conv2d(num_in, num_out, 3, stride, padding=1, bias=bias)


def _enlargement(scale: int, width: int) -> nn.Sequential:
    return nn.Sequential(_convolution(width, 3 * scale**2), nn.PixelShuffle(scale))


def _paper_enlargement(scale: int, width: int) -> nn.Sequential:
    """Twice as large, once or more, then a wide kernel."""
    layers: list[nn.Module] = []
    for _ in range(int(math.log2(scale))):
        layers += [_convolution(width, 4 * width), nn.PixelShuffle(2), nn.PReLU()]
    return nn.Sequential(*layers, nn.Conv2d(width, 3, WIDE_KERNEL, padding="same"))
