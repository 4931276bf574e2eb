"""Sentences with several meanings, and what counts as a translation of them."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from etude.generative.style.text.corpus import is_admissible, parallel
from etude.generative.style.text.grammar import Act, Meaning, Thing
from etude.generative.style.text.lexicon import REGISTERS, Register, nouns
from etude.generative.style.text.readings import reading

BULB = Thing(noun=nouns("part")[0], determiner="the")
IT = Thing(noun=None, determiner="it")
QUEUE = Meaning(frame="command", act=Act(verb="queue"))
CHANGE = Meaning(frame="question", act=Act(verb="change part", thing=BULB))
MOVE = Meaning(frame="question", act=Act(verb="reschedule", thing=IT))
EAT = Meaning(frame="proposal", act=Act(verb="eat out"))


@pytest.mark.parametrize(
    ("meaning", "source", "output", "verb", "frame"),
    [
        (QUEUE, "Line up!", "Please form a queue.", "queue", "command"),
        (QUEUE, "Line up!", "Please form a line.", "form line", "command"),
        (MOVE, "Can you move it?", "Could you please move it?", "move", "question"),
        (EAT, "Fancy eating out?", "Would you care to dine out?", "eat out", "proposal"),
        (EAT, "Fancy eating out?", "Shall we dine out?", "eat out", "suggestion"),
    ],
)
def test_other_meanings_of_a_sentence(
    meaning: Meaning, source: str, output: str, verb: str, frame: str
) -> None:
    found = reading(meaning, source, "formal", output)
    assert found is not None
    assert found.act is not None
    assert (found.act.verb, found.frame) == (verb, frame)


@pytest.mark.parametrize(
    ("meaning", "source", "output"),
    [
        (QUEUE, "Queue up!", "Please form a line."),  # to queue is to form one, but not in words
        (MOVE, "Can you change the time of it?", "Could you please move it?"),
        (EAT, "Why don't you eat out?", "Shall we dine out?"),
        (CHANGE, "Can you change the bulb?", "Could you please amend the bulb?"),  # no text
        (QUEUE, "Line up!", "Please be quiet."),
    ],
)
def test_what_a_sentence_does_not_mean(meaning: Meaning, source: str, output: str) -> None:
    assert reading(meaning, source, "formal", output) is None


@given(st.integers(0, 10_000), st.sampled_from(REGISTERS))
def test_a_reading_has_both_sentences(seed: int, register: Register) -> None:
    first, second = parallel("train", 2, torch.Generator().manual_seed(seed))
    source = first.formal if register == "informal" else first.informal
    other: Register = "formal" if register == "informal" else "informal"
    assert reading(first.meaning, source, register, getattr(first, register)) == first.meaning
    found = reading(first.meaning, source, register, getattr(second, register))
    if found is not None:
        assert is_admissible(found, other, source)
        assert is_admissible(found, register, getattr(second, register))
