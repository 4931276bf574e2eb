"""Probabilities sum to one, and are those of the formula."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etude.generative.style.text.kneser_ney import END, START, UNKNOWN, KneserNey

WORDS = st.sampled_from(["sit", "down", "please", "here"])
SENTENCES = st.lists(st.lists(WORDS, max_size=5), min_size=1, max_size=8)
HISTORIES = st.lists(st.sampled_from(["sit", "down", "please", "here", "zebra", START]), max_size=4)


@given(SENTENCES, HISTORIES, st.integers(1, 4))
def test_probabilities_sum_to_one(lines: list[list[str]], history: list[str], order: int) -> None:
    model = KneserNey(lines, order)
    probabilities = [model.probability(word, history) for word in model.vocabulary]
    assert math.fsum(probabilities) == pytest.approx(1.0)
    assert min(probabilities) > 0.0


def test_single_words_by_hand() -> None:
    """Counts 2, 1 and 3 (the ends): n1 = n2 = 1, so the discount is 1/3; uniform is 1/4."""
    model = KneserNey([["a"], ["a"], ["b"]], order=1)
    rest = 3 * (1 / 3) / 6
    assert model.probability("a", []) == pytest.approx((2 - 1 / 3) / 6 + rest / 4)
    assert model.probability(END, []) == pytest.approx((3 - 1 / 3) / 6 + rest / 4)
    assert model.probability("never seen", []) == pytest.approx(rest / 4)
    assert model.probability(UNKNOWN, []) == model.probability("never seen", [])


def test_a_word_of_one_context_is_unlikely_elsewhere() -> None:
    """The idea of Kneser and Ney: "Francisco" is frequent, but only after "San"."""
    lines = [["San", "Francisco"]] * 6 + [[word, "glasses"] for word in ("my", "your", "two")]
    model = KneserNey(lines, order=2)
    assert model.probability("Francisco", ["San"]) > 0.7
    assert model.probability("glasses", ["these"]) > model.probability("Francisco", ["these"])


def test_perplexity_is_that_of_the_words_and_ends() -> None:
    model = KneserNey([["sit", "down"], ["sit", "here"]], order=2)
    by_hand = (
        model.probability("sit", [START])
        * model.probability("down", ["sit"])
        * model.probability(END, ["down"])
    )
    assert model.perplexity([["sit", "down"]]) == pytest.approx(by_hand ** (-1 / 3))
    assert model.perplexity([["sit", "down"]]) < model.perplexity([["down", "sit"]])


@pytest.mark.parametrize(
    ("lines", "order", "message"),
    [([["a"]], 0, "at least one word, got order 0"), ([], 2, "got none")],
)
def test_what_cannot_be_learned_from(lines: list[list[str]], order: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        KneserNey(lines, order)


def test_no_sentences_have_no_perplexity() -> None:
    with pytest.raises(ValueError, match="no sentences"):
        KneserNey([["a"]]).perplexity([])
