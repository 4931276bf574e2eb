"""The tables are read as they are meant, and hold what their docstrings promise."""

import re

from etude.generative.style.text.frames import FRAMES
from etude.generative.style.text.lexicon import (
    FOLLOWERS,
    VERB_TABLE,
    nouns,
    sides,
)
from etude.generative.style.text.lexicon_nouns import HELD_OUT_NAMES, NAMES, NOUN_CLASSES
from etude.generative.style.text.phrases import spell_out

MARKS = {
    "you",
    "bad",
    "once",
    "fine",
    "new",
    "unwelcome",
    "mood",
    "then",
    "me",
    "long",
    "at",
    "now",
}
SLOTS = {"o": "thing", "np": "thing", "it": "thing", "to": "person"} | dict.fromkeys(
    ("dest", "goal", "origin"), "goal"
)


def _slots(pattern: str) -> set[str]:
    return {SLOTS[name] for name in re.findall(r"\{(\w+)\}", pattern)}


def test_the_vocabulary_is_large() -> None:
    assert len(VERB_TABLE) >= 300
    assert len(FRAMES) >= 35
    assert len({noun.informal for name in NOUN_CLASSES for noun in nouns(name)}) >= 1_000


def test_all_ways_to_say_a_verb_say_the_same() -> None:
    for verb in VERB_TABLE.values():
        slots = [_slots(way) for way in verb.informal + verb.formal]
        assert all(each == slots[0] for each in slots), f"a way of {verb.name} leaves something out"
        assert ("thing" in slots[0]) == bool(verb.classes), verb.name


def test_the_remarks_and_classes_of_verbs_are_known_ones() -> None:
    for verb in VERB_TABLE.values():
        assert verb.marks <= MARKS, verb.name
        assert set(verb.classes) <= set(NOUN_CLASSES), verb.name


def test_verbs_differ_in_the_registers_or_are_copied() -> None:
    differing = [verb for verb in VERB_TABLE.values() if set(verb.informal) != set(verb.formal)]
    assert len(differing) >= 200
    new = [verb for verb in VERB_TABLE.values() if "new" in verb.marks]
    assert len(new) == 20
    assert all(verb.informal == verb.formal for verb in new)


def test_a_noun_is_spelled_alike_in_all_its_classes() -> None:
    formal: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    is_new: dict[tuple[str, ...], set[bool]] = {}
    for name in NOUN_CLASSES:
        for noun in nouns(name):
            formal.setdefault(noun.informal, set()).add(noun.formal)
            is_new.setdefault(noun.informal, set()).add(noun.is_new)
    assert {noun: ways for noun, ways in formal.items() if len(ways) > 1} == {}
    assert {noun for noun, ways in is_new.items() if len(ways) > 1} == set()


def test_names_of_training_are_not_those_held_out() -> None:
    assert not set(NAMES) & set(HELD_OUT_NAMES)


def test_what_follows_a_verb_is_a_verb() -> None:
    assert set(FOLLOWERS) <= set(VERB_TABLE)
    assert {name for then in FOLLOWERS.values() for name in then} <= set(VERB_TABLE)


def test_an_entry_without_a_slash_serves_both_registers() -> None:
    assert list(spell_out(sides("kids/children")["formal"])) == ["children"]
    assert list(spell_out(sides("at noon")["formal"])) == ["at noon"]


def test_plurals_are_made_and_pronouns_fit_some_verbs() -> None:
    (box,) = [noun for noun in nouns("container") if noun.informal == ("box",)]
    assert box.forms("formal", is_plural=True) == ("boxes",)
    assert VERB_TABLE["open"].takes_pronouns
    assert not VERB_TABLE["pass"].takes_pronouns  # "pass me it"
