"""Muon: orthogonal steps, about as long as Adam's, and a state that is kept."""

from copy import deepcopy

import pytest
import torch
from torch import nn

from etude.generative.muon import ADAM_LENGTH, MOMENTUM, Muon, orthogonal


def matrix(rows: int, columns: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("shape", [(8, 8), (6, 20), (20, 6)])
def test_singular_values_come_near_one_and_vectors_stay(shape: tuple[int, int]) -> None:
    given = torch.stack([matrix(*shape, seed) for seed in range(3)])
    found = orthogonal(given)
    assert found.shape == given.shape
    values = torch.linalg.svdvals(found)
    assert values.min() > 0.13
    assert values.max() < 1.87
    for before, after in zip(given, found, strict=True):
        left, singular, right = torch.linalg.svd(before, full_matrices=False)
        inner = left.T @ after @ right.T
        torch.testing.assert_close(inner, inner.diagonal().diag(), atol=1e-4, rtol=0.0)
        assert bool((inner.diagonal() > 0.0).all())
        assert singular.min() > 0.0


def test_what_is_zero_stays() -> None:
    assert not orthogonal(torch.zeros(2, 3, 4)).any()


def test_a_step_is_as_long_as_adams() -> None:
    weight = nn.Parameter(matrix(32, 32))
    before = weight.detach().clone()
    weight.grad = matrix(32, 32, 1) * 1e-6
    Muon([weight], lr=0.1).step()
    step = (weight.detach() - before).square().mean().sqrt().item()
    assert step == pytest.approx(0.1 * ADAM_LENGTH, rel=0.35)


def test_steps_are_those_of_the_formulas() -> None:
    weight = nn.Parameter(matrix(4, 6))
    optimizer, mean = Muon([weight], lr=0.1), torch.zeros(4, 6)
    for seed in range(3):
        before, gradient = weight.detach().clone(), matrix(4, 6, seed)
        weight.grad = gradient.clone()
        optimizer.step()
        mean = MOMENTUM * mean + (1.0 - MOMENTUM) * gradient
        nesterov = MOMENTUM * mean + (1.0 - MOMENTUM) * gradient
        expected = before - 0.1 * 0.2 * 6**0.5 * orthogonal(nesterov[None])[0]
        torch.testing.assert_close(weight.detach(), expected)


def test_matrices_of_many_shapes_move_and_those_without_gradients_stay() -> None:
    weights = [nn.Parameter(matrix(*shape)) for shape in ((3, 4), (3, 4), (5, 2), (3, 4))]
    before = [weight.detach().clone() for weight in weights]
    for weight in weights[:3]:
        weight.grad = torch.ones_like(weight)
    Muon(weights, lr=0.1).step()
    moved = [not torch.equal(old, new) for old, new in zip(before, weights, strict=True)]
    assert moved == [True, True, True, False]


def test_its_state_is_kept() -> None:
    one, other = nn.Parameter(matrix(4, 4)), nn.Parameter(matrix(4, 4, 1))
    first, second = Muon([one], lr=0.1), Muon([other], lr=0.1)
    one.grad = matrix(4, 4, 2)
    first.step()
    second.load_state_dict(deepcopy(first.state_dict()))
    other.data.copy_(one.data)
    for weight, optimizer in ((one, first), (other, second)):
        weight.grad = matrix(4, 4, 3)
        optimizer.step()
    assert torch.equal(one, other)


def test_vectors_are_refused() -> None:
    with pytest.raises(ValueError, match=r"Muon trains matrices, got the shape \(3,\)"):
        Muon([nn.Parameter(torch.zeros(3))], lr=0.1)
