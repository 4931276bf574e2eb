"""Pictures of every kind come in as the same RGB, and go out with a note."""

import io
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms
from torchvision.utils import make_grid

from etude.generative.images import (
    FORMATS,
    MAX_PIXELS,
    load_image,
    load_metadata,
    resize,
    save_image,
    side_by_side,
    to_uint8,
)

ORIENTATION = 0x0112


def saved(path: Path, picture: Image.Image, **options: object) -> torch.Tensor:
    picture.save(path, **options)
    return load_image(path)


def colour_at(image: torch.Tensor, row: int, column: int) -> list[float]:
    return [round(value, 3) for value in image[0, :, row, column].tolist()]


@pytest.mark.parametrize(
    ("mode", "colour", "suffix", "expected"),
    [
        ("RGB", (255, 0, 51), ".png", [1.0, 0.0, 0.2]),
        ("L", 51, ".png", [0.2, 0.2, 0.2]),
        ("1", 1, ".png", [1.0, 1.0, 1.0]),
        ("LA", (0, 0), ".png", [1.0, 1.0, 1.0]),
        ("RGBA", (255, 0, 0, 0), ".png", [1.0, 1.0, 1.0]),
        ("RGBA", (255, 0, 0, 51), ".png", [1.0, 0.8, 0.8]),
        ("CMYK", (0, 255, 255, 0), ".tif", [1.0, 0.0, 0.0]),
        ("I;16", 13107, ".png", [0.2, 0.2, 0.2]),
        ("I;16", 13107, ".tif", [0.2, 0.2, 0.2]),
        ("F", 0.2, ".tif", [0.2, 0.2, 0.2]),
    ],
)
def test_every_mode_is_rgb_on_white(
    mode: str, colour: object, suffix: str, expected: list[float], tmp_path: Path
) -> None:
    image = saved(tmp_path / f"x{suffix}", Image.new(mode, (3, 2), colour))
    assert image.shape == (1, 3, 2, 3)
    assert image.dtype == torch.float32
    assert colour_at(image, 0, 0) == pytest.approx(expected, abs=2e-3)


def test_palettes_with_transparency(tmp_path: Path) -> None:
    picture = Image.new("P", (2, 1))
    picture.putpalette([0, 0, 255, 255, 0, 0])
    picture.putpixel((1, 0), 1)
    image = saved(tmp_path / "x.png", picture, transparency=0)
    assert colour_at(image, 0, 0) == [1.0, 1.0, 1.0]
    assert colour_at(image, 0, 1) == [1.0, 0.0, 0.0]


def test_cameras_that_were_held_upright(tmp_path: Path) -> None:
    picture = Image.new("RGB", (2, 1), (255, 0, 0))
    picture.putpixel((1, 0), (0, 0, 255))
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # the right of the file is the bottom of the picture
    image = saved(tmp_path / "x.png", picture, exif=exif)
    assert image.shape == (1, 3, 2, 1)
    assert colour_at(image, 0, 0) == [1.0, 0.0, 0.0]
    assert colour_at(image, 1, 0) == [0.0, 0.0, 1.0]


def test_animations_are_their_first_frame(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (2, 2), colour) for colour in ("red", "blue")]
    image = saved(tmp_path / "x.gif", frames[0], save_all=True, append_images=frames[1:])
    assert colour_at(image, 0, 0) == [1.0, 0.0, 0.0]


def picture_bytes(format_name: str) -> bytes:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, format_name)
    return buffer.getvalue()


def png_header_claiming(width: int, height: int) -> bytes:
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "format such as"),
        (b"not a picture", "format such as"),
        (picture_bytes("PNG")[:2000], "cut off"),
        (picture_bytes("JPEG")[:2000], "cut off"),
        (picture_bytes("GIF")[:1000], "cut off"),
        (png_header_claiming(15_000, 15_000), f"at most {MAX_PIXELS:,} pixels"),
        (png_header_claiming(60_000, 60_000), f"at most {MAX_PIXELS:,} pixels"),
    ],
)
def test_files_that_are_no_whole_pictures(content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        load_image(tmp_path / "x.png")


def test_missing_files_and_folders(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"a file that exists, got .*gone\.png"):
        load_image(tmp_path / "gone.png")
    with pytest.raises(ValueError, match="a file that exists"):
        load_image(tmp_path)


@pytest.mark.parametrize("suffix", FORMATS)
def test_what_is_saved_comes_back_with_its_note(suffix: str, tmp_path: Path) -> None:
    ramp = torch.linspace(0.0, 1.0, 16).expand(1, 3, 16, 16).contiguous()
    path = tmp_path / f"x{suffix}"
    save_image(path, ramp, {"style": "größer", "size": 16})
    assert load_metadata(path) == {"style": "größer", "size": 16}
    assert torch.allclose(load_image(path), ramp, atol=0.03)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_pictures_from_elsewhere_have_no_note(tmp_path: Path) -> None:
    Image.new("RGB", (1, 1)).save(tmp_path / "x.png")
    assert load_metadata(tmp_path / "x.png") == {}


def test_a_picture_that_cannot_be_saved_leaves_the_older_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.png"
    save_image(path, torch.ones(1, 3, 2, 2), {})

    def fill_disk(*_: object, **__: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(Image.Image, "save", fill_disk)
    with pytest.raises(OSError, match="No space left"):
        save_image(path, torch.zeros(1, 3, 2, 2), {})
    assert colour_at(load_image(path), 0, 0) == [1.0, 1.0, 1.0]
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_bad_names_for_results(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"did you mean '\.png'"):
        save_image(tmp_path / "x.pngg", torch.zeros(1, 3, 1, 1), {})
    with pytest.raises(ValueError, match="existing folder"):
        save_image(tmp_path / "no" / "x.png", torch.zeros(1, 3, 1, 1), {})


def test_values_are_clamped_and_rounded() -> None:
    image = torch.tensor([-1.0, 0.5, 2.0]).view(1, 3, 1, 1)
    assert to_uint8(image).tolist() == [[[0, 128, 255]]]


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 50), st.floats(0.0, 1.0))
@settings(max_examples=30, deadline=None)
def test_resizing_keeps_the_aspect_and_flat_colours(
    height: int, width: int, size: int, value: float
) -> None:
    image = resize(torch.full((1, 3, height, width), value), size)
    assert max(image.shape[-2:]) == size
    shorter = min(height, width) * size / max(height, width)
    assert abs(min(image.shape[-2:]) - max(shorter, 1.0)) <= 0.5
    assert torch.allclose(image, torch.full_like(image, value), atol=1e-5)


def test_resizing_averages_what_it_cannot_keep() -> None:
    stripes = torch.tensor([0.0, 1.0]).repeat(32).expand(1, 3, 64, 64)
    middle = resize(stripes, 8)[..., 2:-2]
    assert torch.allclose(middle, torch.full_like(middle, 0.5), atol=0.02)
    with pytest.raises(ValueError, match="at least 1 pixel, got 0"):
        resize(stripes, 0)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_sixteen_bits_of_colour_stay_as_fine_as_they_are(suffix: str, tmp_path: Path) -> None:
    """Steps of one part in 65,535, which 8 bits would merge."""
    values = np.zeros((2, 3, 3), np.uint16)
    values[0, :, 0], values[..., 1], values[..., 2] = (1000, 1001, 1002), 30_000, 65_535
    cv2.imwrite(str(tmp_path / f"x{suffix}"), values[..., ::-1])  # OpenCV writes BGR
    image = load_image(tmp_path / f"x{suffix}")
    expected = torch.from_numpy(values.astype(np.float32) / 65_535).permute(2, 0, 1)[None]
    assert torch.allclose(image, expected, atol=1e-7)


def test_sixteen_bits_with_transparency_are_on_white(tmp_path: Path) -> None:
    values = np.full((2, 2, 4), 13_107, np.uint16)  # a fifth of everything
    cv2.imwrite(str(tmp_path / "x.png"), values)
    assert colour_at(load_image(tmp_path / "x.png"), 0, 0) == [0.84, 0.84, 0.84]


def test_sixteen_bits_that_are_cut_off(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 65_536, (64, 64, 3), dtype=np.uint16)
    cv2.imwrite(str(tmp_path / "x.png"), noise)
    whole = (tmp_path / "x.png").read_bytes()
    (tmp_path / "x.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match="cut off"):
        load_image(tmp_path / "x.png")


def swapped_profile() -> bytes:
    """An ICC profile like sRGB's, but what it calls red is blue."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = profile.index(b"rXYZ"), profile.index(b"bXYZ")
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    return bytes(profile).replace("sRGB".encode("utf-16-be"), "GBRs".encode("utf-16-be"))


@pytest.mark.parametrize(("mode", "colour"), [("RGB", (255, 0, 0)), ("RGBA", (255, 0, 0, 255))])
def test_embedded_profiles_say_what_the_colours_are(
    mode: str, colour: object, tmp_path: Path
) -> None:
    picture = Image.new(mode, (2, 2), colour)
    image = saved(tmp_path / "x.png", picture, icc_profile=swapped_profile())
    assert colour_at(image, 0, 0) == pytest.approx([0.0, 0.0, 1.0], abs=0.02)
    broken = saved(tmp_path / "y.png", picture, icc_profile=b"no profile")
    assert colour_at(broken, 0, 0) == [1.0, 0.0, 0.0]


def test_huge_pictures_are_reduced_before_they_are_resized(tmp_path: Path) -> None:
    ramp = np.tile(np.linspace(0, 255, 3000).astype(np.uint8), (30, 1))
    Image.fromarray(ramp).save(tmp_path / "x.png")
    small, whole = load_image(tmp_path / "x.png", 100), load_image(tmp_path / "x.png")
    assert small.shape == (1, 3, 1, 100)
    assert torch.allclose(small, resize(whole, 100), atol=0.01)


def test_a_full_disk_is_told_with_the_file_and_a_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill_disk(*_: object, **__: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(Image.Image, "save", fill_disk)
    with pytest.raises(OSError, match=r"got .*x\.png.*No space left.*; free some"):
        save_image(tmp_path / "x.png", torch.zeros(1, 3, 2, 2), {})


@pytest.mark.parametrize(("n", "channels", "num_columns"), [(7, 3, 3), (2, 1, 5), (1, 3, 4)])
def test_images_side_by_side_lie_as_in_torchvision(n: int, channels: int, num_columns: int) -> None:
    images = torch.rand(n, channels, 4, 6, generator=torch.Generator().manual_seed(0))
    expected = make_grid(images, num_columns, padding=2, pad_value=1.0)
    assert torch.equal(side_by_side(images, num_columns, gap=2)[0], expected.expand(3, -1, -1))
