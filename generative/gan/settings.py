"""How a generator is trained: what is minimised, by which networks, for how long."""

import math
from dataclasses import dataclass
from typing import Final, Literal, get_args

from etude.foundations.names import check_name
from etude.generative.gan.objectives import OBJECTIVES, PenaltyName

ObjectiveName = Literal[
    "relativistic",
    "non-saturating",
    "minimax",
    "least-squares",
    "wasserstein",
    "hinge",
    "mmd",
    "energy",
    "sliced-wasserstein",
]
Architecture = Literal["mlp", "dcgan", "stylegan", "biggan"]
Augmentation = Literal["none", "translation", "colour-translation-cutout"]
Precision = Literal["auto", "float32", "bfloat16"]
ONE_CENTRED_WEIGHT: Final = 10.0  # Gulrajani et al. 2017, sec. 4


@dataclass(frozen=True, kw_only=True)
class GANSettings:
    """How to train a generator.

    Raises:
        ValueError: a number out of its range, or an unknown name.
    """

    architecture: Architecture = "mlp"
    """Which networks play."""
    objective: ObjectiveName = "relativistic"
    """What is minimised: a game with a discriminator (the first six), or the distance between
    samples and data itself (mmd, energy, sliced-wasserstein)."""
    penalty: PenaltyName | None = None
    """What the discriminator pays for its gradients; if left out what the objective is known for:
    zero-centred for relativistic, one-centred for wasserstein; r1 is zero-centred of real samples
    alone."""
    steps: int = 10_000
    """Updates of the generator."""
    batch_size: int = 256
    """Samples in each."""
    final_batch_size: int = 256
    """Samples in each of the last two fifths of the steps, where less noise shows details."""
    num_parts: int = 1
    """Parts that a batch goes through the networks in, to save memory; their gradients add up."""
    discriminator_steps: int = 1
    """Updates of the discriminator before each of the generator's."""
    learning_rate: float = 2e-3
    """Of Adam, for both networks, at first."""
    flat_share: float = 0.4
    """Of the steps, in which the learning rates stay; then they fall by equal factors."""
    final_share: float = 0.002
    """What is left of the generator's rate in the end."""
    discriminator_final_share: float = 0.3
    """Of the discriminator's: if both fell alike, it would judge an average over the generator's
    past, and modes would be as wide as the generator's trembling."""
    momentum: float = 0.0
    """Adam's first beta (Huang et al. 2024)."""
    memory: float = 0.99
    """Adam's second beta; .999 loses modes."""
    gamma: float = 0.3
    """Weight of the zero-centred penalty for the first fifth of the steps."""
    final_gamma: float = 3e-5
    """Its weight for the last quarter; in between it falls by equal factors. A discriminator that
    sees a mode's width has gradients of a mode's inverse width."""
    penalty_every_steps: int = 1
    """How often the penalty is computed, with as much more weight (lazy regularisation,
    Karras et al. 2020, sec. 3.1)."""
    penalty_share: float = 0.25
    """Of a batch whose gradients are looked at: the penalty is a mean that needs no more."""
    average_decay: float = 0.99
    """Of the average of the generator's weights that is kept: over the last hundred steps. Longer
    ones make modes narrow: where noise goes within a mode turns slowly."""
    latent_dim: int = 2
    """How many uniform numbers become a sample."""
    num_digits: int = 5
    """Binary digits of each uniform number that the generator reads as coin flips; of networks for
    points and digits."""
    generator_width: int = 64
    """Units of a layer, or channels of a convolutional network at half the size."""
    generator_depth: int = 5
    """Hidden layers, of networks for points and digits; of StyleGAN2 those from z to w."""
    discriminator_width: int = 64
    """As above."""
    discriminator_depth: int = 3
    """As above."""
    num_waves: int = 32
    """Fourier features of the discriminator; of networks for points and digits."""
    augmentation: Augmentation = "none"
    """What happens to all that the discriminator sees (Zhao et al. 2020), where data are few."""
    path_length_weight: float = 0.0
    """Of StyleGAN2's regularisation of how far a step of w moves the image; the paper's is 2."""
    style_mixing: float = 0.9
    """Share of StyleGAN2's samples, in training, whose coarse and fine layers differ in w."""
    orthogonal_weight: float = 0.0
    """Of BigGAN's regularisation of the generator's weights; the paper's is 1e-4."""
    precision: Precision = "auto"
    """What products are computed in: auto is bfloat16 on a GPU that has it, float32 elsewhere."""
    seed: int = 0
    """Of the weights, the noise and the order of the data."""

    def __post_init__(self) -> None:
        check_name("an architecture", self.architecture, get_args(Architecture))
        check_name("an augmentation", self.augmentation, get_args(Augmentation))
        check_name("an objective", self.objective, get_args(ObjectiveName))
        check_name("a precision", self.precision, get_args(Precision))
        for name, least in LEAST.items():
            if not least <= getattr(self, name) < math.inf:
                raise ValueError(
                    f"{name} is at least {least}, got {getattr(self, name)}; leave it out if in "
                    "doubt."
                )
        for name in BELOW_ONE:
            if not 0.0 <= getattr(self, name) < 1.0:
                raise ValueError(
                    f"{name} lies in [0, 1), got {getattr(self, name)}; leave it out if unsure."
                )
        if self.penalty_share > 1.0:
            raise ValueError(f"penalty_share is at most 1, got {self.penalty_share}; 1 is all.")
        self._check_parts()
        self._check_penalty()

    def _check_parts(self) -> None:
        for size in (self.batch_size, self.final_batch_size):
            if size % self.num_parts:
                raise ValueError(
                    f"the parts of a batch are of equal size, got {self.num_parts} parts of "
                    f"{size} samples; choose a divisor."
                )

    def _check_penalty(self) -> None:
        if self.penalty is None:
            return
        check_name("a penalty", self.penalty, get_args(PenaltyName))
        if not self.is_adversarial:
            raise ValueError(
                f"a penalty is for a discriminator, got {self.penalty!r} with {self.objective}, "
                "which has none; leave it out."
            )

    @property
    def is_adversarial(self) -> bool:
        """Whether there is a discriminator."""
        return self.objective in OBJECTIVES


LEAST: Final = {
    "steps": 1,
    "batch_size": 1,
    "final_batch_size": 1,
    "num_parts": 1,
    "discriminator_steps": 1,
    "penalty_every_steps": 1,
    "latent_dim": 1,
    "generator_width": 1,
    "generator_depth": 1,
    "discriminator_width": 1,
    "discriminator_depth": 1,
    "num_digits": 0,
    "num_waves": 0,
    "seed": 0,
    "learning_rate": 1e-12,
    "final_share": 1e-12,
    "discriminator_final_share": 1e-12,
    "gamma": 1e-12,
    "final_gamma": 1e-12,
    "penalty_share": 1e-12,
    "path_length_weight": 0.0,
    "orthogonal_weight": 0.0,
}
BELOW_ONE: Final = ("momentum", "memory", "average_decay", "flat_share", "style_mixing")
