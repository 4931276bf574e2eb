"""A painting in progress, from coarse to fine, that can be put away and taken up again.

What is saved is all that the next evaluation depends on, the optimiser's memory included, so that a
painting that was interrupted ends in the same picture, bit by bit.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from jaxtyping import Float
from torch import Tensor

from etude.foundations.interrupts import HeldInterrupt
from etude.generative.checkpoints import State, Stateful, load_checkpoint, save_checkpoint
from etude.generative.style.descent import INTERRUPTED, NOT_FINITE, ImageDescent, NotFiniteError

Image = Float[Tensor, "1 3 h w"]
SAVED_EVERY: Final = 20  # evaluations


class Step(NamedTuple):
    """One evaluation, for progress and for the history.

    Args:
        size: longer side of the image at the moment, in pixels.
        evaluation: number at this size, from 0.
        evaluations: how many there will be at this size at most.
        total: the weighted sum of the following.
        content: unweighted.
        style: unweighted.
        variation: unweighted.
    """

    size: int
    evaluation: int
    evaluations: int
    total: float
    content: float
    style: float
    variation: float


OnStep = Callable[[Step, Tensor], None]


class Level:
    """The descent at one size, which notes every evaluation.

    Args:
        size: longer side in pixels.
        evaluations: how many at most.
        terms: the loss and its parts, in the order of ``Step``, as functions of the image.
        open_descent: begins the descent on a loss.
    """

    def __init__(
        self,
        size: int,
        evaluations: int,
        terms: Callable[[Tensor], tuple[Tensor, ...]],
        open_descent: Callable[[Callable[[Tensor], Tensor]], ImageDescent],
    ) -> None:
        self._size = size
        self._evaluations = evaluations
        self._terms = terms
        self.descent = open_descent(self._loss)

    @property
    def is_done(self) -> bool:
        """Whether there is nothing left to do at this size."""
        descent = self.descent
        return descent.num_evaluations >= self._evaluations or descent.has_converged()

    def step(self) -> tuple[Step, Tensor]:
        """Evaluate once and move.

        Returns:
            What was found, and the image it was found of.

        Raises:
            NotFiniteError: see ``ImageDescent.step``.
        """
        evaluation = self.descent.num_evaluations
        self.descent.step()
        return Step(self._size, evaluation, self._evaluations, *self._numbers), self._seen

    def _loss(self, image: Tensor) -> Tensor:
        terms = self._terms(image)
        self._numbers = [term.item() for term in terms]
        self._seen = image.detach().clone()
        return terms[0]


class Painting:
    """Level after level, each from the best image of the one before.

    Args:
        start: the image to begin with.
        plan: how many evaluations at each size, in order.
        open_level: begins a level at a size, with so many evaluations, from an image.
        on_step: called after each evaluation with its numbers and the image at that size.

    Attributes:
        image: the best image of the last level that is done.
        history: all evaluations in order.
    """

    def __init__(
        self,
        start: Image,
        plan: Mapping[int, int],
        open_level: Callable[[int, int, Image], Level],
        on_step: OnStep | None = None,
    ) -> None:
        self._plan = list(plan.items())
        self._open_level = open_level
        self._on_step = on_step
        self._num_done = 0
        self._level: Level | None = None
        self._restored: State | None = None
        self.image = start
        self.history: list[Step] = []

    @property
    def best(self) -> Image:
        """The best image at the finest size until now, clamped to [0, 1]."""
        image = self.image if self._level is None else self._level.descent.best
        return image.clamp(0.0, 1.0)

    def run(self, save: Callable[[], None]) -> str:
        """Paint to the end.

        Args:
            save: called now and then, and at Ctrl-C.

        Returns:
            Why it ended early; else "".
        """
        try:
            while self._num_done < len(self._plan):
                self._run_level(save)
        except NotFiniteError:
            return NOT_FINITE
        except KeyboardInterrupt:
            save()
            return INTERRUPTED
        return ""

    def state_dict(self) -> State:
        """All that is needed to go on exactly."""
        level = self._restored if self._level is None else self._level.descent.state_dict()
        return {
            "num_done": self._num_done,
            "image": self.image,
            "history": [list(step) for step in self.history],
            "level": level,
        }

    def load_state_dict(self, state_dict: State) -> None:
        """Go on from there."""
        self._num_done = state_dict["num_done"]
        self.image = state_dict["image"]
        self.history = [Step(*numbers) for numbers in state_dict["history"]]
        self._restored = state_dict["level"]

    def _run_level(self, save: Callable[[], None]) -> None:
        level = self._open_level(*self._plan[self._num_done], self.image)
        if self._restored is not None:
            level.descent.load_state_dict(self._restored)
        self._level, self._restored = level, None
        while not level.is_done:
            with HeldInterrupt():
                step, image = level.step()
                self.history.append(step)
                if self._on_step is not None:
                    self._on_step(step, image)
                if len(self.history) % SAVED_EVERY == 0:
                    save()
        with HeldInterrupt():
            self.image, self._level = self.best, None
            self._num_done += 1


class Request:
    """What was asked for: a painting goes on only for the same.

    Args:
        settings: by name; texts and numbers.
        pictures: everything that was looked at.
    """

    def __init__(self, settings: Mapping[str, Any], pictures: Iterable[Tensor]) -> None:
        digest = hashlib.sha256()
        for picture in pictures:
            digest.update(str(tuple(picture.shape)).encode())
            digest.update(picture.contiguous().cpu().numpy().tobytes())
        self._state = {**settings, "pictures": digest.hexdigest()}

    def state_dict(self) -> State:
        """See ``Stateful``."""
        return dict(self._state)

    def load_state_dict(self, state_dict: State) -> None:
        """Check that it is the same request.

        Raises:
            ValueError: it is not.
        """
        for name, value in self._state.items():
            if (saved := state_dict.get(name)) != value:
                raise ValueError(f"{name}: {saved!r} there, {value!r} here")


class Checkpoint:
    """The file of a painting, of a finished one, too: its picture may be lost on a full disk.

    Args:
        path: of the file; nothing is kept if None.
        request: what was asked for.
        painting: what there is until now.
    """

    def __init__(self, path: Path | None, request: Request, painting: Painting) -> None:
        self._path = path
        self._painting = painting
        self._parts: dict[str, Stateful] = {"request": request, "painting": painting}

    def load(self) -> None:
        """Go on from the file, if it is there.

        Raises:
            ValueError: it is broken, or of another painting.
        """
        if self._path is not None and self._path.exists():
            load_checkpoint(self._path, self._parts)

    def save(self) -> None:
        """Write what there is."""
        if self._path is not None:
            save_checkpoint(self._path, len(self._painting.history), self._parts)
