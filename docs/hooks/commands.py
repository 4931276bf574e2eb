"""A page of all commands, from the table that the command line itself is made of."""

import os
from contextlib import redirect_stdout, suppress
from io import StringIO
from typing import Final
from unittest.mock import patch

from etude.cli import main
from etude.commands import COMMANDS, members

COLUMNS: Final = 80


def pages() -> dict[str, str]:
    """The page: what each command says of itself."""
    text = [
        "# Commands\n",
        "What `etude COMMAND --help` says. A mistake in the options ends with one line and exit "
        "code 2, Ctrl-C with 130.\n",
    ]
    for name, command in COMMANDS.items():
        text.append(f"## etude {name}\n")
        if command.address is None:
            text.append(f"{command.summary} Commands: {', '.join(members(name))}.\n")
        else:
            text += ["```text", _help(name), "```\n"]
    return {"commands.md": "\n".join(text)}


def _help(name: str) -> str:
    shown = StringIO()
    with (
        patch.dict(os.environ, COLUMNS=str(COLUMNS)),
        redirect_stdout(shown),
        suppress(SystemExit),  # as --help ends
    ):
        main([*name.split(), "--help"])
    return "\n".join(line.rstrip() for line in shown.getvalue().splitlines()).rstrip()
