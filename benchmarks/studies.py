"""What the suites of learners are about; see ``study``."""

from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np

from etude.benchmarks import cdbn_studies, gan_studies, results, text_studies
from etude.benchmarks.statistics import interquartile_mean
from etude.benchmarks.study import (
    CELLS_NOTE,
    CPU_TIME,
    RUNS,
    TIME,
    Column,
    Line,
    Study,
    column,
    estimate,
    metric,
)
from etude.benchmarks.tables import Table, decimals, duration, number, percent

BEST_SCORE: Final = (191 / 192 + 874 / 945) / 2
"Of wins minus losses against random tic-tac-toe, .959830, the mean of the seats; found by solving."
BEST_WIN_RATE: Final = (191 / 192 + 887 / 945) / 2
"Against random play, .966708, if losing matters no more than a draw."
BEST_WIN_RATE_UNBEATEN: Final = (191 / 192 + 866 / 945) / 2
"Against random play, .955597, without ever losing to anyone."
NEAR: Final = 0.001


def zeros(values: list[float]) -> str:
    """How many of the values are 0.

    >>> zeros([0.0, 1.0, 0.0])
    '2/3'
    """
    return f"{values.count(0.0)}/{len(values)}"


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


def near_zero(values: list[float]) -> str:
    """How many of the values are at most ``NEAR``.

    >>> near_zero([0.0005, 0.0, 0.3])
    '2/3'
    """
    return f"{sum(value <= NEAR for value in values)}/{len(values)}"


def steps_to_zero(line: Line) -> float | None:
    """The first step at which a run's curve is 0, if it ever is."""
    return next((step for step, value in line.get("curve", []) if value == 0.0), None)


SCORE: Final = column("score", f"score (limit {decimals(BEST_SCORE)})", decimals)
NASH_CONV: Final = column("nash_conv", "NashConv", number)
WINS: Final = column("win_rate", f"wins (limit {percent(BEST_WIN_RATE)})", percent)
ILLEGAL: Final = column("illegal", "illegal", percent)
DRAWS: Final = column("draws_minimax", "draws vs perfect", percent)
AT_OPTIMUM: Final = Column(f"within {NEAR:g} of a limit", gap_to_optimum, near_zero)
PERFECT: Final = Column("runs at 0", partial(metric, "nash_conv"), zeros)
GRADES_NOTE: Final = (
    "Score: wins minus losses against random play, mean of both seats, exactly; its limit is "
    f"{BEST_SCORE:.6f}. Wins: at most {BEST_WIN_RATE:.6f}, or {BEST_WIN_RATE_UNBEATEN:.6f} without "
    "ever losing. NashConv: 0 is perfect, 2 is beaten in both seats."
)
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
STUDIES: Final[dict[str, dict[str, Study]]] = {  # by suite, and by how its tasks begin
    "tictactoe": {"self-play": BY_SELF_PLAY, "": AGAINST_RANDOM},
    "tuning": {"": TUNING},
    "connect_four": {"": CONNECT_FOUR},
    "four_in_a_row": {"": FOUR_IN_A_ROW},
    "features": cdbn_studies.STUDIES,
    "gan_images": {
        "digits": gan_studies.DIGITS,
        "BigGAN's truncation": gan_studies.DIGITS,
        "scenes": gan_studies.SCENES,
    },
    "gan_toy": {
        "stacked": gan_studies.STACKS,
        "ring8": gan_studies.CLOUDS,
        "grid25": gan_studies.CLOUDS,
    },
    "super_resolution": {"x": gan_studies.SUPER_RESOLUTION},
    "sweep": {"TD": replace(BY_SELF_PLAY, columns=(NASH_CONV, PERFECT, SCORE, WINS, DRAWS, RUNS))},
    "style_weights": {"gain": PAIRS, "return": TUNERS, "search": Study(step="paintings")},
    "text_style": {"training": text_studies.COST, "": text_studies.EXERCISES},
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
