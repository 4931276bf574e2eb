"""`etude features` from end to end with the tiny encoder, and what users do wrong."""

import json
from pathlib import Path

import pytest
import torch

from etude.cli import main
from etude.features_occlusion import heat
from etude.features_sheet import open_photo, open_photos
from etude.generative.data import style_image
from etude.generative.features.occlusion import Square
from etude.generative.images import load_image, load_metadata, save_image

TINY = ("--encoder", "tiny")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("features")
    (folder / "photos").mkdir()
    for name, style in (("photo", "mosaic"), ("photos/one", "waves"), ("photos/two", "cubism")):
        save_image(folder / f"{name}.png", style_image(style, 96), {})
    return folder


@pytest.fixture
def folder(pictures: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(pictures)
    return pictures


def features(*arguments: str) -> None:
    main(["features", *arguments])


def error_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as stopped:
        features(*arguments)
    assert stopped.value.code == 2
    error: str = capsys.readouterr().err
    assert error.startswith("etude: ")
    assert error.count("\n") == 1
    return error


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("deconv", ("--images", "photos", "--window", "64", "--num-units", "2")),
        ("deconv", ("photo.png", "--size", "48", "--rule", "saliency")),
        ("occlusion", ("photo.png", "--size", "48")),
        ("maximise", ("--size", "16", "--steps", "4", "--num-units", "3")),
        ("invert", ("photo.png", "--size", "32", "--evaluations", "4")),
    ],
)
def test_a_sheet_that_says_how_it_was_made(
    folder: Path, capsys: pytest.CaptureFixture[str], command: str, options: tuple[str, ...]
) -> None:
    features(command, *options, *TINY, "-o", "sheet.png")
    sheet, note = load_image(folder / "sheet.png"), load_metadata(folder / "sheet.png")
    assert min(sheet.shape[2:]) > 200
    assert note["made_by"].startswith(f"etude features {command} ")
    assert note["encoder"] == "tiny"
    assert note["layers"] == ["conv1", "conv2"]
    assert note.get("photo") == ("photo.png" if options[0] == "photo.png" else None)
    shown = capsys.readouterr().out
    assert "tiny: random weights" in shown
    assert "sheet.png: " in shown
    first = (folder / "sheet.png").read_bytes()
    features(command, *options, *TINY, "-o", "sheet.png")
    assert (folder / "sheet.png").read_bytes() == first


def test_layers_and_units_that_are_asked_for(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--layers", "conv2", "--units", "11", "0", "--images", "photos", "--window", "64")
    features("deconv", *options, *TINY, "-o", "two.png", "--json")
    outcome = json.loads(capsys.readouterr().out)
    assert outcome["layers"] == ["conv2"]
    assert outcome["settings"]["units"] == [11, 0]
    assert outcome["settings"]["rule"] == "guided"  # tiny has no switches
    assert outcome["out"] == "two.png"


def test_seeds_draw_other_units(folder: Path) -> None:
    sheets = []
    for seed in ("0", "1"):
        features("maximise", "--size", "16", "--steps", "1", "--seed", seed, *TINY, "-o", "m.png")
        sheets.append(load_image(folder / "m.png"))
    assert sheets[0].shape != sheets[1].shape or (sheets[0] != sheets[1]).any()


def test_heat_is_red_where_something_falls() -> None:
    photo, fall = torch.full((1, 3, 20, 30), 0.5), torch.zeros(4, 6)
    fall[0, 0], fall[3, 5] = 1.0, -1.0
    shown = heat(photo, fall, Square(side=5, stride=5))
    red, green, blue = shown[0]
    assert red[2, 2] == 1.0 > green[2, 2]
    assert blue[17, 27] == 1.0 > red[17, 27]
    assert (shown[0, :, 10, 15] == 0.5).all()


def test_without_a_photo_one_of_a_package() -> None:
    assert max(open_photo(None, 40).shape[2:]) == 40
    assert len(open_photos(None)) >= 1


def test_without_packages_a_kind_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("etude.features_sheet.available_photos", dict)
    with pytest.raises(ValueError, match=r"name a file, or run `pip install 'etude\[photos\]'`"):
        open_photo(None, 40)
    with pytest.raises(ValueError, match="name a folder with --images"):
        open_photos(None)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("deconv", "photo.png", "--layers", "conv3"), "one of conv1, conv2, got 'conv3'"),
        (("deconv", "photo.png", "--units", "12"), "a channel from 0 to 7, got 12"),
        (("deconv", "--images", "photos", "--units", "-1"), "a channel from 0 to 7, got -1"),
        (("deconv", "nothing.png"), "a file that exists, got 'nothing.png'"),
        (("deconv", "--images", "nowhere"), "a folder that exists, got 'nowhere'"),
        (("deconv", "photo.png", "--images", "photos"), "leave one of them out"),
        (("deconv", "--images", "photos", "--window", "1024"), "at least 1024 x 1024 pixels"),
        (("deconv", "--window", "100"), "a multiple of 32, got 100"),
        (("deconv", "photo.png", "-o", "sheet.txt"), "the ending of a picture"),
        (("occlusion", "photo.png", "--layers", "relu4_2"), "got 'relu4_2'"),
        (("occlusion", "photo.png", "--units", "99"), "a channel from 0 to 7, got 99"),
        (("occlusion", "photo.png", "--side", "500"), "within the photo"),
        (("occlusion", "nothing.png"), "a file that exists"),
        (("maximise", "--layers", "conv9"), "got 'conv9'"),
        (("maximise", "--units", "8"), "a channel from 0 to 7, got 8"),
        (("maximise", "--steps", "0"), "steps is at least 1, got 0"),
        (("maximise", "--num-units", "0"), "num_units is at least 1, got 0"),
        (("invert", "photo.png", "--layers", "conv1", "b5e"), "got 'b5e'"),
        (("invert", "nothing.png"), "a file that exists"),
        (("invert", "photo.png", "--size", "3"), "size is at least 16, got 3"),
        (("invert", "photo.png", "-o", "nowhere/sheet.png"), "an existing folder"),
    ],
)
def test_what_users_do_wrong(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    message: str,
) -> None:
    assert message in error_of(capsys, *arguments, *TINY)
