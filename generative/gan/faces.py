"""A hundred small grey faces that scikit-image carries, as data to learn from.

They are 25 x 25 pixels of "Labeled faces in the wild" (G. B. Huang, M. Ramesh, T. Berg and E.
Learned-Miller, technical report 07-49, University of Massachusetts, 2007). A hundred faces show
that the machinery works on photographs; they are too few for any claim about faces.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from etude.generative.images import resize_to

FACES: Final = "faces"  # what the command line calls them
NUM_FACES: Final = 100  # the other hundred images of the file show no faces
FILE: Final = Path("data", "lfw_subset.npy")
SIZE: Final = 16  # pixels that they are scaled to


def faces(size: int = SIZE) -> Float[Tensor, "100 1 size size"]:
    """The faces in [-1, 1], in the order of the file.

    Args:
        size: pixels a side; the file has 25.

    Raises:
        ImportError: scikit-image is not installed, or carries no faces.
    """
    images = np.load(_file(), allow_pickle=False)[:NUM_FACES]
    grey = torch.from_numpy(images).float()[:, None]
    return 2.0 * resize_to(grey, size, size) - 1.0


@dataclass(frozen=True, kw_only=True)
class Faces:
    """The faces, mirrored with a chance of a half; a ``Source``.

    Raises:
        ImportError: see ``faces``.
    """

    size: int = SIZE
    """Pixels a side."""

    def __post_init__(self) -> None:
        assert len(self.images) == NUM_FACES

    @property
    def shape(self) -> Sequence[int]:
        """See ``Source``."""
        return (1, self.size, self.size)

    def draw(self, n: int, torch_rng: torch.Generator) -> Float[Tensor, "n 1 size size"]:
        """Faces in [-1, 1], drawn with replacement; they depend on the generator's state alone."""
        drawn = self.images[torch.randint(NUM_FACES, (n,), generator=torch_rng)]
        is_mirrored = torch.rand(n, 1, 1, 1, generator=torch_rng) < 0.5
        return torch.where(is_mirrored, drawn.flip(-1), drawn)

    @cached_property
    def images(self) -> Float[Tensor, "100 1 size size"]:
        """All of them, as they are in the file."""
        return faces(self.size)


def _file() -> Path:
    package = find_spec("skimage")  # found, not imported
    file = Path(package.origin).parent / FILE if package and package.origin else None
    if file is None or not file.is_file():
        raise ImportError(
            "the faces come with scikit-image, which is not installed or carries none; "
            "pip install 'etude[photos]' brings it."
        )
    return file
