"""A folder of pictures as data to learn from.

A generator learns whatever the pictures share, mistakes included. So nothing is cut, stretched or
recoloured unless it is asked for: pictures that do not fit together are an error that names two of
them. All are kept in memory, in 8 bits: 50,000 in colour at 32 pixels take 150 MB.
"""

import math
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from PIL import Image
from torch import Tensor

from etude.generative.data import pictures_in
from etude.generative.images import load_image, to_uint8

SIZES: Final = (16, 32, 64, 128, 256, 512, 1024)  # StyleGAN makes all, DCGAN up to 128
LARGEST_OF_ITSELF: Final = 64  # more is slow without a GPU
ENLARGEMENT: Final = 2  # at most; more shows nothing but its interpolation
GREY_MODES: Final = ("1", "L", "I", "F")  # what the names of Pillow's begin with
GREY_TOLERANCE: Final = 2  # of 255, by which the channels of a grey picture may differ
GREY_WEIGHTS: Final = (0.299, 0.587, 0.114)  # ITU-R BT.601
Pixels = np.ndarray[Any, np.dtype[np.uint8]]


class Header(NamedTuple):
    """What a file says of its picture."""

    path: Path
    width: int
    height: int
    is_grey: bool

    def __str__(self) -> str:
        return f"{self.path.name!r} with {self.width} x {self.height}"


class ImageFolder:
    """Pictures from a folder, and from those within it, as squares of one size.

    Without ``channels`` they are grey if none has colours, and RGB if some have; then none may be
    stored as grey. Grey ones that are stored as RGB go with either.

    Args:
        folder: at least two pictures, in any format of ``pictures_in``.
        size: pixels a side, one of ``SIZES``; the largest up to 64 that the pictures fill if left
            out. They are scaled down to it, or up at most twice.
        channels: 1 for grey, 3 for RGB, to which all are converted; what they are if left out.
        crop: take pictures of any shape and size: scale the shorter side to ``size`` and cut out
            the middle. If False, all are squares of one size.
        mirror: flip each sample from left to right with a chance of a half.

    Raises:
        ValueError: no such folder, fewer than two pictures, a broken one, one too small, some that
            differ in size or are no squares (without ``crop``), grey ones among those in colour
            (without ``channels``), or an argument out of its range.

    Attributes:
        pictures: all of them, uint8, (m, c, size, size).
    """

    def __init__(
        self,
        folder: Path,
        size: int | None = None,
        *,
        channels: int | None = None,
        crop: bool = False,
        mirror: bool = False,
    ) -> None:
        if size is not None and size not in SIZES:
            raise ValueError(
                f"images from a folder have a size of {', '.join(map(str, SIZES))} pixels, got "
                f"{size}; leave it out for one that fits."
            )
        if channels not in (None, 1, 3):
            raise ValueError(f"images have 1 or 3 channels, got {channels}; leave them out.")
        headers = [_header(path) for path in pictures_in(folder)]
        if len(headers) < 2:
            raise ValueError(
                "a generator learns from at least 2 pictures, better from thousands, got "
                f"{headers[0].path.name!r} alone in {str(folder)!r}; add some."
            )
        if not crop:
            _check_squares(headers)
        size = _fitting_size(headers) if size is None else size
        _check_large_enough(headers, size)
        loaded = [_load(header, size) for header in headers]
        if channels is None:
            channels = _common_channels(headers, loaded)
        converted = loaded if channels == 3 else [_grey(pixels) for pixels in loaded]
        self.pictures = torch.from_numpy(np.stack(converted)).permute(0, 3, 1, 2)
        self._folder, self._mirror = folder, mirror

    @property
    def shape(self) -> Sequence[int]:
        """Of a sample: (channels, size, size)."""
        return tuple(self.pictures.shape[1:])

    def __len__(self) -> int:
        """How many pictures."""
        return len(self.pictures)

    def draw(self, n: int, torch_rng: torch.Generator) -> Float[Tensor, "n c size size"]:
        """Different pictures in [-1, 1], laid out for fast convolutions on CPUs.

        Raises:
            ValueError: more than there are.
        """
        if n > len(self):
            raise ValueError(
                f"a step draws at most as many pictures as there are, {len(self)} in "
                f"{str(self._folder)!r}, got {n}; choose a smaller batch or add pictures."
            )
        drawn = self.pictures[torch.randperm(len(self), generator=torch_rng)[:n]]
        if self._mirror:
            is_flipped = torch.rand(n, generator=torch_rng) < 0.5
            drawn = torch.where(is_flipped[:, None, None, None], drawn.flip(-1), drawn)
        scaled = drawn.float() / 127.5 - 1.0
        return scaled.contiguous(memory_format=torch.channels_last)


def _header(path: Path) -> Header:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's, about broken EXIF and large files
        try:
            with Image.open(path) as file:
                width, height = file.size
                return Header(path, width, height, file.mode.startswith(GREY_MODES))
        except (OSError, SyntaxError, Image.DecompressionBombError):
            load_image(path)  # says what is wrong with it
            raise


def _check_squares(headers: Sequence[Header]) -> None:
    first = headers[0]
    for header in headers:
        if header.width != header.height:
            raise ValueError(
                f"pictures to learn from are squares, got {header}; crop them (the shorter side is "
                "scaled, the middle is kept)."
            )
        if header.width != first.width:
            raise ValueError(
                f"pictures to learn from have one size, got {first} and {header}; crop them (the "
                "shorter side is scaled, the middle is kept)."
            )


def _fitting_size(headers: Sequence[Header]) -> int:
    shortest = min(min(header.width, header.height) for header in headers)
    fitting = [size for size in SIZES if size <= min(shortest, LARGEST_OF_ITSELF)]
    return max(fitting, default=SIZES[0])


def _check_large_enough(headers: Sequence[Header], size: int) -> None:
    for header in headers:
        if ENLARGEMENT * min(header.width, header.height) < size:
            raise ValueError(
                f"pictures are enlarged at most {ENLARGEMENT} times, got {header} for {size} x "
                f"{size}; choose a smaller size or take it away."
            )


def _load(header: Header, size: int) -> Pixels:
    """The middle of a picture, (size, size, 3)."""
    shorter, longer = sorted((header.width, header.height))
    image = load_image(header.path, math.ceil(size * longer / shorter))
    top, left = ((side - size) // 2 for side in image.shape[2:])
    return to_uint8(image[..., top : top + size, left : left + size])


def _common_channels(headers: Sequence[Header], loaded: Sequence[Pixels]) -> int:
    """1 if no picture has colours, 3 if some have and none is stored as grey."""
    coloured = next(
        (header for header, rgb in zip(headers, loaded, strict=True) if _has_colours(rgb)), None
    )
    grey = next((header for header in headers if header.is_grey), None)
    if coloured is None:
        return 1
    if grey is not None:
        raise ValueError(
            f"pictures to learn from are all grey or all in colour, got {grey.path.name!r} and "
            f"{coloured.path.name!r}; ask for 1 channel (grey) or 3 (RGB) to convert them."
        )
    return 3


def _has_colours(pixels: Pixels) -> bool:
    """Whether the channels differ anywhere, by more than rounding makes them."""
    return bool(np.ptp(pixels.astype(np.int16), axis=2).max() > GREY_TOLERANCE)


def _grey(pixels: Pixels) -> Pixels:
    """(h, w, 3) to (h, w, 1)."""
    grey: Pixels = np.rint(pixels @ np.array(GREY_WEIGHTS))[..., None].astype(np.uint8)
    return grey
