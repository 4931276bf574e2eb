"""Runs in parallel processes: each once, failures apart, and Ctrl-C without loss."""

import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from etude.benchmarks.results import read
from etude.benchmarks.runner import Run, run_all
from etude.benchmarks.tictactoe import self_play_run


def perfect(seed: int) -> Run:
    return self_play_run("perfect", seed)


def test_results_are_appended_and_runs_that_are_there_are_not_run_again(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    assert run_all([perfect(0), perfect(1)], path, num_workers=2) == 0
    assert sorted(line["seed"] for line in read(path)) == [0, 1]
    before = path.read_bytes()
    assert run_all([perfect(0), perfect(1)], path) == 2
    assert path.read_bytes() == before
    assert run_all([perfect(1), perfect(2)], path) == 1
    assert [line["seed"] for line in read(path)][2:] == [2]


def test_a_run_with_another_config_is_another_run(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    shorter = replace(perfect(0), config=perfect(0).config | {"games": 50})
    run_all([perfect(0)], path)
    assert run_all([perfect(0), shorter], path) == 1
    assert [line["metrics"]["games"] for line in read(path)] == [600, 50]


def test_a_failure_loses_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    broken = replace(perfect(7), config={})
    with pytest.raises(RuntimeError, match=r"1 of 2 runs failed.*perfect.*seed 7"):
        run_all([broken, perfect(0)], path, num_workers=1)
    assert [line["seed"] for line in read(path)] == [0]


def test_ctrl_c_keeps_what_is_done_and_ends_what_is_not(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "etude", "bench", "tictactoe", "--workers", "1"]
    options = ["--methods", "perfect", "book-python", "--seeds", "50", "--out", str(tmp_path)]
    process = subprocess.Popen(command + options, stderr=subprocess.PIPE, text=True)
    path = tmp_path / "results.jsonl"
    deadline = time.monotonic() + 120
    while not (path.exists() and path.read_bytes()) and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert 1 <= len(lines) < 100
