"""Gabor functions are found again, noise is not one, and orientation is measured."""

import math

import torch
from torch import Tensor

from etude.generative.features.gabor import fit_gabors, orientation

SIZE = 10


def gabor(angle: float, frequency: float, width: float, phase: float = 0.6) -> Tensor:
    line = torch.arange(SIZE) - (SIZE - 1) / 2
    y, x = torch.meshgrid(line, line, indexing="ij")
    across = (x - 0.5) * math.cos(angle) + (y + 0.8) * math.sin(angle)
    hill = torch.exp(-((x - 0.5) ** 2 + (y + 0.8) ** 2) / (2 * width**2))
    return hill * torch.cos(2 * math.pi * frequency * across + phase)


def test_gabor_functions_are_found_again() -> None:
    wanted = [(0.3, 0.2, 2.0), (1.2, 0.15, 2.5), (2.6, 0.25, 1.8)]
    filters = torch.stack([3.0 * gabor(*numbers) for numbers in wanted])
    fits = fit_gabors(filters, num_steps=60)
    assert fits.explained.min() > 0.98
    for found, (angle, _, _) in zip(fits.angles.tolist(), wanted, strict=True):
        difference = abs(found - angle) % math.pi
        assert min(difference, math.pi - difference) < 0.1
    expected = torch.tensor([frequency for _, frequency, _ in wanted])
    torch.testing.assert_close(fits.frequencies, expected, rtol=0, atol=0.03)
    centred = filters - filters.mean(dim=(1, 2), keepdim=True)
    assert (fits.functions - centred).square().mean() < 0.02 * centred.square().mean()


def test_noise_is_no_gabor_function() -> None:
    noise = torch.randn(8, SIZE, SIZE, generator=torch.Generator().manual_seed(0))
    assert fit_gabors(noise, num_steps=40).explained.max() < 0.6


def test_orientation_tells_gratings_from_blobs() -> None:
    line = torch.arange(SIZE) - (SIZE - 1) / 2
    y, x = torch.meshgrid(line, line, indexing="ij")
    blob = torch.exp(-(x**2 + y**2) / 4)
    grating = torch.cos(2 * math.pi * 0.25 * (x + y)) * torch.exp(-(x**2 + y**2) / 30)
    found = orientation(torch.stack([blob, grating, 5.0 * gabor(0.3, 0.2, 2.0)]))
    assert found[0] < 0.05
    assert found[1] > 0.9
    assert found[2] > 0.7
