"""What the layers of a network keep of a photo, and of its style: ``etude features invert``."""

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import tyro
from rich.console import Console
from torch import Tensor

from etude.benchmarks.picture_rows import Captioned
from etude.features_sheet import Follow, Looking, bar, open_looking, open_photo, write_sheet
from etude.generative.features.inversion import (
    InversionSettings,
    Inverted,
    invert_content,
    invert_style,
)
from etude.generative.images import check_savable
from etude.generative.style.encoders import EncoderChoice
from etude.output import Outcome

CELL: Final = 220
PLAIN: Final = EncoderChoice()


def invert(
    photo: Annotated[Path | None, tyro.conf.Positional] = None,
    *,
    out: Annotated[Path, tyro.conf.arg(aliases=["-o"])] = Path("inverted.png"),
    layers: tuple[str, ...] = (),
    settings: Annotated[InversionSettings, tyro.conf.arg(name="")] = InversionSettings(),  # noqa: B008 - frozen
    encoder: Annotated[EncoderChoice, tyro.conf.arg(name="")] = PLAIN,
) -> Outcome:
    """Show what the layers of a network keep of a photo, and what their Gram matrices keep.

    Above: images made of noise whose features in a layer are those of the photo. Below: images
    whose Gram matrices in this layer and all shown before it are those of the photo. The captions
    say how much of the distance is left, the noise having 100 %.

    Args:
        photo: a picture; one that a package carries if left out.
        out: the sheet, a name that ends in .png, .jpg, .webp or .tif.
        layers: of the network, from the first to the last; some from edges to parts of objects if
            left out.
        settings: how features are inverted.
        encoder: which network.

    Returns:
        The sheet, and how it was made.

    Raises:
        ValueError: no picture, or an unknown layer.
        OSError: the sheet cannot be written.
    """
    check_savable(out)
    shown = open_photo(photo, settings.size)
    looking = open_looking(encoder, layers, Console(highlight=False))
    with bar(2 * len(looking.layers) * settings.evaluations) as follow:
        rows = inverted(looking, encoder, shown, settings, follow)
    note = {
        "photo": photo.name if photo else "of a package",
        "settings": asdict(settings),
    }
    return write_sheet(out, rows, CELL, "invert", looking, note)


def inverted(
    looking: Looking,
    choice: EncoderChoice,
    photo: Tensor,
    settings: InversionSettings,
    follow: Follow,
) -> list[list[Captioned]]:
    """A row of contents, then one of styles, each behind the photo."""
    contents, styles = [Captioned(photo, "photo")], [Captioned(photo, "photo")]
    for number, layer in enumerate(looking.layers, start=1):
        # A network that ends with this layer is faster than one that goes on to the last.
        upto = looking.layers[:number]
        encoder = open_looking(choice, upto, Console(quiet=True)).encoder
        content = invert_content(
            encoder, photo, layer, settings, partial(follow, f"content of {layer}")
        )
        style = invert_style(
            encoder, photo, upto, settings, partial(follow, f"style up to {layer}")
        )
        contents.append(Captioned(content.image, f"content, {layer}: {_left(content)}"))
        until = layer if number == 1 else f"to {layer}"
        styles.append(Captioned(style.image, f"style, {until}: {_left(style)}"))
    return [contents, styles]


def _left(found: Inverted) -> str:
    """What is left of the noise's distance."""
    return f"{found.distance / max(found.at_first, 1e-12):.1%}"
