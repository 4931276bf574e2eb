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

Departures: the pointer is an attention of its own instead of one of the decoder's; one table of
embeddings for source, target and output; and those of ``transformer_layers``.
"""

import math
from dataclasses import dataclass, replace
from typing import Final

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from etude.generative.style.text.tokeniser import END, FIRST_SLOT, FIRST_WORD, PAD
from etude.generative.style.text.transformer_layers import (
    NEVER,
    NUM_HINTS,
    Architecture,
    DecoderLayer,
    EncoderLayer,
    KeysValues,
    Neighbours,
)

MAX_LENGTH: Final = 96  # tokens of a sentence
NUM_NEIGHBOURS: Final = 2  # on a side


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
    """A network that writes sentences; 0.53 million parameters and 96 or 97 a word at the defaults.

    Args:
        num_tokens: size of the vocabulary.
        sizes: of the network.
        num_writable: of the vocabulary, the first so many tokens may be written; the others can
            only be copied. All may be if left out.

    Raises:
        ValueError: more tokens may be written than there are, or not even the special ones.
    """

    def __init__(
        self, num_tokens: int, sizes: Architecture | None = None, num_writable: int | None = None
    ) -> None:
        super().__init__()
        self.sizes = sizes = Architecture() if sizes is None else sizes
        num_writable = num_tokens if num_writable is None else num_writable
        if not FIRST_WORD <= num_writable <= num_tokens:
            raise ValueError(
                f"from {FIRST_WORD} to {num_tokens} tokens may be written, got {num_writable}."
            )
        self.embedding = nn.Embedding(num_tokens, sizes.width, padding_idx=PAD)
        nn.init.normal_(self.embedding.weight[PAD + 1 :], std=1.0 / math.sqrt(sizes.width))
        self.neighbours = Neighbours(sizes.width, NUM_NEIGHBOURS, NUM_NEIGHBOURS)
        self.written_neighbours = Neighbours(sizes.width, NUM_NEIGHBOURS, 0)
        self.encoder = nn.ModuleList(EncoderLayer(sizes) for _ in range(sizes.num_layers))
        self.decoder = nn.ModuleList(DecoderLayer(sizes) for _ in range(sizes.num_layers))
        self.encoder_norm = nn.LayerNorm(sizes.width)
        self.decoder_norm = nn.LayerNorm(sizes.width)
        self.output_bias = nn.Parameter(torch.zeros(num_writable))
        self.pointer = nn.Linear(sizes.width, sizes.width, bias=False)
        self.pointer_hints = nn.Parameter(torch.zeros(NUM_HINTS))
        self.gate = nn.Linear(sizes.width, 1)
        self.is_writable: Tensor
        tokens = torch.arange(num_tokens)
        is_writable = (tokens == END) | (tokens >= FIRST_WORD) & (tokens < num_writable)
        self.register_buffer("is_writable", is_writable, persistent=False)

    @property
    def hidden_matrices(self) -> list[Tensor]:
        """The weights of all layers between embeddings and output."""
        layers = [module for module in self.modules() if isinstance(module, nn.Linear)]
        return [layer.weight for layer in layers if layer is not self.gate]

    def encode(self, source: Int[Tensor, "n s"]) -> Memory:
        """Read source sentences, each led by the register that is wanted and padded by ``PAD``."""
        mask = (source != PAD)[:, None, None, :]
        features = self.neighbours(self._embed(source))
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
        features = self.written_neighbours(self._embed(written))[:, num_past:]
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
        num_others = self.embedding.num_embeddings - written.shape[2]
        written = F.pad(written, (0, num_others), value=NEVER)
        pointed = self._pointed(features, memory)
        places = memory.tokens[:, None, :].expand(pointed.shape)
        copied = torch.zeros_like(written).scatter_add(2, places, pointed.exp())
        return torch.logaddexp(write + written, copy + copied.log())

    def log_likelihood(
        self, features: Float[Tensor, "n t width"], memory: Memory, following: Int[Tensor, "n t"]
    ) -> Float[Tensor, "n t"]:
        """The logarithm of the probability of what does come next."""
        write, copy = self._log_gate(features)
        is_written = self.is_writable[following]
        logits = self._logits(features[is_written])
        found = -F.cross_entropy(logits, following[is_written], reduction="none")
        written = found.new_full(following.shape, NEVER).index_put((is_written,), found)
        is_there = memory.tokens[:, None, :] == following[:, :, None]
        pointed = self._pointed(features, memory).masked_fill(~is_there, NEVER).logsumexp(dim=2)
        return torch.logaddexp(write[:, :, 0] + written, copy[:, :, 0] + pointed)

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

    def _logits(self, features: Float[Tensor, "*n width"]) -> Float[Tensor, "*n tokens"]:
        """Of the words that may be written; special tokens that may not have ``NEVER``."""
        num_writable = len(self.output_bias)
        bias = self.output_bias.masked_fill(~self.is_writable[:num_writable], NEVER)
        return F.linear(features, self.embedding.weight[:num_writable], bias)

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

    def _embed(self, tokens: Int[Tensor, "n t"]) -> Float[Tensor, "n t width"]:
        embedded: Tensor = self.embedding(tokens) * math.sqrt(self.sizes.width)
        return embedded


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


def new_transformer(
    num_tokens: int, sizes: Architecture, seed: int, num_writable: int | None = None
) -> Transformer:
    """A network with seeded weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Transformer(num_tokens, sizes, num_writable)
