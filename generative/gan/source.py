"""What a generative model learns from: anything that samples can be drawn of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int
from torch import Tensor


@dataclass(frozen=True)
class Batch:
    """Samples, (n, ...), and what is on them if that is known: one of several classes each.

    Args:
        samples: data, or made like them.
        labels: the class of each, counted from 0.
    """

    samples: Float[Tensor, "n *shape"]
    labels: Int[Tensor, " n"] | None = None

    @classmethod
    def cat(cls, *batches: "Batch") -> "Batch":
        """One batch after the other; all have labels, or none."""
        samples = torch.cat([batch.samples for batch in batches])
        labels = [batch.labels for batch in batches if batch.labels is not None]
        return cls(samples, torch.cat(labels) if labels else None)

    @property
    def conditions(self) -> tuple[Tensor, ...]:
        """What networks are told beside noise or samples: the labels, if there are any."""
        return () if self.labels is None else (self.labels,)

    def __len__(self) -> int:
        """How many."""
        return len(self.samples)

    def __getitem__(self, chosen: slice) -> "Batch":
        """Some of them."""
        return Batch(self.samples[chosen], None if self.labels is None else self.labels[chosen])

    def to(self, device: torch.device) -> "Batch":
        """The same on another device."""
        labels = None if self.labels is None else self.labels.to(device)
        return Batch(self.samples.to(device), labels)

    def chunk(self, num_parts: int) -> "list[Batch]":
        """In equal parts.

        Raises:
            ValueError: the parts would differ.
        """
        size, rest = divmod(len(self), num_parts)
        if rest:
            raise ValueError(
                f"the parts of a batch are of equal size, got {num_parts} parts of {len(self)} "
                "samples; choose a divisor."
            )
        return [self[start : start + size] for start in range(0, len(self), size)]


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


@runtime_checkable
class LabelledSource(Source, Protocol):
    """Samples on demand, of known classes."""

    @property
    def num_classes(self) -> int:
        """How many there are."""
        ...

    def draw_labelled(self, n: int, torch_rng: torch.Generator) -> Batch:
        """As ``draw``, with labels."""
        ...


@dataclass(frozen=True)
class WithoutLabels:
    """The samples of another source, for networks that know no classes."""

    source: Source

    @property
    def shape(self) -> Sequence[int]:
        """See ``Source``."""
        return self.source.shape

    def draw(self, n: int, torch_rng: torch.Generator) -> Float[Tensor, "n *shape"]:
        """See ``Source``."""
        return self.source.draw(n, torch_rng)


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


@dataclass(frozen=True)
class LabelledRows(Rows):
    """Rows with labels, of which there are all from 0 to the largest.

    Raises:
        ValueError: there are no rows, or not one label for each.
    """

    labels: Int[Tensor, " num_labels"]

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.labels) != len(self.samples):
            raise ValueError(
                f"each of the {len(self.samples)} samples has a label, got {len(self.labels)}; "
                "leave samples out, or add labels."
            )

    @property
    def num_classes(self) -> int:
        """See ``LabelledSource``."""
        return int(self.labels.max()) + 1

    def draw_labelled(self, n: int, torch_rng: torch.Generator) -> Batch:
        """See ``LabelledSource``."""
        rows = torch.randint(len(self.samples), (n,), generator=torch_rng)
        return Batch(self.samples[rows], self.labels[rows])
