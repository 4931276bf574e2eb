"""Content is found however it is inflected or said, and missed when it is gone."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from etude.generative.style.text.content import content_of, num_kept, parse_content
from etude.generative.style.text.corpus import SPLITS, parallel
from etude.generative.style.text.grammar import Act, Meaning, Thing
from etude.generative.style.text.held_out import Split
from etude.generative.style.text.lexicon import nouns


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(SPLITS), st.integers(0, 2**32 - 1))
def test_references_keep_all_content(split: Split, seed: int) -> None:
    for pair in parallel(split, 20, torch.Generator().manual_seed(seed)):
        items = content_of(pair.meaning)
        assert num_kept(items, pair.informal) == len(items), pair.informal
        assert num_kept(items, pair.formal) == len(items), pair.formal


def test_what_is_left_out_is_missed() -> None:
    kids = next(noun for noun in nouns("people") if "kids" in noun.informal)
    thing = Thing(noun=kids, determiner="the", number="plural")
    meaning = Meaning(
        frame="command", act=Act(verb="visit", thing=thing), adjuncts=(("time", "on Monday"),)
    )
    items = content_of(meaning)
    assert len(items) == 3
    assert num_kept(items, "Drop in on the little ones on Monday.") == 3
    assert num_kept(items, "Please visit the children on Monday.") == 3
    assert num_kept(items, "Please visit the children on Tuesday.") == 2
    assert num_kept(items, "Please visit them on Monday.") == 2
    assert num_kept(items, "") == 0


def test_pronouns_and_courtesies_are_no_content() -> None:
    thing = Thing(noun=None, determiner="it")
    act = Act(verb="send", thing=thing, person="me")
    meaning = Meaning(frame="command", act=act, adjuncts=(("closing", "thanks/thank you"),))
    assert len(content_of(meaning)) == 1


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("knife", "Mind the knives!"),
        ("water plant", "Would you mind watering the plants?"),
        ("stop", "We kindly ask that you refrain from stopping."),
        ("go", "D'you fancy going?"),
        ("use", "Thanks for using it."),
        ("hurry", "Nobody hurries."),
        ("tom", "Tom's late."),
        ("check-up", "Your check-up is due."),
        ("ice_cream|sorbet", "Fancy some ice cream?"),
        ("child", "Where are the children?"),
    ],
)
def test_inflections_count(content: str, sentence: str) -> None:
    items = parse_content(content)
    assert num_kept(items, sentence) == len(items)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [("sit", "Take the cutlery."), ("ice_cream", "Is there any ice?"), ("cat", "A vacation.")],
)
def test_likeness_does_not(content: str, sentence: str) -> None:
    assert num_kept(parse_content(content), sentence) == 0
