"""The layers of the transformer that restyles: attention with distances, neighbours, feed-forward.

A. Vaswani et al., "Attention is all you need", NeurIPS 2017.

Departures: normalisation before each layer instead of after it (R. Xiong et al., "On layer
normalization in the transformer architecture", ICML 2020); how far two words are apart is a bias of
their attention (C. Raffel et al., "Exploring the limits of transfer learning with a unified text-
to-text transformer", JMLR 2020, sec. 2.1, with a bias for each distance); words are mixed with
their neighbours, and feed-forward parts have squared ReLUs (D. So et al., "Primer: searching for
efficient transformers for language modeling", NeurIPS 2021; there queries, keys and values are
mixed); no dropout.
"""

from dataclasses import dataclass
from typing import Any, Final

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional as F

NUM_HINTS: Final = 3
FARTHEST: Final = 16  # words farther apart are taken to be so far apart
NEVER: Final = -1e9  # logit of what cannot come; finite, as -inf minus itself is no number
KeysValues = tuple[Tensor, Tensor]


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """The size of a network.

    Raises:
        ValueError: a number below 1, or a width that the heads do not divide evenly.
    """

    width: int = 96
    """Features of a token."""
    num_heads: int = 4
    """Of each attention."""
    num_layers: int = 2
    """Of the encoder, and as many of the decoder."""
    hidden_width: int = 384
    """Of the layer within each feed-forward part; four times the width (Vaswani et al. 2017)."""

    def __post_init__(self) -> None:
        for name in ("width", "num_heads", "num_layers", "hidden_width"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is at least 1, got {getattr(self, name)}.")
        if self.width % self.num_heads:
            raise ValueError(
                f"the width is a multiple of the number of heads, got {self.width} and "
                f"{self.num_heads}; for example 96 and 4."
            )


class Attention(nn.Module):
    """Several heads of scaled dot-product attention (Vaswani et al. 2017, sec. 3.2)."""

    def __init__(self, width: int, num_heads: int) -> None:
        super().__init__()
        self._num_heads = num_heads
        self.query = nn.Linear(width, width, bias=False)
        self.key_value = nn.Linear(width, 2 * width, bias=False)
        self.output = nn.Linear(width, width, bias=False)

    def keys_values(self, features: Float[Tensor, "n s width"]) -> KeysValues:
        """What is attended to, both (n, heads, s, width / heads)."""
        keys, values = self.key_value(features).chunk(2, dim=-1)
        return self._split(keys), self._split(values)

    def forward(
        self,
        features: Float[Tensor, "n t width"],
        attended: KeysValues,
        biases: Float[Tensor, "_ heads t s"],
    ) -> Float[Tensor, "n t width"]:
        """What each position finds, with biases added to the scores."""
        keys, values = attended
        queries = self._split(self.query(features))
        n, heads, t, part = queries.shape
        scores = torch.baddbmm(
            biases.expand(n, heads, t, -1).flatten(0, 1),
            queries.flatten(0, 1),
            keys.flatten(0, 1).mT,
            alpha=part**-0.5,
        )
        # Many sums of a dozen numbers each are ten times as fast along the first dimension.
        weights = scores.permute(2, 0, 1).softmax(dim=0).permute(1, 2, 0)
        found = torch.bmm(weights, values.flatten(0, 1)).view(n, heads, t, part)
        output: Tensor = self.output(found.transpose(1, 2).flatten(2))
        return output

    def _split(self, features: Float[Tensor, "n s width"]) -> Float[Tensor, "n heads s part"]:
        n, s, _ = features.shape
        return features.view(n, s, self._num_heads, -1).transpose(1, 2)


class _SquaredReLU(torch.autograd.Function):
    """With the gradient 2 max(x, 0), which is already there."""

    @staticmethod
    def forward(ctx: Any, features: Tensor) -> Tensor:
        positive = F.relu(features)
        ctx.save_for_backward(positive)
        return positive.square()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        positive: Tensor = ctx.saved_tensors[0]
        return (gradient * positive).mul_(2.0)


class SquaredReLU(nn.Module):
    """max(x, 0)^2 (So et al. 2021, sec. 4)."""

    def forward(self, features: Float[Tensor, "n t width"]) -> Float[Tensor, "n t width"]:
        """Number by number."""
        found: Tensor = _SquaredReLU.apply(features)
        return found


class FeedForward(nn.Sequential):
    """Two layers for each position (Vaswani et al. 2017, eq. 2)."""

    def __init__(self, width: int, hidden_width: int) -> None:
        super().__init__(
            nn.Linear(width, hidden_width), SquaredReLU(), nn.Linear(hidden_width, width)
        )


class Distances(nn.Module):
    """A bias of attention for each head and distance of two words (Raffel et al. 2020)."""

    def __init__(self, num_heads: int) -> None:
        super().__init__()
        self.biases = nn.Parameter(torch.zeros(num_heads, 2 * FARTHEST + 1))

    def forward(self, num_asking: int, num_asked: int) -> Float[Tensor, "heads t s"]:
        """Those of the last words of a sentence to all of them, themselves included."""
        places = torch.arange(num_asked, device=self.biases.device)
        distances = places[None, :] - places[num_asked - num_asking :, None]
        found: Tensor = self.biases[:, distances.clamp(-FARTHEST, FARTHEST) + FARTHEST]
        return found


class Neighbours(nn.Module):
    """Words mixed with those next to them, feature by feature (So et al. 2021, sec. 4).

    Args:
        width: number of features.
        num_before: words before each.
        num_after: words after each.
    """

    def __init__(self, width: int, num_before: int, num_after: int) -> None:
        super().__init__()
        self._margins = num_before, num_after
        self.weights = nn.Parameter(torch.zeros(num_before + 1 + num_after, width))

    def forward(self, features: Float[Tensor, "n t width"]) -> Float[Tensor, "n t width"]:
        """The words with what their neighbours add."""
        length, wide = features.shape[1], F.pad(features, (0, 0, *self._margins))
        for i, weight in enumerate(self.weights):
            features = torch.addcmul(features, weight, wide[:, i : i + length])
        return features


class EncoderLayer(nn.Module):
    """Attention among the words of the source, then a feed-forward part."""

    def __init__(self, sizes: Architecture) -> None:
        super().__init__()
        self.attention = Attention(sizes.width, sizes.num_heads)
        self.distances = Distances(sizes.num_heads)
        self.feed_forward = FeedForward(sizes.width, sizes.hidden_width)
        self.norms = nn.ModuleList(nn.LayerNorm(sizes.width) for _ in range(2))

    def forward(
        self, features: Float[Tensor, "n s width"], mask: Bool[Tensor, "n 1 1 s"]
    ) -> Float[Tensor, "n s width"]:
        """The features with what was found added."""
        length = features.shape[1]
        biases = self.distances(length, length).masked_fill(~mask, NEVER)
        normal = self.norms[0](features)
        features = features + self.attention(normal, self.attention.keys_values(normal), biases)
        added: Tensor = self.feed_forward(self.norms[1](features))
        return features + added


class DecoderLayer(nn.Module):
    """Attention to the words written so far, then to the source, then a feed-forward part."""

    def __init__(self, sizes: Architecture) -> None:
        super().__init__()
        self.attention = Attention(sizes.width, sizes.num_heads)
        self.distances = Distances(sizes.num_heads)
        self.source_attention = Attention(sizes.width, sizes.num_heads)
        self.hints = nn.Parameter(torch.zeros(sizes.num_heads, NUM_HINTS))
        self.feed_forward = FeedForward(sizes.width, sizes.hidden_width)
        self.norms = nn.ModuleList(nn.LayerNorm(sizes.width) for _ in range(3))

    def forward(
        self,
        features: Float[Tensor, "n t width"],
        past: KeysValues | None,
        mask: Bool[Tensor, "1 1 t _"],
        source: KeysValues,
        source_mask: Bool[Tensor, "n 1 1 s"],
        hints: Float[Tensor, "n t s hints"],
    ) -> tuple[Float[Tensor, "n t width"], KeysValues]:
        """The features with what was found added, and all that may be attended to next time."""
        normal = self.norms[0](features)
        present = self.attention.keys_values(normal)
        if past is not None:
            present = (
                torch.cat((past[0], present[0]), dim=2),
                torch.cat((past[1], present[1]), dim=2),
            )
        biases = self.distances(features.shape[1], present[0].shape[2])[None]
        features = features + self.attention(normal, present, biases.masked_fill(~mask, NEVER))
        normal = self.norms[1](features)
        biases = F.linear(hints, self.hints).permute(0, 3, 1, 2)  # (n, heads, t, s)
        biases = biases.masked_fill(~source_mask, NEVER)
        features = features + self.source_attention(normal, source, biases)
        added: Tensor = self.feed_forward(self.norms[2](features))
        return features + added, present
