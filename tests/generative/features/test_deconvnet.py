"""Signals sent back: exact transposes, gradients, the three rules, and no more than was seen."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from etude.generative.features.deconvnet import (
    check_units,
    project,
    project_shifted,
    rectifiers,
    rule_of,
)
from etude.generative.style.efficientnet_lite import EfficientNetLite, packaged_weights
from etude.generative.style.tiny_encoder import TinyEncoder
from etude.generative.style.vgg import VGG19

RULES = ("deconvnet", "guided", "saliency")


class Stack(nn.Module):
    """Two convolutions, a pooling and rectifiers as a test asks for."""

    name = "stack"
    layers = ("deep",)

    def __init__(self, rectifies: bool, pools: bool, stride: int = 1) -> None:
        super().__init__()
        self.rectifies, self.stride = rectifies, stride
        self.pool = nn.MaxPool2d(2) if pools else nn.Identity()
        torch_rng = torch.Generator().manual_seed(0)
        self.first = nn.Parameter(torch.randn(4, 3, 3, 3, generator=torch_rng))
        self.second = nn.Parameter(torch.randn(5, 4, 3, 3, generator=torch_rng))
        self.requires_grad_(False)

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        rectify = F.relu if self.rectifies else nn.Identity()
        features = self.pool(rectify(F.conv2d(images, self.first, None, self.stride, 1)))
        return {"deep": rectify(F.conv2d(features, self.second, None, 1, 1))}


def image(size: int = 12, seed: int = 1) -> Tensor:
    return torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(seed))


def alone(features: Tensor, unit: int) -> Tensor:
    """Nothing but the strongest activation of a unit."""
    kept = torch.zeros_like(features)
    place = features[0, unit].flatten().argmax()
    kept[0, unit].view(-1)[place] = features[0, unit].flatten()[place]
    return kept


def loudest(features: Tensor) -> int:
    return int(features.amax(dim=(0, 2, 3)).argmax())


@pytest.mark.parametrize("rule", RULES)
def test_a_linear_network_is_transposed_exactly(rule: str) -> None:
    encoder, seen = Stack(rectifies=False, pools=False), image()
    signal = alone(encoder(seen)["deep"], 3)
    expected = F.conv_transpose2d(
        F.conv_transpose2d(signal, encoder.second, padding=1), encoder.first, padding=1
    )
    found = project(encoder, seen, "deep", torch.tensor([3]), rule)
    assert torch.allclose(found, expected, atol=1e-5)


def test_without_rectifiers_switches_make_it_the_gradient() -> None:
    encoder, seen = Stack(rectifies=False, pools=True), image().requires_grad_(True)
    features = encoder(seen)["deep"]
    signal = alone(features.detach(), 2)
    (gradient,) = torch.autograd.grad(features, seen, signal)
    found = project(encoder, seen, "deep", torch.tensor([2]), "deconvnet")
    assert torch.allclose(found, gradient, atol=1e-5)


def test_zeiler_and_fergus_by_hand() -> None:
    encoder, seen = Stack(rectifies=True, pools=True), image()
    first = F.relu(F.conv2d(seen, encoder.first, padding=1))
    pooled, switches = F.max_pool2d(first, 2, return_indices=True)
    second = F.relu(F.conv2d(pooled, encoder.second, padding=1))
    unit = loudest(second)
    down = F.conv_transpose2d(alone(second, unit).relu(), encoder.second, padding=1)
    unpooled = F.max_unpool2d(down, switches, 2)
    expected = F.conv_transpose2d(unpooled.relu(), encoder.first, padding=1)
    found = project(encoder, seen, "deep", torch.tensor([unit]), "deconvnet")
    assert expected.abs().max() > 0.1
    assert torch.allclose(found, expected, atol=1e-5)


def test_three_rules_of_one_rectifier() -> None:
    x = torch.tensor([-1.0, -1.0, 2.0, 2.0, 7.0, 7.0])
    signal = torch.tensor([1.0, -1.0, 1.0, -1.0, 1.0, -1.0])
    expected = {
        "saliency": [0, 0, 1, -1, 0, 0],
        "deconvnet": [1, 0, 1, 0, 1, 0],
        "guided": [0, 0, 1, 0, 1, 0],  # where both of the others let something through, below 6
    }
    for rule, passed in expected.items():
        inputs = x.clone().requires_grad_(True)
        with rectifiers(TinyEncoder(), rule) as mode:
            outputs = F.relu6(inputs)
            assert mode.before(outputs) is inputs
            assert mode.before(inputs) is inputs
            (found,) = torch.autograd.grad(outputs, inputs, signal)
        assert torch.equal(outputs, x.clamp(0, 6))
        assert found.tolist() == passed, rule
    (gradient,) = torch.autograd.grad(F.relu6(inputs), inputs, signal)
    assert gradient.tolist() == expected["saliency"]  # and outside all is as before


@pytest.mark.parametrize(
    "encoder",
    [
        TinyEncoder(["conv2"]),
        EfficientNetLite(["b3e"], packaged_weights()),
        VGG19(["relu2_1"], None, "max"),
    ],
    ids=lambda encoder: encoder.name,
)
def test_saliency_is_the_gradient_of_real_encoders(encoder: nn.Module) -> None:
    (layer,) = encoder.layers
    seen = image(32).requires_grad_(True)
    features = encoder(seen)[layer]
    unit = int(features.detach().amax(dim=(0, 2, 3)).clamp(max=5.9).argmax())
    signal = alone(features.detach(), unit)
    (gradient,) = torch.autograd.grad(features, seen, signal)
    found = project(encoder, seen, layer, torch.tensor([unit]), "saliency")
    assert torch.allclose(found, gradient, atol=1e-5 * float(gradient.abs().max() + 1))
    assert not any(weights.requires_grad for weights in encoder.parameters())  # frozen again


def test_without_switches_only_the_guided_rule_looks_at_the_image() -> None:
    assert rule_of(Stack(rectifies=True, pools=True)) == "deconvnet"
    encoder = Stack(rectifies=True, pools=False, stride=2)
    assert rule_of(encoder) == "guided"
    unit = loudest(encoder(image(16))["deep"])
    seen_before: dict[int, Tensor] = {}
    for seed in range(100):  # until an activation is strongest at a place for the second time
        seen = image(16, seed)
        place = int(encoder(seen)["deep"][0, unit].argmax())
        if place in seen_before:
            break
        seen_before[place] = seen
    pair = torch.cat([seen, seen_before[place]])

    def likeness(rule: str) -> float:
        one, other = project(encoder, pair, "deep", torch.full((2,), unit), rule).flatten(1)
        return float(F.cosine_similarity(one, other, dim=0))

    assert likeness("deconvnet") == pytest.approx(1.0, abs=1e-5)
    assert likeness("guided") < 0.995


def test_an_activation_has_seen_its_receptive_field_and_nothing_else() -> None:
    encoder, seen = Stack(rectifies=True, pools=False), image(20)
    found = project(encoder, seen, "deep", torch.tensor([0]), places=torch.tensor([[10.5, 10.5]]))
    rows, columns = found[0].abs().sum(dim=0).nonzero(as_tuple=True)
    assert rows.max() - rows.min() < 5  # two convolutions of 3 x 3
    assert columns.max() - columns.min() < 5
    assert (rows.float() - 10).abs().max() <= 3


def test_a_dead_unit_has_an_empty_projection() -> None:
    encoder = Stack(rectifies=True, pools=True)
    encoder.second[4] = -encoder.second[4].abs()
    encoder.first.abs_()
    found = project_shifted(encoder, image(), "deep", torch.tensor([4]))
    assert found.abs().max() == 0


def test_shifts_wipe_out_the_grid_of_a_stride() -> None:
    encoder = Stack(rectifies=False, pools=False, stride=2)
    encoder.first.zero_()
    encoder.first[:, :, 1, 1] = 1.0  # looks at every other pixel only
    encoder.second.fill_(0.1)
    seen, unit, place = torch.ones(1, 3, 16, 16), torch.tensor([0]), torch.tensor([[8.5, 8.5]])
    plain = project_shifted(encoder, seen, "deep", unit, places=place, shifts=1)
    assert torch.equal(plain, project(encoder, seen, "deep", unit, places=place))
    smooth = project_shifted(encoder, seen, "deep", unit, places=place, shifts=2)

    def share_of_even_rows(projection: Tensor) -> float:
        return float(projection[..., ::2, :].sum() / projection.sum())

    assert share_of_even_rows(plain) == pytest.approx(1.0)
    assert share_of_even_rows(smooth) == pytest.approx(0.5)


def test_what_users_do_wrong() -> None:
    encoder = TinyEncoder()
    with pytest.raises(ValueError, match="a layer of tiny is one of conv1, conv2, got 'conv3'"):
        project(encoder, image(), "conv3", torch.tensor([0]))
    with pytest.raises(ValueError, match="a channel from 0 to 7, got 8"):
        project(encoder, image(), "conv1", torch.tensor([8]))
    with pytest.raises(ValueError, match="a channel from 0 to 3, got -1"):
        check_units(torch.tensor([2, -1]), 4, "conv1")
    with pytest.raises(ValueError, match="shifts is at least 1"):
        project_shifted(encoder, image(), "conv1", torch.tensor([0]), shifts=0)
