"""Gradients followed by steps that shrink along half a cosine, clipped, with averaged weights.

D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR 2015; I. Loshchilov and
F. Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017, eq. 5, without the
restarts; B. T. Polyak and A. B. Juditsky, "Acceleration of stochastic approximation by averaging",
1992, with weights that decay.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR

from etude.generative.checkpoints import Stateful
from etude.generative.training import moving_average

FINAL_SHARE: Final = 1.0 / 30.0  # of the learning rate, at the end


class AnnealedDescent:
    """Everything that a run changes when it follows a gradient.

    Args:
        network: what is trained and averaged.
        optimizers: by name, each with the learning rate of its longest steps.
        num_steps: until the steps are ``final_share`` as long as the longest.
        max_gradient_norm: longer gradients are scaled down to it.
        average_decay: see ``moving_average``.
        num_warm_up: the first so many steps grow evenly (P. Goyal et al., "Accurate, large
            minibatch SGD", 2017, sec. 2.2).
        final_share: see ``num_steps``.

    Attributes:
        average: the network to use and to keep.
    """

    def __init__(
        self,
        network: nn.Module,
        optimizers: Mapping[str, Optimizer],
        *,
        num_steps: int,
        max_gradient_norm: float,
        average_decay: float,
        num_warm_up: int = 1,
        final_share: float = FINAL_SHARE,
    ) -> None:
        def share(step: int) -> float:
            """Of the learning rate."""
            cosine = 0.5 + 0.5 * math.cos(math.pi * min(step / num_steps, 1.0))
            growing = min((step + 1) / num_warm_up, 1.0)
            return growing * (final_share + (1.0 - final_share) * cosine)

        self._network = network
        self._optimizers = dict(optimizers)
        self._schedules = {name: LambdaLR(it, share) for name, it in optimizers.items()}
        self._parameters = [
            parameter
            for it in optimizers.values()
            for group in it.param_groups
            for parameter in group["params"]
        ]
        self._max_gradient_norm = max_gradient_norm
        self.average = moving_average(network, average_decay)

    @property
    def parts(self) -> dict[str, Stateful]:
        """What a checkpoint holds."""
        found: dict[str, Stateful] = {"network": self._network, "average": self.average}
        found.update(self._optimizers)
        found.update({f"schedule_{name}": it for name, it in self._schedules.items()})
        return found

    def step(self, loss: Float[Tensor, ""]) -> Float[Tensor, ""]:
        """Follow the gradient of the loss, and return its norm before it was clipped."""
        for optimizer in self._optimizers.values():
            optimizer.zero_grad()
        torch.autograd.backward(loss)
        norm = nn.utils.clip_grad_norm_(self._parameters, self._max_gradient_norm)
        for name, optimizer in self._optimizers.items():
            optimizer.step()
            self._schedules[name].step()
        self.average.update_parameters(self._network)
        return norm


class AnnealedAdam(AnnealedDescent):
    """The same with Adam alone.

    Args:
        network: see ``AnnealedDescent``.
        parameters: those of the network that change.
        num_steps: see ``AnnealedDescent``.
        learning_rate: of the first step.
        max_gradient_norm: see ``AnnealedDescent``.
        average_decay: see ``moving_average``.
    """

    def __init__(
        self,
        network: nn.Module,
        parameters: Iterable[nn.Parameter],
        *,
        num_steps: int,
        learning_rate: float,
        max_gradient_norm: float,
        average_decay: float,
    ) -> None:
        super().__init__(
            network,
            {"optimizer": torch.optim.Adam(parameters, lr=learning_rate)},
            num_steps=num_steps,
            max_gradient_norm=max_gradient_norm,
            average_decay=average_decay,
        )
