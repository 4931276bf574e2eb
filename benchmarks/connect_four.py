"""How well the n-tuple agent learns Connect Four by playing itself, judged by the solver.

    python -m etude.benchmarks.connect_four --games 3000000 --seed 0 --save c4.npz

Two grades: move accuracy on 1,000 positions of random games with 12 to 30 stones, as a curve over
games, and matches moving first against three perfect players. They differ in lost positions, where
every move keeps the value: ``EpsilonMinimax(0.0)`` moves at random there, the stubborn one delays
its loss, and the demanding one looks for positions in which most answers give the win away.
"""

import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Final

import numpy as np
import tyro
from rich.progress import track

from etude.agents.ntuple import NTupleAgent
from etude.agents.ntuple_network import NTupleConfig
from etude.agents.solver_grades import (
    DemandingMinimax,
    LabelledPosition,
    MatchResult,
    StubbornMinimax,
    labelled_positions,
    match_against_solver,
    move_accuracy,
    uniform_accuracy,
)
from etude.benchmarks.results import Result, append
from etude.envs.mnk.opponents import EpsilonMinimax, Opponent
from etude.envs.mnk.rules import MNKRules

RULES: Final = MNKRules(6, 7, 4, gravity=True)
STONES: Final = (12, 30)
LABEL_SEED: Final = 0  # the same positions for every agent
MATCH_SEED: Final = 2
PERFECT_PLAYERS: Final[dict[str, Opponent]] = {
    "minimax": EpsilonMinimax(0.0),
    "stubborn": StubbornMinimax(min_stones=16),
    "demanding": DemandingMinimax(),
}


def main(
    games: int = 3_000_000,
    seed: int = 0,
    num_positions: int = 1000,
    num_match_games: int = 50,
    save: Path | None = None,
    out: Path = Path("runs/bench"),
) -> None:
    """Train an n-tuple agent on Connect Four and grade it; the result goes to `results.jsonl`.

    Args:
        games: self-play games; step size and exploration decay over them.
        seed: of the tuples and of self-play.
        num_positions: labelled positions that the moves are graded on.
        num_match_games: games against each perfect player.
        save: where to keep the agent.
        out: folder of the results.
    """
    labelled = list(track(_positions(num_positions), "Labelling", total=num_positions))
    decisions = [label for label in labelled if label.is_decision]
    print(
        f"{len(labelled)} positions, {len(decisions)} in which some move errs; uniform play: "
        f"{uniform_accuracy(labelled):.3f} ({uniform_accuracy(decisions):.3f})"
    )
    agent = NTupleAgent(RULES, NTupleConfig(decay_games=games), np.random.default_rng(seed))
    started = time.perf_counter()
    curve, metrics = learn_and_grade(agent, games, labelled)
    if save is not None:
        agent.save(save)
    for name, match in play_matches(agent, num_match_games):
        print(f"moving first against {name}: {match}")
        metrics |= {f"{result}_{name}": float(number) for result, number in asdict(match).items()}
    result = Result(
        suite="connect_four",
        task=RULES.name,
        method="ntuple",
        seed=seed,
        metrics=metrics,
        curve=curve,
        seconds=time.perf_counter() - started,
        config=asdict(agent.config) | {"games": games, "positions": num_positions},
    )
    append(out / "results.jsonl", result)


def learn_and_grade(
    agent: NTupleAgent, games: int, labelled: list[LabelledPosition]
) -> tuple[list[tuple[float, float]], dict[str, float]]:
    """Train a fresh agent; its accuracy at every milestone, and the figures at the end."""
    decisions = [label for label in labelled if label.is_decision]
    curve, cpu_seconds, among_decisions = [], 0.0, 0.0
    for milestone in milestones(games):
        started = time.process_time()
        if milestone > agent.num_games:
            agent.learn(milestone - agent.num_games, progress=True)
        cpu_seconds += time.process_time() - started
        accuracy = move_accuracy(agent, RULES, labelled)
        among_decisions = move_accuracy(agent, RULES, decisions)
        curve.append((float(milestone), accuracy))
        print(
            f"{milestone:>10,} games, {cpu_seconds:4.0f} CPU s: accuracy {accuracy:.3f} "
            f"({among_decisions:.3f})"
        )
    return curve, {
        "accuracy": curve[-1][1],
        "decision_accuracy": among_decisions,
        "cpu_seconds": cpu_seconds,
    }


def milestones(games: int) -> list[int]:
    """After how many games the agent is graded, from none to all, about evenly on a log axis."""
    shares = (0.0, 0.003, 0.01, 0.03, 0.1, 0.3, 0.6, 1.0)
    return sorted({round(share * games) for share in shares})


def play_matches(agent: NTupleAgent, num_games: int) -> Iterator[tuple[str, MatchResult]]:
    """The agent's results moving first against each perfect player."""
    for name, opponent in PERFECT_PLAYERS.items():
        rng = np.random.default_rng(MATCH_SEED)
        yield name, match_against_solver(agent, RULES, num_games, rng, opponent=opponent)


def _positions(num_positions: int) -> Iterator[LabelledPosition]:
    return labelled_positions(RULES, num_positions, np.random.default_rng(LABEL_SEED), STONES)


if __name__ == "__main__":
    tyro.cli(main)
