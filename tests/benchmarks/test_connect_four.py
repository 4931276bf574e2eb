"""The learning benchmark on Connect Four, at a size that shows that it runs."""

import pickle
from dataclasses import asdict
from pathlib import Path

import pytest

from etude.agents.ntuple import NTupleAgent
from etude.agents.ntuple_network import NTupleConfig
from etude.agents.solver_grades import StubbornMinimax
from etude.benchmarks import connect_four as suite
from etude.benchmarks import results
from etude.benchmarks.labels import keep_labels

CONFIG = {
    "games": 300,
    "positions": 8,
    "match_games": 2,
    "settings": asdict(NTupleConfig(num_tuples=8, tuple_length=4, decay_games=300)),
}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suite, "STONES", (26, 30))  # which the solver knows at once
    monkeypatch.setattr(suite, "FIRST_LOOK", 100)
    monkeypatch.setattr(suite, "PERFECT_PLAYERS", {"stubborn": StubbornMinimax()})


def test_a_run_writes_one_result_and_the_agent(tmp_path: Path) -> None:
    labels = keep_labels(tmp_path, suite.RULES, 8, (26, 30), seed=0)
    run = pickle.loads(pickle.dumps(suite.plan(5, CONFIG, labels, tmp_path)))
    shares: list[float] = []
    result = run.execute(run, shares.append)
    assert (result.suite, result.task, result.method, result.seed) == (
        "connect_four",
        "connect_four",
        "ntuple",
        5,
    )
    steps = [step for step, _ in result.curve]
    assert (steps[0], steps[-1]) == (100, 300)
    assert steps == sorted(set(steps))
    assert result.curve[-1][1] == result.metrics["accuracy"]
    assert 0.0 <= result.metrics["decision_accuracy"] <= result.metrics["accuracy"] <= 1.0
    assert result.metrics["uniform_decision_accuracy"] < result.metrics["uniform_accuracy"] < 1.0
    assert result.metrics["cpu_seconds"] > 0.0
    assert sum(result.metrics[f"{end}_stubborn"] for end in ("wins", "draws", "losses")) == 2
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    agent = NTupleAgent.load(tmp_path / "ntuple-300-seed5.npz")
    assert (agent.rules, agent.num_games, agent.config.num_tuples) == (suite.RULES, 300, 8)


def test_seeds_that_are_done_are_not_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    executed = []

    def execute(run: suite.Run, report_share: suite.ReportShare, **_: object) -> results.Result:
        executed.append(run.seed)
        metrics = {"accuracy": 0.5, "wins_stubborn": 3.0, "draws_stubborn": 0.0}
        return run.result(metrics=metrics | {"losses_stubborn": 1.0}, seconds=1.0)

    def run_all(runs: list[suite.Run], path: Path, num_workers: int | None, ray: None) -> int:
        """In this process, but with the real keys of what is done."""
        known = {line["seed"] for line in results.read(path)} if path.exists() else set()
        to_do = [run for run in runs if run.seed not in known]
        for run in to_do:
            results.append(path, run.execute(run, lambda share: None))
        return len(runs) - len(to_do)

    monkeypatch.setattr(suite, "train_and_judge", execute)
    monkeypatch.setattr(suite, "run_all", run_all)
    options = {"games": 300, "positions": 2, "match_games": 4, "out": tmp_path}
    suite.connect_four(seeds=1, **options)
    suite.connect_four(seeds=3, **options)
    assert executed == [0, 1, 2]
    shown = capsys.readouterr()
    assert "1 of 3 seeds were done before" in shown.err
    assert "seed 2, moving first against stubborn: 3 wins, 0 draws and 1 losses" in shown.out
    assert "95 % interval 30.1% to 95.4%" in shown.out


@pytest.mark.parametrize("option", ["games", "seeds", "positions", "match_games", "workers"])
def test_numbers_below_1_are_refused(option: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"--{option.replace('_', '-')} is at least 1, got 0"):
        suite.connect_four(**{option: 0}, out=tmp_path)
