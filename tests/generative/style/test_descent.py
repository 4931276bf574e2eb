"""Descent on functions whose minimum is known, and on those that go wrong."""

import copy
from typing import get_args

import pytest
import torch
from torch import Tensor

from etude.generative.style.descent import PATIENCE, ImageDescent, Method, minimise


def target(height: int = 4, width: int = 5) -> Tensor:
    return torch.linspace(0.1, 0.9, 3 * height * width).view(1, 3, height, width)


def bowl(image: Tensor) -> Tensor:
    """Steeper in some directions than in others; its minimum is ``target()``."""
    steepness = torch.linspace(1.0, 20.0, image.numel()).view_as(image)
    return (steepness * (image - target()).square()).sum()


@pytest.mark.parametrize("method", get_args(Method))
def test_the_minimum_of_a_bowl(method: Method) -> None:
    descent = minimise(bowl, torch.zeros(1, 3, 4, 5), 400, method)
    assert descent.stopped == ""
    assert torch.allclose(descent.image, target(), atol=0.02)


def test_lbfgs_needs_fewer_evaluations() -> None:
    losses = [
        bowl(minimise(bowl, torch.zeros(1, 3, 4, 5), 30, method).image).item()
        for method in get_args(Method)
    ]
    assert losses[0] < 0.1 * losses[1]


def test_the_start_stays_and_strides_do_not_matter() -> None:
    start = torch.zeros(1, 4, 5, 3).permute(0, 3, 1, 2)  # channels last
    assert bowl(minimise(bowl, start, 40).image) < 1e-2
    assert not start.any()


def test_no_more_evaluations_than_asked_for_and_fewer_once_nothing_is_gained() -> None:
    calls: list[int] = []

    def counted(image: Tensor) -> Tensor:
        calls.append(1)
        return bowl(image) + 1.0

    minimise(counted, torch.zeros(1, 3, 4, 5), 7)
    assert len(calls) == 7
    calls.clear()
    minimise(counted, target(), 400)
    assert len(calls) == PATIENCE + 1


def failing(after: int, failure: str) -> tuple[list[float], object]:
    losses: list[float] = []

    def loss(image: Tensor) -> Tensor:
        if len(losses) == after and failure == "interrupt":
            raise KeyboardInterrupt
        value = bowl(image)
        losses.append(value.item())
        return value * float("nan") if len(losses) > after else value

    return losses, loss


@pytest.mark.parametrize("method", get_args(Method))
@pytest.mark.parametrize(
    ("failure", "reason"),
    [("nan", "the loss was no longer finite"), ("interrupt", "interrupted")],
)
def test_the_best_image_survives(failure: str, reason: str, method: Method) -> None:
    losses, loss = failing(12, failure)
    descent = minimise(loss, torch.zeros(1, 3, 4, 5), 100, method)  # type: ignore[arg-type]
    assert descent.stopped == reason
    assert bowl(descent.image).item() == pytest.approx(min(losses[:12]))
    assert min(losses[:12]) < losses[0]


def test_gradients_that_are_no_numbers_end_the_descent() -> None:
    descent = minimise(lambda image: image.square().sum().sqrt(), torch.zeros(1, 3, 2, 2), 10)
    assert descent.stopped == "the loss was no longer finite"
    assert not descent.image.any()


def test_an_overshoot_starts_again_from_the_best_image() -> None:
    """A wall beside the minimum, of which quadratic models know nothing."""

    def walled(image: Tensor) -> Tensor:
        return (image - 0.5).square().sum() + 1e3 * (image - 0.6).clamp_min(0.0).sum()

    start = torch.full((1, 3, 2, 2), -1.0)
    assert walled(minimise(walled, start, 200).image) < 1e-2 * walled(start)


@pytest.mark.parametrize("method", get_args(Method))
def test_a_descent_goes_on_from_its_state(method: Method) -> None:
    whole = ImageDescent(bowl, torch.zeros(1, 3, 4, 5), method)
    for _ in range(8):
        whole.step()
    state = copy.deepcopy(whole.state_dict())
    other = ImageDescent(bowl, torch.zeros(1, 3, 4, 5), method)
    other.load_state_dict(state)
    for _ in range(8):
        whole.step()
        other.step()
    assert other.num_evaluations == whole.num_evaluations == 16
    assert torch.equal(other.best, whole.best)
