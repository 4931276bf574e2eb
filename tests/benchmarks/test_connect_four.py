"""The learning benchmark on Connect Four, at a size that shows that it runs."""

from pathlib import Path

import pytest

from etude.agents.ntuple import NTupleAgent
from etude.benchmarks.connect_four import RULES, main, milestones
from etude.benchmarks.results import read


def test_milestones_go_from_nothing_to_everything() -> None:
    assert milestones(1000) == [0, 3, 10, 30, 100, 300, 600, 1000]
    assert milestones(1) == [0, 1]


def test_a_run_writes_one_result_and_the_agent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(games=300, num_positions=10, num_match_games=2, save=tmp_path / "c4.npz", out=tmp_path)
    (result,) = read(tmp_path / "results.jsonl")
    assert (result["suite"], result["task"], result["seed"]) == ("connect_four", "connect_four", 0)
    assert [step for step, _ in result["curve"]] == milestones(300)
    assert all(0.0 <= accuracy <= 1.0 for _, accuracy in result["curve"])
    metrics = result["metrics"]
    assert metrics["wins_minimax"] + metrics["draws_minimax"] + metrics["losses_minimax"] == 2
    agent = NTupleAgent.load(tmp_path / "c4.npz")
    assert (agent.rules, agent.num_games) == (RULES, 300)
    assert "moving first against stubborn" in capsys.readouterr().out
