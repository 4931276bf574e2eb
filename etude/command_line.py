"""The words behind a command, read: its options, or one line that says what is wrong with them."""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from functools import partial, update_wrapper
from io import StringIO
from typing import Any, Final

import tyro
from docstring_parser.common import DocstringParam

from etude.exit_codes import USER_ERROR

FRAME: Final = "│ "
INSIDE: Final = re.compile(r"^[│ ] (?! {8})")  # what stands further to the right is help
RULE: Final = re.compile(r"^[│ ] [─-]{3,}[│ ]*$")
NAME: Final = re.compile(r"^[│ ] {5}(?=\S)")  # of an option
HINT: Final = "Perhaps you meant:"


def read_options(
    command: Callable[..., Any], prog: str, description: str, arguments: Sequence[str]
) -> Callable[[], Any]:
    """The call that is asked for; nothing of it has run yet.

    Args:
        command: whose signature and docstring say what there is.
        prog: how the command is called.
        description: what its help says first.
        arguments: the words behind it.

    Raises:
        ValueError: options that the command does not have, values that they do not take.
        SystemExit: with 0, after ``--help``.
    """

    def later(*given: Any, **options: Any) -> Callable[[], Any]:
        return partial(command, *given, **options)

    update_wrapper(later, command)
    vars(later).pop("__wrapped__")  # whose docstring tyro would read instead
    complaint = StringIO()
    try:
        with redirect_stderr(complaint), _flowing_docstrings():
            return tyro.cli(
                later,
                prog=prog,
                description=description,
                args=arguments,
                config=(tyro.conf.FlagCreatePairsOff,),
            )
    except SystemExit as stop:
        if stop.code != USER_ERROR:
            sys.stderr.write(complaint.getvalue())
            raise
        raise ValueError(in_a_line(complaint.getvalue(), prog)) from None


@contextmanager
def _flowing_docstrings() -> Iterator[None]:
    """Read docstrings without the line breaks of their source, which tyro would print."""
    before = DocstringParam.__init__

    def flowing(self: DocstringParam, args: Any, description: str | None, **others: Any) -> None:
        before(self, args, description and " ".join(description.split()), **others)

    DocstringParam.__init__ = flowing  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        DocstringParam.__init__ = before  # type: ignore[method-assign]


def in_a_line(box: str, prog: str) -> str:
    """What tyro says of a mistake in a box of several lines.

    Args:
        box: as it is printed, with a frame or, where the output has no such characters, without.
        prog: how the command is called.
    """
    sections: list[list[str]] = [[]]
    for line in box.splitlines():
        if RULE.match(line):
            sections.append([])
        elif INSIDE.match(line):
            sections[-1].append(line)
    words = " ".join(line.strip(FRAME) for line in sections[0])
    words = words.partition("Got errors:")[0].strip().rstrip(".")
    named = [line.strip(FRAME) for line in sections[0] if NAME.match(line)]
    if named:  # what is missing
        words = f"{words.partition(named[0])[0].rstrip(' :')}: {', '.join(named)}"
    hint = ""
    for section in sections[1:]:
        if section and section[0].strip(FRAME) == HINT:
            near = [line.strip(FRAME).split()[0] for line in section[1:] if NAME.match(line)]
            hint = f"did you mean {' or '.join(near)}? " if near else ""
    return f"{words[:1].lower()}{words[1:]}; {hint}`{prog} --help` has all options."
