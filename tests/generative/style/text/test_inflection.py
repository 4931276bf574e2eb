"""-ing forms, plurals and articles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etude.generative.style.text.inflection import ing, plural, with_articles


@pytest.mark.parametrize(
    ("verb", "form"),
    [
        ("dim {o}", "dimming {o}"),
        ("cancel {o}", "cancelling {o}"),
        ("be quiet", "being quiet"),
        ("tie {o}", "tying {o}"),
        ("agree", "agreeing"),
        ("dye {o}", "dyeing {o}"),
        ("fix {o}", "fixing {o}"),
        ("mow {o}", "mowing {o}"),
        ("answer {o}", "answering {o}"),
        ("move over", "moving over"),
        ("panic", "panicking"),
        ("swap {o} with {to}", "swapping {o} with {to}"),
    ],
)
def test_ing(verb: str, form: str) -> None:
    assert ing(verb) == form


@pytest.mark.parametrize(
    ("noun", "form"),
    [
        ("glass", "glasses"),
        ("toy", "toys"),
        ("party", "parties"),
        ("knife", "knives"),
        ("potato", "potatoes"),
        ("photo", "photos"),
        ("little child", "little children"),
        ("curriculum vitae", "curricula vitae"),
    ],
)
def test_plural(noun: str, form: str) -> None:
    assert plural(noun) == form


@given(st.lists(st.sampled_from(["a", "an", "hour", "uniform", "old", "box", "x-ray"]), max_size=6))
def test_articles_fit_and_stay(words: list[str]) -> None:
    text = with_articles(" ".join(words))
    assert with_articles(text) == text
    assert "a hour" not in text
    assert "an uniform" not in text
