"""What a command prints: something to read, one JSON object for scripts, or nothing.

A command prints for a person as it likes, bars and notes to the standard error. If it returns what
came of it, as plain values, it can be asked for that alone.
"""

import inspect
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from typing import Any, Final

from etude.added_option import Call, with_option

Outcome = Mapping[str, Any]
"""What came of a command: names and numbers, lists and mappings of them, paths."""

QUIET: Final = "print nothing but warnings and mistakes, and what --json asks for; no bars."
JSON: Final = "print what came of it as one JSON object, and nothing else to standard output."
NO_BARS: Final = {"TTY_COMPATIBLE": "0"}  # tells rich that no terminal is there


def with_output(command: Callable[..., Any]) -> Callable[..., Any]:
    """A command that takes ``--quiet``, and ``--json`` if it returns an outcome."""
    quiet = with_option(command, "quiet", bool, False, QUIET, _quietly)
    if inspect.signature(command).return_annotation is not Outcome:
        return quiet
    return with_option(quiet, "json", bool, False, JSON, _as_json)


def _quietly(quiet: bool, call: Call) -> Any:
    if not quiet:
        return call()
    with silence(), no_bars():
        return call()


def _as_json(as_json: bool, call: Call) -> Any:
    if not as_json:
        return call()
    with silence():
        outcome = call()
    print(json.dumps(outcome, default=plain))
    return outcome


@contextmanager
def silence() -> Iterator[None]:
    """Nothing is printed to the standard output within."""
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):
        yield


@contextmanager
def no_bars() -> Iterator[None]:
    """No bars are drawn within."""
    before = {name: os.environ.get(name) for name in NO_BARS}
    os.environ.update(NO_BARS)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def plain(value: Any) -> Any:
    """A value that JSON does not know, as one that it does: paths as text, NumPy's as Python's.

    Raises:
        TypeError: a value that is none of these.
    """
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"an outcome has plain values, got {value!r} of {type(value).__name__}.")
