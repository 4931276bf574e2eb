"""Reports: from lines of results to tables, between marks, and to a page."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from etude.benchmarks import report, results
from etude.benchmarks.equal_score import equal_score_tables, seconds_to_score
from etude.benchmarks.pictures import common_steps, curves_of, pictures
from etude.benchmarks.results import Result
from etude.benchmarks.studies import (
    AGAINST_RANDOM,
    AT_OPTIMUM,
    BEST_SCORE,
    BEST_WIN_RATE,
    BY_SELF_PLAY,
    learning_table,
    near_zero,
    share_won,
    steps_to_zero,
    study_of,
)
from etude.benchmarks.study import estimate
from etude.benchmarks.suite_tables import repetition_table, tables_of
from etude.benchmarks.tables import number
from etude.envs.mnk.best_response import best_response
from etude.envs.mnk.rules import FIRST, SECOND, MNKRules
from etude.envs.mnk.state_space import state_space
from etude.envs.mnk.tabular_policy import uniform_policy

TASK = "against random, 50,000 decisions"


def speed(method: str, seed: int, plies: float) -> Result:
    return Result(
        suite="throughput",
        task="a task",
        method=method,
        seed=seed,
        metrics={"plies_per_cpu_second": plies},
        seconds=1.0,
    )


def learned(method: str, seed: int, score: float, seconds: float, task: str = TASK) -> Result:
    """A run whose score grows evenly, from 0 after 0 seconds, in ten steps."""
    shares = np.linspace(0.0, 1.0, 11)
    return Result(
        suite="tictactoe",
        task=task,
        method=method,
        seed=seed,
        metrics={"score": score, "illegal": 0.0, "nash_conv": 1.0},
        curve=[(1000.0 * share, score * share) for share in shares],
        curve_seconds=[float(seconds * share) for share in shares],
        seconds=seconds,
    )


def lines_of(tmp_path: Path, found: Iterator[Result] | list[Result]) -> list[dict[str, Any]]:
    path = tmp_path / "results.jsonl"
    for result in found:
        results.append(path, result)
    return results.read(path)


def test_limits_are_those_of_the_solver() -> None:
    space = state_space(MNKRules(3, 3, 3))
    uniform = uniform_policy(space)
    for limit, payoffs in ((BEST_SCORE, (1.0, 0.0, -1.0)), (BEST_WIN_RATE, (1.0, 0.0, 0.0))):
        seats = [best_response(space, uniform, side, payoffs).value for side in (FIRST, SECOND)]
        assert limit == pytest.approx(np.mean(seats), abs=1e-12)


def test_speeds_are_compared_with_the_first_method_round_by_round() -> None:
    lines = [
        {"method": method, "metrics": {"plies_per_cpu_second": plies}}
        for method, plies in (("ours", 1e6), ("theirs", 2e5), ("ours", 4e6), ("theirs", 4e5))
    ]
    table = repetition_table("a task", lines)
    assert table.heading == ("method", "plies per cpu second", "ratio")
    assert table.rows == (
        ("ours", "2.5 M (1 M to 4 M)", "1 (1 to 1)"),
        ("theirs", "300 k (200 k to 400 k)", "7.5 (5 to 10)"),
    )


def test_learners_are_ranked_and_estimated(tmp_path: Path) -> None:
    runs = [learned("dqn", seed, score, 60.0) for seed, score in enumerate((0.5, 0.6, 0.9, 0.7))]
    runs += [learned("book", seed, 0.95, 2.0) for seed in range(3)]
    table = learning_table(AGAINST_RANDOM, TASK, lines_of(tmp_path, runs))
    cells = dict(zip(table.heading, zip(*table.rows, strict=True), strict=True))
    assert cells["method"] == ("book", "dqn")
    assert cells["score (limit 0.9598)"][0] == "0.9500"
    assert cells["score (limit 0.9598)"][1].startswith("0.6500 (0.5")
    assert cells["wall time"] == ("2 s", "60 s")
    assert cells["runs"] == ("3", "4")
    assert "draws vs perfect" not in cells  # no run has it
    assert table.best == 0
    assert "0.959830" in table.note


def test_failures_read_as_shares_of_the_runs() -> None:
    lines = [
        {"method": method, "metrics": {"nash_conv": value}, "curve": [(0, 2.0), (steps, value)]}
        for method, steps, values in (
            ("slow", 90, (0.0, 0.0, 0.0)),
            ("failing", 10, (0.0, 1.0, 2.0)),
            ("fast", 10, (0.0, 0.0, 0.0)),
        )
        for value in values
    ]
    table = learning_table(BY_SELF_PLAY, "self-play", lines)
    columns = dict(zip(table.heading, zip(*table.rows, strict=True), strict=True))
    assert columns["method"] == ("fast", "slow", "failing")
    assert columns["runs at 0"] == ("3/3", "3/3", "1/3")
    assert columns["games to NashConv 0"] == ("10", "90", "10")
    assert [steps_to_zero(line) for line in lines[3:5]] == [10, None]


def test_estimates_name_a_shared_unit_once() -> None:
    assert estimate([2000.0] * 3, number) == "2 k"
    assert estimate([1000.0, 2000.0], number) == "1.5 k (1 to 2)"
    assert estimate([500.0, 1500.0], number) == "1 k (500 to 1.5 k)"
    assert estimate([], number) == ""


def test_every_suite_of_learners_is_known_by_task() -> None:
    assert study_of("tictactoe", "self-play") is BY_SELF_PLAY
    assert study_of("tictactoe", TASK) is AGAINST_RANDOM
    assert study_of("connect_four", "anything") is not None
    assert study_of("throughput", TASK) is None


def test_time_to_equal_score_is_read_off_the_curve(tmp_path: Path) -> None:
    """A table grows to .9 in 10 s, so it has .45 in 5 s; the network took 100 s."""
    runs = [learned("book", seed, 0.9, 10.0) for seed in range(3)]
    runs += [learned("dqn_masked", seed, 0.45, 100.0) for seed in range(3)]
    runs += [learned("maskable_ppo", seed, score, 40.0) for seed, score in enumerate((0.89, 0.95))]
    runs += [learned("ppo_masked", 1, 0.99, 40.0)]
    ratios, chances = equal_score_tables(TASK, lines_of(tmp_path, runs))
    assert ratios.heading == ("times sooner", "dqn_masked", "maskable_ppo", "ppo_masked")
    assert [row[0] for row in ratios.rows] == ["its score", "its wall time", "book"]
    assert ratios.rows[1] == ("its wall time", "100 s", "40 s", "40 s")
    assert ratios.rows[2] == ("book", "20", "1/2: 4", "0/1")
    assert chances.rows == (("book", "100 %", "50 %", "0 %"),)


def test_the_start_of_a_curve_is_no_time() -> None:
    """Else a table that knows the game before it learns would be infinitely faster."""
    line = {"curve": [(0, 0.7), (1, 0.8), (2, 0.9)], "curve_seconds": [0.0, 1.0, 3.0]}
    assert [seconds_to_score(line, score) for score in (0.5, 0.8, 0.81, 0.91)] == [1, 1, 3, None]


def test_without_networks_or_times_nothing_is_compared(tmp_path: Path) -> None:
    runs = [learned("book", 0, 0.9, 10.0), learned("dqn", 0, 0.5, 10.0)]
    lines = lines_of(tmp_path, runs)
    assert equal_score_tables(TASK, lines) == []
    lines += [lines[0] | {"method": "dqn_masked"}]
    assert len(equal_score_tables(TASK, lines)) == 2
    lines[0] |= {"curve_seconds": []}
    assert equal_score_tables(TASK, lines) == []


def test_curves_with_other_steps_keep_their_last_value() -> None:
    run = np.array([[0.0, 0.1], [10.0, 0.2], [100.0, 0.3]])
    assert common_steps([run[:, 0], run[:, 0]]).tolist() == [0.0, 10.0, 100.0]
    spaced = common_steps([run[:, 0], np.array([0.0, 20.0, 300.0])])
    assert spaced[[0, 1, -1]] == pytest.approx([0.0, 20.0, 300.0])
    assert (np.diff(spaced) > 0).all()
    other = [[0.0, 0.1], [20.0, 0.7], [300.0, 0.8]]
    runs = {"td": [run.tolist(), other], "once": [[[0, 1]]]}
    lines = [{"method": name, "curve": curve} for name in runs for curve in runs[name]]
    (curve,) = curves_of(lines)
    assert curve.label == "td"
    assert curve.values[:, 0].tolist() == [0.1, 0.1]
    assert curve.values[:, -1].tolist() == [0.3, 0.8]


def test_tables_replace_what_stands_between_the_marks(tmp_path: Path) -> None:
    path, page = tmp_path / "results.jsonl", tmp_path / "README.md"
    results.append(path, speed("ours", 0, 1e6))
    marks = [mark.format(suite="throughput") for mark in (report.BEGIN, report.END)]
    page.write_text(f"before\n{marks[0]}\nold\n{marks[1]}\nafter\n")
    report.report(path, into=page)
    text = page.read_text()
    assert "| ours | 1 M |" in text
    assert "old" not in text
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    page.write_text("no marks")
    with pytest.raises(ValueError, match="add both lines"):
        report.report(path, into=page)
    assert page.read_text() == "no marks"


def test_tables_of_speeds_are_written_as_before(tmp_path: Path) -> None:
    lines = lines_of(tmp_path, [speed("ours", 0, 1e6), speed("theirs", 0, 5e5)])
    text = report.markdown(lines)
    assert text.startswith(
        "**a task**\n\n"
        "| method | plies per cpu second | ratio |\n"
        "| --- | --- | --- |\n"
        "| ours | 1 M | 1 |\n"
        "| theirs | 500 k | 2 |\n\n"
        "Measured on "
    )


def test_the_page_has_every_suite_with_its_pictures(tmp_path: Path) -> None:
    runs = [speed("ours", 0, 1e6)]
    runs += [learned("book", seed, 0.9 + 0.01 * seed, 1.0) for seed in range(2)]
    runs += [learned("dqn_masked", seed, 0.8, 90.0) for seed in range(2)]
    lines_of(tmp_path, runs)
    report.report(tmp_path / "results.jsonl", html=tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    for part in ("throughput", f"tictactoe: {TASK}", "Time to equal score", "Measured on"):
        assert part in text
    assert text.count("<img") == 3  # curves, scores, profile


def test_a_tournament_is_shown_as_it_was_measured(tmp_path: Path) -> None:
    result = Result(
        suite="tournament", task="3,3,3", method="td", seed=0, metrics={"elo": 1512.0}, seconds=1.0
    )
    (table,) = tables_of(lines_of(tmp_path, [result]))
    assert table.rows == (("td", "1.51 k"),)


def test_where_there_are_no_results_the_way_to_them_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="run `etude bench"):
        report.report(tmp_path / "results.jsonl")


def test_results_keep_the_seconds_of_their_curve(tmp_path: Path) -> None:
    lines_of(tmp_path, [learned("td", 0, 1.0, 10.0)])
    line = json.loads((tmp_path / "results.jsonl").read_text())
    assert line["curve_seconds"] == pytest.approx(np.linspace(0.0, 10.0, 11))


def test_matches_are_shares_of_the_games_that_were_played() -> None:
    line = {"metrics": {"wins_stubborn": 3.0, "draws_stubborn": 1.0, "losses_stubborn": 2.0}}
    assert share_won("stubborn", line) == 0.5
    assert share_won("demanding", line) is None


def test_pictures_are_files_named_by_suite_task_and_kind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines_of(tmp_path, [learned("book", 0, 0.9, 1.0), learned("dqn", 0, 0.8, 9.0)])
    report.report(tmp_path / "results.jsonl", pictures=tmp_path / "new")
    stem = "tictactoe-against-random-50000-decisions"
    for kind in ("curves", "scores", "profile"):
        path = tmp_path / "new" / f"{stem}-{kind}.png"
        assert path.read_bytes().startswith(b"\x89PNG")
    assert capsys.readouterr().out.count("wrote ") == 3


def test_the_same_learning_in_plain_python_is_drawn_once(tmp_path: Path) -> None:
    runs = [learned(method, 0, 0.9, 1.0) for method in ("book-python", "book")]
    lines = lines_of(tmp_path, [*runs, learned("dyna-python", 0, 0.8, 9.0)])
    drawn, without = (
        pictures(AGAINST_RANDOM, TASK, chosen)
        for chosen in (lines, [line for line in lines if line["method"] != "book-python"])
    )
    assert drawn.keys() == {"curves", "scores", "profile"}
    assert drawn == without


def test_runs_near_either_optimum_are_counted() -> None:
    ends = [(BEST_SCORE, 0.9), (0.9, BEST_WIN_RATE - 0.0009), (0.95, 0.96), (BEST_SCORE, 0.966)]
    lines = [{"metrics": {"score": score, "win_rate": rate}} for score, rate in ends]
    assert near_zero(AT_OPTIMUM.values(lines)) == "3/4"
    assert AT_OPTIMUM.values([{"metrics": {"score": 0.9}}]) == []
