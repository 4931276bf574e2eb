"""Reading a sentence out of a network: the likeliest word, a beam, or words that are drawn.

Beams: scores are divided by ((5 + length) / 6)^a (Y. Wu et al., "Google's neural machine
translation system", 2016, eq. 14, without its coverage). Draws: only the likeliest words that
together have a given share of the probability (A. Holtzman et al., "The curious case of neural text
degeneration", ICLR 2020, sec. 3.1), or the likeliest k. Keys and values of words that were written
are kept, so a word costs the same wherever it stands.
"""

from dataclasses import dataclass
from typing import Final

import torch
from jaxtyping import Float, Int
from torch import Tensor

from etude.generative.style.text.tokeniser import END, PAD
from etude.generative.style.text.transformer import MAX_LENGTH, Memory, Transformer
from etude.generative.style.text.transformer_layers import NEVER

LENGTH_POWER: Final = 0.6  # Wu et al. 2016, sec. 7, "between 0.6 and 0.7"


@dataclass(frozen=True)
class Written:
    """A sentence that a network wrote.

    Attributes:
        ids: its words, without the register at the start and the end.
        log_probability: of the words and the end, natural logarithm.
    """

    ids: list[int]
    log_probability: float

    @property
    def per_token(self) -> float:
        """The mean logarithm of the probability of a word or the end."""
        return self.log_probability / (len(self.ids) + 1)


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """How words are drawn.

    Raises:
        ValueError: a number out of its range.
    """

    temperature: float = 1.0
    """Below 1, likely words become likelier; above 0."""
    top_k: int = 0
    """Only so many words may come; 0 for any number."""
    nucleus: float = 1.0
    """Only the likeliest words that have this share together may come; 1 for all."""

    def __post_init__(self) -> None:
        if not self.temperature > 0.0:
            raise ValueError(f"a temperature is above 0, got {self.temperature}; 1 is usual.")
        if self.top_k < 0:
            raise ValueError(f"top_k is at least 0, got {self.top_k}; 0 lets all words come.")
        if not 0.0 < self.nucleus <= 1.0:
            raise ValueError(f"a nucleus lies in (0, 1], got {self.nucleus}; 0.9 is usual.")

    def log_probabilities(self, scores: Float[Tensor, "n tokens"]) -> Float[Tensor, "n tokens"]:
        """Those of the distribution that words are drawn from, given those of the network."""
        scores = (scores / self.temperature).log_softmax(dim=-1)
        if 0 < self.top_k < scores.shape[1]:
            least = scores.topk(self.top_k).values[:, -1:]
            scores = scores.masked_fill(scores < least, -torch.inf).log_softmax(dim=-1)
        if self.nucleus < 1.0:
            ordered, order = scores.sort(descending=True)
            before = ordered.exp().cumsum(dim=-1) - ordered.exp()
            is_out = torch.zeros_like(scores, dtype=torch.bool)
            is_out.scatter_(1, order, before >= self.nucleus)
            scores = scores.masked_fill(is_out, -torch.inf).log_softmax(dim=-1)
        return scores


@torch.no_grad()
def greedy(
    network: Transformer, source: Int[Tensor, "n s"], max_length: int = MAX_LENGTH
) -> list[Written]:
    """The likeliest word each time.

    Args:
        network: who writes.
        source: sentences, see ``Transformer.encode``.
        max_length: of what is written, the register at the start counted.
    """
    return _write(network, source, max_length, None, None)


@torch.no_grad()
def sample(
    network: Transformer,
    source: Int[Tensor, "n s"],
    sampling: Sampling,
    torch_rng: torch.Generator,
    max_length: int = MAX_LENGTH,
) -> list[Written]:
    """Words that are drawn; see ``greedy``."""
    return _write(network, source, max_length, sampling, torch_rng)


def _write(
    network: Transformer,
    source: Int[Tensor, "n s"],
    max_length: int,
    sampling: Sampling | None,
    torch_rng: torch.Generator | None,
) -> list[Written]:
    memory = network.encode(source)
    tokens, scores = [source[:, 0]], source.new_zeros(len(source), dtype=torch.float32)
    is_open = torch.ones(len(source), dtype=torch.bool)
    while bool(is_open.any()) and len(tokens) < max_length:
        step, memory = log_probabilities(network, tokens[-1], memory)
        if sampling is None:
            following = step.argmax(dim=-1)
        else:
            shares = sampling.log_probabilities(step).exp()
            following = torch.multinomial(shares, 1, generator=torch_rng)[:, 0]
        gained = step.gather(1, following[:, None])[:, 0]
        scores = scores + torch.where(is_open, gained, 0.0)
        tokens.append(torch.where(is_open, following, PAD))
        is_open = is_open & (following != END)
    rows = torch.stack(tokens[1:], dim=1).tolist()
    return [Written(_words(row), score) for row, score in zip(rows, scores.tolist(), strict=True)]


@torch.no_grad()
def beam(
    network: Transformer,
    source: Int[Tensor, "1 s"],
    size: int = 4,
    max_length: int = MAX_LENGTH,
    length_power: float = LENGTH_POWER,
) -> list[Written]:
    """The best sentences that a search finds which keeps so many beginnings, the best one first.

    A beginning that has come to its end leaves the search, which is then one narrower.

    Args:
        network: who writes.
        source: one sentence, see ``Transformer.encode``.
        size: beginnings that are kept, and at most as many sentences come.
        max_length: of what is written, the register at the start counted.
        length_power: 0 compares probabilities, which favours short sentences; 1 their mean.

    Raises:
        ValueError: a size below 1.
    """
    if size < 1:
        raise ValueError(f"a beam keeps at least 1 beginning, got {size}; 4 is usual.")
    memory, rows = network.encode(source), source[:, :1]
    scores, ended = torch.zeros(1), list[Written]()
    for length in range(1, max_length):
        step, memory = log_probabilities(network, rows[:, -1], memory)
        totals = (scores[:, None] + step).flatten()
        best = totals.topk(min(size - len(ended), len(totals)))
        is_real = best.values > NEVER / 2
        values, places = best.values[is_real], best.indices[is_real]
        parents, following = places // step.shape[1], places % step.shape[1]
        rows = torch.cat((rows[parents], following[:, None]), dim=1)
        is_done = (following == END) | (length + 1 == max_length)
        for row, value in zip(rows[is_done].tolist(), values[is_done].tolist(), strict=True):
            ended.append(Written(_words(row[1:]), value))
        rows, scores, memory = rows[~is_done], values[~is_done], memory.select(parents[~is_done])
        if len(rows) == 0:
            break
    return sorted(ended, key=lambda it: -penalised(it, length_power))


def penalised(written: Written, length_power: float) -> float:
    """The score that beams are compared by (Wu et al. 2016, eq. 14)."""
    return written.log_probability / _penalty(len(written.ids) + 1, length_power)


def _penalty(length: int, power: float) -> float:
    return float(((5.0 + length) / 6.0) ** power)


def log_probabilities(
    network: Transformer, tokens: Int[Tensor, " n"], memory: Memory
) -> tuple[Float[Tensor, "n tokens"], Memory]:
    """Those of the next word after one more, and the memory with that one."""
    features, memory = network.decode(tokens[:, None], memory)
    return network.log_probabilities(features, memory)[:, 0], memory


def _words(row: list[int]) -> list[int]:
    """What stands before the end."""
    return row[: row.index(END)] if END in row else [token for token in row if token != PAD]
