"""Extractors against the libraries' own networks, and files that are no weights."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor, nn
from torchvision.models import inception
from torchvision.models.inception import Inception3

from etude.generative.data import available_photos, random_crops
from etude.generative.feature_extractors import (
    LITE_LAYER,
    InceptionFeatures,
    LiteFeatures,
    SampleFeatures,
)
from etude.generative.images import load_image, resize_to
from etude.generative.sample_metrics import grade_samples
from etude.generative.style.efficientnet_lite import EfficientNetLite, packaged_weights


def seeded_inception(num_classes: int, with_second_classifier: bool) -> Inception3:
    """Random weights whose features neither vanish nor explode."""
    network = Inception3(num_classes, aux_logits=with_second_classifier, init_weights=False)
    torch_rng = torch.Generator().manual_seed(0)
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            fan_in = module.weight[0].numel()
            module.weight.data.normal_(0.0, (2.0 / fan_in) ** 0.5, generator=torch_rng)
    return network.eval()


@pytest.fixture(scope="module")
def torchvision_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "inception.pth"
    torch.save(seeded_inception(1_000, True).state_dict(), path)
    return path


def photos(num: int, size: int) -> Tensor:
    photo = load_image(available_photos("held_out")["astronaut"], 128)
    return random_crops([photo], num, size, torch.Generator().manual_seed(0))


def test_lite_features_are_the_mean_of_a_layer() -> None:
    images = photos(2, 32)
    extract = LiteFeatures(64)
    assert isinstance(extract, SampleFeatures)
    assert extract.name == "efficientnet-lite1 b15e at 64"
    network = EfficientNetLite(
        [LITE_LAYER], packaged_weights("efficientnet-lite1"), "efficientnet-lite1"
    )
    layer = network(resize_to(images, 64, 64))[LITE_LAYER]
    expected = layer.flatten(2).mean(2)
    torch.testing.assert_close(extract(images), expected)
    assert expected.shape == (2, 672)
    assert not any(weight.requires_grad for weight in extract.parameters())


def test_lite_features_of_grey_are_those_of_grey_in_colour() -> None:
    grey = photos(2, 32)[:, :1]
    extract = LiteFeatures(32)
    torch.testing.assert_close(extract(grey), extract(grey.repeat(1, 3, 1, 1)))
    with pytest.raises(ValueError, match="1 or 3 channels, got 2; grade them by a classifier"):
        extract(grey.repeat(1, 2, 1, 1))


def test_lite_features_see_noise() -> None:
    torch_rng = torch.Generator().manual_seed(1)
    real, other = photos(48, 32).split(24)
    extract = LiteFeatures(64)
    noise = 0.1 * torch.randn(other.shape, generator=torch_rng)
    clean = grade_samples(real, other, extract)
    noisy = grade_samples(real, (other + noise).clamp(0.0, 1.0), extract)
    assert noisy.frechet > 1.5 * clean.frechet
    assert noisy.kernel > clean.kernel
    assert noisy.precision < clean.precision


def test_inception_features_are_those_of_torchvision(torchvision_file: Path) -> None:
    images = photos(2, 75)
    extract = InceptionFeatures(torchvision_file)
    assert extract.name == "inception-v3 (torchvision)"
    network = Inception3(1_000, transform_input=True, init_weights=False).eval()
    network.load_state_dict(torch.load(torchvision_file, weights_only=True))
    network.fc = nn.Identity()
    mean, std = (
        torch.tensor(values).view(1, 3, 1, 1)
        for values in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    )
    scaled = F.interpolate(images, size=(299, 299), mode="bilinear")
    with torch.no_grad():
        expected = network((scaled - mean) / std)
    assert expected.shape == (2, 2_048)
    assert expected.std() > 0.01
    torch.testing.assert_close(extract(images), expected, rtol=1e-3, atol=1e-4)


def test_inception_of_2015_pools_in_its_own_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = photos(1, 75)
    network = seeded_inception(1_008, False)
    save_file(network.state_dict(), tmp_path / "inception.safetensors")
    extract = InceptionFeatures(tmp_path / "inception.safetensors")
    assert extract.name == "inception-v3 (2015)"
    features = extract(images)

    def pool(features: Tensor, kernel_size: int, stride: int, padding: int) -> Tensor:
        if features.shape[1] == 2_048:  # what the last block takes
            return F.max_pool2d(features, kernel_size, stride, padding)
        return F.avg_pool2d(features, kernel_size, stride, padding, count_include_pad=False)

    own = SimpleNamespace(avg_pool2d=pool, max_pool2d=F.max_pool2d, relu=F.relu)
    monkeypatch.setattr(inception, "F", own)
    network.fc = nn.Identity()
    with torch.no_grad():
        expected = network(2.0 * F.interpolate(images, size=(299, 299), mode="bilinear") - 1.0)
    torch.testing.assert_close(features, expected, rtol=1e-3, atol=1e-4)


def test_files_that_are_no_weights_of_inception(tmp_path: Path, torchvision_file: Path) -> None:
    with pytest.raises(ValueError, match=r"a file that exists, got .*none\.pth"):
        InceptionFeatures(tmp_path / "none.pth")
    (tmp_path / "text.pth").write_text("no weights")
    with pytest.raises(ValueError, match=r"a file of torch\.save's, got .*text\.pth"):
        InceptionFeatures(tmp_path / "text.pth")
    (tmp_path / "text.safetensors").write_text("no weights")
    with pytest.raises(ValueError, match="a complete safetensors file"):
        InceptionFeatures(tmp_path / "text.safetensors")
    torch.save({"weight": torch.zeros(2)}, tmp_path / "other.pth")
    with pytest.raises(ValueError, match=r"IMAGENET1K_V1 or .* with no classifier; leave"):
        InceptionFeatures(tmp_path / "other.pth")
    torch.save({"fc.bias": torch.zeros(10)}, tmp_path / "ten.pth")
    with pytest.raises(ValueError, match="with a classifier of 10; leave"):
        InceptionFeatures(tmp_path / "ten.pth")
    state = torch.load(torchvision_file, weights_only=True)
    del state["Mixed_5b.branch1x1.conv.weight"]
    torch.save(state, tmp_path / "part.pth")
    with pytest.raises(ValueError, match=r"only one of .* has Mixed_5b.*; leave it out"):
        InceptionFeatures(tmp_path / "part.pth")
