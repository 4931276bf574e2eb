"""Images that the units of a network answer to most: ``etude features maximise``."""

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import torch
import tyro
from rich.console import Console

from etude.benchmarks.picture_rows import Captioned
from etude.features_sheet import (
    MAX_POOLING,
    Chosen,
    Follow,
    Looking,
    bar,
    open_looking,
    write_sheet,
)
from etude.generative.features.maximisation import Climb, maximise
from etude.generative.images import check_savable
from etude.generative.style.encoders import EncoderChoice
from etude.output import Outcome

CELL: Final = 200
PROBE: Final = 32  # pixels a side of the noise that counts a layer's channels


def maximise_units(
    *,
    out: Annotated[Path, tyro.conf.arg(aliases=["-o"])] = Path("maximised.png"),
    seed: int = 0,
    climb: Annotated[Climb, tyro.conf.arg(name="")] = Climb(),  # noqa: B008 - frozen
    chosen: Annotated[Chosen, tyro.conf.arg(name="")] = Chosen(),  # noqa: B008
    encoder: Annotated[EncoderChoice, tyro.conf.arg(name="")] = MAX_POOLING,
) -> Outcome:
    """Make images that the units of a network answer to most, a row for each layer.

    From noise, with no photo; below each is the mean activation that it reaches. Units are drawn by
    the seed if you name none, so that nobody has picked the best.

    Args:
        out: the sheet, a name that ends in .png, .jpg, .webp or .tif.
        seed: of the units, the noise and the movements.
        climb: how an activation is maximised.
        chosen: what of the network is shown.
        encoder: which network.

    Returns:
        The sheet, and how it was made.

    Raises:
        ValueError: an unknown layer, or a unit that a layer does not have.
        OSError: the sheet cannot be written.
    """
    check_savable(out)
    looking = open_looking(encoder, chosen.layers, Console(highlight=False))
    with bar(len(looking.layers) * climb.steps) as follow:
        rows = climbed(looking, encoder, chosen, climb, seed, follow)
    note = {"settings": {**asdict(chosen), **asdict(climb), "seed": seed}}
    return write_sheet(out, rows, CELL, "maximise", looking, note)


def climbed(
    looking: Looking,
    choice: EncoderChoice,
    chosen: Chosen,
    climb: Climb,
    seed: int,
    follow: Follow,
) -> list[list[Captioned]]:
    """A row of images for each layer.

    Raises:
        ValueError: a unit that a layer does not have.
    """
    rows = []
    for layer in looking.layers:
        torch_rng = torch.Generator().manual_seed(seed)
        # A network that ends with this layer is faster than one that goes on to the last.
        encoder = open_looking(choice, [layer], Console(quiet=True)).encoder
        with torch.no_grad():
            num_channels = encoder(torch.rand(1, 3, PROBE, PROBE, generator=torch_rng))[
                layer
            ].shape[1]
        units = chosen.units or drawn(num_channels, chosen.num_units, torch_rng)
        found = maximise(encoder, layer, units, climb, torch_rng, partial(follow, layer))
        rows.append(
            [
                Captioned(image[None], f"{layer}, {unit}: {activation:.2g}")
                for image, unit, activation in zip(
                    found.images, units, found.activations.tolist(), strict=True
                )
            ]
        )
    return rows


def drawn(num_channels: int, number: int, torch_rng: torch.Generator) -> Sequence[int]:
    """Some channels, in their order."""
    order = torch.randperm(num_channels, generator=torch_rng)[:number]
    return sorted(int(unit) for unit in order)
