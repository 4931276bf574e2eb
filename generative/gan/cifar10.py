"""CIFAR-10 from a folder that the user has: 50,000 photographs of 32 x 32 pixels in ten classes.

A. Krizhevsky, "Learning multiple layers of features from tiny images", 2009. The files are those of
the binary version, which hold bytes and nothing else: for each image its class, then 1,024 red,
1,024 green and 1,024 blue values, row by row. The version for Python is pickled, and pickles can
run anything, so it is not read.
"""

from pathlib import Path
from typing import Final

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from etude.generative.gan.source import Batch

CLASSES: Final = (
    "aeroplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
FILES: Final = tuple(f"data_batch_{number}.bin" for number in range(1, 6))
SIDE: Final = 32  # pixels
CHANNELS: Final = 3
RECORD: Final = 1 + CHANNELS * SIDE**2  # bytes
VERSION: Final = "cifar-10-binary.tar.gz of www.cs.toronto.edu/~kriz/cifar.html"


class CIFAR10:
    """The images for training, half of them flipped from left to right; a ``LabelledSource``.

    150 MB of memory.

    Args:
        folder: has the files ``FILES``.
        mirror: flip each sample with a chance of a half, as papers do.

    Raises:
        ValueError: no such folder, a file is missing, of another version, or broken.

    Attributes:
        images: all, uint8, (m, 3, 32, 32).
        labels: the class of each, an index of ``CLASSES``.
    """

    num_classes: Final = len(CLASSES)
    shape: Final = (CHANNELS, SIDE, SIDE)

    def __init__(self, folder: Path, *, mirror: bool = True) -> None:
        _check_version(folder)
        records = np.concatenate([_records(folder / name) for name in FILES])
        self.labels: Int[Tensor, " m"] = torch.from_numpy(records[:, 0].astype(np.int64))
        pixels = np.ascontiguousarray(records[:, 1:]).reshape(-1, *self.shape)
        self.images: UInt8[Tensor, "m 3 32 32"] = torch.from_numpy(pixels)
        self._mirror = mirror

    def __len__(self) -> int:
        """How many images."""
        return len(self.images)

    def draw(self, n: int, torch_rng: torch.Generator) -> Float[Tensor, "n 3 32 32"]:
        """See ``draw_labelled``."""
        return self.draw_labelled(n, torch_rng).samples

    def draw_labelled(self, n: int, torch_rng: torch.Generator) -> Batch:
        """Images in [-1, 1], drawn with replacement, and their classes."""
        rows = torch.randint(len(self), (n,), generator=torch_rng)
        drawn = self.images[rows]
        if self._mirror:
            is_flipped = torch.rand(n, generator=torch_rng) < 0.5
            drawn = torch.where(is_flipped[:, None, None, None], drawn.flip(-1), drawn)
        return Batch(drawn.float() / 127.5 - 1.0, self.labels[rows])


def is_cifar10(folder: Path) -> bool:
    """Whether a folder looks like one of CIFAR-10, of whichever version."""
    first = folder / FILES[0]
    return first.is_file() or first.with_suffix("").is_file()


def _check_version(folder: Path) -> None:
    if not folder.is_dir():
        raise ValueError(
            f"CIFAR-10 is a folder with {FILES[0]} and others, got {str(folder)!r}, which is none; "
            f"unpack {VERSION}."
        )
    missing = [name for name in FILES if not (folder / name).is_file()]
    if not missing:
        return
    if (folder / FILES[0]).with_suffix("").is_file():
        raise ValueError(
            "CIFAR-10 is read in its binary version, got the one for Python in "
            f"{str(folder)!r}, whose pickles could run anything; unpack {VERSION}."
        )
    raise ValueError(
        f"CIFAR-10 has the files {', '.join(FILES)}, got a folder {str(folder)!r} without "
        f"{', '.join(missing)}; unpack {VERSION}."
    )


def _records(path: Path) -> UInt8[np.ndarray, "m 3073"]:
    """Label and pixels of each image of a file."""
    found = np.fromfile(path, dtype=np.uint8)
    if not len(found) or len(found) % RECORD:
        raise ValueError(
            f"a file of CIFAR-10 has {RECORD} bytes an image, got {len(found):,} bytes in "
            f"{str(path)!r}; unpack {VERSION} again."
        )
    records = found.reshape(-1, RECORD)
    largest = int(records[:, 0].max())
    if largest >= len(CLASSES):
        raise ValueError(
            f"the classes of CIFAR-10 are 0 to {len(CLASSES) - 1}, got {largest} in "
            f"{str(path)!r}; CIFAR-100 has another format: unpack {VERSION}."
        )
    return records
