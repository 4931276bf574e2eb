"""Trained generators in files, to sample from and to grade.

A file is safetensors, so reading it executes nothing. Its metadata say how to build the network and
what it learned from.
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, cast

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from etude.foundations.names import check_name
from etude.generative.built_networks import build_network
from etude.generative.checkpoints import load_weights, save_weights
from etude.generative.gan.adversarial import uniform_latents
from etude.generative.gan.architectures import ARCHITECTURES
from etude.generative.gan.settings import Architecture

FORMAT: Final = "etude-generator-1"
CHUNK: Final = 4_096  # samples that are made at a time


@dataclass(frozen=True, kw_only=True)
class TrainedGenerator:
    """A generator with what is known about it.

    Args:
        architecture: one of ``ARCHITECTURES``.
        arguments: of its constructor, what JSON can hold.
        network: built with them.
        latent_dim: how many uniform numbers become a sample.
        data: what it learned from: one of ``task.NAMES``, or a folder.
        num_classes: from which one asks for a sample; 0 if it knows none.
        mean: of the data, which the network's output is centred at; one number for images.
        scale: what its output is multiplied with.
        notes: how it was trained, what JSON can hold.
    """

    architecture: Architecture
    arguments: Mapping[str, Any]
    network: nn.Module
    latent_dim: int
    data: str
    num_classes: int = 0
    mean: tuple[float, ...] = (0.0,)
    scale: float = 1.0
    notes: Mapping[str, Any] = field(default_factory=dict)

    @torch.no_grad()
    def __call__(
        self,
        z: Float[Tensor, "n latent_dim"],
        labels: Int[Tensor, " n"] | None = None,
        truncation: float | None = None,
    ) -> Float[Tensor, "n ..."]:
        """The samples that latents become, on the CPU.

        Args:
            z: in [-1, 1].
            labels: the class of each sample, of a generator that knows some.
            truncation: the smaller, the less the samples vary and the fewer of them are odd; for
                what it bounds, see the generator's network. Not at all if left out.

        Returns:
            Points, or images in [-1, 1].

        Raises:
            ValueError: labels are missing, out of range or not known; a truncation that is not
                above 0, or of networks that have none.
        """
        self._check_labels(labels)
        generate = self.network if truncation is None else self._truncated(truncation)
        device = next(self.network.parameters()).device
        made = []
        for start in range(0, len(z), CHUNK):
            chosen = slice(start, start + CHUNK)
            conditions = () if labels is None else (labels[chosen].to(device),)
            made.append(generate(z[chosen].to(device), *conditions).cpu())
        return torch.tensor(self.mean) + self.scale * torch.cat(made)

    def sample(
        self,
        n: int,
        torch_rng: torch.Generator,
        label: int | None = None,
        truncation: float | None = None,
    ) -> Float[Tensor, "n ..."]:
        """Draw samples.

        Args:
            n: how many.
            torch_rng: of the noise, and of the classes.
            label: the class of all; if left out, all classes are equally likely.
            truncation: see ``__call__``.

        Raises:
            ValueError: less than one, or see ``__call__``.
        """
        if n < 1:
            raise ValueError(f"a generator makes at least 1 sample, got n={n}; 64 fill a sheet.")
        z = uniform_latents(n, self.latent_dim, torch_rng)
        if label is not None:
            return self(z, torch.full((n,), label), truncation)
        return self(z, self.draw_labels(n, torch_rng), truncation)

    def labels_in_turn(self, n: int) -> Int[Tensor, " n"] | None:
        """0, 1, 2 and so on, and again: a sheet with a column each; None if none are known."""
        return torch.arange(n) % self.num_classes if self.num_classes else None

    def draw_labels(self, n: int, torch_rng: torch.Generator) -> Int[Tensor, " n"] | None:
        """Classes for samples, all equally likely; None if the generator knows none."""
        if not self.num_classes:
            return None
        return torch.randint(self.num_classes, (n,), generator=torch_rng)

    def _truncated(self, truncation: float) -> Callable[..., Tensor]:
        truncated = ARCHITECTURES[self.architecture].truncated
        if truncated is None:
            raise ValueError(
                f"truncation is for stylegan and biggan, got {truncation} for a generator of "
                f"{self.architecture}; leave it out."
            )
        if not 0.0 < truncation < math.inf:
            raise ValueError(f"truncation is above 0, got {truncation}; 0.7 is usual.")
        return partial(truncated, self.network, truncation)

    def _check_labels(self, labels: Int[Tensor, " n"] | None) -> None:
        if not self.num_classes:
            if labels is not None:
                raise ValueError(
                    f"a generator of {self.architecture} knows no classes, got the class "
                    f"{labels[0].item()}; leave it out."
                )
            return
        if labels is None:
            raise ValueError(
                f"a generator of {self.num_classes} classes is told one for each sample, got none; "
                "draw some with draw_labels."
            )
        if labels.min() < 0 or labels.max() >= self.num_classes:
            wrong = labels.min() if labels.min() < 0 else labels.max()
            raise ValueError(
                f"a class lies between 0 and {self.num_classes - 1}, got {wrong.item()}; choose "
                "one of these."
            )


def save_generator(path: Path, trained: TrainedGenerator) -> None:
    """Write a generator.

    Raises:
        ValueError: the folder does not exist.
    """
    metadata = {
        "format": FORMAT,
        "architecture": trained.architecture,
        "arguments": json.dumps(dict(trained.arguments)),
        "latent_dim": str(trained.latent_dim),
        "data": trained.data,
        "num_classes": str(trained.num_classes),
        "mean": json.dumps(trained.mean),
        "scale": repr(trained.scale),
        "notes": json.dumps(dict(trained.notes)),
    }
    save_weights(path, trained.network, metadata)


def open_generator(path: Path) -> TrainedGenerator:
    """Read what ``save_generator`` wrote.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is no generator, or one of another version.
    """
    state, metadata = load_weights(path)
    if metadata.get("format") != FORMAT:
        raise ValueError(
            f"a generator has the format {FORMAT!r}, got {metadata.get('format')!r} in "
            f"{str(path)!r}; train one with `etude train gan`."
        )
    check_name("an architecture", metadata.get("architecture", ""), ARCHITECTURES)
    architecture = cast(Architecture, metadata["architecture"])
    try:
        arguments = json.loads(metadata["arguments"])
        network = build_network(ARCHITECTURES[architecture].generator, arguments, state)
        return TrainedGenerator(
            architecture=architecture,
            arguments=arguments,
            network=network.eval().requires_grad_(False),
            latent_dim=int(metadata["latent_dim"]),
            data=metadata["data"],
            num_classes=int(metadata.get("num_classes", "0")),  # older files have none
            mean=tuple(map(float, json.loads(metadata["mean"]))),
            scale=float(metadata["scale"]),
            notes=dict(json.loads(metadata["notes"])),
        )
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ValueError(
            f"the metadata of a generator fit its weights, got {str(path)!r} ({error}); save it "
            "again."
        ) from error
