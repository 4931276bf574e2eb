"""The pictures of a task: what `plots` draws, from the lines of its runs."""

from typing import Final

import numpy as np
from jaxtyping import Float64

from etude.benchmarks import results
from etude.benchmarks.page import Picture
from etude.benchmarks.plots import (
    Curve,
    LineStyle,
    learning_curves,
    line_styles,
    performance_profiles,
    score_chart,
)
from etude.benchmarks.study import BOOTSTRAP_SEED, Line, Study

NUM_POINTS: Final = 60
TWIN: Final = "-python"  # the same learning as without, but slower: the same curve


def pictures(study: Study, task: str, lines: list[Line]) -> dict[str, Picture]:
    """The curves of a task, and its scores and profile if these have a known limit; by name."""
    methods = results.columns(lines, "method")
    twins = {name for name in methods if name.removesuffix(TWIN) in methods and name.endswith(TWIN)}
    lines = [line for line in lines if line["method"] not in twins]
    styles, drawn = line_styles(results.columns(lines, "method")), {}
    if curves := curves_of(lines):
        drawn["curves"] = curve_picture(study, task, curves, styles)
    scored = [line for line in lines if "score" in line["metrics"]]
    if study.curve == "score" and study.limit is not None and scored:
        scores = {
            method: np.array([run["metrics"]["score"] for run in scored if run["method"] == method])
            for method in results.columns(scored, "method")
        }
        drawn["scores"] = score_picture(task, scores, study.limit, styles)
        drawn["profile"] = profile_picture(task, scores, study.limit, styles)
    return drawn


def curve_picture(
    study: Study, task: str, curves: list[Curve], styles: dict[str, LineStyle]
) -> Picture:
    """The learning curves of a task."""
    file = learning_curves(
        curves,
        np.random.default_rng(BOOTSTRAP_SEED),
        title=task,
        step=study.step,
        metric=study.curve,
        limit=study.limit,
        less_is_better=study.less_is_better,
        styles=styles,
    )
    return Picture(
        source=file,
        alt=f"{study.curve} against {study.step}, {task}: a line for each method",
        caption="Interquartile mean over the runs, with its 95 % bootstrap interval. The axis of "
        f"{study.step} is logarithmic; values below 0 are cut off.",
    )


def score_picture(
    task: str,
    scores: dict[str, Float64[np.ndarray, " runs"]],
    limit: float,
    styles: dict[str, LineStyle],
) -> Picture:
    """The final scores of a task."""
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    return Picture(
        source=score_chart(
            scores, rng, title="Final score", metric="score", limit=limit, styles=styles
        ),
        alt=f"the final score of each method, {task}",
        caption="Every run (pale), the interquartile mean and its 95 % bootstrap interval.",
    )


def profile_picture(
    task: str,
    scores: dict[str, Float64[np.ndarray, " runs"]],
    limit: float,
    styles: dict[str, LineStyle],
) -> Picture:
    """The final scores of a task as shares of runs."""
    return Picture(
        source=performance_profiles(
            scores, title="Performance profile", metric="score", limit=limit, styles=styles
        ),
        alt=f"the share of runs that score at least so much, {task}",
        caption="The share of runs that end with at least so much: higher and further right is "
        "better. The axis is stretched towards the limit.",
    )


def curves_of(lines: list[Line]) -> list[Curve]:
    """The curves of those methods all runs of which have one; a run that ends keeps its value."""
    curves = []
    for method in results.columns(lines, "method"):
        runs = [np.array(line.get("curve", [])) for line in lines if line["method"] == method]
        if all(len(run) > 1 for run in runs):
            steps = common_steps([run[:, 0] for run in runs])
            values = np.stack([np.interp(steps, run[:, 0], run[:, 1]) for run in runs])
            curves.append(Curve(label=method, steps=steps, values=values))
    return curves


def common_steps(of_runs: list[Float64[np.ndarray, " points"]]) -> Float64[np.ndarray, " common"]:
    """The steps of the runs where they agree; else some evenly spaced on a log axis."""
    first = of_runs[0]
    if all(np.array_equal(first, steps) for steps in of_runs):
        return first
    begin = max(steps[steps > 0].min() for steps in of_runs)
    spaced = np.geomspace(begin, max(steps.max() for steps in of_runs), NUM_POINTS)
    begin_at_0 = all(steps[0] == 0.0 for steps in of_runs)
    return np.append(0.0, spaced) if begin_at_0 else spaced
