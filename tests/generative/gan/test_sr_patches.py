"""Pairs of patches: that they belong together, and what they are drawn from."""

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from etude.generative.data import available_photos
from etude.generative.gan import sr_patches
from etude.generative.gan.sr_patches import (
    PictureFiles,
    draw_patches,
    packaged_pictures,
    pictures_of,
)
from etude.generative.gan.super_resolution import downscale
from etude.generative.images import load_image, save_image


def picture(height: int, width: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(seed))


@given(st.sampled_from([2, 4]), st.integers(8, 12), st.integers(0, 100))
def test_small_patches_are_the_large_ones_reduced(scale: int, size: int, seed: int) -> None:
    patches = draw_patches([picture(90, 120)], 2, size, scale, torch.Generator().manual_seed(seed))
    assert patches.small.shape == (2, 3, size, size)
    assert patches.large.shape == (2, 3, scale * size, scale * size)
    inside = slice(2, -2)  # beyond, a reduction of the patch alone misses what is around it
    expected = downscale(patches.large, scale)[..., inside, inside]
    assert torch.allclose(patches.small[..., inside, inside], expected, atol=1.01 / 255)


def test_patches_at_the_pictures_scale_are_its_own_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sr_patches, "REDUCED_SHARE", 0.0)
    image = picture(60, 60)
    values = set(image.flatten().tolist())
    patches = draw_patches([image], 8, 8, 2, torch.Generator().manual_seed(0))
    assert set(patches.large.flatten().tolist()) <= values
    reduced = downscale(image, 2)  # a patch at an even place is a part of the whole one's reduction
    assert patches.small.min() >= reduced.min() - 0.2


def test_the_whole_picture_is_drawn_from_in_all_turns() -> None:
    ramp = torch.linspace(0.0, 1.0, 100).view(1, 1, 100, 1).expand(1, 3, 100, 100).contiguous()
    large = draw_patches([ramp], 64, 8, 2, torch.Generator().manual_seed(0)).large
    falls = (large[..., -1, :] - large[..., 0, :]).mean(dim=(1, 2))
    across = (large[..., -1] - large[..., 0]).mean(dim=(1, 2))
    assert {
        (round(float(x), 0), round(float(y), 0)) for x, y in zip(falls * 5, across * 5, strict=True)
    } >= {(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)}


def test_colours_are_exchanged() -> None:
    image = torch.zeros(1, 3, 40, 40)
    image[:, 0] = 1.0
    large = draw_patches([image], 32, 8, 2, torch.Generator().manual_seed(0)).large
    assert set(large.mean(dim=(2, 3)).argmax(dim=1).tolist()) == {0, 1, 2}


def test_small_pictures_are_enlarged() -> None:
    patches = draw_patches([picture(9, 30)], 4, 8, 4, torch.Generator().manual_seed(0))
    assert patches.large.shape == (4, 3, 32, 32)
    assert 0.0 <= patches.large.min() <= patches.large.max() <= 1.0


def test_packages_carry_photos_textures_and_styles_but_none_held_out() -> None:
    pictures = packaged_pictures()
    assert len(pictures) == 4 * 6 + 5 + 12
    for file in available_photos("held_out").values():
        held_out = load_image(file)
        assert not any(
            held_out.shape == other.shape and torch.equal(held_out, other) for other in pictures
        )


def test_a_folder_is_read_when_asked_for(tmp_path: Path) -> None:
    save_image(tmp_path / "a.png", picture(20, 30), {})
    save_image(tmp_path / "b.png", picture(512, 2048), {})
    pictures = pictures_of(tmp_path)
    assert isinstance(pictures, PictureFiles)
    assert [tuple(pictures[i].shape) for i in range(len(pictures))] == [
        (1, 3, 20, 30),
        (1, 3, 256, 1024),
    ]


def test_nothing_to_learn_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="got none in"):
        pictures_of(tmp_path)
    with pytest.raises(ValueError, match="at least one picture, got none"):
        draw_patches([], 1, 8, 2, torch.Generator())
    monkeypatch.setattr(sr_patches, "available_photos", lambda split: {})
    with pytest.raises(ValueError, match=r"pip install 'etude\[photos\]'"):
        pictures_of(None)
