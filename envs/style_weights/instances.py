"""What there is to paint: content, style, and how much either counts.

Three splits share no picture. ``train`` and ``test`` have styles of the same families, drawn with
other seeds, and ``test_ood`` has families that ``train`` has not. The photographs come with
packages (see ``generative.data``); one of a split is in none of the others. A folder of one's own
pictures makes a fourth. Everything follows from the split's name, so all see the same instances.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from etude.generative.data import (
    PHOTOS,
    STYLES,
    Pictures,
    available_photos,
    pictures_in,
    random_crops,
    style_image,
)
from etude.generative.images import load_image, resize

Image = Float[Tensor, "1 3 h w"]

UNSEEN_STYLES: Final = ("halftone", "stained-glass", "woodcut")
SEEN_STYLES: Final = tuple(name for name in STYLES if name not in UNSEEN_STYLES)
DRAWN_SIZE: Final = 128  # pixels a side of a style, of which crops are taken
FOLDER_INSTANCES: Final = 64
FOLDER_SIZE: Final = 512  # pixels of the longer side of one's own pictures, which are scaled down
SMALLEST_CONTRAST: Final = 1e-3  # standard deviation of a colour of a picture that is not flat
MAX_TRIES: Final = 100  # to find a square that is not flat
COLOUR_ORDERS: Final = ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))


class Instance(NamedTuple):
    """One painting to be made.

    Args:
        content: float32 RGB in [0, 1].
        style: float32 RGB in [0, 1], of any size.
        preference: from 0 (only style counts) to 1 (only content counts).
        content_name: of the photograph.
        style_name: of the style.
    """

    content: Image
    style: Float[Tensor, "1 3 style_h style_w"]
    preference: float
    content_name: str = "content"
    style_name: str = "style"


@dataclass(frozen=True, kw_only=True)
class Split:
    """Where a split's instances come from.

    Args:
        photos: their names in ``generative.data``.
        styles: families of styles.
        style_seeds: what they are drawn with.
        num_instances: how many pairs are cut from these.
        seed: of the crops.
    """

    photos: tuple[str, ...]
    styles: tuple[str, ...]
    style_seeds: tuple[int, ...]
    num_instances: int
    seed: int


SPLITS: Final[Mapping[str, Split]] = MappingProxyType(
    {
        "train": Split(
            photos=("chelsea", "coffee", "hopper", "hubble", "rocket"),
            styles=SEEN_STYLES,
            style_seeds=(0, 1),
            num_instances=512,
            seed=0,
        ),
        "test": Split(
            photos=("astronaut", "flower"),
            styles=SEEN_STYLES,
            style_seeds=(100,),
            num_instances=64,
            seed=1,
        ),
        "test_ood": Split(
            photos=("china",),
            styles=UNSEEN_STYLES,
            style_seeds=(200, 201, 202),
            num_instances=64,
            seed=2,
        ),
    }
)


@lru_cache(maxsize=8)
def split_instances(name: str, size: int) -> tuple[Instance, ...]:
    """The instances of a split, squares of ``size`` pixels.

    Preferences are spread evenly over [0, 1]. Every style is cut from its picture at a random place
    and scale, with its colours in a random order.

    Args:
        name: one of ``SPLITS``.
        size: pixels a side.

    Raises:
        ValueError: a photograph of the split is not installed.
    """
    split = SPLITS[name]
    files = available_photos()
    missing = [photo for photo in split.photos if photo not in files]
    if missing:
        packages = sorted({PHOTOS[photo].package for photo in missing})
        raise ValueError(
            f"the split {name!r} needs photographs of {', '.join(packages)}, which are not "
            "installed; run `pip install 'etude[photos]'`, or name a folder of your own pictures."
        )
    photos = [Pictures([files[photo]])[0] for photo in split.photos]
    drawn = [(family, seed) for family in split.styles for seed in split.style_seeds]
    drawn_size = max(DRAWN_SIZE, size)
    styles = [style_image(family, drawn_size, seed) for family, seed in drawn]
    return cut_instances(
        dict(zip(split.photos, photos, strict=True)),
        {f"{family} {seed}": style for (family, seed), style in zip(drawn, styles, strict=True)},
        split.num_instances,
        size,
        split.seed,
    )


def folder_instances(folder: Path, size: int) -> tuple[Instance, ...]:
    """Instances of one's own pictures: ``folder/contents`` and ``folder/styles``.

    Args:
        folder: where the two folders are.
        size: pixels a side of the squares that are cut from them.

    Raises:
        ValueError: a folder or its pictures are missing, or a picture is broken, too small or of
            one colour.
    """
    contents, styles = (_named_pictures(folder / name, size) for name in ("contents", "styles"))
    return cut_instances(contents, styles, FOLDER_INSTANCES, size, seed=0)


def cut_instances(
    contents: Mapping[str, Image],
    styles: Mapping[str, Image],
    num_instances: int,
    size: int,
    seed: int,
) -> tuple[Instance, ...]:
    """Random squares of random pictures in pairs, with preferences spread evenly over [0, 1].

    Args:
        contents: pictures by name.
        styles: likewise; the colours of what is cut from them come in a random order.
        num_instances: how many pairs.
        size: pixels a side of the squares.
        seed: of what is drawn.

    Raises:
        ValueError: hardly a square of a picture shows something.
    """
    rng = np.random.default_rng(seed)
    torch_rng = torch.Generator().manual_seed(seed)
    preferences = rng.permutation((np.arange(num_instances) + 0.5) / num_instances)
    instances = []
    for preference in preferences.tolist():
        content_name = str(rng.choice(list(contents)))
        style_name = str(rng.choice(list(styles)))
        content = _textured_crop(contents[content_name], size, torch_rng, content_name)
        style = _textured_crop(styles[style_name], size, torch_rng, style_name)
        order = COLOUR_ORDERS[rng.integers(len(COLOUR_ORDERS))]
        instances.append(Instance(content, style[:, order], preference, content_name, style_name))
    return tuple(instances)


def check_picture(image: object, size: int, name: str) -> None:
    """Check that squares of ``size`` pixels can be cut from a picture, and that it shows something.

    Raises:
        TypeError: it is no float32 tensor.
        ValueError: it has another shape, is too small or of one colour, or has values that are no
            numbers in [0, 1].
    """
    if not isinstance(image, Tensor) or image.dtype != torch.float32:
        received = image.dtype if isinstance(image, Tensor) else type(image).__name__
        raise TypeError(
            f"a picture is a float32 tensor, got {received} for {name}; `load_image` makes one of "
            "a file."
        )
    if image.ndim != 4 or image.shape[:2] != (1, 3):
        raise ValueError(
            f"a picture has shape (1, 3, height, width), got {tuple(image.shape)} for {name}."
        )
    height, width = image.shape[-2:]
    if min(height, width) < size:
        raise ValueError(
            f"a picture has at least {size} pixels a side, got {width} x {height} of {name}; take "
            "a larger one, or a smaller size."
        )
    low, high = float(image.min()), float(image.max())  # NaN if there is one
    if not (low >= 0.0 and high <= 1.0):
        raise ValueError(
            f"a picture's values are numbers from 0 to 1, got {low:g} to {high:g} in {name}; "
            "divide bytes by 255."
        )
    if not _has_contrast(image):
        raise ValueError(
            f"a picture shows something, got {name}, which is of one colour: no content and no "
            "style to transfer; take another."
        )


def instance_table(instances: Sequence[Instance]) -> list[dict[str, str | float | int]]:
    """A row an instance: its number, the names of its pictures, its preference."""
    return [
        {
            "instance": number,
            "content": instance.content_name,
            "style": instance.style_name,
            "preference": instance.preference,
        }
        for number, instance in enumerate(instances)
    ]


def _named_pictures(folder: Path, size: int) -> dict[str, Image]:
    """The pictures in a folder, by their names in it."""
    pictures = {}
    for file in pictures_in(folder):
        picture = load_image(file)
        check_picture(picture, size, str(file))
        pictures[str(file.relative_to(folder))] = _scaled_down(picture, size)
    return pictures


def _scaled_down(picture: Image, size: int) -> Image:
    """With a longer side of ``FOLDER_SIZE`` pixels, or more if the shorter would be too short."""
    shorter, longer = sorted(picture.shape[-2:])
    target = max(FOLDER_SIZE, math.ceil(size * longer / shorter))
    return picture if longer <= target else resize(picture, target)


def _textured_crop(picture: Image, size: int, torch_rng: torch.Generator, name: str) -> Image:
    """A random square that shows something."""
    for _ in range(MAX_TRIES):
        crop = random_crops([picture], 1, size, torch_rng)
        if _has_contrast(crop):
            return crop
    raise ValueError(
        f"a picture shows something nearly everywhere, got {name}: {MAX_TRIES} random squares of "
        "it were each of one colour; take another, or cut out what it shows."
    )


def _has_contrast(image: Image) -> bool:
    return bool(image.std((2, 3)).max() > SMALLEST_CONTRAST)
