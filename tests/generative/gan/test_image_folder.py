"""Folders of images: what comes out, and which do not fit together."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from etude.generative.gan.image_folder import ImageFolder
from etude.generative.gan.source import Source


def write(
    path: Path, width: int, height: int, mode: str = "RGB", seed: int = 0, noise: bool = True
) -> Path:
    """A picture of noise, or of one colour that depends on the seed."""
    shape = (height, width) if mode == "L" else (height, width, 3)
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 256, shape if noise else shape[2:], dtype=np.uint8)
    Image.fromarray(np.broadcast_to(values, shape)).save(path)
    return path


@pytest.fixture
def squares(tmp_path: Path) -> Path:
    """Five pictures of 32 x 32 in colour."""
    for i in range(5):
        write(tmp_path / f"{i}.png", 32, 32, seed=i)
    return tmp_path


def test_pictures_of_the_size_come_as_they_are(squares: Path) -> None:
    folder = ImageFolder(squares)
    assert isinstance(folder, Source)
    assert folder.shape == (3, 32, 32)
    assert len(folder) == 5
    for i, picture in enumerate(folder.pictures):
        with Image.open(squares / f"{i}.png") as file:
            np.testing.assert_array_equal(picture.permute(1, 2, 0).numpy(), np.asarray(file))


def test_draws_are_different_pictures_and_depend_on_the_state(squares: Path) -> None:
    folder = ImageFolder(squares)
    drawn = folder.draw(5, torch.Generator().manual_seed(0))
    assert drawn.dtype == torch.float32
    assert drawn.is_contiguous(memory_format=torch.channels_last)
    as_bytes = ((drawn + 1.0) * 127.5).round().to(torch.uint8)
    assert {bytes(x.numpy().tobytes()) for x in as_bytes.contiguous()} == {
        bytes(x.numpy().tobytes()) for x in folder.pictures.contiguous()
    }
    again, other = (folder.draw(5, torch.Generator().manual_seed(seed)) for seed in (0, 1))
    assert torch.equal(again, drawn)
    assert not torch.equal(other, drawn)


def test_draws_span_minus_one_to_one(tmp_path: Path) -> None:
    for name, value in (("black", 0), ("white", 255)):
        Image.new("RGB", (16, 16), (value,) * 3).save(tmp_path / f"{name}.png")
    drawn = ImageFolder(tmp_path).draw(2, torch.Generator().manual_seed(0))
    assert sorted(drawn.amax(dim=(1, 2, 3)).tolist()) == [-1.0, 1.0]


def test_half_of_the_samples_are_mirrored(squares: Path) -> None:
    folder, torch_rng = ImageFolder(squares, mirror=True), torch.Generator().manual_seed(0)
    originals = folder.pictures.float() / 127.5 - 1.0
    num_flipped = 0
    for sample in torch.cat([folder.draw(5, torch_rng) for _ in range(40)]):
        is_same = (originals == sample).all(dim=(1, 2, 3)).any()
        is_flipped = (originals == sample.flip(-1)).all(dim=(1, 2, 3)).any()
        assert bool(is_same) != bool(is_flipped)
        num_flipped += bool(is_flipped)
    assert 70 <= num_flipped <= 130  # 200 throws of a coin


@pytest.mark.parametrize(("side", "size"), [(8, 16), (16, 16), (40, 32), (64, 64), (300, 64)])
def test_size_that_the_pictures_fill(tmp_path: Path, side: int, size: int) -> None:
    for name in "ab":
        write(tmp_path / f"{name}.png", side, side)
    assert ImageFolder(tmp_path).shape == (3, size, size)


def test_crops_are_the_middle_of_the_scaled_picture(tmp_path: Path) -> None:
    wide = Image.new("RGB", (96, 32))
    wide.paste((255, 0, 0), (32, 0, 64, 32))
    wide.save(tmp_path / "wide.png")
    tall = Image.new("RGB", (64, 190))
    tall.paste((0, 0, 255), (0, 60, 64, 130))
    tall.save(tmp_path / "tall.png")
    folder = ImageFolder(tmp_path, crop=True)
    assert folder.shape == (3, 32, 32)
    blue, red = folder.pictures
    assert torch.equal(
        red, torch.tensor([255, 0, 0], dtype=torch.uint8).view(3, 1, 1).expand_as(red)
    )
    assert torch.equal(
        blue, torch.tensor([0, 0, 255], dtype=torch.uint8).view(3, 1, 1).expand_as(blue)
    )


def test_crops_of_pictures_that_lie_on_their_side(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by a quarter to see it upright
    for name in "ab":
        Image.new("RGB", (64, 32), (9, 9, 200)).save(tmp_path / f"{name}.jpg", exif=exif)
    assert ImageFolder(tmp_path, crop=True).shape == (3, 32, 32)


@pytest.mark.parametrize("sides", [(33, 57), (100, 101), (17, 400), (3000, 999)])
def test_crops_fill_the_square(tmp_path: Path, sides: tuple[int, int]) -> None:
    for name, size in (("a", sides), ("b", sides[::-1])):
        Image.new("RGB", size, (200, 9, 9)).save(tmp_path / f"{name}.jpg")
    assert ImageFolder(tmp_path, 16, crop=True).pictures.shape == (2, 3, 16, 16)


def test_grey_is_one_channel_however_it_is_stored(tmp_path: Path) -> None:
    stored = write(tmp_path / "a.png", 16, 16, "L")
    with Image.open(stored) as file:
        values = np.asarray(file)
        file.convert("RGB").save(tmp_path / "b.png")
    folder = ImageFolder(tmp_path)
    assert folder.shape == (1, 16, 16)
    for picture in folder.pictures:
        np.testing.assert_array_equal(picture[0].numpy(), values)
    assert ImageFolder(tmp_path, channels=3).shape == (3, 16, 16)


def test_grey_that_is_stored_as_colour_goes_with_colours(tmp_path: Path) -> None:
    with Image.open(write(tmp_path / "a.png", 16, 16, "L")) as file:
        converted = file.convert("RGB")
    converted.save(tmp_path / "a.png")
    write(tmp_path / "b.png", 16, 16)
    assert ImageFolder(tmp_path).shape == (3, 16, 16)


def test_grey_with_colour_is_an_error_that_names_both(tmp_path: Path) -> None:
    write(tmp_path / "colour.png", 16, 16)
    write(tmp_path / "grey.png", 16, 16, "L")
    with pytest.raises(ValueError, match=r"got 'grey\.png' and 'colour\.png'; ask for 1 channel"):
        ImageFolder(tmp_path)
    assert ImageFolder(tmp_path, channels=3).shape == (3, 16, 16)
    assert ImageFolder(tmp_path, channels=1).shape == (1, 16, 16)


def test_conversion_to_grey_is_that_of_pillow(squares: Path) -> None:
    folder = ImageFolder(squares, channels=1)
    with Image.open(squares / "0.png") as file:
        expected = np.asarray(file.convert("L")).astype(int)
    assert np.abs(folder.pictures[0, 0].numpy() - expected).max() <= 1


def test_folders_without_enough_pictures(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a folder that exists"):
        ImageFolder(tmp_path / "none")
    with pytest.raises(ValueError, match=r"got none in"):
        ImageFolder(tmp_path)
    write(tmp_path / "only.png", 16, 16)
    with pytest.raises(ValueError, match=r"at least 2 pictures, .* got 'only\.png' alone"):
        ImageFolder(tmp_path)


def test_sizes_that_do_not_fit_together(squares: Path) -> None:
    write(squares / "x.png", 48, 48)
    with pytest.raises(
        ValueError, match=r"one size, got '0\.png' with 32 x 32 and 'x\.png' with 48 x 48; crop"
    ):
        ImageFolder(squares)
    assert ImageFolder(squares, crop=True).shape == (3, 32, 32)
    write(squares / "x.png", 48, 32)
    with pytest.raises(ValueError, match=r"are squares, got 'x\.png' with 48 x 32; crop them"):
        ImageFolder(squares)


def test_pictures_that_are_too_small(squares: Path) -> None:
    assert ImageFolder(squares, 64).shape == (3, 64, 64)
    with pytest.raises(ValueError, match=r"at most 2 times, got '0\.png' with 32 x 32 for 128"):
        ImageFolder(squares, 128)
    write(squares / "x.png", 500, 7)
    with pytest.raises(ValueError, match=r"at most 2 times, got 'x\.png' with 500 x 7 for 16"):
        ImageFolder(squares, crop=True)


@pytest.mark.parametrize("content", [b"no picture", None])
def test_broken_pictures(squares: Path, content: bytes | None) -> None:
    whole = (squares / "0.png").read_bytes()
    (squares / "3.png").write_bytes(content or whole[: len(whole) // 2])
    with pytest.raises(ValueError, match=r"a picture is a .*3\.png"):
        ImageFolder(squares)


def test_batches_over_the_data(squares: Path) -> None:
    folder = ImageFolder(squares)
    with pytest.raises(ValueError, match=r"as there are, 5 in .* got 6; choose a smaller batch"):
        folder.draw(6, torch.Generator().manual_seed(0))


def test_arguments_out_of_range(squares: Path) -> None:
    with pytest.raises(ValueError, match="512, 1024 pixels, got 48; leave it out"):
        ImageFolder(squares, 48)
    with pytest.raises(ValueError, match="1 or 3 channels, got 2"):
        ImageFolder(squares, channels=2)
