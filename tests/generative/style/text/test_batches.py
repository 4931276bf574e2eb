"""Batches begin with the register, and hide what both sides share."""

from typing import NamedTuple

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from etude.generative.style.text.batches import Batches, Example, padded
from etude.generative.style.text.restyler_training import both_ways, vocabulary_of
from etude.generative.style.text.tokeniser import (
    END,
    FIRST_SLOT,
    FIRST_WORD,
    NUM_SLOTS,
    PAD,
    REGISTER_IDS,
    Vocabulary,
    build_vocabulary,
)


class Sides(NamedTuple):
    informal: str
    formal: str


THINGS = ("window", "door", "box", "letter", "folder")
PAIRS = [Sides(f"Hey, open the {it}!", f"Could you please open the {it}?") for it in THINGS]
VOCABULARY = vocabulary_of(PAIRS)
EXAMPLES = both_ways(PAIRS, VOCABULARY)


def test_without_hidden_words_they_are_the_sentences() -> None:
    source, target = Batches(VOCABULARY, EXAMPLES, 0.0).draw(10, torch.Generator().manual_seed(0))
    assert torch.equal(source[:, 0], target[:, 0])
    read = {VOCABULARY.decode(row[1:], VOCABULARY.encode([])) for row in source.tolist()}
    assert read == {side for pair in PAIRS for side in pair}
    for row in target.tolist():
        words = [token for token in row if token != PAD]
        assert words[0] in REGISTER_IDS.values()
        assert words.index(END) == len(words) - 1


@given(st.integers(0, 99), st.floats(0.1, 1.0))
def test_hidden_words_have_one_slot_on_both_sides(seed: int, share: float) -> None:
    words = build_vocabulary(side for pair in PAIRS for side in pair)
    batches = Batches(words, both_ways(PAIRS, words), share)
    source, target = batches.draw(6, torch.Generator().manual_seed(seed))
    for read, written in zip(source.tolist(), target.tolist(), strict=True):
        slots = [[it for it in row if FIRST_SLOT <= it < FIRST_WORD] for row in (read, written)]
        assert slots[1] == slots[0]
        assert len(set(slots[0])) == len(slots[0])


def test_a_share_of_words_is_hidden() -> None:
    plain = Vocabulary(tuple(f"w{i}" for i in range(100)))
    sentence = tuple(f"w{i}" for i in range(90, 98))
    batches = Batches(plain, [Example(sentence, sentence, "formal")], 0.25)
    source, _ = batches.draw(2_000, torch.Generator().manual_seed(0))
    hidden = (source >= FIRST_SLOT) & (source < FIRST_WORD)
    assert float(hidden[:, 1:].float().mean()) == pytest.approx(0.25, abs=0.01)


def test_no_more_words_are_hidden_than_there_are_slots() -> None:
    plain = Vocabulary(tuple(f"w{i}" for i in range(100)))
    sentence = ("unknown", *(f"w{i}" for i in range(80, 100)))
    batches = Batches(plain, [Example(sentence, sentence, "formal")], 1.0)
    source, target = batches.draw(200, torch.Generator().manual_seed(0))
    assert torch.equal(source[:, 1:], target[:, 1:-1])
    is_slot = (source >= FIRST_SLOT) & (source < FIRST_WORD)
    assert int(is_slot.sum(dim=1).max()) == NUM_SLOTS
    assert bool(is_slot[:, 1].all())


def test_slots_are_handed_out_at_random() -> None:
    small = Vocabulary(tuple(it for it in VOCABULARY.words if it not in THINGS))
    batches = Batches(small, both_ways(PAIRS, small), 0.0)
    source, _ = batches.draw(400, torch.Generator().manual_seed(0))
    found = {it for it in source.flatten().tolist() if FIRST_SLOT <= it < FIRST_WORD}
    assert len(found) == NUM_SLOTS


def test_pairs_that_cannot_be_learned() -> None:
    long = Example(tuple("a" for _ in range(200)), ("a",), "formal")
    strange = Example(("blorp",), ("zonk",), "formal")
    with pytest.raises(ValueError, match="of 2 pairs none can be learned"):
        Batches(VOCABULARY, [long, strange], 0.5)


def test_padding() -> None:
    assert padded([[1], [2, 3]]).tolist() == [[1, PAD], [2, 3]]
    assert padded([[], []]).shape == (2, 0)
