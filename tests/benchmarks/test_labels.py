"""Labelled positions in a file: the same as from the solver, and not asked for twice."""

from pathlib import Path

import numpy as np
import pytest

from etude.agents.solver_grades import labelled_positions
from etude.benchmarks import labels
from etude.benchmarks.labels import keep_labels, load_labels
from etude.envs.mnk.rules import MNKRules

RULES = MNKRules(6, 7, 4, gravity=True)
STONES = (24, 30)


def test_a_file_holds_what_the_solver_says(tmp_path: Path) -> None:
    path = keep_labels(tmp_path / "new", RULES, 12, STONES, seed=3)
    expected = list(labelled_positions(RULES, 12, np.random.default_rng(3), STONES))
    assert load_labels(path) == expected
    assert any(len(label.action_values) < RULES.num_actions for label in expected)


def test_positions_are_solved_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = keep_labels(tmp_path, RULES, 2, STONES, seed=3)
    monkeypatch.setattr(labels, "labelled_positions", None)
    assert keep_labels(tmp_path, RULES, 2, STONES, seed=3) == path
    with pytest.raises(TypeError):  # others would have to be solved
        keep_labels(tmp_path, RULES, 2, STONES, seed=4)
    assert list(tmp_path.iterdir()) == [path]


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = keep_labels(tmp_path, RULES, 2, STONES, seed=3)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ValueError, match="delete it"):
        load_labels(path)


def test_there_is_something_to_label(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 1 position"):
        keep_labels(tmp_path, RULES, 0, STONES, seed=3)
