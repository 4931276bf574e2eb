"""What a restyled sentence has to keep: its verbs, things, people, times and reasons.

An item of content is kept if all the words of one of its ways are in the sentence, as they are or
inflected. The ways of an item are all that the grammar has for it in either register ("kids",
"children"), or those that a reader wrote down.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from etude.generative.style.text.grammar import Act, Meaning, Thing, normalise
from etude.generative.style.text.lexicon import REGISTERS, VERB_TABLE, sides
from etude.generative.style.text.lexicon_nouns import HELD_OUT_NAMES, NAMES
from etude.generative.style.text.phrases import spell_out

Item = frozenset[tuple[str, ...]]
"""Ways to keep something, each of one word or several."""

_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_ENDINGS = ("'s", "'", "ings", "ing", "ed", "es", "s", "d", "e", "ly")
_IRREGULAR = {
    "being": "be",
    "children": "child",
    "curricula": "curriculum",
    "cvs": "cv",
    "dying": "die",
    "gps": "gp",
    "lying": "lie",
    "men": "man",
    "panicking": "panic",
    "tvs": "tv",
    "tying": "tie",
    "women": "woman",
}
_PRONOUNS = frozenset(
    {"me", "you", "him", "her", "them", "us", "it", "this", "that", "these", "those"}
)


def content_of(meaning: Meaning) -> tuple[Item, ...]:
    """The items of a meaning; pronouns, articles and courtesies are none."""
    items: list[Item] = []
    for act in (meaning.act, meaning.second):
        if act is not None:
            items += _of_act(act)
    items += _of_thing(meaning.thing)
    items += _of_entry(meaning.who)
    for kind, entry in meaning.adjuncts:
        if kind == "addressee":
            items += [frozenset({tuple(_words(name))}) for name in _names_in(entry)]
        elif kind not in ("closing", "idiom"):
            items += _of_entry(entry)
    return tuple(items)


def parse_content(text: str) -> tuple[Item, ...]:
    """Items that a reader wrote down: separated by spaces, alternatives by bars.

    >>> [sorted(item) for item in parse_content("coffee|espresso table")]
    [[('coffee',), ('espresso',)], [('table',)]]
    """
    return tuple(
        frozenset(tuple(_words(way.replace("_", " "))) for way in item.split("|"))
        for item in text.split()
    )


def num_kept(items: Iterable[Item], sentence: str) -> int:
    """How many of the items a sentence has.

    >>> num_kept(parse_content("box|parcel open"), "Would you mind opening the parcels?")
    2
    """
    return sum(which_kept(items, sentence))


def which_kept(items: Iterable[Item], sentence: str) -> list[bool]:
    """Whether a sentence has each of the items."""
    stems = {stem for word in _words(sentence) for stem in _stems(word)}
    return [_is_kept(item, stems) for item in items]


def _is_kept(item: Item, stems: set[str]) -> bool:
    return any(all(_stems(word) & stems for word in way) for way in item)


def _words(text: str) -> list[str]:
    return [word for whole in _WORD.findall(normalise(text)) for word in whole.split("-")]


@cache
def _stems(word: str) -> frozenset[str]:
    """What may be left of a word when endings are taken off: crude, and the same for all."""
    stems = {word, _IRREGULAR.get(word, word)}
    for ending in _ENDINGS:
        least = 2 if ending == "ing" else 3  # going, of go
        if word.endswith(ending) and len(word) - len(ending) >= least:
            stem = word[: -len(ending)]
            stems.add(stem)
            if ending == "ing" and len(stem) == 2:  # using, of use
                stems.add(f"{stem}e")
            if len(stem) > 3 and stem[-1] == stem[-2]:
                stems.add(stem[:-1])
            if stem.endswith("i"):
                stems.add(f"{stem[:-1]}y")
            if stem.endswith("v"):  # knives, of knife
                stems.add(f"{stem[:-1]}f")
    return frozenset(stems)


def _of_act(act: Act) -> Iterator[Item]:
    yield verb_item(act.verb)
    yield from _of_thing(act.thing)
    yield from _of_entry(act.person)
    yield from _of_entry(act.goal)


@cache
def verb_item(name: str) -> Item:
    """What is kept of a verb."""
    verb = VERB_TABLE[name]
    plain = [re.sub(r"\{\w+\}|~", " ", way) for way in verb.informal + verb.formal]
    return frozenset(tuple(_words(way)) for way in plain)


def _of_thing(thing: Thing | None) -> Iterator[Item]:
    if thing is None or thing.noun is None:
        return
    forms = thing.noun.informal + thing.noun.formal
    yield frozenset(tuple(_words(form)) for form in forms)
    yield from _of_entry(thing.adjective)
    yield from _of_entry(thing.place)
    if thing.determiner.endswith("'s"):
        yield frozenset({tuple(_words(thing.determiner.removesuffix("'s")))})


@cache
def _of_entry(entry: str) -> tuple[Item, ...]:
    """The item of an ``informal/formal`` entry; none of an empty one, and none of pronouns."""
    if not entry or entry in _PRONOUNS:
        return ()
    ways = {tuple(_words(text)) for side in REGISTERS for text in spell_out(sides(entry)[side])}
    return (frozenset(ways),)


def _names_in(entry: str) -> list[str]:
    return [name for name in (*NAMES, *HELD_OUT_NAMES) if re.search(rf"\b{name}\b", entry)]
