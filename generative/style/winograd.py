"""Convolutions of 3 x 3 with a quarter of the multiplications.

A. Lavin and S. Gray, "Fast algorithms for convolutional neural networks", CVPR 2016, F(4x4, 3x3):
tiles d of 6 x 6 pixels that overlap by two give tiles Y of 4 x 4,

    Y = A^T [(G g G^T) * (B^T d B)] A                                                      (eq. 8)

where * is by element. Summed over channels, each of the 36 elements is a product of two matrices
(eq. 12), so that almost all the work is done there. The weights are frozen: they are transformed
once, and the only gradient is that of the input, which is again such a convolution, with weights
turned by half a turn. In float32 the relative error is about 3e-6.

Departure: the ReLU that follows belongs to it, so that the features are walked through once less in
both directions.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeVar, cast

import numpy as np
import torch
from jaxtyping import Float
from numba import njit
from torch import Tensor
from torch.autograd.function import once_differentiable

from etude.generative.style import onednn

Array = Any  # what numba compiles: mypy knows no loops over typed arrays that are fast
INPUT_TRANSFORM: Final = np.array(  # B^T, eq. 15
    [
        [4, 0, -5, 0, 1, 0],
        [0, -4, -4, 1, 1, 0],
        [0, 4, -4, -1, 1, 0],
        [0, -2, -1, 2, 1, 0],
        [0, 2, -1, -2, 1, 0],
        [0, 4, 0, -5, 0, 1],
    ]
)
FILTER_TRANSFORM: Final = np.array(  # G
    [
        [1 / 4, 0, 0],
        [-1 / 6, -1 / 6, -1 / 6],
        [-1 / 6, 1 / 6, -1 / 6],
        [1 / 24, 1 / 12, 1 / 6],
        [1 / 24, -1 / 12, 1 / 6],
        [0, 0, 1],
    ]
)
OUTPUT_TRANSFORM: Final = np.array(  # A^T
    [
        [1, 1, 1, 1, 1, 0],
        [0, 1, -1, 2, -2, 0],
        [0, 1, 1, 4, 4, 0],
        [0, 1, -1, 8, -8, 1],
    ]
)
TILE: Final = 4  # pixels a side that come out
WINDOW: Final = 6  # pixels a side that go in
BLOCK_BYTES: Final = 8_000_000  # of transformed tiles at a time, so that they stay in the cache

Function = TypeVar("Function", bound=Callable[..., None])


def compiled(function: Function) -> Function:
    """A loop over arrays as machine code.

    numba would count a reference for every array it touches, which takes longer than the loops do;
    they make none and keep none.
    """
    options: dict[str, Any] = {"cache": True, "nogil": True, "_nrt": False}
    return cast(Function, njit(**options, fastmath={"contract"})(function))


def inlined(function: Function) -> Function:
    """A part of such a loop."""
    return cast(Function, njit(inline="always", fastmath={"contract"})(function))


class Filters(NamedTuple):
    """A convolution in the transformed domain: a matrix for each element, and what is added."""

    matrices: list[Tensor]
    bias: Tensor


class WinogradFilters:
    """The weights of a convolution, transformed for its output and for its gradient.

    Args:
        weight: on the CPU; what happens to it later is not seen here.
        bias: likewise.
    """

    def __init__(self, weight: Float[Tensor, "k c 3 3"], bias: Float[Tensor, " k"]) -> None:
        turned = weight.flip(2, 3).transpose(0, 1)
        self.forward = Filters(_transformed(weight), bias.detach())
        self.backward = Filters(_transformed(turned), bias.new_zeros(weight.shape[1]))


def winograd_conv2d_relu(
    features: Float[Tensor, "n c h w"], filters: WinogradFilters
) -> Float[Tensor, "n k h w"]:
    """max(features * weight + bias, 0) with one pixel of zeros around, differentiable once.

    Args:
        features: on the CPU, of the weights' type; fastest with channels last.
        filters: of the convolution.
    """
    out: Tensor = _WinogradReLU.apply(features, filters)
    return out


class _WinogradReLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, features: Tensor, filters: WinogradFilters) -> Tensor:
        out = _correlate(features, filters.forward)
        ctx.filters = filters
        ctx.save_for_backward(out)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (out,) = ctx.saved_tensors
        return _correlate(gradient, ctx.filters.backward, active=out), None


def _transformed(weight: Float[Tensor, "k c 3 3"]) -> list[Tensor]:
    """G g G^T: a packed matrix (k, c) for each of the 36 elements."""
    transform = torch.from_numpy(FILTER_TRANSFORM)
    elements = torch.einsum("ip,kcpq,jq->ijkc", transform, weight.detach().double(), transform)
    return [onednn.pack(matrix) for matrix in elements.flatten(0, 1).to(weight.dtype)]


def _correlate(
    features: Float[Tensor, "n c h w"],
    filters: Filters,
    active: Float[Tensor, "n c h w"] | None = None,
) -> Float[Tensor, "n k h w"]:
    """The convolution and its ReLU, block by block of tiles.

    With ``active`` it is the gradient: there is no ReLU, and the features only count where
    ``active`` is above 0.
    """
    pixels = _pixels(features)
    gates = pixels if active is None else _pixels(active)
    n, h, w, c = pixels.shape
    num_tiles = n * -(-h // TILE) * -(-w // TILE)
    block = max(BLOCK_BYTES // (WINDOW**2 * c * pixels.itemsize), 1)
    k = len(filters.bias)
    out = features.new_empty(n, h, w, k)
    to_input, to_output = (
        matrix.astype(pixels.dtype) for matrix in (INPUT_TRANSFORM, OUTPUT_TRANSFORM)
    )
    scratch_in = np.empty((2, WINDOW, WINDOW, c), pixels.dtype)
    scratch_out = np.empty((TILE + 1, WINDOW, k), pixels.dtype)
    bias = filters.bias.numpy()
    for first in range(0, num_tiles, block):
        windows = features.new_empty(WINDOW**2, min(block, num_tiles - first), c)
        _transform_input(
            pixels, gates, active is not None, first, to_input, scratch_in, windows.numpy()
        )
        elements = zip(windows, filters.matrices, strict=True)
        products = torch.stack([onednn.linear(rows, matrix) for rows, matrix in elements])
        _transform_output(
            products.numpy(), bias, active is None, first, to_output, scratch_out, out.numpy()
        )
    return out.permute(0, 3, 1, 2)


def _pixels(features: Float[Tensor, "n c h w"]) -> Array:
    """Channels last, as numba takes them."""
    return features.detach().permute(0, 2, 3, 1).contiguous().numpy()


@compiled
def _transform_input(
    pixels: Array,
    active: Array,
    is_gated: bool,
    first: int,
    transform: Array,
    scratch: Array,
    out: Array,
) -> None:
    """B^T d B of the windows from the first on; (n, h, w, c) -> (36, num_windows, c)."""
    num_rows, num_columns = -(-pixels.shape[1] // TILE), -(-pixels.shape[2] // TILE)
    window, half = scratch[0], scratch[1]
    for tile in range(out.shape[1]):
        row, column = divmod(first + tile, num_columns)
        image, row = divmod(row, num_rows)
        for i in range(WINDOW):
            for j in range(WINDOW):
                y, x = row * TILE + i - 1, column * TILE + j - 1
                _load(pixels, active, is_gated, image, y, x, window[i, j])
        for i in range(WINDOW):
            _transform_columns(transform[i], window, half[i])
        for i in range(WINDOW):
            line = half[i]
            for j in range(WINDOW):
                _weighted_sum(
                    transform[j],
                    line[0],
                    line[1],
                    line[2],
                    line[3],
                    line[4],
                    line[5],
                    out[WINDOW * i + j, tile],
                )


@compiled
def _transform_output(
    products: Array,
    bias: Array,
    has_relu: bool,
    first: int,
    transform: Array,
    scratch: Array,
    out: Array,
) -> None:
    """A^T m A + bias for the tiles from the first on; (36, num_tiles, k) -> (n, h, w, k)."""
    h, w = out.shape[1], out.shape[2]
    num_rows, num_columns = -(-h // TILE), -(-w // TILE)
    half, pixel = scratch[:TILE], scratch[TILE, 0]
    for tile in range(products.shape[1]):
        row, column = divmod(first + tile, num_columns)
        image, row = divmod(row, num_rows)
        for i in range(TILE):
            for j in range(WINDOW):
                _weighted_sum(
                    transform[i],
                    products[j, tile],
                    products[WINDOW + j, tile],
                    products[2 * WINDOW + j, tile],
                    products[3 * WINDOW + j, tile],
                    products[4 * WINDOW + j, tile],
                    products[5 * WINDOW + j, tile],
                    half[i, j],
                )
        for i in range(min(TILE, h - row * TILE)):
            line = half[i]
            for j in range(min(TILE, w - column * TILE)):
                _weighted_sum(
                    transform[j], line[0], line[1], line[2], line[3], line[4], line[5], pixel
                )
                _store(pixel, bias, has_relu, out[image, row * TILE + i, column * TILE + j])


@inlined
def _load(
    pixels: Array, active: Array, is_gated: bool, image: int, y: int, x: int, out: Array
) -> None:
    """A pixel of the input: 0 beside the image and, if gated, where it is not active."""
    if not (0 <= y < pixels.shape[1] and 0 <= x < pixels.shape[2]):
        for i in range(len(out)):
            out[i] = 0
    elif not is_gated:
        source = pixels[image, y, x]
        for i in range(len(out)):
            out[i] = source[i]
    else:
        source, gate = pixels[image, y, x], active[image, y, x]
        for i in range(len(out)):
            out[i] = source[i] if gate[i] > 0 else 0


@inlined
def _store(pixel: Array, bias: Array, has_relu: bool, out: Array) -> None:
    """A pixel of the output; what is no number stays none."""
    for i in range(len(out)):
        value = pixel[i] + bias[i]
        out[i] = 0 if has_relu and value < 0 else value


@inlined
def _transform_columns(weights: Array, window: Array, out: Array) -> None:
    for j in range(WINDOW):
        _weighted_sum(
            weights,
            window[0, j],
            window[1, j],
            window[2, j],
            window[3, j],
            window[4, j],
            window[5, j],
            out[j],
        )


@inlined
def _weighted_sum(
    weights: Array, a: Array, b: Array, c: Array, d: Array, e: Array, f: Array, out: Array
) -> None:
    """One row of a transform, for all channels; contiguous arrays let the compiler use vectors."""
    w0, w1, w2, w3, w4, w5 = weights[0], weights[1], weights[2], weights[3], weights[4], weights[5]
    for i in range(len(out)):
        out[i] = w0 * a[i] + w1 * b[i] + w2 * c[i] + w3 * d[i] + w4 * e[i] + w5 * f[i]
