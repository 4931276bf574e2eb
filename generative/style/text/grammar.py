"""From a meaning to all the sentences that say it, in both registers.

A meaning is a speech act (``frames``), a verb with its object and persons or a thing, and what is
added: when, where, why. It says nothing of register; a register chooses among the ways to say each
part. So two sentences of one meaning are translations of each other, and whether a sentence is an
admissible one can be decided.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Final, Literal

from etude.generative.style.text.frame import Frame
from etude.generative.style.text.frames import FRAMES
from etude.generative.style.text.inflection import with_articles
from etude.generative.style.text.lexicon import (
    VERB_TABLE,
    Form,
    Noun,
    Number,
    Register,
    Weight,
    sides,
)
from etude.generative.style.text.lexicon_adjuncts import CLOSINGS, OPENERS
from etude.generative.style.text.phrases import (
    NOTHING,
    Chain,
    Choice,
    Filled,
    Phrase,
    Text,
    parse,
)

AdjunctKind = Literal[
    "time", "place", "manner", "for", "clause", "reason", "purpose", "addressee", "closing", "idiom"
]
SPACE: Final = Text(" ")


@dataclass(frozen=True, kw_only=True)
class Thing:
    """What a noun phrase stands for.

    Attributes:
        noun: None for pronouns.
        determiner: "the", "my", "two", "Tom's" and the like, or the pronoun itself.
        number: decides between "is" and "are".
        adjective: an ``informal/formal`` entry.
        place: the same; which of several is meant.
    """

    noun: Noun | None
    determiner: str
    number: Number = "singular"
    adjective: str = ""
    place: str = ""

    @property
    def weight(self) -> Weight:
        """How long it is."""
        if self.noun is None:
            return "pronoun"
        return "long" if self.adjective or self.place else "short"


@dataclass(frozen=True, kw_only=True)
class Act:
    """A verb and what it is done to.

    Attributes:
        verb: a name of ``VERB_TABLE``.
        thing: the object.
        person: an ``informal/formal`` entry, such as "me" or "the boss/the supervisor".
        goal: where to; an entry.
    """

    verb: str
    thing: Thing | None = None
    person: str = ""
    goal: str = ""


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """What the two sentences of a pair have in common.

    Attributes:
        frame: a name of ``FRAMES``, or "idiom".
        act: what is done, None in frames of things.
        second: what is done after that.
        thing: in frames of things.
        who: who shall do it, where that is said; an entry.
        adjuncts: kinds and entries, sorted.
    """

    frame: str
    act: Act | None = None
    second: Act | None = None
    thing: Thing | None = None
    who: str = ""
    adjuncts: tuple[tuple[AdjunctKind, str], ...] = ()

    @property
    def cells(self) -> frozenset[tuple[str, str]]:
        """The verbs of the meaning with the frame that they stand in."""
        acts = (self.act, self.second)
        return frozenset((act.verb, self.frame) for act in acts if act is not None)


def sentence_phrase(meaning: Meaning, register: Register) -> Phrase:
    """All ways to say a meaning, but for capitals and the spaces before marks."""
    adjuncts = dict(meaning.adjuncts)
    if meaning.frame == "idiom":
        return sides(adjuncts["idiom"])[register]
    parts = {kind: sides(entry)[register] for kind, entry in adjuncts.items()}
    slots = _slots(meaning, register, parts)
    opener = _opener(adjuncts.get("addressee", ""), register)
    closing = Chain((SPACE, parse(CLOSINGS[register]))) if "closing" in adjuncts else NOTHING
    orders = []
    weights = []
    for front, tail, after, weight in _orders(parts, register):
        body = _ways(meaning.frame, register, tail is not NOTHING, _is_base_only(meaning))
        inner = Filled(body, {"tail": tail})
        orders.append(Chain((opener, SPACE, front, inner, after)))
        weights.append(weight)
    return Filled(Chain((Choice(tuple(orders), tuple(weights)), closing)), slots)


def finish(text: str) -> str:
    """A text as it is written: capitals, articles, no space before a mark.

    >>> finish("hey ,  could you pass me a orange ?  thanks !")
    'Hey, could you pass me an orange? Thanks!'
    """
    text = " ".join(text.split())
    text = re.sub(r" ([,.;:!?])", r"\1", text)
    text = re.sub(r"(^|[.!?] )([a-z])", lambda found: found[1] + found[2].upper(), text)
    return with_articles(text)


def normalise(sentence: str) -> str:
    """A sentence as sentences are compared: small letters, no mark at the end, plain apostrophes.

    >>> normalise("Don\u2019t  touch that , Tom !")
    "don't touch that, tom"
    """
    for mark in "\u2018\u2019\u02bc`\u00b4":
        sentence = sentence.replace(mark, "'")
    text = " ".join(sentence.lower().split())
    text = re.sub(r" ([,.;:!?])", r"\1", text)
    return text.rstrip(".!?,;: ")


def thing_phrase(thing: Thing, register: Register) -> Phrase:
    """A noun phrase."""
    return _thing_phrase(thing, register)


@lru_cache(maxsize=65_536)
def _thing_phrase(thing: Thing, register: Register) -> Phrase:
    parts: list[Phrase] = [] if thing.determiner == "none" else [parse(thing.determiner)]
    if thing.adjective:
        parts.append(sides(thing.adjective)[register])
    if thing.noun is not None:
        is_plural = thing.number == "plural" and thing.noun.number == "singular"
        parts.append(parse("|".join(thing.noun.forms(register, is_plural))))
    if thing.place:
        parts.append(sides(thing.place)[register])
    spaced = [piece for part in parts for piece in (SPACE, part)]
    return Chain(tuple(spaced[1:]))


def _slots(
    meaning: Meaning, register: Register, parts: Mapping[AdjunctKind, Phrase]
) -> dict[str, Phrase]:
    """What fills the ways of a frame."""
    slots: dict[str, Phrase] = {}
    if meaning.act is not None:
        slots["act"] = _act_phrase(meaning, register, "act", parts)
        slots["acting"] = _act_phrase(meaning, register, "acting", parts)
    else:
        slots["time"] = parts.get("time", NOTHING)
    if meaning.thing is not None:
        is_plural = meaning.thing.number == "plural"
        slots |= {
            "o": thing_phrase(meaning.thing, register),
            "bare": thing_phrase(replace(meaning.thing, determiner="none"), register),
            **_AGREEMENT[is_plural],
        }
    if meaning.who:
        slots["who"] = sides(meaning.who)[register]
    return slots


def _act_phrase(
    meaning: Meaning, register: Register, form: Form, parts: Mapping[AdjunctKind, Phrase]
) -> Phrase:
    """The verb phrases with manner, place and time."""
    assert meaning.act is not None
    pieces = [_verb_phrase(meaning.act, register, form)]
    if meaning.second is not None:
        pieces += [Text("and"), _verb_phrase(meaning.second, register, form)]
    pieces += [parts[kind] for kind in ("manner", "for", "place", "time") if kind in parts]
    spaced = [piece for part in pieces for piece in (SPACE, part)]
    return Chain(tuple(spaced[1:]))


def _verb_phrase(act: Act, register: Register, form: Form) -> Phrase:
    weight = act.thing.weight if act.thing else "short"
    phrase = VERB_TABLE[act.verb].phrase(register, form, weight)
    slots: dict[str, Phrase] = {}
    if act.thing:
        slots = dict.fromkeys(("o", "np", "it"), thing_phrase(act.thing, register))
    if act.person:
        slots["to"] = sides(act.person)[register]
    if act.goal:
        slots |= dict.fromkeys(("dest", "goal", "origin"), sides(act.goal)[register])
    return Filled(phrase, slots) if slots else phrase


def _orders(
    parts: Mapping[AdjunctKind, Phrase], register: Register
) -> Iterator[tuple[Phrase, Phrase, Phrase, float]]:
    """Where clauses and reasons stand: in front, at the end, after it; and how often."""
    clause = parts.get("clause", NOTHING)
    reason = parts.get("reason", NOTHING)
    purpose = parts.get("purpose", NOTHING)
    comma = Text(", ")
    fronts: list[tuple[Phrase, Phrase, float]] = [(NOTHING, clause, 1.0)]
    if clause is not NOTHING:
        fronts.append((Chain((clause, comma)), NOTHING, 0.6))
    for front, left, weight in fronts:
        if reason is NOTHING:
            tail = [part for part in (left, purpose) if part is not NOTHING]
            yield front, _spaced(tail), NOTHING, weight
            continue
        because = Chain((_BECAUSE[register], SPACE, reason))
        yield front, _spaced([p for p in (left, because) if p is not NOTHING]), NOTHING, weight
        yield front, left, Chain((SPACE, reason, Text("."))), 0.4 * weight
        if front is NOTHING:
            yield Filled(_BEFORE[register], {"reason": reason}), left, NOTHING, 0.3


def _spaced(parts: list[Phrase]) -> Phrase:
    if not parts:
        return NOTHING
    spaced = [piece for part in parts for piece in (SPACE, part)]
    return Chain(tuple(spaced[1:]))


def _opener(addressee: str, register: Register) -> Phrase:
    return sides(addressee)[register] if addressee else parse(OPENERS[register])


@cache
def _ways(frame: str, register: Register, has_tail: bool, is_base_only: bool) -> Phrase:
    """The lines of a frame, and of none that cannot hold what there is to say."""
    lines = [line.strip() for line in _lines(FRAMES[frame], register)]
    if has_tail:
        lines = [line for line in lines if "{tail}" in line]
    if is_base_only:
        lines = [line for line in lines if "{acting}" not in line]
    return parse("|".join(lines))


def _lines(frame: Frame, register: Register) -> list[str]:
    return (frame.informal if register == "informal" else frame.formal).splitlines()


def _is_base_only(meaning: Meaning) -> bool:
    """Verbs that a network has not seen are not inflected: it could not know how."""
    acts = (meaning.act, meaning.second)
    return any(act is not None and "new" in VERB_TABLE[act.verb].marks for act in acts)


_BECAUSE: Final[Mapping[Register, Phrase]] = {
    "informal": parse("because|cos|because|~'cause|~coz|,|,"),
    "formal": parse(", as|because|, since"),
}
_BEFORE: Final[Mapping[Register, Phrase]] = {
    "informal": parse("{reason}. |{reason}, so |~look, {reason}, |~since {reason}, "),
    "formal": parse(
        "{reason}. |as {reason}, |~please note that {reason}. |~please be advised that {reason}. "
    ),
}
_AGREEING: Final = {
    "is": "is are",
    "does": "does do",
    "begins": "begins begin",
    "opens": "opens open",
    "closes": "closes close",
    "shuts": "shuts shut",
    "leaves": "leaves leave",
    "departs": "departs depart",
    "takes": "takes take",
}
_AGREEMENT: Final[Mapping[bool, Mapping[str, Phrase]]] = {
    False: {name: Text(forms.split()[0]) for name, forms in _AGREEING.items()}
    | {
        "whats": parse("what's|what is"),
        "wheres": parse("where's|where is"),
        "whens": parse("when's|when is"),
        "is_there": parse("is there"),
    },
    True: {name: Text(forms.split()[1]) for name, forms in _AGREEING.items()}
    | {
        "whats": parse("what are"),
        "wheres": parse("where are"),
        "whens": parse("when are"),
        "is_there": parse("are there"),
    },
}
