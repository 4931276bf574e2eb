"""The command line: `etude COMMAND ...`.

A command is a function whose signature and docstring make its options and its help. Only the one
that was asked for is imported, so that `etude --help` answers at once.
"""

import re
import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import Any, Final

from etude.commands import COMMANDS, EVERYTHING, SHELVES, is_group, members
from etude.exit_codes import EXIT_CODES, INTERRUPTED, USER_ERROR

WIDEST: Final = 100  # letters of a paragraph in a line
NUM_EXAMPLES: Final = 6  # in a list of commands, which fits a screen
SHOWN: Final = ("play", "solve", "stylize", "sample")  # examples on the first page
TRACKED: Final = ("train", "bench", "sweep")  # whose commands take --tracker


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
    """Read the options of a command and call its function.

    Raises:
        ValueError: options that it does not have.
    """
    import inspect

    from etude.command_line import read_options

    function = load(name)
    summary, _, rest = (inspect.getdoc(function) or "").partition("\n\n")
    details = re.split(r"^(?:Args|Returns|Raises):", rest, flags=re.MULTILINE)[0].strip()
    examples = "\n".join(f"  {example}" for example in COMMANDS[name].examples)
    below = "\n".join(f"  etude {other} --help" for other in members(name))
    parts = [_wrapped(summary), _wrapped(details), f"examples:\n{examples}"]
    description = "\n\n".join(filter(None, [*parts, below and f"see also:\n{below}"]))
    read_options(function, f"etude {name}", description, arguments)()


def _wrapped(text: str) -> str:
    """Paragraphs as wide as the screen; tyro would join lines that are not indented."""
    from shutil import get_terminal_size
    from textwrap import fill

    width = min(get_terminal_size().columns, WIDEST)
    paragraphs = (" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
    return "\n\n".join(fill(it, width, subsequent_indent="  ") for it in paragraphs if it)


def load(name: str) -> Callable[..., Any]:
    """The function of a command, with the options that many commands take."""
    from etude.output import with_output

    command = COMMANDS[name]
    assert command.address is not None, "a group is not run"
    module, _, attribute = command.address.partition(":")
    function = with_output(getattr(import_module(module), attribute))
    if name.partition(" ")[0] in TRACKED:
        from etude.tracker_option import with_tracker

        function = with_tracker(function)
    return function


def overview(group: str = EVERYTHING) -> str:
    """What `etude --help` prints, or `etude GROUP --help`."""
    if group == EVERYTHING:
        return front_page()
    commands = {name.rpartition(" ")[2]: command for name, command in members(group).items()}
    width = max(map(len, commands))
    return "\n".join(
        [
            COMMANDS[group].summary,
            "",
            f"usage: etude {group} COMMAND [OPTIONS]",
            "",
            "commands:",
            *(f"  {name:{width}}  {command.summary}" for name, command in commands.items()),
            "",
            "examples:",
            *(f"  {command.examples[-1]}" for command in list(commands.values())[:NUM_EXAMPLES]),
            "",
            f"`etude {group} COMMAND --help` has the options of each.",
        ]
    )


def front_page() -> str:
    """The whole suite on one screen."""
    shelf_width, width = (max(map(len, names)) for names in (SHELVES, members(EVERYTHING)))
    lines = []
    for shelf, names in SHELVES.items():
        for name in names:
            lines.append(f"  {shelf:{shelf_width}}  {name:{width}}  {COMMANDS[name].summary}")
            shelf = ""
            if not is_group(name) and (below := members(name)):
                also = ", ".join(other.removeprefix(f"{name} ") for other in below)
                lines.append(f"  {shelf:{shelf_width}}  {shelf:{width}}  {name} also: {also}")
    codes = [
        f"{code} {meaning.partition(',')[0].partition(';')[0]}"
        for code, meaning in EXIT_CODES.items()
    ]
    return "\n".join(
        [
            "Etude: small worlds with known answers.  usage: etude COMMAND [OPTIONS]",
            "",
            *lines,
            "",
            *(f"  {COMMANDS[name].examples[-1]}" for name in SHOWN),
            "",
            "`etude COMMAND --help` has options and examples; --quiet and --json are for scripts.",
            f"exit codes: {', '.join(codes)}",
        ]
    )


def _fail(message: str) -> None:
    print(f"etude: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(USER_ERROR)
