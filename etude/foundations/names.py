"""One of several names: the check and its message."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any


def check_name(what: str, name: Any, choices: Iterable[str]) -> None:
    """Check that ``name`` is one of ``choices``.

    Args:
        what: the noun for the message, with its article.
        name: what was given.
        choices: what there is.

    Raises:
        ValueError: it is not; the message lists the choices and points to the nearest.

    >>> check_name("a side", "fist", ["first", "second"])
    Traceback (most recent call last):
    ValueError: a side is one of first, second, got 'fist'; did you mean 'first'?
    """
    choices = list(choices)
    if isinstance(name, str) and name in choices:
        return
    near = get_close_matches(name, choices, n=1) if isinstance(name, str) else []
    hint = f"; did you mean {near[0]!r}?" if near else "."
    raise ValueError(f"{what} is one of {', '.join(choices)}, got {name!r}{hint}")
