"""How well n-tuple agents learn Connect Four by playing themselves, judged by the solver.

Two grades: move accuracy on positions of random games with 12 to 30 stones, as a curve over games,
and matches moving first, where perfect play wins, against three perfect players. They differ in
lost positions, where every move keeps the value: ``EpsilonMinimax(0.0)`` moves at random there, the
stubborn one delays its loss, and the demanding one looks for positions in which most answers give
the win away.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from rich.console import Console

from etude.agents.ntuple import NTupleAgent
from etude.agents.ntuple_network import NTupleConfig
from etude.agents.solver_grades import (
    DemandingMinimax,
    GameEnd,
    LabelledPosition,
    MatchResult,
    StubbornMinimax,
    move_accuracy,
    play_game,
    uniform_accuracy,
)
from etude.benchmarks import results
from etude.benchmarks.labels import keep_labels, load_labels
from etude.benchmarks.learning_curve import LearningCurve, log_spaced
from etude.benchmarks.report import report
from etude.benchmarks.results import Result
from etude.benchmarks.runner import Run, run_all
from etude.envs.mnk.opponents import EpsilonMinimax, Opponent
from etude.envs.mnk.rules import FIRST, MNKRules

SUITE: Final = "connect_four"
RULES: Final = MNKRules(6, 7, 4, gravity=True)
STONES: Final = (12, 30)
LABEL_SEED: Final = 0  # the same positions for every agent
MATCH_SEED: Final = 2
PERFECT_PLAYERS: Final[dict[str, Opponent]] = {
    "minimax": EpsilonMinimax(0.0),
    "stubborn": StubbornMinimax(min_stones=16),
    "demanding": DemandingMinimax(),
}
ENDS: Final = ("wins", "draws", "losses")
NUM_LOOKS: Final = 12
FIRST_LOOK: Final = 1000
LEARNING_SHARE: Final = 0.5  # of the time of a run; the matches take about as long
ReportShare = Callable[[float], None]


def connect_four(
    *,
    games: int = 3_000_000,
    seeds: int = 3,
    positions: int = 1000,
    match_games: int = 50,
    save: Path | None = None,
    out: Path = Path("runs/bench"),
    workers: int | None = None,
    ray: str | None = None,
) -> None:
    """Train n-tuple agents on Connect Four by self-play, and have the solver judge them.

    Seeds that are in the folder already, with the same settings, are not run again; Ctrl-C keeps
    those that are done. A seed takes about a quarter of an hour.

    Args:
        games: self-play games; step size and exploration decay over them.
        seeds: how many agents learn, each from random numbers of its own.
        positions: labelled positions that the moves are graded on; solved once for each folder.
        match_games: games against each perfect player.
        save: a folder for the agents.
        out: folder of `results.jsonl` and of the labelled positions.
        workers: runs at a time; one a core if left out.
        ray: run on a cluster of Ray instead: local, auto, or ray://HOST:10001.

    Raises:
        ValueError: a number below 1.
        RuntimeError: some runs failed; the others are in the folder.
    """
    _check_positive(
        games=games, seeds=seeds, positions=positions, match_games=match_games, workers=workers
    )
    labels, path = keep_labels(out, RULES, positions, STONES, LABEL_SEED), out / "results.jsonl"
    if save is not None:
        save.mkdir(parents=True, exist_ok=True)
    config = {
        "games": games,
        "positions": positions,
        "match_games": match_games,
        "settings": asdict(NTupleConfig(decay_games=games)),
    }
    runs = [plan(seed, config, labels, save) for seed in range(seeds)]
    num_done = run_all(runs, path, workers, ray)
    if num_done:
        Console(stderr=True).print(f"{num_done} of {len(runs)} seeds were done before")
    report(path)
    lines = [line for line in results.read(path) if line["suite"] == SUITE]
    for line in sorted(lines, key=lambda line: int(line["seed"])):
        if line["config"] == config:
            print("\n".join(describe_matches(line)))


def describe_matches(line: dict[str, Any]) -> Iterator[str]:
    """Sentences on the matches of a line of results, with intervals."""
    for name in PERFECT_PLAYERS:
        match = MatchResult(*(int(line["metrics"][f"{end}_{name}"]) for end in ENDS))
        yield f"seed {line['seed']}, moving first against {name}: {match}"


def plan(seed: int, config: dict[str, Any], labels: Path, save: Path | None = None) -> Run:
    """The run of one seed.

    Args:
        seed: of the tuples and of self-play.
        config: games, positions, match_games, and the fields of ``NTupleConfig`` as settings.
        labels: the file of the labelled positions.
        save: a folder for the agent.
    """
    return Run(
        suite=SUITE,
        task=RULES.name,
        method="ntuple",
        seed=seed,
        config=config,
        execute=partial(train_and_judge, labels=labels, save=save),
        cost=config["games"],
    )


def train_and_judge(
    run: Run, report_share: ReportShare, *, labels: Path, save: Path | None
) -> Result:
    """Do a run of ``plan``; it can be sent to another process."""
    labelled = load_labels(labels)
    agent = NTupleAgent(
        RULES, NTupleConfig(**run.config["settings"]), np.random.default_rng(run.seed)
    )
    curve = learn(agent, run.config["games"], labelled, report_share)
    if save is not None:
        agent.save(save / f"ntuple-{agent.num_games}-seed{run.seed}.npz")
    decisions = [label for label in labelled if label.is_decision]
    metrics = {
        "accuracy": curve.points[-1][1],
        "decision_accuracy": move_accuracy(agent, RULES, decisions),
        "uniform_accuracy": uniform_accuracy(labelled),
        "uniform_decision_accuracy": uniform_accuracy(decisions),
        "cpu_seconds": curve.cpu_seconds,
    }
    return run.result(
        metrics=metrics | play_matches(agent, run.config["match_games"], report_share),
        curve=curve.points,
        curve_seconds=curve.point_seconds,
        seconds=curve.seconds,
    )


def learn(
    agent: NTupleAgent,
    games: int,
    labelled: list[LabelledPosition],
    report_share: ReportShare,
) -> LearningCurve[NTupleAgent]:
    """Let a fresh agent play; its move accuracy at about even distances on a log axis."""
    NTupleAgent(RULES, NTupleConfig(num_tuples=1)).learn(1)  # loads compiled code
    steps = log_spaced(min(FIRST_LOOK, games), games, NUM_LOOKS)
    curve: LearningCurve[NTupleAgent] = LearningCurve(
        steps, lambda learner: move_accuracy(learner, RULES, labelled)
    )

    def report_games(learner: NTupleAgent) -> None:
        report_share(LEARNING_SHARE * learner.num_games / games)

    for step in steps:
        agent.learn(step - agent.num_games, progress=report_games)
        curve.look(step, agent)
    return curve


def play_matches(agent: NTupleAgent, num_games: int, report_share: ReportShare) -> dict[str, float]:
    """How many games the agent won, drew and lost moving first against each perfect player."""
    metrics: dict[str, float] = {}
    total = num_games * len(PERFECT_PLAYERS)

    def ends(opponent: Opponent, num_before: int) -> Iterator[GameEnd]:
        rng = np.random.default_rng(MATCH_SEED)
        for number in range(num_games):
            yield play_game(agent, RULES, FIRST, opponent, rng)
            played = (num_before + number + 1) / total
            report_share(LEARNING_SHARE + (1.0 - LEARNING_SHARE) * played)

    for order, (name, opponent) in enumerate(PERFECT_PLAYERS.items()):
        match = MatchResult.count(ends(opponent, order * num_games))
        for end in ENDS:
            metrics[f"{end}_{name}"] = float(getattr(match, end))
    return metrics


def _check_positive(**options: int | None) -> None:
    for name, number in options.items():
        if number is not None and number < 1:
            raise ValueError(f"--{name.replace('_', '-')} is at least 1, got {number}.")
