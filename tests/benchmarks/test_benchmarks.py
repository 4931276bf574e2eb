"""Benchmarks: the contenders play real games, results are kept line by line, tables are theirs."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from etude.benchmarks import results, solver, suites, throughput
from etude.benchmarks.results import Result
from etude.envs.mnk.env import MNKEnv
from etude.envs.mnk.rules import MNKRules


def example(method: str, seed: int, speed: float) -> Result:
    return Result(
        suite="throughput",
        task="a task",
        method=method,
        seed=seed,
        metrics={"plies_per_cpu_second": speed},
        seconds=1.0,
    )


def test_results_are_appended_and_read(tmp_path: Path) -> None:
    path = tmp_path / "new" / "results.jsonl"
    for seed in range(2):
        results.append(path, example("ours", seed, 10.0 * (seed + 1)))
    lines = results.read(path)
    assert [line["seed"] for line in lines] == [0, 1]
    keys = "suite task method seed metrics curve curve_seconds seconds config"
    keys += " versions machine revision"
    assert set(lines[0]) == set(keys.split())
    assert lines[0]["versions"]["numpy"] == np.__version__


@pytest.mark.parametrize("line", ["{", "[]", "3", '{"suite": "x"}', "\x00"])
def test_a_line_that_is_no_result_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "results.jsonl"
    results.append(path, example("ours", 0, 1.0))
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(ValueError, match="in line 2 of"):
        results.read(path)


@pytest.mark.parametrize(
    "chunk",
    [
        lambda: throughput.etude_single(MNKEnv),
        lambda: throughput.etude_batch(16, MNKRules()),
        lambda: throughput.etude_batch(16, MNKRules(15, 15, 5)),
        lambda: throughput.table_gathers(16, observes=True),
    ],
)
def test_contenders_count_the_plies_they_play(chunk: Any) -> None:
    play = chunk()
    assert all(play() > 100 for _ in range(3))


def test_batched_plies_are_counted_exactly() -> None:
    """Each player makes half of the plies, whatever the games' length: two plies a step."""
    num_envs = 512
    play = throughput.etude_batch(num_envs, MNKRules())
    plies = sum(play() for _ in range(20)) / (20 * throughput.BATCH_STEPS * num_envs)
    assert plies == pytest.approx(2.0, rel=0.01)


def test_chosen_moves_are_legal_and_uniform() -> None:
    masks = np.tile(np.array([0, 1, 0, 1, 1], np.int8), (3000, 1))
    actions = np.zeros(3000, np.int64)
    throughput.choose_moves(masks, np.random.default_rng(0).random(3000), actions)
    counts = np.bincount(actions, minlength=5)
    assert counts[[0, 2]].sum() == 0
    assert abs(counts[[1, 3, 4]] / 3000 - 1 / 3).max() < 5 * np.sqrt(2 / 9 / 3000)


def test_missing_peers_are_skipped_with_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    contender = throughput.CONTENDERS[0]._replace(package="no_such_package", method="Nobody")
    monkeypatch.setattr(throughput, "CONTENDERS", [contender])
    (message,) = throughput.measure(1, 0.01)
    assert "skipped Nobody" in message
    assert "pip install 'etude[peers]'" in message


def test_bench_writes_results_and_shows_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(throughput, "CONTENDERS", throughput.CONTENDERS[:1])
    suites.throughput(rounds=2, seconds=0.01, out=tmp_path)
    lines = (tmp_path / "results.jsonl").read_text().splitlines()
    assert [json.loads(line)["seed"] for line in lines] == [0, 1]
    assert "MNKEnv" in capsys.readouterr().out


def test_results_are_kept_as_they_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def measure(seeds: range) -> Iterator[Result | str]:
        yield "a message"
        yield example("ours", seeds[0], 1.0)
        raise KeyboardInterrupt

    monkeypatch.setattr(suites, "measure_four_in_a_row", measure)
    with pytest.raises(KeyboardInterrupt):
        suites.four_in_a_row(seeds=2, out=tmp_path)
    assert [line["seed"] for line in results.read(tmp_path / "results.jsonl")] == [0]
    assert "a message" in capsys.readouterr().err
    with pytest.raises(ValueError, match="--seeds is at least 1, got 0"):
        suites.four_in_a_row(seeds=0, out=tmp_path)


def test_solver_timings_are_results(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver, "STONES", (30,))
    monkeypatch.setattr(solver, "NUM_POSITIONS", 3)
    found = list(solver.measure(1))
    assert {result.task for result in found} >= {"4,4,4: solve all positions"}
    assert all(value > 0 for result in found for value in result.metrics.values())
