"""The front of the solvers."""

import pickle
import subprocess
import sys

import pytest

from etude.envs.mnk.alpha_beta import AlphaBetaSolver
from etude.envs.mnk.retrograde import RetrogradeSolver
from etude.envs.mnk.rules import MNKRules, Position
from etude.envs.mnk.solver import plies_to_end, solver_for


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("3,3,3", RetrogradeSolver),
        ("4,4,3,gravity,misere", RetrogradeSolver),
        ("3,6,3", AlphaBetaSolver),
        ("connect_four", AlphaBetaSolver),
        ("7,7,5", AlphaBetaSolver),
    ],
)
def test_boards_get_the_solver_that_fits_them(name: str, kind: type) -> None:
    rules = MNKRules.from_name(name)
    assert type(solver_for(rules)) is kind
    assert solver_for(MNKRules.from_name(name)) is solver_for(rules)


@pytest.mark.parametrize("name", ["3,3,3", "connect_four"])
def test_solvers_survive_pickling(name: str) -> None:
    solver = solver_for(MNKRules.from_name(name))
    assert pickle.loads(pickle.dumps(solver)) is solver  # as the one of its process


def test_asking_for_a_solver_imports_no_compiler_until_then() -> None:
    code = "import sys, etude.envs.mnk.solver; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_distances_count_the_moves_to_the_end() -> None:
    rules = MNKRules(3, 3, 3)
    solver = solver_for(rules)
    position = rules.parse("X.O/.X./..O")
    scores = solver.action_scores(position)
    plies = {action: plies_to_end(rules, position, score) for action, score in scores.items()}
    assert plies == {1: 2, 3: 2, 5: None, 6: 2, 7: 2}
    assert plies_to_end(rules, Position(), 0) is None


def test_best_play_lasts_as_long_as_the_score_says() -> None:
    rules = MNKRules(3, 4, 3)
    solver = solver_for(rules)
    position, expected = Position(), plies_to_end(rules, Position(), solver.score(Position()))
    while rules.outcome(position) is None:
        scores = solver.action_scores(position)
        position = rules.play(position, max(scores, key=scores.__getitem__))
    assert position.num_stones == expected == 7
    assert rules.outcome(position) == 1


def test_optimal_moves_keep_the_value_not_the_distance() -> None:
    rules = MNKRules(3, 3, 3)
    position = rules.parse("XX./O../O..")  # 2 wins at once, 4 by two threats
    scores = solver_for(rules).action_scores(position)
    assert (scores[2], scores[4]) == (5, 3)
    assert solver_for(rules).optimal_actions(position) == [
        action for action, score in scores.items() if score > 0
    ]
