"""`etude train style` and `etude styles`: networks, resume, Ctrl-C, added styles, and mistakes."""

import json
import os
import re
import signal
from pathlib import Path

import pytest
import torch

from etude import styles as styles_command
from etude import train_style as command
from etude.cli import main
from etude.generative.checkpoints import load_weights
from etude.generative.data import style_image
from etude.generative.images import load_image, load_metadata, save_image
from etude.generative.records import read_records
from etude.generative.style.adain import AdaINNetwork
from etude.generative.style.encoders import EncoderChoice
from etude.generative.style.pretrained import open_network, open_styles
from etude.generative.style.transfer_training import TrainingSettings, TransferLesson
from etude.training_view import TrainingBar

QUICK = (
    *("--encoder", "tiny", "--batch-size", "2", "--crop-size", "16", "--style-size", "32"),
    *("--width", "4", "--num-blocks", "1", "--save-every", "2"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos, and paintings."""
    folder = tmp_path_factory.mktemp("pictures")
    for kind, names in (("photos", ("marbling", "cubism")), ("paintings", ("waves", "mosaic"))):
        (folder / kind).mkdir()
        for name in names:
            save_image(folder / kind / f"{name}.png", style_image(name, 40), {})
    return folder


@pytest.fixture(autouse=True)
def one_small_preview(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "PREVIEW_SIZE", 32)


def learn(folder: Path, out: Path, *options: str, steps: int = 4) -> None:
    given = ("--content", str(folder / "photos"), "--out", str(out), "--steps", str(steps))
    main(["train", "style", *given, *QUICK, *options])


def trained(folder: Path, out: Path, steps: int = 4) -> Path:
    learn(folder, out, "--styles", "waves", "halftone", steps=steps)
    return out / "network.safetensors"


def test_a_network_with_previews_and_a_record(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    network = open_styles(trained(folder, tmp_path / "run"))
    assert network.styles == ("waves", "halftone")
    records = read_records(tmp_path / "run" / "steps.jsonl")
    assert [record.step for record in records] == [1, 2, 3, 4]
    assert set(records[0].losses) == {"total", "content", "style", "variation", "gradient"}
    assert load_metadata(tmp_path / "run" / "preview.jpg") == {"step": 4}
    note = json.loads((tmp_path / "run" / "run.json").read_text())
    assert note["styles"] == ["waves", "halftone"]
    assert note["settings"]["steps"] == 4
    shown = capsys.readouterr().out
    assert "tiny: random weights" in shown
    assert "network.safetensors (0.0" in shown


def test_folders_of_paintings_are_styles_by_the_names_of_the_files(
    folder: Path, tmp_path: Path
) -> None:
    paintings = folder / "paintings"
    learn(folder, tmp_path, "--styles", str(paintings), str(folder / "photos" / "cubism.png"))
    assert open_styles(tmp_path / "network.safetensors").styles == ("mosaic", "waves", "cubism")


def test_ctrl_c_keeps_everything_and_the_same_command_goes_on(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    whole = trained(folder, tmp_path / "whole", steps=6)
    update, calls = TransferLesson.update, []

    def press(lesson: TransferLesson) -> dict[str, torch.Tensor]:
        calls.append(1)
        if len(calls) == 3:
            os.kill(os.getpid(), signal.SIGINT)
        return update(lesson)

    monkeypatch.setattr(TransferLesson, "update", press)
    with pytest.raises(SystemExit) as exit_info:
        trained(folder, tmp_path / "parts", steps=6)
    assert exit_info.value.code == 130
    assert "checkpoint.pt; the same command goes on" in capsys.readouterr().out
    assert not (tmp_path / "parts" / "network.safetensors").exists()
    parts = trained(folder, tmp_path / "parts", steps=6)
    assert len(calls) == 6
    state, expected = load_weights(parts)[0], load_weights(whole)[0]
    assert all(torch.equal(state[name], value) for name, value in expected.items())


def test_losses_that_are_not_finite_name_the_last_checkpoint(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    update, calls = TransferLesson.update, []

    def diverge(lesson: TransferLesson) -> dict[str, torch.Tensor]:
        calls.append(1)
        losses = update(lesson)
        return losses if len(calls) < 4 else losses | {"total": torch.tensor(float("nan"))}

    def run() -> None:
        command.train_style(
            styles=("waves",),
            content=folder / "photos",
            output=command.Output(out=tmp_path, save_every=2),
            encoder=EncoderChoice(encoder="tiny"),
            settings=TrainingSettings(
                steps=6, batch_size=1, crop_size=16, style_size=32, width=4, num_blocks=0
            ),
        )

    monkeypatch.setattr(TransferLesson, "update", diverge)
    with pytest.raises(FloatingPointError, match=r"total=nan.* at step 4; the last good state is "):
        run()
    monkeypatch.setattr(TransferLesson, "update", update)
    run()
    assert [record.step for record in read_records(tmp_path / "steps.jsonl")] == [*range(1, 7)]


def test_a_style_is_added_to_a_network(folder: Path, tmp_path: Path) -> None:
    first = trained(folder, tmp_path / "first")
    painting = str(folder / "paintings" / "mosaic.png")
    learn(folder, tmp_path / "second", "--add", painting, "--network", str(first))
    before, after = open_styles(first), open_styles(tmp_path / "second" / "network.safetensors")
    assert after.styles == ("waves", "halftone", "mosaic")
    photo = style_image("cubism", 24)
    for row in range(2):
        old = before(photo, torch.eye(2)[row : row + 1])
        assert torch.equal(after(photo, torch.eye(3)[row : row + 1]), old)


def test_adain_learns_from_many_pictures_of_a_style(folder: Path, tmp_path: Path) -> None:
    learn(folder, tmp_path, "--styles", "waves", "--method", "adain")
    assert isinstance(open_network(tmp_path / "network.safetensors"), AdaINNetwork)
    note = json.loads((tmp_path / "run.json").read_text())
    assert note["styles"] == ["waves", *(f"waves-{i}" for i in range(1, command.ADAIN_SEEDS))]
    assert len(read_records(tmp_path / "steps.jsonl")) == 4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--styles", "wave"), "no folder is one of brush-strokes, .* did you mean 'waves'"),
        (("--styles", "waves", "waves"), "styles have different names, got 'waves' twice"),
        (("--content", "nowhere"), "a folder that exists, got 'nowhere'"),
        (("--network", "a.safetensors"), "styles are added to a network by --add"),
        (("--add", "waves", "--styles", "mosaic"), "--add keeps the styles of a network"),
        (("--add", "waves", "--network", "none.safetensors"), "none.safetensors"),
        (("--steps", "0"), "steps is at least 1, got 0"),
        (("--method", "adain", "--onnx"), "--onnx writes networks with styles of their own"),
        (("--save-every", "0"), "save_every is at least 1 step, got 0"),
    ],
)
def test_mistakes_are_one_line(
    folder: Path,
    tmp_path: Path,
    options: tuple[str, ...],
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as exit_info:
        learn(folder, tmp_path / "run", *options)
    assert exit_info.value.code == 2
    lines = capsys.readouterr().err
    assert re.search(message, " ".join(lines.split()))


def test_another_run_in_the_folder_is_refused(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trained(folder, tmp_path)
    with pytest.raises(SystemExit):
        learn(folder, tmp_path, "--styles", "waves", "--seed", "1")
    assert "whose styles, seed differ; name another with --out" in capsys.readouterr().err


def test_a_folder_without_pictures_is_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"end in \.png, .*got none in"):
        command.load_photos(tmp_path)


def test_photos_whose_packages_are_missing_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "available_photos", lambda split: {"hopper": Path("hopper.jpg")})
    with pytest.raises(ValueError, match=r"only 1 of 6 are here; run `pip install 'etude\[photos"):
        command.load_photos(None)


def test_the_bar_shows_losses(capsys: pytest.CaptureFixture[str]) -> None:
    from rich.console import Console

    from etude.generative.records import Progress

    with TrainingBar(10, Console(force_terminal=True, width=120)) as bar:
        bar.begin(2)
        bar.record(Progress(3, 0.1, {"total": 1.25}))
    assert "3/10 steps, total 1.250" in capsys.readouterr().out.replace("\x1b[32m", "").replace(
        "\x1b[0m", ""
    )


def test_the_sheet_of_styles(
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network = trained(folder, tmp_path / "run")
    photo, out = folder / "photos" / "cubism.png", tmp_path / "sheet.png"
    main(["styles", "-o", str(out), "--photo", str(photo), "--network", str(network)])
    shown = capsys.readouterr().out
    assert "waves, halftone" in shown
    assert "sheet.png" in shown
    sheet = load_image(out)
    cell, gap = styles_command.CELL, styles_command.GAP
    top = gap + styles_command.CAPTION
    drawn = sheet[..., top : top + cell, gap : gap + cell]
    torch.testing.assert_close(drawn, style_image("waves", cell), atol=0.01, rtol=0.0)
    name = sheet[..., gap:top, gap : gap + cell]
    assert name.min() < 0.5 < name.max()
    assert styles_command.default_photo().is_file()
