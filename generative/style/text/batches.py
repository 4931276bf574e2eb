"""Batches of sentences to read and to write, with words hidden behind copy slots at random.

A word that a sentence shares with its target is hidden on both sides, so that words which were
never seen are copied, too; slots are handed out in any order (see ``tokeniser``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from etude.generative.style.text.gerunds import ENDING
from etude.generative.style.text.lexicon import Register
from etude.generative.style.text.tokeniser import (
    END,
    FIRST_SLOT,
    FIRST_WORD,
    NUM_SLOTS,
    PAD,
    REGISTER_IDS,
    Encoded,
    Vocabulary,
    has_letters,
)
from etude.generative.style.text.transformer import MAX_LENGTH

NUM_NEVER_HIDDEN: Final = 60
"""The most frequent words are those that sentences are built with: they are never hidden."""
NOWHERE: Final = -1  # a token that no sentence has


@dataclass(frozen=True)
class Example:
    """A sentence to read, and the one to write.

    Attributes:
        source: its words.
        target: the words in the register that is wanted.
        register: that one.
    """

    source: tuple[str, ...]
    target: tuple[str, ...]
    register: Register

    def shared(self) -> list[str]:
        """The words, in small letters, that stand on both sides, in the order of the source."""
        theirs = {word.lower() for word in self.target}
        words = dict.fromkeys(
            word.lower() for word in self.source if has_letters(word) and word != ENDING
        )
        return [word for word in words if word in theirs]


class Batches:
    """Draws batches of examples of about one length, with words hidden at random.

    Args:
        vocabulary: what the network knows.
        examples: to draw from.
        hidden_share: see ``TextSettings``.

    Raises:
        ValueError: no example can be learned: all are too long, or have too many unknown words.
    """

    def __init__(
        self, vocabulary: Vocabulary, examples: Sequence[Example], hidden_share: float
    ) -> None:
        self._hidden_share = hidden_share
        common = {word.lower() for word in vocabulary.words[:NUM_NEVER_HIDDEN]}
        rows = []
        for example in sorted(examples, key=lambda it: (len(it.source), len(it.target))):
            numbers = _in_numbers(vocabulary, example)
            if numbers is not None:
                hidable = [word for word in example.shared() if word not in common]
                rows.append((*numbers, vocabulary.ids_of(hidable)))
        if not rows:
            raise ValueError(
                f"of {len(examples)} pairs none can be learned; a sentence has 1 to "
                f"{MAX_LENGTH - 2} words, at most {NUM_SLOTS} of them unknown."
            )
        self._sources, self._targets, self._hidable = map(padded, zip(*rows, strict=True))
        slots = torch.where(_is_slot(self._sources), self._sources, FIRST_SLOT - 1).amax(dim=1)
        self._num_slots = slots - FIRST_SLOT + 1

    def draw(
        self, size: int, torch_rng: torch.Generator
    ) -> tuple[Int[Tensor, "n s"], Int[Tensor, "n t"]]:
        """Sources, and targets from the register at their start to their end, both padded."""
        first = int(torch.randint(len(self._sources), (), generator=torch_rng))
        rows = (first + torch.arange(size)) % len(self._sources)
        hidable = self._hidable[rows]
        shares = 2.0 * self._hidden_share * torch.rand(size, 1, generator=torch_rng)
        draws = torch.rand(hidable.shape, generator=torch_rng)
        is_hidden = (draws < shares) & (hidable != PAD)
        places = self._num_slots[rows, None] + is_hidden.cumsum(dim=1) - 1
        is_hidden &= places < NUM_SLOTS
        order = torch.rand(size, NUM_SLOTS, generator=torch_rng).argsort(dim=1) + FIRST_SLOT
        hidden = torch.where(is_hidden, hidable, NOWHERE)
        slots = order.gather(1, places.clamp(0, NUM_SLOTS - 1))
        source, target = (
            _hide(_trimmed(side[rows]), hidden, slots, order)
            for side in (self._sources, self._targets)
        )
        return source, target


def padded(rows: Sequence[Sequence[int]]) -> Int[Tensor, "n longest"]:
    """Rows of numbers as one tensor, with ``PAD`` behind the shorter ones."""
    longest = max(map(len, rows))
    wide = [[*row, *[PAD] * (longest - len(row))] for row in rows]
    return torch.tensor(wide, dtype=torch.int64)


def source_row(encoded: Encoded, register: Register) -> list[int]:
    """What the network reads: the register that is wanted, then the words."""
    return [REGISTER_IDS[register], *encoded.ids]


def _hide(
    tokens: Int[Tensor, "n t"],
    hidden: Int[Tensor, "n hidden"],
    slots: Int[Tensor, "n hidden"],
    order: Int[Tensor, "n slots"],
) -> Int[Tensor, "n t"]:
    """The same sentences with some words in slots, and the slots they have in another order."""
    moved = order.gather(1, (tokens - FIRST_SLOT).clamp(0, NUM_SLOTS - 1))
    tokens = torch.where(_is_slot(tokens), moved, tokens)
    is_it = tokens[:, :, None] == hidden[:, None, :]
    found = (is_it * slots[:, None, :]).sum(dim=2)
    return torch.where(is_it.any(dim=2), found, tokens)


def _is_slot(tokens: Int[Tensor, "n t"]) -> Bool[Tensor, "n t"]:
    return (tokens >= FIRST_SLOT) & (tokens < FIRST_WORD)


def _trimmed(tokens: Int[Tensor, "n t"]) -> Int[Tensor, "n longest"]:
    return tokens[:, : int((tokens != PAD).sum(dim=1).max())]


def _in_numbers(vocabulary: Vocabulary, example: Example) -> tuple[list[int], list[int]] | None:
    """What is read and what is written; None if it cannot be learned."""
    lengths = len(example.source) + 1, len(example.target) + 2
    if not example.source or not example.target or max(lengths) > MAX_LENGTH:
        return None
    try:
        encoded = vocabulary.encode(example.source)
    except ValueError:  # too many unknown words
        return None
    target = vocabulary.encode_target(example.target, encoded.slots)
    if target is None:
        return None
    return source_row(encoded, example.register), [REGISTER_IDS[example.register], *target, END]
