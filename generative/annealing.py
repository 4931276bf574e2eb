"""Adam whose steps shrink along half a cosine, with clipped gradients and averaged weights.

D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR 2015; I. Loshchilov and
F. Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017, eq. 5, without the
restarts; B. T. Polyak and A. B. Juditsky, "Acceleration of stochastic approximation by averaging",
1992, with weights that decay.
"""

from collections.abc import Iterable
from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from etude.generative.checkpoints import Stateful
from etude.generative.training import moving_average

FINAL_SHARE: Final = 1.0 / 30.0  # of the learning rate, at the end


class AnnealedAdam:
    """Everything that a run changes when it follows a gradient.

    Args:
        network: what is trained and averaged.
        parameters: those of the network that change.
        num_steps: until the steps are ``FINAL_SHARE`` as long as at first.
        learning_rate: of the first step.
        max_gradient_norm: longer gradients are scaled down to it.
        average_decay: see ``moving_average``.

    Attributes:
        average: the network to use and to keep.
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
        self._network = network
        self._parameters = list(parameters)
        self._max_gradient_norm = max_gradient_norm
        self._optimizer = torch.optim.Adam(self._parameters, lr=learning_rate)
        self._schedule = torch.optim.lr_scheduler.CosineAnnealingLR(
            self._optimizer, num_steps, learning_rate * FINAL_SHARE
        )
        self.average = moving_average(network, average_decay)

    @property
    def parts(self) -> dict[str, Stateful]:
        """What a checkpoint holds."""
        return {
            "network": self._network,
            "optimizer": self._optimizer,
            "schedule": self._schedule,
            "average": self.average,
        }

    def step(self, loss: Float[Tensor, ""]) -> Float[Tensor, ""]:
        """Follow the gradient of the loss, and return its norm before it was clipped."""
        self._optimizer.zero_grad()
        torch.autograd.backward(loss)
        norm = nn.utils.clip_grad_norm_(self._parameters, self._max_gradient_norm)
        self._optimizer.step()
        self._schedule.step()
        self.average.update_parameters(self._network)
        return norm
