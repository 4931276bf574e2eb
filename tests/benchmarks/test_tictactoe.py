"""The comparison on tic-tac-toe: what is planned, and what one run measures."""

import pytest

from etude.agents.presets import MOST_POINTS, NEVER_LOSES, OPTIMA
from etude.benchmarks import tictactoe
from etude.benchmarks.learning_curve import LearningCurve, log_spaced
from etude.benchmarks.results import Result
from etude.benchmarks.runner import Run


def execute(run: Run) -> Result:
    shares: list[float] = []
    result = run.execute(run, shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    return result


def test_the_perfect_preset_reaches_its_optimum_and_its_curve_ends_at_0() -> None:
    result = execute(tictactoe.self_play_run("perfect", 0))
    assert result.metrics["nash_conv"] == 0.0
    assert result.metrics["win_rate"] == pytest.approx(OPTIMA[NEVER_LOSES], abs=1e-12)
    assert result.metrics["loss_rate"] == 0.0
    assert result.metrics["draws_minimax"] == pytest.approx(1.0)
    assert result.curve[0] == (10.0, 2.0)
    assert result.curve[-1] == (600.0, 0.0)
    assert len(result.curve) == len(result.curve_seconds)
    assert list(result.curve_seconds) == sorted(result.curve_seconds)
    assert result.seconds == result.curve_seconds[-1]


def test_the_compiled_row_has_the_numbers_of_the_readable_one() -> None:
    pure, compiled = (
        execute(tictactoe.against_random_run(method, 3, 2_000))
        for method in ("book-python", "book")
    )
    assert pure.curve == compiled.curve
    timeless = {name for name in pure.metrics if not name.endswith("seconds")}
    assert {name: pure.metrics[name] for name in timeless} == {
        name: compiled.metrics[name] for name in timeless
    }


def test_budgets_are_counted_in_decisions_of_the_learner() -> None:
    table = execute(tictactoe.against_random_run("book", 0, 1_000)).metrics
    assert 1_000 <= table["decisions"] <= 1_004  # at most the rest of one game more
    assert 2.0 < table["decisions"] / table["games"] < 5.0
    pytest.importorskip("sb3_contrib")
    run = tictactoe.baseline_run("a2c", 0, 1_000)
    result = execute(run)
    assert result.metrics["decisions"] == 1_000
    assert result.curve[-1] == pytest.approx((1_000.0, result.metrics["score"]))
    assert result.metrics["score"] < OPTIMA[MOST_POINTS]


def test_the_plan_has_every_method_and_seed_once() -> None:
    runs = list(tictactoe.plan(seeds=2))
    keys = [(run.task, run.method, run.seed) for run in runs]
    assert len(set(keys)) == len(keys)
    assert {run.method for run in runs} >= set(tictactoe.BY_SELF_PLAY)
    assert {run.seed for run in runs} == {0, 1}
    quick = list(tictactoe.plan(quick=True))
    assert sum(run.cost for run in quick) < 0.1 * sum(run.cost for run in tictactoe.plan())


def test_an_unknown_method_gets_the_nearest_name() -> None:
    with pytest.raises(ValueError, match="perfect"):
        tictactoe.tictactoe(methods=("perfekt",))
    with pytest.raises(ValueError, match="--seeds is at least 1, got 0"):
        tictactoe.tictactoe(seeds=0)


def test_a_learning_curve_looks_at_the_first_step_after_each_mark() -> None:
    curve: LearningCurve[float] = LearningCurve(log_spaced(1, 100, 5), lambda learner: learner)
    for step in (1, 4, 5, 99, 100, 101):
        curve.look(step, -float(step))
    assert curve.points == [(1.0, -1.0), (4.0, -4.0), (99.0, -99.0), (100.0, -100.0)]
    assert curve.seconds == curve.point_seconds[-1]


def test_the_clock_stands_still_while_a_learner_is_graded(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0

    def measure(_: int) -> float:
        nonlocal now
        now += 100.0
        return 0.5

    monkeypatch.setattr("etude.benchmarks.learning_curve.time.perf_counter", lambda: now)
    curve: LearningCurve[int] = LearningCurve([1, 2], measure)
    for step in (1, 2):
        now += 3.0  # of learning
        curve.look(step, 0)
    assert curve.point_seconds == [3.0, 6.0]
