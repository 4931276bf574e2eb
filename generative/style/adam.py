"""Adam: steps of about one size, against the running mean of the gradient.

D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1, with
its constants. The interface is that of ``lbfgs``, and so is the reason to write it out.
"""

from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor

from etude.generative.checkpoints import State

BETA_1: Final = 0.9
BETA_2: Final = 0.999
EPSILON: Final = 1e-8


class Adam:
    """Turns gradients into steps.

    Args:
        step_size: how far a value moves at most, about.
    """

    def __init__(self, step_size: float) -> None:
        self._step_size = step_size
        self._num_steps = 0
        self._mean = self._square = torch.zeros(())

    def step(self, gradient: Float[Tensor, "1 3 h w"]) -> Float[Tensor, "1 3 h w"]:
        """The step to take, given the gradient where the last one led to."""
        self._num_steps += 1
        self._mean = BETA_1 * self._mean + (1.0 - BETA_1) * gradient
        self._square = BETA_2 * self._square + (1.0 - BETA_2) * gradient.square()
        mean = self._mean / (1.0 - BETA_1**self._num_steps)
        square = self._square / (1.0 - BETA_2**self._num_steps)
        return -self._step_size * mean / (square.sqrt() + EPSILON)

    def state_dict(self) -> State:
        """All that is needed to go on exactly."""
        return {"num_steps": self._num_steps, "mean": self._mean, "square": self._square}

    def load_state_dict(self, state_dict: State) -> None:
        """Go on from there."""
        self._num_steps = state_dict["num_steps"]
        self._mean, self._square = state_dict["mean"], state_dict["square"]
