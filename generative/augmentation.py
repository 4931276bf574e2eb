"""A few photographs made to look like many: other light, other colours, other backgrounds.

The photographs that packages ship are few, and a transfer network that has seen nothing but them
paints blots where an unseen photo has a bright, even sky. What is done here changes what is in a
photo as little as a camera, a darkroom or a studio would.
"""

from typing import Final

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

NEGATIVES: Final = 0.25  # share of images with light and dark exchanged
EDGE: Final = 12.0  # how sharply a photo ends before a background


def vary_light(
    images: Float[Tensor, "n 3 h w"], torch_rng: torch.Generator
) -> Float[Tensor, "n 3 h w"]:
    """Other exposure, contrast, saturation and colour of light for each image; some as negatives.

    Args:
        images: RGB in [0, 1].
        torch_rng: what is drawn depends on its state alone, so training resumes exactly.
    """
    num = len(images)

    def between(low: float, high: float, num_channels: int = 1) -> Tensor:
        return low + (high - low) * torch.rand(num, num_channels, 1, 1, generator=torch_rng)

    exposed = images ** torch.exp2(between(-1.0, 1.0))
    grey = exposed.mean(dim=1, keepdim=True)
    coloured = grey + between(0.3, 1.5) * (exposed - grey)
    shifted = 0.5 + between(0.6, 1.4) * (coloured - 0.5) + between(-0.15, 0.15)
    tinted = (shifted + between(-0.1, 0.1, 3)).clamp(0.0, 1.0)
    return torch.where(between(0.0, 1.0) < NEGATIVES, 1.0 - tinted, tinted)


def smooth_images(
    num_images: int, size: int, torch_rng: torch.Generator
) -> Float[Tensor, "{num_images} 3 {size} {size}"]:
    """Random colours that flow into each other, 2 to 5 a side: skies, walls, studio backdrops."""
    num = int(torch.randint(2, 6, (1,), generator=torch_rng))
    colours = torch.rand(num_images, 3, num, num, generator=torch_rng)
    return F.interpolate(colours, (size, size), mode="bicubic", align_corners=True).clamp(0.0, 1.0)


def before_backgrounds(
    images: Float[Tensor, "n 3 size size"], torch_rng: torch.Generator
) -> Float[Tensor, "n 3 size size"]:
    """Parts of each image before a smooth one.

    Args:
        images: RGB in [0, 1].
        torch_rng: see ``vary_light``.
    """
    num, size = len(images), images.shape[-1]
    shape = torch.sigmoid(EDGE * (smooth_images(num, size, torch_rng)[:, :1] - 0.5))
    return shape * images + (1.0 - shape) * smooth_images(num, size, torch_rng)
