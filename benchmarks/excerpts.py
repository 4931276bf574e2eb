"""Tables of benchmarks/README.md in other Markdown files, so that no figure is typed twice.

A file asks for some of them between two lines:

    <!-- begin: excerpt of SUITE: TASK; TASK -->
    <!-- end: excerpt -->

and `python -m etude.benchmarks.excerpts README.md` puts them there.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import tyro

from etude.foundations.files import replacing

RECORD: Final = Path("benchmarks/README.md")
MEASURED: Final = "Measured on "
TITLE: Final = re.compile(r"^\*\*(.+)\*\*$", re.MULTILINE)
EXCERPT: Final = re.compile(
    r"(?P<begin><!-- begin: excerpt of (?P<suite>\w+): (?P<tasks>.+?) -->\n).*?"
    r"(?P<end><!-- end: excerpt -->)",
    re.DOTALL,
)


def tables(record: str, suite: str, tasks: Sequence[str] = ()) -> str:
    """The tables of some tasks of a suite, or of all of them, and what they were measured on.

    Args:
        record: the text of benchmarks/README.md.
        suite: its name there.
        tasks: the titles of its tables, in the order that is wanted.

    Raises:
        ValueError: no such suite or task.
    """
    begin, end = f"<!-- begin: results of {suite} -->", f"<!-- end: results of {suite} -->"
    if begin not in record:
        raise ValueError(f"results are those of a suite that is recorded, got {suite!r}.")
    body, measured, versions = record.partition(begin)[2].partition(end)[0].rpartition(MEASURED)
    parts = TITLE.split(body)
    found = dict(zip(parts[1::2], parts[2::2], strict=True))
    missing = [task for task in tasks if task not in found]
    if missing:
        raise ValueError(f"a task is one of {'; '.join(found)}, got {'; '.join(missing)}.")
    chosen = [f"**{task}**\n\n{found[task].strip()}" for task in tasks or found]
    return "\n\n".join([*chosen, f"*{measured}{versions.strip()}*"])


def filled(markdown: str, record: str) -> str:
    """A file with the tables that it asks for.

    Raises:
        ValueError: see ``tables``.
    """

    def chosen(asked: re.Match[str]) -> str:
        found = tables(record, asked["suite"], asked["tasks"].split("; "))
        return f"{asked['begin']}\n{found}\n\n{asked['end']}"

    return EXCERPT.sub(chosen, markdown)


def excerpts(*files: Annotated[Path, tyro.conf.Positional]) -> None:
    """Put tables of benchmarks/README.md into files that ask for them; run in a clone.

    Args:
        files: Markdown.

    Raises:
        OSError: a file cannot be read or written.
        ValueError: see ``tables``.
    """
    record = RECORD.read_text(encoding="utf-8")
    for file in files:
        text = filled(file.read_text(encoding="utf-8"), record)
        with replacing(file) as partial:
            partial.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    tyro.cli(excerpts)
