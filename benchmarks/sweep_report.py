"""What came of a sweep: the best trials as a table, all of them as a picture, plain values."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullFormatter
from optuna.trial import FrozenTrial, TrialState

from etude.benchmarks.plots import COLOURS, DOTS_PER_INCH, LOOK
from etude.benchmarks.search_space import Range, Space
from etude.benchmarks.sweep import Plan, in_a_word, settings_of
from etude.benchmarks.tables import Table, number
from etude.foundations.files import replacing

NUM_BEST: Final = 5
PANEL: Final = 3.1  # inches
MAX_COLUMNS: Final = 3
MARGIN: Final = 0.05
STATES: Final = {TrialState.COMPLETE: "whole", TrialState.PRUNED: "given up"}
POINT: Final[dict[str, Any]] = {"s": 26, "linewidths": 0.5, "edgecolors": "white"}


def best_first(trials: Sequence[FrozenTrial], less_is_better: bool) -> list[FrozenTrial]:
    """The trials that came to their end, the best first; of equals the earlier one."""
    whole = [trial for trial in trials if trial.state == TrialState.COMPLETE]
    return sorted(whole, key=lambda t: (value_of(t) if less_is_better else -value_of(t), t.number))


def value_of(trial: FrozenTrial) -> float:
    """The objective of a whole trial."""
    assert trial.value is not None
    return trial.value


def best_table(plan: Plan, trials: Sequence[FrozenTrial]) -> Table:
    """The best trials, and the defaults if they were tried first."""
    ranked = best_first(trials, plan.subject.less_is_better)
    shown = ranked[:NUM_BEST]
    shown += [trial for trial in ranked[NUM_BEST:] if trial.number == 0]
    given_up = sum(trial.state == TrialState.PRUNED for trial in trials)
    failed = sum(trial.state == TrialState.FAIL for trial in trials)
    rows = []
    for trial in shown:
        settings = settings_of(trial.params, plan.space)
        name = str(ranked.index(trial) + 1)
        rows.append((name, number(value_of(trial)), *map(in_a_word, settings.values())))
    return Table(
        caption=plan.subject.task,
        heading=("rank", plan.subject.objective, *plan.space),
        rows=tuple(rows),
        best=0 if rows else None,
        note=f"{len(trials)} trials, the first with the defaults if the ranges have them; the mean "
        f"of {plan.num_seeds} runs each. {given_up} were given up early, {failed} failed.",
    )


def outcome(plan: Plan, trials: Sequence[FrozenTrial], folder: Path) -> dict[str, Any]:
    """The trials as plain values."""
    ranked = best_first(trials, plan.subject.less_is_better)
    lines = [
        {
            "settings": settings_of(trial.params, plan.space),
            "value": trial.value if trial.state == TrialState.COMPLETE else None,
            "state": STATES.get(trial.state, "failed"),
        }
        for trial in trials
    ]
    return {
        "task": plan.subject.task,
        "objective": plan.subject.objective,
        "best": lines[list(trials).index(ranked[0])] if ranked else None,
        "trials": lines,
        "folder": str(folder),
    }


def draw(path: Path, plan: Plan, trials: Sequence[FrozenTrial]) -> None:
    """The objective of the trials in their order, and over each setting.

    Raises:
        OSError: the file cannot be written.
    """
    num_panels = 1 + len(plan.space)
    num_columns = 2 if num_panels == 4 else min(num_panels, MAX_COLUMNS)
    num_rows = -(-num_panels // num_columns)
    with rc_context(LOOK):
        figure = Figure(figsize=(PANEL * num_columns, PANEL * 0.85 * num_rows))
        panels = list(np.atleast_1d(figure.subplots(num_rows, num_columns, sharey=True)).flat)
        for panel in panels[num_panels:]:
            panel.remove()
        figure.suptitle(plan.subject.task, fontsize=11, x=0.01, ha="left")
        _draw_history(panels[0], plan, trials)
        for panel, name in zip(panels[1:num_panels], plan.space, strict=True):
            _draw_slice(panel, name, plan.space, trials)
        for number, panel in enumerate(panels[:num_panels]):
            if number % num_columns == 0:
                panel.set_ylabel(plan.subject.objective.replace("_", " "))
            if number:
                panel.set_title("darker: later", fontsize=8, fontweight="normal", loc="right")
        content = BytesIO()
        figure.savefig(content, format="png", dpi=DOTS_PER_INCH)
    with replacing(path) as partial:
        partial.write_bytes(content.getvalue())


def _shown(trial: FrozenTrial) -> float:
    """The objective of a trial, or the last look at one that was given up."""
    if trial.state == TrialState.COMPLETE:
        return value_of(trial)
    looks = trial.intermediate_values
    return looks[max(looks)] if looks else float("nan")


def _draw_history(axes: Axes, plan: Plan, trials: Sequence[FrozenTrial]) -> None:
    for state, marker, colour in (
        (TrialState.COMPLETE, "o", COLOURS[0]),
        (TrialState.PRUNED, "X", COLOURS[1]),
    ):
        points = [(i + 1, _shown(t)) for i, t in enumerate(trials) if t.state == state]
        if points:
            axes.scatter(
                *zip(*points, strict=True),
                marker=marker,
                color=colour,
                label=STATES[state],
                **POINT,
            )
    whole = [(i + 1, value_of(t)) for i, t in enumerate(trials) if t.state == TrialState.COMPLETE]
    if whole:
        steps, values = map(np.array, zip(*whole, strict=True))
        keep = np.minimum if plan.subject.less_is_better else np.maximum
        axes.step(
            np.append(steps, len(trials)),
            np.append(keep.accumulate(values), keep.reduce(values)),
            where="post",
            color=COLOURS[2],
            label="best so far",
            zorder=0,
        )
        axes.legend(
            fontsize=8,
            handlelength=1.2,
            columnspacing=1.0,
            ncols=3,
            loc="lower left",
            bbox_to_anchor=(-0.05, 0.98),
        )
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.set_xlabel("trial")


def _draw_slice(axes: Axes, name: str, space: Space, trials: Sequence[FrozenTrial]) -> None:
    values = space[name]
    whole = [trial for trial in trials if trial.state == TrialState.COMPLETE]
    words = [] if isinstance(values, Range) else list(values.values)
    drawn = [trial.params[name] for trial in whole]
    places = [words.index(word) for word in drawn] if words else drawn
    order = [trials.index(trial) for trial in whole]
    axes.scatter(places, [value_of(t) for t in whole], c=order, cmap="viridis_r", **POINT)
    if words:
        axes.set_xticks(range(len(words)), words)
        axes.set_xlim(-0.5, len(words) - 0.5)
    elif isinstance(values, Range):
        if values.is_log:
            axes.set_xscale("log")
            axes.xaxis.set_minor_formatter(NullFormatter())
        margin = MARGIN * (values.high - values.low)
        axes.set_xlim(
            values.low / (1 + MARGIN) if values.is_log else values.low - margin,
            values.high * (1 + MARGIN) if values.is_log else values.high + margin,
        )
    axes.set_xlabel(name.replace("_", " "))
