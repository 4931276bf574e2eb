"""How soon an agent plays four in a row on 4 x 4 perfectly, having learned by self-play.

The board has 9,722,011 positions, 1,217,977 up to symmetry. After each look the grade is
computed over all of them, with every tied greedy move playable, so that NashConv 0 is a proof, as
the agent's own ``knows_all`` is another. Learning is timed in CPU seconds of one process, after
compilation; making the tables of the board and grading are timed for themselves.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeVar

import numpy as np
from jaxtyping import Bool

from etude.agents.compiled import compiled
from etude.agents.move_table import folded_move_table
from etude.agents.optima import limits
from etude.agents.perfect_play import PerfectPlayAgent
from etude.agents.presets import NEVER_LOSES, find_preset
from etude.benchmarks.learning_curve import LearningCurve, log_spaced
from etude.benchmarks.results import Result
from etude.envs.mnk.retrograde import ONGOING
from etude.envs.mnk.rules import FIRST, SECOND, MNKRules
from etude.envs.mnk.state_space import Graph, expand, state_space

RULES: Final = MNKRules(4, 4, 4)
TICTACTOE: Final = MNKRules(3, 3, 3)
NUM_LOOKS: Final = 10
NUM_PARTS: Final = 40  # the games that are enough are played in so many, until all is known
FIRST_LOOK: Final = 0.01  # of the games that are enough
Answer = TypeVar("Answer")


def measure(seeds: Iterable[int], rules: MNKRules = RULES) -> Iterator[Result]:
    """Results as they come.

    Args:
        seeds: of the agents.
        rules: the board: a drawn game of at most 16 cells.
    """
    learn_and_grade(0, TICTACTOE)  # compiles
    for seed in seeds:
        yield learn_and_grade(seed, rules)


def learn_and_grade(seed: int, rules: MNKRules) -> Result:
    """Train one agent until it knows everything, and grade it; the curve is NashConv."""
    preset = find_preset("perfect")
    enough = preset.games_for(rules)
    agent = PerfectPlayAgent(rules, seed=seed)
    _, table_seconds = timed(lambda: make_tables(agent))
    steps = log_spaced(max(int(FIRST_LOOK * enough), 1), enough, NUM_LOOKS)
    curve: LearningCurve[PerfectPlayAgent] = LearningCurve(
        steps, lambda learner: 2.0 * learner.exploitability()
    )
    while not agent.knows_all:
        curve.look(agent.num_games, agent)
        agent.learn(-(-enough // NUM_PARTS), fast=True)
    curve.add(agent.num_games, agent)
    exploitability, grade_seconds = timed(agent.exploitability)
    rate = win_rate(agent)
    return Result(
        suite="four_in_a_row",
        task=rules.name,
        method="perfect",
        seed=seed,
        metrics={
            "exploitability": exploitability,
            "nash_conv": 2.0 * exploitability,
            "games": float(agent.num_games),
            "cpu_seconds_to_zero": curve.cpu_seconds,
            "cpu_seconds_of_tables": table_seconds,
            "cpu_seconds_of_grade": grade_seconds,
            "win_rate": rate,
            "gap_to_limit": limits(rules)[NEVER_LOSES] - rate,
        },
        curve=curve.points,
        curve_seconds=curve.point_seconds,
        seconds=curve.seconds,
        config={"preset": "perfect", "symmetric": True},
    )


def make_tables(agent: PerfectPlayAgent) -> None:
    """Make what is kept for all agents of a board, and the arrays of this one."""
    folded_move_table(agent.rules)
    agent.table.arrays(state_space(agent.rules))


def win_rate(agent: PerfectPlayAgent) -> float:
    """The exact probability to beat random play, the mean of both sides."""
    space = state_space(agent.rules)
    playable = agent.playable_table(space)
    wins = [wins_against_random(space.graph, playable, side) for side in (FIRST, SECOND)]
    return float(np.mean(wins))


@compiled
def wins_against_random(
    graph: Graph, playable: Bool[np.ndarray, "states actions"], side: int
) -> float:
    """The probability that ``side`` wins by playable moves, one as likely as another.

    Like ``best_response.match``, without tables of both policies: those take 1.2 GB each on 4 x 4.
    """
    wins = np.zeros(len(graph.codes))
    actions = np.empty(graph.tables.num_cells, np.int64)
    rows = np.empty(graph.tables.num_cells, np.int64)
    for row in range(len(graph.codes) - 1, -1, -1):
        if graph.outcomes[row] != ONGOING:
            wins[row] = graph.outcomes[row] == (1 if side == FIRST else -1)
            continue
        total, num_moves = 0.0, 0
        for i in range(expand(graph, row, actions, rows)):
            if graph.to_move[row] != side or playable[row, actions[i]]:
                total += wins[rows[i]]
                num_moves += 1
        wins[row] = total / num_moves
    return float(wins[0])


def timed(task: Callable[[], Answer]) -> tuple[Answer, float]:
    """The answer of a task, and its CPU seconds."""
    start = time.process_time()
    answer = task()
    return answer, time.process_time() - start
