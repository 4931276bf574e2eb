"""What both stages of StackGAN are made of: texts as vectors, conditions, convolutions, norms.

See ``stackgan``, which also says what the two designs are.
"""

import math
from typing import Final, Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from etude.generative.gan.captioned_scenes import NUM_WORDS, Words
from etude.generative.gan.dcgan import PixelNorm

FIRST_LOG_SIGMA: Final = -1.5
PAPER_DEVIATION: Final = 0.02

Design = Literal["small", "paper"]


class TextEncoder(nn.Module):
    """The words of captions, (n, 7), to vectors, (n, text_dim): a part for each place.

    Args:
        text_dim: of the vector; the last place takes what the others leave of it.
    """

    def __init__(self, text_dim: int) -> None:
        super().__init__()
        dims = [text_dim // len(NUM_WORDS)] * (len(NUM_WORDS) - 1)
        dims.append(text_dim - sum(dims))
        self.places = nn.ModuleList(
            nn.Embedding(num_words, dim) for num_words, dim in zip(NUM_WORDS, dims, strict=True)
        )

    def forward(self, words: Words) -> Float[Tensor, "n text_dim"]:
        """See the class."""
        columns = words.unbind(1)
        parts = [place(column) for place, column in zip(self.places, columns, strict=True)]
        return torch.cat(parts, dim=1)


class ConditioningAugmentation(nn.Module):
    """A condition drawn of a Gaussian that depends on a text (sec. 3.2).

    (n, text_dim) and standard normal noise, (n, condition_dim), to mu + sigma * noise, and to the
    divergence of eq. 2, D_KL(N(mu, sigma^2) || N(0, 1)) = (mu^2 + sigma^2 - 1) / 2 - log sigma, as
    the mean over samples and dimensions; 0 if the text does not matter.
    """

    def __init__(self, text_dim: int, condition_dim: int) -> None:
        super().__init__()
        self.project = nn.Linear(text_dim, 2 * condition_dim)

    @torch.no_grad()
    def begin(self) -> None:
        """Give all texts one narrow sigma at first, so that they can be told apart at once."""
        self.project.weight.chunk(2)[1].zero_()
        self.project.bias.chunk(2)[1].fill_(FIRST_LOG_SIGMA)

    def forward(
        self, text: Float[Tensor, "n text_dim"], noise: Float[Tensor, "n condition_dim"]
    ) -> tuple[Float[Tensor, "n condition_dim"], Float[Tensor, ""]]:
        """See the class."""
        mu, log_sigma = self.project(text).chunk(2, dim=1)
        sigma = log_sigma.exp()
        divergence = ((mu.square() + sigma.square() - 1.0) / 2.0 - log_sigma).mean()
        return mu + sigma * noise, divergence


class UpConvolution(nn.Module):
    """Nearest neighbours twice as large, then a convolution of 3 x 3: (n, c, h, w) to twice h, w.

    Both are linear, so they are one transposed convolution, whose kernel is the 3 x 3 one summed
    over the four places of a doubled pixel.
    """

    def __init__(self, num_in: int, num_out: int, *, bias: bool) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(num_out, num_in, 3, 3))
        self.bias = nn.Parameter(torch.empty(num_out)) if bias else None

    def forward(self, features: Float[Tensor, "n c h w"]) -> Float[Tensor, "n d h2 w2"]:
        """See the class."""
        flipped = self.weight.flip(2, 3).transpose(0, 1)
        rows = F.pad(flipped, (0, 0, 0, 1)) + F.pad(flipped, (0, 0, 1, 0))
        kernel = F.pad(rows, (0, 1)) + F.pad(rows, (1, 0))
        return F.conv_transpose2d(features, kernel, self.bias, stride=2, padding=1)


class ResidualBlock(nn.Module):
    """Two convolutions of 3 x 3 beside a shortcut; shapes are kept."""

    def __init__(self, width: int, design: Design) -> None:
        super().__init__()
        self.body = nn.Sequential(
            convolution(width, width, design),
            feature_norm(width, design),
            nn.ReLU(),
            convolution(width, width, design),
            feature_norm(width, design),
        )

    def forward(self, features: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
        """See the class."""
        return F.relu(features + self.body(features))


def num_doublings(small_size: int, size: int) -> int:
    """How often a size is doubled to become another.

    Raises:
        ValueError: it never does.
    """
    num = round(math.log2(size / small_size))
    if small_size * 2**num != size or num < 1:
        raise ValueError(
            f"a size is {small_size} pixels doubled once or more, got {size}; for example "
            f"{4 * small_size}."
        )
    return num


def enlarging(width: int, num_times: int, design: Design) -> nn.Sequential:
    """Layers that double height and width so many times, and halve the channels."""
    layers: list[nn.Module] = []
    for i in range(num_times):
        num_in, num_out = width // 2**i, width // 2 ** (i + 1)
        layers.append(UpConvolution(num_in, num_out, bias=design == "small"))
        layers += [feature_norm(num_out, design), nn.ReLU()]
    return nn.Sequential(*layers)


def convolution(num_in: int, num_out: int, design: Design) -> nn.Conv2d:
    """3 x 3; height and width are kept."""
    return nn.Conv2d(num_in, num_out, 3, padding=1, bias=design == "small")


def halving(num_in: int, num_out: int, design: Design) -> nn.Conv2d:
    """4 x 4 at every second place; height and width are halved."""
    return nn.Conv2d(num_in, num_out, 4, stride=2, padding=1, bias=design == "small")


def feature_norm(width: int, design: Design) -> nn.Module:
    """Of a generator's features."""
    return nn.BatchNorm2d(width) if design == "paper" else PixelNorm()


def judge_norm(width: int, design: Design) -> nn.Module:
    """Of a discriminator's features; none in the small one: their length tells it something."""
    return nn.BatchNorm2d(width) if design == "paper" else nn.Identity()


def initialise(network: nn.Module, design: Design) -> None:
    """He's deviation and no biases; 0.02 in the paper's design, as in its authors' code."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear | UpConvolution):
            std = (
                PAPER_DEVIATION if design == "paper" else math.sqrt(2.0 / module.weight[0].numel())
            )
            nn.init.normal_(module.weight, std=std)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    for module in network.modules():
        if isinstance(module, ConditioningAugmentation):
            module.begin()
