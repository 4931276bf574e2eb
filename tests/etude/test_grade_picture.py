"""`etude grade CONTENT STYLE RESULT`: pictures and clips, on a screen and as JSON, and mistakes."""

import json
from pathlib import Path

import pytest
import torch

from etude import comparison
from etude.cli import main
from etude.generative.data import available_photos, style_image
from etude.generative.images import load_image, resize_to, save_image
from etude.generative.style.encoders import LAYER_WEIGHTS, Judge
from etude.generative.style.tiny_encoder import TinyEncoder

Output = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photo, its "painting" at half the size, a style, a film of three frames and one painted."""
    folder = tmp_path_factory.mktemp("pictures")
    photo = load_image(available_photos()["hopper"], 64)
    style = style_image("mosaic", 40)
    painting = 0.5 * photo + 0.5 * resize_to(style, *photo.shape[-2:])
    save_image(folder / "photo.png", resize_to(photo, 128, 2 * photo.shape[-1]), {})
    save_image(folder / "style.png", style, {})
    save_image(folder / "out.jpg", painting, {})
    save_image(folder / "wide.png", painting[..., :30, :], {})
    save_image(folder / "small.png", resize_to(painting, 10, 9), {})
    (folder / "broken.png").write_bytes((folder / "photo.png").read_bytes()[:500])
    for name, frames in (("film", 3), ("painted", 3), ("longer", 4)):
        (folder / name).mkdir()
        for i in range(frames):
            image = photo if name == "film" else painting
            save_image(folder / name / f"{i}.png", image[..., i : i + 50], {})
    return folder


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    judge = Judge(TinyEncoder(), LAYER_WEIGHTS["tiny"])
    monkeypatch.setattr(comparison, "held_out_encoder", lambda: judge)
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))


def grade(folder: Path, *arguments: str) -> None:
    """With the names of files as paths."""
    paths = [str(folder / word) if (folder / word).exists() else word for word in arguments]
    main(["grade", *paths])


def test_a_painting_between_photo_and_style(folder: Path, capsys: Output) -> None:
    grade(folder, "photo.png", "style.png", "out.jpg")
    shown = capsys.readouterr().out
    assert "out.jpg, judged by tiny at 55 x 64" in shown
    assert "transfer distance" in shown
    assert "warping" not in shown
    assert "LPIPS needs AlexNet's weights" in shown
    grade(folder, "photo.png", "style.png", "out.jpg", "--json")
    found = json.loads(capsys.readouterr().out)
    assert (found["content"], found["style"], found["result"]) == (
        "photo.png",
        "style.png",
        "out.jpg",
    )
    measures = found["measures"]
    assert list(measures) == ["painting", "photo", "style_image"]
    assert measures["photo"]["content"] == pytest.approx(0.0, abs=1e-3)
    assert measures["photo"]["transfer"] == measures["style_image"]["transfer"] == 1.0
    assert 0.0 < measures["painting"]["transfer"] < 1.0
    assert "lpips" in found["missing"]


def test_drawn_styles_and_sizes(folder: Path, capsys: Output) -> None:
    grade(folder, "photo.png", "mosaic", "out.jpg", "--size", "40", "--json")
    found = json.loads(capsys.readouterr().out)
    assert (found["style"], found["width"], found["height"]) == ("mosaic", 34, 40)


def test_lpips_where_its_weights_are(
    folder: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparison, "PerceptualDistance", lambda: lambda a, b: (a - b).abs().mean())
    grade(folder, "photo.png", "style.png", "out.jpg", "--json")
    found = json.loads(capsys.readouterr().out)
    assert found["missing"] == {}
    assert found["measures"]["photo"]["lpips"] == 0.0
    assert 0.0 < found["measures"]["painting"]["lpips"] < found["measures"]["style_image"]["lpips"]


def test_a_painted_clip(folder: Path, capsys: Output) -> None:
    grade(folder, "film", "waves", "painted")
    shown = capsys.readouterr().out
    assert "3 frames; the grades are means over 3 of them" in shown
    assert "warping error" in shown
    grade(folder, "film", "waves", "painted", "--json")
    found = json.loads(capsys.readouterr().out)
    assert found["frames"] == [3, 3]
    assert found["measures"]["painting"]["warping_error"] > 0.0
    assert found["measures"]["photo"]["warping_error"] > 0.0
    assert "warping_error" not in found["measures"]["style_image"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("missing.png", "waves", "out.jpg"), "a file that exists, got 'missing.png'"),
        (("photo.png", "wave", "out.jpg"), "did you mean 'waves'"),
        (("photo.png", "waves", "broken.png"), "it may be cut off"),
        (("photo.png", "waves", "wide.png"), "the shape of its photo, got 55 x 30 for 47 x 55"),
        (("photo.png", "waves", "small.png"), "at least 11 pixels, got 10 x 9"),
        (("film", "waves", "out.jpg"), "two pictures or two clips, got film and out.jpg"),
        (("film", "waves", "longer"), "as many frames as its film, got more than 3"),
        (("photo.png", "waves", "out.jpg", "--size", "0"), "at least 1 pixel, got 0"),
        (("photo.png", "waves"), "of an agent or of CONTENT STYLE RESULT, got 2 names"),
    ],
)
def test_mistakes_get_one_line(
    names: tuple[str, ...], message: str, folder: Path, capsys: Output
) -> None:
    with pytest.raises(SystemExit) as stop:
        grade(folder, *names)
    assert stop.value.code == 2
    complaint = capsys.readouterr().err
    assert message in complaint
    assert complaint.strip().count("\n") == 0
