"""Statistics of a few runs: what can be said about a method after five or twenty seeds.

Means of few runs are ruled by outliers, and medians waste most of the runs. The interquartile mean
with a bootstrap interval does better on both counts (R. Agarwal et al., "Deep reinforcement
learning at the edge of the statistical precipice", NeurIPS 2021); their library, rliable, is
archived, and these are the four of its tools that a report needs.

Departure from the paper: a performance profile counts runs that reach a score, not only those
above it, so that the exact optimum can be the last threshold.
"""

from typing import Final, Protocol

import numpy as np
from jaxtyping import Float64

TRIMMED: Final = 0.25  # of the values, at either end


class Statistic(Protocol):
    """What reduces an axis of an array to a number, such as ``np.median``."""

    def __call__(
        self, values: Float64[np.ndarray, "*rows runs"], /, *, axis: int
    ) -> Float64[np.ndarray, "*rows"] | np.float64:
        """The statistic of each row."""
        ...


def interquartile_mean(
    values: Float64[np.ndarray, "*rows runs"], *, axis: int | None = None
) -> Float64[np.ndarray, "*rows"] | np.float64:
    """The mean of the middle half of the values, over all of them or along one axis.

    As ``scipy.stats.trim_mean(values, 0.25)``, a quarter is cut off at either end, rounded down to
    whole values: of 3 runs none goes, of 5 and of 7 one at either end, of 8 two.

    >>> float(interquartile_mean(np.array([0.0, 1.0, 2.0, 3.0, 100.0])))
    2.0

    Raises:
        ValueError: there are no values.
    """
    if values.size == 0:
        raise ValueError("the interquartile mean needs a value, got none; leave the method out.")
    rows = values.ravel() if axis is None else np.moveaxis(values, axis, -1)
    num_values = rows.shape[-1]
    num_cut = int(TRIMMED * num_values)
    mean: np.float64 = np.sort(rows)[..., num_cut : num_values - num_cut].mean(axis=-1)
    return mean


def bootstrap_interval(
    values: Float64[np.ndarray, "*tasks runs"],
    rng: np.random.Generator,
    *,
    statistic: Statistic = interquartile_mean,
    level: float = 0.95,
    num_resamples: int = 2000,
) -> tuple[float, float]:
    """The percentile bootstrap interval of a statistic of all values, stratified over tasks.

    Each resample draws as many runs as there are, with replacement, from those of the same task;
    the interval leaves out (1 - level) / 2 of the resampled statistics at either end. A single run
    gives an interval of no width, which says nothing: show the number of runs beside it.

    Args:
        values: a run a column; with several tasks, a task a row.
        rng: draws the resamples.
        statistic: of the values of all tasks together.
        level: how much the interval covers, between 0 and 1.
        num_resamples: how often the statistic is computed.

    Raises:
        ValueError: there are no values, or the level is not between 0 and 1.
    """
    if values.size == 0:
        raise ValueError("an interval needs a value, got none; leave the method out.")
    if not 0.0 < level < 1.0:
        raise ValueError(f"the level of an interval is between 0 and 1, got {level}; try 0.95.")
    drawn = rng.integers(values.shape[-1], size=(num_resamples, *values.shape))
    resampled = np.take_along_axis(values[None], drawn, axis=-1)  # (resamples, *tasks, runs)
    statistics = statistic(resampled.reshape(num_resamples, -1), axis=-1)
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(statistics, [tail, 1.0 - tail])
    return float(low), float(high)


def performance_profile(
    scores: Float64[np.ndarray, "*tasks runs"], thresholds: Float64[np.ndarray, " thresholds"]
) -> Float64[np.ndarray, " thresholds"]:
    """The share of all runs whose score is at least each threshold: from 1 down to 0.

    >>> performance_profile(np.array([0.2, 0.8]), np.array([0.0, 0.2, 0.5, 0.8, 0.9]))
    array([1. , 1. , 0.5, 0.5, 0. ])
    """
    reached: Float64[np.ndarray, " thresholds"] = (scores.reshape(-1, 1) >= thresholds).mean(axis=0)
    return reached


def probability_of_improvement(x: Float64[np.ndarray, " m"], y: Float64[np.ndarray, " n"]) -> float:
    """How likely a run of ``x`` scores higher than one of ``y``, a tie counting as half.

    It is the Mann-Whitney statistic divided by its greatest value, m n: 1/2 if neither is better.

    >>> probability_of_improvement(np.array([1.0, 2.0]), np.array([1.0]))
    0.75
    """
    return float((1.0 + np.sign(x[:, None] - y).mean()) / 2.0)
