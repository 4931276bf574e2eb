"""The image that a unit answers to most, made from noise.

D. Erhan, Y. Bengio, A. Courville and P. Vincent, "Visualizing higher-layer features of a deep
network", technical report 1341, University of Montreal, 2009: climb on an activation a(x),

    x* = argmax a(x) - roughness V(x)

K. Simonyan, A. Vedaldi and A. Zisserman, ICLR 2014 workshop, do so for deep networks. Alone, this
finds noise that people see nothing in. So the image is moved, turned and scaled a little before
each look (A. Mordvintsev, C. Olah and M. Tyka, "Inceptionism", 2015), so that only what survives
that counts, and is climbed on in its spectrum (Olah et al. 2017, see ``fourier_image``); V is total
variation (A. Mahendran and A. Vedaldi, CVPR 2015).

Departures: a(x) is the mean of a channel over all of the map, or its middle; and since a unit that
is silent everywhere has no slope to climb on, nor has one whose ReLU6 is at 6, a tenth of what the
unit is before its rectifier is added.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from etude.foundations.names import check_name
from etude.generative.features.deconvnet import check_units, rectifiers
from etude.generative.features.fourier_image import FourierImage
from etude.generative.style.protocol import Encoder, check_layers

Target = Literal["channel", "neuron"]
Space = Literal["spectrum", "pixels"]
MINIMUM_SIDE: Final = 16
LEAK: Final = 0.1
MOST_TURNED: Final = 0.1  # radians
MOST_SCALED: Final = 0.1
PIXEL_DEVIATION: Final = 0.1  # of noise to begin with
OnStep = Callable[[], None]


@dataclass(frozen=True, kw_only=True)
class Climb:
    """How an activation is maximised.

    Raises:
        ValueError: a number out of its range, or an unknown name.
    """

    size: int = 96
    """Pixels a side of the images."""
    steps: int = 64
    """Of Adam."""
    step_size: float = 0.05
    """Of Adam."""
    target: Target = "channel"
    """"channel": a unit wherever it is; "neuron": in the middle of the image only."""
    space: Space = "spectrum"
    """What is changed: "spectrum", whose images are smooth and decorrelated, or "pixels"."""
    jitter: int = 8
    """Pixels by which the image is moved before each look, at most; it is turned and scaled a
    little as well, unless this is 0."""
    roughness: float = 0.3
    """How much total variation counts against the activation; 0 leaves noise."""

    def __post_init__(self) -> None:
        check_name("a target", self.target, get_args(Target))
        check_name("a space to climb in", self.space, get_args(Space))
        for name, least in (("size", MINIMUM_SIDE), ("steps", 1), ("jitter", 0), ("roughness", 0)):
            if not getattr(self, name) >= least:
                raise ValueError(f"{name} is at least {least}, got {getattr(self, name)}.")
        if not self.step_size > 0:
            raise ValueError(f"step_size is above 0, got {self.step_size}; for example 0.05.")


@dataclass(frozen=True)
class Maximised:
    """Images that units answer to.

    Args:
        images: RGB in [0, 1].
        activations: of the images as they are, of each unit.
        at_first: of the noise at the beginning.
    """

    images: Float[Tensor, "n 3 size size"]
    activations: Float[Tensor, " n"]
    at_first: Float[Tensor, " n"]


def maximise(
    encoder: Encoder,
    layer: str,
    units: Sequence[int],
    climb: Climb,
    torch_rng: torch.Generator,
    on_step: OnStep = lambda: None,
) -> Maximised:
    """An image for each unit.

    Args:
        encoder: a frozen one.
        layer: one of the encoder's.
        units: channels.
        climb: how.
        torch_rng: of the noise to begin with and of the movements.
        on_step: called after each step.

    Raises:
        ValueError: an unknown layer, no unit, or one that the layer does not have.
    """
    check_layers([layer], encoder.layers, encoder.name)
    if not units:
        raise ValueError("an image is made for at least one unit, got none; for example 0.")
    chosen = torch.tensor(units)
    parameters, image_of = _start(climb, len(units), torch_rng)

    def maps(features: Tensor) -> Tensor:
        check_units(chosen, features.shape[1], layer)
        found = features[torch.arange(len(units)), chosen]
        return found if climb.target == "channel" else _middle(found)

    def activations(images: Tensor) -> Float[Tensor, " n"]:
        return maps(encoder(images)[layer]).mean(dim=(1, 2))

    with torch.no_grad():
        at_first = activations(image_of(parameters))
    parameters.requires_grad_(True)
    optimiser = torch.optim.Adam([parameters], climb.step_size)
    for _ in range(climb.steps):
        images = image_of(parameters)
        moved = _moved(images, climb.jitter, torch_rng) if climb.jitter else images
        with rectifiers(encoder, "saliency") as mode:
            features = encoder(moved)[layer]
        height = (maps(features) + LEAK * maps(mode.before(features))).mean(dim=(1, 2)).sum()
        (upwards,) = torch.autograd.grad(height, parameters, retain_graph=True)
        rough = climb.roughness * _variation(images).sum()
        (rougher,) = torch.autograd.grad(rough, parameters)
        parameters.grad = rougher - upwards
        optimiser.step()
        on_step()
    with torch.no_grad():
        images = image_of(parameters.detach())
        return Maximised(images, activations(images), at_first)


def _start(
    climb: Climb, num_images: int, torch_rng: torch.Generator
) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
    """What is changed, and the images that it stands for."""
    if climb.space == "spectrum":
        fourier = FourierImage(climb.size, climb.size)
        return fourier.start(num_images, torch_rng), fourier
    shape = (num_images, 3, climb.size, climb.size)
    return PIXEL_DEVIATION * torch.randn(shape, generator=torch_rng), torch.sigmoid


def _middle(maps: Float[Tensor, "n h w"]) -> Float[Tensor, "n 1 1"]:
    height, width = maps.shape[-2:]
    return maps[:, height // 2, width // 2][:, None, None]


def _moved(
    images: Float[Tensor, "n 3 h w"], jitter: int, torch_rng: torch.Generator
) -> Float[Tensor, "n 3 h w"]:
    """Each image moved, turned and scaled by chance; what comes in at its edges is mirrored."""
    down, right, turn, scale = 2.0 * torch.rand(4, len(images), generator=torch_rng) - 1.0
    size = images.shape[-1]
    angle, factor = MOST_TURNED * turn, 1.0 + MOST_SCALED * scale
    cos, sin = factor * angle.cos(), factor * angle.sin()
    rows = torch.stack([cos, -sin, 2.0 * jitter / size * right], dim=1)
    columns = torch.stack([sin, cos, 2.0 * jitter / size * down], dim=1)
    grid = F.affine_grid(
        torch.stack([rows, columns], dim=1), list(images.shape), align_corners=False
    )
    return F.grid_sample(images, grid, padding_mode="reflection", align_corners=False)


def _variation(images: Float[Tensor, "n 3 h w"]) -> Float[Tensor, " n"]:
    """Total variation of each image: mean absolute differences of neighbours."""
    down = (images[..., 1:, :] - images[..., :-1, :]).abs().mean(dim=(1, 2, 3))
    right = (images[..., :, 1:] - images[..., :, :-1]).abs().mean(dim=(1, 2, 3))
    return down + right
