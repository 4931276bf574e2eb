"""Limited-memory BFGS: Newton's steps without a Hessian.

D. C. Liu and J. Nocedal, "On the limited memory BFGS method for large scale optimization",
Mathematical Programming 45, 1989. The last steps s and the changes y of the gradient that came of
them stand for the curvature; the two-loop recursion (J. Nocedal, "Updating quasi-Newton matrices
with limited storage", Mathematics of Computation 35, 1980) multiplies the gradient by the inverse
of the Hessian that they imply.

Its steps are those of ``torch.optim.LBFGS`` with ``lr=1`` and ``max_iter=1``, to the last bits of
rounding. It is written out because importing ``torch.optim`` takes as long as a small painting.
"""

from collections import deque
from typing import Final, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from etude.generative.checkpoints import State

LEAST_CURVATURE: Final = (
    1e-10  # of a step's s . y; below, it says more about rounding than about the loss
)


class Pair(NamedTuple):
    """A step s, and the change y of the gradient that came of it."""

    step: Tensor
    change: Tensor

    @property
    def curvature(self) -> Tensor:
        """The product s . y, more than 0 where the loss is convex along the step."""
        return torch.dot(self.step.flatten(), self.change.flatten())


class LBFGS:
    """Turns gradients into steps.

    Args:
        history_size: how many steps it remembers; each takes two images of memory.
    """

    def __init__(self, history_size: int) -> None:
        self._pairs: deque[Pair] = deque(maxlen=history_size)
        self._last: Pair | None = None  # the last step, and the gradient before it

    def step(self, gradient: Float[Tensor, "1 3 h w"]) -> Float[Tensor, "1 3 h w"]:
        """The step to take, given the gradient where the last one led to.

        The first step is along the gradient, no longer than 1 in the sum of its absolute values.
        """
        gradient = gradient.clone(memory_format=torch.contiguous_format)
        if self._last is None:
            step = -gradient / gradient.abs().sum().clamp_min(1.0)
        else:
            pair = Pair(self._last.step, gradient - self._last.change)
            if pair.curvature > LEAST_CURVATURE:
                self._pairs.append(pair)
            step = self._newton_step(gradient)
        self._last = Pair(step, gradient)
        return step

    def state_dict(self) -> State:
        """All that is needed to go on exactly."""
        return {"pairs": [list(pair) for pair in self._pairs], "last": list(self._last or ())}

    def load_state_dict(self, state_dict: State) -> None:
        """Go on from there."""
        self._pairs.clear()
        self._pairs.extend(Pair(*pair) for pair in state_dict["pairs"])
        self._last = Pair(*state_dict["last"]) if state_dict["last"] else None

    def _newton_step(self, gradient: Tensor) -> Tensor:
        """-H gradient, where H is the inverse Hessian by the two-loop recursion."""
        step = -gradient
        shares = []
        for pair in reversed(self._pairs):
            share = torch.sum(pair.step * step) / pair.curvature
            step = step - share * pair.change
            shares.append(share)
        if self._pairs:  # H_0 = (s . y) / (y . y) of the last step
            newest = self._pairs[-1]
            step = step * (newest.curvature / newest.change.square().sum())
        for pair, share in zip(self._pairs, reversed(shares), strict=True):
            step = step + (share - torch.sum(pair.change * step) / pair.curvature) * pair.step
        return step
