"""The page of `etude report`: every suite's tables, and the pictures of those that learn."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from etude.benchmarks import results
from etude.benchmarks.page import Block, Commands, Paragraph, Section, write_page
from etude.benchmarks.pictures import pictures
from etude.benchmarks.studies import STUDIES, Line, study_of
from etude.benchmarks.suite_tables import measured_on, tables_of

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
            yield Section(title, [*tables_of(of_task), *_drawn(task, of_task), *_origin(of_task)])


def _drawn(task: str, lines: list[Line]) -> Iterator[Block]:
    study = study_of(lines[0]["suite"], task)
    return pictures(study, task, lines) if study is not None else iter(())


def _origin(lines: list[Line]) -> list[Block]:
    """Where the numbers come from: the machine, and the command."""
    return [Paragraph(measured_on(lines)), Commands([f"etude bench {lines[0]['suite']}"])]
