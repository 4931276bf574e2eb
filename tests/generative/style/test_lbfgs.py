"""L-BFGS: torch's steps, Newton's on a quadratic, and a state that can be kept."""

import copy

import torch
from torch import Tensor

from etude.generative.style.lbfgs import LBFGS

SHAPE = (1, 3, 4, 5)
torch.manual_seed(0)
ROOT = torch.randn(60, 60, dtype=torch.float64)
HESSIAN = ROOT @ ROOT.T / 60.0 + 0.1 * torch.eye(60, dtype=torch.float64)
START = torch.randn(SHAPE, dtype=torch.float64)


def quadratic(image: Tensor) -> Tensor:
    return 0.5 * image.flatten() @ HESSIAN @ image.flatten() + image.flatten().cos().sum()


def gradient(image: Tensor) -> Tensor:
    image = image.clone().requires_grad_()
    return torch.autograd.grad(quadratic(image), image)[0]


def descend(optimiser: LBFGS, image: Tensor, num_steps: int) -> Tensor:
    for _ in range(num_steps):
        image = image + optimiser.step(gradient(image))
    return image


def test_steps_are_those_of_torch() -> None:
    ours, optimiser = START, LBFGS(history_size=5)
    theirs = START.clone().requires_grad_()
    peer = torch.optim.LBFGS(
        [theirs], max_iter=1, history_size=5, tolerance_grad=0.0, tolerance_change=0.0
    )

    def evaluate() -> Tensor:
        peer.zero_grad()
        loss = quadratic(theirs)
        loss.backward()
        return loss

    for _ in range(12):
        ours = descend(optimiser, ours, 1)
        peer.step(evaluate)
        assert torch.allclose(ours, theirs, rtol=0.0, atol=1e-10)


def test_it_finds_the_minimum() -> None:
    assert gradient(descend(LBFGS(history_size=20), START, 150)).abs().max() < 1e-6


def test_a_step_against_the_curvature_is_not_remembered() -> None:
    optimiser = LBFGS(history_size=5)
    first = optimiser.step(torch.ones(SHAPE))
    assert first.abs().sum().item() == torch.tensor(1.0)  # |step|_1 = 1 where |gradient|_1 is more
    steeper = optimiser.step(2.0 * torch.ones(SHAPE))  # the gradient grew downhill: a saddle
    assert torch.equal(steeper, -2.0 * torch.ones(SHAPE))


def test_a_kept_state_goes_on_with_the_same_steps() -> None:
    whole = LBFGS(history_size=3)
    image = descend(whole, START, 6)
    kept = copy.deepcopy(whole.state_dict())
    resumed = LBFGS(history_size=3)
    resumed.load_state_dict(kept)
    assert torch.equal(descend(resumed, image, 4), descend(whole, image, 4))
