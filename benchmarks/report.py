"""Results to tables and pictures: on the terminal, in a Markdown file, and on a page."""

from pathlib import Path
from typing import Annotated, Final

import tyro

from etude.benchmarks import results as storage
from etude.benchmarks.study import Line
from etude.benchmarks.suite_tables import measured_on, tables_of
from etude.foundations.files import replacing

BEGIN: Final = "<!-- begin: results of {suite} -->"
END: Final = "<!-- end: results of {suite} -->"


def report(
    results: Annotated[Path, tyro.conf.Positional] = Path("runs/bench/results.jsonl"),
    *,
    into: Path | None = None,
    html: Path | None = None,
    pictures: Path | None = None,
) -> None:
    """Make tables and pictures from the results of `etude bench`.

    A number of a learner is the interquartile mean over its runs, with the 95 % bootstrap interval
    behind it. A speed is the median over the repetitions, with the least and the greatest behind
    it, and ratios are those of the first method of a task to the others, taken within each
    repetition.

    Args:
        results: a file of results, one JSON object a line.
        into: a Markdown file in which the tables replace what stands between the marks
            `<!-- begin: results of SUITE -->` and `<!-- end: results of SUITE -->`.
        html: a page to write, with the tables, learning curves and performance profiles.
        pictures: a folder for the pictures of the page, as PNG files.

    Raises:
        ValueError: a line is no result, or the Markdown file has no marks for a suite.
        OSError: a file cannot be read or written.
    """
    lines = storage.read(results)
    for suite in storage.columns(lines, "suite"):
        chosen = [line for line in lines if line["suite"] == suite]
        for table in tables_of(chosen):
            table.print()
        if into is not None:
            replace_between_marks(into, suite, markdown(chosen))
    if html is not None:
        from etude.benchmarks.report_page import write_report  # matplotlib takes a second

        write_report(html, lines)
    if pictures is not None:
        from etude.benchmarks.report_page import write_pictures

        for path in write_pictures(pictures, lines):
            print(f"wrote {path}")


def markdown(lines: list[Line]) -> str:
    """The tables of one suite, with what they were measured on."""
    parts = [f"{table.markdown()}\n" for table in tables_of(lines)]
    return "\n".join([*parts, measured_on(lines)])


def replace_between_marks(path: Path, suite: str, text: str) -> None:
    """Put ``text`` between the suite's marks in a Markdown file.

    Raises:
        ValueError: the file does not have both marks, in their order.
    """
    begin, end = (mark.format(suite=suite) for mark in (BEGIN, END))
    content = path.read_text(encoding="utf-8")
    before, found, rest = content.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(
            f"the tables of {suite} go between {begin!r} and {end!r}, got {path} without them; add "
            "both lines."
        )
    with replacing(path) as partial:
        partial.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")
