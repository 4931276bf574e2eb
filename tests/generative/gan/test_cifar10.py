"""CIFAR-10 from a folder of a few images: its bytes, its classes, and folders that are not it."""

from pathlib import Path

import numpy as np
import pytest
import torch

from etude.generative.gan.cifar10 import CIFAR10, CLASSES, FILES, RECORD, is_cifar10
from etude.generative.gan.source import LabelledSource

NUM_EACH = 4  # images of a file


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Image i of class i % 10: red rises to the right, green is i everywhere, blue is 255."""
    ramp = np.tile(8 * np.arange(32, dtype=np.uint8), 32)
    for number, name in enumerate(FILES):
        records = []
        for i in range(number * NUM_EACH, (number + 1) * NUM_EACH):
            green, blue = np.full(1024, i, np.uint8), np.full(1024, 255, np.uint8)
            records.append(np.concatenate(([np.uint8(i % 10)], ramp, green, blue)))
        (tmp_path / name).write_bytes(np.concatenate(records).tobytes())
    return tmp_path


def test_a_record_is_a_class_and_three_planes_row_by_row(folder: Path) -> None:
    source = CIFAR10(folder)
    assert isinstance(source, LabelledSource)
    assert (len(source), source.num_classes, tuple(source.shape)) == (20, 10, (3, 32, 32))
    assert is_cifar10(folder)
    assert (RECORD, len(CLASSES), CLASSES[9]) == (3_073, 10, "truck")
    assert source.labels.tolist() == [i % 10 for i in range(20)]
    image = source.images[17]
    assert image[0, 5].tolist() == [8 * x for x in range(32)]
    assert image[1].unique().tolist() == [17]
    assert image[2].unique().tolist() == [255]


def test_samples_keep_their_classes_and_their_range(folder: Path) -> None:
    batch = CIFAR10(folder).draw_labelled(200, rng())
    assert batch.samples.dtype == torch.float32
    assert batch.samples.shape == (200, 3, 32, 32)
    assert batch.labels is not None
    numbers = ((batch.samples[:, 1, 0, 0] + 1.0) * 127.5).round().long()
    torch.testing.assert_close(numbers % 10, batch.labels)
    assert len(numbers.unique()) == 20
    assert batch.samples[:, 2].unique().tolist() == [1.0]
    assert batch.samples.min() == -1.0


def test_half_of_the_samples_are_flipped(folder: Path) -> None:
    samples = CIFAR10(folder).draw(400, rng())
    rises = samples[:, 0, 0, 0] < samples[:, 0, 0, -1]
    assert 150 < rises.sum() < 250
    plain = CIFAR10(folder, mirror=False).draw(400, rng())
    assert (plain[:, 0, 0, 0] < plain[:, 0, 0, -1]).all()


def test_draws_depend_on_the_generator_alone(folder: Path) -> None:
    source = CIFAR10(folder)
    torch.testing.assert_close(source.draw(8, rng(3)), source.draw(8, rng(3)), rtol=0, atol=0)
    assert (source.draw(8, rng(3)) != source.draw(8, rng(4))).any()


def test_pickles_are_refused(tmp_path: Path) -> None:
    (tmp_path / "data_batch_1").write_bytes(b"\x80\x02}")
    assert is_cifar10(tmp_path)  # so that its error is told, and not one about pictures
    with pytest.raises(ValueError, match=r"binary version, got the one for Python.*unpack"):
        CIFAR10(tmp_path)


def test_folders_that_are_not_it(tmp_path: Path) -> None:
    assert not is_cifar10(tmp_path)
    with pytest.raises(ValueError, match=r"got '.*nowhere', which is none; unpack"):
        CIFAR10(tmp_path / "nowhere")
    with pytest.raises(ValueError, match=r"without data_batch_1.bin, data_batch_2.bin"):
        CIFAR10(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "got 0 bytes"),
        (bytes(RECORD + 1), "got 3,074 bytes"),
        (b"\x0a" + bytes(RECORD - 1), "classes of CIFAR-10 are 0 to 9, got 10"),
    ],
)
def test_broken_files_are_named(folder: Path, content: bytes, message: str) -> None:
    (folder / FILES[2]).write_bytes(content)
    with pytest.raises(ValueError, match=rf"{message} in '.*data_batch_3.bin'"):
        CIFAR10(folder)
