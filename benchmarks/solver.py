"""How fast the exact solvers are: tables, grades, and searches by number of stones."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import numpy as np

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
REPEATS: Final = 20
SEED: Final = 0


def measure() -> list[dict[str, float | str]]:
    """One result a line, as name, value and unit, measured after compilation."""
    return [*measure_tables(), *measure_searches()]


def measure_tables() -> list[dict[str, float | str]]:
    """Seconds to solve and to enumerate 4,4,4; milliseconds to grade a policy on 3,3,3."""
    small = StateSpace(MNKRules(3, 3, 3))
    policy = uniform_policy(small)
    exploitability(small, policy)  # compiles
    return [
        result(
            "retrograde_4_4_4", best_seconds(lambda: RetrogradeSolver(MNKRules(4, 4, 4)), 3), "s"
        ),
        result("enumerate_4_4_4", best_seconds(lambda: StateSpace(MNKRules(4, 4, 4)), 1), "s"),
        result(
            "exploitability_3_3_3",
            1e3 * best_seconds(lambda: exploitability(small, policy), REPEATS),
            "ms",
        ),
    ]


def measure_searches() -> list[dict[str, float | str]]:
    """Milliseconds for all moves of random Connect Four positions, and seconds for 5,5,4."""
    AlphaBetaSolver(CONNECT_FOUR).action_values(Position())  # compiles, and loads the book
    results = []
    for num_stones in STONES:
        for question in ("values", "scores"):
            if question == "values" or num_stones >= FEWEST_STONES_WITH_DISTANCES:
                statistics = summary(search_times(question, num_stones))
                name = f"connect_four_{num_stones}_{question}"
                results += [result(f"{name}_{key}", statistics[key], "ms") for key in statistics]
    seconds = best_seconds(lambda: AlphaBetaSolver(MNKRules(5, 5, 4)).score(Position()), 1)
    return [*results, result("alpha_beta_5_5_4", seconds, "s")]


def search_times(question: str, num_stones: int) -> list[float]:
    """Milliseconds for the values or scores of all moves in each of some random positions."""
    solver, rng = AlphaBetaSolver(CONNECT_FOUR), np.random.default_rng(SEED)
    solver.action_scores(random_position(rng, CONNECT_FOUR.num_cells - 6))  # compiles
    ask = solver.action_values if question == "values" else solver.action_scores
    positions = [random_position(rng, num_stones) for _ in range(NUM_POSITIONS)]
    return [1e3 * best_seconds(partial(ask, position), 1) for position in positions]


def random_position(rng: np.random.Generator, num_stones: int) -> Position:
    """A Connect Four position after so many random moves, of games that are not over by then."""
    while True:
        position = Position()
        while (legal := CONNECT_FOUR.legal_actions(position)) and position.num_stones < num_stones:
            position = CONNECT_FOUR.play(position, int(rng.choice(legal)))
        if legal:
            return position


def best_seconds(task: Callable[[], Any], repeats: int) -> float:
    """The shortest of some runs."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        task()
        times.append(time.perf_counter() - start)
    return min(times)


def summary(times: list[float]) -> dict[str, float]:
    """Median, 95th percentile and maximum."""
    return {
        "median": float(np.median(times)),
        "p95": float(np.quantile(times, 0.95)),
        "max": max(times),
    }


def result(name: str, value: float, unit: str) -> dict[str, float | str]:
    """One line of ``measure``."""
    return {"name": name, "value": value, "unit": unit}
