"""What a page takes from elsewhere, at lines of the form `<!-- include: WHAT -->`.

WHAT is one of

- `results of SUITE`: all tables that `etude report` has written into benchmarks/README.md;
- `results of SUITE: TASK; TASK`: some of them;
- `departures of PATH`: what a module's docstring says of how it differs from the paper;
- `known faults of MODEL`: that part of a model's card.
"""

import re
from typing import Final

from places import DOCS, ROOT, docstring_of

from etude.benchmarks.excerpts import RECORD, tables

MARK: Final = re.compile(r"^<!-- include: (?P<what>.+?) -->$", re.MULTILINE)
DEPARTURES: Final = re.compile(r"\bDepartures?\b|\bdeparts\b")
KNOWN_FAULTS: Final = "**Known faults.**"


def filled(markdown: str, page: str) -> str:
    """The page with what it asks for.

    Raises:
        ValueError: it asks for something that is not there.
    """

    def found(mark: re.Match[str]) -> str:
        try:
            return _included(mark["what"])
        except (KeyError, OSError, ValueError) as error:
            raise ValueError(f"{page} includes {mark['what']!r}: {error}") from error

    return MARK.sub(found, markdown)


def _included(what: str) -> str:
    kind, _, name = what.partition(" of ")
    if kind == "results":
        suite, _, tasks = name.partition(": ")
        return results(suite, [task.strip() for task in tasks.split(";")] if tasks else [])
    if kind == "departures":
        return departures(name)
    if kind == "known faults":
        return known_faults(name)
    raise ValueError("what is included is results, departures or known faults of something.")


def results(suite: str, tasks: list[str]) -> str:
    """The tables of some tasks of a suite, or of all of them, and what they were measured on."""
    return tables((ROOT / RECORD).read_text(encoding="utf-8"), suite, tasks)


def departures(path: str) -> str:
    """What the docstring of a module says of departures, which is always its end."""
    text = docstring_of(ROOT / path)
    found = DEPARTURES.search(text)
    if found is None:
        raise ValueError(f"the docstring of {path} names no departures.")
    start = found.start()
    if found[0] == "departs":  # in the middle of a paragraph that has to be read as a whole
        start = text.rindex("\n\n", 0, start)
    text = text[start:].strip()
    for title in ("Departure:", "Departures:"):
        text = text.removeprefix(title).strip()
    return text[0].upper() + text[1:]


def known_faults(model: str) -> str:
    """What a model's card says under that title."""
    card = (DOCS / "models" / f"{model}.md").read_text(encoding="utf-8")
    if KNOWN_FAULTS not in card:
        raise ValueError(f"docs/models/{model}.md has no {KNOWN_FAULTS}")
    text = card.partition(KNOWN_FAULTS)[2]
    return re.split(r"\n- \*\*|\n\*\*", text)[0].strip()
