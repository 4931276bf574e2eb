"""The fully connected players: the digits of noise, waves, shapes, and independence of samples."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from etude.generative.gan.mlp import (
    SLOPE,
    BinaryExpansion,
    FourierFeatures,
    MLPDiscriminator,
    MLPGenerator,
)


def latents(n: int, latent_dim: int, seed: int = 0) -> Tensor:
    torch_rng = torch.Generator().manual_seed(seed)
    return 2.0 * torch.rand(n, latent_dim, generator=torch_rng) - 1.0


def seeded(build: type[nn.Module], *args: object, **kwargs: object) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return build(*args, **kwargs)


def num_parameters(network: nn.Module) -> int:
    return sum(weight.numel() for weight in network.parameters())


def test_digits_of_a_number() -> None:
    expanded = BinaryExpansion(2)(torch.tensor([[0.25, -1.0], [0.75, 0.0]]))
    # .25 = 1/2 - 1/4 + 0, -1 = -1/2 - 1/4 - 1/4, .75 = 1/2 + 1/4 + 0, 0 = 1/2 - 1/4 - 1/4
    expected = [[1.0, -1.0, -1.0, -1.0, 0.0, -1.0], [1.0, 1.0, 1.0, -1.0, 0.0, -1.0]]
    torch.testing.assert_close(expanded, torch.tensor(expected), rtol=0.0, atol=0.0)


@given(
    numerator=st.integers(-(2**20), 2**20 - 1),
    num_digits=st.integers(0, 8),
)
def test_digits_and_remainder_give_the_number_back(numerator: int, num_digits: int) -> None:
    z = torch.tensor([[numerator / 2**20]])
    *digits, rest = BinaryExpansion(num_digits)(z)[0].tolist()
    assert set(digits) <= {-1.0, 1.0}
    assert -1.0 <= rest < 1.0
    weighted = sum(digit / 2 ** (i + 1) for i, digit in enumerate(digits))
    assert weighted + rest / 2**num_digits == z.item()


def test_digits_and_remainder_of_uniform_noise_are_independent() -> None:
    expanded = BinaryExpansion(3)(latents(100_000, 2))
    correlations = torch.corrcoef(expanded.T)
    # 1 / sqrt(100,000) = .0032 is the deviation of one correlation
    torch.testing.assert_close(correlations, torch.eye(8), rtol=0.0, atol=0.016)
    rest = expanded[:, -2:].flatten().sort().values
    uniform = torch.linspace(-1.0, 1.0, len(rest))
    torch.testing.assert_close(rest, uniform, rtol=0.0, atol=0.02)


def test_waves_are_sines_and_cosines_of_known_lengths() -> None:
    features, points = FourierFeatures(2, 5, 1.0, 16.0), latents(4, 2)
    lengths = features.waves.norm(dim=0)
    torch.testing.assert_close(lengths, torch.tensor([1.0, 2.0, 4.0, 8.0, 16.0]))
    found = features(points)
    assert found.shape == (4, 12)
    torch.testing.assert_close(found[:, :2], points)
    torch.testing.assert_close(found[:, 2:7].square() + found[:, 7:].square(), torch.ones(4, 5))
    at_origin = features(torch.zeros(1, 2))[0]
    torch.testing.assert_close(at_origin, torch.tensor([0.0] * 7 + [1.0] * 5))


def test_waves_are_saved_and_not_trained() -> None:
    discriminator = seeded(MLPDiscriminator, (2,))
    assert not any("waves" in name for name, _ in discriminator.named_parameters())
    other = MLPDiscriminator((2,))
    other.load_state_dict(discriminator.state_dict())
    points = latents(3, 2)
    torch.testing.assert_close(other(points), discriminator(points), rtol=0.0, atol=0.0)


@pytest.mark.parametrize("shape", [(2,), (3, 8, 8)])
def test_shapes(shape: tuple[int, ...]) -> None:
    generator = seeded(MLPGenerator, 3, shape, 8, 2)
    discriminator = seeded(MLPDiscriminator, shape, 8, 2)
    samples = generator(latents(5, 3))
    assert samples.shape == (5, *shape)
    assert discriminator(samples).shape == (5,)


def test_numbers_of_parameters_are_those_of_the_documentation() -> None:
    hidden = 64 * 64 + 64
    generator, discriminator = MLPGenerator(2, (2,)), MLPDiscriminator((2,))
    assert num_parameters(generator) == (10 + 1) * 64 + 4 * hidden + 65 * 2 == 17_474
    assert num_parameters(discriminator) == (66 + 1) * 64 + 2 * hidden + 65 == 12_673


def test_a_bounded_generator_stays_in_its_range() -> None:
    free = seeded(MLPGenerator, 2, (2,))
    bounded = seeded(MLPGenerator, 2, (2,), is_bounded=True)
    for network in (free, bounded):
        with torch.no_grad():
            list(network.parameters())[-1].fill_(3.0)
    z = latents(64, 2)
    assert free(z).max() > 1.0
    torch.testing.assert_close(bounded(z), free(z).tanh())


def test_a_generator_without_digits_is_continuous_and_one_with_them_is_not() -> None:
    sides = torch.tensor([[-1e-6, 0.3], [1e-6, 0.3]])
    jumps = {}
    for num_digits in (0, 1):
        below, above = seeded(MLPGenerator, 2, (2,), num_digits=num_digits)(sides)
        jumps[num_digits] = (above - below).norm().item()
    assert jumps[0] < 1e-5 < 1e-3 < jumps[1]


@pytest.mark.parametrize("spectral_norm", [False, True])
def test_a_logit_depends_on_its_own_sample_alone(spectral_norm: bool) -> None:
    discriminator = seeded(MLPDiscriminator, (2,), spectral_norm=spectral_norm).eval()
    points = latents(6, 2)
    torch.testing.assert_close(discriminator(points)[2:3], discriminator(points[2:3]))


def test_spectral_norm_bounds_the_slope() -> None:
    discriminator = seeded(MLPDiscriminator, (2,), 16, 3, 0, spectral_norm=True)
    points = latents(64, 2)
    for _ in range(100):  # each pass in training mode is a step of the power iteration
        discriminator(points)
    discriminator.eval()
    norms = [
        torch.linalg.matrix_norm(layer.weight, ord=2)
        for layer in discriminator.modules()
        if isinstance(layer, nn.Linear)
    ]
    assert len(norms) == 4
    torch.testing.assert_close(torch.stack(norms), torch.ones(4), rtol=0.01, atol=0.0)
    points.requires_grad_()
    slopes = torch.autograd.grad(discriminator(points).sum(), points)[0].norm(dim=1)
    assert slopes.max() <= 1.01


def test_without_waves_it_is_a_plain_network() -> None:
    discriminator = seeded(MLPDiscriminator, (2,), 8, 1, 0)
    hidden, _, last = discriminator.layers
    points = latents(7, 2)
    before = points @ hidden.weight.T + hidden.bias
    after = torch.maximum(before, SLOPE * before)
    expected = (after @ last.weight.T + last.bias)[:, 0]
    torch.testing.assert_close(discriminator(points), expected)
