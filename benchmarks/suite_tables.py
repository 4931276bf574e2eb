"""The tables of a suite, and what it was measured on.

Where something is learned at random (the suites of ``studies``), a cell is the interquartile mean
of the runs with its bootstrap interval; elsewhere it is the median of the rounds with their range.
"""

from collections.abc import Iterator
from typing import Final

from etude.benchmarks import results as storage
from etude.benchmarks.equal_score import equal_score_tables
from etude.benchmarks.studies import learning_table, study_of
from etude.benchmarks.study import Line
from etude.benchmarks.tables import Table, spread

RATE: Final = "_per_cpu_second"  # of such a metric the methods of a task are compared


def tables_of(lines: list[Line]) -> Iterator[Table]:
    """The tables of one suite, task by task."""
    for task in storage.columns(lines, "task"):
        runs = [line for line in lines if line["task"] == task]
        study = study_of(lines[0]["suite"], task)
        if study is None:
            yield repetition_table(task, runs)
        else:
            yield learning_table(study, task, runs)
            yield from equal_score_tables(task, runs)


def repetition_table(task: str, lines: list[Line]) -> Table:
    """The table of one task that is repeated: a row a method, in the order of the lines."""
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
    rows = []
    for method in methods:
        row = [method, *(spread(values[method, name]) for name in metrics)]
        if compares:
            pairs = zip(values[methods[0], metrics[0]], values[method, metrics[0]], strict=False)
            row.append(spread([ours / theirs for ours, theirs in pairs]))
        rows.append(tuple(row))
    names = [name.replace("_", " ") for name in metrics] + ["ratio"] * compares
    return Table(caption=task, heading=("method", *names), rows=tuple(rows))


def measured_on(lines: list[Line]) -> str:
    """The machine, the versions and the revision of the latest result, in a sentence."""
    last = lines[-1]
    versions = ", ".join(f"{name} {text}" for name, text in last["versions"].items())
    machine = last["machine"]
    revision = f"; revision {last['revision']}" if last["revision"] else ""
    return (
        f"Measured on {machine['processor']}, {machine['cores']} cores, {machine['system']}; "
        f"{versions}{revision}."
    )
