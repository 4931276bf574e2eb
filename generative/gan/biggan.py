"""BigGAN: residual players of images that know the class of each.

A. Brock, J. Donahue and K. Simonyan, "Large scale GAN training for high fidelity natural image
synthesis", ICLR 2019, sec. 3 and appendix B. The generator's noise is cut into pieces: one begins
the image, the others go, each beside one embedding of the class that all share, into the gains and
biases of the batch normalisation of a residual block. The discriminator compares its features with
an embedding of the class (T. Miyato and M. Koyama, "cGANs with projection discriminator", ICLR
2018, eq. 3). Both have self-attention at 64 x 64 (H. Zhang et al., "Self-attention generative
adversarial networks", ICML 2019), weights of spectral norm 1 (T. Miyato et al., "Spectral
normalization for generative adversarial networks", ICLR 2018), and begin with orthogonal ones.
Sizes from 64 on, and 32, have the layers of the authors' code; at 128 pixels, ``width=96``,
``latent_dim=120`` and 1,000 classes the generator has its 70,433,988 parameters and the
discriminator its 87,982,370.

Departures:

- Noise comes in uniform on [-1, 1) and becomes the paper's normal noise by sqrt(2) erfinv(z).
- The convolution of a shortcut, of 1 x 1, is applied where there are fewer pixels: before the
  enlargement, after the reduction. It commutes with both.
- Sizes of 8 and 16, which the paper has not, go on from its 32.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Final

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm

from etude.generative.gan.latents import normal

SMALLEST: Final = 4  # pixels a side, where the generator begins
ATTENTION_SIZE: Final = 64  # app. B
EMBEDDING_DIM: Final = 128  # app. B
SPECTRAL_EPS: Final = 1e-6  # of the authors' code; torch's would do

Features = Float[Tensor, "n c h w"]
Changed = Float[Tensor, "n new_c new_h new_w"]


@dataclass(frozen=True)
class Layers:
    """Channels in multiples of the width, block by block.

    Args:
        generator: of the first features, and after each block, which doubles their size.
        discriminator: after each block.
        num_reductions: blocks of the discriminator, the first ones, that halve the size.
    """

    generator: tuple[int, ...]
    discriminator: tuple[int, ...]
    num_reductions: int


LAYERS: Final[Mapping[int, Layers]] = MappingProxyType(
    {
        8: Layers((4, 4), (4, 4), 1),
        16: Layers((4, 4, 4), (4, 4, 4), 2),
        32: Layers((4, 4, 4, 4), (4, 4, 4, 4), 2),
        64: Layers((16, 16, 8, 4, 2), (1, 2, 4, 8, 16), 4),
        128: Layers((16, 16, 8, 4, 2, 1), (1, 2, 4, 8, 16, 16), 5),
        256: Layers((16, 16, 8, 8, 4, 2, 1), (1, 2, 4, 8, 8, 16, 16), 6),
        512: Layers((16, 16, 8, 8, 4, 2, 1, 1), (1, 1, 2, 4, 8, 8, 16, 16), 7),
    }
)


class ClassConditionalBatchNorm(nn.Module):
    """Batch normalisation whose gains and biases are linear in a condition; shapes are kept.

    y = (1 + A s) (x - E x) / sqrt(Var x + eps) + B s, of the condition s; fig. 15 (b).

    Args:
        channels: of the features.
        condition_dim: of the condition: a piece of the noise beside the class's embedding.
    """

    def __init__(self, channels: int, condition_dim: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, affine=False)
        self.gain = nn.Linear(condition_dim, channels, bias=False)
        self.bias = nn.Linear(condition_dim, channels, bias=False)

    def forward(self, features: Features, condition: Float[Tensor, "n d"]) -> Features:
        """See the class."""
        gain = 1.0 + self.gain(condition)[:, :, None, None]
        bias = self.bias(condition)[:, :, None, None]
        return torch.addcmul(bias, self.norm(features), gain)


class SelfAttention(nn.Module):
    """Features plus what they look at elsewhere in their image; shapes are kept.

    x + gain o(g(x) softmax(theta(x)^T phi(x))), of Zhang et al., eq. 1 to 3, where phi and g are
    halved in size by their largest values, as in the authors' code. The gain begins at 0.

    Args:
        channels: of the features.

    Raises:
        ValueError: fewer than 8 channels.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        if channels < 8:
            raise ValueError(
                f"self-attention compares an eighth of at least 8 channels, got {channels}; choose "
                "a larger width."
            )
        self.query = nn.Conv2d(channels, channels // 8, 1, bias=False)  # theta
        self.key = nn.Conv2d(channels, channels // 8, 1, bias=False)  # phi
        self.value = nn.Conv2d(channels, channels // 2, 1, bias=False)  # g
        self.out = nn.Conv2d(channels // 2, channels, 1, bias=False)  # o
        self.gain = nn.Parameter(torch.zeros(()))

    def forward(self, features: Features) -> Features:
        """See the class."""
        queries = self.query(features).flatten(2).transpose(1, 2)  # (n, h*w, c/8)
        keys = F.max_pool2d(self.key(features), 2).flatten(2).transpose(1, 2)  # (n, h*w/4, c/8)
        values = F.max_pool2d(self.value(features), 2).flatten(2).transpose(1, 2)
        found = F.scaled_dot_product_attention(queries, keys, values, scale=1.0)  # (n, h*w, c/2)
        found = found.transpose(1, 2).reshape(len(features), -1, *features.shape[2:])
        attended: Tensor = features + self.gain * self.out(found)
        return attended


class GeneratorBlock(nn.Module):
    """(n, in, h, w) and conditions to (n, out, 2 h, 2 w); fig. 15 (b).

    Args:
        num_in: channels that come.
        num_out: channels that go.
        condition_dim: see ``ClassConditionalBatchNorm``.
    """

    def __init__(self, num_in: int, num_out: int, condition_dim: int) -> None:
        super().__init__()
        self.norm1 = ClassConditionalBatchNorm(num_in, condition_dim)
        self.conv1 = nn.Conv2d(num_in, num_out, 3, padding=1)
        self.norm2 = ClassConditionalBatchNorm(num_out, condition_dim)
        self.conv2 = nn.Conv2d(num_out, num_out, 3, padding=1)
        self.shortcut = nn.Conv2d(num_in, num_out, 1)

    def forward(self, features: Features, condition: Float[Tensor, "n d"]) -> Changed:
        """See the class."""
        hidden = F.interpolate(F.relu(self.norm1(features, condition)), scale_factor=2.0)
        hidden = self.conv1(hidden)
        hidden = self.conv2(F.relu(self.norm2(hidden, condition)))
        result: Tensor = hidden + F.interpolate(self.shortcut(features), scale_factor=2.0)
        return result


class DiscriminatorBlock(nn.Module):
    """(n, in, h, w) to (n, out, h, w), or half of h and w; fig. 15 (c).

    Args:
        num_in: channels that come.
        num_out: channels that go.
        reduces: whether the size is halved.
        is_first: whether images come, which no activation goes over.
    """

    def __init__(self, num_in: int, num_out: int, *, reduces: bool, is_first: bool) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(num_in, num_out, 3, padding=1)
        self.conv2 = nn.Conv2d(num_out, num_out, 3, padding=1)
        needs_shortcut = reduces or num_in != num_out
        self.shortcut = nn.Conv2d(num_in, num_out, 1) if needs_shortcut else nn.Identity()
        self.reduce = nn.AvgPool2d(2) if reduces else nn.Identity()
        self._is_first = is_first

    def forward(self, features: Features) -> Changed:
        """See the class."""
        hidden = features if self._is_first else F.relu(features)
        hidden = self.conv2(F.relu(self.conv1(hidden)))
        result: Tensor = self.reduce(hidden) + self.shortcut(self.reduce(features))
        return result


class BigGANGenerator(nn.Module):
    """(n, latent_dim) in [-1, 1] and (n) classes to images in [-1, 1], (n, channels, size, size).

    4,373,251 parameters at the defaults.

    Args:
        latent_dim: how many uniform numbers become an image; as many go into the beginning of the
            image as into each block.
        size: pixels a side, one of ``LAYERS``.
        channels: 1 for grey, 3 for RGB.
        num_classes: how many there are.
        width: channels are multiples of it, see ``LAYERS``.
        embedding_dim: of a class.
        attention_size: pixels a side of the features that attend to themselves, if some have it.

    Raises:
        ValueError: an unknown size, noise that cannot be cut into equal pieces, or self-attention
            over too few channels.
    """

    def __init__(
        self,
        latent_dim: int = 128,
        size: int = 32,
        channels: int = 3,
        num_classes: int = 10,
        width: int = 64,
        embedding_dim: int = EMBEDDING_DIM,
        attention_size: int = ATTENTION_SIZE,
    ) -> None:
        super().__init__()
        widths = [width * multiple for multiple in _layers(size).generator]
        num_pieces = len(widths)  # one for each block, and one to begin with
        if latent_dim % num_pieces:
            raise ValueError(
                f"BigGAN's noise for {size} pixels is cut into {num_pieces} equal pieces, got "
                f"{latent_dim} numbers; {(latent_dim // num_pieces + 1) * num_pieces} would do."
            )
        self.latent_dim, self.num_classes = latent_dim, num_classes
        self._piece_dim = latent_dim // num_pieces
        self.embedding = nn.Embedding(num_classes, embedding_dim)
        self.begin = nn.Linear(self._piece_dim, widths[0] * SMALLEST**2)
        condition_dim = self._piece_dim + embedding_dim
        self.blocks = nn.ModuleList(
            GeneratorBlock(num_in, num_out, condition_dim) for num_in, num_out in pairwise(widths)
        )
        sizes = [SMALLEST * 2 ** (i + 1) for i in range(len(self.blocks))]
        self.attentions = _attentions(sizes, widths[1:], attention_size)
        self.norm = nn.BatchNorm2d(widths[-1])
        self.end = nn.Conv2d(widths[-1], channels, 3, padding=1)
        _initialise(self)
        self.to(memory_format=torch.channels_last)

    def forward(
        self, z: Float[Tensor, "n latent_dim"], labels: Int[Tensor, " n"]
    ) -> Float[Tensor, "n c size size"]:
        """See the class."""
        first, *others = torch.split(normal(z), self._piece_dim, dim=1)
        embedded = self.embedding(labels)
        features = self.begin(first).unflatten(1, (-1, SMALLEST, SMALLEST))
        features = features.contiguous(memory_format=torch.channels_last)
        for block, attention, piece in zip(self.blocks, self.attentions, others, strict=True):
            features = attention(block(features, torch.cat((embedded, piece), dim=1)))
        return torch.tanh(self.end(F.relu(self.norm(features))))


class BigGANDiscriminator(nn.Module):
    """Images, (n, channels, size, size), and (n) classes to logits, (n).

    4,207,361 parameters at the defaults. Each logit is of its own image alone.

    Args:
        size: pixels a side, one of ``LAYERS``.
        channels: 1 for grey, 3 for RGB.
        num_classes: how many there are.
        width: channels are multiples of it, see ``LAYERS``.
        attention_size: see ``BigGANGenerator``.

    Raises:
        ValueError: an unknown size, or self-attention over too few channels.
    """

    def __init__(
        self,
        size: int = 32,
        channels: int = 3,
        num_classes: int = 10,
        width: int = 64,
        attention_size: int = ATTENTION_SIZE,
    ) -> None:
        super().__init__()
        layers = _layers(size)
        widths = [channels, *(width * multiple for multiple in layers.discriminator)]
        self.blocks = nn.ModuleList(
            DiscriminatorBlock(num_in, num_out, reduces=i < layers.num_reductions, is_first=i == 0)
            for i, (num_in, num_out) in enumerate(pairwise(widths))
        )
        sizes = [size // 2 ** min(i + 1, layers.num_reductions) for i in range(len(self.blocks))]
        self.attentions = _attentions(sizes, widths[1:], attention_size)
        self.judge = nn.Linear(widths[-1], 1)
        self.embedding = nn.Embedding(num_classes, widths[-1])
        _initialise(self)
        self.to(memory_format=torch.channels_last)

    def forward(
        self, images: Float[Tensor, "n c size size"], labels: Int[Tensor, " n"]
    ) -> Float[Tensor, " n"]:
        """See the class."""
        features = images.contiguous(memory_format=torch.channels_last)
        for block, attention in zip(self.blocks, self.attentions, strict=True):
            features = attention(block(features))
        pooled = F.relu(features).sum(dim=(2, 3))  # (n, c)
        logits: Tensor = self.judge(pooled)[:, 0] + (self.embedding(labels) * pooled).sum(dim=1)
        return logits


def with_spectral_norms(network: BigGANGenerator | BigGANDiscriminator) -> nn.Module:
    """The same network, the largest singular values of whose weights are 1 from now on.

    By one step of the power method in each pass. The generator's embedding is left as it is: in the
    authors' code, to normalise it "seems to randomly cripple" the generator. The weights that an
    optimiser moves get new names; ``biggan_sampling.baked`` makes a plain network again.
    """
    kept = network.embedding if isinstance(network, BigGANGenerator) else None
    for module in list(network.modules()):
        if isinstance(module, nn.Conv2d | nn.Linear | nn.Embedding) and module is not kept:
            spectral_norm(module, eps=SPECTRAL_EPS)
    return network


def _layers(size: int) -> Layers:
    if size not in LAYERS:
        raise ValueError(
            f"BigGAN's images have a size of {', '.join(map(str, LAYERS))} pixels, got {size}; "
            "scale them."
        )
    return LAYERS[size]


def _attentions(sizes: list[int], widths: list[int], attention_size: int) -> nn.ModuleList:
    """What stands behind each block."""
    return nn.ModuleList(
        SelfAttention(width) if size == attention_size else nn.Identity()
        for size, width in zip(sizes, widths, strict=True)
    )


def _initialise(network: nn.Module) -> None:
    """Orthogonal weights, no biases."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear | nn.Embedding):
            nn.init.orthogonal_(module.weight)
        if isinstance(module, nn.Conv2d | nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)
