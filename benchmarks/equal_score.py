"""How long tables take to the score that a masked network ends with, and who ends higher.

A run of a network is compared with the run of a table that has the same seed: the first point of
the table's curve with at least the network's final score says when the table was as good. Times
are wall-clock seconds of learning; the start of the curve, before any learning, does not count.
"""

from typing import Final

import numpy as np

from etude.agents.baseline_settings import BASELINES
from etude.benchmarks.statistics import probability_of_improvement
from etude.benchmarks.studies import AGAINST_RANDOM, ranked
from etude.benchmarks.study import Line, estimate
from etude.benchmarks.tables import Table, decimals, duration, number, percent

MASKED: Final = ("dqn_masked", "maskable_ppo", "ppo_masked", "a2c_masked")
TIME_NOTE: Final = (
    "How many times sooner the row's method has the final score of the column's, in wall time: "
    "interquartile mean over seeds (95 % bootstrap interval). k/n: it got there in k of n seeds, "
    "and the mean is over those; 0/n: never."
)
CHANCE_NOTE: Final = "The chance that a run of the row's method ends with the higher score."


def equal_score_tables(task: str, lines: list[Line]) -> list[Table]:
    """Two tables of tables (rows) beside masked networks (columns), if there are both.

    The first one has the ratios of times to an equal score, under the networks' own scores and
    times; the second one the probabilities of improvement.
    """
    runs = {
        method: [line for line in lines if line["method"] == method]
        for method in ranked(AGAINST_RANDOM, lines)
    }
    networks = [name for name in MASKED if name in runs]
    tables = [name for name in runs if name not in BASELINES and all(map(has_times, runs[name]))]
    if not networks or not tables:
        return []
    scores = ("its score", *(estimate(_scores(runs[name]), decimals) for name in networks))
    times = (
        "its wall time",
        *(estimate([line["seconds"] for line in runs[name]], duration) for name in networks),
    )
    ratios = [(row, *(sooner(runs[row], runs[name]) for name in networks)) for row in tables]
    chances = [(row, *(chance(runs[row], runs[name]) for name in networks)) for row in tables]
    return [
        Table(
            caption=f"Time to equal score, {task}",
            heading=("times sooner", *networks),
            rows=(scores, times, *ratios),
            note=TIME_NOTE,
        ),
        Table(
            caption=f"Who ends higher, {task}",
            heading=("chance", *networks),
            rows=tuple(chances),
            note=CHANCE_NOTE,
        ),
    ]


def has_times(line: Line) -> bool:
    """Whether a run has a score, and says when its curve was where."""
    seconds = line.get("curve_seconds", [])
    return "score" in line["metrics"] and 0 < len(seconds) == len(line["curve"])


def sooner(tables: list[Line], networks: list[Line]) -> str:
    """A cell of the first table: the ratio of times, and how often there is one if not always."""
    of_seed = {line["seed"]: line for line in tables}
    pairs = [(of_seed[line["seed"]], line) for line in networks if line["seed"] in of_seed]
    times = [
        (network["seconds"], seconds_to_score(table, network["metrics"]["score"]))
        for table, network in pairs
    ]
    ratios = [theirs / ours for theirs, ours in times if ours is not None]
    if len(ratios) == len(pairs):
        return estimate(ratios, number)
    reached = f"{len(ratios)}/{len(pairs)}"
    return f"{reached}: {estimate(ratios, number)}" if ratios else reached


def seconds_to_score(line: Line, score: float) -> float | None:
    """After how many seconds of learning a run's curve first has the score, if it ever does."""
    return next(
        (
            seconds
            for (_, value), seconds in zip(line["curve"], line["curve_seconds"], strict=True)
            if value >= score and seconds > 0.0
        ),
        None,
    )


def chance(tables: list[Line], networks: list[Line]) -> str:
    """A cell of the second table."""
    x, y = np.array(_scores(tables)), np.array(_scores(networks))
    return percent(probability_of_improvement(x, y))


def _scores(lines: list[Line]) -> list[float]:
    return [line["metrics"]["score"] for line in lines]
