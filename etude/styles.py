"""The styles of a trained network as a contact sheet: ``etude styles``."""

from pathlib import Path
from typing import Annotated, Final

import numpy as np
import torch
import tyro
from PIL import Image, ImageDraw, ImageFont
from rich.console import Console
from torch import Tensor

from etude.generative.data import STYLES, available_photos, style_image
from etude.generative.images import check_savable, load_image, resize, save_image, to_uint8
from etude.generative.style.feedforward import TransferNetwork
from etude.generative.style.pretrained import open_styles, paint_fast
from etude.output import Outcome

CELL: Final = 192  # pixels a side of a picture
GAP: Final = 12
CAPTION: Final = 28  # pixels for the name
NUM_COLUMNS: Final = 6
PHOTO_SIZE: Final = 384  # painted at this size, shown smaller
FAVOURITES: Final = ("astronaut", "china", "hopper")


def styles(
    *,
    out: Annotated[Path, tyro.conf.arg(aliases=["-o"])] = Path("styles.png"),
    photo: Path | None = None,
    network: Path | None = None,
) -> Outcome:
    """Draw a sheet of the styles that `etude stylize --fast` knows, with their names.

    Above, the picture a style was learned from, if it is one that is drawn; below, a photo painted
    in it.

    Args:
        out: the sheet, a name that ends in .png, .jpg, .webp or .tif.
        photo: what is painted; one that an installed package carries if left out.
        network: a file of `etude train style`; the shipped network if left out.

    Returns:
        The names of the styles, and the sheet.

    Raises:
        ValueError: a file that is no picture or no such network, or a name with another ending.
        OSError: the sheet cannot be written.
    """
    check_savable(out)
    painter = open_styles(network)
    content = resize(load_image(photo or default_photo()), PHOTO_SIZE)
    save_image(out, sheet(painter, content), {"styles": painter.styles})
    console = Console(highlight=False)
    console.print(f"{', '.join(painter.styles)}", soft_wrap=True)
    console.print(f"sheet: {out}", soft_wrap=True)
    return {"styles": list(painter.styles), "out": out}


def default_photo() -> Path:
    """The first of ``FAVOURITES`` that is here; Matplotlib carries the last."""
    photos = available_photos()
    return next(photos[name] for name in FAVOURITES if name in photos)


def sheet(network: TransferNetwork, photo: Tensor) -> Tensor:
    """All styles of a network: name, picture, and the photo in it.

    Args:
        network: whose styles.
        photo: RGB in [0, 1].

    Returns:
        (1, 3, h, w) in [0, 1].
    """
    num_columns = min(NUM_COLUMNS, len(network.styles))
    num_rows = -(-len(network.styles) // num_columns)
    row_height = CAPTION + 2 * CELL + 2 * GAP
    size = num_columns * (CELL + GAP) + GAP, num_rows * row_height + GAP
    canvas = Image.new("RGB", size, "white")
    draw, font = ImageDraw.Draw(canvas), ImageFont.load_default(size=18)
    for i, name in enumerate(network.styles):
        row, column = divmod(i, num_columns)
        left, top = GAP + column * (CELL + GAP), GAP + row * row_height
        draw.text((left + CELL / 2, top + CAPTION / 2), name, "black", font, anchor="mm")
        if name in STYLES:
            canvas.paste(_tile(style_image(name, CELL)), (left, top + CAPTION))
        painted = paint_fast(network, photo, {name: 1.0})
        canvas.paste(_tile(painted), (left, top + CAPTION + CELL + GAP))
    pixels = torch.from_numpy(np.asarray(canvas, dtype=np.float32) / 255.0)
    return pixels.permute(2, 0, 1)[None].contiguous()


def _tile(image: Tensor) -> Image.Image:
    """The central square, scaled."""
    picture = Image.fromarray(to_uint8(image))
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    return picture.resize((CELL, CELL), box=(left, top, left + side, top + side))
