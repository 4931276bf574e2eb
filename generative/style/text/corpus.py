"""Requests in two registers, without end: aligned, unaligned, and lines that request nothing.

Every pair is drawn from the grammar with its meaning, so that all admissible translations of
either side are known. Four splits differ in what they are made of, not in the seed: see
``held_out``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final, NamedTuple, TypeVar

import torch

from etude.foundations.names import check_name
from etude.generative.style.text.frames import FRAMES
from etude.generative.style.text.grammar import Meaning as Meaning
from etude.generative.style.text.grammar import finish, sentence_phrase
from etude.generative.style.text.grammar import normalise as normalise
from etude.generative.style.text.held_out import Split as Split
from etude.generative.style.text.held_out import held_out_cells as held_out_cells
from etude.generative.style.text.inflection import with_articles
from etude.generative.style.text.lexicon import REGISTERS
from etude.generative.style.text.lexicon import Register as Register
from etude.generative.style.text.meanings import draw_meaning
from etude.generative.style.text.phrases import (
    Phrase,
    accepts_without_mark,
    count,
    draw,
    spell_out,
    words_of,
)
from etude.generative.style.text.statements import draw_statement

T = TypeVar("T")
SPLITS: Final[tuple[Split, ...]] = ("train", "constructions", "verbs", "nouns")
MOST_LISTED: Final = 50_000
"""References in a list."""
BARE_SHARE: Final[dict[Register, float]] = {"informal": 0.12, "formal": 0.04}
"""How many requests have no full stop."""


@dataclass(frozen=True)
class Pair:
    """One meaning in both registers, with capitals and marks."""

    informal: str
    formal: str
    meaning: Meaning


def parallel(split: Split, size: int, torch_rng: torch.Generator) -> list[Pair]:
    """Pairs of a split.

    Raises:
        ValueError: an unknown split, or a negative size.
    """
    check_name("a split", split, SPLITS)
    rng = _python_rng(size, torch_rng)
    pairs = []
    for _ in range(size):
        meaning = draw_meaning(split, rng)
        pairs.append(
            Pair(_write(meaning, "informal", rng), _write(meaning, "formal", rng), meaning)
        )
    return pairs


class Translation(NamedTuple):
    """A pair of which one side is to be written."""

    informal: str
    formal: str
    register: Register


class PlainRandom(Random):
    """Chooses at random, but often the first way to say something, which is the plainest."""

    plain_share = 0.0

    def choices(  # type: ignore[override]  # as phrases are drawn: one option, with weights
        self, population: Sequence[T], weights: Sequence[float]
    ) -> list[T]:
        """One of the options."""
        if self.random() < self.plain_share:
            return [population[weights.index(max(weights))]]
        return super().choices(population, weights)


def translations(
    size: int, torch_rng: torch.Generator, plain_share: float = 0.0
) -> list[Translation]:
    """Training meanings, each to be written in both registers.

    What is read is said in any way. What is to be written is often said in the plainest way, so
    that less of a translation is left to chance.

    Args:
        size: how many meanings.
        torch_rng: draws them.
        plain_share: how often a choice between ways to say something falls on the first one at
            once, in what is to be written.

    Raises:
        ValueError: a negative size.
    """
    rng = _python_rng(size, torch_rng)
    plain = PlainRandom(rng.getrandbits(62))
    plain.plain_share = plain_share
    found = []
    for _ in range(size):
        meaning = draw_meaning("train", rng)
        phrases = [(register, sentence_phrase(meaning, register)) for register in REGISTERS]
        informal, formal = (_finished(phrase, register, rng) for register, phrase in phrases)
        plain_informal, plain_formal = (
            _finished(phrase, register, plain) for register, phrase in phrases
        )
        found += [
            Translation(plain_informal, formal, "informal"),
            Translation(informal, plain_formal, "formal"),
        ]
    return found


def unaligned(size: int, torch_rng: torch.Generator) -> dict[Register, list[str]]:
    """Training sentences of both registers, of which no two have one meaning.

    Raises:
        ValueError: a negative size.
    """
    rng = _python_rng(size, torch_rng)
    meanings: dict[Meaning, None] = {}
    while len(meanings) < 2 * size:
        meanings[draw_meaning("train", rng)] = None
    drawn = list(meanings)
    return {
        "informal": [_write(meaning, "informal", rng) for meaning in drawn[:size]],
        "formal": [_write(meaning, "formal", rng) for meaning in drawn[size:]],
    }


def statements(size: int, torch_rng: torch.Generator) -> list[str]:
    """Lines that request nothing: facts, opinions, news, small talk, in both registers.

    Raises:
        ValueError: a negative size.
    """
    rng = _python_rng(size, torch_rng)
    return [finish(draw_statement(rng)) for _ in range(size)]


def references(meaning: Meaning, register: Register) -> frozenset[str]:
    """All admissible sentences, normalised, of meanings that have few enough to list.

    Raises:
        ValueError: there are more than 50,000.
    """
    phrases = [sentence_phrase(each, register) for each in _equals(meaning)]
    number = sum(count(phrase) for phrase in phrases)
    if number > MOST_LISTED:
        raise ValueError(
            f"up to {MOST_LISTED} references are listed, this meaning has {number}; ask "
            "is_admissible instead."
        )
    return frozenset(normalise(finish(text)) for phrase in phrases for text in spell_out(phrase))


def is_admissible(meaning: Meaning, register: Register, sentence: str) -> bool:
    """Whether a sentence is among the references of a meaning, of which there may be any number."""
    text = normalise(sentence)
    if with_articles(text) != text:
        return False
    words = words_of(text)  # ``normalise`` took the mark at the end
    phrases = (sentence_phrase(each, register) for each in _equals(meaning))
    return any(accepts_without_mark(phrase, words) for phrase in phrases)


def _equals(meaning: Meaning) -> list[Meaning]:
    """The meaning in its frame, and in those that render it no worse."""
    others = FRAMES[meaning.frame].also if meaning.frame in FRAMES else ()
    return [meaning, *(replace(meaning, frame=frame) for frame in others)]


def _write(meaning: Meaning, register: Register, rng: Random) -> str:
    return _finished(sentence_phrase(meaning, register), register, rng)


def _finished(phrase: Phrase, register: Register, rng: Random) -> str:
    text = finish(draw(phrase, rng))
    is_bare = text.endswith(".") and rng.random() < BARE_SHARE[register]
    return text[:-1] if is_bare else text


def _python_rng(size: int, torch_rng: torch.Generator) -> Random:
    """Python's generator, which chooses single things faster than torch."""
    if size < 0:
        raise ValueError(f"a corpus has at least no lines, got size {size}; pass 0 or more.")
    return Random(int(torch.randint(2**62, (), generator=torch_rng)))
