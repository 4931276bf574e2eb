"""Trained generators in files, to sample from and to grade.

A file is safetensors, so reading it executes nothing. Its metadata say how to build the network and
what it learned from.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from etude.foundations.names import check_name
from etude.generative.checkpoints import load_weights, save_weights
from etude.generative.gan.adversarial import uniform_latents
from etude.generative.gan.dcgan import DCGANGenerator
from etude.generative.gan.mlp import MLPGenerator

FORMAT: Final = "etude-generator-1"
ARCHITECTURES: Final[Mapping[str, Callable[..., nn.Module]]] = MappingProxyType(
    {"mlp": MLPGenerator, "dcgan": DCGANGenerator}
)
CHUNK: Final = 4_096  # samples that are made at a time


@dataclass(frozen=True, kw_only=True)
class TrainedGenerator:
    """A generator with what is known about it.

    Args:
        architecture: one of ``ARCHITECTURES``.
        arguments: of its constructor, what JSON can hold.
        network: built with them.
        latent_dim: how many uniform numbers become a sample.
        data: what it learned from: a name of ``TOY``, "stacked-digits", or a folder.
        mean: of the data, which the network's output is centred at; one number for images.
        scale: what its output is multiplied with.
        notes: how it was trained, what JSON can hold.
    """

    architecture: str
    arguments: Mapping[str, Any]
    network: nn.Module
    latent_dim: int
    data: str
    mean: tuple[float, ...] = (0.0,)
    scale: float = 1.0
    notes: Mapping[str, Any] = field(default_factory=dict)

    @torch.no_grad()
    def __call__(self, z: Float[Tensor, "n latent_dim"]) -> Float[Tensor, "n ..."]:
        """The samples that latents in [-1, 1] become, on the CPU; images have values in [-1, 1]."""
        device = next(self.network.parameters()).device
        made = torch.cat([self.network(chunk.to(device)).cpu() for chunk in torch.split(z, CHUNK)])
        return torch.tensor(self.mean) + self.scale * made

    def sample(self, n: int, torch_rng: torch.Generator) -> Float[Tensor, "n ..."]:
        """Draw samples.

        Raises:
            ValueError: less than one.
        """
        if n < 1:
            raise ValueError(f"a generator makes at least 1 sample, got n={n}; 64 fill a sheet.")
        return self(uniform_latents(n, self.latent_dim, torch_rng))


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
    try:
        arguments = json.loads(metadata["arguments"])
        network = ARCHITECTURES[metadata["architecture"]](**arguments)
        network.load_state_dict(state)
        return TrainedGenerator(
            architecture=metadata["architecture"],
            arguments=arguments,
            network=network.eval().requires_grad_(False),
            latent_dim=int(metadata["latent_dim"]),
            data=metadata["data"],
            mean=tuple(json.loads(metadata["mean"])),
            scale=float(metadata["scale"]),
            notes=json.loads(metadata["notes"]),
        )
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ValueError(
            f"the metadata of a generator fit its weights, got {str(path)!r} ({error}); save it "
            "again."
        ) from error
