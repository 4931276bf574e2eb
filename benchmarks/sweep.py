"""A search for good settings: trials that Optuna proposes, each the mean of runs with other seeds.

The study is a file of SQLite beside the runs' results, so the same command goes on where it was
stopped or killed: a trial that was under way is taken up again, and those of its runs that are in
the file of results are not repeated. Proposals come from a tree-structured Parzen estimator
(J. Bergstra et al., "Algorithms for hyper-parameter optimization", NeurIPS 2011), the first one is
the default settings. Each is drawn from random numbers of its own, so that with one worker a study
that was interrupted comes to the same trials as one that was not. Only this process asks Optuna and
writes: the workers, here or on a cluster, share no file.
"""

import fcntl
import math
import sqlite3
import statistics
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.exceptions import StorageInternalError
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, Trial, TrialState
from sqlalchemy.exc import SQLAlchemyError

from etude.benchmarks import results
from etude.benchmarks.results import Result
from etude.benchmarks.runner import Finished, Run
from etude.benchmarks.search_space import Range, Space
from etude.benchmarks.sweep_subjects import Subject
from etude.benchmarks.sweep_trials import (
    NO_STOPS,
    GivenUp,
    StopRule,
    stop_rule,
    train,
    train_whole,
)
from etude.benchmarks.workers import Died, Failed, News, Share, Workers

SUITE: Final = "sweep"
STUDY: Final = "study.db"
WHY: Final = "why it failed"  # what tells such a trial from one whose command was killed
NUM_RANDOM: Final = 10  # trials before the estimator proposes


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is searched, and how.

    Attributes:
        subject: what is trained.
        space: its settings.
        num_trials: in all.
        num_seeds: runs of a trial, whose objective is their mean.
        seed: of the proposals, and the first of the runs.
        stops_early: whether hopeless trials are given up.
    """

    subject: Subject
    space: Space
    num_trials: int
    num_seeds: int = 1
    seed: int = 0
    stops_early: bool = True


@contextmanager
def opened(folder: Path, plan: Plan) -> Iterator[optuna.Study]:
    """The study of a folder, for this command alone.

    Raises:
        ValueError: another command searches in this folder at the moment, or its study is damaged.
        OSError: the folder cannot be written.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # released if this process is killed
        except BlockingIOError:
            raise ValueError(
                f"a study is searched by one command at a time, got {str(folder)!r}, which another "
                "one works in; give that one more --workers, or name another folder with --out."
            ) from None
        with _stored((folder / STUDY).resolve(), plan) as study:
            yield study


@contextmanager
def _stored(path: Path, plan: Plan) -> Iterator[optuna.Study]:
    """The study of a file, which is looked through before anything is written to it."""
    try:
        _check_database(path)
        storage = optuna.storages.RDBStorage(f"sqlite:///{path}")
    except Exception as error:  # parsers of foreign bytes fail in every way there is
        raise _unusable(path, error) from error
    try:
        yield _whole_study(path, storage, plan)
    except (SQLAlchemyError, StorageInternalError) as error:
        raise _unusable(path, error) from error
    finally:
        storage.remove_session()
        storage.engine.dispose()


def _check_database(path: Path) -> None:
    """Check what SQLite can see of damage."""
    if not path.exists():
        return
    with closing(sqlite3.connect(path)) as database:  # undoes what a killed command left half done
        ((verdict,),) = database.execute("PRAGMA integrity_check(1)")
    if verdict != "ok":
        raise ValueError(verdict)


def _whole_study(path: Path, storage: BaseStorage, plan: Plan) -> optuna.Study:
    """The study, whose trials all have the settings of the plan."""
    try:
        study = optuna.create_study(
            storage=storage,
            study_name=SUITE,
            direction="minimize" if plan.subject.less_is_better else "maximize",
            load_if_exists=True,
        )
        for trial in trials_of(study):
            settings_of(trial.params, plan.space)
            if trial.state == TrialState.COMPLETE and trial.value is None:
                raise ValueError(f"trial {trial.number} has no objective")
    except Exception as error:  # values of foreign bytes are wrong in every way there is
        raise _unusable(path, error) from error
    return study


def _unusable(path: Path, error: Exception) -> ValueError:
    """The error that says what is wrong with a study, and what it costs to do without it."""
    cause = error.__cause__ if isinstance(error, StorageInternalError) else error
    reason = str(getattr(cause, "orig", cause)).partition("\n")[0].rstrip(".")
    return ValueError(
        f"a study is a database of Optuna's that can be read and written, got {str(path)!r} "
        f"({reason or type(cause).__name__:.200}); if it is damaged, move it away to begin anew: "
        "finished runs are kept in results.jsonl and are not run again."
    )


def distributions(space: Space) -> dict[str, BaseDistribution]:
    """The space in Optuna's terms."""
    found: dict[str, BaseDistribution] = {}
    for name, values in space.items():
        if not isinstance(values, Range):
            found[name] = CategoricalDistribution(tuple(values.values))
        elif values.is_whole:
            found[name] = IntDistribution(int(values.low), int(values.high), log=values.is_log)
        else:
            found[name] = FloatDistribution(values.low, values.high, log=values.is_log)
    return found


def trials_of(study: optuna.Study) -> list[FrozenTrial]:
    """The trials that have ended, in the order of their proposal."""
    return [
        trial
        for trial in study.get_trials(deepcopy=False)
        if trial.state in (TrialState.COMPLETE, TrialState.PRUNED) or WHY in trial.user_attrs
    ]


@dataclass
class _UnderWay:
    """A trial, the runs that it has left, and what came of the others."""

    trial: Trial
    waiting: list[Run]
    rule: StopRule
    values: list[float] = field(default_factory=list)
    curves: list[list[tuple[float, float]]] = field(default_factory=list)


class Sweep:
    """The search; see the module.

    Args:
        plan: what is searched.
        study: the trials so far.
        path: the file of the runs' results.
        tell: is handed a line for each trial that has ended, and each worker that has died.
    """

    def __init__(
        self, plan: Plan, study: optuna.Study, path: Path, tell: Callable[[str], None]
    ) -> None:
        self._plan, self._study, self._path, self._tell = plan, study, path, tell
        self._distributions = distributions(plan.space)
        self._finished = Finished(path)
        self._under_way: dict[int, _UnderWay] = {}
        self._num_proposed = len(trials_of(study))
        if not self._study.get_trials(deepcopy=False):
            self._enqueue_defaults()
        self._take_up()

    @property
    def num_missing(self) -> int:
        """How many trials are left to do."""
        return max(self._plan.num_trials - self._num_proposed, 0)

    def run(self, workers: Workers) -> None:
        """Do the trials that are missing."""
        while self.num_missing or self._under_way:
            while self.num_missing and len(self._under_way) < workers.size:
                self._propose(workers)
            for news in workers.news():
                self._hear(news, workers)

    def _enqueue_defaults(self) -> None:
        """The default settings come first, where the space has them."""
        space, defaults = self._plan.space, self._plan.subject.defaults
        found = {name: values.drawn(defaults[name]) for name, values in space.items()}
        if None not in found.values():
            self._study.enqueue_trial(found)

    def _take_up(self) -> None:
        """Trials that were under way when their command was killed are proposed again."""
        for trial in self._study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            self._study.tell(trial.number, state=TrialState.FAIL)
            self._study.enqueue_trial(trial.params)

    def _propose(self, workers: Workers) -> None:
        self._study.sampler = optuna.samplers.TPESampler(
            seed=self._plan.seed + 1_000 * self._num_proposed, n_startup_trials=NUM_RANDOM
        )
        trial = self._study.ask(self._distributions)
        self._num_proposed += 1
        curves = [
            t.intermediate_values
            for t in trials_of(self._study)
            if t.state == TrialState.COMPLETE and self._plan.stops_early
        ]
        rule = stop_rule(curves, self._plan.subject.less_is_better)
        self._under_way[trial.number] = _UnderWay(trial, list(self._runs(trial)), rule)
        self._go_on(trial.number, workers)

    def _runs(self, trial: Trial) -> Iterator[Run]:
        settings = settings_of(trial.params, self._plan.space)
        for seed in range(self._plan.seed, self._plan.seed + self._plan.num_seeds):
            yield Run(
                suite=SUITE,
                task=self._plan.subject.task,
                method=in_words(settings),
                seed=seed,
                config=self._plan.subject.config(settings),
                execute=train_whole,
            )

    def _go_on(self, number: int, workers: Workers) -> None:
        """Begin the next run of a trial, or end it; runs that are done are not repeated."""
        state = self._under_way[number]
        while state.waiting:
            run = state.waiting[0]
            if (line := self._finished.line(run)) is None:
                rule = NO_STOPS if state.values else state.rule  # a trial is given up at once
                workers.start(number, partial(train, rule, run))
                return
            self._count(state, line["metrics"], line["curve"])
        self._end(number, statistics.fmean(state.values))

    def _count(self, state: _UnderWay, metrics: dict[str, float], curve: Any) -> None:
        state.waiting.pop(0)
        state.values.append(metrics.get(self._plan.subject.objective, math.nan))
        state.curves.append([(step, value) for step, value in curve])

    def _hear(self, news: News, workers: Workers) -> None:
        if isinstance(news, Share):
            return
        if isinstance(news, Died):
            self._tell(f"trial {news.number}: its process ended {news.how}; tried again")
        elif isinstance(news, Failed):
            self._fail(news.number, news.reason)
        elif isinstance(news.value, GivenUp):
            self._give_up(news.number, news.value)
        else:
            self._keep(news.number, news.value, workers)

    def _keep(self, number: int, result: Result, workers: Workers) -> None:
        state = self._under_way[number]
        if state.waiting[0] not in self._finished:
            results.append(self._path, result)
        self._count(state, result.metrics, result.curve)
        self._go_on(number, workers)

    def _end(self, number: int, value: float) -> None:
        state = self._under_way[number]
        if not math.isfinite(value):
            self._fail(number, f"{self._plan.subject.objective} is {value}")
            return
        for step, looked in state.curves[0]:  # what the first run of later ones is held against
            state.trial.report(looked, int(step))
        self._study.tell(number, value)
        self._forget(number, f"{value:.6g}")

    def _give_up(self, number: int, what: GivenUp) -> None:
        for step, value in what.curve:
            self._under_way[number].trial.report(value, int(step))
        self._study.tell(number, state=TrialState.PRUNED)
        step, value = what.curve[-1]
        self._forget(number, f"given up at {step:,.0f}, {value:.6g}")

    def _fail(self, number: int, why: str) -> None:
        self._under_way[number].trial.set_user_attr(WHY, why)
        self._study.tell(number, state=TrialState.FAIL)
        self._forget(number, f"failed: {why}")

    def _forget(self, number: int, outcome: str) -> None:
        trial = self._under_way.pop(number).trial
        done = len(trials_of(self._study))
        settings = in_words(settings_of(trial.params, self._plan.space))
        self._tell(f"trial {done} of {self._plan.num_trials}: {outcome} with {settings}")


def settings_of(params: dict[str, Any], space: Space) -> dict[str, Any]:
    """The settings that a trial's parameters stand for, in the order of the space."""
    return {name: values.value(params[name]) for name, values in space.items()}


def in_words(settings: dict[str, Any]) -> str:
    """Settings for people.

    >>> in_words({"step_size": 0.123456, "backup": "max", "net_arch": (64, 64)})
    'step_size 0.123, backup max, net_arch 64x64'
    """
    return ", ".join(f"{name} {in_a_word(value)}" for name, value in settings.items())


def in_a_word(value: Any) -> str:
    """A value for people."""
    if isinstance(value, tuple | list):
        return "x".join(map(str, value))
    return f"{value:.3g}" if isinstance(value, float) else str(value)
