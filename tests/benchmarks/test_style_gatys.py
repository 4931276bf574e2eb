"""The benchmark of Gatys' method: both sides compute the same number, and the counts are right."""

import math

import pytest
import torch

from etude.benchmarks import style_gatys
from etude.benchmarks.plain_gatys import PlainObjective, PlainVGG19, descend
from etude.benchmarks.random_vgg import random_vgg19
from etude.benchmarks.style_gatys import Timed, convolution_operations, measure
from etude.generative.style.gatys import GatysSettings, weighted_sum
from etude.generative.style.losses import LayerWeights, Objective, Style, style_targets
from etude.generative.style.vgg import VGG19

LAYERS = LayerWeights({"relu2_2": 1.0}, {"relu1_1": 1.0, "relu3_1": 1.0})


def random_image(seed: int) -> torch.Tensor:
    return torch.rand(1, 3, 32, 40, generator=torch.Generator().manual_seed(seed))


def test_the_plain_loss_and_gradient_are_the_same() -> None:
    # pictures without two equal maxima in a window of a pool, of which each side may take another
    content, style, image = (random_image(seed) for seed in range(3, 6))
    encoder, settings = random_vgg19(LAYERS.layers, content), GatysSettings()
    targets = style_targets(encoder, [Style(style)], LAYERS.style)
    ours = Objective(encoder, LAYERS, content, targets)
    plain = PlainObjective(PlainVGG19(encoder), LAYERS, content, style, settings)
    gradients = []
    for loss in (lambda x: weighted_sum(ours(x), settings), plain):
        leaf = image.clone().requires_grad_()
        value = loss(leaf)
        value.backward()  # type: ignore[no-untyped-call]
        assert value.item() == pytest.approx(plain(image).item(), rel=1e-4)
        gradients.append(leaf.grad)
    difference = (gradients[0] - gradients[1]).norm()
    assert difference < 1e-3 * gradients[1].norm()
    losses = descend(plain, content, 8)
    assert len(losses) == 8
    assert losses[-1] < losses[0]


def test_random_weights_are_normalised_on_the_photo() -> None:
    photo = random_image(0)
    encoder = random_vgg19(["relu1_1", "relu2_2"], photo)
    for features in encoder(photo).values():
        assert features.mean().item() == pytest.approx(1.0 / math.sqrt(2.0 * math.pi), abs=0.1)


def test_operations_by_hand() -> None:
    encoder = VGG19(["relu2_1"], None)
    first, second, third = 3 * 64, 64 * 64, 64 * 128
    expected = 2 * 9 * ((first + second) * 32 * 40 + third * 16 * 20)
    assert convolution_operations(encoder, 32, 40) == expected


def test_the_way_to_a_loss() -> None:
    timed = Timed([3.0, 1.0, 2.0], [0.1, 0.2, 0.4])
    assert timed.until(2.0) == (0.2, 2)
    assert timed.until(0.5) is None
    assert timed.lowest(0.15) == 3.0
    assert timed.lowest(0.05) == math.inf


def test_all_parts_give_results(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("skimage")
    monkeypatch.setattr(style_gatys, "SIZE", 64)
    monkeypatch.setattr(style_gatys, "PAIRS", (("chelsea", "waves"),))
    monkeypatch.setattr(style_gatys, "PLAIN_EVALUATIONS", 5)
    monkeypatch.setattr(style_gatys, "LONG", {32: 10, 64: 10})
    monkeypatch.setattr(style_gatys, "highest_speed", lambda: 1e11)
    found = list(measure(1))
    assert not [message for message in found if isinstance(message, str)]
    methods = {(result.task, result.method) for result in found if not isinstance(result, str)}
    assert {method for task, method in methods if task == style_gatys.EQUAL_LOSS} == {
        "plain",
        "Etude",
    }
    assert len(methods) >= 7
    monkeypatch.setattr(style_gatys, "available_photos", dict)
    assert "without the photos chelsea" in str(next(measure(1)))
