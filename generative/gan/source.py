"""What a generative model learns from: anything that samples can be drawn of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor


@runtime_checkable
class Source(Protocol):
    """Samples on demand."""

    @property
    def shape(self) -> Sequence[int]:
        """Of a sample."""
        ...

    def draw(self, n: int, torch_rng: torch.Generator) -> Float[Tensor, "n *shape"]:
        """Samples; they depend on the generator's state alone, so training resumes exactly."""
        ...


@dataclass(frozen=True)
class Rows:
    """The rows of a tensor, drawn with replacement.

    Raises:
        ValueError: there are none.
    """

    samples: Float[Tensor, "m *shape"]

    def __post_init__(self) -> None:
        if not len(self.samples):
            raise ValueError("a model learns from at least one sample, got none; add some.")

    @property
    def shape(self) -> Sequence[int]:
        """See ``Source``."""
        return tuple(self.samples.shape[1:])

    def draw(self, n: int, torch_rng: torch.Generator) -> Float[Tensor, "n *shape"]:
        """See ``Source``."""
        return self.samples[torch.randint(len(self.samples), (n,), generator=torch_rng)]
