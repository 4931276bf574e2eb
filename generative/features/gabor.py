"""How much a filter is like a Gabor function: a wave under a round or long hill.

Simple cells of the visual cortex answer like it, and so do filters that were learned from natural
images: J. P. Jones and L. A. Palmer, "An evaluation of the two-dimensional Gabor filter model of
simple receptive fields in cat striate cortex", Journal of Neurophysiology 58, 1987.

    g(x, y) = exp(-(x'^2 / (2 s^2) + y'^2 / (2 (s a)^2))) (p cos(2 pi f x') + q sin(2 pi f x'))

with x', y' turned by an angle around a centre. Given the five numbers of the hill and the wave's
frequency and angle, p and q are found by least squares, and the rest by gradient descent of all
filters and several starts at once.
"""

import math
from typing import Final, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

NUM_ANGLES: Final = 6  # of the starts
FREQUENCIES: Final = (0.1, 0.18, 0.28)  # cycles a pixel, of the starts
WIDTHS: Final = (1.0, 6.0)  # pixels, the least and the largest hill
LENGTHS: Final = (0.5, 4.0)  # of the hill along the wave's crests, in widths across
STEPS: Final = 150
RATE: Final = 0.05
RIDGE: Final = 1e-6  # keeps the two waves apart where they are the same
HIGHEST: Final = 0.5  # cycles a pixel


class GaborFits(NamedTuple):
    """The best function of each filter."""

    explained: Float[Tensor, " n"]
    """R^2: the share of the filter's variance around its mean that the function explains."""
    functions: Float[Tensor, "n size size"]
    """The functions, at the scale of the filters."""
    angles: Float[Tensor, " n"]
    """The direction in which the wave goes, in [0, pi)."""
    frequencies: Float[Tensor, " n"]
    """Cycles a pixel."""


def fit_gabors(filters: Float[Tensor, "n size size"], num_steps: int = STEPS) -> GaborFits:
    """Fit a Gabor function to each filter.

    Args:
        filters: of any scale; their means are taken away first.
        num_steps: of gradient descent.
    """
    n, size = len(filters), filters.shape[-1]
    wanted = (filters - filters.mean(dim=(1, 2), keepdim=True)).reshape(n, 1, -1).double()
    scale = wanted.square().sum(dim=-1, keepdim=True).sqrt().clamp_min(1e-12)
    wanted = wanted / scale  # (n, 1, pixels)
    raw = _starts(wanted, size).requires_grad_()
    optimizer = torch.optim.Adam([raw], lr=RATE)
    for _ in range(num_steps):
        optimizer.zero_grad()
        functions = _best(raw, wanted, size)
        torch.autograd.backward((functions - wanted).square().sum())
        optimizer.step()
    with torch.no_grad():
        functions = _best(raw, wanted, size)
        explained = 1.0 - (functions - wanted).square().sum(dim=-1)
        best = explained.argmax(dim=1)
        rows = torch.arange(n)
        angles, frequencies = raw[rows, best, 2] % math.pi, _within(raw[rows, best, 3], 0, HIGHEST)
        chosen = (functions[rows, best] * scale[:, 0]).reshape(n, size, size)
    return GaborFits(
        explained[rows, best].float(), chosen.float(), angles.float(), frequencies.float()
    )


def orientation(filters: Float[Tensor, "n size size"]) -> Float[Tensor, " n"]:
    """How far a filter answers to one orientation alone: 1 for a grating, 0 for a round blob.

    |sum of P(f) exp(2 i angle(f))| / sum of P(f) over the power spectrum P, 1 less the circular
    variance of the tuning curve.
    """
    size = filters.shape[-1]
    padded = torch.fft.fft2(filters, s=(4 * size, 4 * size))
    power = padded.abs().square()
    line = torch.fft.fftfreq(4 * size, dtype=filters.dtype)
    down, across = torch.meshgrid(line, line, indexing="ij")
    twice = torch.exp(2j * torch.atan2(down, across))
    direction = (power * twice).sum(dim=(1, 2)).abs()
    index: Tensor = direction / power.sum(dim=(1, 2)).clamp_min(1e-12)
    return index


def _starts(wanted: Float[Tensor, "n 1 pixels"], size: int) -> Float[Tensor, "n starts 6"]:
    """Centre, angle, frequency, width and length, where the filter is strongest, for each start."""
    energy = wanted[:, 0].square()
    x, y = _places(size, energy)
    total = energy.sum(dim=1).clamp_min(1e-12)
    centre = torch.stack([(energy * x).sum(dim=1), (energy * y).sum(dim=1)], dim=1) / total[:, None]
    angles = math.pi * torch.arange(NUM_ANGLES, dtype=energy.dtype) / NUM_ANGLES
    waves = torch.tensor([_unbound(f, 0, HIGHEST) for f in FREQUENCIES], dtype=energy.dtype)
    grid = torch.cartesian_prod(angles, waves)  # (starts, 2)
    hill = torch.tensor([_unbound(size / 5, *WIDTHS), _unbound(1.0, *LENGTHS)], dtype=energy.dtype)
    num, starts = len(wanted), len(grid)
    return torch.cat(
        [
            centre[:, None].expand(num, starts, 2),
            grid.expand(num, starts, 2),
            hill.expand(num, starts, 2),
        ],
        dim=2,
    ).contiguous()


def _best(
    raw: Float[Tensor, "n starts 6"], wanted: Float[Tensor, "n 1 pixels"], size: int
) -> Float[Tensor, "n starts pixels"]:
    """The functions of given hills and waves, their two amplitudes found by least squares."""
    left, top, angle, wave, width, length = (part[..., None] for part in raw.unbind(dim=-1))
    x, y = _places(size, raw)
    across = (x - left) * angle.cos() + (y - top) * angle.sin()
    along = (y - top) * angle.cos() - (x - left) * angle.sin()
    s = _within(width, *WIDTHS)
    reach = s * _within(length, *LENGTHS)
    hill = torch.exp(-(across.square() / (2 * s**2) + along.square() / (2 * reach**2)))
    phase = 2.0 * math.pi * _within(wave, 0, HIGHEST) * across
    waves = torch.stack([hill * phase.cos(), hill * phase.sin()], dim=-2)  # (n, starts, 2, pixels)
    gram = waves @ waves.mT + RIDGE * torch.eye(2, dtype=raw.dtype)
    amplitudes = torch.linalg.solve(gram, waves @ wanted[..., None])
    best: Tensor = (amplitudes * waves).sum(dim=-2)
    return best


def _places(size: int, like: Tensor) -> tuple[Float[Tensor, " pixels"], Float[Tensor, " pixels"]]:
    """The x and y of all pixels, row by row, from the middle."""
    line = torch.arange(size, dtype=like.dtype) - (size - 1) / 2
    y, x = torch.meshgrid(line, line, indexing="ij")
    return x.flatten(), y.flatten()


def _within(raw: Tensor, low: float, high: float) -> Tensor:
    """Any number to one between bounds."""
    return low + (high - low) * raw.sigmoid()


def _unbound(value: float, low: float, high: float) -> float:
    """Undoes ``_within``."""
    share = (value - low) / (high - low)
    return math.log(share / (1.0 - share))
