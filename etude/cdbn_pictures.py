"""Pictures of a convolutional deep belief network: filters, answers, what layers keep."""

from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor

from etude.benchmarks.picture_rows import Captioned
from etude.generative.features.cdbn import CDBN
from etude.generative.features.crbm import Blocks
from etude.generative.features.whitening import DEVIATION
from etude.generative.images import side_by_side

CELL: Final = 56  # pixels of a filter in a sheet, about
GAP: Final = 3
COLUMNS: Final = 12
LEAST: Final = 1e-6
CONTRAST: Final = 3.0  # deviations of a whitened image from black or white


def filter_sheet(stack: CDBN, layer: int) -> Float[Tensor, "1 3 h w"]:
    """All filters of a layer in the pixels, each at its own contrast."""
    pixels = stack.filters_in_pixels(layer)[:, :1]
    pixels = pixels / pixels.abs().amax(dim=(1, 2, 3), keepdim=True).clamp_min(LEAST)
    return grid(0.5 + 0.5 * pixels, COLUMNS)


def grid(images: Float[Tensor, "n 1 h w"], columns: int) -> Float[Tensor, "1 3 h w"]:
    """Grey images side by side, enlarged by whole pixels."""
    factor = max(round(CELL / images.shape[-1]), 1)
    large = images.repeat_interleave(factor, dim=2).repeat_interleave(factor, dim=3)
    return side_by_side(large.clamp(0.0, 1.0), columns, GAP)


def shown(whitened: Float[Tensor, "n 1 h w"]) -> Float[Tensor, "n 3 h w"]:
    """Whitened images, 0 as middle grey."""
    return (0.5 + 0.5 * whitened / (CONTRAST * DEVIATION)).clamp(0.0, 1.0).repeat(1, 3, 1, 1)


def stretched(images: Float[Tensor, "n 1 h w"]) -> Float[Tensor, "n 3 h w"]:
    """Images around 0 as pictures, each with the deviation of a whitened image."""
    deviation = images.square().mean(dim=(1, 2, 3), keepdim=True).sqrt().clamp_min(LEAST)
    return shown(images * DEVIATION / deviation)


def loudest(answer: Blocks, number: int) -> list[int]:
    """The units of a layer that are on most in the first image."""
    totals = answer.pooling[0].sum(dim=(1, 2))
    return [int(unit) for unit in totals.topk(min(number, len(totals))).indices]


def answers(stack: CDBN, layer: int, answer: Blocks, number: int) -> list[Captioned]:
    """Filters of the loudest units of a layer, each beside where it answers."""
    row = []
    filters = stack.filters_in_pixels(layer)[:, :1]
    for unit in loudest(answer, number):
        where = answer.pooling[:1, unit : unit + 1]
        largest = where.amax().clamp_min(LEAST)
        row.append(Captioned(stretched(filters[unit : unit + 1]), f"layer {layer + 1}, {unit}"))
        row.append(Captioned((where / largest).repeat(1, 3, 1, 1), "where"))
    return row


def hidden_half(images: Float[Tensor, "n 1 h w"], side: str) -> Float[Tensor, "1 1 h w"]:
    """Where images are known if a half is hidden: "left", "right", "top" or "bottom"."""
    h, w = images.shape[2:]
    known = torch.ones(1, 1, h, w, dtype=torch.bool)
    places = {
        "left": (slice(None), slice(None, w // 2)),
        "right": (slice(None), slice(w - w // 2, None)),
        "top": (slice(None, h // 2), slice(None)),
        "bottom": (slice(h - h // 2, None), slice(None)),
    }
    rows, columns = places[side]
    known[..., rows, columns] = False
    return known
