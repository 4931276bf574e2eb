"""The digits, their split, and stacks of them."""

import sys

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from etude.generative.gan.source import Source
from etude.generative.gan.stacked_digits import (
    NUM_MODES,
    StackedDigits,
    _all_digits,
    digits,
    mode_of,
)

pytest.importorskip("sklearn")


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_digits_are_those_of_the_package() -> None:
    images, labels = digits()
    assert images.shape == (1_797, 1, 8, 8)
    assert (images.min().item(), images.max().item()) == (-1.0, 1.0)
    assert labels.bincount().tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    first_row = torch.tensor([0, 0, 5, 13, 9, 1, 0, 0]) / 8.0 - 1.0  # of its first image, a zero
    assert torch.equal(images[0, 0, 0], first_row)
    assert labels[:5].tolist() == [0, 1, 2, 3, 4]


def test_splits_share_no_digit_and_miss_none() -> None:
    train, test, everything = digits("train"), digits("test"), digits()
    assert (len(train.labels), len(test.labels)) == (1_438, 359)
    counts = train.labels.bincount() + test.labels.bincount()
    assert torch.equal(counts, everything.labels.bincount())
    assert set(test.labels.bincount().tolist()) <= {35, 36, 37}  # every fifth
    both = torch.cat((train.images, test.images)).flatten(1)
    assert len(both.unique(dim=0)) == len(everything.images.flatten(1).unique(dim=0))


def test_unknown_split_is_refused() -> None:
    with pytest.raises(ValueError, match="train, test, all, got 'valid'"):
        digits("valid")
    with pytest.raises(ValueError, match="valid"):
        StackedDigits(split="valid")


def test_without_scikit_learn_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    _all_digits.cache_clear()
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ImportError, match=r"pip install 'etude\[photos\]'"):
        StackedDigits()


def test_stacks_are_digits_and_their_modes_are_right() -> None:
    source = StackedDigits()
    assert isinstance(source, Source)
    assert source.shape == (3, 8, 8)
    stacks, modes = source.draw_with_modes(500, rng())
    assert stacks.shape == (500, *source.shape)
    known = {
        tuple(image.flatten().tolist()): int(label) for image, label in zip(*digits(), strict=True)
    }
    for stack, mode in zip(stacks, modes.tolist(), strict=True):
        names = [known[tuple(channel.flatten().tolist())] for channel in stack]
        assert mode == 100 * names[0] + 10 * names[1] + names[2]


def test_stacks_of_a_split_are_of_its_digits() -> None:
    stacks = StackedDigits(split="test").draw(200, rng())
    known = {tuple(image.flatten().tolist()) for image in digits("test").images}
    assert {tuple(channel.flatten().tolist()) for channel in stacks.flatten(0, 1)} <= known


def test_all_modes_come_alike() -> None:
    _, modes = StackedDigits().draw_with_modes(100_000, rng())
    counts = modes.bincount(minlength=NUM_MODES).double()
    assert len(counts) == NUM_MODES
    # 100 of each with a deviation of 10, and up to 6 % more or less, as digits are not quite even
    assert counts.min() > 50
    assert counts.max() < 160


def test_draws_depend_on_the_generator_alone() -> None:
    source = StackedDigits()
    assert torch.equal(source.draw(4, rng(1)), StackedDigits().draw(4, rng(1)))
    assert not torch.equal(source.draw(4, rng(1)), source.draw(4, rng(2)))


@given(st.lists(st.tuples(*[st.integers(0, 9)] * 3), min_size=1))
def test_modes_are_numbers_of_three_digits(labels: list[tuple[int, int, int]]) -> None:
    expected = [int("".join(map(str, row))) for row in labels]
    assert mode_of(torch.tensor(labels)).tolist() == expected


def test_no_stacks_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one stack, got n=0"):
        StackedDigits().draw(0, rng())
