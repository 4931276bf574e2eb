"""Pictures side by side with captions, row by row, as one picture."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from etude.generative.images import resize_to, to_uint8

GAP: Final = 10  # white pixels around each picture
FONT_SIZE: Final = 17
CAPTION_HEIGHT: Final = 28
INK: Final = "#222222"


class Captioned(NamedTuple):
    """A picture and what stands below it.

    Args:
        image: RGB in [0, 1], of any size.
        caption: a line; none if empty.
    """

    image: Float[Tensor, "1 3 h w"]
    caption: str = ""


def picture_rows(
    rows: Sequence[Sequence[Captioned]], height: int = 256
) -> Float[Tensor, "1 3 sheet_h sheet_w"]:
    """Rows of pictures on white, each scaled to the same height; RGB in [0, 1].

    Args:
        rows: from top to bottom, each from left to right; shorter rows are centred.
        height: of each picture, in pixels.

    Raises:
        ValueError: no rows, or one without pictures.
    """
    if not rows or not all(rows):
        raise ValueError(
            f"a sheet has rows with pictures, got {[len(row) for row in rows]}; leave empty ones "
            "out."
        )
    drawn = [_row(row, height) for row in rows]
    width = max(row.width for row in drawn)
    sheet = Image.new("RGB", (width, sum(row.height for row in drawn) + GAP), "white")
    top = GAP
    for row in drawn:
        sheet.paste(row, ((width - row.width) // 2, top))
        top += row.height
    pixels = np.asarray(sheet, dtype=np.float32) / 255.0
    return torch.from_numpy(pixels).permute(2, 0, 1)[None].contiguous()


def _row(pictures: Sequence[Captioned], height: int) -> Image.Image:
    """One row, with a gap below and at both ends."""
    scaled = [_scaled(picture.image, height) for picture in pictures]
    below = CAPTION_HEIGHT if any(picture.caption for picture in pictures) else 0
    width = sum(picture.width + GAP for picture in scaled) + GAP
    row = Image.new("RGB", (width, height + below + GAP), "white")
    pen, font = ImageDraw.Draw(row), ImageFont.load_default(FONT_SIZE)
    left = GAP
    for picture, (_, caption) in zip(scaled, pictures, strict=True):
        row.paste(picture, (left, 0))
        middle = (left + picture.width / 2, height + below / 2)
        pen.text(middle, caption, fill=INK, font=font, anchor="mm")
        left += picture.width + GAP
    return row


def _scaled(image: Float[Tensor, "1 3 h w"], height: int) -> Image.Image:
    width = max(round(image.shape[-1] * height / image.shape[-2]), 1)
    return Image.fromarray(to_uint8(resize_to(image, height, width)))
