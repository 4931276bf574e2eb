"""Pairs of patches, small and large, to learn enlarging from.

A large patch is cut out of a picture, at its own scale or at a smaller one, where it is sharper and
shows more; the small patch is what antialiased bicubic reduction makes of it, in 8 bits, as the
files of a test set are. The patch is cut wider than needed and trimmed after the reduction, so that
a small patch is what the reduction of the whole picture would have had there. A few photographs
become more by turns, mirrors and exchanged colours.
"""

from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from etude.generative.data import STYLES, Images, available_photos, pictures_in, style_image
from etude.generative.gan.super_resolution import downscale
from etude.generative.images import load_image, resize

TRIMMED: Final = 2  # small pixels at each side, where a reduction sees the edge
LARGEST_REDUCTION: Final = 2.0
REDUCED_SHARE: Final = 0.5  # of the patches
LONGEST: Final = 1_024  # pixels of a picture; a camera's are soft at full size
NUM_KEPT: Final = 100  # pictures in memory
PHOTO_REPEATS: Final = 4  # how much more often than another picture a packaged photo is drawn
STYLE_SIZE: Final = 256
TEXTURES: Final = ("brick", "camera", "coins", "grass", "gravel")  # grey, of scikit-image
"""Of brick, camera, grass and gravel the copyright is waived (CC0); coins is from the Brooklyn
Museum, with no known copyright restrictions."""


class Patches(NamedTuple):
    """What a network is shown, and what it should have made of it.

    Args:
        small: RGB in [0, 1].
        large: RGB in [0, 1].
    """

    small: Float[Tensor, "n 3 h w"]
    large: Float[Tensor, "n 3 large_h large_w"]


class PictureFiles:
    """Files as ``Images``, at most ``LONGEST`` pixels long, that are read when they are asked for.

    Args:
        files: of any number.
    """

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = list(files)
        self._read = lru_cache(NUM_KEPT)(lambda i: _load(self._files[i]))

    def __len__(self) -> int:
        """How many files."""
        return len(self._files)

    def __getitem__(self, i: int, /) -> Float[Tensor, "1 3 h w"]:
        """The picture in a file.

        Raises:
            ValueError: see ``load_image``.
        """
        return self._read(i)


def packaged_pictures() -> list[Tensor]:
    """What to learn from without a folder: photographs, textures and drawn styles.

    None of the photographs is held out; each is there ``PHOTO_REPEATS`` times.
    """
    photos = PHOTO_REPEATS * [_load(file) for file in available_photos("train").values()]
    others = [_load(file) for file in _textures()]
    return photos + others + [style_image(name, STYLE_SIZE) for name in STYLES]


def pictures_of(folder: Path | None) -> Images:
    """The pictures in a folder, or those that packages carry.

    Raises:
        ValueError: no such folder, no pictures in it, or packages without photographs.
    """
    if folder is not None:
        return PictureFiles(pictures_in(folder))
    if not available_photos("train"):
        raise ValueError(
            "training needs photos, and none are here; run `pip install 'etude[photos]'`, or name "
            "a folder with --photos."
        )
    return packaged_pictures()


def draw_patches(
    pictures: Images, num_patches: int, size: int, scale: int, torch_rng: torch.Generator
) -> Patches:
    """Patches of random pictures, places, scales, turns and colours.

    Args:
        pictures: RGB in [0, 1], of any sizes; those that are too small for a patch are enlarged.
        num_patches: how many.
        size: pixels a side of the small ones.
        scale: how many times larger the others are.
        torch_rng: what is drawn depends on its state alone, so training resumes exactly.

    Raises:
        ValueError: no pictures.
    """
    if not len(pictures):
        raise ValueError(
            "patches are cut from at least one picture, got none; name a folder of photos."
        )
    wide = torch.cat(
        [_cut(pictures, scale * (size + 2 * TRIMMED), torch_rng) for _ in range(num_patches)]
    )
    small = downscale(wide, scale)
    inner = slice(TRIMMED, TRIMMED + size)
    large = slice(scale * TRIMMED, scale * (TRIMMED + size))
    return Patches(
        small[..., inner, inner].contiguous(memory_format=torch.channels_last),
        wide[..., large, large].contiguous(memory_format=torch.channels_last),
    )


def _cut(
    pictures: Images, size: int, torch_rng: torch.Generator
) -> Float[Tensor, "1 3 {size} {size}"]:
    choice, kind, reduction, down, across, mirror = torch.rand(6, generator=torch_rng).tolist()
    turns = int(torch.randint(4, (), generator=torch_rng))
    colours = torch.randperm(3, generator=torch_rng)
    picture = pictures[int(choice * len(pictures))]
    shorter = min(picture.shape[2:])
    share = 1.0 + (LARGEST_REDUCTION - 1.0) * reduction if kind < REDUCED_SHARE else 1.0
    side = min(round(share * size), shorter)
    top, left = (
        round(place * (length - side))
        for place, length in zip((down, across), picture.shape[2:], strict=True)
    )
    patch = picture[..., top : top + side, left : left + side]
    if side != size:
        patch = F.interpolate(
            patch, (size, size), mode="bicubic", antialias=True, align_corners=False
        ).clamp(0.0, 1.0)
    turned = patch[:, colours].rot90(turns, (2, 3))
    return turned.flip(3) if mirror < 0.5 else turned


def _load(file: Path) -> Float[Tensor, "1 3 h w"]:
    picture = load_image(file)
    return resize(picture, LONGEST) if max(picture.shape[2:]) > LONGEST else picture


def _textures() -> list[Path]:
    package = find_spec("skimage")  # found, not imported
    if package is None or package.origin is None:
        return []
    folder = Path(package.origin).parent / "data"
    return [file for name in TEXTURES if (file := folder / f"{name}.png").is_file()]
