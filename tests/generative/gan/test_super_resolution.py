"""Enlarging and reducing photos: tiles, ensembles, and files of networks."""

from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch import nn

from etude.generative.gan.srgan import SRResNet, bicubic
from etude.generative.gan.super_resolution import (
    SHIPPED,
    Model,
    Upscaler,
    cropped,
    downscale,
    open_upscaler,
    rounded,
    save_upscaler,
    shipped,
    upscale,
)


def shaken(scale: int = 2, *, paper: bool = False) -> SRResNet:
    """A small network with weights that do something everywhere."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = SRResNet(scale, 4, 1, paper=paper)
        for parameter in network.parameters():
            nn.init.normal_(parameter, std=0.2)
    return network.eval().requires_grad_(False)


@settings(max_examples=20)
@given(st.integers(1, 23), st.integers(1, 23), st.integers(3, 9), st.booleans())
def test_tiles_leave_no_trace(height: int, width: int, tile: int, paper: bool) -> None:
    network = shaken(paper=paper)
    image = torch.rand(1, 3, height, width)
    whole = network(image).clamp(0.0, 1.0)
    assert torch.allclose(upscale(network, image, tile=tile), whole, atol=1e-5)


def test_tiles_are_counted() -> None:
    told: list[tuple[int, int]] = []
    upscale(shaken(), torch.rand(1, 3, 10, 7), tile=4, on_tile=lambda *found: told.append(found))
    assert told == [(i, 6) for i in range(1, 7)]
    with pytest.raises(ValueError, match="at least 1 pixel a side, got 0"):
        upscale(shaken(), torch.rand(1, 3, 4, 4), tile=0)


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("is_mirrored", [False, True])
def test_an_ensemble_turns_with_its_image(turns: int, *, is_mirrored: bool) -> None:
    network, image = shaken(), torch.rand(1, 3, 6, 8)

    def turned(picture: torch.Tensor) -> torch.Tensor:
        rotated = picture.rot90(turns, (2, 3))
        return rotated.flip(3) if is_mirrored else rotated

    there = upscale(network, turned(image), ensemble=True)
    assert torch.allclose(there, turned(upscale(network, image, ensemble=True)), atol=1e-5)
    if turns or is_mirrored:
        assert not torch.allclose(
            upscale(network, turned(image)), turned(upscale(network, image)), atol=1e-3
        )


def test_results_are_in_range() -> None:
    network = shaken()
    made = upscale(network, torch.rand(1, 3, 16, 16))
    assert not torch.equal(network(torch.ones(1, 3, 4, 4)).clamp(0.0, 1.0), torch.ones(1, 3, 8, 8))
    assert 0.0 <= made.min() <= made.max() <= 1.0


def test_reduction_keeps_flat_images_and_straight_ramps() -> None:
    flat = torch.full((1, 3, 8, 12), 0.6)
    assert torch.allclose(downscale(flat, 4), torch.full((1, 3, 2, 3), 0.6))
    ramp = torch.linspace(0.0, 1.0, 256).expand(1, 3, 16, 256)
    expected = ramp.reshape(1, 3, 4, 4, 64, 4).mean(dim=(3, 5))
    inside = slice(2, -2)  # at the ends the kernel is cut off
    assert torch.allclose(downscale(ramp, 4)[..., inside], expected[..., inside], atol=0.6 / 255)


def test_reduced_values_fit_into_8_bits() -> None:
    small = downscale(torch.rand(1, 3, 16, 16), 2)
    assert torch.equal(small, rounded(small))
    levels = small * 255.0
    assert torch.allclose(levels, levels.round(), atol=1e-4)


def test_what_is_left_over_is_cropped() -> None:
    image = torch.rand(1, 3, 11, 9)
    assert torch.equal(cropped(image, 4), image[..., :8, :8])
    with pytest.raises(ValueError, match=r"sides that are multiples of it, got 11 x 9; crop"):
        downscale(image, 4)
    with pytest.raises(ValueError, match="at least 4 pixels a side, got 3 x 9"):
        cropped(image[..., :3, :], 4)


def test_a_file_brings_the_network_back(tmp_path: Path) -> None:
    for paper in (False, True):
        network, image = shaken(4, paper=paper), torch.rand(1, 3, 9, 8)
        path = tmp_path / f"{paper}.safetensors"
        save_upscaler(path, Upscaler(network=network, model="srgan", notes={"seed": 1}))
        opened = open_upscaler(path)
        assert (opened.model, opened.notes, opened.network.is_paper) == (
            "srgan",
            {"seed": 1},
            paper,
        )
        assert torch.equal(upscale(opened.network, image), upscale(network, image))
        assert not any(parameter.requires_grad for parameter in opened.network.parameters())


def test_files_of_something_else(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    save_file({"x": torch.ones(1)}, path)
    with pytest.raises(ValueError, match=r"format 'etude-upscaler-1', got None"):
        open_upscaler(path)
    metadata = {"format": "etude-upscaler-1", "arguments": '{"scale": 4}', "model": "srgan"}
    save_file({"x": torch.ones(1)}, path, metadata)
    with pytest.raises(ValueError, match="fit its weights"):
        open_upscaler(path)


@pytest.mark.parametrize(("model", "scale"), SHIPPED)
def test_what_comes_along_is_small_and_beats_interpolation(model: Model, scale: int) -> None:
    upscaler = shipped(model, scale)
    assert SHIPPED[model, scale].stat().st_size < 4_000_000
    assert (upscaler.model, upscaler.network.scale) == (model, scale)
    down = torch.linspace(-1.0, 1.0, 96).view(96, 1)
    disc = (down.square() + down.view(1, 96).square() < 0.5).float()  # an edge at every angle
    original = disc.expand(1, 3, 96, 96)
    small = downscale(original, scale)
    errors = [
        (made.clamp(0.0, 1.0) - original).abs().mean()
        for made in (upscale(upscaler.network, small), bicubic(small, scale))
    ]
    assert errors[0] < 0.8 * errors[1]


def test_no_network_for_other_scales() -> None:
    with pytest.raises(ValueError, match=r"are srresnet x2, .* got srgan x2"):
        shipped("srgan", 2)
