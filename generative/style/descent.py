"""Changing an image until its loss is low: L-BFGS or Adam, and what to do when that goes wrong.

L-BFGS (D. C. Liu and J. Nocedal, "On the limited memory BFGS method for large scale optimization",
Mathematical Programming 45, 1989) is what Gatys et al. use and needs the fewest evaluations.
Without a line search it may overshoot, so it starts again from the best image when the loss has
doubled. The best image so far is kept all the time: it is what remains when numbers overflow or
somebody presses Ctrl-C.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import torch
from jaxtyping import Float
from torch import Tensor

Image = Float[Tensor, "1 3 h w"]
Loss = Callable[[Tensor], Tensor]
Method = Literal["lbfgs", "adam"]

LBFGS_HISTORY: Final = 20
ADAM_STEP_SIZE: Final = 0.02
OVERSHOT: Final = 2.0  # times the best loss
PATIENCE: Final = 10  # evaluations
LEAST_GAIN: Final = 1e-3  # of the loss, in PATIENCE evaluations


@dataclass(frozen=True)
class Descent:
    """What came of it.

    Args:
        image: the one with the lowest loss.
        stopped: why it ended before all evaluations, if it failed or was interrupted; else "".
    """

    image: Image
    stopped: str = ""


class NotFiniteError(ArithmeticError):
    """The loss or its gradient is no number."""


def minimise(loss: Loss, start: Image, evaluations: int, method: Method = "lbfgs") -> Descent:
    """Lower the loss of an image.

    Args:
        loss: a scalar, differentiable; called once an evaluation.
        start: where to begin; it stays as it is.
        evaluations: how many at most; fewer if the loss has stopped falling.
        method: of descent.
    """
    run = _Run(loss, start, method)
    try:
        for _ in range(evaluations):
            run.step()
            if run.has_converged():
                break
    except NotFiniteError:
        return Descent(run.best, "the loss was no longer finite")
    except KeyboardInterrupt:
        return Descent(run.best, "interrupted")
    return Descent(run.best)


class _Run:
    """One descent: the image, its optimiser and the best so far."""

    def __init__(self, loss: Loss, start: Image, method: Method) -> None:
        self._loss = loss
        self._method = method
        self._losses: list[float] = []
        self.best = start.detach().clone()
        self._restart()

    def step(self) -> None:
        """Evaluate once and move; go back to the best image after an overshoot."""
        self._optimiser.step(self._evaluate)
        if self._losses[-1] > OVERSHOT * min(self._losses):
            self._restart()

    def has_converged(self) -> bool:
        """Whether the last evaluations have gained next to nothing."""
        if len(self._losses) <= PATIENCE:
            return False
        before, now = min(self._losses[:-PATIENCE]), min(self._losses)
        return now > (1.0 - LEAST_GAIN) * before

    def _restart(self) -> None:
        # torch's L-BFGS needs parameters that are contiguous
        self._image = self.best.clone(memory_format=torch.contiguous_format).requires_grad_()
        self._optimiser = _optimiser(self._image, self._method)

    def _evaluate(self) -> float:
        self._optimiser.zero_grad()
        loss = self._loss(self._image)
        loss.backward()  # type: ignore[no-untyped-call]
        gradient = self._image.grad
        assert gradient is not None, "the loss depends on the image"
        if not (loss.isfinite() and gradient.isfinite().all()):
            raise NotFiniteError
        value = loss.item()
        if not self._losses or value < min(self._losses):
            self.best = self._image.detach().clone()
        self._losses.append(value)
        return value


def _optimiser(image: Image, method: Method) -> torch.optim.Optimizer:
    if method == "adam":
        return torch.optim.Adam([image], lr=ADAM_STEP_SIZE)
    return torch.optim.LBFGS(
        [image], max_iter=1, history_size=LBFGS_HISTORY, tolerance_grad=0.0, tolerance_change=0.0
    )
