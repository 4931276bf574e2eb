"""How fast the exact solvers are: tables, grades, and searches by number of stones."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

import numpy as np

from etude.benchmarks.results import Result
from etude.envs.mnk.alpha_beta import AlphaBetaSolver
from etude.envs.mnk.best_response import exploitability
from etude.envs.mnk.opening_book import CONNECT_FOUR
from etude.envs.mnk.retrograde import RetrogradeSolver
from etude.envs.mnk.rules import MNKRules, Position
from etude.envs.mnk.state_space import StateSpace
from etude.envs.mnk.tabular_policy import uniform_policy

STONES: Final = (8, 10, 12, 14, 16, 20, 24)
NUM_POSITIONS: Final = 50
FEWEST_STONES_WITH_DISTANCES: Final = 12
QUESTIONS: Final = {"values": "win, draw or loss", "scores": "with distance"}
SEED: Final = 0


def measure(rounds: int) -> Iterator[Result]:
    """Results as they come, measured after compilation.

    Args:
        rounds: how often the tables are solved; each search is one of many positions.
    """
    small = StateSpace(MNKRules(3, 3, 3))
    policy = uniform_policy(small)
    AlphaBetaSolver(CONNECT_FOUR).action_values(Position())  # compiles, and loads the book
    tasks: dict[str, Callable[[], Any]] = {
        "4,4,4: solve all positions": lambda: RetrogradeSolver(MNKRules(4, 4, 4)),
        "4,4,4: enumerate the reachable ones": lambda: StateSpace(MNKRules(4, 4, 4)),
        "3,3,3: exploitability of a policy": lambda: exploitability(small, policy),
        "5,5,4: search from the empty board": (
            lambda: AlphaBetaSolver(MNKRules(5, 5, 4)).score(Position())
        ),
    }
    for task, run in tasks.items():
        run()  # compiles
        for number in range(rounds):
            elapsed = seconds_of(run)
            yield result(task, "once", number, {"milliseconds": 1e3 * elapsed}, elapsed)
    for num_stones in STONES:
        for question in ("values", "scores"):
            if question == "values" or num_stones >= FEWEST_STONES_WITH_DISTANCES:
                times = search_times(question, num_stones)
                task = "Connect Four: all moves of a random position"
                method = f"{num_stones} stones, {QUESTIONS[question]}"
                yield result(task, method, SEED, summary(times), sum(times) / 1e3)


def search_times(question: str, num_stones: int) -> list[float]:
    """Milliseconds for the values or scores of all moves in each of some random positions."""
    solver, rng = AlphaBetaSolver(CONNECT_FOUR), np.random.default_rng(SEED)
    solver.action_scores(random_position(rng, CONNECT_FOUR.num_cells - 6))  # compiles
    ask = solver.action_values if question == "values" else solver.action_scores
    positions = [random_position(rng, num_stones) for _ in range(NUM_POSITIONS)]
    return [1e3 * seconds_of(partial(ask, position)) for position in positions]


def random_position(rng: np.random.Generator, num_stones: int) -> Position:
    """A Connect Four position after so many random moves, of games that are not over by then."""
    while True:
        position = Position()
        while (legal := CONNECT_FOUR.legal_actions(position)) and position.num_stones < num_stones:
            position = CONNECT_FOUR.play(position, int(rng.choice(legal)))
        if legal:
            return position


def seconds_of(task: Callable[[], Any]) -> float:
    """How long a task takes."""
    start = time.perf_counter()
    task()
    return time.perf_counter() - start


def summary(times: list[float]) -> dict[str, float]:
    """Median, 95th percentile and maximum of milliseconds."""
    return {
        "median_milliseconds": float(np.median(times)),
        "p95_milliseconds": float(np.quantile(times, 0.95)),
        "max_milliseconds": max(times),
    }


def result(task: str, method: str, seed: int, metrics: dict[str, float], seconds: float) -> Result:
    """One line of results."""
    return Result(
        suite="solver", task=task, method=method, seed=seed, metrics=metrics, seconds=seconds
    )
