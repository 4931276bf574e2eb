"""The corpora that lessons are made of: directions, plain targets, own pairs."""

from random import Random

import pytest
import torch

from etude.generative.style.text.corpus import (
    PlainRandom,
    is_admissible,
    parallel,
    translations,
)
from etude.generative.style.text.grammar import finish, sentence_phrase
from etude.generative.style.text.lessons import lesson_on
from etude.generative.style.text.lexicon import REGISTERS, Register
from etude.generative.style.text.phrases import draw
from etude.generative.style.text.restyler_training import Pair, ParallelLesson, TextSettings
from etude.generative.style.text.tokeniser import END

SMALL = TextSettings(num_pairs=60, width=16, num_layers=1, batch_size=8)


class Own:
    informal, formal = "Gimme the zork!", "Please pass me the zork."


def test_each_meaning_is_to_be_written_in_both_registers() -> None:
    found = translations(50, torch.Generator().manual_seed(0))
    assert [it.register for it in found] == ["informal", "formal"] * 50
    again = translations(50, torch.Generator().manual_seed(0))
    assert found == again


@pytest.mark.parametrize("register", REGISTERS)
def test_the_plainest_way_is_one_of_many(register: Register) -> None:
    plain = PlainRandom(0)
    plain.plain_share = 1.0
    for pair in parallel("train", 20, torch.Generator().manual_seed(0)):
        phrase = sentence_phrase(pair.meaning, register)
        plainly = {draw(phrase, plain) for _ in range(5)}
        assert len(plainly) == 1
        assert is_admissible(pair.meaning, register, finish(plainly.pop()))
    any_way = Random(0)
    assert len({draw(phrase, any_way) for _ in range(50)}) > 5


def test_own_pairs_join_and_need_the_parallel_corpus() -> None:
    own: list[Pair] = [Own()]
    lesson = lesson_on("parallel", SMALL, own)
    assert isinstance(lesson, ParallelLesson)
    assert "gimme" in lesson.vocabulary
    assert lesson.num_steps == 3_400
    assert lesson.update()["loss"].isfinite()
    with pytest.raises(ValueError, match="own pairs are for --corpus parallel, got non-parallel"):
        lesson_on("non-parallel", SMALL, own)


def test_sentences_without_pairs() -> None:
    lesson = lesson_on("non-parallel", SMALL)
    assert lesson.num_steps == 1_000
    assert set(lesson.update()) == {"denoising", "gradient"}
    assert END not in [lesson.vocabulary.encode([word]).ids[0] for word in ("please", "hey")]
