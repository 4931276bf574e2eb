"""BigGAN's generator after training: truncated noise, standing statistics, plain weights.

A. Brock, J. Donahue and K. Simonyan, "Large scale GAN training for high fidelity natural image
synthesis", ICLR 2019: truncation trick (sec. 3.1), orthogonal regularisation (eq. 3), standing
statistics (app. B).
"""

import copy
import math
from typing import Final

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.utils import parametrize

from etude.generative.checkpoints import State
from etude.generative.gan.adversarial import uniform_latents
from etude.generative.gan.biggan import BigGANGenerator

PAPER_WEIGHT: Final = 1e-4  # beta of eq. 3
NUM_PASSES: Final = 100  # app. B
BATCH_SIZE: Final = 256


class OrthogonalRegularisation:
    """beta sum |W W^T * (1 - I)|^2 over the weights of a generator, with filters as rows; eq. 3.

    Filters may have any length, and are to have no similarity to each other: so truncated noise,
    which the generator has hardly seen, still leads to images. 0 at the optimum. A ``Regulariser``.
    As in the authors' code, weights are taken before their spectral norm, and the embedding of the
    classes is left out.

    Args:
        generator: its convolutions and linear layers pay.
        weight: beta.
        every_steps: how often, with as much more weight.

    Raises:
        ValueError: a weight below 0, or steps below 1.
    """

    name = "orthogonal_regularisation"

    def __init__(
        self, generator: nn.Module, weight: float = PAPER_WEIGHT, every_steps: int = 1
    ) -> None:
        if not 0.0 <= weight < math.inf:
            raise ValueError(f"a weight is at least 0, got {weight}; the paper's is 1e-4.")
        if every_steps < 1:
            raise ValueError(f"a price is due every 1 or more steps, got {every_steps}.")
        self.every_steps = every_steps
        self._factor = weight * every_steps
        self._weights = [
            weight_before_norm(module)
            for module in generator.modules()
            if isinstance(module, nn.Conv2d | nn.Linear)
        ]

    def __call__(self) -> Float[Tensor, ""]:
        """The price."""
        prices = [off_diagonal(weight.flatten(1)) for weight in self._weights]
        return self._factor * torch.stack(prices).sum()

    def state_dict(self) -> State:
        """See ``Stateful``; it has no state."""
        return {}

    def load_state_dict(self, state_dict: State) -> None:
        """See ``Stateful``; it has no state."""


def off_diagonal(rows: Float[Tensor, "n d"]) -> Float[Tensor, ""]:
    """The sum of the squared products of different rows.

    >>> off_diagonal(torch.tensor([[1.0, 2.0], [3.0, 0.0]])).item()  # twice the square of 3
    18.0
    """
    n, d = rows.shape
    if n <= d:
        return 2.0 * (rows @ rows.T).tril(-1).square().sum()
    everything = (rows.T @ rows).square().sum()  # as |W W^T|^2, of a smaller matrix
    return everything - rows.square().sum(dim=1).square().sum()


def truncated(z: Float[Tensor, "n d"], threshold: float) -> Float[Tensor, "n d"]:
    """Noise whose normal numbers lie within the threshold, as if others had been drawn again.

    The truncation trick: images become more typical and less various. A normal number below t in
    size is sqrt(2) erfinv(u erf(t / sqrt(2))) of a uniform u, so uniform noise is only scaled.

    Args:
        z: uniform on [-1, 1).
        threshold: t; 2 is little, 0.3 much.

    Raises:
        ValueError: a threshold not above 0.
    """
    if not threshold > 0.0:
        raise ValueError(f"a threshold is above 0, got {threshold}; 0.5 is typical, 2 various.")
    return z * math.erf(threshold / math.sqrt(2.0))


def sample_truncated(
    generator: BigGANGenerator,
    threshold: float,
    z: Float[Tensor, "n d"],
    labels: Int[Tensor, " n"],
) -> Float[Tensor, "n c size size"]:
    """Images of truncated noise; see ``truncated``."""
    images: Tensor = generator(truncated(z, threshold), labels)
    return images


def finished(generator: nn.Module, torch_rng: torch.Generator | None = None) -> nn.Module:
    """A copy of a trained generator, or of an average of such, that is ready to be used and kept.

    Args:
        generator: a ``BigGANGenerator``, with spectral norms or without.
        torch_rng: draws what ``standing_statistics`` needs; always the same if left out.
    """
    plain = baked(generator)
    assert isinstance(plain, BigGANGenerator)
    standing_statistics(plain, torch_rng or torch.Generator().manual_seed(0))
    return plain


@torch.no_grad()
def baked(network: nn.Module) -> nn.Module:
    """A copy whose weights have their spectral norms for good, with nothing to compute them anew.

    The largest singular values are those of these very weights, to all digits: an average of
    weights has others than the average of what its power iterations found.
    """
    plain = copy.deepcopy(network)
    for module in list(plain.modules()):
        if parametrize.is_parametrized(module, "weight"):
            weight = weight_before_norm(module)
            largest = torch.linalg.matrix_norm(weight.flatten(1), ord=2)
            # torch made a class for the module, which all its copies share, and which
            # remove_parametrizations would take to pieces
            module.__class__ = type(module).__bases__[0]
            del module.parametrizations
            module.weight = nn.Parameter(weight / largest)
    return plain


@torch.no_grad()
def standing_statistics(
    generator: BigGANGenerator,
    torch_rng: torch.Generator,
    *,
    threshold: float = math.inf,
    num_passes: int = NUM_PASSES,
    batch_size: int = BATCH_SIZE,
) -> None:
    """Give a generator's batch normalisation the means and variances of many of its own samples.

    Those from its training are of other weights than their average has. Leaves the generator in
    evaluation mode.

    Args:
        generator: to be changed.
        torch_rng: draws noise, and classes evenly.
        threshold: of ``truncated``; the statistics of truncated samples are others.
        num_passes: batches, whose statistics are averaged.
        batch_size: of each.

    Raises:
        ValueError: a threshold not above 0, or less than one pass.
    """
    if num_passes < 1:
        raise ValueError(f"statistics take at least one pass, got {num_passes}; 100 are many.")
    norms = [module for module in generator.modules() if isinstance(module, nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # plain averages
    generator.train()
    device = next(generator.parameters()).device
    for _ in range(num_passes):
        z = truncated(uniform_latents(batch_size, generator.latent_dim, torch_rng), threshold)
        labels = torch.randint(generator.num_classes, (batch_size,), generator=torch_rng)
        generator(z.to(device), labels.to(device))
    generator.eval()
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum


def weight_before_norm(module: nn.Module) -> Tensor:
    """What an optimiser moves: the weight of a layer, before its spectral norm if it has one."""
    if parametrize.is_parametrized(module, "weight"):
        found = module.get_parameter("parametrizations.weight.original")
    else:
        found = module.get_parameter("weight")
    return found
