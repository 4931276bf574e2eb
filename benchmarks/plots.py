"""Pictures of learners beside each other: curves, final scores, and performance profiles.

Each function returns a PNG file. Lines and points are interquartile means over the runs, with 95 %
bootstrap intervals. The colours are those of M. Okabe and K. Ito ("Color universal design", 2008),
which the colour-blind tell apart, with grey for black and P. Tol's wine for the yellow that is too
pale for lines. Variants of a method share its colour and differ in their dashes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final, NamedTuple

import numpy as np
from jaxtyping import Float64
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from etude.benchmarks.statistics import (
    bootstrap_interval,
    interquartile_mean,
    performance_profile,
)
from etude.benchmarks.tables import decimals, number

COLOURS: Final = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
    "#4D4D4D",
    "#882255",
)
DASHES: Final = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)), (0, (9, 3)))
SEPARATORS: Final = ("-", "_", ", ")
LIMIT_LINE: Final[dict[str, Any]] = {"color": "#222222", "linestyle": (0, (4, 3)), "linewidth": 1}
DOTS_PER_INCH: Final = 200
WIDTH: Final = 6.6  # inches: 1320 pixels, and type that can be read on a telephone
PLOT_HEIGHT: Final = 3.9
LEGEND_ROW: Final = 0.24
LONGEST_IN_3_COLUMNS: Final = 18  # characters
NEAREST: Final = 2e-4  # scores that come closer to the limit are not told apart
TICKS_BELOW_LIMIT: Final = ((0.5, 1), (0.16, 1), (0.06, 2), (0.01, 2), (0.001, 3))  # and decimals
LOOK: Final[dict[Any, Any]] = {  # matplotlib types each key by a literal
    "font.size": 11,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#888888",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E3E6E8",
    "grid.linewidth": 0.7,
    "xtick.color": "#444444",
    "ytick.color": "#444444",
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
    "legend.fontsize": 10,
    "legend.frameon": False,
    "legend.handlelength": 2.2,
    "lines.linewidth": 1.7,
}
Runs = Float64[np.ndarray, " runs"]


class LineStyle(NamedTuple):
    """How the line of a method is drawn."""

    color: str
    dash: str | tuple[float, tuple[float, ...]]


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A method's curve in each of its runs.

    Args:
        label: the name of the method.
        steps: where the runs were graded, ascending; the first may be 0.
        values: the grades, a run a row.
    """

    label: str
    steps: Float64[np.ndarray, " points"]
    values: Float64[np.ndarray, "runs points"]


def line_styles(labels: Iterable[str]) -> dict[str, LineStyle]:
    """A line style for each method: a colour for each family, a dash for each of its variants.

    A variant has the name of a method before it and a suffix: "dqn_masked" is one of "dqn", and
    "td, no symmetry" of "td". Once the colours are used up, any style that is left will do.
    Pictures that belong together look alike if their styles are made from the same labels.

    Raises:
        ValueError: more labels than there are styles.
    """
    labels = list(dict.fromkeys(labels))
    left = [LineStyle(color, dash) for dash in DASHES for color in COLOURS]
    if len(labels) > len(left):
        raise ValueError(
            f"a picture tells at most {len(left)} methods apart, got {len(labels)}; draw two."
        )
    styles: dict[str, LineStyle] = {}
    for label in labels:
        family = [styles[name] for name in styles if is_variant(label, name)]
        kin = [style for style in left if family and style.color == family[0].color]
        styles[label] = (kin or left)[0]
        left.remove(styles[label])
    return styles


def is_variant(label: str, name: str) -> bool:
    """Whether a label is a name with a suffix."""
    return label.startswith(name) and label[len(name) :].startswith(SEPARATORS)


@rc_context(LOOK)
def learning_curves(
    curves: Sequence[Curve],
    rng: np.random.Generator,
    *,
    title: str,
    step: str,
    metric: str,
    limit: float | None = None,
    less_is_better: bool = False,
    styles: Mapping[str, LineStyle] | None = None,
) -> bytes:
    """Grades against steps on a log axis that begins at 0, each line with its band.

    Args:
        curves: one for each method.
        rng: draws the resamples of the bands.
        title: above the picture.
        step: what is counted along the horizontal axis.
        metric: what is graded; scores below 0 are worse than random play and cut off.
        limit: the best possible value, drawn as a dashed line.
        less_is_better: the order of the legend: the best first, of equal ones the sooner.
        styles: of the lines, made from the labels of the curves if left out.
    """
    styles = styles or line_styles(curve.label for curve in curves)
    figure = _figure([curve.label for curve in curves])
    axes = figure.add_subplot(title=title, xlabel=step, ylabel=metric)
    quality = {}
    for curve in curves:
        middle = np.asarray(interquartile_mean(curve.values, axis=0))
        bands = np.array([bootstrap_interval(values, rng) for values in curve.values.T])
        style = styles[curve.label]
        axes.plot(curve.steps, middle, linestyle=style.dash, color=style.color, label=curve.label)
        axes.fill_between(curve.steps, *bands.T, color=style.color, alpha=0.14, linewidth=0)
        settled = curve.steps[np.argmax(middle == middle[-1])]
        quality[curve.label] = (middle[-1] if less_is_better else -middle[-1], settled)
    _step_axis(axes, np.concatenate([curve.steps for curve in curves]))
    if limit is not None:
        axes.axhline(limit, **LIMIT_LINE)
        inside = axes.get_yaxis_transform()
        axes.text(0.01, limit, f"limit {decimals(limit)}", transform=inside, va="bottom")
    low, high = axes.get_ylim()
    axes.set_ylim(max(low, -0.04 * high), high)
    _legend(figure, axes, sorted(quality, key=quality.__getitem__))
    return _png(figure)


@rc_context(LOOK)
def score_chart(
    scores: Mapping[str, Runs],
    rng: np.random.Generator,
    *,
    title: str,
    metric: str,
    limit: float | None = None,
    styles: Mapping[str, LineStyle] | None = None,
) -> bytes:
    """A row a method, the best on top: every run, the interquartile mean and its interval.

    Args:
        scores: of the runs of each method; more is better.
        rng: draws the resamples of the intervals.
        title: above the picture.
        metric: what the score is.
        limit: the best possible score, drawn as a dashed line.
        styles: whose colours the methods get, made from the methods if left out.
    """
    styles = styles or line_styles(scores)
    means = {method: float(interquartile_mean(runs)) for method, runs in scores.items()}
    methods = sorted(scores, key=means.__getitem__)
    figure = Figure(figsize=(WIDTH, 1.1 + 0.31 * len(methods)))
    axes = figure.add_subplot(title=title, xlabel=metric)
    for row, method in enumerate(methods):
        color = styles[method].color
        axes.plot(scores[method], np.full(len(scores[method]), row), "o", color=color, alpha=0.3)
        axes.plot(bootstrap_interval(scores[method], rng), [row, row], color=color, linewidth=3)
        axes.plot(means[method], row, "o", color=color, markersize=8, markeredgecolor="white")
        beside = axes.get_yaxis_transform()
        axes.text(1.02, row, decimals(means[method]), transform=beside, va="center_baseline")
    axes.set_yticks(range(len(methods)), methods)
    axes.grid(visible=False, axis="y")
    if limit is not None:
        axes.axvline(limit, **LIMIT_LINE)
        above = axes.get_xaxis_transform()
        axes.text(limit, 1.0, f"limit {decimals(limit)}", transform=above, va="bottom", ha="right")
    return _png(figure)


@rc_context(LOOK)
def performance_profiles(
    scores: Mapping[str, Runs],
    *,
    title: str,
    metric: str,
    limit: float,
    styles: Mapping[str, LineStyle] | None = None,
) -> bytes:
    """The share of each method's runs that score at least so much, from 0 to the limit.

    The axis of scores is stretched towards the limit, where good methods differ.

    Args:
        scores: of the runs of each method; more is better.
        title: above the picture.
        metric: what the score is.
        limit: the best possible score.
        styles: of the lines, made from the methods if left out.
    """
    styles = styles or line_styles(scores)
    thresholds = limit - np.append(np.geomspace(limit, NEAREST / 10.0, 1000), 0.0)
    figure = _figure(list(scores))
    axes = figure.add_subplot(title=title, xlabel=f"{metric}, at least", ylabel="share of runs")
    order = sorted(scores, key=lambda method: -float(interquartile_mean(scores[method])))
    for method in order:
        profile = performance_profile(scores[method], thresholds)
        style = styles[method]
        axes.plot(thresholds, profile, linestyle=style.dash, color=style.color, label=method)
    _stretch(axes, limit)
    axes.set_ylim(0.0, 1.02)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{share:.0%}"))
    _legend(figure, axes, order)
    return _png(figure)


def _step_axis(axes: Axes, steps: Float64[np.ndarray, " all"]) -> None:
    """A log axis from the first step above 0; what is below is linear, so that 0 has a place."""
    positive = steps[steps > 0]
    first, last = positive.min(), positive.max()
    axes.set_xscale("symlog", linthresh=first, linscale=0.3)
    decades = 10.0 ** np.arange(np.ceil(np.log10(first)), np.floor(np.log10(last)) + 1)
    ticks = np.unique(np.concatenate([steps[steps == 0], decades, [last]]))
    axes.set_xticks(ticks[(ticks == last) | (ticks <= 0.6 * last)])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda step, _: number(step)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlim(steps.min(), last)


def _stretch(axes: Axes, limit: float) -> None:
    """Scores by their distance to the limit on a log axis: 0.95 and 0.959 are far apart."""

    def forward(score: Float64[np.ndarray, " n"]) -> Float64[np.ndarray, " n"]:
        return -np.log10(np.maximum(limit - score, 0.0) + NEAREST)

    def inverse(place: Float64[np.ndarray, " n"]) -> Float64[np.ndarray, " n"]:
        return limit + NEAREST - 10.0**-place

    axes.set_xscale("function", functions=(forward, inverse))
    ticks = [round(limit - distance, places) for distance, places in TICKS_BELOW_LIMIT]
    axes.set_xticks([0.0, *ticks, limit], ["0", *map("{:g}".format, ticks), decimals(limit)])
    axes.set_xlim(0.0, limit)


def _figure(labels: Sequence[str]) -> Figure:
    """A figure with room for the legend of these labels below the plot."""
    num_rows = -(-len(labels) // _legend_columns(labels))
    return Figure(figsize=(WIDTH, PLOT_HEIGHT + LEGEND_ROW * num_rows))


def _legend_columns(labels: Sequence[str]) -> int:
    return 3 if max(map(len, labels)) <= LONGEST_IN_3_COLUMNS else 2


def _legend(figure: Figure, axes: Axes, order: Sequence[str]) -> None:
    """The names of the lines below the plot, in the given order, column by column."""
    handles, labels = axes.get_legend_handles_labels()
    of_label = dict(zip(labels, handles, strict=True))
    figure.legend(
        [of_label[label] for label in order],
        order,
        loc="outside lower center",
        ncols=_legend_columns(labels),
    )


def _png(figure: Figure) -> bytes:
    file = BytesIO()
    figure.savefig(file, format="png", dpi=DOTS_PER_INCH)
    return file.getvalue()
