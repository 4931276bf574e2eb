"""What convolutional deep belief networks learn from: whitened photographs and faces.

The photographs are those that packages carry (``generative.data``), or a folder; the faces those of
scikit-image. Both come mirrored as well. For the layers above the first, what the layers below
answer to whole images is computed once, and squares are cut from that.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from etude.generative.data import available_photos, pictures_in
from etude.generative.features.crbm import CRBM
from etude.generative.features.whitening import grey, whiten
from etude.generative.gan.faces import NUM_FACES, faces
from etude.generative.images import load_image

PHOTO_SIZE: Final = 512  # the longer side
FACE_SIZE: Final = 55  # pixels a side, of which the file has 25; three layers fit into it
NO_SURFACES: Final = ("hubble",)  # stars on black have no contours
TRAINING_FACES: Final = NUM_FACES - 20  # the others are held out
LEAST_CONTRAST: Final = 0.3  # of a square, as a share of the whole, to learn from it
TRIES: Final = 20  # before a square without contrast is taken all the same


@dataclass(frozen=True)
class Squares:
    """Squares of maps, drawn at random; what a lesson draws from.

    Args:
        maps: of any sizes, at least ``size``.
        size: a side.
    """

    maps: Sequence[Float[Tensor, "1 channels _ _"]]
    size: int
    _least: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        smallest = min((min(m.shape[2:]) for m in self.maps), default=0)
        if smallest < self.size:
            raise ValueError(
                f"squares of {self.size} are cut out of larger images, got one of {smallest}; take "
                "other pictures."
            )
        mean = sum(float(m.std()) for m in self.maps) / len(self.maps)
        object.__setattr__(self, "_least", LEAST_CONTRAST * mean)

    def __call__(self, n: int, torch_rng: torch.Generator) -> Float[Tensor, "n channels size size"]:
        """Squares of random maps at random places, few of them empty."""
        return torch.cat([self._one(torch_rng) for _ in range(n)])

    def _one(self, torch_rng: torch.Generator) -> Float[Tensor, "1 channels size size"]:
        for _ in range(TRIES):
            choice, down, across = torch.rand(3, generator=torch_rng).tolist()
            image = self.maps[int(choice * len(self.maps))]
            top = round(down * (image.shape[2] - self.size))
            left = round(across * (image.shape[3] - self.size))
            square = image[..., top : top + self.size, left : left + self.size]
            if float(square.std()) >= self._least:
                break
        return square


def whitened_photos(
    folder: Path | None = None, split: str = "train"
) -> list[Float[Tensor, "1 1 h w"]]:
    """Photographs in grey, whitened, each with its mirror image.

    Args:
        folder: of pictures; those that packages carry if left out.
        split: of the latter, see ``available_photos``.

    Raises:
        ValueError: no photographs.
    """
    if folder is not None:
        files = pictures_in(folder)
    else:
        found = available_photos(split)
        files = [file for name, file in found.items() if name not in NO_SURFACES]
    if not files:
        raise ValueError(
            "filters are learned from photos, and none is here; run `pip install 'etude[photos]'`, "
            "or name a folder with --photos."
        )
    whitened = [whiten(grey(load_image(file, PHOTO_SIZE))) for file in files]
    return [image for photo in whitened for image in (photo, photo.flip(-1))]


def whitened_faces(split: str = "train") -> Float[Tensor, "n 1 size size"]:
    """Faces of 55 x 55, whitened.

    Args:
        split: "train" for eighty faces with their mirror images, anything else for the twenty
            others.

    Raises:
        ImportError: see ``faces``.
    """
    whitened = whiten(faces(FACE_SIZE))
    if split != "train":
        return whitened[TRAINING_FACES:]
    train = whitened[:TRAINING_FACES]
    return torch.cat([train, train.flip(-1)])


def pooled_maps(
    machine: CRBM, maps: Sequence[Float[Tensor, "1 channels _ _"]]
) -> list[Float[Tensor, "1 filters _ _"]]:
    """What the pooling units of a machine answer to whole images, cut so that blocks fill them."""
    return [machine.hidden(trimmed(machine, image)).pooling for image in maps]


def trimmed(machine: CRBM, image: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h2 w2"]:
    """An image without the last rows and columns that leave part of a block."""
    height, width = (machine.architecture.fitting(size) for size in image.shape[2:])
    return image[..., :height, :width]


def framed(images: Float[Tensor, "n 1 h w"], border: int) -> Float[Tensor, "n 1 h2 w2"]:
    """Images with a border of zeros, so that filters reach their edges."""
    return F.pad(images, (border,) * 4)
