"""Enlarging photos of any size with a trained network, and reducing them to see how well it does.

A network looks at a neighbourhood only, so that a large photo can go through it in tiles with a
margin as wide as that, and comes out as if it had gone in one piece. The mean over turned and
mirrored copies is closer to the truth than one pass, and takes eight times as long (B. Lim et al.,
"Enhanced deep residual networks for single image super-resolution", CVPRW 2017, sec. 3.3).

A test image is reduced by antialiased bicubic interpolation, as MATLAB's ``imresize`` does it for
the papers, and rounded to 8 bits.
"""

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from etude.generative.built_networks import build_network
from etude.generative.checkpoints import load_weights, save_weights
from etude.generative.gan.shipped import FOLDER
from etude.generative.gan.srgan import SRResNet

Image = Float[Tensor, "1 3 h w"]
LargeImage = Float[Tensor, "1 3 large_h large_w"]
Model = Literal["srresnet", "srgan"]
FORMAT: Final = "etude-upscaler-1"
SHIPPED: Final[Mapping[tuple[Model, int], Path]] = MappingProxyType(
    {
        ("srresnet", 2): FOLDER / "srresnet_x2.safetensors",
        ("srresnet", 4): FOLDER / "srresnet_x4.safetensors",
        ("srgan", 4): FOLDER / "srgan_x4.safetensors",
    }
)
TILE: Final = 192  # pixels a side of the small image, without the margin
LEVELS: Final = 255.0


@dataclass(frozen=True, kw_only=True)
class Upscaler:
    """A trained network with what is known about it.

    Args:
        network: ready for use.
        model: "srresnet", trained on pixels, or "srgan", on features and against a discriminator.
        notes: how it was trained, what JSON can hold.
    """

    network: SRResNet
    model: Model
    notes: Mapping[str, Any] = field(default_factory=dict)


class Span(NamedTuple):
    """Part of an axis of the small image: the core, and with its margin."""

    start: int
    first: int
    last: int
    stop: int


def cropped(image: Float[Tensor, "n c h w"], scale: int) -> Float[Tensor, "n c h2 w2"]:
    """The image without the rows and columns that a reduction by ``scale`` would leave over.

    Raises:
        ValueError: nothing is left.
    """
    h, w = (length - length % scale for length in image.shape[2:])
    if not h or not w:
        raise ValueError(
            f"an image has at least {scale} pixels a side, got {image.shape[2]} x "
            f"{image.shape[3]}; take a larger one."
        )
    return image[..., :h, :w]


def downscale(image: Float[Tensor, "n c h w"], scale: int) -> Float[Tensor, "n c h2 w2"]:
    """Reduce by antialiased bicubic interpolation, to values that 8 bits hold.

    Args:
        image: in [0, 1], with sides that are multiples of the scale.
        scale: how many times smaller.

    Raises:
        ValueError: other sides.
    """
    h, w = image.shape[2:]
    if h % scale or w % scale:
        raise ValueError(
            f"an image to be reduced {scale} times has sides that are multiples of it, got {h} x "
            f"{w}; crop it first."
        )
    small = F.interpolate(
        image, (h // scale, w // scale), mode="bicubic", antialias=True, align_corners=False
    )
    return rounded(small)


def rounded(image: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
    """The values that a file with 8 bits would hold, in [0, 1]."""
    return image.clamp(0.0, 1.0).mul(LEVELS).round().div(LEVELS)


@torch.no_grad()
def upscale(
    network: SRResNet,
    image: Image,
    *,
    ensemble: bool = False,
    tile: int = TILE,
    on_tile: Callable[[int, int], None] = lambda done, total: None,
) -> LargeImage:
    """Enlarge an image ``network.scale`` times, on the network's device.

    Args:
        network: see ``open_upscaler``.
        image: RGB in [0, 1], of any size.
        ensemble: take the mean over the eight turned and mirrored copies.
        tile: pixels a side that go through the network at once, before their margin.
        on_tile: is told after each how many tiles are done, and of how many.

    Returns:
        RGB in [0, 1].

    Raises:
        ValueError: tiles of less than one pixel.
    """
    if tile < 1:
        raise ValueError(f"a tile has at least 1 pixel a side, got {tile}; {TILE} is usual.")
    scale, (h, w) = network.scale, image.shape[2:]
    device = next(network.parameters()).device
    large = image.new_empty(1, 3, scale * h, scale * w)
    spans = product(_spans(h, tile, network.margin), _spans(w, tile, network.margin))
    total = math.ceil(h / tile) * math.ceil(w / tile)
    for done, (rows, columns) in enumerate(spans, 1):
        window = image[..., rows.start : rows.stop, columns.start : columns.stop].to(device)
        piece = _ensemble(network, window) if ensemble else network(window)
        top, left = (scale * (span.first - span.start) for span in (rows, columns))
        height, width = (scale * (span.last - span.first) for span in (rows, columns))
        core = piece[..., top : top + height, left : left + width].clamp(0.0, 1.0)
        large[
            ...,
            scale * rows.first : scale * rows.last,
            scale * columns.first : scale * columns.last,
        ] = core.to(image.device)
        on_tile(done, total)
    return large


def save_upscaler(path: Path, upscaler: Upscaler) -> None:
    """Write a network.

    Raises:
        ValueError: the folder does not exist.
    """
    network = upscaler.network
    arguments = {
        "scale": network.scale,
        "width": network.width,
        "num_blocks": network.num_blocks,
        "paper": network.is_paper,
    }
    metadata = {
        "format": FORMAT,
        "model": upscaler.model,
        "arguments": json.dumps(arguments),
        "notes": json.dumps(dict(upscaler.notes)),
    }
    save_weights(path, network, metadata)


def open_upscaler(path: Path) -> Upscaler:
    """Read what ``save_upscaler`` wrote.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is no network of this kind.
    """
    state, metadata = load_weights(path)
    if metadata.get("format") != FORMAT:
        raise ValueError(
            f"a network that enlarges has the format {FORMAT!r}, got {metadata.get('format')!r} in "
            f"{str(path)!r}; train one with `etude train upscaler`."
        )
    try:
        network = build_network(SRResNet, json.loads(metadata["arguments"]), state)
        model: Model = "srgan" if metadata["model"] == "srgan" else "srresnet"
        notes = dict(json.loads(metadata["notes"]))
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ValueError(
            f"the metadata of a network fit its weights, got {str(path)!r} ({error}); save it "
            "again."
        ) from error
    return Upscaler(network=network.eval().requires_grad_(False), model=model, notes=notes)


def shipped(model: Model, scale: int) -> Upscaler:
    """A network that comes along.

    Raises:
        ValueError: none for this scale.
    """
    if (model, scale) not in SHIPPED:
        known = ", ".join(f"{name} x{factor}" for name, factor in SHIPPED)
        raise ValueError(
            f"the networks that come along are {known}, got {model} x{scale}; take one of these, "
            "or train one with `etude train upscaler`."
        )
    return open_upscaler(SHIPPED[model, scale])


def _spans(length: int, tile: int, margin: int) -> Iterator[Span]:
    for first in range(0, length, tile):
        last = min(first + tile, length)
        yield Span(max(first - margin, 0), first, last, min(last + margin, length))


def _ensemble(network: SRResNet, small: Image) -> LargeImage:
    """The mean of what becomes of the eight copies, turned and mirrored back."""
    total: Tensor | None = None
    for turns, is_mirrored in product(range(4), (False, True)):
        copy = small.rot90(turns, (2, 3))
        large = network(copy.flip(3) if is_mirrored else copy)
        back = (large.flip(3) if is_mirrored else large).rot90(-turns, (2, 3))
        total = back if total is None else total + back
    assert total is not None
    return total / 8.0
