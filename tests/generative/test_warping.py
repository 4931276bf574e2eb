"""Warping: whole pixels exactly, parts of pixels smoothly, more sharply if bicubic."""

import math

import pytest
import torch
from torch import Tensor

from etude.generative.warping import warp


def shift(x: float, y: float, size: int = 16) -> Tensor:
    return torch.tensor([x, y])[None, :, None, None].expand(1, 2, size, size)


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
def test_whole_pixels_are_moved_as_they_are(interpolation: str) -> None:
    image = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    moved = warp(image, shift(3.0, -2.0), interpolation)
    torch.testing.assert_close(moved[..., 2:, :-3], image[..., :-2, 3:], atol=1e-5, rtol=0.0)
    assert torch.allclose(moved[..., 2:, -1], image[..., :-2, -1], atol=1e-5)  # the border repeats


def test_bicubic_keeps_more_of_what_is_fine() -> None:
    wave = torch.sin(torch.arange(32.0) * math.pi / 2.0).expand(1, 1, 32, 32)  # 4 pixels a period
    kept = {
        name: warp(wave, shift(0.5, 0.0, 32), name)[..., 4:-4].abs().max().item()
        for name in ("bilinear", "bicubic")
    }
    assert kept["bilinear"] == pytest.approx(0.5, abs=1e-3)  # (0 + 1) / 2
    assert kept["bicubic"] > kept["bilinear"] + 0.05
