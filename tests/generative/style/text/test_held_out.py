"""What training never sees, and that it sees all the parts of it."""

import pytest

from etude.generative.style.text.frames import FRAMES
from etude.generative.style.text.held_out import (
    FIRST_CELL,
    drawn_from,
    held_out_cells,
    is_held_out_cell,
)
from etude.generative.style.text.lexicon import VERB_TABLE

ACTING = [name for name, frame in FRAMES.items() if frame.agent is not None]


def test_come_and_sit_is_held_out() -> None:
    assert FIRST_CELL == ("sit", "invitation")
    assert is_held_out_cell(*FIRST_CELL)
    assert "sit" not in drawn_from("invitation", "train")
    assert "sit" in drawn_from("invitation", "constructions")


def test_one_cell_in_ten_is_held_out() -> None:
    cells = {
        (verb, name)
        for name in ACTING
        for split in ("train", "constructions")
        for verb in drawn_from(name, split)
    }
    assert held_out_cells() <= cells
    assert len(held_out_cells()) / len(cells) == pytest.approx(0.1, abs=0.02)


@pytest.mark.parametrize("frame", ACTING)
def test_the_splits_of_a_frame_share_no_verb(frame: str) -> None:
    train, constructions, verbs = (
        set(drawn_from(frame, split)) for split in ("train", "constructions", "verbs")
    )
    assert train
    assert len(train | constructions | verbs) == len(train) + len(constructions) + len(verbs)
    assert drawn_from(frame, "nouns") == drawn_from(frame, "train")


def test_training_sees_every_verb_that_is_not_held_out_as_a_word() -> None:
    seen = {verb for name in ACTING for verb in drawn_from(name, "train")}
    assert seen == {name for name, verb in VERB_TABLE.items() if "new" not in verb.marks}
