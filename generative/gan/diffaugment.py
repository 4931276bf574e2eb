"""Differentiable augmentation: few images made to look like many, to the discriminator alone.

S. Zhao, Z. Liu, J. Lin, J.-Y. Zhu and S. Han, "Differentiable augmentation for data-efficient GAN
training", NeurIPS 2020. Real and generated images are changed alike before the discriminator looks
at them (eq. 4 to 6), and the generator's gradient passes through the change. So a discriminator
cannot learn few images by heart, and a generator does not learn the changes.

Departure: random numbers come from a generator that is handed in, so training resumes exactly.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from etude.foundations.names import check_name

SHIFT: Final = 0.125  # of the size, at most (appendix)
HOLE: Final = 0.5  # side of what is cut out, of the size
Images = Float[Tensor, "n c h w"]
Change = Callable[[Tensor, torch.Generator], Tensor]


def vary_brightness(images: Images, torch_rng: torch.Generator) -> Images:
    """Each image lighter or darker by up to half a unit."""
    return images + _uniform(images, torch_rng) - 0.5


def vary_saturation(images: Images, torch_rng: torch.Generator) -> Images:
    """Each image's colours 0 to 2 times as far from grey; grey images stay as they are."""
    grey = images.mean(dim=1, keepdim=True)
    return grey + 2.0 * _uniform(images, torch_rng) * (images - grey)


def vary_contrast(images: Images, torch_rng: torch.Generator) -> Images:
    """Each image's values 0.5 to 1.5 times as far from their mean."""
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    return mean + (0.5 + _uniform(images, torch_rng)) * (images - mean)


def translate(images: Images, torch_rng: torch.Generator) -> Images:
    """Each image moved by up to an eighth of its size, rounded; 0, mid-grey, comes in."""
    n, c, h, w = images.shape
    down, right = (_offsets(n, round(SHIFT * side), torch_rng) for side in (h, w))
    rows, columns = torch.arange(h) - down[:, None], torch.arange(w) - right[:, None]
    is_inside = _between(rows, h)[:, :, None] & _between(columns, w)[:, None, :]
    places = rows.clamp(0, h - 1)[:, :, None] * w + columns.clamp(0, w - 1)[:, None, :]
    places = places.to(images.device).flatten(1)[:, None].expand(-1, c, -1)  # (n, c, h*w)
    moved = images.flatten(2).gather(2, places).reshape(images.shape)
    return moved * is_inside.to(images.device)[:, None]


def cut_out(images: Images, torch_rng: torch.Generator) -> Images:
    """A square of half the size, anywhere and partly outside, set to 0."""
    n, _, h, w = images.shape
    is_cut = []
    for side in (h, w):
        hole = round(HOLE * side)
        first = torch.randint(side + 1 - hole % 2, (n, 1), generator=torch_rng) - hole // 2
        is_cut.append(_between(torch.arange(side) - first, hole))
    is_kept = ~(is_cut[0][:, :, None] & is_cut[1][:, None, :])
    return images * is_kept.to(images.device)[:, None]


POLICIES: Final[Mapping[str, tuple[Change, ...]]] = MappingProxyType(
    {
        "none": (),
        "translation": (translate,),
        "colour-translation-cutout": (
            vary_brightness,
            vary_saturation,
            vary_contrast,
            translate,
            cut_out,
        ),
    }
)


class Augmented(nn.Module):
    """A discriminator that sees its images changed; shapes are its own.

    Args:
        discriminator: images, and labels, to logits.
        policy: one of ``POLICIES``.
        torch_rng: draws the changes; a lesson's own, so that training resumes exactly.

    Raises:
        ValueError: an unknown policy.
    """

    def __init__(self, discriminator: nn.Module, policy: str, torch_rng: torch.Generator) -> None:
        super().__init__()
        check_name("an augmentation", policy, POLICIES)
        self.discriminator = discriminator
        self._changes, self._torch_rng = POLICIES[policy], torch_rng

    def forward(self, images: Images, *conditions: Tensor) -> Float[Tensor, " n"]:
        """See the class."""
        for change in self._changes:
            images = change(images, self._torch_rng)
        logits: Tensor = self.discriminator(images, *conditions)
        return logits


def _uniform(images: Images, torch_rng: torch.Generator) -> Float[Tensor, "n 1 1 1"]:
    """A number in [0, 1) for each image, drawn on the CPU: the same ones on every device."""
    return torch.rand(len(images), 1, 1, 1, generator=torch_rng).to(images)


def _offsets(n: int, most: int, torch_rng: torch.Generator) -> Tensor:
    return torch.randint(-most, most + 1, (n,), generator=torch_rng)


def _between(places: Tensor, end: int) -> Tensor:
    """Whether they are at least 0 and below the end."""
    return (places >= 0) & (places < end)
