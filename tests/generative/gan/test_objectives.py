"""Objectives at their optimum and against formulas; penalties against known gradients."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from etude.generative.gan.objectives import (
    OBJECTIVES,
    classify,
    input_gradients,
    one_centred,
    relativistic,
    zero_centred,
)

SHIFT_FREE = ("relativistic", "wasserstein")  # only differences of logits count


def logits(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_value_at_the_optimum(name: str) -> None:
    objective = OBJECTIVES[name]
    constant = logits(*[0.5 if name == "least-squares" else 0.0] * 6)
    value = objective.discriminator(constant, constant)
    assert value.item() == pytest.approx(objective.discriminator_optimum)
    if objective.generator_optimum is not None:
        of_generator = objective.generator(constant, constant)
        assert of_generator.item() == pytest.approx(objective.generator_optimum)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_no_discriminator_gains_where_samples_are_data(name: str) -> None:
    """The same samples on both sides: any logits lose against the best constant."""
    objective = OBJECTIVES[name]
    torch_rng = torch.Generator().manual_seed(0)
    for _ in range(50):
        guesses = torch.randn(64, generator=torch_rng, dtype=torch.float64)
        shuffled = guesses[torch.randperm(64, generator=torch_rng)]
        value = objective.discriminator(guesses, shuffled)
        assert value >= objective.discriminator_optimum - 1e-12


@pytest.mark.parametrize("name", OBJECTIVES)
def test_gradients_push_logits_apart_and_samples_up(name: str) -> None:
    objective = OBJECTIVES[name]
    real = logits(0.1, -0.2, 0.3).requires_grad_()
    fake = logits(0.2, 0.1, 0.05).requires_grad_()
    of_real, of_fake = torch.autograd.grad(objective.discriminator(real, fake), (real, fake))
    assert (of_real < 0).all()
    assert (of_fake > 0).all()
    (of_generated,) = torch.autograd.grad(objective.generator(real, fake), (fake,))
    assert (of_generated < 0).all()


@given(shift=st.floats(-5.0, 5.0))
def test_relative_objectives_ignore_a_constant(shift: float) -> None:
    real, fake = logits(1.0, -0.5), logits(0.3, 2.0)
    for name in SHIFT_FREE:
        discriminator = OBJECTIVES[name].discriminator
        moved = discriminator(real + shift, fake + shift)
        assert moved.item() == pytest.approx(discriminator(real, fake).item(), abs=1e-9)


@pytest.mark.parametrize("logit", [0.7, -3.0])
def test_classification_is_the_cross_entropy_of_the_paper(logit: float) -> None:
    share = 1.0 / (1.0 + math.exp(-logit))
    expected = -math.log(share) - math.log(1.0 - share)
    assert classify(logits(logit), logits(logit)).item() == pytest.approx(expected)


def test_the_pairing_is_that_of_the_paper() -> None:
    expected = -math.log(1.0 / (1.0 + math.exp(-(1.5 - 0.25))))
    assert relativistic(logits(1.5), logits(0.25)).item() == pytest.approx(expected)


def test_losses_are_finite_for_sure_discriminators() -> None:
    for objective in OBJECTIVES.values():
        for size in (1e3, -1e3):
            assert objective.discriminator(logits(size), logits(-size)).isfinite()
            assert objective.generator(logits(size), logits(-size)).isfinite()


def test_penalties_of_a_linear_discriminator() -> None:
    """D(x) = 3 x + 4 y has a gradient of length 5 everywhere."""
    network = nn.Linear(2, 1)
    with torch.no_grad():
        network.weight.copy_(torch.tensor([[3.0, 4.0]]))
    torch_rng = torch.Generator().manual_seed(0)
    real, fake = torch.randn(2, 8, 2, generator=torch_rng)
    real.requires_grad_()
    gradients = input_gradients(network(real)[:, 0], real)
    assert gradients.allclose(torch.tensor([3.0, 4.0]).expand(8, 2))
    assert zero_centred(gradients).item() == pytest.approx(12.5)
    shares = torch.rand(8, generator=torch_rng)
    assert one_centred(lambda x: network(x)[:, 0], real.detach(), fake, shares).item() == (
        pytest.approx(16.0)
    )


def test_a_one_centred_penalty_looks_between_the_samples() -> None:
    """D(x) = |x|^2 / 2 has the gradient x: with shares of 1/4 it looks at 3/4 fake + 1/4 real."""
    real, fake = torch.tensor([[4.0, 0.0]]), torch.tensor([[0.0, 0.0]])
    found = one_centred(lambda x: x.square().sum(dim=1) / 2.0, real, fake, torch.tensor([0.75]))
    assert found.item() == pytest.approx((3.0 - 1.0) ** 2)


def test_a_penalty_can_be_descended() -> None:
    """The gradient of a gradient: d/dw of (w^2 / 2) is w for D(x) = w x."""
    weight = torch.tensor(1.7, requires_grad=True)
    samples = torch.ones(4, 1, requires_grad=True)
    zero_centred(input_gradients(weight * samples[:, 0], samples)).backward()
    assert weight.grad is not None
    assert weight.grad.item() == pytest.approx(1.7)
