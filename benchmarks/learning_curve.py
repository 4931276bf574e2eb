"""What a learner is worth as it learns, by the time it spent on learning alone."""

import time
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import numpy as np

Learner = TypeVar("Learner")


class LearningCurve(Generic[Learner]):
    """Grades of a learner at chosen steps; the clock stands still while it is graded.

    Args:
        steps: when to look, ascending: numbers of games or of decisions.
        measure: the learner's grade.

    Attributes:
        points: (step, grade) of each look.
        point_seconds: wall-clock time of learning until each look.
        seconds: wall-clock time of learning until the last look.
        cpu_seconds: the same in CPU time of all threads.
    """

    def __init__(self, steps: Sequence[int], measure: Callable[[Learner], float]) -> None:
        self._steps = list(steps)
        self._measure = measure
        self.points: list[tuple[float, float]] = []
        self.point_seconds: list[float] = []
        self.seconds = 0.0
        self.cpu_seconds = 0.0
        self._start_clock()

    def look(self, step: int, learner: Learner) -> None:
        """Grade the learner if it has come to the next of the chosen steps."""
        if self._steps and step >= self._steps[0]:
            self.add(step, learner)

    def add(self, step: int, learner: Learner) -> None:
        """Grade the learner now."""
        self.seconds += time.perf_counter() - self._wall
        self.cpu_seconds += time.process_time() - self._cpu
        self._steps = [later for later in self._steps if later > step]
        self.points.append((float(step), self._measure(learner)))
        self.point_seconds.append(self.seconds)
        self._start_clock()

    def _start_clock(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()


def log_spaced(first: int, last: int, num_steps: int) -> list[int]:
    """Whole numbers from ``first`` to ``last``, evenly spaced on a log axis, each once.

    >>> log_spaced(1, 100, 5)
    [1, 3, 10, 32, 100]
    """
    spaced = np.geomspace(first, last, num_steps).round()
    return [int(step) for step in np.unique(spaced)]
