"""How runs of methods that learn at random are shown: the columns of tables, the axes of curves.

A study is a kind of task. Its lines are runs, a seed each. The first column of its table ranks the
methods, the second one those that are equal.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np

from etude.benchmarks.statistics import bootstrap_interval, interquartile_mean
from etude.benchmarks.tables import duration, number, percent

BOOTSTRAP_SEED: Final = 0
PERCENTAGES: Final = ("accuracy", "illegal", "rate", "share")
Line = dict[str, Any]


def estimate(values: list[float], form: Callable[[float], str]) -> str:
    """The interquartile mean, with its 95 % bootstrap interval if that has any width.

    >>> estimate([0.25, 0.5, 0.75], percent), estimate([0.5, 0.5, 0.5], number)
    ('50 % (25 to 75)', '0.5')
    """
    if not values:
        return ""
    runs = np.array(values, np.float64)
    low, high = bootstrap_interval(runs, np.random.default_rng(BOOTSTRAP_SEED))
    middle = form(float(interquartile_mean(runs)))
    ends = [form(low), form(high)]
    if ends == [middle, middle]:
        return middle
    _, _, unit = middle.partition(" ")
    if all(end.partition(" ")[2] == unit for end in ends):
        ends = [end.partition(" ")[0] for end in ends]
    return f"{middle} ({ends[0]} to {ends[1]})"


def metric(name: str, line: Line) -> float | None:
    """A metric of a run, if it has it."""
    value: float | None = line["metrics"].get(name)
    return value


def wall_seconds(line: Line) -> float | None:
    """How long a run took."""
    seconds: float | None = line.get("seconds")
    return seconds


def runs(values: list[float]) -> str:
    """How many runs there are; nothing for what a paper reports.

    >>> runs([1.0, 1.0]), runs([])
    ('2', '')
    """
    return str(len(values)) if values else ""


@dataclass(frozen=True)
class Column:
    """A column of a study's table.

    Args:
        heading: with the optimum, where it is known.
        value: the number of a run, or None if it has none.
        cell: what is written for the numbers of a method's runs.
    """

    heading: str
    value: Callable[[Line], float | None]
    cell: Callable[[list[float]], str]

    def values(self, lines: list[Line]) -> list[float]:
        """The numbers of those runs that have one."""
        return [value for line in lines if (value := self.value(line)) is not None]


def column(name: str, heading: str, form: Callable[[float], str]) -> Column:
    """A metric, estimated."""
    return Column(heading, partial(metric, name), partial(estimate, form=form))


CPU_TIME: Final = column("cpu_seconds", "CPU time", duration)
TIME: Final = Column("wall time", wall_seconds, partial(estimate, form=duration))
RUNS: Final = Column("runs", lambda line: 1.0 if "seed" in line else None, runs)
CELLS_NOTE: Final = "Interquartile mean of the runs (95 % bootstrap interval)."


@dataclass(frozen=True, kw_only=True)
class Study:
    """How the runs of a task are shown.

    Args:
        columns: of the table; all metrics if left out.
        less_is_better: whether the first column, and the curve, are to be small.
        step: what the steps of the curves count.
        curve: what the curves show.
        limit: the best possible value of the curve, and of the score.
        note: what a reader of the table should know.
        reported: what papers say of a task, as lines without seeds.
    """

    columns: tuple[Column, ...] = ()
    less_is_better: bool = False
    step: str = "steps"
    curve: str = "value"
    limit: float | None = None
    note: str = ""
    reported: Callable[[str], list[Line]] = lambda task: []

    def columns_for(self, lines: list[Line]) -> tuple[Column, ...]:
        """The columns of a table of these runs: those in which some run has a number."""
        names = dict.fromkeys(name for line in lines for name in line["metrics"])
        columns = self.columns or (*map(_column_of, names), TIME, RUNS)
        return tuple(column for column in columns if column.values(lines))


def _column_of(name: str) -> Column:
    """A metric that no study names, formatted by what its name ends in."""
    words = name.replace("_", " ")
    if words.endswith("seconds"):
        return column(name, words.removesuffix("seconds") + "time", duration)
    return column(name, words, percent if name.endswith(PERCENTAGES) else number)
