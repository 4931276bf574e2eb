"""Sentences survive the way into numbers and back; words that are not known above all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etude.generative.style.text.tokeniser import (
    END,
    FIRST_SLOT,
    FIRST_WORD,
    NUM_SLOTS,
    Vocabulary,
    build_vocabulary,
    join_words,
    split_words,
)

VOCABULARY = build_vocabulary(
    [
        "Could you please ask Tom to wait?",
        "I'd like a coffee, please.",
        "You may ask Tom, and I will wait.",
        "Hand me the red folder!",
    ]
)
MADE_UP = st.text(alphabet="bcdfgklmnoprstvz", min_size=4, max_size=9).filter(
    lambda word: word not in VOCABULARY
)


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("Come and sit!", ["Come", "and", "sit", "!"]),
        ("I'm late, aren\u2019t I?", ["I'm", "late", ",", "aren't", "I", "?"]),
        ("Mrs. Hall's e-mail", ["Mrs.", "Hall", "'s", "e-mail"]),
        ("it's Zofia's", ["it's", "Zofia", "'s"]),
        ("at 10:30 (or 11.15)", ["at", "10:30", "(", "or", "11.15", ")"]),
        (
            "a.b@c.org or https://d.org/e?",
            ["a.b@c.org", "or", "https://d.org/e", "?"],
        ),
        ("a+b", ["a", "+", "b"]),
        ("", []),
    ],
)
def test_words_of_sentences(sentence: str, words: list[str]) -> None:
    assert split_words(sentence) == words


@pytest.mark.parametrize(
    "sentence",
    [
        "Could you please call Tom's boss before 10:30?",
        "Dear Mrs. Hall, would you (kindly) wait? Thank you.",
        "I need \u00a35, mate!",
        "Come in... Sit down!",
        "A 50% discount; how nice.",
    ],
)
def test_sentences_survive_being_split(sentence: str) -> None:
    assert join_words(split_words(sentence)) == sentence


@pytest.mark.parametrize("word", ["a@b.org", "https://a.org", "iPhone"])
def test_some_words_never_get_a_capital(word: str) -> None:
    assert join_words([word, "works"]) == f"{word} works"


@given(st.text(max_size=80))
def test_splitting_loses_no_visible_letter(text: str) -> None:
    kept = "".join(split_words(text))
    assert [c for c in kept if c.isalnum()] == [c for c in text if c.isalnum()]


def test_words_are_spelled_as_within_sentences() -> None:
    spelled = dict.fromkeys(VOCABULARY.words)
    assert "Tom" in spelled
    assert "I" in spelled
    assert "you" in spelled


def test_frequent_words_come_first_and_rare_ones_can_be_left_out() -> None:
    assert build_vocabulary(["b a b", "b a c"], least_count=2).words == ("b", "a")


def test_a_word_comes_once() -> None:
    with pytest.raises(ValueError, match="'tom' twice"):
        Vocabulary(("Tom", "tom"))


@given(st.lists(st.sampled_from([*VOCABULARY.words, "blorp", "Zofia"]), min_size=1, max_size=9))
def test_encoded_sentences_come_back(words: list[str]) -> None:
    sentence = join_words(words)
    encoded = VOCABULARY.encode(split_words(sentence))
    assert VOCABULARY.decode(encoded.ids, encoded).lower() == sentence.lower()


@given(st.lists(MADE_UP, min_size=1, max_size=NUM_SLOTS, unique=True))
def test_unknown_words_keep_their_spelling_and_slots(words: list[str]) -> None:
    sentence = ["please", "wait", *words, *words]
    order = list(range(NUM_SLOTS))[::-1]
    encoded = VOCABULARY.encode(sentence, order=order)
    assert list(encoded.slots.values()) == words
    assert encoded.ids[2 : 2 + len(words)] == encoded.ids[2 + len(words) :]
    assert encoded.ids[2] == FIRST_SLOT + NUM_SLOTS - 1
    assert VOCABULARY.decode(encoded.ids[2:], encoded).lower() == " ".join(words + words)


def test_hidden_words_take_slots() -> None:
    encoded = VOCABULARY.encode(["ask", "Tom", "to", "wait"], hidden={"tom", "wait"})
    assert list(encoded.slots.values()) == ["Tom", "wait"]
    assert VOCABULARY.encode_target(["Wait", "for", "Tom"], encoded.slots) is None  # "for"
    target = VOCABULARY.encode_target(["Tom", "may", "wait"], encoded.slots)
    assert target is not None
    assert [number < FIRST_WORD for number in target] == [True, False, True]


def test_more_unknown_words_than_slots() -> None:
    with pytest.raises(ValueError, match=f"at most {NUM_SLOTS} unknown words"):
        VOCABULARY.encode([f"w{i}" for i in range(NUM_SLOTS + 1)])


@pytest.mark.parametrize(
    ("sentence", "ids_of", "written"),
    [
        ("Sarah, wait.", "wait sarah .", "Wait Sarah."),  # addressed: a name
        ("Blorp the folder.", "please blorp the folder .", "Please blorp the folder."),
        ("Ask Wait to wait.", "ask wait", "Ask Wait"),  # a capital out of place: a name
        ("ASK TOM TO WAIT", "ask Tom", "Ask Tom"),
        ("I'd like an espresso.", "a espresso", "An espresso"),
        ("I'd like an hourglass.", "a hourglass", "An hourglass"),
    ],
)
def test_capitals_and_articles(sentence: str, ids_of: str, written: str) -> None:
    encoded = VOCABULARY.encode(split_words(sentence))
    by_word = {word.lower(): slot for slot, word in encoded.slots.items()}
    known = {word.lower(): FIRST_WORD + i for i, word in enumerate(VOCABULARY.words)}
    ids = [by_word.get(word.lower(), known.get(word.lower(), END)) for word in ids_of.split()]
    assert VOCABULARY.decode(ids, encoded) == written


def test_what_is_no_word_is_left_out() -> None:
    encoded = VOCABULARY.encode(["wait"])
    assert VOCABULARY.decode([0, END, FIRST_SLOT, *encoded.ids], encoded) == "Wait"
