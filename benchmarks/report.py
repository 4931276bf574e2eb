"""Results to tables: on the terminal, and into a Markdown file between two marks."""

from pathlib import Path
from statistics import median
from typing import Annotated, Any, Final

import tyro
from rich.console import Console
from rich.table import Table

from etude.benchmarks import results as storage
from etude.envs.files import replacing

BEGIN: Final = "<!-- begin: results of {suite} -->"
END: Final = "<!-- end: results of {suite} -->"
RATE: Final = "_per_cpu_second"  # of such a metric the methods of a task are compared
Rows = list[list[str]]


def report(
    results: Annotated[Path, tyro.conf.Positional],
    *,
    into: Path | None = None,
) -> None:
    """Make tables from the results of `etude bench`.

    A number is the median over the repetitions, with the least and the greatest behind it. Ratios
    are those of the first method of a task to the others, taken within each repetition.

    Args:
        results: a file of results, one JSON object a line.
        into: a Markdown file in which the tables replace what stands between the marks
            `<!-- begin: results of SUITE -->` and `<!-- end: results of SUITE -->`.

    Raises:
        ValueError: a line is no result, or the Markdown file has no marks for a suite.
        OSError: a file cannot be read or written.
    """
    lines = storage.read(results)
    for suite in storage.columns(lines, "suite"):
        chosen = [line for line in lines if line["suite"] == suite]
        for task in storage.columns(chosen, "task"):
            rows = tabulate([line for line in chosen if line["task"] == task])
            _print(task, rows)
        if into is not None:
            replace_between_marks(into, suite, markdown(chosen))


def tabulate(lines: list[dict[str, Any]]) -> Rows:
    """The table of one task: a heading, then a row a method."""
    methods = storage.columns(lines, "method")
    metrics = list(dict.fromkeys(name for line in lines for name in line["metrics"]))
    values = {
        (method, name): [
            line["metrics"][name]
            for line in lines
            if line["method"] == method and name in line["metrics"]
        ]
        for method in methods
        for name in metrics
    }
    compares = len(methods) > 1 and metrics[0].endswith(RATE)
    rows = [["method", *(name.replace("_", " ") for name in metrics)] + ["ratio"] * compares]
    for method in methods:
        row = [method, *(spread(values[method, name]) for name in metrics)]
        if compares:
            pairs = zip(values[methods[0], metrics[0]], values[method, metrics[0]], strict=False)
            row.append(spread([ours / theirs for ours, theirs in pairs]))
        rows.append(row)
    return rows


def spread(values: list[float]) -> str:
    """The median, with the range behind it if there are several values.

    >>> spread([1200000.0, 1000000.0, 1500000.0])
    '1.2 M (1 M to 1.5 M)'
    """
    if not values:
        return ""
    if len(values) == 1:
        return number(values[0])
    return f"{number(median(values))} ({number(min(values))} to {number(max(values))})"


def number(value: float) -> str:
    """Three significant digits, with k and M for thousands and millions.

    >>> number(0.012345), number(45.04), number(81234.0)
    ('0.0123', '45', '81.2 k')
    """
    for size, unit in ((1e6, " M"), (1e3, " k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{unit}"
    return f"{value:.3g}"


def markdown(lines: list[dict[str, Any]]) -> str:
    """The tables of one suite, with what they were measured on."""
    parts = []
    for task in storage.columns(lines, "task"):
        heading, *rows = tabulate([line for line in lines if line["task"] == task])
        parts.append(f"**{task}**\n")
        parts += [_markdown_row(row) for row in (heading, ["---"] * len(heading), *rows)]
        parts.append("")
    last = lines[-1]
    versions = ", ".join(f"{name} {text}" for name, text in last["versions"].items())
    machine = last["machine"]
    parts.append(
        f"Measured on {machine['processor']}, {machine['cores']} cores, {machine['system']}; "
        f"{versions}; revision {last['revision']}."
    )
    return "\n".join(parts)


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


def _print(task: str, rows: Rows) -> None:
    heading, *body = rows
    table = Table(title=task, title_justify="left")
    for i, name in enumerate(heading):
        table.add_column(name, justify="left" if i == 0 else "right")
    for row in body:
        table.add_row(*row)
    Console().print(table)


def _markdown_row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
