"""Lessons: losses that fall, exact resume, and added styles that leave the others alone."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from etude.generative.data import style_image
from etude.generative.records import Progress
from etude.generative.style.feedforward import TransferNetwork
from etude.generative.style.tiny_encoder import TinyEncoder
from etude.generative.style.transfer_training import (
    ADDED_STEPS,
    NEW_STEPS,
    TrainingSettings,
    TransferLesson,
    added_styles,
    draw,
    draw_contents,
    new_styles,
)
from etude.generative.training import train

SETTINGS = TrainingSettings(
    steps=12, batch_size=2, crop_size=16, width=4, num_blocks=1, augmented_share=0.5
)


def photos() -> list[Tensor]:
    return [style_image(name, 24) for name in ("marbling", "watercolour")]


def images(*names: str) -> dict[str, Tensor]:
    return {name: style_image(name, 32) for name in names}


def lesson(settings: TrainingSettings = SETTINGS) -> TransferLesson:
    return new_styles(TinyEncoder(), images("waves", "mosaic", "halftone"), photos(), settings)


class Totals:
    """A recorder in memory."""

    def __init__(self) -> None:
        self.totals: list[float] = []

    def begin(self, step: int) -> None:
        pass

    def record(self, progress: Progress) -> None:
        self.totals.append(progress.losses["total"])


def test_the_total_is_the_weighted_sum_and_falls() -> None:
    pupil = lesson(replace(SETTINGS, steps=40, augmented_share=0.0, learning_rate=0.01))
    updates = [{name: loss.item() for name, loss in pupil.update().items()} for _ in range(40)]
    assert list(updates[0]) == ["total", "content", "style", "variation", "gradient"]
    for losses in updates:
        expected = losses["content"] + 15.0 * losses["style"] + 2.0 * losses["variation"]
        assert losses["total"] == pytest.approx(expected, rel=1e-5)
    totals = [losses["total"] for losses in updates]
    assert sum(totals[-10:]) < 0.8 * sum(totals[:10])


def test_a_run_that_was_stopped_ends_in_the_same_network(tmp_path: Path) -> None:
    whole, steps = lesson(), Totals()
    train(whole.update, whole.parts, 8, steps)
    resumed = Totals()
    for num_steps in (3, 8):
        part = lesson()
        train(part.update, part.parts, num_steps, resumed, checkpoint=tmp_path / "run.pt")
    assert resumed.totals == steps.totals
    for key, value in whole.average.state_dict().items():
        assert torch.equal(value, part.average.state_dict()[key])


def test_an_added_style_changes_nothing_else() -> None:
    first = lesson()
    first.update()
    network, photo = first.average, photos()[0]
    pupil = added_styles(network, TinyEncoder(), images("woodcut", "cubism"), photos(), SETTINGS)
    before = pupil.paint(photo)
    for _ in range(3):
        pupil.update()
    grown = pupil.average
    assert grown.styles == ("waves", "mosaic", "halftone", "woodcut", "cubism")
    state = grown.state_dict()
    for key, value in network.state_dict().items():
        assert torch.equal(state[key][: len(value)], value), key
    with torch.no_grad():
        for row in range(3):
            old = network(photo, torch.eye(3)[row : row + 1])
            assert torch.equal(grown(photo, torch.eye(5)[row : row + 1]), old)
    changes = [(a - b).abs().max() for a, b in zip(before, pupil.paint(photo), strict=True)]
    assert len(changes) == 2
    assert min(changes) > 1e-4
    with pytest.raises(ValueError, match="each once, got waves, mosaic, halftone, waves"):
        added_styles(network, TinyEncoder(), images("waves"), photos(), SETTINGS)


def test_seeds_make_networks() -> None:
    torch.manual_seed(1)
    first = lesson().average.state_dict()
    torch.manual_seed(2)
    again = lesson().average.state_dict()
    assert all(torch.equal(value, again[key]) for key, value in first.items())
    other = lesson(TrainingSettings(width=4, num_blocks=1, seed=1)).average.state_dict()
    key = "stem.convolution.weight"
    assert not torch.equal(first[key], other[key])


@given(num_items=st.integers(1, 9), num_draws=st.integers(1, 30), seed=st.integers(0, 99))
def test_none_is_drawn_again_before_all_are(num_items: int, num_draws: int, seed: int) -> None:
    drawn = draw(num_items, num_draws, torch.Generator().manual_seed(seed))
    counts = Counter(drawn)
    assert len(drawn) == num_draws
    assert set(drawn) <= set(range(num_items))
    assert max(counts.values()) - (min(counts.values()) if len(counts) == num_items else 0) <= 1


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_contents_are_crops_or_variations_of_them(share: float) -> None:
    grey = [torch.full((1, 3, 20, 20), 0.5)]
    settings = TrainingSettings(batch_size=3, crop_size=16, augmented_share=share)
    contents = draw_contents(grey, settings, torch.Generator().manual_seed(0))
    assert contents.shape == (3, 3, 16, 16)
    assert contents.is_contiguous(memory_format=torch.channels_last)
    assert bool((contents - 0.5).abs().max() > 1e-3) is (share == 1.0)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"steps": 0}, "steps is at least 1, got 0"),
        ({"batch_size": 0}, "batch_size is at least 1, got 0"),
        ({"crop_size": 8}, "crop_size is at least 16, got 8"),
        ({"style_weight": -1.0}, r"style_weight is at least 0.0, got -1.0"),
        ({"learning_rate": float("nan")}, "learning_rate is at least"),
        ({"average_decay": 1.0}, r"average_decay lies in \[0, 1\), got 1.0"),
        ({"augmented_share": 1.5}, r"augmented_share lies in \[0, 1\], got 1.5"),
    ],
)
def test_settings_out_of_range_are_named(settings: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TrainingSettings(**settings)  # type: ignore[arg-type]


def test_the_steps_have_a_default() -> None:
    assert TrainingSettings().num_steps == NEW_STEPS > ADDED_STEPS
    assert TrainingSettings(steps=7).num_steps == 7


def test_the_lesson_keeps_the_average() -> None:
    pupil = lesson()
    pupil.update()
    assert isinstance(pupil.average, TransferNetwork)
    painted = pupil.paint(photos()[0])
    assert len(painted) == 3
    assert painted[0].shape == photos()[0].shape
