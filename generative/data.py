"""Images that need no download: styles drawn by a formula, and photographs that packages carry.

A style image is a function of its name, its size and a seed, so a list of names is a data set that
anybody can make again, under no licence but this project's. The photographs come inside the wheels
of scikit-image, scikit-learn and Matplotlib; none is copied into this one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Final, Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from etude.foundations.names import check_name
from etude.generative.images import FORMATS, load_image
from etude.generative.style_images.canvas import Picture
from etude.generative.style_images.circles import concentric_circles
from etude.generative.style_images.cubism import cubism
from etude.generative.style_images.glass import stained_glass
from etude.generative.style_images.halftone import halftone
from etude.generative.style_images.marbling import marbling
from etude.generative.style_images.mosaic import mosaic
from etude.generative.style_images.oil import brush_strokes
from etude.generative.style_images.pointillism import pointillism
from etude.generative.style_images.starry import starry_swirls
from etude.generative.style_images.watercolour import watercolour
from etude.generative.style_images.waves import waves
from etude.generative.style_images.woodcut import woodcut

MIN_SIZE: Final = 16  # pixels; below, strokes are thinner than a tenth of one
MAX_SIZE: Final = 8192

STYLES: Final[Mapping[str, Callable[[int, np.random.Generator], Picture]]] = MappingProxyType(
    {
        "brush-strokes": brush_strokes,
        "concentric-circles": concentric_circles,
        "cubism": cubism,
        "halftone": halftone,
        "marbling": marbling,
        "mosaic": mosaic,
        "pointillism": pointillism,
        "stained-glass": stained_glass,
        "starry-swirls": starry_swirls,
        "watercolour": watercolour,
        "waves": waves,
        "woodcut": woodcut,
    }
)


def style_image(name: str, size: int = 512, seed: int = 0) -> Float[Tensor, "1 3 size size"]:
    """Draw a style.

    Args:
        name: one of ``STYLES``.
        size: pixels a side. The composition is the same at every size.
        seed: another seed, another picture in the same style.

    Returns:
        RGB in [0, 1], float32.

    Raises:
        ValueError: an unknown name, or a size out of range.
    """
    check_name("a style", name, STYLES)
    if not MIN_SIZE <= size <= MAX_SIZE:
        raise ValueError(
            f"a style image has {MIN_SIZE} to {MAX_SIZE} pixels a side, got {size}; for "
            "example 512."
        )
    picture = STYLES[name](size, np.random.default_rng(seed))
    return torch.from_numpy(picture.astype(np.float32)).permute(2, 0, 1)[None].contiguous()


def contact_sheet(
    images: Sequence[Float[Tensor, "1 3 _ _"]], num_columns: int = 4, size: int = 256, gap: int = 8
) -> Float[Tensor, "1 3 h w"]:
    """Images side by side on white, each cropped to its central square, row by row.

    Args:
        images: RGB in [0, 1], of any sizes.
        num_columns: images a row.
        size: pixels a side of each.
        gap: white pixels around each.

    Raises:
        ValueError: no images, or no columns.
    """
    if not images or num_columns < 1:
        raise ValueError(
            f"a contact sheet has at least one image and one column, got {len(images)} images in "
            f"{num_columns} columns; name some."
        )
    num_rows = -(-len(images) // num_columns)
    cell = size + gap
    sheet = torch.ones(1, 3, num_rows * cell + gap, num_columns * cell + gap)
    for i, image in enumerate(images):
        top, left = (gap + cell * place for place in divmod(i, num_columns))
        sheet[..., top : top + size, left : left + size] = _square(image, size)
    return sheet


def style_sheet(
    names: Sequence[str] = tuple(STYLES), num_columns: int = 4, size: int = 256, seed: int = 0
) -> Float[Tensor, "1 3 h w"]:
    """A contact sheet of styles, in the order of their names.

    Raises:
        ValueError: see ``style_image`` and ``contact_sheet``.
    """
    return contact_sheet([style_image(name, size, seed) for name in names], num_columns, size)


def _square(image: Float[Tensor, "1 3 h w"], size: int) -> Float[Tensor, "1 3 size size"]:
    h, w = image.shape[2:]
    side = min(h, w)
    top, left = (h - side) // 2, (w - side) // 2
    crop = image[..., top : top + side, left : left + side]
    scaled = F.interpolate(crop, (size, size), mode="bicubic", antialias=True, align_corners=False)
    return scaled.clamp(0.0, 1.0)


@dataclass(frozen=True, kw_only=True)
class Photo:
    """A photograph inside an installed package.

    Args:
        package: the import name of the package that carries it.
        file: its path in that package.
        licence: what the package says about it.
        held_out: whether training must not see it.
    """

    package: str
    file: str
    licence: str
    held_out: bool = False


PHOTOS: Final[Mapping[str, Photo]] = MappingProxyType(
    {
        "chelsea": Photo(  # skimage.data.cat() is the same picture: it must not be listed twice
            package="skimage", file="data/chelsea.png", licence="CC0, Stefan van der Walt"
        ),
        "coffee": Photo(package="skimage", file="data/coffee.png", licence="CC0, Rachel Michetti"),
        "rocket": Photo(package="skimage", file="data/rocket.jpg", licence="public domain, SpaceX"),
        "hubble": Photo(
            package="skimage", file="data/hubble_deep_field.jpg", licence="public domain, NASA"
        ),
        "hopper": Photo(
            package="matplotlib",
            file="mpl-data/sample_data/grace_hopper.jpg",
            licence="public domain, US Navy",
        ),
        "flower": Photo(
            package="sklearn", file="datasets/images/flower.jpg", licence="CC BY 2.0, vultilion"
        ),
        "astronaut": Photo(
            package="skimage",
            file="data/astronaut.png",
            licence="public domain, NASA",
            held_out=True,
        ),
        "china": Photo(
            package="sklearn",
            file="datasets/images/china.jpg",
            licence="CC BY 2.0, danielbuechele",
            held_out=True,
        ),
    }
)


SPLITS: Final[Mapping[str, Callable[[Photo], bool]]] = MappingProxyType(
    {
        "train": lambda photo: not photo.held_out,
        "held_out": lambda photo: photo.held_out,
        "all": lambda photo: True,
    }
)


def available_photos(split: str = "all") -> dict[str, Path]:
    """The files of the photographs whose packages are installed here, by name.

    Args:
        split: "train", "held_out" (no photograph of "train") or "all".

    Raises:
        ValueError: an unknown split.
    """
    check_name("a split", split, SPLITS)
    files = {name: _file(photo) for name, photo in PHOTOS.items() if SPLITS[split](photo)}
    return {name: file for name, file in files.items() if file is not None and file.is_file()}


def pictures_in(folder: Path) -> list[Path]:
    """The files in a folder, and in those within it, whose names end like a picture's; sorted.

    Those whose names begin with a dot are left out.

    Raises:
        ValueError: no such folder, or no pictures in it.
    """
    if not folder.is_dir():
        raise ValueError(
            f"pictures come from a folder that exists, got {str(folder)!r}; check the name."
        )
    files = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in FORMATS and not path.name.startswith(".")
    )
    if not files:
        raise ValueError(
            f"a folder of pictures has files that end in {', '.join(FORMATS)}, got none in "
            f"{str(folder)!r}; name another."
        )
    return files


@runtime_checkable
class Images(Protocol):
    """Images by number, RGB in [0, 1], of any sizes: a list, or ``Pictures``."""

    def __len__(self) -> int:
        """How many."""
        ...

    def __getitem__(self, i: int, /) -> Float[Tensor, "1 3 _ _"]:
        """One of them."""
        ...


class Pictures:
    """Files as ``Images`` that are read when they are asked for; the last ones stay in memory.

    Args:
        files: of any number.
        size: the longer side in pixels; smaller pictures are enlarged.
        num_kept: images in memory.
    """

    def __init__(self, files: Sequence[Path], size: int = 512, num_kept: int = 200) -> None:
        self._files = list(files)
        self._read = lru_cache(num_kept)(lambda i: load_image(self._files[i], size))

    def __len__(self) -> int:
        """How many files."""
        return len(self._files)

    def __getitem__(self, i: int, /) -> Float[Tensor, "1 3 h w"]:
        """The picture in a file.

        Raises:
            ValueError: see ``load_image``.
        """
        return self._read(i)


def random_crops(
    images: Images,
    num_crops: int,
    size: int,
    torch_rng: torch.Generator,
) -> Float[Tensor, "num_crops 3 size size"]:
    """Squares of random images, at random places and scales, half of them mirrored.

    The side of a square is between ``size`` and the image's shorter side, which it is scaled from.

    Args:
        images: RGB in [0, 1], of any sizes; those smaller than ``size`` are enlarged.
        num_crops: how many.
        size: pixels a side.
        torch_rng: what is drawn depends on its state alone, so training resumes exactly.

    Raises:
        ValueError: no images.
    """
    if not len(images):
        raise ValueError(
            "crops are cut from at least one image, got none; name a folder of photos."
        )
    crops = []
    for _ in range(num_crops):
        choice, scale, down, across, mirror = torch.rand(5, generator=torch_rng).tolist()
        image = images[int(choice * len(images))]
        h, w = image.shape[2:]
        side = round(min(h, w, size) + scale * max(min(h, w) - size, 0))
        top, left = round(down * (h - side)), round(across * (w - side))
        crop = _square(image[..., top : top + side, left : left + side], size)
        crops.append(crop.flip(-1) if mirror < 0.5 else crop)
    return torch.cat(crops)


def _file(photo: Photo) -> Path | None:
    package = find_spec(photo.package)  # found, not imported
    if package is None or package.origin is None:
        return None
    return Path(package.origin).parent / photo.file
