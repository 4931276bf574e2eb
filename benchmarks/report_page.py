"""The page of `etude report`: every suite's tables, and the pictures of those that learn."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from etude.benchmarks import results
from etude.benchmarks.page import Block, Commands, Paragraph, Picture, Section, write_page
from etude.benchmarks.pictures import pictures
from etude.benchmarks.studies import STUDIES, study_of
from etude.benchmarks.study import Line
from etude.benchmarks.suite_tables import measured_on, tables_of
from etude.foundations.files import replacing

TITLE: Final = "Etude: results"
LEAD: Final = (
    "What the benchmarks measured, as tables and pictures. Every number comes from the file of "
    "results; none was typed."
)


def write_report(path: Path, lines: list[Line]) -> None:
    """Write the page of these results.

    Raises:
        ValueError: the folder does not exist.
        OSError: the file cannot be written.
    """
    write_page(path, TITLE, LEAD, list(_sections(lines)))


def write_pictures(folder: Path, lines: list[Line]) -> Iterator[Path]:
    """Write each picture of the page to a file of its own, and say which.

    Raises:
        OSError: a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for suite in STUDIES:
        of_suite = [line for line in lines if line["suite"] == suite]
        for task in results.columns(of_suite, "task"):
            of_task = [line for line in of_suite if line["task"] == task]
            for name, picture in _drawn(task, of_task).items():
                words = re.findall(r"[a-z0-9]+", f"{suite} {task.replace(',', '')} {name}".lower())
                path = folder / f"{'-'.join(words)}.png"
                assert isinstance(picture.source, bytes)
                with replacing(path) as partial:
                    partial.write_bytes(picture.source)
                yield path


def _sections(lines: list[Line]) -> Iterator[Section]:
    """A section for each suite, or for each of its tasks where something is learned."""
    for suite in results.columns(lines, "suite"):
        of_suite = [line for line in lines if line["suite"] == suite]
        if suite not in STUDIES:
            yield Section(suite, [*tables_of(of_suite), *_origin(of_suite)])
            continue
        for task in results.columns(of_suite, "task"):
            of_task = [line for line in of_suite if line["task"] == task]
            title = f"{suite}: {task}" if task != suite else suite
            drawn = _drawn(task, of_task).values()
            yield Section(title, [*tables_of(of_task), *drawn, *_origin(of_task)])


def _drawn(task: str, lines: list[Line]) -> dict[str, Picture]:
    study = study_of(lines[0]["suite"], task)
    return pictures(study, task, lines) if study is not None else {}


def _origin(lines: list[Line]) -> list[Block]:
    """Where the numbers come from: the machine, and the command."""
    return [Paragraph(measured_on(lines)), Commands([f"etude bench {lines[0]['suite']}"])]
