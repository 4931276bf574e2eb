"""How far a painting is, on the terminal."""

import math
import time
from collections.abc import Mapping
from typing import Self

from rich.console import Console

from etude.bars import transient_bar
from etude.generative.style.painting import Step


class PaintingBar:
    """A bar that follows the painting; a context manager, called at each step.

    Args:
        evaluations: how many at each size, see ``gatys.schedule``; a large image takes longer.
        console: where to draw.

    Attributes:
        seconds: since the start.
    """

    def __init__(self, evaluations: Mapping[int, int], console: Console) -> None:
        self._evaluations = evaluations
        self._progress = transient_bar(console)
        self._start = time.perf_counter()

    def __enter__(self) -> Self:
        self._progress.start()
        self._task = self._progress.add_task("looking at the pictures", total=self._pixels())
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.perf_counter() - self._start

    def __call__(self, step: Step) -> None:
        """Show a step."""
        done = self._pixels(below=step.size) + step.size**2 * (step.evaluation + 1)
        text = f"{step.size} px, loss {step.total:.3f}"
        self._progress.update(self._task, completed=done, description=text)

    def _pixels(self, below: float = math.inf) -> int:
        """How many are looked at, at all sizes or at those below one."""
        return sum(size**2 * num for size, num in self._evaluations.items() if size < below)
