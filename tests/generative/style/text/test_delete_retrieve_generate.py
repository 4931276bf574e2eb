"""Markers are counted by hand, and put from one sentence into another."""

import pytest

from etude.generative.style.text.delete_retrieve_generate import DeleteRetrieve, Markers
from etude.generative.style.text.lexicon import Register
from etude.generative.style.text.tokeniser import split_words

ACTS = (
    "open the window",
    "shut our door",
    "wash this car",
    "sign a letter",
    "read my book",
    "lift that box",
    "paint her wall",
    "clean his desk",
)
SENTENCES: dict[Register, list[str]] = {
    "informal": [f"Hey {act} will ya!" for act in ACTS],
    "formal": [f"Could you please {act}?" for act in ACTS[:-1]]
    + ["I must ask you to clean his desk."],
}


def test_salience_is_a_ratio_of_counts() -> None:
    markers = Markers(SENTENCES)
    assert markers.salience(("hey",), "informal") == (8 + 1) / (0 + 1)
    assert markers.salience(("hey",), "formal") == 1 / 9
    assert markers.salience(("open", "the"), "informal") == 1.0
    assert markers.salience(("could", "you", "please"), "formal") == 8.0


def test_markers_are_deleted_and_content_is_left() -> None:
    deleted = Markers(SENTENCES).delete(split_words("Hey open the cupboard will ya!"), "informal")
    assert deleted.words == ("open", "the", "cupboard")
    assert deleted.markers == [("Hey",), ("will", "ya", "!")]
    assert [gap for gap, _ in deleted.content] == [1, 1, 1]


def test_a_high_bar_lets_no_word_be_a_marker() -> None:
    words = split_words("Hey open the cupboard will ya!")
    deleted = Markers(SENTENCES, least_salience=9.5).delete(words, "informal")
    assert deleted.words == tuple(words)
    assert deleted.markers == []


def test_the_most_similar_content_is_retrieved() -> None:
    ways = DeleteRetrieve(SENTENCES)
    found = ways.retrieve_only("Hey lift that heavy box will ya!", "formal")
    assert found == "Could you please lift that box?"
    found = ways.retrieve_only("Hey clean his room will ya!", "formal")
    assert found == "I must ask you to clean his desk."


def test_templates_put_markers_where_markers_were() -> None:
    ways = DeleteRetrieve(SENTENCES)
    found = ways.template_based("Hey open the cupboard will ya!", "formal")
    assert found == "Could you please open the cupboard?"
    found = ways.template_based("Could you please open the cupboard?", "informal")
    assert found == "Hey open the cupboard will ya!"


def test_content_that_nobody_knows_retrieves_something() -> None:
    found = DeleteRetrieve(SENTENCES).retrieve_only("Blorp!", "formal")
    assert found in SENTENCES["formal"]


def test_both_registers_are_needed() -> None:
    with pytest.raises(ValueError, match="sentences of both registers, got no formal"):
        Markers({"informal": ["Hey!"], "formal": []})
