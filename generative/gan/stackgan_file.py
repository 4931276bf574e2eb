"""Trained StackGANs in files: the shipped one, and those of `etude train scenes`.

A file is safetensors, so reading it executes nothing. Its metadata say how to build both stages,
and which words its captions are made of.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import torch
from jaxtyping import Float
from torch import Tensor

from etude.generative.built_networks import build_network
from etude.generative.checkpoints import load_weights, save_weights
from etude.generative.gan.adversarial import uniform_latents
from etude.generative.gan.captioned_scenes import (
    COLOURS,
    EXAMPLE,
    RELATIONS,
    SHAPES,
    SIZES,
    Words,
    encode,
    parse_caption,
)
from etude.generative.gan.shipped import GENERATORS
from etude.generative.gan.stackgan_stages import StackGANArchitecture, StageTwo

FORMAT: Final = "etude-stackgan-1"
SHIPPED: Final = GENERATORS["stackgan-scenes"]
STAGES: Final = (1, 2)
CHUNK: Final = 256  # pictures that are made at a time


@dataclass(frozen=True, kw_only=True)
class TrainedStackGAN:
    """Both stages with what is known about them.

    Args:
        architecture: what they were built with.
        network: Stage-II, with Stage-I in it.
        notes: how it was trained, what JSON can hold.
    """

    architecture: StackGANArchitecture
    network: StageTwo
    notes: Mapping[str, Any] = field(default_factory=dict)

    def draw(
        self, captions: Sequence[str], torch_rng: torch.Generator, stage: int = 2
    ) -> Float[Tensor, "n 3 size size"]:
        """A picture of each caption, in [-1, 1].

        Args:
            captions: see ``parse_caption``.
            torch_rng: of the noise.
            stage: 1 for sketches, 2 for pictures; both are of the same noise.

        Raises:
            ValueError: no captions, one that the grammar does not know, or another stage.
        """
        if not captions:
            raise ValueError(f"a picture has a caption, got none; for example {EXAMPLE!r}.")
        return self.draw_words(encode(map(parse_caption, captions)), torch_rng, stage)

    def draw_words(
        self, words: Words, torch_rng: torch.Generator, stage: int = 2
    ) -> Float[Tensor, "n 3 size size"]:
        """See ``draw``.

        Raises:
            ValueError: another stage than 1 or 2.
        """
        return self.paint(words, uniform_latents(len(words), self.num_latents, torch_rng), stage)

    @property
    def num_latents(self) -> int:
        """Uniform numbers that a picture takes."""
        return self.network.num_latents

    @torch.no_grad()
    def paint(
        self, words: Words, z: Float[Tensor, "n num_latents"], stage: int = 2
    ) -> Float[Tensor, "n 3 size size"]:
        """See ``draw``; of given noise in [-1, 1].

        Raises:
            ValueError: another stage than 1 or 2.
        """
        if stage not in STAGES:
            raise ValueError(f"a stage is 1 or 2, got {stage}; 2 draws the larger pictures.")
        artist = self.network.stage_one if stage == 1 else self.network
        noise = torch.split(z[:, : artist.num_latents], CHUNK)
        chunks = zip(torch.split(words, CHUNK), noise, strict=True)
        return torch.cat([artist(*chunk).images for chunk in chunks]).contiguous()


def save_stackgan(path: Path, trained: TrainedStackGAN) -> None:
    """Write both stages.

    Raises:
        ValueError: the folder does not exist.
    """
    metadata = {
        "format": FORMAT,
        "architecture": json.dumps(asdict(trained.architecture)),
        "grammar": json.dumps(_grammar()),
        "notes": json.dumps(dict(trained.notes)),
    }
    save_weights(path, trained.network, metadata)


def open_stackgan(path: Path = SHIPPED) -> TrainedStackGAN:
    """Read what ``save_stackgan`` wrote.

    Args:
        path: a file; the shipped one if left out.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is no StackGAN, one of another version, or one of other words.
    """
    state, metadata = load_weights(path)
    if metadata.get("format") != FORMAT:
        raise ValueError(
            f"a StackGAN has the format {FORMAT!r}, got {metadata.get('format')!r} in "
            f"{str(path)!r}; train one with `etude train scenes`."
        )
    try:
        if json.loads(metadata["grammar"]) != _grammar():
            raise ValueError("its captions are made of other words")
        sizes = json.loads(metadata["architecture"])
        network = build_network(_both_stages, sizes, state)
        notes = dict(json.loads(metadata["notes"]))
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ValueError(
            f"the metadata of a StackGAN fit its weights, got {str(path)!r} ({error}); train it "
            "again."
        ) from error
    network = network.eval().requires_grad_(False)
    return TrainedStackGAN(architecture=StackGANArchitecture(**sizes), network=network, notes=notes)


def _both_stages(**sizes: int) -> StageTwo:
    architecture = StackGANArchitecture(**sizes)
    return architecture.stage_two(architecture.stage_one())


def _grammar() -> dict[str, list[str]]:
    """All words, in the order of their numbers."""
    return {
        "sizes": list(SIZES),
        "colours": list(COLOURS),
        "shapes": list(SHAPES),
        "relations": list(RELATIONS),
    }
