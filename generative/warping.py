"""Moving an image along a flow: where each pixel comes from, and what it looks like there."""

from typing import Literal

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

Interpolation = Literal["bilinear", "bicubic"]


def warp(
    images: Float[Tensor, "n c h w"],
    flow: Float[Tensor, "n 2 h w"],
    interpolation: Interpolation = "bilinear",
) -> Float[Tensor, "n c h w"]:
    """The images read at x + flow(x); places outside repeat the border.

    Args:
        images: of any range.
        flow: from each pixel of the result to its origin, in pixels: right, then down.
        interpolation: "bicubic" keeps more of what is fine, which matters to an image that is
            warped again and again, but overshoots beside edges.
    """
    h, w = images.shape[2:]
    across = torch.arange(w, dtype=flow.dtype, device=flow.device)
    down = torch.arange(h, dtype=flow.dtype, device=flow.device)
    x = (across + flow[:, 0] + 0.5) * (2.0 / w) - 1.0  # (n, h, w), -1 and 1 are the outer edges
    y = (down[:, None] + flow[:, 1] + 0.5) * (2.0 / h) - 1.0
    grid = torch.stack([x, y], dim=-1)
    return F.grid_sample(
        images, grid, mode=interpolation, padding_mode="border", align_corners=False
    )
