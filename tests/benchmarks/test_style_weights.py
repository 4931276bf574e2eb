"""The comparison of tuners: what is planned, what a run measures, and the search."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from etude.benchmarks import style_weights, style_weights_search
from etude.benchmarks.results import Result
from etude.benchmarks.runner import Run
from etude.envs.style_weights.baselines import BASELINES, linear_schedule


def execute(run: Run) -> Result:
    return run.execute(run, lambda share: None)


def test_each_baseline_is_planned_once_and_random_actions_five_times() -> None:
    runs = list(style_weights.plan_baselines())
    names = [run.config["baseline"] for run in runs]
    assert set(names) == {*BASELINES, "oracle"}
    assert names.count("random") == 5
    assert len({(run.method, run.seed) for run in runs}) == len(runs)


def test_learners_are_planned_with_their_settings() -> None:
    pytest.importorskip("stable_baselines3")
    runs = list(style_weights.plan_learners(("ppo", "sac"), 2, 1000, None))
    assert [(run.method, run.seed) for run in runs] == [
        ("ppo", 0),
        ("ppo", 1),
        ("sac", 0),
        ("sac", 1),
    ]
    assert runs[0].config["settings"]["imitates"] == "tilted"
    judged = list(style_weights.plan_judges(1, 1000))
    assert [run.config["judge"] for run in judged] == ["held_out", "inner"]
    assert all(run.config["settings"]["imitates"] is None for run in judged)


def test_metrics_say_how_a_policy_compares(monkeypatch: pytest.MonkeyPatch) -> None:
    references = {"static": np.zeros(4, np.float32), "oracle": np.full(4, 2.0, np.float32)}
    monkeypatch.setattr(style_weights, "references", lambda split: references)
    returns = {
        "test": np.asarray([1.0, 1.0, 1.0, 3.0], np.float32),
        "test_ood": np.zeros(4, np.float32),
    }
    metrics = style_weights.metrics_of(returns)
    assert metrics["test"] == metrics["test_above_static"] == 1.5
    assert metrics["test_way_to_oracle"] == 0.75
    assert metrics["test_above_oracle_share"] == 0.25
    assert metrics["test_ood_way_to_oracle"] == metrics["test_ood_above_oracle_share"] == 0.0


@pytest.fixture
def few_paintings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(style_weights, "BATCH", 4)
    style_weights.references.cache_clear()


@pytest.mark.usefixtures("few_paintings")
def test_the_oracle_is_all_the_way_and_static_weights_none_of_it() -> None:
    runs = {run.config["baseline"]: run for run in style_weights.plan_baselines()}
    metrics = {name: execute(runs[name]).metrics for name in ("oracle", "static")}
    style_weights.references.cache_clear()
    for split in ("test", "test_ood"):
        assert metrics["oracle"][f"{split}_way_to_oracle"] == pytest.approx(1.0)
        assert metrics["static"][f"{split}_above_static"] == pytest.approx(0.0)
        assert metrics["oracle"][split] > metrics["static"][split]


def test_the_search_finds_the_way_downhill(monkeypatch: pytest.MonkeyPatch) -> None:
    def returns(split: str, paintings: Any, rows: np.ndarray, policy_of: Any) -> np.ndarray:
        wanted = 1.0 if split == "train" else paintings[:, None] % 3
        return -np.square(rows - wanted).sum(axis=1)

    monkeypatch.setattr(style_weights_search, "_returns", returns)
    monkeypatch.setattr(style_weights_search, "GENERATIONS", 40)
    found, curve = style_weights_search.search_shared(np.zeros(7), linear_schedule)  # type: ignore[arg-type]
    np.testing.assert_allclose(found, 1.0, atol=0.1)
    assert [value for _, value in curve] == sorted(value for _, value in curve)
    each, _ = style_weights_search.search_each("test", np.zeros(7, np.float32))
    np.testing.assert_allclose(each.mean(axis=1), np.arange(64) % 3, atol=0.1)


def test_what_was_found_is_written_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    curve = [(10.0, 0.5)]
    monkeypatch.setattr(
        style_weights_search, "search_shared", lambda mean, *_: (np.arange(len(mean)) / 9.0, curve)
    )
    monkeypatch.setattr(
        style_weights_search, "search_each", lambda split, mean: (np.tile(mean, (64, 1)), curve)
    )
    path = tmp_path / "new" / "tuned.npz"
    results = list(style_weights_search.search(path))
    assert [r.method for r in results if isinstance(r, Result)] == [
        "static",
        "schedule",
        "oracle test",
        "oracle test_ood",
    ]
    with np.load(path) as file:
        assert {name: file[name].shape for name in file.files} == {
            "static": (1, 7),
            "schedule": (2, 7),
            "oracle test": (64, 7),
            "oracle test_ood": (64, 7),
        }


def test_wrong_options_are_refused() -> None:
    with pytest.raises(ValueError, match="did you mean 'sac'"):
        style_weights.style_weights(methods=("sag",))
    with pytest.raises(ValueError, match="--seeds is at least 1, got 0"):
        style_weights.style_weights(seeds=0)
