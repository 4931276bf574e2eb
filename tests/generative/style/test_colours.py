"""Colours kept: moments are matched, brightness is replaced."""

import pytest
import torch
from torch import Tensor

from etude.generative.style.colours import (
    luminance,
    match_colours,
    match_luminance,
    with_colours_of,
)


def muted_image(seed: int, height: int, width: int) -> Tensor:
    """Colours far from 0 and 1, so that nothing is clamped."""
    torch_rng = torch.Generator().manual_seed(seed)
    tint = 0.4 + 0.2 * torch.rand(1, 3, 1, 1, generator=torch_rng)
    return tint + 0.02 * torch.randn(1, 3, height, width, generator=torch_rng)


def test_matched_colours_have_mean_and_covariance_of_the_content() -> None:
    style, content = muted_image(0, 20, 30), muted_image(1, 40, 10)
    mixed = torch.einsum(
        "dc,nchw->ndhw", torch.tensor([[1, 0, 0], [0.5, 1, 0], [0, 0.2, 1]]), content
    )
    content = (0.5 * mixed).clamp(0.0, 1.0)
    matched = match_colours(style, content)
    assert matched.shape == style.shape
    pixels, wanted = matched[0].flatten(1), content[0].flatten(1)
    assert torch.allclose(pixels.mean(1), wanted.mean(1), atol=1e-4)
    assert torch.allclose(torch.cov(pixels), torch.cov(wanted), atol=2e-5)


def test_matching_an_image_with_itself_changes_nothing() -> None:
    image = muted_image(0, 16, 16)
    assert torch.allclose(match_colours(image, image), image, atol=1e-5)


def test_flat_images_can_be_matched() -> None:
    content = muted_image(0, 8, 8)
    matched = match_colours(torch.full((1, 3, 4, 4), 0.9), content)
    assert torch.allclose(matched.mean((2, 3)), content.mean((2, 3)), atol=1e-4)
    grey = match_luminance(torch.full((1, 3, 4, 4), 0.9), content)
    assert grey.mean().item() == pytest.approx(luminance(content).mean().item(), abs=1e-4)


def test_luminance_is_that_of_television() -> None:
    assert luminance(torch.tensor([0.0, 1.0, 0.0]).view(1, 3, 1, 1)).flatten().tolist() == (
        pytest.approx([0.587] * 3)
    )
    assert torch.allclose(luminance(torch.ones(1, 3, 2, 2)), torch.ones(1, 3, 2, 2))


def test_matched_luminance_has_the_contents_moments() -> None:
    style, content = muted_image(0, 20, 30), muted_image(1, 40, 10)
    matched, wanted = match_luminance(style, content), luminance(content)
    assert matched.mean().item() == pytest.approx(wanted.mean().item(), abs=1e-5)
    assert matched.std(correction=0).item() == pytest.approx(
        wanted.std(correction=0).item(), rel=1e-3
    )


def test_colours_come_from_one_image_and_brightness_from_the_other() -> None:
    image, content = muted_image(0, 8, 8), muted_image(1, 8, 8)
    both = with_colours_of(image, content)
    assert torch.allclose(luminance(both), luminance(image), atol=1e-5)
    differences = both - content  # grey: what a change of brightness alone does
    assert torch.allclose(differences, differences.mean(1, keepdim=True).expand_as(both), atol=1e-4)
    assert torch.allclose(with_colours_of(content, content), content, atol=1e-5)
