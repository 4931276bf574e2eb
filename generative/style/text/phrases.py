"""A notation for all the ways to say something, which is drawn from, listed and recognised.

``"[could|would] you [please|] {act}?"`` is a phrase: brackets hold alternatives, one of which may
be nothing, braces hold slots, which other phrases fill, and an alternative after ``~`` is drawn
rarely. Because one tree is read three ways, what is drawn is always among what is listed, and what
is listed is exactly what is recognised.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from random import Random
from typing import Final

RARE: Final = 0.15
"""What ``~`` multiplies the weight of an alternative by, which is 1."""

_TOKEN: Final = re.compile(r"[\[\]|~{}]|[^\[\]|~{}]+")
_WORD: Final = re.compile(r"[,.;:!?]|[^\s,.;:!?]+")


@dataclass(frozen=True)
class Text:
    """Words, which may be none."""

    words: str


@dataclass(frozen=True)
class Slot:
    """A place that another phrase fills."""

    name: str


@dataclass(frozen=True)
class Chain:
    """One phrase after the other."""

    parts: "tuple[Phrase, ...]"


@dataclass(frozen=True)
class Choice:
    """One phrase of several, with weights."""

    options: "tuple[Phrase, ...]"
    weights: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Filled:
    """A phrase and what fills its slots."""

    phrase: "Phrase"
    slots: "Mapping[str, Phrase]"


Phrase = Text | Slot | Chain | Choice | Filled
NOTHING: Final = Text("")


def one_of(phrases: Iterable[Phrase]) -> Choice:
    """A choice of equals.

    Raises:
        ValueError: there is none.
    """
    options = tuple(phrases)
    if not options:
        raise ValueError("a choice has at least one alternative, got none; write [] for nothing.")
    return Choice(options, (1.0,) * len(options))


@cache
def parse(pattern: str) -> Phrase:
    """The phrase of a pattern; bars outside of brackets separate alternatives too.

    >>> sorted(spell_out(parse("[sit|sit down] [here|]")))
    ['sit', 'sit down', 'sit down here', 'sit here']

    Raises:
        ValueError: brackets or braces do not match.
    """
    tokens = _TOKEN.findall(pattern)
    phrase, end = _parse_choice(tokens, 0, pattern)
    if end != len(tokens):
        raise ValueError(f"each ] closes a [, got {pattern!r}; remove one.")
    return phrase


def draw(phrase: Phrase, rng: Random, slots: Mapping[str, Phrase] | None = None) -> str:
    """One of the texts of a phrase; the spaces between its words are as they fall."""
    slots = slots or {}
    match phrase:
        case Text(words):
            return words
        case Slot(name):
            return draw(slots[name], rng, slots)
        case Chain(parts):
            return "".join([draw(part, rng, slots) for part in parts])
        case Choice(options, weights):
            option = options[0] if len(options) == 1 else rng.choices(options, weights)[0]
            return draw(option, rng, slots)
        case Filled(inner, filling):
            return draw(inner, rng, {**slots, **filling})


def spell_out(phrase: Phrase, slots: Mapping[str, Phrase] | None = None) -> Iterator[str]:
    """All texts of a phrase, single spaces between their words; some may come twice."""
    for text in _spell_out(phrase, slots or {}):
        yield " ".join(words_of(text))


def count(phrase: Phrase, slots: Mapping[str, Phrase] | None = None) -> int:
    """How many texts ``spell_out`` gives."""
    slots = slots or {}
    match phrase:
        case Text():
            return 1
        case Slot(name):
            return count(slots[name], slots)
        case Chain(parts):
            number = 1
            for part in parts:
                number *= count(part, slots)
            return number
        case Choice(options, _):
            return sum(count(option, slots) for option in options)
        case Filled(inner, filling):
            return count(inner, {**slots, **filling})


def accepts(phrase: Phrase, words: Sequence[str]) -> bool:
    """Whether words, as ``words_of`` gives them, are one of the texts of a phrase.

    "A" and "an" are one word here: which of them stands in a text depends on the word after it,
    so patterns always say "a".
    """
    return len(words) in _ends(phrase, _plain(words), frozenset({0}), {})


class _LastMark(str):
    """Equal to every mark that ends a sentence."""

    def __eq__(self, other: object) -> bool:
        return other in (".", "?", "!")

    __hash__ = None  # type: ignore[assignment]


def accepts_without_mark(phrase: Phrase, words: Sequence[str]) -> bool:
    """Whether words are one of the texts of a phrase, or would be with a mark at the end."""
    ends = _ends(phrase, [*_plain(words), _LastMark()], frozenset({0}), {})
    return not ends.isdisjoint((len(words), len(words) + 1))


def words_of(text: str) -> list[str]:
    """Words and marks, each mark by itself."""
    return _WORD.findall(text)


def _plain(words: Iterable[str]) -> list[str]:
    return ["a" if word == "an" else word for word in words]


@cache
def _own_words(text: str) -> list[str]:
    return _plain(words_of(text.lower()))


def _parse_choice(tokens: list[str], start: int, pattern: str) -> tuple[Phrase, int]:
    """From a place to the bracket that closes, or the end."""
    options: list[Phrase] = []
    weights: list[float] = []
    parts: list[Phrase] = []
    weight, i = 1.0, start
    while i <= len(tokens):
        token = tokens[i] if i < len(tokens) else "]"
        if token in ("|", "]"):
            options.append(parts[0] if len(parts) == 1 else Chain(tuple(parts)))
            weights.append(weight)
            parts, weight = [], 1.0
            if token == "]":
                break
        elif token == "~":
            weight *= RARE
        elif token == "[":
            part, i = _parse_choice(tokens, i + 1, pattern)
            if i == len(tokens):
                raise ValueError(f"each [ has its ], got {pattern!r}; add one.")
            parts.append(part)
        elif token == "{":
            if tokens[i + 2 : i + 3] != ["}"]:
                raise ValueError(f"a slot is a name in braces, got {pattern!r}; close it.")
            parts.append(Slot(tokens[i + 1]))
            i += 2
        else:
            parts.append(Text(token))
        i += 1
    if len(options) == 1:
        return options[0], i
    return Choice(tuple(options), tuple(weights)), i


def _spell_out(phrase: Phrase, slots: Mapping[str, Phrase]) -> Iterator[str]:
    match phrase:
        case Text(words):
            yield words
        case Slot(name):
            yield from _spell_out(slots[name], slots)
        case Chain(parts):
            for texts in product(*(list(_spell_out(part, slots)) for part in parts)):
                yield "".join(texts)
        case Choice(options, _):
            for option in options:
                yield from _spell_out(option, slots)
        case Filled(inner, filling):
            yield from _spell_out(inner, {**slots, **filling})


def _ends(
    phrase: Phrase, words: Sequence[str], starts: frozenset[int], slots: Mapping[str, Phrase]
) -> frozenset[int]:
    """Where a phrase may end if it begins at one of the starts."""
    if not starts:
        return starts
    match phrase:
        case Text(text):
            own = _own_words(text)
            return frozenset(i + len(own) for i in starts if words[i : i + len(own)] == own)
        case Slot(name):
            return _ends(slots[name], words, starts, slots)
        case Chain(parts):
            for part in parts:
                starts = _ends(part, words, starts, slots)
            return starts
        case Choice(options, _):
            return frozenset().union(*(_ends(option, words, starts, slots) for option in options))
        case Filled(inner, filling):
            return _ends(inner, words, starts, {**slots, **filling})
