"""One run of a sweep: trained, looked at now and then, given up if it is hopeless, and graded.

A run is hopeless if the best that it has shown by a step is worse than what half of the earlier
trials showed at that step with the same seed: the median stopping rule of D. Golovin et al.,
"Google Vizier", KDD 2017, sec. 3.2.2, here with the value at a step for its running average, and
not in the first quarter, in which learners that end well may look bad. What the others showed is
handed to the run when it begins, so that no worker has to ask anybody while it learns.
"""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from etude.benchmarks.learning_curve import LearningCurve, log_spaced
from etude.benchmarks.results import Result
from etude.benchmarks.runner import Run
from etude.benchmarks.sweep_subjects import GAN, TABLES, make_settings
from etude.benchmarks.workers import Report

NUM_LOOKS: Final = 8
FIRST_LOOK: Final = 32  # of this part of the budget
WARM_UP: Final = 0.25  # of the budget, in which nothing is given up
NUM_BEFORE_STOPS: Final = 5  # trials whose curves are whole, before any is given up
Points = list[tuple[float, float]]


@dataclass(frozen=True)
class StopRule:
    """When to give up, see the module.

    Args:
        medians: of the earlier trials, by step.
        less_is_better: of the curve.
    """

    medians: Mapping[float, float]
    less_is_better: bool

    def is_hopeless(self, points: Points) -> bool:
        """Whether a curve so far says that the rest will not help."""
        best = (min if self.less_is_better else max)(value for _, value in points)
        median = self.medians.get(points[-1][0])
        return median is not None and (best > median if self.less_is_better else best < median)


@dataclass(frozen=True)
class GivenUp:
    """What a run leaves that was hopeless: its curve so far."""

    curve: Points


class Hopeless(Exception):
    """Raised in a learner that calls, and is not called."""


NO_STOPS: Final = StopRule({}, less_is_better=True)


def stop_rule(curves: Sequence[Mapping[int, float]], less_is_better: bool) -> StopRule:
    """The rule that follows from the curves of trials that came to their end.

    >>> stop_rule([{10: 1.0, 20: 0.0}] * 5, less_is_better=True).medians
    {10.0: 1.0}
    """
    if len(curves) < NUM_BEFORE_STOPS:
        return NO_STOPS
    steps = sorted(set.intersection(*(set(curve) for curve in curves)))
    steps = [step for step in steps[:-1] if step >= WARM_UP * steps[-1]]
    medians = {float(step): statistics.median(curve[step] for curve in curves) for step in steps}
    return StopRule(medians, less_is_better)


def train(rule: StopRule, run: Run, report: Report) -> Result | GivenUp:
    """Train what a run says, and grade it.

    Args:
        rule: when to give up.
        run: whose config is that of ``Subject.config``.
        report: is told the share that is done.
    """
    method = run.config["method"]
    train_one = _train_table if method in TABLES else _train_network
    try:
        return (_train_generator if method == GAN else train_one)(rule, run, report)
    except Hopeless as stop:
        return GivenUp(stop.args[0])


def train_whole(run: Run, report: Report) -> Result:
    """See ``train``; never given up."""
    result = train(NO_STOPS, run, report)
    assert isinstance(result, Result)
    return result


def looks(budget: int) -> list[int]:
    """The steps at which a run is looked at, the last at its end.

    >>> looks(3200)
    [100, 164, 269, 442, 725, 1189, 1950, 3200]
    """
    return log_spaced(max(budget // FIRST_LOOK, 1), budget, NUM_LOOKS)


def _grader(config: Mapping[str, Any]) -> tuple[Any, Callable[[Any], dict[str, float]]]:
    """The board, and what has the figures of an agent on it."""
    from etude.agents.evaluation import grade  # compiles
    from etude.benchmarks.training import metrics_of
    from etude.envs.boards import rules_of
    from etude.envs.mnk.state_space import state_space

    rules = rules_of(config["where"])
    space = state_space(rules)
    return rules, lambda agent: metrics_of(grade(agent, space))


def _train_table(rule: StopRule, run: Run, report: Report) -> Result:
    from etude.agents.monte_carlo import MonteCarloAgent
    from etude.agents.td_value import TDValueAgent

    config, objective = run.config, run.config["objective"]
    rules, figures = _grader(config)
    agents: dict[str, Any] = {"td": TDValueAgent, "mc": MonteCarloAgent}
    kind, settings = agents[config["method"]], make_settings(config["method"], config["settings"])
    options = {"opponent": config["opponent"], "fast": True}
    kind(rules, settings, seed=0).learn(1, **options)  # loads compiled code, asks the opponent
    agent, steps, done = kind(rules, settings, seed=run.seed), looks(config["budget"]), 0
    by_response = objective == "nash_conv"  # one best response takes a tenth of all figures

    def measure(agent: Any) -> float:
        return 2.0 * agent.exploitability() if by_response else figures(agent)[objective]

    curve: LearningCurve[Any] = LearningCurve(steps, measure)
    for step in steps:
        agent.learn(step - done, **options)
        done = step
        curve.add(step, agent)
        _look(rule, curve.points, report, step / steps[-1])
    return _result(run, figures(agent), curve)


def _train_network(rule: StopRule, run: Run, report: Report) -> Result:
    from etude.agents.baselines import train_baseline

    config = run.config
    rules, figures = _grader(config)
    settings = make_settings(config["method"], config["settings"])
    train_baseline(config["method"], rules, 1, seed=0)  # loads compiled code
    steps = looks(config["budget"])
    curve: LearningCurve[Any] = LearningCurve(
        steps[:-1], lambda agent: figures(agent)[config["objective"]]
    )
    ahead = list(steps[:-1])

    def follow(agent: Any) -> None:
        if ahead and agent.num_timesteps >= ahead[0]:
            step = ahead.pop(0)  # what runs share, where rollouts end at different steps
            curve.add(step, agent)
            _look(rule, curve.points, report, step / steps[-1])

    agent = train_baseline(
        config["method"],
        rules,
        config["budget"],
        seed=run.seed,
        opponent=config["opponent"],
        progress=follow,
        config=settings,
    )
    curve.add(steps[-1], agent)
    return _result(run, figures(agent), curve)


def _train_generator(rule: StopRule, run: Run, report: Report) -> Result:
    import torch

    from etude.benchmarks.gan_toy import figures
    from etude.generative.gan.task import make_lesson, open_task

    torch.set_num_threads(1)
    config, steps = run.config, looks(run.config["budget"])[-4:]  # a grade takes a second
    settings = make_settings(
        GAN, {**config["settings"], "steps": config["budget"], "seed": run.seed}
    )
    task = open_task(config["where"])
    lesson = make_lesson(task, settings, torch.device("cpu"))
    metrics: dict[str, float] = {}

    def measure(_: object) -> float:
        metrics.update(figures(task, lesson, settings))
        return metrics.get(config["objective"], float("nan"))

    curve: LearningCurve[Any] = LearningCurve(steps, measure)
    for step in range(1, config["budget"] + 1):
        lesson.update()
        if step in steps:
            curve.add(step, lesson)
            _look(rule, curve.points, report, step / config["budget"])
    return _result(run, metrics, curve)


def _look(rule: StopRule, points: Points, report: Report, share: float) -> None:
    report(share)
    if rule.is_hopeless(points):
        raise Hopeless(points)


def _result(run: Run, metrics: Mapping[str, float], curve: LearningCurve[Any]) -> Result:
    return run.result(
        metrics={**metrics, "cpu_seconds": curve.cpu_seconds},
        curve=curve.points,
        curve_seconds=curve.point_seconds,
        seconds=curve.seconds,
    )
