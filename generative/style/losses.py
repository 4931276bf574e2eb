"""What Gatys et al. minimise: the content of one image and the style of others, in one number.

L. A. Gatys, A. S. Ecker and M. Bethge, "Image style transfer using convolutional neural networks",
CVPR 2016. Departures: each term is divided by the size of what it is compared with, so that layers,
encoders and image sizes have terms of the same order and one set of weights serves them all; and
total variation keeps the image smooth (A. Mahendran and A. Vedaldi, CVPR 2015).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from etude.generative.style.protocol import Encoder
from etude.generative.style.statistics import gram_matrix, mean_gram, total_variation
from etude.generative.style.tiles import Tiling

SMALLEST_VARIANCE: Final = 1e-12  # of flat content
Features = Mapping[str, Tensor]
Scalar = Float[Tensor, ""]


@dataclass(frozen=True)
class LayerWeights:
    """Which layers speak for content and for style, and how loudly; only the ratios count.

    Args:
        content: weights by layer, more than 0.
        style: weights by layer, more than 0.

    Raises:
        ValueError: no layers, or a weight that is not more than 0.
    """

    content: Mapping[str, float]
    style: Mapping[str, float]

    def __post_init__(self) -> None:
        for name, weights in (("content", self.content), ("style", self.style)):
            if not weights or min(weights.values()) <= 0.0:
                raise ValueError(
                    f"{name} needs layers with weights of more than 0, got {dict(weights)}; leave "
                    "out the layers that should not count."
                )

    @property
    def layers(self) -> tuple[str, ...]:
        """All of them, each once."""
        return tuple(dict.fromkeys([*self.content, *self.style]))


class Style(NamedTuple):
    """An image to take the style of.

    Args:
        image: RGB in [0, 1], of any size.
        weight: beside the other styles; more than 0.
        mask: where in the content it applies, from 0 to 1; everywhere if None.
    """

    image: Float[Tensor, "1 3 h w"]
    weight: float = 1.0
    mask: Float[Tensor, "1 1 mask_h mask_w"] | None = None


class StyleTarget(NamedTuple):
    """The Gram matrices to reach in a region, by layer; ``share`` is the region's part of the loss.

    The mask is the style's; None is the whole image.
    """

    grams: dict[str, Tensor]
    mask: Tensor | None
    share: float


class LossTerms(NamedTuple):
    """The parts of the loss, before their weights; each 0 at its optimum."""

    content: Scalar
    style: Scalar
    variation: Scalar


def content_loss(features: Float[Tensor, "n c h w"], target: Float[Tensor, "n c h w"]) -> Scalar:
    """mean((F - P)^2) / var(P) (Gatys et al. 2016, eq. 1, normalised); 0 if F = P."""
    return F.mse_loss(features, target) / target.var(correction=0).clamp_min(SMALLEST_VARIANCE)


def style_loss(gram: Float[Tensor, "n c c"], target: Float[Tensor, "n c c"]) -> Scalar:
    """mean((G - A)^2) / mean(A^2) (Gatys et al. 2016, eq. 4, normalised); 0 if G = A."""
    return F.mse_loss(gram, target) / target.square().mean().clamp_min(1e-12)


def style_targets(
    encoder: Encoder,
    styles: Sequence[Style],
    layers: Mapping[str, float],
    tiling: Tiling | None = None,
) -> list[StyleTarget]:
    """What the styles ask for; large ones are looked at in tiles.

    Styles without a mask share the whole image: their target is the mean of their Gram matrices,
    which has the same minimum as the sum of their losses. A style with a mask has a target of its
    own, whose share of the loss is its weight times its area, so that a pixel pulls as hard in a
    small region as in a large one.
    """
    found = []
    everywhere = [style for style in styles if style.mask is None]
    total = sum(style.weight for style in everywhere)
    blend: dict[str, Tensor] = {}
    for style in everywhere:
        for layer, gram in _grams(encoder, style.image, layers, tiling).items():
            part = gram * (style.weight / total)
            blend[layer] = blend[layer] + part if layer in blend else part
    if everywhere:
        found.append(StyleTarget(blend, None, total))
    for style in styles:
        if style.mask is not None:
            area = style.mask.mean().item()
            grams = _grams(encoder, style.image, layers, tiling)
            found.append(StyleTarget(grams, style.mask, style.weight * area))
    whole = sum(target.share for target in found)
    return [target._replace(share=target.share / whole) for target in found]


class Objective:
    """The three terms as functions of the image.

    Args:
        encoder: returns at least the layers that count.
        layers: which count.
        content: RGB in [0, 1], of the size of the image.
        targets: see ``style_targets``.

    Attributes:
        content_size: height and width in pixels.
    """

    def __init__(
        self,
        encoder: Encoder,
        layers: LayerWeights,
        content: Float[Tensor, "1 3 h w"],
        targets: Sequence[StyleTarget],
    ) -> None:
        self._encoder = encoder
        self._content_weights = shares(layers.content)
        self._style_weights = shares(layers.style)
        features = encoder(content)
        self._content = {layer: features[layer] for layer in layers.content}
        self._targets = list(targets)
        self.content_size = (content.shape[-2], content.shape[-1])

    def __call__(self, image: Float[Tensor, "1 3 h w"]) -> LossTerms:
        """The terms for an image, differentiable."""
        features = self._encoder(image)
        content = sum(
            (
                weight * content_loss(features[layer], self._content[layer])
                for layer, weight in self._content_weights.items()
            ),
            start=image.new_zeros(()),
        )
        style = sum(
            (target.share * self._style(features, target) for target in self._targets),
            start=image.new_zeros(()),
        )
        return LossTerms(content, style, total_variation(image))

    def _style(self, features: Features, target: StyleTarget) -> Scalar:
        total: Tensor = next(iter(features.values())).new_zeros(())
        for layer, weight in self._style_weights.items():
            size = (features[layer].shape[-2], features[layer].shape[-1])
            mask = None if target.mask is None else mask_at(size, target.mask)
            if mask is None or mask.sum() > 0.0:
                gram = mean_gram(features[layer], mask)
                total = total + weight * style_loss(gram, target.grams[layer])
        return total


def _grams(
    encoder: Encoder,
    image: Float[Tensor, "1 3 h w"],
    layers: Mapping[str, float],
    tiling: Tiling | None,
) -> dict[str, Tensor]:
    """The Gram matrices for each position, added up over tiles."""
    if tiling is None:
        features = encoder(image)
        return {layer: mean_gram(features[layer]) for layer in layers}
    grams: dict[str, Tensor] = {}
    counts = dict.fromkeys(layers, 0)
    for tile in tiling.tiles(image.shape[-2], image.shape[-1]):
        features = encoder(tile.window(image))
        for layer in layers:
            core = tile.core(features[layer])
            gram = gram_matrix(core)
            grams[layer] = grams[layer] + gram if layer in grams else gram
            counts[layer] += core.shape[-2] * core.shape[-1]
    return {layer: grams[layer] / counts[layer] for layer in layers}


def mask_at(
    size: tuple[int, int], mask: Float[Tensor, "n 1 mask_h mask_w"]
) -> Float[Tensor, "n 1 h w"]:
    """The mask at the resolution of a layer."""
    return F.adaptive_avg_pool2d(mask, size)


def shares(weights: Mapping[str, float]) -> dict[str, float]:
    """The weights, divided by their sum."""
    total = sum(weights.values())
    return {layer: weight / total for layer, weight in weights.items()}
