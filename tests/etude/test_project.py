"""``etude project``: the picture it writes, what it says, and what it refuses."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from etude import project as module
from etude.generative.gan.generator_file import TrainedGenerator
from etude.generative.gan.mlp import MLPGenerator
from etude.generative.gan.stylegan import StyleGANGenerator
from etude.generative.gan.stylegan_projection import ProjectionSettings
from etude.project import encoder_for, fitted, project, stylegan_in


def small(channels: int = 1) -> StyleGANGenerator:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = StyleGANGenerator(6, 8, channels, 8, depth=2)
    return network.eval().requires_grad_(False)


def trained(network: torch.nn.Module, architecture: str = "stylegan") -> TrainedGenerator:
    return TrainedGenerator(
        architecture=architecture, arguments={}, network=network, latent_dim=6, data="digits"
    )


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 256, (12, 20, 3), dtype=np.uint8)).save(path)
    return path


@pytest.mark.parametrize("channels", [1, 3])
def test_the_picture_and_what_the_generator_shows_side_by_side(
    channels: int,
    photo: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    network = small(channels)
    monkeypatch.setattr(module, "open_generator", lambda path: trained(network))
    out = tmp_path / "both.png"
    project("stylegan-digits", photo, out=out, settings=ProjectionSettings(steps=3))
    said = capsys.readouterr().out
    assert "distance" in said
    assert "PSNR" in said
    assert str(out) in said.replace("\n", "")
    both = np.asarray(Image.open(out))
    assert both.shape[1] > 1.8 * both.shape[0]
    scale = both.shape[0] // 10  # 8 pixels and a gap at each side
    shown = both[scale // 2 + scale :: scale, scale // 2 + scale :: scale][:8, :8]
    target = fitted(load(photo), 8, channels).expand(-1, 3, -1, -1)[0].permute(1, 2, 0)
    np.testing.assert_allclose(shown, 127.5 * (target.numpy() + 1.0), atol=1.0)


def load(path: Path) -> torch.Tensor:
    pixels = torch.from_numpy(np.array(Image.open(path))).float() / 255.0
    return pixels.permute(2, 0, 1)[None]


def test_a_picture_is_fitted_by_its_middle() -> None:
    image = torch.zeros(1, 3, 8, 16)
    image[..., 4:12] = 1.0
    assert (fitted(image, 8, 3) == 1.0).all()
    assert fitted(image, 4, 1).shape == (1, 1, 4, 4)
    red = torch.zeros(1, 3, 8, 8)
    red[:, 0] = 1.0
    torch.testing.assert_close(fitted(red, 8, 1), torch.full((1, 1, 8, 8), 2.0 * 0.299 - 1.0))


def test_a_generator_without_w(tmp_path: Path) -> None:
    other = trained(MLPGenerator(latent_dim=2, shape=[2], width=4, depth=1), "mlp")
    with pytest.raises(ValueError, match=r"into the w of a stylegan, got a mlp in 'g.*; train one"):
        stylegan_in(other, Path("g.safetensors"))


def test_small_images_are_seen_by_no_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    assert encoder_for(8) is None

    def none_here(choice: object) -> None:
        raise ValueError("no encoder is here")

    monkeypatch.setattr(module, "open_encoder", none_here)
    assert encoder_for(64) is None


def test_an_ending_that_is_no_pictures(photo: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\.txt"):
        project("stylegan-digits", photo, out=tmp_path / "both.txt")


def test_no_such_generator(photo: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"a generator is a file that exists, or one of .*none"):
        project(str(tmp_path / "none.safetensors"), photo, out=tmp_path / "both.png")
