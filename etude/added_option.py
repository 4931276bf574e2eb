"""An option that many commands take, added to each by one function instead of by hand."""

import inspect
from collections.abc import Callable
from functools import update_wrapper
from typing import Any, TypeVar

T = TypeVar("T")
Call = Callable[[], Any]


def with_option(
    command: Callable[..., T],
    name: str,
    kind: Any,
    default: Any,
    about: str,
    run: Callable[[Any, Call], Any],
) -> Callable[..., Any]:
    """A command that takes one more option.

    Args:
        command: whose docstring has the section "Args:", or none if it takes no arguments.
        name: of the option.
        kind: its type.
        default: its value where it is left out.
        about: its help.
        run: is handed the value and what is left to be called.
    """

    def wider(*arguments: Any, **options: Any) -> Any:
        value = options.pop(name, default)
        return run(value, lambda: command(*arguments, **options))

    update_wrapper(wider, command)
    vars(wider).pop("__wrapped__")  # whose docstring and signature would be read instead
    own = inspect.signature(command)
    option = inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind
    )
    wider.__signature__ = own.replace(  # type: ignore[attr-defined]
        parameters=[*own.parameters.values(), option]
    )
    wider.__annotations__ = {**command.__annotations__, name: kind}
    wider.__doc__ = documented(inspect.getdoc(command) or "", f"{name}: {about}")
    return wider


def documented(docstring: str, line: str) -> str:
    r"""A docstring with one more line at the end of its arguments.

    >>> documented("Play.\n\nArgs:\n    board: which.\n\nRaises:\n    OSError: no.", "seed: of it.")
    'Play.\n\nArgs:\n    board: which.\n    seed: of it.\n\nRaises:\n    OSError: no.'
    >>> documented("Play.", "seed: of it.")
    'Play.\n\nArgs:\n    seed: of it.'
    """
    sections = docstring.rstrip().split("\n\n")
    number = next((i for i, text in enumerate(sections) if text.startswith("Args:")), None)
    if number is None:
        number = next(
            (i for i, text in enumerate(sections) if text.startswith(("Returns:", "Raises:"))),
            len(sections),
        )
        sections.insert(number, "Args:")
    sections[number] += f"\n    {line}"
    return "\n\n".join(sections)
