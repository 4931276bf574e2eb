"""LPIPS: weights that are not there, and what must hold with any weights."""

from pathlib import Path

import pytest
import torch
from torchvision.models import alexnet

from etude.generative.perceptual_distance import MINIMUM_SIDE, PerceptualDistance, alexnet_weights


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    (tmp_path / "checkpoints").mkdir()
    return tmp_path


def save_random_weights() -> None:
    """AlexNet's, of which only the convolutions take space."""
    torch_rng = torch.Generator().manual_seed(0)
    with torch.device("meta"):
        shapes = {name: weight.shape for name, weight in alexnet().state_dict().items()}
    state = {
        name: 0.05 * torch.randn(shape, generator=torch_rng)
        if name.startswith("features")
        else torch.zeros(1).expand(shape)
        for name, shape in shapes.items()
    }
    torch.save(state, alexnet_weights())


def test_the_distance_is_0_for_equal_images_and_grows(cache: Path) -> None:
    save_random_weights()
    distance = PerceptualDistance()
    torch_rng = torch.Generator().manual_seed(1)
    image, other = torch.rand(2, 1, 3, 64, 80, generator=torch_rng)
    between = 0.8 * image + 0.2 * other
    assert distance(image, image).item() == pytest.approx(0.0, abs=1e-6)
    assert 0.0 < distance(between, image) < distance(other, image)
    assert distance(image[..., :MINIMUM_SIDE, :MINIMUM_SIDE], image[..., -63:, -63:]) > 0.0
    with pytest.raises(ValueError, match="at least 63 pixels, got 80 x 62"):
        distance(image[..., :62, :], image[..., :62, :])


def test_nothing_is_downloaded(cache: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"got no .*alexnet-owt-7be5be79\.pth; let torchv"):
        PerceptualDistance()
