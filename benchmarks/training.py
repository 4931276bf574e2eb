"""One learner, trained and graded: what the suites run for each method and seed."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from etude.agents.evaluation import Grade, Tabular, grade
from etude.agents.tabular_agent import TabularAgent
from etude.benchmarks.learning_curve import LearningCurve, log_spaced
from etude.benchmarks.results import Result
from etude.benchmarks.runner import Run
from etude.envs.mnk.rules import MNKRules
from etude.envs.mnk.state_space import state_space

ReportShare = Callable[[float], None]
RULES: Final = MNKRules(3, 3, 3)
NUM_LOOKS: Final = 40
FIRST_GAMES: Final = 10
FIRST_DECISIONS: Final = 500


def train_table(run: Run, make: Callable[[int], TabularAgent], report_share: ReportShare) -> Result:
    """Train a table agent and grade it.

    Args:
        run: its config has the opponent, whether learning is compiled, and a budget of games (the
            curve is NashConv) or of decisions (the curve is the score against random play).
        make: the agent, from a seed.
        report_share: is told the share that is done.
    """
    by_games = "games" in run.config
    budget = run.config["games" if by_games else "decisions"]
    options: dict[str, Any] = {"opponent": run.config["opponent"], "fast": run.config["compiled"]}
    make(0).learn(1, **options)  # loads compiled code, asks the opponent
    agent, done = make(run.seed), 0
    steps = log_spaced(FIRST_GAMES if by_games else FIRST_DECISIONS, budget, NUM_LOOKS)
    curve: LearningCurve[TabularAgent] = LearningCurve(steps, nash_conv if by_games else score)
    for step in steps:
        if by_games:
            done = agent.learn(step - done, **options).num_games
        elif step > done:  # the last game may have gone a few decisions further
            done = agent.learn(total_timesteps=step - done, **options).num_timesteps
        curve.add(step, agent)
        report_share(step / budget)
    return _result(run, agent, curve, games=agent.num_games, decisions=agent.num_timesteps)


def train_sb3(run: Run, report_share: ReportShare) -> Result:
    """Train an agent of Stable-Baselines3 and grade it; the curve is its score.

    Args:
        run: its config has the method, the opponent, the budget of decisions and the settings.
        report_share: is told the share that is done.
    """
    from etude.agents.baselines import METHODS, BaselineAgent, train_baseline

    method, budget = run.config["method"], run.config["decisions"]
    config = type(METHODS[method].config)(**run.config["settings"])
    train_baseline(method, RULES, 1, seed=0)  # loads compiled code
    steps = log_spaced(FIRST_DECISIONS, budget, NUM_LOOKS)[:-1]
    curve: LearningCurve[BaselineAgent] = LearningCurve(steps, score)

    def look(agent: BaselineAgent) -> None:
        curve.look(agent.num_timesteps, agent)
        report_share(min(agent.num_timesteps / budget, 1.0))

    agent = train_baseline(
        method,
        RULES,
        budget,
        seed=run.seed,
        opponent=run.config["opponent"],
        progress=look,
        config=config,
    )
    curve.add(agent.num_timesteps, agent)  # after the last update
    return _result(run, agent, curve, decisions=agent.num_timesteps)


def score(agent: Tabular) -> float:
    """Wins minus losses against random play, the mean of both sides."""
    return grade(agent, state_space(RULES)).score("uniform")


def nash_conv(agent: TabularAgent) -> float:
    """Twice the exploitability."""
    return 2.0 * agent.exploitability()


def _result(run: Run, agent: Tabular, curve: LearningCurve[Any], **counts: int) -> Result:
    return run.result(
        metrics=metrics_of(grade(agent, state_space(RULES)))
        | {name: float(count) for name, count in counts.items()}
        | {"cpu_seconds": curve.cpu_seconds},
        curve=curve.points,
        curve_seconds=curve.point_seconds,
        seconds=curve.seconds,
    )


def metrics_of(result: Grade) -> dict[str, float]:
    """The numbers of a grade that tables show; each the mean of both sides."""
    wins, _, losses = np.mean(list(result.against["uniform"].values()), axis=0).tolist()
    _, draws, _ = np.mean(list(result.against["minimax"].values()), axis=0).tolist()
    return {
        "score": wins - losses,
        "win_rate": wins,
        "loss_rate": losses,
        "illegal": float(np.mean(list(result.illegal["uniform"].values()))),
        "draws_minimax": draws,
        "nash_conv": result.nash_conv,
        "optimal_share": result.optimal_share,
    }
