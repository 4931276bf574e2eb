"""A thousand modes from 1,797 small images: three random digits as the channels of one image.

L. Metz, B. Poole, D. Pfau and J. Sohl-Dickstein, "Unrolled generative adversarial networks", ICLR
2017, sec. 3.3.1, stack MNIST. Ours are the digits of 8 x 8 pixels that scikit-learn carries (E.
Alpaydin and C. Kaynak, "Optical recognition of handwritten digits", UCI, 1998), so nothing has to
be downloaded; the number of modes, and how they are counted, is the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from etude.foundations.names import check_name

DIGITS: Final = "digits"  # what the command line calls them
STACKED_DIGITS: Final = "stacked-digits"
NUM_DIGITS: Final = 10
NUM_STACKED: Final = 3
NUM_MODES: Final = NUM_DIGITS**NUM_STACKED
SIDE: Final = 8  # pixels
TEST_EVERY: Final = 5  # every fifth of each digit is for tests; all writers are on both sides

Stacks = Float[Tensor, "n 3 8 8"]

SPLITS: Final[Mapping[str, Callable[[Tensor], Tensor]]] = MappingProxyType(
    {
        "train": lambda places: places % TEST_EVERY != TEST_EVERY - 1,
        "test": lambda places: places % TEST_EVERY == TEST_EVERY - 1,
        "all": lambda places: places >= 0,
    }
)


class Digits(NamedTuple):
    """Images and what is on them."""

    images: Float[Tensor, "n 1 8 8"]
    """White on black in [-1, 1]."""
    labels: Int[Tensor, " n"]
    """0 to 9."""


def digits(split: str = "all") -> Digits:
    """Scikit-learn's handwritten digits, in its order.

    Args:
        split: "train" (1,438), "test" (359, every fifth of each digit) or "all".

    Raises:
        ValueError: an unknown split.
        ImportError: scikit-learn is not installed.
    """
    check_name("a split", split, SPLITS)
    images, labels = _all_digits()
    by_digit = labels.argsort(stable=True)
    chosen = by_digit[SPLITS[split](torch.arange(len(labels)))].sort().values
    return Digits(images[chosen], labels[chosen])


@dataclass(frozen=True, kw_only=True)
class StackedDigits:
    """Three digits, drawn one by one with replacement, as the channels of an image; a ``Source``.

    Raises:
        ValueError: an unknown split.
        ImportError: scikit-learn is not installed.
    """

    split: str = "all"
    """Which digits, see ``digits``."""

    def __post_init__(self) -> None:
        assert len(self._digits.images) > 0

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of a sample."""
        return (NUM_STACKED, SIDE, SIDE)

    def draw(self, n: int, torch_rng: torch.Generator) -> Stacks:
        """Stacks in [-1, 1]; they depend on the generator's state alone.

        Raises:
            ValueError: less than one.
        """
        return self.draw_with_modes(n, torch_rng)[0]

    def draw_with_modes(
        self, n: int, torch_rng: torch.Generator
    ) -> tuple[Stacks, Int[Tensor, " n"]]:
        """Stacks, and which of the thousand modes each is of.

        Raises:
            ValueError: less than one.
        """
        if n < 1:
            raise ValueError(f"a sample has at least one stack, got n={n}; for example 256.")
        images, labels = self._digits
        chosen = torch.randint(len(images), (n, NUM_STACKED), generator=torch_rng)
        return images[:, 0][chosen], mode_of(labels[chosen])

    @cached_property
    def _digits(self) -> Digits:
        return digits(self.split)


def mode_of(labels: Int[Tensor, "n 3"]) -> Int[Tensor, " n"]:
    """0 to 999: the digits of the channels, read as one number."""
    hundreds, tens, ones = labels.unbind(1)
    return 100 * hundreds + 10 * tens + ones


@lru_cache
def _all_digits() -> Digits:
    try:
        from sklearn.datasets import load_digits  # type: ignore[import-untyped]  # it has no types
    except ImportError as error:
        raise ImportError(
            "the digits come with scikit-learn, which is not installed; "
            "pip install 'etude[photos]' brings it."
        ) from error
    bunch = load_digits()
    images = torch.from_numpy(bunch.images).float()[:, None] / 8.0 - 1.0
    return Digits(images, torch.from_numpy(bunch.target).long())
