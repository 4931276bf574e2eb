"""The loss of images that are too large to be looked at at once, and its exact gradient.

Gram matrices and squared differences are sums over positions. So a first walk over the tiles, which
keeps nothing for a gradient, adds them up; the loss is a function of the sums; and a second walk
takes each tile's gradient with the loss's gradient with respect to the sums held fixed:

    dL/dx = sum_tiles sum_s dL/ds * ds_tile/dx        where s = sum_tiles s_tile

No more than one tile's features are in memory, for twice the forward passes.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

from etude.generative.style.losses import (
    SMALLEST_VARIANCE,
    LayerWeights,
    LossTerms,
    StyleTarget,
    mask_at,
    shares,
)
from etude.generative.style.losses import style_loss as gram_loss
from etude.generative.style.protocol import Encoder
from etude.generative.style.statistics import gram_matrix, total_variation
from etude.generative.style.tiles import Tile, Tiling

Image = Float[Tensor, "1 3 h w"]


class StyleTerm(NamedTuple):
    """The part of the style loss that comes from a layer and a target.

    Args:
        layer: its name.
        gram: to reach.
        mask: how much each position counts; 1 if None.
        num_positions: the sum of the mask.
        weight: of all terms together 1.
    """

    layer: str
    gram: Tensor
    mask: Tensor | None
    num_positions: float
    weight: float


class TiledObjective:
    """The terms of ``Objective``, in tiles.

    Args:
        encoder: returns at least the layers that count.
        layers: which count.
        content: RGB in [0, 1], of the size of the image.
        targets: see ``style_targets``.
        tiling: how the image is cut.

    Attributes:
        content_size: height and width in pixels.
    """

    def __init__(
        self,
        encoder: Encoder,
        layers: LayerWeights,
        content: Image,
        targets: Sequence[StyleTarget],
        tiling: Tiling,
    ) -> None:
        self.content_size = (content.shape[-2], content.shape[-1])
        self._encoder = encoder
        self._tiles = tiling.tiles(*self.content_size)
        self._content_weights = shares(layers.content)
        self._content: dict[Tile, dict[str, Tensor]] = {}
        sizes: dict[str, tuple[int, int]] = {}
        for tile in self._tiles:
            features = encoder(tile.window(content))
            self._content[tile] = {
                layer: tile.core(features[layer]).clone() for layer in layers.content
            }
            sizes |= {layer: _end(tile, taken) for layer, taken in features.items()}
        self._scales = {layer: self._squares_of_content(layer) for layer in layers.content}
        self._style_terms = _style_terms(shares(layers.style), targets, sizes)

    def __call__(self, image: Image) -> LossTerms:
        """The terms for an image, differentiable once."""
        content, style = _InTiles.apply(image, self)
        return LossTerms(content, style, total_variation(image))

    def sums(self, image: Image) -> list[Tensor]:
        """What the loss depends on, of the whole image, without gradients."""
        with torch.no_grad():
            parts = [self._sums_in(tile, tile.window(image)) for tile in self._tiles]
            return [torch.stack(part).sum(0) for part in zip(*parts, strict=True)]

    def losses(self, sums: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """The content and the style term as functions of the sums."""
        content = sums[0].new_zeros(())
        style = sums[0].new_zeros(())
        squares, grams = sums[: len(self._scales)], sums[len(self._scales) :]
        for (layer, weight), square in zip(self._content_weights.items(), squares, strict=True):
            content = content + weight * square / self._scales[layer]
        for term, gram in zip(self._style_terms, grams, strict=True):
            style = style + term.weight * gram_loss(gram / term.num_positions, term.gram)
        return content, style

    def gradient(self, image: Image, sums: Sequence[Tensor], pulls: Sequence[Tensor]) -> Image:
        """Of pulls[0] * content + pulls[1] * style, for an image with these sums."""
        with torch.enable_grad():
            leaves = [total.detach().requires_grad_() for total in sums]
            slopes = torch.autograd.grad(self.losses(leaves), leaves, list(pulls))
        gradient = torch.zeros_like(image, memory_format=torch.contiguous_format)
        for tile in self._tiles:
            window = tile.window(image).detach().requires_grad_()
            with torch.enable_grad():
                parts = self._sums_in(tile, window)
            (pull,) = torch.autograd.grad(parts, window, slopes)
            tile.window(gradient).add_(pull)
        return gradient

    def _sums_in(self, tile: Tile, window: Image) -> list[Tensor]:
        """A tile's part of the squared differences and of the Gram matrices."""
        features = self._encoder(window)
        parts = [
            (tile.core(features[layer]) - wanted).square().sum()
            for layer, wanted in self._content[tile].items()
        ]
        for term in self._style_terms:
            core, mask = tile.core(features[term.layer]), term.mask
            if mask is not None:
                row, column = tile.origin(features[term.layer])
                mask = mask[..., row : row + core.shape[-2], column : column + core.shape[-1]]
            parts.append(gram_matrix(core, mask))
        return parts

    def _squares_of_content(self, layer: str) -> float:
        """Values times variance: what the squared differences are divided by."""
        cores = [kept[layer] for kept in self._content.values()]
        count = sum(core.numel() for core in cores)
        mean = sum(core.sum().item() for core in cores) / count
        squares = sum((core - mean).square().sum().item() for core in cores)
        return max(squares, count * SMALLEST_VARIANCE)


class _InTiles(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, image: Tensor, objective: TiledObjective) -> tuple[Tensor, ...]:
        sums = objective.sums(image)
        ctx.objective, ctx.sums = objective, sums
        ctx.save_for_backward(image)
        return objective.losses(sums)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *pulls: Tensor) -> tuple[Tensor, None]:
        (image,) = ctx.saved_tensors
        return ctx.objective.gradient(image, ctx.sums, pulls), None


def _style_terms(
    weights: Mapping[str, float],
    targets: Sequence[StyleTarget],
    sizes: Mapping[str, tuple[int, int]],
) -> list[StyleTerm]:
    """A term for each layer and target; none where nothing is left of the mask."""
    terms = []
    for target in targets:
        for layer, weight in weights.items():
            mask = None if target.mask is None else mask_at(sizes[layer], target.mask)
            count = float(math.prod(sizes[layer]) if mask is None else mask.sum().item())
            if count > 0.0:
                share = target.share * weight
                terms.append(StyleTerm(layer, target.grams[layer], mask, count, share))
    return terms


def _end(tile: Tile, features: Tensor) -> tuple[int, int]:
    """Height and width of the features of the whole up to the end of a tile's core."""
    (row, column), core = tile.origin(features), tile.core(features)
    return row + core.shape[-2], column + core.shape[-1]
