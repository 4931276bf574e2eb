"""Files of JSON, an object a line, that several processes add to, any of which may be killed.

A process that is killed while it writes leaves the beginning of a line. That is never a JSON
object, since the last brace is missing; so a last line without an end is whole if it is an object,
and a remnant if not: readers leave it out, and the next writer removes it.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

try:
    import fcntl
except ImportError:  # Windows, where two writers can still mix their lines
    fcntl = None  # type: ignore[assignment]

END: Final = b"\n"
BLOCK: Final = 1 << 16  # bytes that are read at a time of a last line that has no end


def append_object(path: Path, content: Mapping[str, Any]) -> None:
    """Add a line, whole or not at all; it waits while another process adds one.

    Args:
        path: the file, in a folder that exists; it is made if there is none.
        content: what JSON can hold.

    Raises:
        OSError: the file cannot be written, such as on a full disk; it is as it was before.
    """
    line = json.dumps(content).encode() + END
    with _locked(path) as file:
        end = os.lseek(file, 0, os.SEEK_END)
        last = _after_last_end(file, end)
        if last and is_object(last):  # written by hand, without an end
            line = END + line
        elif last:
            end -= len(last)
            os.ftruncate(file, end)
        try:
            _write_at(file, end, line)
        except OSError:
            os.ftruncate(file, end)
            raise


def whole_lines(path: Path) -> list[str]:
    """The lines of a file, but for a last one that its writer did not finish.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is no text.
    """
    *lines, last = path.read_bytes().split(END)
    if last and is_object(last):
        lines.append(last)
    try:
        return [line.decode() for line in lines]
    except UnicodeDecodeError as error:
        raise ValueError(f"lines of JSON are text, got {str(path)!r}: {error}.") from error


def is_object(line: bytes) -> bool:
    """Whether a line is a JSON object.

    >>> is_object(b'{"step": 12}'), is_object(b'{"step": 12'), is_object(b"12")
    (True, False, False)
    """
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):  # the latter of brackets within brackets
        return False


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """The descriptor of a file that no other writer changes meanwhile."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX)  # let go of when the process ends, however it ends
        yield file
    finally:
        os.close(file)


def _after_last_end(file: int, size: int) -> bytes:
    """What follows the last end of a line: as a rule, nothing."""
    start, last, length = size, b"", len(END)
    while start > 0 and END not in last:
        length = min(length, start)
        start -= length
        os.lseek(file, start, os.SEEK_SET)
        last = os.read(file, length) + last
        length = BLOCK
    return last.rpartition(END)[2]


def _write_at(file: int, place: int, content: bytes) -> None:
    """Write all of it: a system may take a part at a time."""
    os.lseek(file, place, os.SEEK_SET)
    while content:
        content = content[os.write(file, content) :]
