"""`etude stylize` and `etude encoders`: a painting with a note in it, and mistakes in one line."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from etude.cli import main
from etude.generative.images import load_image, load_metadata, save_image
from etude.generative.style import painting


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


def _press_at_the_third() -> Callable[[object, painting.Step], None]:
    """A progress bar at whose third step somebody presses Ctrl-C."""
    calls = []

    def press(self: object, step: painting.Step) -> None:
        calls.append(step)
        if len(calls) == 3:
            raise KeyboardInterrupt

    return press


def test_a_painting_with_a_note(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(quick(folder, "--style", str(folder / "painting.png"), "--style-weight", "99"))
    assert load_image(folder / "out.png").shape == (1, 3, 24, 32)
    note = load_metadata(folder / "out.png")
    assert note["content"] == "photo.png"
    assert note["styles"] == {"painting.png": 1.0}
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
    styles = ["--style", f"halftone,{folder / 'painting.png'}:2"]
    masks = ["--masks", str(folder / "left.png"), str(folder / "right.png")]
    main(quick(folder, *styles, *masks, "--preview-every", "2", out="out.jpg"))
    note = load_metadata(folder / "out.jpg")
    assert note["styles"] == {"halftone": 1.0, "painting.png": 2.0}
    assert note["masks"] == ["left.png", "right.png"]


def test_a_network_paints_a_blend_in_one_pass(folder: Path) -> None:
    photo, paintings = load_image(folder / "photo.png"), {}
    for name, options in {
        "waves": ["--style", "waves"],
        "blend": ["--style", "stained-glass:0.5", "waves:0.5"],
        "kept": ["--style", "waves", "--colours", "luminance"],
        "any": ["--style", str(folder / "painting.png")],
        "any-blend": ["--style", f"{folder / 'painting.png'}:0.3,waves:0.7"],
    }.items():
        file = folder / f"{name}.png"
        main(["stylize", str(folder / "photo.png"), "--fast", *options, "-o", str(file)])
        paintings[name] = load_image(file)
        assert paintings[name].shape == (1, 3, 384, 512)
    assert load_metadata(folder / "blend.png")["styles"] == {"stained-glass": 0.5, "waves": 0.5}
    assert (paintings["waves"] - paintings["blend"]).abs().mean() > 0.02
    assert (paintings["any"] - paintings["any-blend"]).abs().mean() > 0.02
    colour = {name: image.mean((2, 3)).diff().abs().sum() for name, image in paintings.items()}
    kept = photo.mean((2, 3)).diff().abs().sum()
    assert (colour["kept"] - kept).abs() < (colour["waves"] - kept).abs()


def test_a_clip_is_painted_frame_by_frame(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frames = folder / "frames"
    frames.mkdir()
    for number in range(3):
        shifted = load_image(folder / "photo.png").roll(number, dims=-1)
        save_image(frames / f"{number}.png", shifted, {})
    main(["stylize", str(frames), "--fast", "--style", "waves", "-o", str(folder / "clip.gif")])
    main(quick(folder, "--style", "waves", content="frames", out="painted"))
    assert (folder / "clip.gif").stat().st_size > 1000
    assert len(list((folder / "painted").glob("*.png"))) == 3
    assert "3 frames in " in capsys.readouterr().out


def test_the_same_command_goes_on_after_ctrl_c(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = quick(folder, "--style", str(folder / "painting.png"), out="resumed.png")
    main([*command[:3], str(folder / "whole.png"), *command[4:]])
    with monkeypatch.context() as patch:
        patch.setattr("etude.painting_bar.PaintingBar.__call__", _press_at_the_third())
        main(command)
    assert "the same command goes on" in capsys.readouterr().out
    assert len(list(folder.glob(".resumed.png*"))) == 1
    main(command)
    assert torch.equal(load_image(folder / "resumed.png"), load_image(folder / "whole.png"))
    assert not list(folder.glob(".resumed.png*"))


def test_ctrl_c_saves_what_there_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("etude.painting_bar.PaintingBar.__call__", _press_at_the_third())
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
        (["--style", "{}/painting.png:x"], "styles with shares"),
        (["--style", "waves", "waves:2"], "given once, got 'waves' twice"),
        (["--fast", "--style", "waves", "--masks", "a.png"], "leave --masks or --fast out"),
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
        "efficientnet-lite1",
        "tiny",
    ]
    assert "no such file" in shown
