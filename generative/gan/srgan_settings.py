"""How networks that enlarge are trained, on pixels or against a discriminator."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, get_args

from etude.foundations.names import check_name
from etude.generative.gan.settings import ObjectiveName
from etude.generative.gan.super_resolution import Model

STEPS: Final[Mapping[Model, int]] = MappingProxyType({"srresnet": 18_000, "srgan": 1_500})
RATES: Final[Mapping[Model, float]] = MappingProxyType({"srresnet": 2e-3, "srgan": 4e-4})


@dataclass(frozen=True, kw_only=True)
class UpscalerSettings:
    """How to train a network that enlarges.

    Raises:
        ValueError: a number out of its range, or an unknown objective.
    """

    steps: int | None = None
    """Updates of the network; 18,000 on pixels, 1,500 against a discriminator if left out."""
    batch_size: int = 4
    """Pairs of patches in each; 16 in the paper (Ledig et al. 2017, sec. 3.2)."""
    patch_size: int = 24
    """Pixels a side of the small patches (sec. 3.2)."""
    learning_rate: float | None = None
    """Of Adam, at first; 2e-3 on pixels, 4e-4 against a discriminator if left out. A thirtieth of
    it at the end, along half a cosine."""
    average_decay: float = 0.999
    """Of the average of the weights that is kept: 0.999 averages over the last 1,000 steps."""
    width: int = 40
    """Channels of the network."""
    num_blocks: int = 9
    """Its residual blocks."""
    paper: bool = False
    """Take the paper's networks, for a GPU: with 64 channels, 16 blocks and batch normalisation,
    whatever the sizes here."""
    discriminator_width: int = 16
    """Channels of the discriminator at full resolution."""
    objective: ObjectiveName = "relativistic"
    """What the discriminator minimises; "non-saturating" in the paper (eq. 6)."""
    feature_weight: float = 1.0
    """How much the features count, beside the next two; not on pixels alone."""
    adversarial_weight: float = 0.003
    """How much the discriminator counts; 0.001 in the paper (eq. 3), beside smaller features."""
    pixel_weight: float = 0.5
    """How much the pixels count; 0 in the paper."""
    seed: int = 0
    """Of the first weights and of the patches."""

    def __post_init__(self) -> None:
        for name in ("steps", "batch_size", "width", "discriminator_width"):
            _check(name, getattr(self, name), 1)
        _check("patch_size", self.patch_size, 8)
        for name in ("num_blocks", "seed"):
            _check(name, getattr(self, name), 0)
        for name in ("feature_weight", "adversarial_weight", "pixel_weight"):
            _check(name, getattr(self, name), 0.0)
        _check("learning_rate", self.learning_rate, 1e-12)
        if not 0.0 <= self.average_decay < 1.0:
            raise ValueError(
                f"average_decay lies in [0, 1), got {self.average_decay}; for example 0.999."
            )
        check_name("an objective", self.objective, get_args(ObjectiveName))

    def num_steps(self, model: Model) -> int:
        """Updates of the network."""
        return STEPS[model] if self.steps is None else self.steps

    def rate(self, model: Model) -> float:
        """The learning rate at first."""
        return RATES[model] if self.learning_rate is None else self.learning_rate


def _check(name: str, value: float | None, least: float) -> None:
    if value is not None and not least <= value < math.inf:
        raise ValueError(f"{name} is at least {least}, got {value}; leave it out if in doubt.")
