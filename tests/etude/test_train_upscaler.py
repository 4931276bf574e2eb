"""`etude train upscaler` from end to end: files, resume, Ctrl-C, and what users do wrong."""

import json
import os
import signal
from pathlib import Path

import pytest
import torch

from etude.cli import main
from etude.generative.checkpoints import load_weights
from etude.generative.data import style_image
from etude.generative.gan.srgan import SRResNet
from etude.generative.gan.super_resolution import Upscaler, open_upscaler, save_upscaler
from etude.generative.images import load_image, load_metadata, save_image
from etude.generative.records import read_records
from etude.training_view import TrainingBar

QUICK = (
    *("--batch-size", "2", "--patch-size", "8", "--width", "4", "--num-blocks", "1"),
    *("--discriminator-width", "2", "--scale", "2", "--save-every", "2", "--device", "cpu"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos to learn from, and others."""
    folder = tmp_path_factory.mktemp("pictures")
    for kind, names in (("photos", ("marbling", "cubism")), ("others", ("waves",))):
        (folder / kind).mkdir()
        for name in names:
            save_image(folder / kind / f"{name}.png", style_image(name, 60), {})
    return folder


def learn(folder: Path, out: Path, *options: str, steps: int = 4) -> None:
    files = ("--photos", str(folder / "photos"), "--held-out", str(folder / "others"))
    given = (*files, "--out", str(out), "--steps", str(steps))
    main(["train", "upscaler", *given, *QUICK, *options])


def error_of(capsys: pytest.CaptureFixture[str], folder: Path, out: Path, *options: str) -> str:
    with pytest.raises(SystemExit) as stopped:
        learn(folder, out, *options)
    assert stopped.value.code == 2
    error: str = capsys.readouterr().err
    assert error.startswith("etude: ")
    assert error.count("\n") == 1
    return error


def test_a_network_with_previews_a_record_and_a_grade(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    learn(folder, tmp_path)
    upscaler = open_upscaler(tmp_path / "network.safetensors")
    assert (upscaler.model, upscaler.network.scale, upscaler.network.width) == ("srresnet", 2, 4)
    assert upscaler.notes["settings"]["steps"] == 4
    records = read_records(tmp_path / "steps.jsonl")
    assert [record.step for record in records] == [1, 2, 3, 4]
    assert set(records[0].losses) == {"pixels", "gradient"}
    assert load_metadata(tmp_path / "preview.png") == {"step": 4}
    assert load_image(tmp_path / "preview.png").shape[3] == 3 * 200 + 8
    shown = capsys.readouterr().out
    assert "waves.png" in shown
    assert "bicubic" in shown
    assert "efficientnet-lite1" in shown


def test_a_discriminator_joins_a_network_that_was_trained(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    learn(folder, first)
    start = ("--start", str(first / "network.safetensors"))
    learn(folder, second, "--model", "srgan", *start, "--encoder", "tiny")
    assert "tiny: random weights" in capsys.readouterr().out
    upscaler = open_upscaler(second / "network.safetensors")
    assert (upscaler.model, upscaler.network.width) == ("srgan", 4)
    assert "adversarial" in read_records(second / "steps.jsonl")[0].losses
    assert json.loads((second / "run.json").read_text())["encoder"] == "tiny"


def test_the_network_that_comes_along_is_where_srgan_starts(folder: Path, tmp_path: Path) -> None:
    learn(folder, tmp_path, "--model", "srgan", "--encoder", "tiny", "--scale", "4", steps=1)
    network = open_upscaler(tmp_path / "network.safetensors").network
    assert (network.scale, network.width > 4) == (4, True)


def test_a_run_that_was_interrupted_goes_on_to_the_same_bits(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    learn(folder, whole)
    record = TrainingBar.record

    def interrupt(bar: TrainingBar, progress: object) -> None:
        record(bar, progress)  # type: ignore[arg-type]
        if progress.step == 2:  # type: ignore[attr-defined]
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(TrainingBar, "record", interrupt)
    with pytest.raises(SystemExit):
        learn(folder, parts)
    assert "the same command goes on" in capsys.readouterr().out
    monkeypatch.setattr(TrainingBar, "record", record)
    learn(folder, parts)
    found, expected = (load_weights(out / "network.safetensors")[0] for out in (parts, whole))
    assert all(torch.equal(found[name], weights) for name, weights in expected.items())


def test_mistakes_are_told_in_a_line(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start = tmp_path / "start.safetensors"
    save_upscaler(start, Upscaler(network=SRResNet(4, 4, 1), model="srresnet"))
    for options, message in (
        (("--steps", "0"), "steps is at least 1, got 0"),
        (("--save-every", "0"), "save_every is at least 1 step"),
        (("--photos", str(tmp_path / "missing")), "a folder that exists"),
        (("--held-out", str(tmp_path / "missing")), "a folder that exists"),
        (("--start", str(start)), "got one for 4 in"),
        (("--learning-rate", "1e30"), "finite"),
    ):
        assert message in error_of(capsys, folder, tmp_path / "run", *options)
    learn(folder, tmp_path / "one")
    assert "a folder holds one run" in error_of(capsys, folder, tmp_path / "one", "--seed", "3")
