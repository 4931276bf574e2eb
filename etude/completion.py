"""Shell completion: ``etude completion bash``."""

import inspect
from collections.abc import Callable
from contextlib import redirect_stdout, suppress
from functools import partial, update_wrapper
from io import StringIO
from typing import Annotated, Any, Literal, Union, get_args

import tyro
from rich.console import Console

from etude.cli import load
from etude.commands import EVERYTHING, is_group, members

Shell = Literal["bash", "zsh", "fish"]


def completion(shell: Annotated[Shell, tyro.conf.Positional]) -> None:
    """Print what makes a shell complete the commands, their options and the choices of these.

    It takes a while, because all commands are read for it. Do it again after an update.

    Args:
        shell: which one; the examples say where it looks for such files.
    """
    with Console(stderr=True).status("reading all commands"):
        commands = subcommands(EVERYTHING)
    config = (tyro.conf.FlagCreatePairsOff,)
    script = StringIO()
    with redirect_stdout(script), suppress(SystemExit):
        tyro.cli(commands, prog="etude", args=["--tyro-print-completion", shell], config=config)
    print("\n".join(map(_in_one_line, script.getvalue().splitlines())))


def _in_one_line(line: str) -> str:
    """The line with the help of all options, of which shells would take each line for a word."""
    return line.replace("\\n", " ") if line.startswith("COMPLETION_SPEC") else line


def subcommands(group: str) -> Any:
    """The commands of a group as a type, one of which tyro would read from the command line.

    Of a command with others below it, each choice of its first argument is one: `etude train td`
    stands beside `etude train gan`, as it does for the user.
    """
    found = []
    for name in members(group):
        word = name.rpartition(" ")[2]
        if is_group(name) or members(name):
            below = partial(subcommands, name)
            found.append(tyro.conf.subcommand(word, constructor_factory=below))
        else:
            found.append(tyro.conf.subcommand(word, constructor=load(name)))
    if group and not is_group(group):
        function = load(group)
        rest = without_first(function)
        found += [tyro.conf.subcommand(choice, constructor=rest) for choice in choices(function)]
    return Union[tuple(Annotated[Any, one] for one in found)]  # noqa: UP007 - of many


def choices(function: Callable[..., Any]) -> tuple[str, ...]:
    """What the first argument of a command can be."""
    first = next(iter(inspect.signature(function).parameters.values()))
    kind, *_ = get_args(first.annotation)  # Annotated[Literal[...], Positional]
    return get_args(kind)


def without_first(function: Callable[..., Any]) -> Callable[..., Any]:
    """A command whose first argument is part of its name already."""

    def rest(**options: Any) -> None:
        """Only its signature is read."""

    update_wrapper(rest, function)
    signature = inspect.signature(function)
    first, *others = signature.parameters.values()
    rest.__signature__ = signature.replace(parameters=others)  # type: ignore[attr-defined]
    rest.__annotations__ = {
        name: kind for name, kind in function.__annotations__.items() if name != first.name
    }
    vars(rest).pop("__wrapped__")  # whose signature would be read instead
    return rest
