"""The loss of a painting while it is painted, with its three terms."""

from collections.abc import Sequence
from io import BytesIO
from itertools import groupby
from typing import Any, Final

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from etude.benchmarks.plots import COLOURS, DOTS_PER_INCH, LOOK, PLOT_HEIGHT, WIDTH
from etude.generative.style.gatys import GatysSettings
from etude.generative.style.painting import Step

TERMS: Final = {"total": "all", "content": "content", "style": "style", "variation": "roughness"}
GREY: Final = "#444444"
LOWEST: Final = 0.02  # of the lowest loss: terms below it do not matter
BETWEEN_SIZES: Final[dict[str, Any]] = {
    "color": "#888888",
    "linewidth": 0.8,
    "linestyle": (0, (2, 2)),
}


@rc_context(LOOK)
def loss_curve(history: Sequence[Step], settings: GatysSettings, title: str) -> bytes:
    """A PNG file: the loss and its weighted terms against evaluations, on a log axis.

    Losses of different image sizes do not compare, so each size has lines of its own.

    Args:
        history: of the painting, at least one step.
        settings: whose weights the terms get.
        title: above the picture.
    """
    weights = {
        "total": 1.0,
        "content": settings.content_weight,
        "style": settings.style_weight,
        "variation": settings.variation_weight,
    }
    figure = Figure(figsize=(WIDTH, PLOT_HEIGHT))
    axes = figure.add_subplot(title=title, xlabel="evaluations", ylabel="loss", yscale="log")
    start = 0
    for size, group in groupby(history, key=lambda step: step.size):
        steps = list(group)
        _draw_size(axes, start, steps, weights)
        if start > 0:
            axes.axvline(start - 0.5, **BETWEEN_SIZES)
        middle, above = start + len(steps) / 2, axes.get_xaxis_transform()
        axes.text(middle, 0.97, f"{size} px", transform=above, va="top", ha="center", color=GREY)
        start += len(steps)
    axes.set_xlim(0, max(start - 1, 1))
    totals = [step.total for step in history]
    axes.set_ylim(LOWEST * min(totals), 1.5 * max(totals))
    figure.legend(loc="outside lower center", ncols=len(TERMS))
    file = BytesIO()
    figure.savefig(file, format="png", dpi=DOTS_PER_INCH)
    return file.getvalue()


def _draw_size(axes: Axes, start: int, steps: Sequence[Step], weights: dict[str, float]) -> None:
    """The lines of the steps at one size; terms without weight are left out."""
    evaluations = range(start, start + len(steps))
    for (term, label), color in zip(TERMS.items(), ("#222222", *COLOURS), strict=False):
        if weights[term] > 0.0:
            values = [weights[term] * getattr(step, term) for step in steps]
            width = 2.2 if term == "total" else 1.3
            name = label if start == 0 else None  # once in the legend
            axes.plot(evaluations, values, color=color, linewidth=width, label=name)
