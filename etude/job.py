"""Work in the background: a question is answered in a thread while a window goes on drawing."""

import threading
import time
from collections.abc import Callable
from typing import Final, Generic, TypeVar

T = TypeVar("T")
GivenUp = Callable[[], bool]


class Job(Generic[T]):
    """A question that is answered in a thread of its own; only one is at work at a time.

    Args:
        ask: finds the answer; it is handed a function that tells whether anybody still waits.
    """

    _one_at_a_time: Final = threading.Lock()

    def __init__(self, ask: Callable[[GivenUp], T]) -> None:
        self._ask = ask
        self._started = time.monotonic()
        self._answer: T | None = None
        self._error: Exception | None = None
        self._given_up = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    @property
    def seconds(self) -> float:
        """How long ago the question was asked."""
        return time.monotonic() - self._started

    @property
    def is_done(self) -> bool:
        """Whether the answer is there."""
        return not self._thread.is_alive()

    def answer(self) -> T:
        """Wait for the answer; what went wrong in the thread is raised here."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        assert self._answer is not None, "nobody waits for a job that was given up"
        return self._answer

    def give_up(self) -> None:
        """Tell the thread that nobody waits for the answer any more."""
        self._given_up.set()

    def _work(self) -> None:
        try:
            with self._one_at_a_time:
                if not self._given_up.is_set():
                    self._answer = self._ask(self._given_up.is_set)
        except Exception as error:
            self._error = error
