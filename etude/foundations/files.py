"""Writing a file so that it is whole or not there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file to write to, which replaces ``path`` if all goes well and is deleted if not.

    It lies beside ``path`` and has the same suffix, by which many libraries choose a format.

    Raises:
        ValueError: the folder does not exist.
    """
    if not path.parent.is_dir():
        raise ValueError(
            f"a file needs an existing folder, got {str(path.parent)!r}; make it first."
        )
    partial = path.with_name(f".{path.stem}.{os.getpid()}.partial{path.suffix}")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
