"""The pictures of the README, small."""

from io import BytesIO
from pathlib import Path

import pytest
import torch
from PIL import Image

from etude.benchmarks import style_pictures as module
from etude.benchmarks.style_pictures import halves, in_rows, jpeg, style_pictures
from etude.generative.style.feedforward import TransferNetwork
from etude.generative.style.gatys import GatysSettings


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PLAIN", GatysSettings(size=32, evaluations=10))
    monkeypatch.setattr(module, "ENCODER", "tiny")
    monkeypatch.setattr(module, "GALLERY", ("halftone", "waves"))


@pytest.mark.usefixtures("_small")
def test_pictures_are_the_same_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    few = {name: module.PICTURES[name] for name in ("paintings.jpg", "painting_loss.png")}
    monkeypatch.setattr(module, "PICTURES", few)
    for folder in ("first", "second"):
        style_pictures(out=tmp_path / folder)
    assert "paintings.jpg: " in capsys.readouterr().out.replace("\n", "")
    for name in few:
        first, second = ((tmp_path / folder / name).read_bytes() for folder in ("first", "second"))
        assert first == second
        assert Image.open(BytesIO(first)).width > 700


@pytest.mark.usefixtures("_small")
def test_controls_fill_two_rows() -> None:
    height, width = module.load_photo(module.LANDSCAPE).shape[2:]
    with Image.open(BytesIO(module.controls())) as file:
        assert file.width == 4 * round(200 * width / height) + 5 * 10
        assert file.height == 2 * (200 + 28) + 3 * 10


def test_jpeg_takes_the_best_quality_that_fits() -> None:
    flat = torch.full((1, 3, 64, 64), 0.5)
    noise = torch.rand(1, 3, 900, 900, generator=torch.Generator().manual_seed(0))
    with Image.open(BytesIO(jpeg(flat))) as file:
        finest = file.quantization[0]
    with Image.open(BytesIO(jpeg(noise))) as file:
        assert sum(file.quantization[0]) > sum(finest)


def test_masks_cover_everything_once() -> None:
    upper, lower = halves(torch.zeros(1, 3, 32, 8))
    assert torch.allclose(upper + lower, torch.ones(1, 1, 32, 8))
    assert upper[..., 0, :].min() == 1.0
    assert lower[..., -1, :].min() == 1.0


def test_rows() -> None:
    assert in_rows(list("abcde"), 2) == [["a", "b"], ["c", "d"], ["e"]]  # type: ignore[arg-type]


def test_a_photo_that_is_not_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "available_photos", dict)
    with pytest.raises(ValueError, match="got no china; pip install scikit-image"):
        module.paintings()


def test_without_a_network_its_picture_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing() -> None:
        raise FileNotFoundError("no network here")

    monkeypatch.setattr(module, "open_styles", missing)
    monkeypatch.setattr(module, "PICTURES", {"fast_styles.jpg": module.fast_styles})
    style_pictures(out=tmp_path)
    assert "fast_styles.jpg is left out: no network here" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())


def test_each_style_of_the_network_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PLAIN", GatysSettings(size=32))
    monkeypatch.setattr(module, "open_styles", lambda: TransferNetwork(("waves", "glass"), 4, 1))
    with Image.open(BytesIO(module.fast_styles())) as file:
        assert file.width == 3 * 200 + 4 * 10
