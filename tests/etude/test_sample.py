"""`etude sample` of generators that know classes, of captions, and of those that come along."""

from pathlib import Path

import imageio.v3 as iio
import numpy as np
import pytest
import torch

from etude.cli import main
from etude.generative.gan.biggan import BigGANGenerator
from etude.generative.gan.generator_file import TrainedGenerator, save_generator
from etude.generative.gan.mlp import MLPGenerator
from etude.generative.gan.shipped import GENERATORS, find_generator

CLASSES = 3
BIGGAN = {"latent_dim": 4, "size": 8, "channels": 1, "num_classes": CLASSES, "width": 4}
MLP = {"latent_dim": 2, "shape": [2], "width": 4, "depth": 1}


@pytest.fixture(scope="module")
def biggan(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file of an untrained generator of three classes."""
    path = tmp_path_factory.mktemp("biggan") / "classes.safetensors"
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = BigGANGenerator(**BIGGAN).eval()
    trained = TrainedGenerator(
        architecture="biggan",
        arguments=BIGGAN,
        network=network,
        latent_dim=4,
        data="digits",
        num_classes=CLASSES,
    )
    save_generator(path, trained)
    return str(path)


@pytest.fixture(scope="module")
def mlp(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file of an untrained generator of points."""
    path = tmp_path_factory.mktemp("mlp") / "points.safetensors"
    trained = TrainedGenerator(
        architecture="mlp",
        arguments=MLP,
        network=MLPGenerator(**MLP),  # type: ignore[arg-type]
        latent_dim=2,
        data="ring8",
    )
    save_generator(path, trained)
    return str(path)


def drawn(tmp_path: Path, *arguments: str) -> np.ndarray:
    out = tmp_path / "samples.npy"
    main(["sample", *arguments, "-o", str(out)])
    samples: np.ndarray = np.load(out)
    return samples


def test_without_a_label_classes_come_in_turn(biggan: str, tmp_path: Path) -> None:
    samples = drawn(tmp_path, biggan)
    assert samples.shape == (10 * CLASSES, 1, 8, 8)
    twos = drawn(tmp_path, biggan, "-n", "9", "--label", "2")
    assert np.allclose(samples[[2, 5, 8]], twos[[2, 5, 8]], atol=1e-6)
    assert not np.allclose(samples[:2], twos[:2], atol=1e-3)


def test_truncation_draws_samples_of_a_class_together(biggan: str, tmp_path: Path) -> None:
    label = ("-n", "200", "--label", "1")
    spread = [
        drawn(tmp_path, biggan, *label, *truncation).std(axis=0).mean()
        for truncation in ((), ("--truncation", "0.5"), ("--truncation", "0.01"))
    ]
    assert spread[0] > 1.5 * spread[1] > 20.0 * spread[2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--label", "3"), "a class lies between 0 and 2, got 3"),
        (("--label", "-1"), "a class lies between 0 and 2, got -1"),
        (("--truncation", "0"), "truncation is above 0, got 0.0"),
        (("--text", "a red circle above a blue square"), "a caption is for a StackGAN"),
        (("-n", "0"), "at least 1 sample, got n=0"),
    ],
)
def test_mistakes_are_told_in_a_line(
    arguments: tuple[str, ...],
    message: str,
    biggan: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert message in error_of(capsys, biggan, *arguments, "-o", str(tmp_path / "no.png"))
    assert not (tmp_path / "no.png").exists()


def test_what_a_generator_cannot_show(mlp: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "knows no classes, got the class 1" in error_of(capsys, mlp, "--label", "1")
    assert "truncation is for" in error_of(capsys, mlp, "--truncation", "0.5")


def test_names_of_generators(capsys: pytest.CaptureFixture[str]) -> None:
    assert "did you mean 'biggan-digits'" in error_of(capsys, "bigan-digits")
    assert "a file that exists, or one of biggan-digits" in error_of(capsys, "no.safetensors")


@pytest.mark.parametrize("name", GENERATORS)
def test_those_that_come_along_are_small_and_draw(name: str, tmp_path: Path) -> None:
    path = find_generator(name)
    assert path.stat().st_size < 4_000_000
    card = Path(__file__).parents[2] / "docs" / "models" / f"{path.stem}.md"
    assert card.exists()
    main(["sample", name, "-o", str(tmp_path / "sheet.png")])
    assert iio.imread(tmp_path / "sheet.png").std() > 20.0


def test_captions_are_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "a large red circle above a small blue square"
    pictures = drawn(tmp_path, "stackgan-scenes", "--text", text, "-n", "3")
    assert pictures.shape[:2] == (3, 3)
    assert text in capsys.readouterr().out
    assert pictures[:, 0].max() > pictures[:, 2].min()
    error = error_of(capsys, "stackgan-scenes", "--text", "a red circle above a blue squre")
    assert "did you mean 'square'" in error
    assert "told what to show by --text" in error_of(capsys, "stackgan-scenes", "--label", "1")


def error_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as stopped:
        main(["sample", *arguments])
    assert stopped.value.code == 2
    error: str = capsys.readouterr().err
    assert error.startswith("etude: ")
    assert error.count("\n") == 1
    return error
