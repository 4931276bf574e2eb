"""Tables of text, and how numbers are written in them: for the terminal, Markdown and a page."""

import re
from dataclasses import dataclass, replace
from statistics import median
from typing import Final

from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table as TerminalTable

RANGE: Final = re.compile(r" \([^()]* to [^()]*\)")
UNBOUNDED: Final = 10_000  # columns


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table, every cell of which is written out.

    Args:
        caption: what the table shows.
        heading: the names of the columns; the first one holds what the rows are called.
        rows: as many cells each as there are columns.
        best: the row to emphasise, counted from 0, if any.
        note: what a reader should know to read the cells, if anything.

    Raises:
        ValueError: a row has more or fewer cells than the heading, or there is no such best row.
    """

    caption: str
    heading: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    best: int | None = None
    note: str = ""

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.heading):
                raise ValueError(
                    f"a row has a cell for each of the {len(self.heading)} columns, got {row}; "
                    'leave a cell empty with "".'
                )
        if self.best is not None and not 0 <= self.best < len(self.rows):
            raise ValueError(
                f"the best row is one of 0 to {len(self.rows) - 1}, got {self.best}; None "
                "emphasises nothing."
            )

    def print(self) -> None:
        """Show the table on the terminal, without ranges or rules if it is too narrow for them."""
        console = Console()
        table = self._for_terminal(box.HEAVY_HEAD)
        unbounded = console.options.update(max_width=UNBOUNDED)
        width = Measurement.get(console, unbounded, table).maximum
        if width > console.width:
            rows = tuple(tuple(RANGE.sub("", cell) for cell in row) for row in self.rows)
            hint = f"{self.note} Ranges are shown on {width} columns.".strip()
            short = replace(self, rows=rows, note=hint if rows != self.rows else self.note)
            table = short._for_terminal(box.SIMPLE_HEAD)
            table.padding = 0
        console.print(table)
        console.print()

    def _for_terminal(self, rules: box.Box) -> TerminalTable:
        table = TerminalTable(
            title=self.caption,
            title_justify="left",
            caption=self.note,
            caption_justify="left",
            box=rules,
        )
        table.add_column(self.heading[0], overflow="fold")
        for name, *cells in list(zip(self.heading, *self.rows, strict=True))[1:]:
            widest = max(map(len, cells), default=0)  # names wrap before numbers do
            table.add_column(name, justify="right", overflow="fold", min_width=widest)
        for i, row in enumerate(self.rows):
            table.add_row(*row, style="bold" if i == self.best else None)
        return table

    def markdown(self) -> str:
        """The table in Markdown, under its caption in bold, above its note."""
        rows = [
            self.heading,
            ("---",) * len(self.heading),
            *(_bold(row) if i == self.best else row for i, row in enumerate(self.rows)),
        ]
        lines = [f"**{self.caption}**", "", *map(_markdown_row, rows)]
        return "\n".join([*lines, "", self.note] if self.note else lines)


def number(value: float) -> str:
    """Three significant digits, with k and M for thousands and millions.

    >>> number(0.012345), number(45.04), number(81234.0)
    ('0.0123', '45', '81.2 k')
    """
    for size, unit in ((1e6, " M"), (1e3, " k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{unit}"
    return f"{value:.3g}"


def decimals(value: float) -> str:
    """Four decimals, enough to tell scores near an optimum apart; an integer has none.

    >>> decimals(0.95783), decimals(2.0), decimals(-0.5)
    ('0.9578', '2', '-0.5000')
    """
    return f"{value:.0f}" if value == round(value) else f"{value:.4f}"


def percent(value: float) -> str:
    """A share in per cent, with a decimal unless it is a whole number.

    >>> percent(0.9667), percent(1.0), percent(0.0)
    ('96.7 %', '100 %', '0 %')
    """
    value = 100.0 * value
    is_whole = abs(value - round(value)) < 1e-9  # but for rounding
    return f"{value:.0f} %" if is_whole else f"{value:.1f} %"


def precise(value: float) -> str:
    """A share with two decimals of a per cent.

    >>> precise(0.98889)
    '98.89 %'
    """
    return f"{100.0 * value:.2f} %"


def duration(seconds: float) -> str:
    """Three significant digits of a time in the unit that people would use.

    >>> duration(0.0123), duration(4.25), duration(754.0), duration(8000.0)
    ('12.3 ms', '4.25 s', '12.6 min', '2.22 h')
    """
    for size, unit in ((3600.0, "h"), (60.0, "min")):
        if seconds >= 2.0 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s" if seconds >= 1.0 else f"{1e3 * seconds:.3g} ms"


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


def _bold(cells: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"**{cell}**" if cell else cell for cell in cells)


def _markdown_row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"
