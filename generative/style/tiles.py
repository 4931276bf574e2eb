"""Looking at an image piece by piece, and seeing what would be seen of the whole.

A feature depends on a neighbourhood of the image only, so that a tile with a margin as wide as that
has the whole image's features in its core. The cuts lie where all layers of a network that halves
the image several times see the same grid, wherever that starts.
"""

import math
from collections.abc import Sequence
from itertools import product
from typing import Final, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from etude.generative.style.protocol import Encoder

GRID: Final = 32  # pixels; no network here has layers that are coarser
PROBE_WIDTH: Final = 320  # pixels, more than twice of what any feature here depends on
MEMORY_PROBES: Final = (64, 128)  # pixels
PEAK: Final = 2.0  # memory of a gradient in sizes of the features that it needs
Image = Float[Tensor, "1 3 h w"]


class Span(NamedTuple):
    """A tile along one axis, in pixels: the core is from ``first`` to ``last``.

    Args:
        start: of the tile, with its margin.
        stop: behind the tile.
        first: of the core.
        last: behind the core.
        length: of the whole image.
    """

    start: int
    stop: int
    first: int
    last: int
    length: int

    def core(self, num_features: int) -> slice:
        """The features of the core among those of the tile."""
        scale = self._scale(num_features)
        stop = num_features if self.last == self.length else (self.last - self.start) // scale
        return slice((self.first - self.start) // scale, stop)

    def origin(self, num_features: int) -> int:
        """The place of the core's first feature among those of the whole image."""
        return self.first // self._scale(num_features)

    def _scale(self, num_features: int) -> int:
        """Pixels to a feature."""
        scale: int = 2 ** round(math.log2((self.stop - self.start) / num_features))
        return scale


class Tile(NamedTuple):
    """A rectangle."""

    rows: Span
    columns: Span

    def window(self, image: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c tile_h tile_w"]:
        """The tile with its margin, a view of the image."""
        return image[..., self.rows.start : self.rows.stop, self.columns.start : self.columns.stop]

    def core(self, features: Float[Tensor, "n c tile_h tile_w"]) -> Float[Tensor, "n c h w"]:
        """The features of the core, of all that the tile has."""
        height, width = features.shape[-2:]
        return features[..., self.rows.core(height), self.columns.core(width)]

    def origin(self, features: Float[Tensor, "n c tile_h tile_w"]) -> tuple[int, int]:
        """Row and column of the core's first feature in the whole image's."""
        height, width = features.shape[-2:]
        return self.rows.origin(height), self.columns.origin(width)


class Tiling(NamedTuple):
    """How to cut images.

    Args:
        side: of the largest tile with its margin, in pixels.
        margin: in pixels, a multiple of ``GRID``.
    """

    side: int
    margin: int

    def tiles(self, height: int, width: int) -> list[Tile]:
        """The tiles of an image."""
        core = max(self.side - 2 * self.margin, 2 * GRID)
        rows, columns = (spans(length, core, self.margin) for length in (height, width))
        return [Tile(*pair) for pair in product(rows, columns)]


def spans(length: int, core: int, margin: int) -> list[Span]:
    """Cut an axis into tiles of about ``core`` pixels and a margin on both sides.

    Tiles start at multiples of ``GRID``, and what is missing behind their end is one, too: then
    padding that depends on whether a side is even falls on the same pixels as in the whole.

    >>> [(span.first, span.last) for span in spans(300, 128, 32)]
    [(0, 160), (160, 300)]
    """
    num_tiles = max(round(length / core), 1)
    cuts = [GRID * round(i * length / (num_tiles * GRID)) for i in range(num_tiles)]
    found = []
    for first, last in zip(cuts, [*cuts[1:], length], strict=True):
        missing = max(length - last - margin, 0) // GRID * GRID
        found.append(Span(max(first - margin, 0), length - missing, first, last, length))
    return found


def tiling_within(encoder: Encoder, pixels: int, limit: float) -> Tiling | None:
    """Tiles small enough for a gradient of the features within so many bytes; None if all fits.

    Args:
        encoder: a sequence of layers that halve the image at most five times.
        pixels: of the image.
        limit: in bytes.

    Raises:
        ValueError: the limit is too low for the smallest tile.
    """
    needed = PEAK * bytes_per_pixel(encoder)
    if needed * pixels <= limit:
        return None
    margin = GRID * math.ceil(receptive_radius(encoder) / GRID)
    side, least = int(math.sqrt(limit / needed)), 2 * margin + 2 * GRID
    if side < least:
        gigabytes = needed * least**2 / 1e9
        raise ValueError(
            f"memory_limit is at least {gigabytes:.2f} GB with {encoder.name}, whose smallest tile "
            f"has {least} pixels a side, got {limit / 1e9:.2f}; raise it."
        )
    return Tiling(side, margin)


def bytes_per_pixel(encoder: Encoder) -> float:
    """What a gradient keeps in memory, for each pixel more."""
    small, large = MEMORY_PROBES
    return (_bytes_kept(encoder, large) - _bytes_kept(encoder, small)) / (large**2 - small**2)


def receptive_radius(encoder: Encoder) -> int:
    """How far a change in the image is felt, in pixels: measured, with a change of one column."""
    torch_rng = torch.Generator().manual_seed(0)
    image = torch.rand(1, 3, GRID, PROBE_WIDTH, generator=torch_rng)
    changed = image.clone()
    middle = PROBE_WIDTH // 2
    changed[..., middle] = 1.0 - changed[..., middle]
    with torch.no_grad():
        pairs = zip(encoder(image).values(), encoder(changed).values(), strict=True)
        return max(_reach(before != after, middle) for before, after in pairs)


def _reach(differs: Tensor, middle: int) -> int:
    """The distance, in pixels of the image, of what differs from its middle."""
    columns = differs.any(dim=-2).flatten(0, -2).any(dim=0).nonzero()
    scale = PROBE_WIDTH / differs.shape[-1]
    low, high = columns.min().item() * scale, (columns.max().item() + 1) * scale
    return math.ceil(max(middle - low, high - middle))


def _bytes_kept(encoder: Encoder, size: int) -> int:
    kept: dict[int, Tensor] = {}

    def keep(tensor: Tensor) -> Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    image = torch.full((1, 3, size, size), 0.5, requires_grad=True)
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        features: Sequence[Tensor] = list(encoder(image).values())
    kept |= {tensor.untyped_storage().data_ptr(): tensor for tensor in features}
    return sum(tensor.untyped_storage().nbytes() for tensor in kept.values())
