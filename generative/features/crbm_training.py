"""Training a convolutional RBM by contrastive divergence, with a sparsity that is asked for.

The gradient of the mean log-likelihood is what the machine does with data less what it does with
samples of its own, G. E. Hinton, "Training products of experts by minimizing contrastive
divergence", Neural Computation 14, 2002:

    sigma^2 d log P(v) / dW_k = E[h^k * v | v] - E_model[h^k * v]

CD-k takes for the second term what k steps of Gibbs sampling make of the data. Sparsity moves the
bias of each filter until its detection units are on as often as asked for (H. Lee, C. Ekanadham and
A. Y. Ng, "Sparse deep belief net model for visual area V2", NIPS 2007; Lee et al. 2009, sec. 3.2).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.grad import conv2d_weight

from etude.generative.checkpoints import State, Stateful, TorchRandomState
from etude.generative.features.crbm import CRBM, Images, Maps, sample_blocks

EARLY_STEPS: Final = 100  # with less momentum, while the gradient is large
EARLY_MOMENTUM: Final = 0.5
Draw = Callable[[int, torch.Generator], Tensor]
"""So many images, drawn by a generator."""


class Statistics(NamedTuple):
    """The means over images of what the energy multiplies: sums over places."""

    weight: Float[Tensor, "filters channels size size"]
    hidden_bias: Float[Tensor, " filters"]
    visible_bias: Float[Tensor, " channels"]


@dataclass(frozen=True, kw_only=True)
class CRBMSettings:
    """How a machine is trained.

    Raises:
        ValueError: a number out of its range.
    """

    steps: int = 1_500
    """Updates."""
    batch_size: int = 16
    """Images in each."""
    learning_rate: float = 0.02
    """At first; of sigma^2 times the gradient for a detection unit."""
    final_rate: float = 0.006
    """At the end; in between it falls by equal factors."""
    momentum: float = 0.9
    """Of the updates; .5 for the first 100."""
    weight_decay: float = 0.01
    """Of the filters, beside the gradient."""
    sparsity: float = 0.006
    """The share of its detection units that each filter shall have on."""
    sparsity_rate: float = 5.0
    """How strongly, beside the gradient of the bias."""
    gibbs_steps: int = 1
    """From the data to the samples, k of CD-k."""

    def __post_init__(self) -> None:
        for name, least in LEAST.items():
            if not least <= getattr(self, name) < math.inf:
                raise ValueError(f"{name} is at least {least}, got {getattr(self, name)}.")
        for name in ("momentum", "sparsity"):
            if not 0.0 <= getattr(self, name) < 1.0:
                raise ValueError(f"{name} lies in [0, 1), got {getattr(self, name)}.")


LEAST: Final = {
    "steps": 1,
    "batch_size": 1,
    "gibbs_steps": 1,
    "learning_rate": 1e-12,
    "final_rate": 1e-12,
    "weight_decay": 0.0,
    "sparsity_rate": 0.0,
}


def statistics(machine: CRBM, v: Images, h: Maps) -> Statistics:
    """What -sigma^2 E(v, h) is multiplied by in each parameter, the mean over images.

    Args:
        machine: whose.
        v: images.
        h: their detection units, or the probabilities of these.
    """
    visible = v
    if machine.architecture.visible == "real":
        visible = v - machine.visible_bias[:, None, None]
    weight: Tensor = conv2d_weight(v, machine.weight.shape, h)  # type: ignore[no-untyped-call]
    return Statistics(
        weight / len(v),
        h.sum(dim=(0, 2, 3)) / len(v),
        visible.sum(dim=(0, 2, 3)) / len(v),
    )


class CRBMLesson:
    """A machine that learns; ``update`` makes a step.

    Args:
        machine: what is trained.
        draw: images to learn from.
        settings: how.
        seed: of the images and the samples.

    Attributes:
        machine: as it is now.
    """

    def __init__(self, machine: CRBM, draw: Draw, settings: CRBMSettings, seed: int) -> None:
        self.machine = machine
        self._draw, self._settings = draw, settings
        self._torch_rng = torch.Generator().manual_seed(seed)
        self._motion = Motion(machine)

    @property
    def parts(self) -> dict[str, Stateful]:
        """What a checkpoint holds."""
        return {
            "machine": self.machine,
            "motion": self._motion,
            "torch_rng": TorchRandomState(self._torch_rng),
        }

    def update(self) -> dict[str, Tensor]:
        """Make a step of CD-k; what it was like before."""
        settings, machine = self._settings, self.machine
        data = self._draw(settings.batch_size, self._torch_rng)
        seen = chances = machine.hidden(data)
        mean = made = data
        for _ in range(settings.gibbs_steps):
            h = sample_blocks(chances, self._torch_rng).detection
            mean = machine.visible_mean(h)
            made = machine.sample_around(mean, self._torch_rng)
            chances = machine.hidden(made)
        real, imagined = seen.detection, chances.detection
        positive, negative = statistics(machine, data, real), statistics(machine, made, imagined)
        places, pixels = math.prod(real.shape[2:]), math.prod(data.shape[2:])
        activation = real.mean(dim=(0, 2, 3))
        wanted = settings.sparsity_rate * (settings.sparsity - activation)
        gradient = Statistics(
            (positive.weight - negative.weight) / places - settings.weight_decay * machine.weight,
            (positive.hidden_bias - negative.hidden_bias) / places + wanted,
            (positive.visible_bias - negative.visible_bias) / pixels,
        )
        self._motion.move(machine, gradient, self._rate(), self._momentum())
        return {
            "error": (mean - data).square().mean() / data.square().mean(),
            "activation": activation.mean(),
        }

    def _rate(self) -> float:
        first, last = self._settings.learning_rate, self._settings.final_rate
        share = min(self._motion.step / max(self._settings.steps - 1, 1), 1.0)
        rate: float = first * (last / first) ** share
        return rate

    def _momentum(self) -> float:
        settled = self._motion.step >= EARLY_STEPS
        return self._settings.momentum if settled else min(EARLY_MOMENTUM, self._settings.momentum)


class Motion:
    """Updates with momentum: m <- momentum m + rate gradient, and the parameters move by m.

    Args:
        machine: whose parameters.

    Attributes:
        step: updates made.
    """

    def __init__(self, machine: CRBM) -> None:
        self.step = 0
        self._motion = {
            name: torch.zeros_like(getattr(machine, name)) for name in Statistics._fields
        }

    def move(self, machine: CRBM, gradient: Statistics, rate: float, momentum: float) -> None:
        """Make an update."""
        for name, value in gradient._asdict().items():
            motion = self._motion[name].mul_(momentum).add_(value, alpha=rate)
            getattr(machine, name).add_(motion)
        self.step += 1

    def state_dict(self) -> State:
        """See ``Stateful``."""
        return {"step": self.step, **self._motion}

    def load_state_dict(self, state_dict: State) -> None:
        """See ``Stateful``."""
        self.step = int(state_dict["step"])
        for name, motion in self._motion.items():
            motion.copy_(state_dict[name])
