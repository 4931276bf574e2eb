"""The words of the grammar, read from its tables: nouns, verbs and what is added to them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final, Literal

from etude.generative.style.text.inflection import ing, plural
from etude.generative.style.text.lexicon_everyday import EVERYDAY_VERBS
from etude.generative.style.text.lexicon_nouns import NOUN_CLASSES
from etude.generative.style.text.lexicon_verbs import SEQUENCES, VERBS
from etude.generative.style.text.phrases import Phrase, parse

Register = Literal["informal", "formal"]
REGISTERS: Final[tuple[Register, Register]] = ("informal", "formal")
Number = Literal["singular", "plural", "mass"]
Form = Literal["act", "acting"]
Weight = Literal["pronoun", "short", "long"]
"""Of an object: "it", "the lamp" and "the two lamps in the hall"."""


@dataclass(frozen=True)
class Noun:
    """A noun in both registers.

    Attributes:
        informal: alternatives.
        formal: the same.
        number: what it is by nature; "singular" ones have a plural too.
        is_new: whether it is held out of training.
    """

    informal: tuple[str, ...]
    formal: tuple[str, ...]
    number: Number
    is_new: bool

    def forms(self, register: Register, is_plural: bool = False) -> tuple[str, ...]:
        """The alternatives of a register."""
        words = self.informal if register == "informal" else self.formal
        return tuple(plural(word) for word in words) if is_plural else words


@dataclass(frozen=True)
class Verb:
    """What somebody may do.

    Attributes:
        name: of the row.
        informal: alternatives, with slots.
        formal: the same.
        classes: of its objects, none for verbs that have none.
        marks: the remarks of ``lexicon_verbs``.
    """

    name: str
    informal: tuple[str, ...]
    formal: tuple[str, ...]
    classes: tuple[str, ...]
    marks: frozenset[str]

    def has_slot(self, name: str) -> bool:
        """Whether it wants a person, a goal or the like."""
        return any(f"{{{name}}}" in pattern for pattern in self.informal + self.formal)

    @property
    def takes_pronouns(self) -> bool:
        """Whether "it" may be the object, in either register."""
        return all(_fitting(side, "pronoun") for side in (self.informal, self.formal))

    @property
    def speaks_to_others(self) -> bool:
        """Whether it says "you" or "your" itself."""
        return any(re.search(r"\byour?\b", text) for text in self.informal + self.formal)

    def phrase(self, register: Register, form: Form, weight: Weight) -> Phrase:
        """The ways to say it, with slots."""
        patterns = self.informal if register == "informal" else self.formal
        return _verb_phrase(patterns, form, weight)


def sides(entry: str) -> Mapping[Register, Phrase]:
    """The phrases of an ``informal/formal`` entry."""
    informal, _, formal = entry.partition("/")
    return {"informal": parse(informal), "formal": parse(formal or informal)}


def lines_of(table: str) -> tuple[str, ...]:
    """The rows of a table; a row that begins with a slash goes on from the one before."""
    return tuple(table.strip().replace("\n    /", "/").splitlines())


@cache
def nouns(class_name: str) -> tuple[Noun, ...]:
    """The nouns of a class."""
    return tuple(_read_noun(entry) for entry in NOUN_CLASSES[class_name].nouns.split(","))


def _read_noun(entry: str) -> Noun:
    marks = {mark for mark in "*~!" if mark in entry}
    for mark in marks:
        entry = entry.replace(mark, "")
    informal, _, formal = entry.strip().partition("/")
    number: Number = "plural" if "*" in marks else "mass" if "~" in marks else "singular"
    first = tuple(informal.split("|"))
    return Noun(first, tuple(formal.split("|")) if formal else first, number, "!" in marks)


def _read_verbs() -> dict[str, Verb]:
    verbs = {}
    for row in (VERBS.strip() + EVERYDAY_VERBS).replace("\n    ", " ").splitlines():
        name, informal, formal, classes, marks = (part.strip() for part in f"{row} ".split(" : "))
        verbs[name] = Verb(
            name,
            tuple(part.strip() for part in informal.split("|")),
            tuple(part.strip() for part in formal.split("|")),
            tuple(classes.replace("-", "").split()),
            frozenset(marks.split()),
        )
    return verbs


def _fitting(patterns: tuple[str, ...], weight: Weight) -> tuple[str, ...]:
    """The alternatives that an object of some weight can stand in."""
    unfit = {"pronoun": "{np}", "short": "{none}", "long": "{it}"}[weight]
    return tuple(pattern for pattern in patterns if unfit not in pattern)


@cache
def _verb_phrase(patterns: tuple[str, ...], form: Form, weight: Weight) -> Phrase:
    fitting = _fitting(patterns, weight)
    if form == "act":
        return parse("|".join(fitting))
    forms = [f"~{ing(p[1:])}" if p.startswith("~") else ing(p) for p in fitting]
    return parse("|".join(forms))


VERB_TABLE: Final[Mapping[str, Verb]] = MappingProxyType(_read_verbs())
FOLLOWERS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        first.strip(): tuple(name.strip() for name in then.split(","))
        for first, then in (row.split(":") for row in lines_of(SEQUENCES))
    }
)
"""Verbs that may follow a verb."""
