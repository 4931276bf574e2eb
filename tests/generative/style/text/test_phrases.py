"""A phrase is drawn from, listed and recognised, and all three agree."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etude.generative.style.text.phrases import (
    RARE,
    Filled,
    accepts,
    accepts_without_mark,
    count,
    draw,
    one_of,
    parse,
    spell_out,
    words_of,
)

WORDS = st.sampled_from(["sit", "down", "here", "sit here", ""])


def _choice(options: list[str]) -> str:
    return f"[{'|'.join(options)}]"


PATTERNS = st.recursive(
    WORDS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(" ".join),
        st.lists(inner, min_size=1, max_size=3).map(_choice),
    ),
    max_leaves=6,
)


@given(PATTERNS, st.integers(0, 1_000))
def test_what_is_drawn_is_listed_and_what_is_listed_is_recognised(pattern: str, seed: int) -> None:
    phrase = parse(pattern)
    texts = list(spell_out(phrase))
    assert " ".join(words_of(draw(phrase, Random(seed)))) in texts
    assert len(texts) == count(phrase)
    assert all(accepts(phrase, words_of(text)) for text in texts)


@given(PATTERNS, st.lists(st.sampled_from(["sit", "down", "here"]), max_size=4))
def test_nothing_else_is_recognised(pattern: str, words: list[str]) -> None:
    phrase = parse(pattern)
    assert accepts(phrase, words) == (" ".join(words) in set(spell_out(phrase)))


def test_the_last_mark_may_lack() -> None:
    phrase = parse("[hey!|] [sit|will you sit?|take a seat.]")
    for text in spell_out(phrase):
        assert accepts_without_mark(phrase, words_of(text.rstrip(".?!")))
    for text in ("hey", "hey will you sit", "will you", "sit sit"):
        assert not accepts_without_mark(phrase, words_of(text))


def test_slots_are_filled_by_phrases() -> None:
    phrase = Filled(parse("[could|would] you {act}?"), {"act": parse("sit|sit {where}")})
    phrase = Filled(phrase, {"where": parse("here")})
    assert count(phrase) == 4
    assert accepts(phrase, words_of("would you sit here ?"))
    assert not accepts(phrase, words_of("would you here sit ?"))
    assert words_of(draw(phrase, Random(0)))[2] == "sit"


def test_a_tilde_makes_it_rare() -> None:
    rng = Random(3)
    drawn = Counter(draw(parse("often|~seldom"), rng) for _ in range(4_000))
    assert drawn["seldom"] / 4_000 == pytest.approx(RARE / (1 + RARE), abs=0.02)


def test_a_and_an_are_one_word() -> None:
    phrase = Filled(parse("take a {thing}"), {"thing": parse("apple|pear")})
    assert accepts(phrase, words_of("take an apple"))
    assert not accepts(phrase, words_of("take apple"))


@pytest.mark.parametrize(
    ("pattern", "message"),
    [("[sit", "its ]"), ("sit]", "closes a"), ("{act", "name in braces")],
)
def test_brackets_match(pattern: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse(pattern)


def test_a_choice_of_nothing_is_none() -> None:
    with pytest.raises(ValueError, match="at least one alternative"):
        one_of([])
