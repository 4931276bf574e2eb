"""Convolutional RBMs against sums over all of their states."""

import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from etude.generative.features.crbm import (
    CRBM,
    Blocks,
    CRBMArchitecture,
    Visible,
    block_probabilities,
    log_choices,
    sample_blocks,
)
from etude.generative.features.crbm_training import Statistics, statistics

SIDE = 3  # pixels: two filters of 2 x 2 have a block each
NUM_CELLS = 4


def tiny(visible: Visible) -> CRBM:
    """A machine small enough to count all its states: two filters, a block each."""
    sigma = 0.7 if visible == "real" else 1.0
    architecture = CRBMArchitecture(filters=2, filter_size=2, visible=visible, sigma=sigma)
    torch_rng = torch.Generator().manual_seed(3)
    machine = CRBM(architecture, torch_rng).double()
    for parameter in machine.parameters():
        parameter.copy_(0.6 * torch.randn(parameter.shape, generator=torch_rng).double())
    return machine


def all_hidden() -> Tensor:
    """All 5 x 5 states of two blocks of 2 x 2 detection units."""
    block = torch.cat([torch.zeros(1, NUM_CELLS), torch.eye(NUM_CELLS)]).double()
    pairs = [torch.stack(pair) for pair in itertools.product(block, block)]
    return torch.stack(pairs).reshape(-1, 2, 2, 2)


def all_visible() -> Tensor:
    bits = itertools.product((0.0, 1.0), repeat=SIDE**2)
    return torch.tensor(list(bits)).double().reshape(-1, 1, SIDE, SIDE)


def energy(machine: CRBM, v: Tensor, h: Tensor) -> Tensor:
    """E(v, h) of the module's docstring, term by term, without convolutions."""
    total = torch.zeros(()).double()
    for k, row, column in itertools.product(range(2), range(2), range(2)):
        patch = v[0, row : row + 2, column : column + 2]
        total = total - h[k, row, column] * (
            (machine.weight[k, 0] * patch).sum() + machine.hidden_bias[k]
        )
    if machine.architecture.visible == "binary":
        return total - machine.visible_bias[0] * v.sum()
    return (total + (v - machine.visible_bias[0]).square().sum() / 2) / machine.variance


def some_images(visible: Visible, n: int = 4) -> Tensor:
    torch_rng = torch.Generator().manual_seed(1)
    v = torch.randn(n, 1, SIDE, SIDE, generator=torch_rng).double()
    return v if visible == "real" else (v > 0).double()


@pytest.mark.parametrize("visible", ["real", "binary"])
def test_the_free_energy_is_a_sum_over_all_hidden_states(visible: Visible) -> None:
    machine = tiny(visible)
    v = some_images(visible)
    energies = torch.stack(
        [torch.stack([energy(machine, image, h) for h in all_hidden()]) for image in v]
    )
    torch.testing.assert_close(machine.free_energy(v), -torch.logsumexp(-energies, dim=1))


@pytest.mark.parametrize("visible", ["real", "binary"])
def test_conditionals_are_those_of_the_energy(visible: Visible) -> None:
    machine = tiny(visible)
    h = all_hidden()
    for v in some_images(visible):
        energies = torch.stack([energy(machine, v, state) for state in h])
        chances = (-energies).softmax(dim=0)
        found = machine.hidden(v[None])
        expected = torch.einsum("s,skij->kij", chances, h)
        torch.testing.assert_close(found.detection[0], expected)
        torch.testing.assert_close(found.pooling[0, :, 0, 0], expected.sum(dim=(1, 2)))
    if visible == "binary":
        v = all_visible()
        state = h[7]
        energies = torch.stack([energy(machine, image, state) for image in v])
        expected = torch.einsum("s,scij->cij", (-energies).softmax(dim=0), v)
        torch.testing.assert_close(machine.visible_mean(state[None])[0], expected)


def log_z(machine: CRBM) -> Tensor:
    """log of the sum of exp(-E) over everything, up to a constant of real-valued pixels."""
    if machine.architecture.visible == "binary":
        return torch.logsumexp(-machine.free_energy(all_visible()), dim=0)
    return torch.logsumexp(hidden_weights(machine), dim=0)


def hidden_weights(machine: CRBM) -> Tensor:
    """log of the integral over real v of exp(-E(v, h)) for each h: a Gaussian around c + W h."""
    h = all_hidden()
    shift = machine.visible_mean(h) - machine.visible_bias
    own = machine.visible_bias * shift + shift.square() / 2
    bias = (h * machine.hidden_bias[:, None, None]).sum(dim=(1, 2, 3))
    return (own.sum(dim=(1, 2, 3)) + bias) / machine.variance


@pytest.mark.parametrize("visible", ["real", "binary"])
def test_contrastive_statistics_of_exact_samples_are_the_gradient(visible: Visible) -> None:
    """sigma^2 d mean log P(v) / d parameter = data's statistics less the model's, exactly."""
    machine = tiny(visible).requires_grad_()
    data = some_images(visible)
    likelihood = -machine.free_energy(data).mean() - log_z(machine)
    torch.autograd.backward(likelihood)
    machine.requires_grad_(False)
    positive = statistics(machine, data, machine.hidden(data).detection)
    negative = model_statistics(machine)
    for name in Statistics._fields:
        exact = machine.variance * getattr(machine, name).grad
        estimated = getattr(positive, name) - getattr(negative, name)
        torch.testing.assert_close(estimated, exact, rtol=1e-9, atol=1e-11)


def model_statistics(machine: CRBM) -> Statistics:
    """The mean over all states of the machine, each with its probability."""
    if machine.architecture.visible == "binary":
        states = all_visible()
        chances = (-machine.free_energy(states)).softmax(dim=0)
        parts = [statistics(machine, v[None], machine.hidden(v[None]).detection) for v in states]
    else:  # given h the statistics are linear in v, so its mean is enough
        hidden = all_hidden()
        chances = hidden_weights(machine).softmax(dim=0)
        parts = [statistics(machine, machine.visible_mean(h[None]), h[None]) for h in hidden]
    return Statistics(
        *(
            torch.einsum("s,s...->...", chances, torch.stack(list(values)))
            for values in zip(*parts, strict=True)
        )
    )


def test_samples_have_at_most_one_unit_a_block_and_come_as_often_as_they_should() -> None:
    torch_rng = torch.Generator().manual_seed(0)
    evidence = 2.0 * torch.randn(1, 3, 4, 6, generator=torch_rng)
    chances = block_probabilities(evidence, 2)
    n = 4_000
    many = Blocks(*(part.expand(n, *part.shape[1:]) for part in chances))
    drawn = sample_blocks(many, torch_rng)
    blocks = drawn.detection.reshape(n, 3, 2, 2, 3, 2).sum(dim=(3, 5))
    assert blocks.max() == 1.0
    assert blocks.equal(drawn.pooling)
    deviation = (chances.detection * (1 - chances.detection) / n).sqrt() + 1e-4
    off = (drawn.detection.mean(dim=0, keepdim=True) - chances.detection).abs() / deviation
    assert off.max() < 4.5  # 72 numbers, in deviations


@given(st.floats(-200.0, 200.0), st.integers(1, 3), st.integers(0, 100))
def test_blocks_are_a_softmax_at_any_scale(shift: float, pooling: int, seed: int) -> None:
    torch_rng = torch.Generator().manual_seed(seed)
    size = 2 * pooling
    evidence = shift + 30.0 * torch.randn(1, 2, size, size, generator=torch_rng)
    above = torch.randn(1, 2, 2, 2, generator=torch_rng)
    found = block_probabilities(evidence, pooling, above)
    raised = evidence + above.repeat_interleave(pooling, 2).repeat_interleave(pooling, 3)
    cells = raised.reshape(1, 2, 2, pooling, 2, pooling).transpose(3, 4).flatten(4)
    expected = torch.cat([cells, torch.zeros(1, 2, 2, 2, 1)], dim=-1).double().softmax(dim=-1)
    detection = found.detection.reshape(1, 2, 2, pooling, 2, pooling).transpose(3, 4).flatten(4)
    torch.testing.assert_close(detection.double(), expected[..., :-1], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(found.pooling.double(), 1 - expected[..., -1], rtol=0, atol=1e-5)
    logs = torch.nn.functional.softplus(cells.double().logsumexp(dim=-1))
    torch.testing.assert_close(log_choices(raised, pooling).double(), logs, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"filters": 0}, "filters is at least 1, got 0"),
        ({"sigma": 0.0}, "sigma is above 0"),
        ({"visible": "binary", "sigma": 0.2}, "binary units have a sigma of 1"),
    ],
)
def test_mistakes(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CRBMArchitecture(**arguments)  # type: ignore[arg-type]


def test_an_image_leaves_no_part_of_a_block() -> None:
    machine = CRBM(CRBMArchitecture(filter_size=4, pooling=3))
    with pytest.raises(ValueError, match="a side is 3 plus a multiple of 3, got 10; for example 9"):
        machine.hidden(torch.zeros(1, 1, 9, 10))
