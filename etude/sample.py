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
from etude.generative.gan.shipped import find_generator
from etude.generative.gan.toy import TOY
from etude.output import Outcome
from etude.sample_pictures import SamplePainter
from etude.sampler import POINTS, Wanted, open_sampler

WALKERS: Final = 16  # images of a walk
STOPS: Final = 6  # latents that each passes
FRAMES_BETWEEN: Final = 24
FPS: Final = 24.0
NUMBERS: Final = ".npy"


def sample(
    file: Annotated[str, tyro.conf.Positional],
    *,
    n: Annotated[int | None, tyro.conf.arg(aliases=["-n"])] = None,
    out: Annotated[Path | None, tyro.conf.arg(aliases=["-o"])] = None,
    walk: Path | None = None,
    seed: int = 0,
    wanted: Annotated[Wanted, tyro.conf.arg(name="")] = Wanted(),  # noqa: B008
) -> Outcome:
    """Draw samples of a generator, as a picture or as numbers, or walk between them.

    Args:
        file: what `etude train gan` or `etude train scenes` wrote, or one of those that come along:
            biggan-digits, stylegan-digits, stylegan-faces, stackgan-scenes.
        n: how many; as many points or images as fill a picture if left out.
        out: a picture (.png), or the samples themselves (.npy); samples.png if nothing is asked
            for.
        walk: a film (.mp4 or .gif) in which each sample turns into others and comes back, because
            its noise moves along straight lines.
        seed: of the noise.
        wanted: what the samples are to show.

    Returns:
        What was written, and the captions of the samples if they have some.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it holds no generator or none that can show what is wanted, n below 1, or a file
            name with another ending.
    """
    if out is None and walk is None:
        out = Path("samples.png")
    if walk is not None:
        recording.check_recordable(walk)
    if out is not None and out.suffix != NUMBERS:
        recording.check_recordable(out)
    if n is not None and n < 1:
        raise ValueError(f"there is at least 1 sample, got n={n}; 64 fill a sheet.")
    sampler = open_sampler(find_generator(file), wanted)
    torch_rng = torch.Generator().manual_seed(seed)
    console = Console(highlight=False)
    if out is not None:
        z = uniform_latents(n or sampler.number, sampler.latent_dim, torch_rng)
        write(out, sampler.data, sampler.make(z))
        for caption in sampler.captions[: len(z)]:
            console.print(caption)
        console.print(f"{len(z):,} samples: {out}", soft_wrap=True)
    if walk is not None:
        number = n or min(sampler.number, POINTS if sampler.data in TOY else WALKERS)
        stops = uniform_latents(STOPS * number, sampler.latent_dim, torch_rng)
        painter, title = SamplePainter(sampler.data), Path(file).stem
        way = latent_walk(stops.reshape(STOPS, number, -1))
        frames = [painter.frame(sampler.make(z), title) for z in way]
        recording.record(walk, frames, FPS, frozenset())
        console.print(f"a walk of {len(frames)} frames: {walk}", soft_wrap=True)
    captions = list(sampler.captions[: n or sampler.number])
    return {"data": sampler.data, "captions": captions, "out": out, "walk": walk}


def write(path: Path, data: str, samples: Float[Tensor, "n ..."]) -> None:
    """Write samples as a picture, or as an array of numbers."""
    if path.suffix != NUMBERS:
        frame = SamplePainter(data).frame(samples, f"{len(samples):,} samples")
        recording.record(path, [frame], 1.0, frozenset())
        return
    with replacing(path) as partial:
        np.save(partial, samples.numpy())


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
