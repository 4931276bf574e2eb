"""What the units of a network answer to, as a picture: ``etude features deconv``."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import torch
import tyro
from jaxtyping import Float
from rich.console import Console
from torch import Tensor

from etude.benchmarks.picture_rows import Captioned
from etude.features_sheet import (
    MAX_POOLING,
    Chosen,
    Follow,
    Looking,
    bar,
    nine,
    open_looking,
    open_photo,
    open_photos,
    write_sheet,
)
from etude.generative.features.deconvnet import check_units, project_shifted, rule_of
from etude.generative.features.top_activations import (
    Sending,
    View,
    around_grey,
    find_peaks,
    selective_units,
    top_activations,
    views_of,
)
from etude.generative.images import check_savable
from etude.generative.style.encoders import EncoderChoice
from etude.output import Outcome

SCALES: Final = (1.0, 0.5)  # of the photos, as a unit may look for larger things than they show
CELL: Final = 240  # pixels of a picture in the sheet
PHOTO_CELL: Final = 260
GREY: Final = 0.5


def deconv(
    photo: Annotated[Path | None, tyro.conf.Positional] = None,
    *,
    out: Annotated[Path, tyro.conf.arg(aliases=["-o"])] = Path("deconvnet.png"),
    images: Path | None = None,
    size: int = 256,
    chosen: Annotated[Chosen, tyro.conf.arg(name="")] = Chosen(),  # noqa: B008 - frozen
    sending: Annotated[Sending, tyro.conf.arg(name="")] = Sending(),  # noqa: B008
    encoder: Annotated[EncoderChoice, tyro.conf.arg(name="")] = MAX_POOLING,
) -> Outcome:
    """Show which patches the units of a network answer to, and what they saw in them.

    Without a photo: for the most selective units of several layers, the nine patches of photos that
    each answers to most, beside the projections of these activations back to the pixels. With one:
    the projections of the units that answer to it most.

    Args:
        photo: a picture to look at.
        out: the sheet, a name that ends in .png, .jpg, .webp or .tif.
        images: a folder of photos to find patches in; those that packages carry if left out.
        size: longer side of the photo that is looked at, in pixels.
        chosen: what of the network is shown.
        sending: how activations go back.
        encoder: which network.

    Returns:
        The sheet, and how it was made.

    Raises:
        ValueError: no pictures, an unknown layer, or a unit that a layer does not have.
        OSError: the sheet cannot be written.
    """
    check_savable(out)
    if photo is not None and images is not None:
        raise ValueError(
            f"patches come from a folder, or a photo is looked at, got {str(photo)!r} and --images "
            f"{str(images)!r}; leave one of them out."
        )
    looking = open_looking(encoder, chosen.layers, Console(highlight=False))
    rule = sending.rule or rule_of(looking.encoder)
    note = {"settings": {**asdict(chosen), **asdict(sending), "rule": rule}}
    if photo is None:
        views = views_of(open_photos(images), SCALES, sending.window)
        with bar(len(looking.layers) * (len(chosen.units) or chosen.num_units)) as follow:
            rows = figure(looking, views, chosen, sending, follow)
        return write_sheet(out, rows, CELL, "deconv", looking, note)
    shown = open_photo(photo, size)
    with bar(len(looking.layers)) as follow:
        rows = look_at(looking, shown, chosen, sending, follow)
    return write_sheet(
        out, rows, PHOTO_CELL, "deconv", looking, {"photo": photo.name, "size": size, **note}
    )


def figure(
    looking: Looking,
    views: Sequence[View],
    chosen: Chosen,
    sending: Sending,
    follow: Follow,
) -> list[list[Captioned]]:
    """Zeiler and Fergus, fig. 2: a row of units for each layer.

    Raises:
        ValueError: a unit that a layer does not have, or a layer in which all units are silent.
    """
    rows = []
    for layer in looking.layers:
        peaks = find_peaks(looking.encoder, views, layer)
        row = []
        for unit in chosen.units or selective_units(peaks, chosen.num_units):
            seen = top_activations(
                looking.encoder,
                views,
                layer,
                peaks,
                unit,
                sending=sending,
            )
            follow(f"{layer}, unit {unit}")
            if not len(seen.patches):
                row.append(Captioned(_grey(), f"{layer}, {unit}: silent"))
                continue
            row.append(Captioned(nine(around_grey(seen.projections), CELL), f"{layer}, {unit}"))
            row.append(Captioned(nine(seen.patches, CELL), f"{seen.patches.shape[-1]} pixels"))
        if not row:
            raise ValueError(
                f"a layer is shown by units that answer to something, got {layer} with none; name "
                "other photos with --images, or another layer."
            )
        rows.append(row)
    return rows


def look_at(
    looking: Looking, photo: Tensor, chosen: Chosen, sending: Sending, follow: Follow
) -> list[list[Captioned]]:
    """For each layer the photo, and what the units that answer to it most have seen in it.

    Raises:
        ValueError: a unit that a layer does not have.
    """
    rows = []
    for layer in looking.layers:
        with torch.no_grad():
            features = looking.encoder(photo)[layer]
        check_units(torch.tensor(chosen.units, dtype=torch.long), features.shape[1], layer)
        row = [Captioned(photo, "photo")]
        for unit in chosen.units or loudest_units(features, chosen.num_units):
            back = project_shifted(
                looking.encoder,
                photo,
                layer,
                torch.tensor([unit]),
                sending.rule or rule_of(looking.encoder),
                shifts=sending.shifts,
            )
            row.append(Captioned(around_grey(back), f"{layer}, {unit}"))
        follow(layer)
        rows.append(row)
    return rows


def loudest_units(features: Float[Tensor, "1 channels h w"], number: int) -> list[int]:
    """The channels whose strongest activation stands out most from their others."""
    maps = features[0].flatten(1)
    contrast = maps.amax(dim=1) - maps.mean(dim=1)
    return [int(unit) for unit in contrast.topk(min(number, len(contrast))).indices]


def _grey() -> Float[Tensor, "1 3 side side"]:
    return torch.full((1, 3, CELL, CELL), GREY)
