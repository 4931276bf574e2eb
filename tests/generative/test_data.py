"""Style images and photographs: seeds, sizes, licences, splits."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from etude.generative.data import (
    PHOTOS,
    STYLES,
    Pictures,
    available_photos,
    contact_sheet,
    pictures_in,
    random_crops,
    style_image,
    style_sheet,
)
from etude.generative.images import save_image
from etude.generative.style_images.canvas import coordinates, inside, lit, noise, palette, reduced
from etude.generative.style_images.glass import voronoi
from etude.generative.style_images.marbling import _undo_drop, _undo_tine


@pytest.mark.parametrize("name", STYLES)
def test_a_seed_gives_one_picture(name: str) -> None:
    first, again, other = (style_image(name, 48, seed) for seed in (3, 3, 4))
    assert first.shape == (1, 3, 48, 48)
    assert first.dtype == torch.float32
    assert 0.0 <= first.min() < first.max() <= 1.0
    assert torch.equal(first, again)
    assert (first - other).abs().mean() > 0.01
    assert first.std(dim=(2, 3)).min() > 0.05  # no channel is flat


@pytest.mark.parametrize("name", STYLES)
def test_the_composition_is_the_same_at_every_size(name: str) -> None:
    small, large = (F.adaptive_avg_pool2d(style_image(name, size), 12) for size in (96, 192))
    other = F.adaptive_avg_pool2d(style_image(name, 96, seed=1), 12)
    assert (small - large).abs().mean() < 0.04
    assert (small - large).abs().mean() < 0.5 * (small - other).abs().mean()


def test_strokes_worked_out_together_are_those_laid_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    together = style_image("starry-swirls", 48)
    monkeypatch.setattr("etude.generative.style_images.strokes.CHUNK", 1)
    assert torch.equal(style_image("starry-swirls", 48), together)


@pytest.mark.parametrize(
    ("name", "size", "message"),
    [
        ("wave", 64, "a style is one of brush-strokes, .* got 'wave'; did you mean 'waves'"),
        ("waves", 2, "16 to 8192 pixels a side, got 2"),
        ("waves", 10_000, "got 10000; for example 512"),
    ],
)
def test_what_cannot_be_drawn_is_named(name: str, size: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        style_image(name, size)


def test_noise_is_smooth_centred_and_of_deviation_one() -> None:
    x, y = coordinates(256)
    heights = noise(x, y, 30.0, np.random.default_rng(0), octaves=1)
    assert abs(heights.mean()) < 0.1
    assert 0.7 < heights.std() < 1.3
    assert np.abs(np.diff(heights, axis=0)).max() < 1.0


def test_half_a_pixel_is_covered_by_an_edge_through_its_middle() -> None:
    x, _ = coordinates(8)
    cover = inside(x - x[0, 3])
    np.testing.assert_allclose(cover[0], [1.0, 1.0, 1.0, 0.5, 0.0, 0.0, 0.0, 0.0])


def test_slopes_towards_the_lamp_are_brighter() -> None:
    _, y = coordinates(16)
    grey = np.full((16, 16, 3), 0.5)
    assert lit(grey, y, 0.3).mean() > 0.5 > lit(grey, -y, 0.3).mean()
    np.testing.assert_array_equal(lit(grey, np.zeros_like(y), 0.3), grey)


def test_a_voronoi_border_is_the_bisector() -> None:
    x, y = coordinates(32)
    sites = np.array([[0.25, 0.5], [0.75, 0.5], [0.5, 9.0]])
    cell, border = voronoi(x, y, sites)
    np.testing.assert_array_equal(cell, (x > 0.5).astype(int))
    np.testing.assert_allclose(border, np.abs(x - 0.5), atol=1e-12)


def test_undoing_a_drop_undoes_it() -> None:
    rng = np.random.default_rng(0)
    centre, radius = np.array([0.4, 0.6]), 0.2
    before = rng.random((2, 5, 5)) * 2.0
    away = before - centre[:, None, None]
    after = centre[:, None, None] + away * np.sqrt(1.0 + radius**2 / (away**2).sum(axis=0))
    x, y, hit = _undo_drop(after[0], after[1], *centre, radius)
    np.testing.assert_allclose([x, y], before, atol=1e-12)
    assert not hit.any()  # ink that was there is outside the drop now


def test_a_tine_pulls_most_where_it_is_drawn() -> None:
    along, across = np.zeros((1, 3)), np.array([[0.5, 0.53, 0.9]])
    moved = _undo_tine(along, across, place=0.5, pull=-0.1)
    np.testing.assert_allclose(moved, [[0.1, 0.05, 0.1 * 0.03 / 0.43]])


def test_a_contact_sheet_places_images_row_by_row() -> None:
    images = [torch.full((1, 3, 20, 30 + i), i / 4.0) for i in range(3)]
    sheet = contact_sheet(images, num_columns=2, size=10, gap=2)
    assert sheet.shape == (1, 3, 26, 26)
    assert [sheet[0, 0, row, column].item() for row, column in ((5, 5), (5, 17), (17, 5))] == [
        0.0,
        0.25,
        0.5,
    ]
    assert sheet[0, 0, 17, 17] == sheet[0, 0, 0, 0] == 1.0
    with pytest.raises(ValueError, match="got 0 images in 4 columns"):
        contact_sheet([])


def test_the_sheet_of_styles_shows_them_in_order() -> None:
    sheet = style_sheet(["waves", "mosaic"], num_columns=2, size=32)
    torch.testing.assert_close(sheet[..., 8:40, 8:40], style_image("waves", 32))
    torch.testing.assert_close(sheet[..., 8:40, 48:80], style_image("mosaic", 32))


def test_held_out_photos_are_not_in_training() -> None:
    train, held_out = available_photos("train"), available_photos("held_out")
    assert not set(train) & set(held_out)
    assert not set(train.values()) & set(held_out.values())
    assert available_photos() == {
        name: (train | held_out)[name] for name in PHOTOS if name in train | held_out
    }
    assert available_photos("train")["hopper"].is_file()  # Matplotlib is always there
    assert all(photo.licence for photo in PHOTOS.values())
    with pytest.raises(ValueError, match="a split is one of train, held_out, all, got 'test'"):
        available_photos("test")


def test_photos_of_packages_that_are_not_installed_are_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("etude.generative.data.find_spec", lambda name: None)
    assert available_photos() == {}


def test_crops_depend_on_the_generator_alone() -> None:
    ramp = torch.linspace(0.0, 1.0, 40).expand(1, 3, 30, 40)
    torch_rng = torch.Generator().manual_seed(0)
    state = torch_rng.get_state()
    crops = random_crops([ramp, ramp[..., :12, :12]], 16, 16, torch_rng)
    torch_rng.set_state(state)
    assert torch.equal(crops, random_crops([ramp, ramp[..., :12, :12]], 16, 16, torch_rng))
    assert crops.shape == (16, 3, 16, 16)
    rises = crops[:, 0, 0, -1] > crops[:, 0, 0, 0]
    assert 0 < rises.sum() < 16  # some are mirrored, some are not
    with pytest.raises(ValueError, match="at least one image, got none"):
        random_crops([], 1, 16, torch_rng)


def test_reducing_takes_the_means_of_blocks() -> None:
    picture = np.arange(16.0).reshape(4, 4, 1) * np.ones(3)
    np.testing.assert_array_equal(reduced(picture, 2)[..., 1], [[2.5, 4.5], [10.5, 12.5]])


def test_hexadecimal_colours() -> None:
    np.testing.assert_allclose(palette("00ff80"), [[0.0, 1.0, 128.0 / 255.0]])


def test_pictures_of_a_folder_are_read_when_asked_for(tmp_path: Path) -> None:
    (tmp_path / "deeper").mkdir()
    for name in ("b.png", "deeper/a.JPG", ".hidden.png"):
        save_image(tmp_path / name, style_image("waves", 32), {})
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    files = pictures_in(tmp_path)
    assert [file.name for file in files] == ["b.png", "broken.png", "a.JPG"]
    pictures = Pictures(files, size=20)
    assert len(pictures) == 3
    assert pictures[0].shape == (1, 3, 20, 20)
    assert pictures[0] is pictures[0]  # kept in memory
    with pytest.raises(ValueError, match=r"got .*broken\.png"):
        pictures[1]
    crops = random_crops(Pictures([files[0], files[2]]), 2, 16, torch.Generator().manual_seed(0))
    assert crops.shape == (2, 3, 16, 16)
    for folder, message in ((tmp_path / "none", "a folder that exists"), (files[2], "a folder")):
        with pytest.raises(ValueError, match=message):
            pictures_in(folder)


def test_only_so_many_pictures_stay_in_memory(tmp_path: Path) -> None:
    for name in ("a", "b"):
        save_image(tmp_path / f"{name}.png", style_image("waves", 32), {})
    pictures = Pictures(pictures_in(tmp_path), num_kept=1)
    first = pictures[0]
    assert pictures[1] is pictures[1]
    assert pictures[0] is not first
