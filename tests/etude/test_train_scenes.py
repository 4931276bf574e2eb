"""Training a StackGAN on the command line: what it leaves, resumption, and mistakes."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import imageio.v3 as iio
import pytest
import torch
import tyro

from etude.generative.checkpoints import load_weights
from etude.generative.gan.stackgan_file import open_stackgan
from etude.train_scenes import train_scenes

SHORT = ("--stage-one-steps", "4", "--stage-two-steps", "3", "--every", "2")


def run(*arguments: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("etude.train_scenes.NUM_GRADED", 20)  # untrained, none is right
        tyro.cli(train_scenes, args=arguments)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a short run."""
    folder = tmp_path_factory.mktemp("gan") / "scenes"
    run(*SHORT, "--out", str(folder))
    return folder


def test_a_run_leaves_a_stackgan_films_and_losses(trained: Path) -> None:
    stackgan = open_stackgan(trained / "stackgan.safetensors")
    assert stackgan.notes["settings"]["stage_one"]["steps"] == 4
    images = stackgan.draw(["a red circle above a blue square"], torch.Generator())
    assert images.shape == (1, 3, 32, 32)
    for stage, steps, num_frames in (("stage_one", 4, 3), ("stage_two", 3, 2)):
        assert len(iio.imread(trained / stage / "film.gif", index=None)) == num_frames
        lines = (trained / stage / "steps.jsonl").read_text().splitlines()
        records = [json.loads(line) for line in lines]
        assert records[0]["settings"]["seed"] == 0
        assert [record["step"] for record in records[1:]] == list(range(1, steps + 1))
        assert set(records[1]["losses"]) == {
            *("discriminator", "wrong", "penalty", "generator", "divergence")
        }


def test_a_killed_run_goes_on_to_the_same_bits(trained: Path, tmp_path: Path) -> None:
    """Killed in the second stage; the first one is not trained again."""
    folder = tmp_path / "killed"
    arguments = ["--stage-one-steps", "2", "--stage-two-steps", "12", "--every", "50", "--out"]
    command = (
        "import sys, tyro; from etude.train_scenes import train_scenes; "
        "tyro.cli(train_scenes, args=sys.argv[1:])"
    )
    process = subprocess.Popen([sys.executable, "-c", command, *arguments, str(folder)])
    while not (folder / "stage_two" / "checkpoint.pt").exists():
        assert process.poll() is None
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not (folder / "stackgan.safetensors").exists()
    first = (folder / "stage_one" / "checkpoint.pt").read_bytes()
    run(*arguments, str(folder))
    assert (folder / "stage_one" / "checkpoint.pt").read_bytes() == first
    whole = tmp_path / "whole"
    run(*arguments, str(whole))
    found, expected = (load_weights(f / "stackgan.safetensors")[0] for f in (folder, whole))
    assert all(found[name].equal(weights) for name, weights in expected.items())


def test_the_grade_is_printed(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(*SHORT, "--out", str(trained))  # nothing is left to train
    printed = capsys.readouterr().out
    for word in ("all words", "relation", "Stage-II", "0.00 %"):
        assert word in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--stage-one-steps", "0"), "steps is at least 1, got 0"),
        (("--stage-two-steps", "-2"), "steps is at least 1, got -2"),
        (("--seed", "-1"), "seed is at least 0, got -1"),
        (("--every", "0"), "every is at least 1 step, got 0"),
        ((*SHORT, "--seed", "5"), "a folder holds one run"),
    ],
)
def test_mistakes(trained: Path, arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        run(*arguments, "--out", str(trained))
