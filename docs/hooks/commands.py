"""A page of all commands, from the table that the command line itself is made of."""

from typing import Final

from etude.commands import COMMANDS, members

OPTIONS: Final = "    options: {show_root_heading: false, show_root_toc_entry: false}\n"


def pages() -> dict[str, str]:
    """The page; mkdocstrings fills in what the functions behind the commands say."""
    text = [
        "# Commands\n",
        "`etude COMMAND --help` has the options of each, with their defaults. A mistake in the "
        "options ends with one line and exit code 2, Ctrl-C with 130.\n",
    ]
    for name, command in COMMANDS.items():
        examples = command.examples if command.address else [f"etude {name} --help"]
        text += [f"## etude {name}\n", "```sh", *examples, "```\n"]
        if command.address is None:
            text.append(f"{command.summary} Commands: {', '.join(members(name))}.\n")
        else:
            text.append(f"::: {command.address.replace(':', '.')}\n{OPTIONS}")
    return {"commands.md": "\n".join(text)}
