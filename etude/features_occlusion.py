"""Where a photo matters to the units of a network: ``etude features occlusion``."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import torch
import torch.nn.functional as F
import tyro
from jaxtyping import Float
from rich.console import Console
from torch import Tensor

from etude.benchmarks.picture_rows import Captioned
from etude.features_deconv import loudest_units
from etude.features_sheet import (
    MAX_POOLING,
    Chosen,
    Follow,
    Looking,
    bar,
    open_looking,
    open_photo,
    write_sheet,
)
from etude.generative.features.occlusion import Square, occlusion_map
from etude.generative.images import check_savable
from etude.generative.style.encoders import EncoderChoice
from etude.output import Outcome

CELL: Final = 260
FEW: Final = Chosen(num_units=2)
DEEP: Final[dict[str, tuple[str, ...]]] = {
    "efficientnet-lite0": ("b5e", "b8e", "b10e"),
    "vgg19": ("relu3_4", "relu4_2", "relu5_2"),
}
"""The layers that are shown if none is named: earlier ones see less than the square covers."""


def occlusion(
    photo: Annotated[Path | None, tyro.conf.Positional] = None,
    *,
    out: Annotated[Path, tyro.conf.arg(aliases=["-o"])] = Path("occlusion.png"),
    size: int = 192,
    square: Annotated[Square, tyro.conf.arg(name="")] = Square(),  # noqa: B008 - frozen
    chosen: Annotated[Chosen, tyro.conf.arg(name="")] = FEW,
    encoder: Annotated[EncoderChoice, tyro.conf.arg(name="")] = MAX_POOLING,
) -> Outcome:
    """Show where covering a photo silences the units that answer to it most.

    A grey square slides over the photo. Red: the strongest activation of the unit falls when the
    square is there; blue: it rises.

    Args:
        photo: a picture to look at; one that a package carries if left out.
        out: the sheet, a name that ends in .png, .jpg, .webp or .tif.
        size: longer side of the photo in pixels.
        square: what slides.
        chosen: what of the network is shown.
        encoder: which network.

    Returns:
        The sheet, and how it was made.

    Raises:
        ValueError: no picture, an unknown layer, a unit that a layer does not have, or a square
            that is larger than the photo.
        OSError: the sheet cannot be written.
    """
    check_savable(out)
    shown = open_photo(photo, size)
    looking = open_looking(encoder, chosen.layers, Console(highlight=False))
    if not chosen.layers:
        layers = DEEP.get(looking.encoder.name, looking.layers)
        looking = open_looking(encoder, layers, Console(quiet=True))
    with bar(len(looking.layers) * (len(chosen.units) or chosen.num_units)) as follow:
        rows = cover(looking, shown, chosen, square, follow)
    note = {
        "photo": photo.name if photo else "of a package",
        "settings": {**asdict(chosen), **asdict(square), "size": size},
    }
    return write_sheet(out, rows, CELL, "occlusion", looking, note)


def cover(
    looking: Looking, photo: Tensor, chosen: Chosen, square: Square, follow: Follow
) -> list[list[Captioned]]:
    """For each layer the photo with the square on it, and a map for each unit.

    Raises:
        ValueError: see ``occlusion_map``.
    """
    rows = []
    for layer in looking.layers:
        with torch.no_grad():
            features = looking.encoder(photo)[layer]
        row = [Captioned(photo, "photo")]
        for unit in chosen.units or loudest_units(features, chosen.num_units):
            fall = occlusion_map(looking.encoder, photo, layer, unit, square)
            row.append(Captioned(heat(photo, fall, square), f"{layer}, {unit}"))
            follow(f"{layer}, unit {unit}")
        rows.append(row)
    return rows


def heat(
    photo: Float[Tensor, "1 3 h w"], fall: Float[Tensor, "rows columns"], square: Square
) -> Float[Tensor, "1 3 h w"]:
    """A fall over the photo in grey: red where covering it silences, blue where it excites."""
    height, width = photo.shape[2:]
    share = fall / fall.abs().max().clamp_min(1e-6)
    rows, columns = fall.shape
    # The middle of the first square is half its side away from the edge.
    reach = [(length - 1) * square.stride + 1 for length in (rows, columns)]
    middle = F.interpolate(share[None, None], reach, mode="bilinear", align_corners=True)
    top, left = square.side // 2, square.side // 2
    edges = (left, width - left - reach[1], top, height - top - reach[0])
    wide = F.pad(middle, edges, mode="constant")
    red, blue = wide.clamp(0.0, 1.0), (-wide).clamp(0.0, 1.0)
    grey = photo.mean(dim=1, keepdim=True)
    return torch.cat(
        [
            grey * (1 - blue) + red * (1 - grey),
            grey * (1 - red) * (1 - blue),
            grey * (1 - red) + blue * (1 - grey),
        ],
        dim=1,
    ).clamp(0.0, 1.0)
