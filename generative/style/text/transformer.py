"""An encoder-decoder transformer that writes a sentence again in another register.

A. Vaswani et al., "Attention is all you need", NeurIPS 2017. The register that is wanted is the
first token of the source (G. Lample et al., "Multiple-attribute text rewriting", ICLR 2019, give it
to the decoder; here it starts the target, too).

A word may also be copied from the source by pointing at it (A. See et al., "Get to the point:
summarization with pointer-generator networks", ACL 2017, eq. 8 and 9): slots of words that are not
known can only be written so, and so only those that the source has.

Both the decoder's look at the source and the pointer are told where in the source the last words
written stand, and which of its words are written: the coverage of See et al., sec. 2.3, without its
loss.

Departures: the pointer is an attention of its own instead of one of the decoder's; normalisation
before each layer instead of after it (R. Xiong et al., "On layer normalization in the transformer
architecture", ICML 2020); one table of embeddings for source, target and output; no dropout.
"""

import math
from dataclasses import dataclass, replace
from typing import Final

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from etude.generative.style.text.tokeniser import END, FIRST_SLOT, FIRST_WORD, PAD

MAX_LENGTH: Final = 96  # tokens of a sentence
WAVELENGTH: Final = 10_000.0
NUM_HINTS: Final = 3
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
        if self.width % (2 * self.num_heads):
            raise ValueError(
                f"the width is a multiple of twice the number of heads, got {self.width} and "
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
        mask: Bool[Tensor, "_ _ _ s"] | Float[Tensor, "n heads t s"],
    ) -> Float[Tensor, "n t width"]:
        """What each position finds where the mask is true, or with numbers added to the scores."""
        keys, values = attended
        found = F.scaled_dot_product_attention(
            self._split(self.query(features)), keys, values, attn_mask=mask
        )
        found = found.transpose(1, 2).flatten(2)  # (n, t, width)
        output: Tensor = self.output(found)
        return output

    def _split(self, features: Float[Tensor, "n s width"]) -> Float[Tensor, "n heads s part"]:
        n, s, _ = features.shape
        return features.view(n, s, self._num_heads, -1).transpose(1, 2)


class FeedForward(nn.Sequential):
    """Two layers for each position (Vaswani et al. 2017, eq. 2)."""

    def __init__(self, width: int, hidden_width: int) -> None:
        super().__init__(nn.Linear(width, hidden_width), nn.ReLU(), nn.Linear(hidden_width, width))


class EncoderLayer(nn.Module):
    """Attention among the words of the source, then a feed-forward part."""

    def __init__(self, sizes: Architecture) -> None:
        super().__init__()
        self.attention = Attention(sizes.width, sizes.num_heads)
        self.feed_forward = FeedForward(sizes.width, sizes.hidden_width)
        self.norms = nn.ModuleList(nn.LayerNorm(sizes.width) for _ in range(2))

    def forward(
        self, features: Float[Tensor, "n s width"], mask: Bool[Tensor, "n 1 1 s"]
    ) -> Float[Tensor, "n s width"]:
        """The features with what was found added."""
        normal = self.norms[0](features)
        features = features + self.attention(normal, self.attention.keys_values(normal), mask)
        added: Tensor = self.feed_forward(self.norms[1](features))
        return features + added


class DecoderLayer(nn.Module):
    """Attention to the words written so far, then to the source, then a feed-forward part."""

    def __init__(self, sizes: Architecture) -> None:
        super().__init__()
        self.attention = Attention(sizes.width, sizes.num_heads)
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
        features = features + self.attention(normal, present, mask)
        normal = self.norms[1](features)
        biases = F.linear(hints, self.hints).permute(0, 3, 1, 2)  # (n, heads, t, s)
        biases = biases.masked_fill(~source_mask, NEVER)
        features = features + self.source_attention(normal, source, biases)
        added: Tensor = self.feed_forward(self.norms[2](features))
        return features + added, present


@dataclass(frozen=True)
class Memory:
    """What the decoder looks back at: the source, and what it wrote itself.

    Attributes:
        tokens: the source.
        pointed: features of each token of the source, to be pointed at.
        source: keys and values of the source, by layer.
        written: the words so far, those that were given last among them.
        past: keys and values of the words so far, by layer; none at the start.
    """

    tokens: Int[Tensor, "n s"]
    pointed: Float[Tensor, "n s width"]
    source: list[KeysValues]
    written: Int[Tensor, "n t"]
    past: list[KeysValues] | None = None

    @property
    def mask(self) -> Bool[Tensor, "n 1 1 s"]:
        """Where the source has words."""
        return (self.tokens != PAD)[:, None, None, :]

    def select(self, rows: Int[Tensor, " m"]) -> "Memory":
        """The memory of some sentences, each as often as it is named."""

        def chosen(pairs: list[KeysValues]) -> list[KeysValues]:
            return [(keys[rows], values[rows]) for keys, values in pairs]

        past = None if self.past is None else chosen(self.past)
        return Memory(
            self.tokens[rows], self.pointed[rows], chosen(self.source), self.written[rows], past
        )


class Transformer(nn.Module):
    """A network that writes sentences; 0.53 million parameters and 97 a word at the defaults.

    Args:
        num_tokens: size of the vocabulary.
        sizes: of the network.
    """

    def __init__(self, num_tokens: int, sizes: Architecture | None = None) -> None:
        super().__init__()
        self.sizes = sizes = Architecture() if sizes is None else sizes
        self.embedding = nn.Embedding(num_tokens, sizes.width)
        nn.init.normal_(self.embedding.weight, std=1.0 / math.sqrt(sizes.width))
        self.encoder = nn.ModuleList(EncoderLayer(sizes) for _ in range(sizes.num_layers))
        self.decoder = nn.ModuleList(DecoderLayer(sizes) for _ in range(sizes.num_layers))
        self.encoder_norm = nn.LayerNorm(sizes.width)
        self.decoder_norm = nn.LayerNorm(sizes.width)
        self.output_bias = nn.Parameter(torch.zeros(num_tokens))
        self.pointer = nn.Linear(sizes.width, sizes.width, bias=False)
        self.pointer_hints = nn.Parameter(torch.zeros(NUM_HINTS))
        self.gate = nn.Linear(sizes.width, 1)
        self.positions: Tensor
        self.register_buffer("positions", sinusoids(MAX_LENGTH, sizes.width), persistent=False)
        self.is_writable: Tensor
        is_writable = torch.arange(num_tokens) >= FIRST_WORD
        is_writable[END] = True
        self.register_buffer("is_writable", is_writable, persistent=False)

    def encode(self, source: Int[Tensor, "n s"]) -> Memory:
        """Read source sentences, each led by the register that is wanted and padded by ``PAD``."""
        mask = (source != PAD)[:, None, None, :]
        features = self._embed(source, 0)
        for layer in self.encoder:
            features = layer(features, mask)
        features = self.encoder_norm(features)
        seen: list[KeysValues] = []
        for layer in self.decoder:
            assert isinstance(layer, DecoderLayer)
            seen.append(layer.source_attention.keys_values(features))
        return Memory(source, features, seen, source[:, :0])

    def decode(
        self, tokens: Int[Tensor, "n t"], memory: Memory
    ) -> tuple[Float[Tensor, "n t width"], Memory]:
        """What is known after each token, and the memory with these tokens in it."""
        length, num_past = tokens.shape[1], memory.written.shape[1]
        written = torch.cat((memory.written, tokens), dim=1)
        mask = torch.ones(length, num_past + length, dtype=torch.bool, device=tokens.device)
        mask = mask.tril(num_past)[None, None]
        hints = hints_of(written, memory.tokens, length)
        features = self._embed(tokens, num_past)
        past: list[KeysValues] = []
        for i, layer in enumerate(self.decoder):
            before = None if memory.past is None else memory.past[i]
            features, present = layer(features, before, mask, memory.source[i], memory.mask, hints)
            past.append(present)
        return self.decoder_norm(features), replace(memory, past=past, written=written)

    def log_probabilities(
        self, features: Float[Tensor, "n t width"], memory: Memory
    ) -> Float[Tensor, "n t tokens"]:
        """Those of all that may come next: words it knows, the end, and tokens of the source."""
        write, copy = self._log_gate(features)
        written = self._logits(features).log_softmax(dim=2)
        pointed = self._pointed(features, memory)
        places = memory.tokens[:, None, :].expand(pointed.shape)
        copied = torch.zeros_like(written).scatter_add(2, places, pointed.exp())
        return torch.logaddexp(write + written, copy + copied.log())

    def log_likelihood(
        self, features: Float[Tensor, "n t width"], memory: Memory, following: Int[Tensor, "n t"]
    ) -> Float[Tensor, "n t"]:
        """The logarithm of the probability of what does come next."""
        write, copy = self._log_gate(features)
        logits = self._logits(features)
        written = -F.cross_entropy(logits.flatten(0, 1), following.flatten(), reduction="none")
        is_there = memory.tokens[:, None, :] == following[:, :, None]
        pointed = self._pointed(features, memory).masked_fill(~is_there, NEVER).logsumexp(dim=2)
        return torch.logaddexp(
            write[:, :, 0] + written.view(following.shape), copy[:, :, 0] + pointed
        )

    def forward(
        self, source: Int[Tensor, "n s"], target: Int[Tensor, "n t"]
    ) -> Float[Tensor, "n u"]:
        """The log-likelihood of each token of the target but the first; t = u + 1."""
        features, memory = self.decode(target[:, :-1], self.encode(source))
        return self.log_likelihood(features, memory, target[:, 1:])

    def _log_gate(
        self, features: Float[Tensor, "n t width"]
    ) -> tuple[Float[Tensor, "n t 1"], Float[Tensor, "n t 1"]]:
        """Log-probabilities that the next word is written, and that it is copied."""
        gate = self.gate(features)
        return F.logsigmoid(gate), F.logsigmoid(-gate)

    def _logits(self, features: Float[Tensor, "n t width"]) -> Float[Tensor, "n t tokens"]:
        """Of the words that may be written; those that may not have ``NEVER``."""
        bias = self.output_bias.masked_fill(~self.is_writable, NEVER)
        return F.linear(features, self.embedding.weight, bias)

    def _pointed(
        self, features: Float[Tensor, "n t width"], memory: Memory
    ) -> Float[Tensor, "n t s"]:
        """Log-probabilities of the places of the source, given that one is copied."""
        scores = self.pointer(features) @ memory.pointed.transpose(1, 2)
        hints = hints_of(memory.written, memory.tokens, features.shape[1])
        scores = scores / math.sqrt(self.sizes.width) + hints @ self.pointer_hints
        scores = scores.masked_fill(~(memory.tokens >= FIRST_SLOT)[:, None, :], NEVER)
        pointed: Tensor = scores.log_softmax(dim=2)
        return pointed

    def _embed(self, tokens: Int[Tensor, "n t"], first: int) -> Float[Tensor, "n t width"]:
        end = first + tokens.shape[1]
        embedded: Tensor = self.embedding(tokens) * math.sqrt(self.sizes.width)
        return embedded + self.positions[first:end]


def hints_of(
    written: Int[Tensor, "n t"], source: Int[Tensor, "n s"], num_last: int
) -> Float[Tensor, "n last s 3"]:
    """What is plain to see of each place of the source when so much is written.

    Whether its token is written already, whether the token before it is the last one written, and
    whether the two before it are the last two.
    """
    same = written[:, :, None] == source[:, None, :]  # (n, t, s)
    covered = same.cumsum(dim=1) > 0
    follows = F.pad(same, (1, 0))[:, :, :-1]
    follows_two = follows & F.pad(follows, (1, 0, 1, 0))[:, :-1, :-1]
    hints = torch.stack((covered, follows, follows_two), dim=-1)
    return hints[:, written.shape[1] - num_last :].float()


def sinusoids(length: int, width: int) -> Float[Tensor, "length width"]:
    """Sines in the first half of the features, cosines in the second (Vaswani et al., sec. 3.5)."""
    rates = WAVELENGTH ** (-torch.arange(0, width, 2) / width)
    angles = torch.arange(length)[:, None] * rates
    return torch.cat((angles.sin(), angles.cos()), dim=1)


def new_transformer(num_tokens: int, sizes: Architecture, seed: int) -> Transformer:
    """A network with seeded weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Transformer(num_tokens, sizes)
