"""`etude train gan`, `etude sample` and `etude grade` from end to end, and what users do wrong."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import imageio.v3 as iio
import numpy as np
import pytest
import torch
from PIL import Image

from etude.cli import main
from etude.generative.checkpoints import load_weights
from etude.generative.gan.generator_file import open_generator

SHORT = ("--steps", "12", "--batch-size", "32", "--every", "6")


def run(*arguments: str) -> None:
    main(arguments)


def error_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    error: str = capsys.readouterr().err
    assert error.startswith("etude: ")
    assert error.count("\n") == 1
    return error


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a short run on the ring."""
    folder = tmp_path_factory.mktemp("gan") / "ring"
    run("train", "gan", "--data", "ring8", *SHORT, "--out", str(folder))
    return folder


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder of 40 small pictures in colour."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for i in range(40):
        colours = rng.integers(0, 256, (4, 4, 3), np.uint8)
        Image.fromarray(colours).resize((16, 16)).save(folder / f"{i}.png")
    return folder


def test_a_run_leaves_a_generator_a_film_and_its_losses(trained: Path) -> None:
    generator = open_generator(trained / "generator.safetensors")
    assert generator.data == "ring8"
    assert generator.sample(100, torch.Generator()).shape == (100, 2)
    assert len(iio.imread(trained / "film.gif", index=None)) == 3  # at steps 0, 6 and 12
    records = [json.loads(line) for line in (trained / "steps.jsonl").read_text().splitlines()]
    assert records[0]["settings"]["steps"] == 12
    assert [record["step"] for record in records[1:]] == list(range(1, 13))
    assert set(records[1]["losses"]) == {"discriminator", "penalty", "generator"}


def test_a_killed_run_goes_on_to_the_same_bits(trained: Path, tmp_path: Path) -> None:
    folder = tmp_path / "killed"
    command = ["train", "gan", "--data", "ring8", *SHORT, "--steps", "120", "--out", str(folder)]
    process = subprocess.Popen([sys.executable, "-m", "etude", *command])
    while not (folder / "checkpoint.pt").exists():  # after a twentieth of the run
        assert process.poll() is None
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not (folder / "generator.safetensors").exists()
    run(*command)
    whole = tmp_path / "whole"
    run(*command[:-1], str(whole))
    found, expected = (load_weights(f / "generator.safetensors")[0] for f in (folder, whole))
    assert all(found[name].equal(weights) for name, weights in expected.items())


def test_the_grade_is_that_of_the_points(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(trained / "generator.safetensors")
    run("grade", path, "--json")
    found = json.loads(capsys.readouterr().out)
    assert found["data"] == "ring8"
    assert found["samples"] == 50_000
    assert found["real"]["modes"] == found["grade"]["num_modes"] == 8
    assert found["real"]["high_quality"] == pytest.approx(0.98889, abs=0.002)
    assert found["grade"]["high_quality"] < 0.5  # after 12 steps
    run("grade", path)
    printed = capsys.readouterr().out
    assert "8 of 8" in printed
    assert "reverse KL" in printed


def test_samples_are_a_picture_or_numbers_and_repeat(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = str(trained / "generator.safetensors")
    run("sample", path)
    assert iio.imread("samples.png").shape == (480, 768, 3)
    run("sample", path, "-n", "300", "-o", "points.npy", "--seed", "3")
    run("sample", path, "-n", "300", "-o", "again.npy", "--seed", "3")
    points = np.load("points.npy")
    assert points.shape == (300, 2)
    assert np.array_equal(points, np.load("again.npy"))


def test_a_walk_is_a_film(trained: Path, tmp_path: Path) -> None:
    film = tmp_path / "walk.mp4"
    run("sample", str(trained / "generator.safetensors"), "-n", "50", "--walk", str(film))
    assert iio.improps(film, plugin="pyav").shape[0] >= 6 * 24  # H.264 has its own rate


def test_moment_matching_trains_and_is_graded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "moons"
    run(
        *("train", "gan", "--data", "moons", "--objective", "energy"),
        *(*SHORT, "--out", str(folder)),
    )
    assert "KL(samples, data)" in capsys.readouterr().out
    assert (folder / "film.gif").exists()


def test_stacked_digits_are_trained_drawn_and_graded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "digits"
    run("train", "gan", "--data", "stacked-digits", *SHORT, "--out", str(folder))
    assert "of 1000" in capsys.readouterr().out
    path = folder / "generator.safetensors"
    run("sample", str(path), "-n", "9", "-o", str(tmp_path / "sheet.png"))
    assert iio.imread(tmp_path / "sheet.png").shape[2] == 3
    assert open_generator(path).sample(2, torch.Generator()).shape == (2, 3, 8, 8)


def test_digits_are_learned_class_by_class(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "digits"
    run("train", "gan", "--data", "digits", *SHORT, "--out", str(folder))
    printed = " ".join(capsys.readouterr().out.split())
    assert "shows the class it was asked for" in printed
    generator = open_generator(folder / "generator.safetensors")
    assert (generator.architecture, generator.num_classes) == ("biggan", 10)
    run("grade", str(folder / "generator.safetensors"), "--json")
    found = json.loads(capsys.readouterr().out)
    assert found["samples"] == 1_797
    assert found["real"]["accuracy"] > 0.99
    assert found["grade"]["frechet"] > found["real"]["frechet"]


def test_faces_are_learned_with_path_lengths_and_augmentation_and_resumed(tmp_path: Path) -> None:
    folder, whole = tmp_path / "faces", tmp_path / "whole"
    arguments = ("train", "gan", "--data", "faces", "--batch-size", "8", "--every", "6")
    run(*arguments, "--steps", "6", "--out", str(whole))
    command = [sys.executable, "-m", "etude", *arguments, "--steps", "6", "--out", str(folder)]
    process = subprocess.Popen(command)
    while not (folder / "checkpoint.pt").exists():
        assert process.poll() is None
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    run(*arguments, "--steps", "6", "--out", str(folder))
    found, expected = (load_weights(f / "generator.safetensors")[0] for f in (folder, whole))
    assert all(found[name].equal(weights) for name, weights in expected.items())


@pytest.mark.parametrize("architecture", ["dcgan", "stylegan", "mlp"])
def test_networks_without_classes_learn_digits(architecture: str, tmp_path: Path) -> None:
    folder = tmp_path / architecture
    run(
        *("train", "gan", "--data", "digits", "--architecture", architecture),
        *(*SHORT, "--out", str(folder)),
    )
    generator = open_generator(folder / "generator.safetensors")
    assert generator.sample(2, torch.Generator()).shape == (2, 1, 8, 8)
    assert generator.num_classes == 0


def test_a_folder_of_pictures_is_learned_and_graded_by_features(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "run"
    run("train", "gan", "--data", str(pictures), *SHORT, "--out", str(folder))
    assert "efficientnet-lite1" in capsys.readouterr().out
    run("grade", str(folder / "generator.safetensors"), "--json")
    found = json.loads(capsys.readouterr().out)
    assert found["samples"] == 40
    assert set(found["grade"]) >= {"frechet", "kernel", "precision", "recall", "density"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--data", "grid24"), "did you mean 'grid25'?"),
        (("--data", "ring8", "--steps", "-3"), "steps is at least 1, got -3"),
        (("--data", "ring8", "--steps", "0"), "steps is at least 1, got 0"),
        (("--data", "ring8", "--batch-size", "9", "--num-parts", "2"), "of equal size"),
        (("--data", "ring8", "--objective", "mmd", "--penalty", "none"), "for a discriminator"),
        (("--data", "ring8", "--every", "0"), "every is at least 1"),
        (("--data", "ring8", "--average-decay", "1.5"), "lies in [0, 1)"),
        (("--data", "ring8", "--learning-rate", "1e30"), "losses are finite"),
    ],
)
def test_mistakes_are_told_in_a_line(
    arguments: tuple[str, ...],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert message in error_of(capsys, "train", "gan", *arguments)


def test_folders_that_cannot_be_learned(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(folder: Path, *arguments: str) -> str:
        out = ("--out", str(tmp_path / "run"))
        return error_of(capsys, "train", "gan", "--data", str(folder), *arguments, *out)

    empty = tmp_path / "empty"
    empty.mkdir()
    assert "got none" in refused(empty)
    (empty / "one.png").write_bytes((pictures / "0.png").read_bytes())
    assert "at least 2 pictures" in refused(empty)
    assert "at most as many pictures as there are, 40" in refused(pictures, "--batch-size", "64")
    Image.new("RGB", (32, 32), "red").save(pictures / "large.png")
    assert "have one size" in refused(pictures)
    Image.new("L", (16, 16), 100).save(pictures / "large.png")
    assert "all grey or all in colour" in refused(pictures)


def test_files_of_something_else_are_refused(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes((trained / "generator.safetensors").read_bytes()[:500])
    assert "complete safetensors file" in error_of(capsys, "grade", str(broken))
    style = "generative/style/styles.safetensors"
    assert "has the format 'etude-generator-1'" in error_of(capsys, "sample", style)
    path = str(trained / "generator.safetensors")
    assert "a recording ends in" in error_of(capsys, "sample", path, "-o", "out.txt")
    assert "at least 1 sample" in error_of(capsys, "sample", path, "-n", "0")
    other = ("train", "gan", "--data", "grid25", *SHORT, "--out", str(trained))
    assert "a folder holds one run" in error_of(capsys, *other)
