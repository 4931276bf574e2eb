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

from etude.generative.checkpoints import State
from etude.generative.style.adam import Adam
from etude.generative.style.lbfgs import LBFGS

Image = Float[Tensor, "1 3 h w"]
Loss = Callable[[Tensor], Tensor]
Method = Literal["lbfgs", "adam"]

LBFGS_HISTORY: Final = 20
ADAM_STEP_SIZE: Final = 0.02
OVERSHOT: Final = 2.0  # times the best loss
PATIENCE: Final = 10  # evaluations
LEAST_GAIN: Final = 1e-3  # of the loss, in PATIENCE evaluations
NOT_FINITE: Final = "the loss was no longer finite"
INTERRUPTED: Final = "interrupted"


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
    run = ImageDescent(loss, start, method)
    try:
        while run.num_evaluations < evaluations and not run.has_converged():
            run.step()
    except NotFiniteError:
        return Descent(run.best, NOT_FINITE)
    except KeyboardInterrupt:
        return Descent(run.best, INTERRUPTED)
    return Descent(run.best)


class ImageDescent:
    """A descent in progress: the image, its optimiser and the best so far.

    Args:
        loss: a scalar, differentiable; called once a step.
        start: where to begin; it stays as it is.
        method: of descent.
        history_size: how many steps L-BFGS remembers; each takes two images of memory.

    Attributes:
        best: the image with the lowest loss.
    """

    def __init__(
        self, loss: Loss, start: Image, method: Method, history_size: int = LBFGS_HISTORY
    ) -> None:
        self._loss = loss
        self._method = method
        self._history_size = history_size
        self._losses: list[float] = []
        self.best = start.detach().clone()
        self._restart()

    @property
    def num_evaluations(self) -> int:
        """How often the loss was evaluated."""
        return len(self._losses)

    def step(self) -> None:
        """Evaluate once and move; go back to the best image after an overshoot.

        Raises:
            NotFiniteError: the loss or its gradient is no number; nothing has moved.
        """
        gradient = self._evaluate()
        self._image.data += self._optimiser.step(gradient)
        if self._losses[-1] > OVERSHOT * min(self._losses):
            self._restart()

    def has_converged(self) -> bool:
        """Whether the last evaluations have gained next to nothing."""
        if len(self._losses) <= PATIENCE:
            return False
        before, now = min(self._losses[:-PATIENCE]), min(self._losses)
        return now > (1.0 - LEAST_GAIN) * before

    def state_dict(self) -> State:
        """All that a descent on the same loss needs to go on exactly."""
        return {
            "image": self._image.detach().clone(),
            "best": self.best,
            "losses": list(self._losses),
            "optimiser": self._optimiser.state_dict(),
        }

    def load_state_dict(self, state_dict: State) -> None:
        """Go on from there."""
        self.best = state_dict["best"]
        self._losses = list(state_dict["losses"])
        self._restart()
        self._image.data.copy_(state_dict["image"])
        self._optimiser.load_state_dict(state_dict["optimiser"])

    def _restart(self) -> None:
        self._image = self.best.clone(memory_format=torch.contiguous_format).requires_grad_()
        self._optimiser: LBFGS | Adam
        if self._method == "adam":
            self._optimiser = Adam(ADAM_STEP_SIZE)
        else:
            self._optimiser = LBFGS(self._history_size)

    def _evaluate(self) -> Tensor:
        """The gradient at the image, whose loss is noted."""
        loss = self._loss(self._image)
        (gradient,) = torch.autograd.grad(loss, self._image)
        if not (loss.isfinite() and gradient.isfinite().all()):
            raise NotFiniteError
        value = loss.item()
        if not self._losses or value < min(self._losses):
            self.best = self._image.detach().clone()
        self._losses.append(value)
        return gradient
