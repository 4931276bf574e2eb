"""Training a transfer network: which images it sees, what it minimises, what may change.

The losses are those of J. Johnson et al., ECCV 2016, and the network of several styles is that of
V. Dumoulin et al., ICLR 2017, see ``feedforward``. Departures: small crops at random scales, so
that a handful of photographs go a long way; styles drawn without replacement within a batch; steps
that shrink, and an average of the weights, which is what is kept.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from etude.generative.annealing import AnnealedAdam
from etude.generative.augmentation import before_backgrounds, vary_light
from etude.generative.checkpoints import Stateful, TorchRandomState
from etude.generative.data import Images, random_crops
from etude.generative.style.encoders import LAYER_WEIGHTS
from etude.generative.style.feedforward import (
    TransferNetwork,
    blend_weights,
    perceptual_losses,
    style_grams,
)
from etude.generative.style.onnx_export import EXAMPLE, export_onnx
from etude.generative.style.pretrained import paint_fast, save_network
from etude.generative.style.protocol import Encoder

NEW_STEPS: Final = 7_000
ADDED_STEPS: Final = 600
Image = Float[Tensor, "1 3 h w"]
AnyImage = Float[Tensor, "1 3 _ _"]


@dataclass(frozen=True, kw_only=True)
class TrainingSettings:
    """How to train a network that paints in one pass.

    Raises:
        ValueError: a number out of its range.
    """

    steps: int | None = None
    """Updates of the weights; 7,000, or 600 for an added style, if left out."""
    batch_size: int = 4
    """Crops of photos in each (Johnson et al. 2016, sec. 4.1)."""
    crop_size: int = 128
    """Their side in pixels."""
    style_size: int = 256
    """Longer side of the style images in pixels; strokes are painted as wide as they are there."""
    style_weight: float = 15.0
    """How much the style counts beside the content; 40 loses faces."""
    variation_weight: float = 2.0
    """How much smoothness counts."""
    learning_rate: float = 3e-3
    """Of Adam, at first; a thirtieth of it at the end, along half a cosine."""
    max_gradient_norm: float = 5.0
    """Longer gradients are scaled down to it."""
    augmented_share: float = 0.25
    """Share of the batches in which light, colours and backgrounds are not the photos' own; 0 if
    there are thousands of photos."""
    average_decay: float = 0.995
    """Of the average of the weights that is kept: 0.995 averages over the last 200 steps."""
    width: int = 24
    """Channels of the network at half the resolution; twice as many at a quarter."""
    num_blocks: int = 5
    """Its residual blocks."""
    seed: int = 0
    """Of the first weights, the crops and the order of the styles."""

    def __post_init__(self) -> None:
        _check("steps", self.num_steps, 1)
        for name in ("batch_size", "width"):
            _check(name, getattr(self, name), 1)
        for name in ("num_blocks", "seed"):
            _check(name, getattr(self, name), 0)
        for name in ("crop_size", "style_size"):
            _check(name, getattr(self, name), 16)
        for name in ("style_weight", "variation_weight"):
            _check(name, getattr(self, name), 0.0)
        for name in ("learning_rate", "max_gradient_norm"):
            _check(name, getattr(self, name), 1e-12)
        if not 0.0 <= self.augmented_share <= 1.0:
            raise ValueError(
                f"augmented_share lies in [0, 1], got {self.augmented_share}; for example 0.25."
            )
        if not 0.0 <= self.average_decay < 1.0:
            raise ValueError(
                f"average_decay lies in [0, 1), got {self.average_decay}; for example 0.995."
            )

    @property
    def num_steps(self) -> int:
        """Updates of the weights."""
        return NEW_STEPS if self.steps is None else self.steps


class TransferLesson:
    """A network that learns styles; ``update`` makes one step.

    Args:
        network: what is trained.
        parameters: those of the network that may change.
        encoder: what looks at its output.
        styles: an image for each style that is learned, by its name in the network.
        photos: the contents, of any sizes.
        settings: how; its losses count in the layers of ``LAYER_WEIGHTS``.
    """

    def __init__(
        self,
        network: TransferNetwork,
        parameters: Iterable[nn.Parameter],
        encoder: Encoder,
        styles: Mapping[str, AnyImage],
        photos: Images,
        settings: TrainingSettings,
    ) -> None:
        self._network, self._encoder = network, encoder
        self._photos, self._settings = photos, settings
        self._layers = LAYER_WEIGHTS[encoder.name]
        self._styles = tuple(styles)
        self._rows = torch.cat([blend_weights(network.styles, {name: 1.0}) for name in styles])
        self._grams = style_grams(encoder, list(styles.values()), list(self._layers.style))
        self._descent = descent(network, parameters, settings)
        self._torch_rng = torch.Generator().manual_seed(settings.seed)

    @property
    def parts(self) -> dict[str, Stateful]:
        """What a checkpoint holds."""
        return self._descent.parts | {"torch_rng": TorchRandomState(self._torch_rng)}

    @property
    def average(self) -> TransferNetwork:
        """The network to use and to keep."""
        network = self._descent.average.module
        assert isinstance(network, TransferNetwork)
        return network

    def paint(self, photo: Image) -> list[Image]:
        """A photo in each style that is learned."""
        return [paint_fast(self.average, photo, {style: 1.0}) for style in self._styles]

    def save(self, path: Path, examples: Sequence[AnyImage], notes: Mapping[str, Any]) -> None:
        """See ``save_network``."""
        save_network(path, self.average, examples, notes)

    def export(self, path: Path) -> float:
        """See ``export_onnx``."""
        weights = blend_weights(self.average.styles, {self._styles[0]: 1.0})
        return export_onnx(path, self.average, {"images": EXAMPLE, "weights": weights})

    def update(self) -> dict[str, Tensor]:
        """Make a step; the terms of the loss before their weights, and the gradient's norm."""
        settings = self._settings
        images = draw_contents(self._photos, settings, self._torch_rng)
        drawn = draw(len(self._rows), settings.batch_size, self._torch_rng)
        grams = {layer: gram[drawn] for layer, gram in self._grams.items()}
        terms = perceptual_losses(
            self._network, self._encoder, self._layers, images, self._rows[drawn], grams
        )
        total = (
            terms.content
            + settings.style_weight * terms.style
            + settings.variation_weight * terms.variation
        )
        norm = self._descent.step(total)
        return {"total": total, **terms._asdict(), "gradient": norm}


def new_styles(
    encoder: Encoder, styles: Mapping[str, AnyImage], photos: Images, settings: TrainingSettings
) -> TransferLesson:
    """A network with seeded weights that learns styles; see ``TransferLesson``."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        network = TransferNetwork(list(styles), settings.width, settings.num_blocks)
    network.to(memory_format=torch.channels_last)
    return TransferLesson(network, network.parameters(), encoder, styles, photos, settings)


def added_styles(
    network: TransferNetwork,
    encoder: Encoder,
    styles: Mapping[str, AnyImage],
    photos: Images,
    settings: TrainingSettings,
) -> TransferLesson:
    """A copy of a trained network that learns more styles by their normalisation alone.

    Nothing else changes, to the last bit (Dumoulin et al. 2017, sec. 3.2).

    Raises:
        ValueError: a style of that name is there.
    """
    for name in styles:
        network = network.with_style(name)
    network.to(memory_format=torch.channels_last).requires_grad_(False)
    parameters = list(network.normalisation_parameters())
    for parameter in parameters:
        parameter.requires_grad_(True)
    return TransferLesson(network, parameters, encoder, styles, photos, settings)


def descent(
    network: nn.Module, parameters: Iterable[nn.Parameter], settings: TrainingSettings
) -> AnnealedAdam:
    """The optimiser that the settings ask for."""
    return AnnealedAdam(
        network,
        parameters,
        num_steps=settings.num_steps,
        learning_rate=settings.learning_rate,
        max_gradient_norm=settings.max_gradient_norm,
        average_decay=settings.average_decay,
    )


def draw_contents(
    photos: Images, settings: TrainingSettings, torch_rng: torch.Generator
) -> Float[Tensor, "n 3 size size"]:
    """A batch of crops, laid out for fast convolutions on CPUs."""
    images = random_crops(photos, settings.batch_size, settings.crop_size, torch_rng)
    if torch.rand((), generator=torch_rng) < settings.augmented_share:
        images = vary_light(before_backgrounds(images, torch_rng), torch_rng)
    return images.contiguous(memory_format=torch.channels_last)


def draw(num_items: int, num_draws: int, torch_rng: torch.Generator) -> list[int]:
    """Indices in random order, none a second time before all have come."""
    rounds = math.ceil(num_draws / num_items)
    shuffled = [torch.randperm(num_items, generator=torch_rng) for _ in range(rounds)]
    return [int(i) for i in torch.cat(shuffled)[:num_draws]]


def _check(name: str, value: float, least: float) -> None:
    if not least <= value < math.inf:
        raise ValueError(f"{name} is at least {least}, got {value}; leave it out if in doubt.")
