"""Pairs of every split are translations of each other, and only of each other."""

from random import Random

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from etude.generative.style.text import corpus
from etude.generative.style.text.corpus import (
    SPLITS,
    Pair,
    is_admissible,
    parallel,
    references,
    statements,
    unaligned,
)
from etude.generative.style.text.grammar import Meaning, normalise
from etude.generative.style.text.held_out import Split, held_out_cells
from etude.generative.style.text.lexicon import REGISTERS, VERB_TABLE
from etude.generative.style.text.meanings import draw_meaning, has_new_noun

SEEDS = st.integers(0, 2**32 - 1)


def _pairs(split: Split, size: int, seed: int = 0) -> list[Pair]:
    return parallel(split, size, torch.Generator().manual_seed(seed))


def _verbs(meaning: Meaning) -> list[str]:
    return [act.verb for act in (meaning.act, meaning.second) if act is not None]


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(SPLITS), SEEDS)
def test_each_side_is_admissible_in_its_register_only(split: Split, seed: int) -> None:
    for pair in _pairs(split, 8, seed):
        assert is_admissible(pair.meaning, "informal", pair.informal)
        assert is_admissible(pair.meaning, "formal", pair.formal)
        assert not is_admissible(pair.meaning, "formal", pair.informal)
        assert not is_admissible(pair.meaning, "informal", pair.formal)


def test_a_sentence_is_seldom_admissible_for_another_meaning() -> None:
    pairs = _pairs("train", 100)
    hits = sum(
        is_admissible(one.meaning, register, getattr(two, register))
        for one, two in zip(pairs, pairs[1:] + pairs[:1], strict=True)
        for register in REGISTERS
    )
    assert hits == 0


@pytest.mark.parametrize("split", SPLITS)
def test_splits_are_what_they_are_called(split: Split) -> None:
    for pair in _pairs(split, 400, seed=1):
        is_new_verb = any("new" in VERB_TABLE[verb].marks for verb in _verbs(pair.meaning))
        is_new_noun = has_new_noun(pair.meaning)
        is_new_cell = bool(pair.meaning.cells & held_out_cells())
        assert (is_new_cell, is_new_verb, is_new_noun) == (
            split == "constructions",
            split == "verbs",
            split == "nouns",
        )


def test_sentences_are_written_as_they_should_be() -> None:
    for pair in _pairs("train", 500, seed=2):
        for text in (pair.informal, pair.formal):
            assert text == " ".join(text.split())
            assert text[0].isupper() or not text[0].isalpha()
            assert not any(mark in text for mark in (" ,", " .", " ?", "{", "}", "[", "|", "~"))
            assert ".." not in text


def test_one_seed_gives_one_corpus() -> None:
    assert _pairs("train", 50, seed=3) == _pairs("train", 50, seed=3)
    assert _pairs("train", 50, seed=3) != _pairs("train", 50, seed=4)


def test_unaligned_sentences_have_no_twin(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Meaning] = []
    stock = [draw_meaning("train", Random(seed)) for seed in range(60)]

    def draw_again(split: Split, rng: Random) -> Meaning:
        drawn.append(rng.choice(stock))
        return drawn[-1]

    monkeypatch.setattr(corpus, "draw_meaning", draw_again)
    found = unaligned(20, torch.Generator().manual_seed(0))
    assert len(drawn) > 40  # some came twice
    meanings = list(dict.fromkeys(drawn))
    for informal, own in zip(found["informal"], meanings, strict=False):
        assert is_admissible(own, "informal", informal)
        assert not any(is_admissible(own, "formal", formal) for formal in found["formal"])


def test_references_are_all_that_is_admissible() -> None:
    pairs = [pair for pair in _pairs("constructions", 60, seed=5) if not pair.meaning.adjuncts]
    assert len(pairs) > 10
    for pair in pairs[:10]:
        listed = references(pair.meaning, "formal")
        assert normalise(pair.formal) in listed
        some = sorted(listed)[:: max(1, len(listed) // 5)]
        assert all(is_admissible(pair.meaning, "formal", text) for text in some)


def test_too_many_references_are_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus, "MOST_LISTED", 3)
    with pytest.raises(ValueError, match=r"up to 3 references .* ask is_admissible instead"):
        references(_pairs("train", 1)[0].meaning, "formal")


def test_statements_are_lines_of_their_own() -> None:
    lines = statements(200, torch.Generator().manual_seed(0))
    assert len(set(lines)) > 150
    assert not any("{" in line for line in lines)


def test_wrong_requests_for_pairs() -> None:
    torch_rng = torch.Generator()
    with pytest.raises(ValueError, match="constructions"):
        parallel("construction", 1, torch_rng)  # type: ignore[arg-type]
    for draw in (lambda: parallel("train", -1, torch_rng), lambda: unaligned(-1, torch_rng)):
        with pytest.raises(ValueError, match="got size -1"):
            draw()
