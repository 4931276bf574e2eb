"""The learning of ``td_value`` and ``monte_carlo`` in compiled loops over the rows of a StateSpace.

The same games and the same arithmetic in the same order: from the same stream of random numbers the
compiled path plays the very games of the readable one, and ends with the very same table.
"""

from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Bool, Float64, Int64

from etude.agents.compiled import compiled
from etude.agents.greedy import TIE_TOLERANCE
from etude.agents.move_table import Moves, move_table
from etude.agents.value_table import TableArrays, ValueTable
from etude.envs.mnk.retrograde import ONGOING
from etude.envs.mnk.state_space import state_space
from etude.envs.mnk.tabular_policy import Policy

SUTTON_BARTO: Final = 0  # in the order of td_value.BACKUPS
MAX: Final = 1
LAMBDA: Final = 2
OUTCOME: Final = 3  # that of monte_carlo


class Lesson(NamedTuple):
    """What a compiled loop needs to know of the settings.

    Attributes:
        backup: one of the numbers above.
        self_play: whether both sides are the learner's.
        per_visit: whether the step size is 1/N, or the schedule's if that is more.
        least_visited: whether exploratory moves go where the agent was least often.
        trace_decay: lambda.
        draw_value: of a draw, where a win is 1 and a loss 0.
    """

    backup: int
    self_play: bool
    per_visit: bool
    least_visited: bool
    trace_decay: float
    draw_value: float


class Scratch(NamedTuple):
    """Arrays that every game uses anew.

    Attributes:
        path: the row after each move of a game.
        greedy: whether each move was one of the best.
        returns: the lambda-return of each afterstate.
    """

    path: Int64[np.ndarray, " cells"]
    greedy: Bool[np.ndarray, " cells"]
    returns: Float64[np.ndarray, " cells"]


def learn(
    table: ValueTable,
    lesson: Lesson,
    epsilons: Float64[np.ndarray, " games"],
    step_sizes: Float64[np.ndarray, " games"],
    policy: Policy,
    rng: np.random.Generator,
) -> int:
    """Play one game for each epsilon and learn from it.

    Args:
        table: is changed.
        lesson: how.
        epsilons: the share of exploratory moves in each game.
        step_sizes: of each game.
        policy: what the opponent plays in each state; of shape (0, 0) in self-play.
        rng: of all draws.

    Returns:
        How many decisions the learner made.

    Raises:
        ValueError: the board is too large to be enumerated.
    """
    space = state_space(table.rules)
    scratch = _make_scratch(table.rules.num_cells)
    arrays = table.arrays(space)
    moves = move_table(table.rules)
    return learn_games(moves, arrays, lesson, scratch, epsilons, step_sizes, policy, rng)


def _make_scratch(num_cells: int) -> Scratch:
    path, greedy = np.zeros(num_cells, np.int64), np.zeros(num_cells, np.bool_)
    return Scratch(path, greedy, np.zeros(num_cells))


@compiled
def learn_games(
    moves: Moves,
    table: TableArrays,
    lesson: Lesson,
    scratch: Scratch,
    epsilons: Float64[np.ndarray, " games"],
    step_sizes: Float64[np.ndarray, " games"],
    policy: Policy,
    rng: np.random.Generator,
) -> int:
    """See ``learn``."""
    num_decisions = 0
    for game in range(len(epsilons)):
        learner = 0
        if not lesson.self_play and rng.random() < 0.5:
            learner = 1
        count = play_game(moves, table, lesson, scratch, policy, epsilons[game], learner, rng)
        num_decisions += learn_from(moves, table, lesson, scratch, count, learner, step_sizes[game])
    return num_decisions


@compiled
def play_game(
    moves: Moves,
    table: TableArrays,
    lesson: Lesson,
    scratch: Scratch,
    policy: Policy,
    epsilon: float,
    learner: int,
    rng: np.random.Generator,
) -> int:
    """Write the rows of a game; returns how many moves it has. See ``TabularAgent.play_game``."""
    row, ply = 0, 0
    while moves.outcomes[row] == ONGOING:
        if lesson.self_play or moves.to_move[row] == learner:
            explores = rng.random() < epsilon
            top = best_value_after(moves, table, row)
            row = choose(moves, table, row, top, explores, lesson.least_visited, rng.random())
            scratch.greedy[ply] = table.values[0, table.keys[row]] >= top - TIE_TOLERANCE
        else:
            row = draw(moves, policy, row, rng.random())
            scratch.greedy[ply] = True
        scratch.path[ply] = row
        ply += 1
    return ply


@compiled
def choose(
    moves: Moves,
    table: TableArrays,
    row: int,
    top: float,
    explores: bool,
    least: bool,
    u: float,
) -> int:
    """The row that ``u`` picks among the best moves, or among those to explore."""
    start, end = moves.starts[row], moves.starts[row + 1]
    if explores and not least:
        return int(moves.rows[start + int(u * (end - start))])
    fewest = table.visits[table.keys[moves.rows[start]]]
    for move in range(start, end):
        fewest = min(fewest, table.visits[table.keys[moves.rows[move]]])
    num_candidates = 0
    for move in range(start, end):
        num_candidates += is_candidate(table, moves.rows[move], top, fewest, explores)
    wanted = int(u * num_candidates)
    for move in range(start, end):
        if is_candidate(table, moves.rows[move], top, fewest, explores):
            if wanted == 0:
                return int(moves.rows[move])
            wanted -= 1
    return -1


@compiled
def is_candidate(table: TableArrays, row: int, top: float, fewest: int, explores: bool) -> bool:
    """Whether a move is one of the least visited, or one of the best."""
    key = table.keys[row]
    if explores:
        return bool(table.visits[key] == fewest)
    return bool(table.values[0, key] >= top - TIE_TOLERANCE)


@compiled
def draw(moves: Moves, policy: Policy, row: int, u: float) -> int:
    """The row that ``u`` selects by a policy."""
    total, last = 0.0, moves.starts[row]
    for move in range(moves.starts[row], moves.starts[row + 1]):
        probability = policy[row, moves.actions[move]]
        if probability > 0.0:
            total += probability
            last = move
            if u < total:
                break
    return int(moves.rows[last])


@compiled
def learn_from(
    moves: Moves,
    table: TableArrays,
    lesson: Lesson,
    scratch: Scratch,
    count: int,
    learner: int,
    step_size: float,
) -> int:
    """Change the table by a game; returns the learner's moves. See ``TDValueAgent.learn_from``."""
    stride = 1 if lesson.self_play else 2
    start = 0 if lesson.self_play else learner
    for ply in range(start, count, stride):
        table.visits[table.keys[scratch.path[ply]]] += 1
    num_learning = (count - start + stride - 1) // stride
    for i in range(num_learning):
        forward = lesson.backup == SUTTON_BARTO or lesson.backup == OUTCOME
        ply = start + stride * (i if forward else num_learning - 1 - i)
        is_update, target = find_target(moves, table, lesson, scratch, count, ply)
        scratch.returns[ply] = target
        if is_update:
            key = table.keys[scratch.path[ply]]
            step = step_size
            if lesson.per_visit:
                step = max(1.0 / table.visits[key], step)
            table.values[0, key] += step * (target - table.values[0, key])
    return num_learning


@compiled
def find_target(
    moves: Moves, table: TableArrays, lesson: Lesson, scratch: Scratch, count: int, ply: int
) -> tuple[bool, float]:
    """Whether there is an update after a move, and its target (or what the lambda-return is)."""
    path, last = scratch.path, count - 1
    own = float(table.values[0, table.keys[path[ply]]])
    if ply == last:
        return False, own
    if lesson.backup == MAX and lesson.self_play:
        return True, 1.0 - best_value_after(moves, table, path[ply])
    if ply + 1 == last or lesson.backup == OUTCOME:
        sign = moves.outcomes[path[last]] * (1 if ply % 2 == 0 else -1)
        return True, lesson.draw_value if sign == 0 else (1.0 if sign > 0 else 0.0)
    if lesson.backup == MAX:
        return True, best_value_after(moves, table, path[ply + 1])
    if not scratch.greedy[ply + 2]:
        return False, own
    later = float(table.values[0, table.keys[path[ply + 2]]])
    if lesson.backup == SUTTON_BARTO:
        return True, later
    decay = lesson.trace_decay
    return True, (1.0 - decay) * later + decay * scratch.returns[ply + 2]


@compiled
def best_value_after(moves: Moves, table: TableArrays, row: int) -> float:
    """The best value that the next move can reach."""
    top = -np.inf
    for move in range(moves.starts[row], moves.starts[row + 1]):
        top = max(top, table.values[0, table.keys[moves.rows[move]]])
    return top
