"""Adam with shrinking steps: against torch's parts, its end, its clipping, its state."""

import math
from copy import deepcopy
from itertools import pairwise

import pytest
import torch
from torch import Tensor, nn

from etude.generative.annealing import FINAL_SHARE, AnnealedAdam, AnnealedDescent


def network(weight: float = 1.0) -> nn.Linear:
    layer = nn.Linear(1, 1, bias=False)
    layer.weight.data.fill_(weight)
    return layer


def descent(layer: nn.Linear, num_steps: int = 10, norm: float = 5.0) -> AnnealedAdam:
    return AnnealedAdam(
        layer,
        layer.parameters(),
        num_steps=num_steps,
        learning_rate=0.1,
        max_gradient_norm=norm,
        average_decay=0.5,
    )


def loss(layer: nn.Linear, slope: float = 1.0) -> Tensor:
    return slope * layer.weight.sum()


def test_steps_shrink_along_half_a_cosine() -> None:
    layer = network()
    adam, weights = descent(layer), [layer.weight.item()]
    for _ in range(11):
        adam.step(loss(layer))
        weights.append(layer.weight.item())
    steps = [before - after for before, after in pairwise(weights)]
    for i, step in enumerate(steps):  # a constant gradient makes Adam's step the learning rate
        share = FINAL_SHARE + (1.0 - FINAL_SHARE) * (1.0 + math.cos(math.pi * i / 10)) / 2.0
        assert step == pytest.approx(0.1 * share, rel=1e-3)


def test_steps_grow_first_and_each_optimizer_has_its_own_rate() -> None:
    layer = nn.Linear(2, 1)
    optimizers = {
        "slow": torch.optim.SGD([layer.weight], lr=0.01),
        "fast": torch.optim.SGD([layer.bias], lr=1.0),
    }
    both = AnnealedDescent(
        layer,
        optimizers,
        num_steps=8,
        max_gradient_norm=100.0,
        average_decay=0.5,
        num_warm_up=4,
        final_share=0.1,
    )
    rates = []
    for _ in range(9):
        rates.append([it.param_groups[0]["lr"] for it in optimizers.values()])
        both.step(layer.weight.sum() + layer.bias.sum())
    for i, (slow, fast) in enumerate(rates):
        cosine = (1.0 + math.cos(math.pi * i / 8)) / 2.0
        assert fast == pytest.approx(min((i + 1) / 4, 1.0) * (0.1 + 0.9 * cosine))
        assert slow == pytest.approx(0.01 * fast)
    assert set(both.parts) == {"network", "average", "slow", "fast"} | {
        "schedule_slow",
        "schedule_fast",
    }


def test_the_norm_is_that_before_clipping() -> None:
    layer = network()
    norm = descent(layer, norm=5.0).step(loss(layer, slope=40.0))
    assert norm.item() == pytest.approx(40.0)
    assert layer.weight.grad is not None
    assert layer.weight.grad.item() == pytest.approx(5.0, rel=1e-4)


def test_the_average_follows() -> None:
    layer = network()
    adam = descent(layer)
    adam.step(loss(layer))
    first = layer.weight.item()
    adam.step(loss(layer))
    average = adam.average.module.weight.item()
    assert average == pytest.approx(0.5 * first + 0.5 * layer.weight.item())


def test_parts_hold_everything() -> None:
    one, other = network(), network(weight=7.0)
    first, second = descent(one), descent(other)
    for _ in range(3):
        first.step(loss(one))
    for name, part in second.parts.items():
        part.load_state_dict(deepcopy(first.parts[name].state_dict()))
    for layer, adam in ((one, first), (other, second)):
        adam.step(loss(layer, slope=2.0))
    assert one.weight.item() == other.weight.item()
    assert first.average.module.weight.item() == second.average.module.weight.item()
