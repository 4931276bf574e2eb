"""Who else is told of results as they come, beside the file: a tracker, if one was chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # results call this module
    from etude.benchmarks.results import Result

_listener: ContextVar[Callable[[Path, Result], None] | None] = ContextVar("listener", default=None)


@contextmanager
def listening(listener: Callable[[Path, Result], None]) -> Iterator[None]:
    """Results within are told to this function, with the folder that they are kept in."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def tell(folder: Path, result: Result) -> None:
    """Tell a result to who listens, if anybody does."""
    if (listener := _listener.get()) is not None:
        listener(folder, result)
