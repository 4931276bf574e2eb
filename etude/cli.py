"""The command line: `etude COMMAND ...`.

A command is a function whose signature and docstring make its options and its help. Only the one
that was asked for is imported, so that `etude --help` answers at once.
"""

import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import Final, NamedTuple

USER_ERROR: Final = 2
INTERRUPTED: Final = 130


class Command(NamedTuple):
    """Where a command lives, what it does in a line, and how it is used."""

    address: str
    summary: str
    examples: tuple[str, ...]


COMMANDS: Final[dict[str, Command]] = {
    "demo": Command(
        "etude.demo:demo",
        "A tour in a minute: exact facts, an agent that learns, a recorded match.",
        ("etude demo",),
    ),
    "play": Command(
        "etude.play:play",
        "Play against an opponent in a window.",
        (
            "etude play",
            "etude play connect_four --side second",
            "etude play 4,4,4 --opponent epsilon_minimax:0.2",
        ),
    ),
    "watch": Command(
        "etude.watch:watch",
        "Watch two opponents play, or record them.",
        (
            "etude watch minimax uniform",
            "etude watch minimax minimax --board connect_four --record game.mp4",
            "etude watch uniform minimax --games 4 --show-values --record games.gif",
        ),
    ),
    "solve": Command(
        "etude.solve:solve",
        "The exact outcome of every move of a position.",
        (
            "etude solve",
            'etude solve tictactoe --position "X.O/.X./..O"',
            "etude solve 4,4,4,misere --json",
        ),
    ),
    "train": Command(
        "etude.train:train",
        "Train an agent, and see its exact grade while it learns.",
        (
            "etude train td --save td.npz",
            "etude train td --preset book --games 20000",
            "etude train ntuple --env etude/ConnectFour-v0 --games 200000 --save c4.npz",
        ),
    ),
    "grade": Command(
        "etude.grade:grade",
        "The exact grade of a saved agent.",
        ("etude grade td.npz", "etude grade td.npz --json"),
    ),
    "bench": Command(
        "etude.benchmarks.suites:bench",
        "Measure speed beside the peers; results go to a file.",
        ("etude bench throughput", "etude bench solver --out runs/solver"),
    ),
    "report": Command(
        "etude.benchmarks.report:report",
        "Make tables from the results of `etude bench`.",
        ("etude report runs/bench/results.jsonl",),
    ),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; exit with 2 and one line if the user asked for something impossible."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if not arguments or arguments[0] in ("-h", "--help"):
        print(overview())
        return
    if arguments[0] == "--version":
        from etude import __version__

        print(f"etude {__version__}")
        return
    name = arguments[0]
    if name not in COMMANDS:
        near = get_close_matches(name, COMMANDS, n=1)
        hint = f"did you mean `etude {near[0]}`?" if near else "see `etude --help`."
        _fail(f"a command is one of {', '.join(COMMANDS)}, got {name!r}; {hint}")
    try:
        run(name, arguments[1:])
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # `etude solve | head`
        sys.stderr.close()
        sys.exit(1)
    except (ValueError, TypeError, OSError, RuntimeError, ImportError) as error:
        _fail(str(error))


def run(name: str, arguments: Sequence[str]) -> None:
    """Read the options of a command and call its function."""
    import inspect

    import tyro

    command = COMMANDS[name]
    module, _, attribute = command.address.partition(":")
    function = getattr(import_module(module), attribute)
    summary, _, rest = (inspect.getdoc(function) or "").partition("\n\n")
    details = rest.partition("Args:")[0].strip()
    examples = "\n".join(f"  {example}" for example in command.examples)
    description = "\n\n".join(filter(None, [summary, details, f"examples:\n{examples}"]))
    tyro.cli(function, prog=f"etude {name}", description=description, args=arguments)


def overview() -> str:
    """What `etude --help` prints."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:{width}}  {command.summary}" for name, command in COMMANDS.items()]
    examples = [f"  {command.examples[-1]}" for command in COMMANDS.values()]
    return "\n".join(
        [
            "Etude: small worlds with known answers.",
            "",
            "usage: etude COMMAND [OPTIONS]",
            "",
            "commands:",
            *lines,
            "",
            "examples:",
            *examples,
            "",
            "`etude COMMAND --help` has the options of each.",
        ]
    )


def _fail(message: str) -> None:
    print(f"etude: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(USER_ERROR)
