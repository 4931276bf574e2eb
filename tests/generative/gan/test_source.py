"""Batches and sources: labels stay with their samples."""

import pytest
import torch

from etude.generative.gan.source import Batch, LabelledRows, LabelledSource, Source, WithoutLabels

SAMPLES = torch.arange(12.0).reshape(6, 2)
LABELS = torch.tensor([0, 1, 2, 0, 1, 2])


def test_parts_of_a_batch_keep_their_labels() -> None:
    batch = Batch(SAMPLES, LABELS)
    parts = batch.chunk(3)
    assert [len(part) for part in parts] == [2, 2, 2]
    back = Batch.cat(*parts)
    assert back.samples.equal(SAMPLES)
    assert back.labels is not None
    assert back.labels.equal(LABELS)
    assert [condition.tolist() for condition in parts[1].conditions] == [[2, 0]]


def test_a_batch_without_labels_has_no_conditions() -> None:
    parts = Batch(SAMPLES).chunk(2)
    assert Batch.cat(*parts).conditions == ()
    assert parts[1].samples.equal(SAMPLES[3:])


def test_parts_are_equal() -> None:
    with pytest.raises(ValueError, match="got 4 parts of 6 samples"):
        Batch(SAMPLES).chunk(4)


def test_labelled_rows_are_drawn_with_their_labels() -> None:
    rows = LabelledRows(SAMPLES, LABELS)
    assert isinstance(rows, LabelledSource)
    assert rows.num_classes == 3
    drawn = rows.draw_labelled(50, torch.Generator().manual_seed(0))
    assert drawn.labels is not None
    numbers = (drawn.samples[:, 0] / 2.0).long()
    assert drawn.samples.equal(SAMPLES[numbers])
    assert drawn.labels.equal(LABELS[numbers])
    assert set(numbers.tolist()) == set(range(6))
    assert rows.draw(50, torch.Generator().manual_seed(0)).equal(drawn.samples)


def test_labels_can_be_left_out() -> None:
    plain = WithoutLabels(LabelledRows(SAMPLES, LABELS))
    assert isinstance(plain, Source)
    assert not isinstance(plain, LabelledSource)
    assert plain.shape == (2,)
    assert plain.draw(3, torch.Generator().manual_seed(1)).shape == (3, 2)


def test_each_row_has_a_label() -> None:
    with pytest.raises(ValueError, match="each of the 6 samples has a label, got 2"):
        LabelledRows(SAMPLES, LABELS[:2])
