"""What the suites of learners are about: the columns of their tables, the axes of their curves.

A study is a kind of task. Its lines are runs of methods that learn at random, a seed each. The
first column of its table ranks the methods, the second one those that are equal.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import numpy as np

from etude.benchmarks import results
from etude.benchmarks.gan_literature import reported_lines
from etude.benchmarks.statistics import bootstrap_interval, interquartile_mean
from etude.benchmarks.tables import Table, decimals, duration, number, percent, precise

BEST_SCORE: Final = (191 / 192 + 874 / 945) / 2
"Of wins minus losses against random tic-tac-toe, .959830, the mean of the seats; found by solving."
BEST_WIN_RATE: Final = (191 / 192 + 887 / 945) / 2
"Against random play, .966708, if losing matters no more than a draw."
BEST_WIN_RATE_UNBEATEN: Final = (191 / 192 + 866 / 945) / 2
"Against random play, .955597, without ever losing to anyone."
BOOTSTRAP_SEED: Final = 0
NEAR: Final = 0.001
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


def zeros(values: list[float]) -> str:
    """How many of the values are 0.

    >>> zeros([0.0, 1.0, 0.0])
    '2/3'
    """
    return f"{values.count(0.0)}/{len(values)}"


def metric(name: str, line: Line) -> float | None:
    """A metric of a run, if it has it."""
    value: float | None = line["metrics"].get(name)
    return value


def wall_seconds(line: Line) -> float | None:
    """How long a run took."""
    seconds: float | None = line.get("seconds")
    return seconds


def share_won(opponent: str, line: Line) -> float | None:
    """The share of a run's games against an opponent that were won, if there were any."""
    wins, draws, losses = (
        line["metrics"].get(f"{end}_{opponent}", 0.0) for end in ("wins", "draws", "losses")
    )
    return wins / (wins + draws + losses) if wins + draws + losses else None


def gap_to_optimum(line: Line) -> float | None:
    """How far a run ends from the nearer of two optima: wins minus losses, and wins alone."""
    score, win_rate = metric("score", line), metric("win_rate", line)
    if score is None or win_rate is None:
        return None
    return min(BEST_SCORE - score, BEST_WIN_RATE - win_rate)


def runs(values: list[float]) -> str:
    """How many runs there are; nothing for what a paper reports.

    >>> runs([1.0, 1.0]), runs([])
    ('2', '')
    """
    return str(len(values)) if values else ""


def near_zero(values: list[float]) -> str:
    """How many of the values are at most ``NEAR``.

    >>> near_zero([0.0005, 0.0, 0.3])
    '2/3'
    """
    return f"{sum(value <= NEAR for value in values)}/{len(values)}"


def steps_to_zero(line: Line) -> float | None:
    """The first step at which a run's curve is 0, if it ever is."""
    return next((step for step, value in line.get("curve", []) if value == 0.0), None)


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


SCORE: Final = column("score", f"score (limit {decimals(BEST_SCORE)})", decimals)
NASH_CONV: Final = column("nash_conv", "NashConv", number)
WINS: Final = column("win_rate", f"wins (limit {percent(BEST_WIN_RATE)})", percent)
ILLEGAL: Final = column("illegal", "illegal", percent)
DRAWS: Final = column("draws_minimax", "draws vs perfect", percent)
AT_OPTIMUM: Final = Column(f"within {NEAR:g} of a limit", gap_to_optimum, near_zero)
PERFECT: Final = Column("runs at 0", partial(metric, "nash_conv"), zeros)
CPU_TIME: Final = column("cpu_seconds", "CPU time", duration)
TIME: Final = Column("wall time", wall_seconds, partial(estimate, form=duration))
RUNS: Final = Column("runs", lambda line: 1.0 if "seed" in line else None, runs)
CELLS_NOTE: Final = "Interquartile mean of the runs (95 % bootstrap interval)."
GRADES_NOTE: Final = (
    "Score: wins minus losses against random play, mean of both seats, exactly; its limit is "
    f"{BEST_SCORE:.6f}. Wins: at most {BEST_WIN_RATE:.6f}, or {BEST_WIN_RATE_UNBEATEN:.6f} without "
    "ever losing. NashConv: 0 is perfect, 2 is beaten in both seats."
)


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


AGAINST_RANDOM: Final = Study(
    columns=(SCORE, WINS, AT_OPTIMUM, ILLEGAL, DRAWS, NASH_CONV, TIME, RUNS),
    step="decisions",
    curve="score",
    limit=BEST_SCORE,
    note=GRADES_NOTE,
)
BY_SELF_PLAY: Final = Study(
    columns=(
        NASH_CONV,
        Column("games to NashConv 0", steps_to_zero, partial(estimate, form=number)),
        PERFECT,
        SCORE,
        WINS,
        DRAWS,
        TIME,
        RUNS,
    ),
    less_is_better=True,
    step="games",
    curve="NashConv",
    limit=0.0,
    note=GRADES_NOTE,
)
TUNING: Final = replace(AGAINST_RANDOM, columns=(SCORE, DRAWS, CPU_TIME, RUNS))
CONNECT_FOUR: Final = Study(
    columns=(
        column("accuracy", "right moves", percent),
        column("decision_accuracy", "right decisions", percent),
        column("uniform_decision_accuracy", "random ones", percent),
        *(
            Column(
                f"beats {opponent}", partial(share_won, opponent), partial(estimate, form=percent)
            )
            for opponent in ("minimax", "stubborn", "demanding")
        ),
        CPU_TIME,
        RUNS,
    ),
    step="games",
    curve="accuracy",
    limit=1.0,
    note="Right moves keep the exact value of a position; a decision is a position in which some "
    "move does not. Matches are won moving first, against players who never err: minimax moves at "
    "random where it is lost, the stubborn one loses as late as it can, the demanding one leaves "
    "the fewest right answers. Time is that of learning.",
)
FOUR_IN_A_ROW: Final = Study(
    columns=(
        NASH_CONV,
        column("games", "games", number),
        column("cpu_seconds_to_zero", "CPU time of learning", duration),
        column("cpu_seconds_of_tables", "of tables", duration),
        column("cpu_seconds_of_grade", "of the grade", duration),
        column("win_rate", "wins against random", percent),
        column("gap_to_limit", "gap to the most without losing", number),
        RUNS,
    ),
    step="games",
    curve="NashConv",
    less_is_better=True,
    note="NashConv is computed over all reachable positions, with every tied move playable. "
    "Compiling, once on every machine, is not in the times.",
)
SIGNED: Final = "{:+.3f}".format
TUNERS: Final = Study(
    columns=(
        *(column(split, split, SIGNED) for split in ("test", "test_ood", "train")),
        *(
            column(f"{split}_{name}", f"{split}: {heading}", form)
            for name, heading, form in (
                ("above_static", "above best static", SIGNED),
                ("way_to_oracle", "way to the oracle", percent),
                ("above_oracle_share", "paintings above the oracle", percent),
            )
            for split in ("test", "test_ood")
        ),
        TIME,
        RUNS,
    ),
    step="steps",
    curve="return on train",
    note="Return: what the held-out judge's quality gains from the photograph to the painting, the "
    "mean of 64 instances. The oracle has the best constant weights for each of them, so a policy "
    "that changes its weights can do better.",
)
PAIRS: Final = Study(
    columns=(
        column("return", "return", SIGNED),
        column("above_default", "above default weights", SIGNED),
        column("above_static", "above best static", SIGNED),
        replace(RUNS, heading="pairs"),
    ),
    note="A pair is a photograph and a style that the agent has not seen.",
)
TOY_NOTE: Final = (
    "50,000 samples, modes among the first 2,500: one counts if it is nearest to a high-quality "
    "one. High quality: within 3 sigma of a mean; of real samples 98.89 %, and more is no "
    "better: it means that tails are missing. Width: deviation within the modes over the true one. "
    "KL(samples, data) by nearest neighbours: 0.01 of real samples. CPU time is that of training."
)
CLOUDS: Final = Study(
    columns=(
        column("modes", "modes", "{:.4g}".format),
        column("high_quality", "high quality", precise),
        column("reverse_kl", "reverse KL", "{:.4f}".format),
        column("width_ratio", "width (truth 1)", decimals),
        column("kl", "KL(samples, data)", number),
        CPU_TIME,
        RUNS,
    ),
    step="steps",
    curve="high-quality share",
    note=TOY_NOTE,
    reported=reported_lines,
)
STACKS: Final = Study(
    columns=(
        column("modes", "modes of 1000", "{:.4g}".format),
        column("kl", "KL over modes", "{:.4f}".format),
        column("real_kl", "of real samples", "{:.4f}".format),
        column("confidence", "confidence of the judge", percent),
        column("frechet", "Frechet distance", number),
        CPU_TIME,
        RUNS,
    ),
    step="steps",
    curve="modes",
    limit=1000.0,
    note="26,000 samples, named by a small classifier of scikit-learn's digits; the papers' digits "
    "are MNIST's, 28 pixels wide. CPU time is that of training.",
    reported=reported_lines,
)
STUDIES: Final[dict[str, dict[str, Study]]] = {  # by suite, and by how its tasks begin
    "tictactoe": {"self-play": BY_SELF_PLAY, "": AGAINST_RANDOM},
    "tuning": {"": TUNING},
    "connect_four": {"": CONNECT_FOUR},
    "four_in_a_row": {"": FOUR_IN_A_ROW},
    "gan_toy": {"stacked": STACKS, "ring8": CLOUDS, "grid25": CLOUDS},
    "style_weights": {"gain": PAIRS, "return": TUNERS, "search": Study(step="paintings")},
}


def study_of(suite: str, task: str) -> Study | None:
    """The study that a task belongs to, or None if nothing is learned in its suite."""
    tasks = STUDIES.get(suite, {})
    return next((study for start, study in tasks.items() if task.startswith(start)), None)


def ranked(study: Study, lines: list[Line]) -> list[str]:
    """The methods of a task, the best first."""
    ranking = study.columns_for(lines)[:2]
    sign = 1.0 if study.less_is_better else -1.0

    def rank(method: str) -> list[float]:
        runs = [line for line in lines if line["method"] == method]
        numbers = [np.array(column.values(runs)) for column in ranking]
        return [sign * float(interquartile_mean(n)) if n.size else np.inf for n in numbers]

    return sorted(results.columns(lines, "method"), key=rank)


def learning_table(study: Study, task: str, lines: list[Line]) -> Table:
    """The table of a task: a row a method, the best first and emphasised; then what papers say."""
    columns = study.columns_for(lines)
    rows = []
    for method in ranked(study, lines):
        own = [line for line in lines if line["method"] == method]
        rows.append((method, *(column.cell(column.values(own)) for column in columns)))
    for line in study.reported(task):
        rows.append((line["method"], *(column.cell(column.values([line])) for column in columns)))
    return Table(
        caption=task,
        heading=("method", *(column.heading for column in columns)),
        rows=tuple(rows),
        best=0,
        note=f"{CELLS_NOTE} {study.note}".strip(),
    )


def _column_of(name: str) -> Column:
    """A metric that no study names, formatted by what its name ends in."""
    words = name.replace("_", " ")
    if words.endswith("seconds"):
        return column(name, words.removesuffix("seconds") + "time", duration)
    return column(name, words, percent if name.endswith(PERCENTAGES) else number)
