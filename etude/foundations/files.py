"""Writing a file so that it is whole or not there."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

PARTIAL: Final = ".partial"
ABANDONED_SECONDS: Final = 60.0  # a file that is being written, even elsewhere, changes sooner


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file to write to, which replaces ``path`` if all goes well and is deleted if not.

    It lies beside ``path`` and has the same suffix, by which many libraries choose a format. Those
    that processes left which were killed are deleted, too.

    Raises:
        ValueError: the folder does not exist.
    """
    if not path.parent.is_dir():
        raise ValueError(
            f"a file needs an existing folder, got {str(path.parent)!r}; make it first."
        )
    _remove_abandoned(path.parent)
    partial = path.with_name(f".{path.stem}.{os.getpid()}{PARTIAL}{path.suffix}")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@cache  # once a process: a clip has a file for each frame
def _remove_abandoned(folder: Path) -> None:
    """Delete the partial files of processes that are no more."""
    for entry in os.scandir(folder):
        name, found, _ = entry.name.partition(PARTIAL)
        process = name.rpartition(".")[2]
        if name.startswith(".") and found and process.isdecimal():
            _remove_if_abandoned(Path(entry.path), int(process))


def _remove_if_abandoned(partial: Path, process: int) -> None:
    """Delete a file that nobody here writes any more, nor somebody on another machine."""
    try:
        if time.time() - partial.stat().st_mtime < ABANDONED_SECONDS:
            return
        os.kill(process, 0)  # only asks whether there is one
    except ProcessLookupError:
        partial.unlink(missing_ok=True)
    except (OSError, OverflowError):  # it is somebody else's, its file is gone, or it is none
        return
