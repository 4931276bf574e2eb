"""`etude stylize` and `etude encoders`: a painting with a note in it, and mistakes in one line."""

from pathlib import Path

import pytest
import torch

from etude.cli import main
from etude.generative.images import load_image, load_metadata, save_image
from etude.generative.style import gatys


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    torch_rng = torch.Generator().manual_seed(0)
    for name, height, width in (("photo", 48, 64), ("painting", 40, 40), ("thin", 2, 400)):
        save_image(folder / f"{name}.png", torch.rand(1, 3, height, width, generator=torch_rng), {})
    half = torch.zeros(1, 3, 48, 64)
    half[..., :32] = 1.0
    save_image(folder / "left.png", half, {})
    save_image(folder / "right.png", 1.0 - half, {})
    (folder / "broken.png").write_bytes((folder / "photo.png").read_bytes()[:500])
    return folder


def quick(
    folder: Path, *options: str, content: str = "photo.png", out: str = "out.png"
) -> list[str]:
    return [
        *("stylize", str(folder / content), "-o", str(folder / out)),
        *("--encoder", "tiny", "--size", "32", "--evaluations", "5", *options),
    ]


def test_a_painting_with_a_note(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(quick(folder, "--style", str(folder / "painting.png"), "--style-weight", "99"))
    assert load_image(folder / "out.png").shape == (1, 3, 24, 32)
    note = load_metadata(folder / "out.png")
    assert note["content"] == "photo.png"
    assert note["styles"] == ["painting.png"]
    assert note["encoder"] == "tiny"
    assert note["settings"]["style_weight"] == 99.0
    assert note["stopped"] == ""
    assert note["last"]["size"] == 32
    shown = capsys.readouterr().out
    assert "tiny: random weights" in shown
    assert "out.png: 32 x 24, " in shown


def test_drawn_styles_weights_masks_and_previews(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    styles = ["--style", "halftone", str(folder / "painting.png"), "--style-weights", "1", "2"]
    masks = ["--masks", str(folder / "left.png"), str(folder / "right.png")]
    main(quick(folder, *styles, *masks, "--preview-every", "2", out="out.jpg"))
    note = load_metadata(folder / "out.jpg")
    assert note["styles"] == ["halftone", "painting.png"]
    assert note["style_weights"] == [1.0, 2.0]
    assert note["masks"] == ["left.png", "right.png"]


def test_ctrl_c_saves_what_there_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = []

    def press(self: object, step: gatys.Step) -> None:
        calls.append(step)
        if len(calls) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("etude.stylize.PaintingBar.__call__", press)
    main(quick(folder, "--style", str(folder / "painting.png"), out="partial.png"))
    assert load_metadata(folder / "partial.png")["stopped"] == "interrupted"
    assert "partial.png" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--style", "halfton"], "did you mean 'halftone'"),
        (["--style", "missing.jpg"], "got 'missing.jpg'"),
        (["--style", "{}/broken.png"], "cut off"),
        (["--style", "{}/thin.png"], "the shorter side of the style"),
        (["--style", "{}/painting.png", "--style-weights", "1", "2"], "got 2 for 1"),
        (["--style", "{}/painting.png", "--masks", "a.png", "b.png"], "as many masks as styles"),
        (["--style", "{}/painting.png", "--size", "2"], "at least 16 pixels, got 2"),
        (["--style", "{}/painting.png", "--weights", "no.pth"], "leave them out or choose vgg19"),
    ],
)
def test_mistakes_get_one_line(
    options: list[str], message: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(quick(folder, *(option.format(folder) for option in options), out="mistake.png"))
    assert stop.value.code == 2
    complaint = capsys.readouterr().err
    assert message in complaint
    assert complaint.count("\n") == 1
    assert not (folder / "mistake.png").exists()


@pytest.mark.parametrize(
    ("content", "out", "message"),
    [
        ("gone.png", "out.png", "a file that exists"),
        ("broken.png", "out.png", "cut off"),
        ("photo.png", "out.bmpp", "the ending of a picture"),
        ("photo.png", "no/out.png", "existing folder"),
    ],
)
def test_files_that_cannot_be_used(
    content: str, out: str, message: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(quick(folder, "--style", str(folder / "painting.png"), content=content, out=out))
    assert stop.value.code == 2
    assert message in capsys.readouterr().err


def test_the_list_of_encoders(capsys: pytest.CaptureFixture[str]) -> None:
    main(["encoders", "--weights", "no.pth"])
    shown = capsys.readouterr().out
    assert [line.split()[0] for line in shown.splitlines()[1:] if not line.startswith(" ")] == [
        "vgg19",
        "efficientnet-lite0",
        "tiny",
    ]
    assert "no such file" in shown
