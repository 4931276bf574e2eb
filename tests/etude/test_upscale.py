"""`etude upscale` from end to end, and what users do wrong."""

from pathlib import Path

import pytest
import torch

from etude.cli import main
from etude.generative.gan.srgan import SRResNet
from etude.generative.gan.super_resolution import Upscaler, save_upscaler, shipped, upscale
from etude.generative.images import load_image, load_metadata, save_image


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    torch_rng = torch.Generator().manual_seed(0)
    save_image(path, torch.rand(1, 3, 10, 14, generator=torch_rng), {})
    return path


def enlarge(*arguments: str | Path) -> None:
    main(["upscale", *map(str, arguments)])


def error_of(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    with pytest.raises(SystemExit) as stopped:
        enlarge(*arguments)
    assert stopped.value.code == 2
    error: str = capsys.readouterr().err
    assert error.startswith("etude: ")
    assert error.count("\n") == 1
    return error


def test_a_picture_beside_the_photo_that_says_how_it_was_made(
    photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    enlarge(photo)
    out = photo.with_name("photo_x4.png")
    expected = upscale(shipped("srresnet", 4).network, load_image(photo))
    assert torch.allclose(load_image(out), expected, atol=0.51 / 255)
    assert "56 x 40, srresnet x4" in capsys.readouterr().out
    note = load_metadata(out)
    assert note.pop("made_by").startswith("etude upscale ")
    assert note == {
        "photo": "photo.png",
        "scale": 4,
        "model": "srresnet",
        "network": "of this version",
        "ensemble": False,
    }


@pytest.mark.parametrize(
    ("options", "size"),
    [
        (("--scale", "2"), (20, 28)),
        (("--model", "srgan"), (40, 56)),
        (("--scale", "2", "--ensemble", "--device", "cpu"), (20, 28)),
    ],
)
def test_other_networks_and_names(
    photo: Path, tmp_path: Path, options: tuple[str, ...], size: tuple[int, int]
) -> None:
    out = tmp_path / "large.jpg"
    enlarge(photo, *options, "-o", out)
    assert load_image(out).shape[2:] == size
    assert load_metadata(out)["ensemble"] is ("--ensemble" in options)


def test_a_network_of_the_users(photo: Path, tmp_path: Path) -> None:
    network = tmp_path / "mine.safetensors"
    save_upscaler(network, Upscaler(network=SRResNet(2, 4, 1), model="srgan"))
    enlarge(photo, "--network", network)
    out = tmp_path / "photo_x2.png"
    note = load_metadata(out)
    assert (note["network"], note["scale"], note["model"]) == ("mine.safetensors", 2, "srgan")
    enlarge(photo, "--network", network, "--scale", "2", "--model", "srgan")


def test_a_published_network(photo: Path, tmp_path: Path) -> None:
    convolution = {"weight": torch.zeros(3, 2, 9, 9), "bias": torch.full((3,), 0.5)}
    names = {
        "conv1.0.weight": torch.zeros(2, 3, 9, 9),
        "conv1.0.bias": torch.zeros(2),
        "conv1.1.weight": torch.zeros(1),
        "conv2.0.weight": torch.zeros(2, 2, 3, 3),
        "upsampling.0.upsample_block.0.weight": torch.zeros(8, 2, 3, 3),
        "upsampling.0.upsample_block.0.bias": torch.zeros(8),
        "upsampling.0.upsample_block.2.weight": torch.zeros(1),
    }
    norm = torch.nn.BatchNorm2d(2).state_dict()
    state = names | {f"conv2.1.{name}": value for name, value in norm.items()}
    state |= {f"conv3.{name}": value for name, value in convolution.items()}
    torch.save({"state_dict": state}, tmp_path / "published.pth.tar")
    enlarge(photo, "--network", tmp_path / "published.pth.tar")
    grey = load_image(tmp_path / "photo_x2.png")
    assert torch.equal(grey, torch.full((1, 3, 20, 28), 128 / 255))


def test_mistakes_are_told_in_a_line(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    network = tmp_path / "mine.safetensors"
    save_upscaler(network, Upscaler(network=SRResNet(2, 4, 1), model="srgan"))
    assert "a file that exists" in error_of(capsys, tmp_path / "missing.jpg")
    assert "the photo itself is kept" in error_of(capsys, photo, "-o", tmp_path / "." / "photo.png")
    assert "the ending of a picture" in error_of(capsys, photo, "-o", tmp_path / "out.txt")
    assert "srgan x2" in error_of(capsys, photo, "--model", "srgan", "--scale", "2")
    assert "has the scale 2, got --scale 4" in error_of(
        capsys, photo, "--network", network, "--scale", "4"
    )
    assert "has the model srgan, got --model srresnet" in error_of(
        capsys, photo, "--network", network, "--model", "srresnet"
    )
    style = Path("generative/style/styles.safetensors")
    assert "format 'etude-upscaler-1'" in error_of(capsys, photo, "--network", style)
    broken = tmp_path / "broken.pth"
    broken.write_bytes(b"nothing")
    assert "a file of torch.save's" in error_of(capsys, photo, "--network", broken)
    assert photo.read_bytes()[:4] == b"\x89PNG"


def test_results_beyond_what_files_hold(
    photo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("etude.upscale.MAX_PIXELS", 1000)
    error = error_of(capsys, photo)
    assert "at most 1,000 pixels, got 56 x 40 as the result" in error
    assert not photo.with_name("photo_x4.png").exists()
