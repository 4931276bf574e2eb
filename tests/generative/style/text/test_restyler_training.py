"""Losses fall, and a stopped run goes on exactly."""

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
import torch

from etude.generative.style.text.back_translation import (
    DENOISING_SHARE,
    UnalignedLesson,
    matching,
    translated,
    whole_sentences,
)
from etude.generative.style.text.restyler_training import (
    ParallelLesson,
    TextSettings,
    both_ways,
    vocabulary_of,
)
from etude.generative.style.text.tokeniser import (
    END,
    FIRST_SLOT,
    FIRST_WORD,
    PAD,
    REGISTER_IDS,
    build_vocabulary,
)
from etude.generative.style.text.transformer import new_transformer
from etude.generative.style.text.transformer_layers import Architecture
from etude.generative.training import train


class Sides(NamedTuple):
    informal: str
    formal: str


class Silence:
    """A recorder that keeps losses."""

    def __init__(self) -> None:
        self.losses: list[dict[str, float]] = []

    def begin(self, step: int) -> None:
        pass

    def record(self, progress: object) -> None:
        self.losses.append(progress.losses)  # type: ignore[attr-defined]


THINGS = ("window", "door", "box", "letter", "folder")
PAIRS = [Sides(f"Hey, open the {it}!", f"Could you please open the {it}?") for it in THINGS] + [
    Sides(f"Stop opening my {it}, okay?", f"Please do not open my {it}.") for it in THINGS
]
VOCABULARY = vocabulary_of(PAIRS)
SMALL = TextSettings(steps=12, batch_size=8, width=16, num_layers=1)


def test_only_words_that_change_are_written() -> None:
    written, copied = ([], [])
    for word in VOCABULARY.words:
        (copied if VOCABULARY.is_only_copied(word) else written).append(word.lower())
    assert {"hey", "could", "stop", "open", "+ing", "not", "!", "?"} <= set(written)
    assert set(copied) == {"the", "my", *THINGS}
    assert VOCABULARY.num_writable == FIRST_WORD + len(written)
    assert VOCABULARY.is_only_copied("zonk")


def test_a_pair_is_two_examples() -> None:
    there, back = both_ways(PAIRS[-1:], VOCABULARY)
    assert there.source == ("Stop", "open", "+ing", "my", "folder", ",", "okay", "?")
    assert there.target == ("Please", "do", "not", "open", "my", "folder", ".")
    assert (there.register, back.register) == ("formal", "informal")
    assert (back.source, back.target) == (there.target, there.source)
    assert there.shared() == ["open", "my", "folder"]


@pytest.mark.parametrize("kind", ["pairs", "lines"])
def test_a_stopped_run_goes_on_exactly(tmp_path: Path, kind: str) -> None:
    whole, first, second = lesson_of(kind), lesson_of(kind), lesson_of(kind)
    train(whole.update, whole.parts, 12, Silence())
    checkpoint = tmp_path / "checkpoint.pt"
    train(first.update, first.parts, 7, Silence(), checkpoint=checkpoint)
    train(second.update, second.parts, 12, Silence(), checkpoint=checkpoint)
    for ours, theirs in zip(second.average.parameters(), whole.average.parameters(), strict=True):
        assert torch.equal(ours, theirs)


@pytest.mark.parametrize("kind", ["pairs", "lines"])
def test_losses_fall(kind: str) -> None:
    lesson, silence = lesson_of(kind, steps=30), Silence()
    train(lesson.update, lesson.parts, 30, silence)
    name = "loss" if kind == "pairs" else "denoising"
    losses = [losses[name] for losses in silence.losses]
    assert sum(losses[-5:]) < 0.8 * sum(losses[:5])
    has_begun = ["back" in losses for losses in silence.losses]
    assert has_begun == [kind == "lines" and i >= DENOISING_SHARE * 30 for i in range(30)]


def lesson_of(kind: str, steps: int = 12) -> ParallelLesson | UnalignedLesson:
    settings = replace(SMALL, steps=steps, learning_rate=5e-3)
    if kind == "pairs":
        return ParallelLesson(VOCABULARY, both_ways(PAIRS, VOCABULARY), settings)
    vocabulary = build_vocabulary(side for pair in PAIRS for side in pair)
    sentences = {
        "informal": [pair.informal for pair in PAIRS[:7]],
        "formal": [pair.formal for pair in PAIRS[3:]],
    }
    return UnalignedLesson(vocabulary, sentences, settings)  # type: ignore[arg-type]


def test_translations_go_the_other_way_and_lead_back() -> None:
    informal, formal = REGISTER_IDS["informal"], REGISTER_IDS["formal"]
    sizes = Architecture(width=16, num_layers=1, hidden_width=16)
    network = new_transformer(FIRST_WORD + 3, sizes, 0)
    target = torch.tensor([[informal, FIRST_WORD, FIRST_SLOT, END], [formal, FIRST_WORD, END, PAD]])
    source = whole_sentences(target)
    assert source.tolist() == [[informal, FIRST_WORD, FIRST_SLOT], [formal, FIRST_WORD, PAD]]
    there = translated(network, source)
    assert there[:, 0].tolist() == [informal, formal]
    assert END not in there


def test_lost_slots_are_not_learned() -> None:
    source = torch.tensor([[3, FIRST_SLOT], [3, FIRST_WORD]])
    target = torch.tensor([[3, FIRST_SLOT, END], [3, FIRST_SLOT, END]])
    assert matching(source, target)[1].tolist() == [[3, FIRST_SLOT, END], [3, PAD, PAD]]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"steps": 0}, "steps is at least 1, got 0"),
        ({"learning_rate": 0.0}, "learning_rate is at least 1e-12, got 0"),
        ({"hidden_share": 1.5}, r"hidden_share lies in \[0, 1\], got 1.5"),
        ({"width": 22}, "a multiple of the number of heads, got 22"),
    ],
)
def test_impossible_settings(setting: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TextSettings(**setting)  # type: ignore[arg-type]
