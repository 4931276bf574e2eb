"""Ctrl-C between two games, not in the middle of one."""

import signal
import threading
from types import FrameType
from typing import Any, Self


class HeldInterrupt:
    """Inside ``with`` the first Ctrl-C only sets ``requested``; it is raised when the block ends.

    A second one is raised at once. In other threads than the main one, and where the caller handles
    Ctrl-C, nothing is held back.

    Attributes:
        requested: whether somebody waits for the block to end.
    """

    def __init__(self) -> None:
        self.requested = False
        self._holds = False

    def __enter__(self) -> Self:
        self._holds = (
            threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        )
        if self._holds:
            signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, error_type: type[BaseException] | None, *_: Any) -> None:
        if self._holds:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        if self.requested and error_type is None:
            raise KeyboardInterrupt

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.requested:
            signal.default_int_handler(number, frame)
        self.requested = True
