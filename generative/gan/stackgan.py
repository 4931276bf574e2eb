"""Text to image in two stages: a sketch from a caption, then a larger picture from the sketch.

H. Zhang et al., "StackGAN: text to photo-realistic image synthesis with stacked generative
adversarial networks", ICCV 2017. A text becomes a Gaussian, of which a condition is drawn
(conditioning augmentation, sec. 3.2). Stage-I makes a small image of condition and noise (sec.
3.3). Stage-II sees that image, and the text once more, and draws it anew at a higher resolution
(sec. 3.4). Both discriminators judge whether an image is real and fits a text.

There are two designs. "paper", with the arguments in ``PAPER_STAGE_ONE`` and its like, has layers
and numbers of parameters of the authors' PyTorch code for COCO. "small" is for scenes on one core,
and departs from it:

- Features of length one instead of batch normalisation, as in ``dcgan``.
- The text meets the image in an inner product (T. Miyato and M. Koyama, "cGANs with projection
  discriminator", ICLR 2018) instead of a convolution over both. With a vector for each place of the
  caption, a logit is a sum over words, so what is learned of "red" holds for shapes that were never
  red.
- Stage-II corrects the enlarged sketch instead of drawing every pixel anew.

Departures of both: the text encoder is learned along with each player, by ``TextEncoder``, where
the paper has one that was trained before; the logits of Stage-II's two judges are added; conditions
come from uniform noise that is handed in, so a picture is a function of caption and noise; and
enlarging by nearest neighbours before a convolution is one transposed convolution with a kernel of
4 x 4, which is the same to rounding and takes 16 products where it took 36.
"""

import math
from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Final, NamedTuple, get_args

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from etude.foundations.names import check_name
from etude.generative.gan.dcgan import PixelNorm
from etude.generative.gan.latents import normal
from etude.generative.gan.stackgan_layers import (
    ConditioningAugmentation,
    Design,
    ResidualBlock,
    convolution,
    enlarging,
    feature_norm,
    halving,
    initialise,
    judge_norm,
    num_doublings,
)

SMALLEST: Final = 4  # pixels a side where Stage-I begins and the discriminators end
SLOPE: Final = 0.2
KEPT_WIDTHS: Final = 8  # a judge sees at most so many times the discriminator's width


PAPER_STAGE_ONE: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "text_dim": 1_024,
        "condition_dim": 128,
        "latent_dim": 100,
        "width": 1_536,
        "size": 64,
        "design": "paper",
    }
)
PAPER_STAGE_TWO: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "text_dim": 1_024,
        "condition_dim": 128,
        "width": 192,
        "small_size": 64,
        "size": 256,
        "num_halvings": 2,
        "num_blocks": 2,
        "design": "paper",
    }
)
PAPER_STAGE_ONE_JUDGE: Final[Mapping[str, Any]] = MappingProxyType(
    {"text_dim": 128, "width": 96, "size": 64, "design": "paper"}
)
PAPER_STAGE_TWO_JUDGE: Final[Mapping[str, Any]] = MappingProxyType(
    {"text_dim": 128, "width": 96, "size": 256, "design": "paper"}
)


class Drawn(NamedTuple):
    """Images, and how far the Gaussians of their conditions are from the standard one."""

    images: Float[Tensor, "n 3 size size"]
    """RGB in [-1, 1]."""
    divergence: Float[Tensor, ""]
    """See ``ConditioningAugmentation``."""


class StageIGenerator(nn.Module):
    """A sketch of a text: (n, text_dim) and noise, (n, num_latents) in [-1, 1], to ``Drawn``.

    273 thousand parameters at the defaults, 20 million in the paper's design.

    Args:
        text_dim: of a text's vector.
        condition_dim: of a condition, N_g in the paper.
        latent_dim: of the noise beside it, N_z.
        width: channels at 4 x 4; half as many at each doubling.
        size: pixels a side, a power of two.
        design: see the module.

    Attributes:
        num_latents: uniform numbers that an image takes: of the noise, then of the condition.
    """

    def __init__(
        self,
        text_dim: int = 112,
        condition_dim: int = 64,
        latent_dim: int = 16,
        width: int = 128,
        size: int = 16,
        design: Design = "small",
    ) -> None:
        super().__init__()
        check_name("a design", design, get_args(Design))
        self.num_latents, self._latent_dim = latent_dim + condition_dim, latent_dim
        self.augment = ConditioningAugmentation(text_dim, condition_dim)
        self.project = nn.Sequential(
            nn.Linear(self.num_latents, width * SMALLEST**2, bias=design == "small"),
            nn.BatchNorm1d(width * SMALLEST**2) if design == "paper" else nn.Identity(),
            nn.Unflatten(1, (width, SMALLEST, SMALLEST)),
            PixelNorm() if design == "small" else nn.Identity(),
            nn.ReLU(),
        )
        self.enlarge = enlarging(width, num_doublings(SMALLEST, size), design)
        self.paint = convolution(width * SMALLEST // size, 3, design)
        initialise(self, design)

    def forward(
        self, text: Float[Tensor, "n text_dim"], z: Float[Tensor, "n num_latents"]
    ) -> Drawn:
        """See the class."""
        noise = z[:, : self._latent_dim]
        condition, divergence = self.augment(text, normal(z[:, self._latent_dim :]))
        features = self.project(torch.cat([noise, condition], dim=1))
        features = features.contiguous(memory_format=torch.channels_last)
        return Drawn(torch.tanh(self.paint(self.enlarge(features))), divergence)


class StageIIGenerator(nn.Module):
    """A larger picture of a text and its sketch: ``Drawn`` of both and of noise in [-1, 1].

    293 thousand parameters at the defaults, 37 million in the paper's design.

    Args:
        text_dim: of a text's vector.
        condition_dim: of a condition, N_g in the paper.
        width: channels at the sketch's size; twice as many at each halving.
        small_size: pixels a side of a sketch.
        size: of a picture, twice or four times as many.
        num_halvings: of the sketch, before the residual blocks; to M_g x M_g in the paper.
        num_blocks: residual blocks.
        design: see the module; the small one adds the enlarged sketch before the tanh.

    Attributes:
        num_latents: uniform numbers that an image takes: those of the condition.
    """

    def __init__(
        self,
        text_dim: int = 112,
        condition_dim: int = 64,
        width: int = 32,
        small_size: int = 16,
        size: int = 32,
        num_halvings: int = 1,
        num_blocks: int = 2,
        design: Design = "small",
    ) -> None:
        super().__init__()
        check_name("a design", design, get_args(Design))
        self.num_latents, self._refines, self._size = condition_dim, design == "small", size
        self.augment = ConditioningAugmentation(text_dim, condition_dim)
        widths = [width * 2**i for i in range(num_halvings + 1)]
        self.look = nn.Sequential(convolution(3, width, design), nn.ReLU())
        for num_in, num_out in pairwise(widths):
            self.look += nn.Sequential(
                halving(num_in, num_out, design), feature_norm(num_out, design), nn.ReLU()
            )
        self.join = nn.Sequential(
            convolution(condition_dim + widths[-1], widths[-1], design),
            feature_norm(widths[-1], design),
            nn.ReLU(),
        )
        self.refine = nn.Sequential(*(ResidualBlock(widths[-1], design) for _ in range(num_blocks)))
        num_times = num_halvings + num_doublings(small_size, size)
        self.enlarge = enlarging(widths[-1], num_times, design)
        self.paint = convolution(widths[-1] // 2**num_times, 3, design)
        initialise(self, design)
        if self._refines:  # the first pictures are the enlarged sketches
            nn.init.zeros_(self.paint.weight)

    def forward(
        self,
        text: Float[Tensor, "n text_dim"],
        sketches: Float[Tensor, "n 3 small_size small_size"],
        z: Float[Tensor, "n num_latents"],
    ) -> Drawn:
        """See the class."""
        condition, divergence = self.augment(text, normal(z))
        features = self.look(sketches.contiguous(memory_format=torch.channels_last))
        everywhere = condition[:, :, None, None].expand(-1, -1, *features.shape[2:])
        features = self.refine(self.join(torch.cat([features, everywhere], dim=1)))
        painted = self.paint(self.enlarge(features))
        if self._refines:
            painted = painted + _before_tanh(enlarged(sketches, self._size))
        return Drawn(torch.tanh(painted), divergence)


class StageIDiscriminator(nn.Module):
    """Images, (n, 3, size, size), and text vectors, (n, text_dim), to logits, (n).

    ``look`` then ``decide`` are the same in two steps, so that an image that is judged beside two
    texts is looked at once. 513 thousand parameters at the defaults, 12 million in the paper's
    design.

    Args:
        text_dim: of a text's vector, N_d in the paper.
        width: channels at half the size; twice as many at each halving.
        size: pixels a side, a power of two.
        design: see the module.
    """

    def __init__(
        self,
        text_dim: int = 112,
        width: int = 64,
        size: int = 16,
        design: Design = "small",
    ) -> None:
        super().__init__()
        check_name("a design", design, get_args(Design))
        num_halvings = num_doublings(SMALLEST, size)
        widths = [width * 2**i for i in range(num_halvings)]
        layers: list[nn.Module] = [halving(3, width, design), nn.LeakyReLU(SLOPE)]
        for num_in, num_out in pairwise(widths):
            layers += [halving(num_in, num_out, design), judge_norm(num_out, design)]
            layers += [nn.LeakyReLU(SLOPE)]
        last = widths[-1]
        while last > KEPT_WIDTHS * width:  # in Stage-II of the paper
            layers += [convolution(last, last // 2, design), judge_norm(last // 2, design)]
            layers += [nn.LeakyReLU(SLOPE)]
            last //= 2
        self.look = nn.Sequential(*layers)
        self.judge: nn.Module = (
            ProjectionJudge(last, text_dim)
            if design == "small"
            else JointJudge(last, text_dim, design)
        )
        self.num_features = last
        initialise(self, design)

    def forward(
        self, images: Float[Tensor, "n 3 size size"], text: Float[Tensor, "n text_dim"]
    ) -> Float[Tensor, " n"]:
        """See the class."""
        features = self.look(images.contiguous(memory_format=torch.channels_last))
        return self.decide(features, text)

    def decide(
        self, features: Float[Tensor, "n c 4 4"], text: Float[Tensor, "n text_dim"]
    ) -> Float[Tensor, " n"]:
        """The logits of images that were looked at."""
        logits: Tensor = self.judge(features, text)
        return logits


class StageIIDiscriminator(StageIDiscriminator):
    """As Stage-I's, for larger images; a joint judge has one of the image alone beside it.

    545 thousand parameters at the defaults, 160 million in the paper's design.
    """

    def __init__(
        self,
        text_dim: int = 112,
        width: int = 32,
        size: int = 32,
        design: Design = "small",
    ) -> None:
        super().__init__(text_dim, width, size, design)
        self.image_judge = nn.Conv2d(self.num_features, 1, SMALLEST) if design == "paper" else None
        initialise(self, design)

    def decide(
        self, features: Float[Tensor, "n c 4 4"], text: Float[Tensor, "n text_dim"]
    ) -> Float[Tensor, " n"]:
        """The logits of images that were looked at."""
        logits = super().decide(features, text)
        return logits if self.image_judge is None else logits + self.image_judge(features).flatten()


class JointJudge(nn.Module):
    """The paper's: a convolution over features and text at each place, then one over all places."""

    def __init__(self, num_features: int, text_dim: int, design: Design) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            convolution(num_features + text_dim, num_features, design),
            judge_norm(num_features, design),
            nn.LeakyReLU(SLOPE),
            nn.Conv2d(num_features, 1, SMALLEST),
        )

    def forward(
        self, features: Float[Tensor, "n c 4 4"], text: Float[Tensor, "n text_dim"]
    ) -> Float[Tensor, " n"]:
        """Logits."""
        everywhere = text[:, :, None, None].expand(-1, -1, *features.shape[2:])
        logits: Tensor = self.layers(torch.cat([features, everywhere], dim=1))
        return logits.flatten()


class ProjectionJudge(nn.Module):
    """A logit of the image alone, and an inner product of what it shows with the text."""

    def __init__(self, num_features: int, text_dim: int) -> None:
        super().__init__()
        self.think = nn.Sequential(
            nn.Conv2d(num_features, num_features, 3, padding=1), nn.LeakyReLU(SLOPE), nn.Flatten()
        )
        self.show = nn.Linear(num_features * SMALLEST**2, text_dim + 1)

    def forward(
        self, features: Float[Tensor, "n c 4 4"], text: Float[Tensor, "n text_dim"]
    ) -> Float[Tensor, " n"]:
        """Logits."""
        shown: Tensor = self.show(self.think(features))
        return shown[:, 0] + (shown[:, 1:] * text).sum(dim=1) / math.sqrt(text.shape[1])


def enlarged(images: Float[Tensor, "n 3 h w"], size: int) -> Float[Tensor, "n 3 {size} {size}"]:
    """Images at another size, bilinearly."""
    return F.interpolate(images, (size, size), mode="bilinear", align_corners=False)


def _before_tanh(images: Tensor) -> Tensor:
    return torch.atanh(0.99 * images)
