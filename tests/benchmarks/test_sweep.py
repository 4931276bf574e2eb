"""Searches: resumed without a run done twice, stopped early, with the same trials again."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from etude.benchmarks import results, sweep
from etude.benchmarks.runner import Finished
from etude.benchmarks.search_space import read_space
from etude.benchmarks.sweep import Plan, Sweep, in_words, opened, trials_of
from etude.benchmarks.sweep_report import best_first, best_table, draw, outcome
from etude.benchmarks.sweep_subjects import (
    CLOUDS,
    GAMES,
    METHODS,
    Subject,
    find_subject,
)
from etude.benchmarks.sweep_trials import GivenUp, StopRule, looks, stop_rule, train, train_whole
from etude.benchmarks.workers import Done, Failed, Job, News

TD = find_subject("td", None, None, 64, None)
PLAN = Plan(
    subject=TD,
    space=read_space(["step_size=0.01:1:log", "exploration=0:0.5"], TD.defaults, "td"),
    num_trials=6,
    num_seeds=2,
)


class Here:
    """A worker in this process, who goes home after so many jobs."""

    size = 1

    def __init__(self, num_jobs: int = 10_000) -> None:
        self.left = num_jobs
        self.jobs: list[Any] = []
        self.found: list[News] = []

    def start(self, number: int, job: Job) -> None:
        if not self.left:
            raise KeyboardInterrupt
        self.left -= 1
        self.jobs.append(job)
        self.found.append(Done(number, job(lambda share: None)))

    def news(self) -> list[News]:
        found, self.found = self.found, []
        return found

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The objective is how far step_size is from 0.2, seen at once; nothing is learned."""

    def train(rule: StopRule, run: Any, report: Any) -> Any:
        distance = abs(run.config["settings"]["step_size"] - 0.2)
        points = [(float(step), distance + 1.0 / step) for step in looks(64)]
        for i in range(1, len(points)):
            if rule.is_hopeless(points[:i]):
                return GivenUp(points[:i])
        metrics = {"nash_conv": distance + 0.001 * run.seed}
        return run.result(metrics=metrics, curve=points, seconds=0.0)

    monkeypatch.setattr(sweep, "train", train)


def search(folder: Path, workers: Here, plan: Plan = PLAN) -> list[tuple[Any, ...]]:
    """The trials in the end, as far as they went."""
    folder.mkdir(exist_ok=True)
    with opened(folder, plan) as study:
        with suppress(KeyboardInterrupt):
            Sweep(plan, study, folder / "results.jsonl", lambda line: None).run(workers)
        return [(t.params, t.state, t.value) for t in trials_of(study)]


def test_a_study_that_was_interrupted_comes_to_the_same_trials(tmp_path: Path) -> None:
    at_once = Here()
    whole = search(tmp_path / "whole", at_once)
    assert len(whole) == PLAN.num_trials
    jobs = 0
    for number in (1, 4, 3, 10_000):  # within a trial and between two
        worker = Here(number)
        parts = search(tmp_path / "parts", worker)
        jobs += len(worker.jobs)
    assert parts == whole
    assert jobs == len(at_once.jobs)
    keys = [
        (line["method"], line["seed"])
        for line in results.read(tmp_path / "parts" / "results.jsonl")
    ]
    assert len(keys) == len(set(keys))


def test_a_finished_study_runs_nothing_and_can_be_extended(tmp_path: Path) -> None:
    before = search(tmp_path, Here())
    idle = Here()
    assert search(tmp_path, idle) == before
    assert idle.jobs == []
    longer = search(tmp_path, Here(), replace(PLAN, num_trials=8))
    assert longer[:6] == before
    assert len(longer) == 8


def test_the_defaults_come_first_and_the_search_improves_on_them(tmp_path: Path) -> None:
    plan = replace(PLAN, num_trials=25, num_seeds=1)
    trials = search(tmp_path, Here(), plan)
    assert trials[0][0] == {"step_size": 0.1, "exploration": 0.1}
    values = [value for *_, value in trials if value is not None]
    assert min(values) < 0.02 < trials[0][2]


def test_hopeless_trials_are_given_up_unless_all_are_to_be_whole(tmp_path: Path) -> None:
    stopped = search(tmp_path / "stops", Here(), replace(PLAN, num_trials=12))
    names = [state.name for _, state, _ in stopped]
    assert names[:5] == ["COMPLETE"] * 5
    assert "PRUNED" in names
    whole = search(tmp_path / "whole", Here(), replace(PLAN, num_trials=12, stops_early=False))
    assert {state.name for _, state, _ in whole} == {"COMPLETE"}


def test_a_trial_whose_run_fails_is_counted_and_told(tmp_path: Path) -> None:
    class Unlucky(Here):
        def news(self) -> list[News]:
            return [Failed(news.number, "no luck") for news in super().news()]

    lines: list[str] = []
    plan = replace(PLAN, num_trials=2)
    with opened(tmp_path, plan) as study:
        Sweep(plan, study, tmp_path / "results.jsonl", lines.append).run(Unlucky())
        found = outcome(plan, trials_of(study), tmp_path)
    assert "trial 1 of 2: failed: no luck with step_size 0.1, exploration 0.1" in lines[0]
    assert [trial["state"] for trial in found["trials"]] == ["failed", "failed"]
    assert found["best"] is None


def test_two_commands_do_not_share_a_folder(tmp_path: Path) -> None:
    with (
        opened(tmp_path, PLAN),
        pytest.raises(ValueError, match="one command at a time"),
        opened(tmp_path, PLAN),
    ):
        pass


def test_what_is_reported(tmp_path: Path) -> None:
    search(tmp_path, Here())
    with opened(tmp_path, PLAN) as study:
        trials = trials_of(study)
    ranked = best_first(trials, less_is_better=True)
    assert [t.value for t in ranked] == sorted(t.value for t in ranked if t.value is not None)
    table = best_table(PLAN, trials)
    assert table.heading == ("rank", "nash_conv", "step_size", "exploration")
    assert table.rows[0][0] == "1"
    found = outcome(PLAN, trials, tmp_path)
    assert found["best"]["value"] == ranked[0].value
    draw(tmp_path / "sweep.png", PLAN, trials)
    assert (tmp_path / "sweep.png").read_bytes().startswith(b"\x89PNG")


def test_the_median_rule() -> None:
    curves = [{10: float(i), 20: float(i), 30: 0.0} for i in range(5)]
    rule = stop_rule(curves, less_is_better=True)
    assert rule.medians == {10.0: 2.0, 20.0: 2.0}  # never at the end
    assert not rule.is_hopeless([(10.0, 2.0)])
    assert rule.is_hopeless([(10.0, 2.1)])
    assert not rule.is_hopeless([(10.0, 1.0), (20.0, 9.0)])  # it was better once
    assert not stop_rule(curves[:4], less_is_better=True).medians
    more = stop_rule(curves, less_is_better=False)
    assert more.is_hopeless([(10.0, 1.9)])


@pytest.mark.parametrize("method", METHODS)
def test_every_method_has_a_space_that_its_settings_allow(method: str) -> None:
    subject = find_subject(method, None, None, None, None)
    for name, values in read_space(subject.default_space, subject.defaults, method).items():
        for end in values.ends:
            subject.check({name: end})
    assert subject.less_is_better == (GAMES | CLOUDS)[subject.objective]


@pytest.mark.parametrize("objective", ["nash_conv", "score"])
def test_a_table_is_trained_and_graded(objective: str, tmp_path: Path) -> None:
    subject = find_subject("td", None, objective, 100, None)
    run = make_run(subject)
    found = train(StopRule({}, less_is_better=False), run, lambda share: None)
    assert isinstance(found, results.Result)
    assert found.curve[-1] == (100.0, found.metrics[objective])
    results.append(tmp_path / "results.jsonl", found)
    assert run in Finished(tmp_path / "results.jsonl")
    never = StopRule(dict.fromkeys(map(float, looks(100)[:-1]), -9.0), less_is_better=True)
    given_up = train(never, run, lambda share: None)
    assert isinstance(given_up, GivenUp)
    assert len(given_up.curve) == 1


def make_run(subject: Subject) -> Any:
    from etude.benchmarks.runner import Run

    return Run(
        suite=sweep.SUITE,
        task=subject.task,
        method="default",
        seed=0,
        config=subject.config({}),
        execute=train_whole,
    )


def test_settings_in_words() -> None:
    assert in_words({"net_arch": (64, 64), "gamma": 0.03}) == "net_arch 64x64, gamma 0.03"
