"""What discriminator and generator minimise, as functions of logits, and penalties on gradients.

All values at the optimum are those where samples and data have one distribution, so that no
discriminator can do better than a constant. Sources: I. Goodfellow et al., "Generative adversarial
nets", NIPS 2014 (minimax, non-saturating); X. Mao et al., "Least squares generative adversarial
networks", ICCV 2017; M. Arjovsky, S. Chintala and L. Bottou, "Wasserstein GAN", ICML 2017; J. H.
Lim and J. C. Ye, "Geometric GAN", 2017 (hinge); A. Jolicoeur-Martineau, "The relativistic
discriminator", ICLR 2019; Y. Huang et al., "The GAN is dead; long live the GAN! A modern GAN
baseline", NeurIPS 2024 (relativistic pairing with two penalties, R3GAN).
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

Logits = Float[Tensor, " n"]
Scalar = Float[Tensor, ""]
Discriminator = Callable[[Tensor], Tensor]
PenaltyName = Literal["zero-centred", "r1", "one-centred", "none"]


@dataclass(frozen=True, kw_only=True)
class Objective:
    """What each network minimises.

    Args:
        discriminator: of the logits of real and generated samples.
        generator: of the same logits.
        discriminator_optimum: the value of the first at the optimum.
        generator_optimum: of the second; None if it is any constant of the discriminator.
        is_relativistic: whether the generator looks at logits of real samples, too.
        penalty: what the gradients of the discriminator pay for by default.
        spectral_norm: whether its layers have a spectral norm of 1 by default.
    """

    discriminator: Callable[[Tensor, Tensor], Tensor]
    generator: Callable[[Tensor, Tensor], Tensor]
    discriminator_optimum: float
    generator_optimum: float | None
    is_relativistic: bool = False
    penalty: PenaltyName = "none"
    spectral_norm: bool = False


def classify(real_logits: Logits, fake_logits: Logits) -> Scalar:
    """-E log D(x) - E log(1 - D(G(z))), D the sigmoid of the logits; eq. 1 of Goodfellow et al.

    2 log 2 at the optimum.
    """
    return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()


def saturating(real_logits: Logits, fake_logits: Logits) -> Scalar:
    """E log(1 - D(G(z))), which is flat where the discriminator is sure; eq. 1, -log 2."""
    return -F.softplus(fake_logits).mean()


def non_saturating(real_logits: Logits, fake_logits: Logits) -> Scalar:
    """-E log D(G(z)), sec. 3 of Goodfellow et al.; log 2 at the optimum."""
    return F.softplus(-fake_logits).mean()


def least_squares(real_logits: Logits, fake_logits: Logits) -> Scalar:
    """E (D(x) - 1)^2 / 2 + E D(G(z))^2 / 2, eq. 9 of Mao et al.; 1/4 at the optimum, D = 1/2."""
    return ((real_logits - 1.0).square().mean() + fake_logits.square().mean()) / 2.0


def least_squares_generator(real_logits: Logits, fake_logits: Logits) -> Scalar:
    """E (D(G(z)) - 1)^2 / 2, eq. 9 of Mao et al.; 1/8 at the optimum."""
    return (fake_logits - 1.0).square().mean() / 2.0


def critic(real_logits: Logits, fake_logits: Logits) -> Scalar:
    """E D(G(z)) - E D(x), the negative of Arjovsky et al.'s eq. 2; 0 at the optimum."""
    return fake_logits.mean() - real_logits.mean()


def lower_logits(real_logits: Logits, fake_logits: Logits) -> Scalar:
    """-E D(G(z)); at the optimum minus the constant that the discriminator is."""
    return -fake_logits.mean()


def hinge(real_logits: Logits, fake_logits: Logits) -> Scalar:
    """E max(0, 1 - D(x)) + E max(0, 1 + D(G(z))), eq. 14 of Lim and Ye; 2 at the optimum."""
    return F.relu(1.0 - real_logits).mean() + F.relu(1.0 + fake_logits).mean()


def relativistic(real_logits: Logits, fake_logits: Logits) -> Scalar:
    """-E log sigmoid(D(x) - D(G(z))), eq. 2 of Huang et al.; log 2 at the optimum.

    Each generated sample is compared with one real sample, so a mode cannot be left out for free.
    """
    return F.softplus(fake_logits - real_logits).mean()


def relativistic_generator(real_logits: Logits, fake_logits: Logits) -> Scalar:
    """-E log sigmoid(D(G(z)) - D(x)), the other side's view; log 2 at the optimum."""
    return relativistic(fake_logits, real_logits)


OBJECTIVES: Final[Mapping[str, Objective]] = MappingProxyType(
    {
        "minimax": Objective(
            discriminator=classify,
            generator=saturating,
            discriminator_optimum=2.0 * math.log(2.0),
            generator_optimum=-math.log(2.0),
        ),
        "non-saturating": Objective(
            discriminator=classify,
            generator=non_saturating,
            discriminator_optimum=2.0 * math.log(2.0),
            generator_optimum=math.log(2.0),
        ),
        "least-squares": Objective(
            discriminator=least_squares,
            generator=least_squares_generator,
            discriminator_optimum=0.25,
            generator_optimum=0.125,
        ),
        "wasserstein": Objective(
            discriminator=critic,
            generator=lower_logits,
            discriminator_optimum=0.0,
            generator_optimum=None,
            penalty="one-centred",
        ),
        "hinge": Objective(
            discriminator=hinge,
            generator=lower_logits,
            discriminator_optimum=2.0,
            generator_optimum=None,
            spectral_norm=True,
        ),
        "relativistic": Objective(
            discriminator=relativistic,
            generator=relativistic_generator,
            discriminator_optimum=math.log(2.0),
            generator_optimum=math.log(2.0),
            is_relativistic=True,
            penalty="zero-centred",
        ),
    }
)


def input_gradients(logits: Logits, samples: Float[Tensor, "n *shape"]) -> Float[Tensor, "n d"]:
    """The gradient of each logit by its own sample, which can be differentiated again.

    Args:
        logits: computed from ``samples``, each from its own row alone.
        samples: require gradients.
    """
    gradients: Tensor = torch.autograd.grad(logits.sum(), samples, create_graph=True)[0]
    return gradients.flatten(1)


def zero_centred(gradients: Float[Tensor, "n d"]) -> Scalar:
    """E |grad D|^2 / 2: R1 on real samples, R2 on generated ones; 0 at the optimum.

    L. Mescheder, A. Geiger and S. Nowozin, "Which training methods for GANs do actually converge?",
    ICML 2018, eq. 9 and 10.
    """
    return gradients.square().sum(dim=1).mean() / 2.0


def one_centred(
    discriminator: Discriminator,
    real: Float[Tensor, "n *shape"],
    fake: Float[Tensor, "n *shape"],
    shares: Float[Tensor, " n"],
) -> Scalar:
    """E (|grad D(x)| - 1)^2 at points between real and generated samples.

    I. Gulrajani et al., "Improved training of Wasserstein GANs", NIPS 2017, eq. 3. A constant
    discriminator pays 1, so it is not 0 at the optimum.

    Args:
        discriminator: samples to logits.
        real: samples.
        fake: as many.
        shares: in [0, 1], where between them each point lies; 1 is at the real one.
    """
    weights = shares.reshape(-1, *[1] * (real.ndim - 1))
    between = torch.lerp(fake, real, weights).requires_grad_()
    gradients = input_gradients(discriminator(between), between)
    lengths = gradients.square().sum(dim=1).sqrt()
    return (lengths - 1.0).square().mean()
