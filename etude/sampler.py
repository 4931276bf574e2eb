"""Whatever makes samples from uniform noise: generators, those that know classes, and StackGAN."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor

from etude.generative.checkpoints import load_metadata
from etude.generative.gan import stackgan_file
from etude.generative.gan.captioned_scenes import (
    CaptionedScenes,
    caption_of,
    decode,
    encode,
    parse_caption,
)
from etude.generative.gan.generator_file import open_generator
from etude.generative.gan.stackgan_file import open_stackgan
from etude.generative.gan.toy import TOY

POINTS: Final = 2_500
IMAGES: Final = 64
COPIES: Final = 10  # images of each class, so that a sheet has one in each row
SCENES: Final = "scenes"
NUM_SCENES: Final = 16  # with a caption each
CAPTIONS_SEED: Final = 0


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the samples are to show."""

    label: int | None = None
    """The class of all, of a generator that knows classes; one column for each if left out."""
    text: str | None = None
    """A caption, of a StackGAN, such as "a small red circle above a blue square"; some of its own
    if left out."""
    truncation: float | None = None
    """Less variety, fewer odd samples: bounds the noise of BigGAN (2 to 0.3), draws StyleGAN's w to
    their mean (1 to 0)."""


@dataclass(frozen=True, kw_only=True)
class Sampler:
    """Samples on demand.

    Args:
        data: what they look like, see ``TrainedGenerator``.
        latent_dim: how many uniform numbers become one.
        make: latents to samples; what the i-th shows is always the same.
        number: of them in a picture.
        captions: what a picture of them shows, row by row; none of most.
    """

    data: str
    latent_dim: int
    make: Callable[[Float[Tensor, "n latent_dim"]], Float[Tensor, "n ..."]]
    number: int = IMAGES
    captions: tuple[str, ...] = ()


def open_sampler(path: Path, wanted: Wanted) -> Sampler:
    """The generator in a file, told what to show.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it holds no generator, or one that cannot show this.
    """
    if load_metadata(path).get("format") == stackgan_file.FORMAT:
        return _open_scenes(path, wanted)
    if wanted.text is not None:
        raise ValueError(
            f"a caption is for a StackGAN, got --text {wanted.text!r} for {path.name}; leave it "
            "out, or take stackgan-scenes."
        )
    trained = open_generator(path)

    def make(z: Tensor) -> Tensor:
        labels = trained.labels_in_turn(len(z))
        if wanted.label is not None:
            labels = torch.full((len(z),), wanted.label)
        return trained(z, labels, wanted.truncation)

    number = POINTS if trained.data in TOY else IMAGES
    if trained.num_classes and wanted.label is None:
        number = COPIES * trained.num_classes
    return Sampler(
        data=trained.data,
        latent_dim=trained.latent_dim,
        make=make,
        number=number,
    )


def _open_scenes(path: Path, wanted: Wanted) -> Sampler:
    if wanted.label is not None or wanted.truncation is not None:
        raise ValueError(
            "a StackGAN is told what to show by --text, got --label or --truncation for "
            f"{path.name}; leave them out."
        )
    trained = open_stackgan(path)
    if wanted.text is not None:
        scenes = [parse_caption(wanted.text)]
    else:
        torch_rng = torch.Generator().manual_seed(CAPTIONS_SEED)
        scenes = decode(CaptionedScenes(split="all").draw_words(NUM_SCENES, torch_rng))
    words = encode(scenes)

    def make(z: Tensor) -> Tensor:
        return trained.paint(words[torch.arange(len(z)) % len(words)], z)

    return Sampler(
        data=SCENES,
        latent_dim=trained.num_latents,
        make=make,
        number=IMAGES if len(scenes) == 1 else len(scenes),
        captions=tuple(map(caption_of, scenes)),
    )
