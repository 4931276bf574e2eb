"""Grades of what is known: references, sources, nonsense."""

from random import Random

import pytest
import torch

from etude.generative.style.text.content import parse_content
from etude.generative.style.text.corpus import Pair, parallel
from etude.generative.style.text.kneser_ney import KneserNey
from etude.generative.style.text.lexicon import REGISTERS, Register
from etude.generative.style.text.text_grade import chrf, grade_text, model_words


@pytest.fixture(scope="module")
def pairs() -> list[Pair]:
    return parallel("constructions", 150, torch.Generator().manual_seed(77))


@pytest.fixture(scope="module")
def models() -> dict[Register, KneserNey]:
    drawn = parallel("train", 1_500, torch.Generator().manual_seed(78))
    return {
        side: KneserNey([model_words(getattr(pair, side)) for pair in drawn]) for side in REGISTERS
    }


@pytest.mark.parametrize("register", REGISTERS)
def test_references_are_perfect(
    pairs: list[Pair], models: dict[Register, KneserNey], register: Register
) -> None:
    other: Register = "formal" if register == "informal" else "informal"
    outputs = [getattr(pair, register) for pair in pairs]
    grade = grade_text(
        outputs,
        [getattr(pair, other) for pair in pairs],
        register,
        meanings=[pair.meaning for pair in pairs],
        translations=outputs,
        language_model=models[register],
    )
    assert (grade.num_sentences, grade.match, grade.content, grade.copies) == (150, 1.0, 1.0, 0.0)
    assert grade.chrf == pytest.approx(100.0)
    assert grade.register_accuracy >= 0.98
    assert grade.kept_and_right == grade.register_accuracy
    shuffled = [" ".join(Random(0).sample(text.split(), len(text.split()))) for text in outputs]
    assert grade.perplexity < 0.5 * models[register].perplexity(map(model_words, shuffled))
    assert grade.perplexity < models[other].perplexity(map(model_words, outputs))


def test_copies_keep_everything_but_the_register(
    pairs: list[Pair], models: dict[Register, KneserNey]
) -> None:
    sources = [pair.informal for pair in pairs]
    meanings = [pair.meaning for pair in pairs]
    grade = grade_text(
        sources, sources, "formal", meanings=meanings, language_model=models["formal"]
    )
    assert (grade.match, grade.content, grade.copies) == (0.0, 1.0, 1.0)
    assert grade.register_accuracy <= 0.02
    assert grade.kept_and_right <= 0.02  # type: ignore[operator]


def test_contents_that_a_reader_wrote_down(models: dict[Register, KneserNey]) -> None:
    outputs = ["Could you please close the door?", "Could you please wait?"]
    contents = [parse_content("shut|close door"), parse_content("wait outside")]
    sources = ["Shut the door!", "Wait outside!"]
    grade = grade_text(
        outputs, sources, "formal", contents=contents, language_model=models["formal"]
    )
    assert (grade.content, grade.kept_and_right, grade.register_accuracy) == (0.75, 0.5, 1.0)
    assert (grade.match, grade.chrf) == (None, None)


def test_nothing_is_invented_where_nothing_is_known(models: dict[Register, KneserNey]) -> None:
    grade = grade_text(["Sit!"], ["Please be seated."], "informal", language_model=models["formal"])
    assert (grade.match, grade.content, grade.kept_and_right, grade.chrf) == (None,) * 4


def test_chrf_at_its_ends_and_by_hand() -> None:
    assert chrf(["Take a seat."], ["take a seat"]) == pytest.approx(100.0)
    assert chrf(["xyz"], ["take a seat"]) == 0.0
    # "abc" for "abd": letters 2 of 3, pairs 1 of 2, triples 0 of 1
    assert chrf(["abc"], ["abd"]) == pytest.approx(100 * (2 / 3 + 1 / 2 + 0) / 3)


def test_wrong_lists() -> None:
    with pytest.raises(ValueError, match="each output has its sources, got 2 for 1"):
        grade_text(["Sit!"], ["a", "b"], "informal")
    with pytest.raises(ValueError, match="got none"):
        grade_text([], [], "informal")
