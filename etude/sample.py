"""Samples of a trained generator as a picture, and the way from one to the next as a film."""

from pathlib import Path
from typing import Annotated, Final

import numpy as np
import torch
import tyro
from jaxtyping import Float
from rich.console import Console
from torch import Tensor

from etude import recording
from etude.foundations.files import replacing
from etude.generative.gan.adversarial import uniform_latents
from etude.generative.gan.generator_file import TrainedGenerator, open_generator
from etude.generative.gan.toy import TOY
from etude.sample_pictures import SamplePainter

POINTS: Final = 2_500
IMAGES: Final = 64
WALKERS: Final = 16  # images of a walk
STOPS: Final = 6  # latents that each passes
FRAMES_BETWEEN: Final = 24
FPS: Final = 24.0
NUMBERS: Final = ".npy"


def sample(
    file: Annotated[Path, tyro.conf.Positional],
    *,
    n: Annotated[int | None, tyro.conf.arg(aliases=["-n"])] = None,
    out: Annotated[Path | None, tyro.conf.arg(aliases=["-o"])] = None,
    walk: Path | None = None,
    seed: int = 0,
) -> None:
    """Draw samples of a generator, as a picture or as numbers, or walk between them.

    Args:
        file: a generator that `etude train gan` wrote.
        n: how many; 2,500 points or 64 images if left out; on a walk 2,500 or 16.
        out: a picture (.png), or the samples themselves (.npy); samples.png if nothing is asked
            for.
        walk: a film (.mp4 or .gif) in which each sample turns into others and comes back, because
            its noise moves along straight lines.
        seed: of the noise.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it holds no generator, n below 1, or a file name with another ending.
    """
    if out is None and walk is None:
        out = Path("samples.png")
    if walk is not None:
        recording.check_recordable(walk)
    if out is not None and out.suffix != NUMBERS:
        recording.check_recordable(out)
    generator = open_generator(file)
    torch_rng = torch.Generator().manual_seed(seed)
    console = Console(highlight=False)
    is_of_points = generator.data in TOY
    if out is not None:
        default = POINTS if is_of_points else IMAGES
        samples = generator.sample(default if n is None else n, torch_rng)
        write(out, generator, samples)
        console.print(f"{len(samples):,} samples: {out}", soft_wrap=True)
    if walk is not None:
        default = POINTS if is_of_points else WALKERS
        stops = uniform_stops(default if n is None else n, generator, torch_rng)
        painter = SamplePainter(generator.data)
        frames = [painter.frame(generator(z), file.stem) for z in latent_walk(stops)]
        recording.record(walk, frames, FPS, frozenset())
        console.print(f"a walk of {len(frames)} frames: {walk}", soft_wrap=True)


def write(path: Path, generator: TrainedGenerator, samples: Float[Tensor, "n ..."]) -> None:
    """Write samples as a picture, or as an array of numbers."""
    if path.suffix != NUMBERS:
        frame = SamplePainter(generator.data).frame(samples, f"{len(samples):,} samples")
        recording.record(path, [frame], 1.0, frozenset())
        return
    with replacing(path) as partial:
        np.save(partial, samples.numpy())


def uniform_stops(
    n: int, generator: TrainedGenerator, torch_rng: torch.Generator
) -> Float[Tensor, "stops n latent_dim"]:
    """The latents that each of n samples passes on its walk.

    Raises:
        ValueError: less than one sample.
    """
    if n < 1:
        raise ValueError(f"a walk is that of at least 1 sample, got n={n}; 16 fill a sheet.")
    latents = uniform_latents(STOPS * n, generator.latent_dim, torch_rng)
    return latents.reshape(STOPS, n, -1)


def latent_walk(
    stops: Float[Tensor, "stops n latent_dim"], num_between: int = FRAMES_BETWEEN
) -> Float[Tensor, "frames n latent_dim"]:
    """Along straight lines from stop to stop and back to the first, slower near the stops.

    Uniform latents fill a cube, which is convex: a line between two never leaves it, as one between
    two Gaussian latents would leave their shell.

    Args:
        stops: latents in [-1, 1].
        num_between: frames from one stop to the next.
    """
    shares = (1.0 - torch.cos(torch.arange(num_between) / num_between * torch.pi)) / 2.0
    legs = zip(stops, stops.roll(-1, dims=0), strict=True)
    return torch.cat([torch.lerp(here, there, shares[:, None, None]) for here, there in legs])
