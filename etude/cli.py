"""The command line: `etude COMMAND ...`.

A command is a function whose signature and docstring make its options and its help. Only the one
that was asked for is imported, so that `etude --help` answers at once.
"""

import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import Final

from etude.commands import COMMANDS, EVERYTHING, is_group, members

USER_ERROR: Final = 2
INTERRUPTED: Final = 130
NUM_EXAMPLES: Final = 6  # in a list of commands, which fits a screen
TRACKED: Final = ("train", "bench")  # whose commands take --tracker


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; exit with 2 and one line if the user asked for something impossible."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if arguments[:1] == ["--version"]:
        from etude import __version__

        print(f"etude {__version__}")
        return
    name, options = find(arguments)
    if is_group(name):
        print(overview(name))
        return
    try:
        run(name, options)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # `etude solve | head`
        sys.stderr.close()
        sys.exit(1)
    except (ValueError, TypeError, OSError, RuntimeError, ImportError, ArithmeticError) as error:
        _fail(str(error))


def find(arguments: Sequence[str]) -> tuple[str, list[str]]:
    """The name of the command or group that the arguments begin with, and the others.

    >>> find(["bench", "solver", "--rounds", "2"])
    ('bench solver', ['--rounds', '2'])
    >>> find(["train", "style"]), find(["train", "td"])
    (('train style', []), ('train', ['td']))
    """
    name, rest = EVERYTHING, list(arguments)
    while is_group(name) and rest and rest[0] not in ("-h", "--help"):
        word = rest.pop(0)
        choices = [command.rpartition(" ")[2] for command in members(name)]
        if word not in choices:
            group = f"etude {name}".strip()
            near = get_close_matches(word, choices, n=1)
            hint = f"did you mean `{group} {near[0]}`?" if near else f"see `{group} --help`."
            _fail(f"a command of `{group}` is one of {', '.join(choices)}, got {word!r}; {hint}")
        name = f"{name} {word}".strip()
    if rest and f"{name} {rest[0]}" in COMMANDS:  # a command below a command
        name = f"{name} {rest.pop(0)}"
    return name, rest


def run(name: str, arguments: Sequence[str]) -> None:
    """Read the options of a command and call its function."""
    import inspect

    import tyro

    command = COMMANDS[name]
    assert command.address is not None, "a group is not run"
    module, _, attribute = command.address.partition(":")
    function = getattr(import_module(module), attribute)
    if name.partition(" ")[0] in TRACKED:
        from etude.tracking import with_tracker

        function = with_tracker(function)
    summary, _, rest = (inspect.getdoc(function) or "").partition("\n\n")
    details = rest.partition("Args:")[0].strip()
    examples = "\n".join(f"  {example}" for example in command.examples)
    below = "\n".join(f"see also: `etude {other} --help`" for other in members(name))
    description = "\n\n".join(filter(None, [summary, details, f"examples:\n{examples}", below]))
    tyro.cli(function, prog=f"etude {name}", description=description, args=arguments)


def overview(group: str = EVERYTHING) -> str:
    """What `etude --help` prints, or `etude GROUP --help`."""
    commands = {name.rpartition(" ")[2]: command for name, command in members(group).items()}
    title = COMMANDS[group].summary if group else "Etude: small worlds with known answers."
    prog = f"etude {group}".strip()
    width = max(map(len, commands))
    return "\n".join(
        [
            title,
            "",
            f"usage: {prog} COMMAND [OPTIONS]",
            "",
            "commands:",
            *(f"  {name:{width}}  {command.summary}" for name, command in commands.items()),
            "",
            "examples:",
            *(f"  {command.examples[-1]}" for command in list(commands.values())[:NUM_EXAMPLES]),
            "",
            f"`{prog} COMMAND --help` has the options of each.",
        ]
    )


def _fail(message: str) -> None:
    print(f"etude: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(USER_ERROR)
