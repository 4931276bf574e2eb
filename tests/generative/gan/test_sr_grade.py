"""The grade of an enlarged photo."""

import math
from pathlib import Path

import pytest
import torch

from etude.generative.data import available_photos
from etude.generative.gan import sr_grade
from etude.generative.gan.sr_grade import grade, held_out_photos
from etude.generative.gan.super_resolution import downscale
from etude.generative.images import save_image
from etude.generative.style.encoders import LAYER_WEIGHTS, Judge
from etude.generative.style.tiny_encoder import TinyEncoder

JUDGE = Judge(TinyEncoder(), LAYER_WEIGHTS["tiny"])


def test_an_error_of_known_size() -> None:
    original = torch.full((1, 3, 32, 32), 100 / 255)
    brighter = torch.full((1, 3, 32, 32), 110 / 255)
    found = grade(brighter, original, 4, JUDGE)
    luma_error = 10 / 255 * (65.481 + 128.553 + 24.966)
    assert found.psnr == pytest.approx(20 * math.log10(255 / luma_error), abs=1e-3)


def test_the_original_is_perfect_and_borders_do_not_count() -> None:
    original = downscale(torch.rand(1, 3, 80, 80), 2)
    perfect = grade(original, original, 4, JUDGE)
    assert (perfect.psnr, perfect.ssim, perfect.distance) == (math.inf, pytest.approx(1.0), 0.0)
    framed = original.clone()
    framed[..., :4] = 0.0
    found = grade(framed, original, 4, JUDGE)
    assert found.psnr == math.inf
    assert found.distance > 0.0


def test_what_is_graded_has_8_bits() -> None:
    original = downscale(torch.rand(1, 3, 80, 80), 2)
    assert grade(original + 0.4 / 255, original, 4, JUDGE).psnr == math.inf


@pytest.mark.parametrize("scale", [2, 4])
def test_the_packages_photos_are_held_out(scale: int) -> None:
    photos = held_out_photos(scale)
    assert set(photos) == set(available_photos("held_out"))
    for small, original in photos.values():
        assert [scale * side for side in small.shape[2:]] == list(original.shape[2:])
        assert torch.equal(small, downscale(original, scale))


def test_photos_of_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "more").mkdir()
    save_image(tmp_path / "more" / "a.png", torch.rand(1, 3, 21, 30), {})
    photos = held_out_photos(4, tmp_path)
    assert {name: photo.original.shape for name, photo in photos.items()} == {
        "more/a.png": (1, 3, 20, 28)
    }
    monkeypatch.setattr(sr_grade, "available_photos", lambda split: {})
    with pytest.raises(ValueError, match=r"training has not seen, got none"):
        held_out_photos(4)
