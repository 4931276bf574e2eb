"""Whitened images: flat spectra of natural ones, known means and deviations."""

import pytest
import torch

from etude.generative.features.whitening import DEVIATION, grey, whiten


def test_an_image_whose_spectrum_falls_as_one_over_f_becomes_flat() -> None:
    size = 256
    frequency = torch.hypot(torch.fft.fftfreq(size)[:, None], torch.fft.rfftfreq(size)[None])
    white = torch.fft.rfft2(
        torch.randn(1, 1, size, size, generator=torch.Generator().manual_seed(0))
    )
    natural = torch.fft.irfft2(white / frequency.clamp_min(1 / size), s=(size, size))
    power = torch.fft.rfft2(whiten(natural)).abs().square()[0, 0]

    def mean(low: float, high: float) -> float:
        return float(power[(frequency >= low) & (frequency < high)].mean())

    assert mean(0.03, 0.06) == pytest.approx(mean(0.1, 0.13), rel=0.2)
    assert mean(0.45, 0.5) < 0.02 * mean(0.1, 0.13)  # beyond the cutoff


def test_mean_and_deviation_are_known_whatever_the_contrast() -> None:
    images = torch.rand(2, 1, 40, 50, generator=torch.Generator().manual_seed(0))
    found = whiten(torch.cat([images, 7.0 + 0.1 * images, torch.ones(1, 1, 40, 50)]))
    assert found.mean(dim=(1, 2, 3)).abs().max() < 1e-6
    deviations = found.square().mean(dim=(1, 2, 3)).sqrt()
    torch.testing.assert_close(deviations[:4], torch.full((4,), DEVIATION))
    assert deviations[4] < 1e-2  # nothing comes of nothing
    torch.testing.assert_close(found[:2], found[2:4], rtol=0, atol=1e-3)


def test_grey_keeps_grey() -> None:
    shade = torch.full((1, 3, 2, 2), 0.4)
    torch.testing.assert_close(grey(shade), shade[:, :1])
