"""A person's games: sides, undo, hints, scores, and an opponent that may need too long."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from etude.envs.mnk.opponents import EpsilonMinimax, make_opponent
from etude.envs.mnk.rules import FIRST, SECOND, MNKRules, Position
from etude.envs.mnk.solver import SearchLimit, solver_for
from etude.session import BOARD_CYCLE, DIFFICULTIES, Score, Session
from etude.turn import Answer, Turn, forfeit_sentence, is_solvable, rule_of_thumb, verdict

TICTACTOE = MNKRules()
GOMOKU = MNKRules.from_name("gomoku")


def reply(session: Session) -> int:
    turn = session.opponents_turn()
    answer = turn.answer()
    assert session.accept(turn, answer)
    return answer.action


def play_out(session: Session, rng: np.random.Generator) -> None:
    while session.outcome is None:
        if session.is_persons_turn:
            session.play(int(rng.choice(session.rules.legal_actions(session.position))))
        else:
            reply(session)


def test_a_move_and_its_answer() -> None:
    session = Session(TICTACTOE, "minimax", seed=3)
    assert session.last_cell is None
    assert session.is_persons_turn
    session.play(0)
    assert session.last_cell == 0
    assert session.is_opponents_turn
    action = reply(session)
    assert action == 4, "anything else would lose to a corner opening"
    assert session.last_cell == 4
    assert session.is_persons_turn


def test_moves_out_of_turn_are_refused() -> None:
    session = Session(TICTACTOE, side=SECOND)
    with pytest.raises(ValueError, match="opponent is to move"):
        session.play(0)
    reply(session)
    with pytest.raises(ValueError, match="not its turn"):
        session.opponents_turn()
    with pytest.raises(ValueError, match="taken"):
        session.play(session.position.occupied.bit_length() - 1)


def test_the_same_seed_answers_alike() -> None:
    games = []
    for seed in (7, 7, 8):
        session = Session(MNKRules(5, 5, 4), "uniform", seed=seed)
        play_out(session, np.random.default_rng(0))
        games.append(session.position)
    assert games[0] == games[1] != games[2]


def test_the_opponent_gets_the_draws_of_a_generator() -> None:
    seen = []

    class Listener(EpsilonMinimax):
        def act(self, rules: MNKRules, position: Position, legal: Sequence[int], u: float) -> int:
            seen.append(u)
            return super().act(rules, position, legal, u)

    session = Session(TICTACTOE, Listener(1.0), side=SECOND, seed=5)
    reply(session)
    assert seen == [np.random.default_rng(5).random()]


def test_undo_takes_back_the_answer_too() -> None:
    session = Session(TICTACTOE, "uniform", seed=0)
    assert not session.undo()
    session.play(4)
    before = session.position
    reply(session)
    session.play(TICTACTOE.legal_actions(session.position)[0])
    assert session.undo(), "while the opponent thinks, only the person's move"
    assert session.position.num_stones == 2
    assert session.position.first == before.first
    assert session.undo()
    assert session.position == Position()
    assert not session.undo()


def test_undo_leaves_the_opponents_opening() -> None:
    session = Session(TICTACTOE, "uniform", side=SECOND, seed=0)
    assert not session.undo()
    reply(session)
    assert not session.undo()
    session.play(TICTACTOE.legal_actions(session.position)[0])
    reply(session)
    assert session.undo()
    assert session.position.num_stones == 1


@pytest.mark.parametrize("side", [FIRST, SECOND])
def test_the_score_counts_and_undo_takes_it_back(side: int) -> None:
    session, rng = Session(TICTACTOE, "uniform", side=side, seed=1), np.random.default_rng(1)
    counted = Score()
    for _ in range(20):
        play_out(session, rng)
        assert session.outcome is not None
        counted.count(session.outcome)
        assert session.score == counted
        outcome, sign = TICTACTOE.outcome(session.position), 1 if side == FIRST else -1
        assert session.outcome == sign * (outcome or 0)
        session.new_game()
    assert min(counted.wins, counted.losses) > 0
    play_out(session, rng)
    assert session.undo()
    assert session.score == counted


def test_each_board_and_opponent_has_a_score_of_its_own() -> None:
    session, rng = Session(TICTACTOE, "uniform", seed=1), np.random.default_rng(1)
    play_out(session, rng)
    total = session.score
    session.next_opponent()
    assert session.opponent_label == "perfect"
    assert session.score == Score()
    session.use_board(MNKRules(misere=True))
    session.use_opponent("uniform")
    assert session.score == Score()
    session.use_board(TICTACTOE)
    assert session.score is total


def test_switching_sides_starts_again() -> None:
    session = Session(TICTACTOE, "uniform", seed=1)
    session.play(0)
    session.switch_side()
    assert session.side == SECOND
    assert session.position == Position()
    assert session.is_opponents_turn


def test_boards_and_opponents_cycle() -> None:
    session = Session(TICTACTOE, "minimax")
    boards, labels = [], []
    for _ in BOARD_CYCLE:
        session.next_board()
        boards.append(session.rules.name)
    assert boards == [*BOARD_CYCLE[1:], BOARD_CYCLE[0]]
    for _ in DIFFICULTIES:
        session.next_opponent()
        labels.append(session.opponent_label)
    assert labels == [*list(DIFFICULTIES)[1:], next(iter(DIFFICULTIES))]
    odd = Session(MNKRules(2, 5, 2), "epsilon_minimax:0.7")
    odd.next_board()
    odd.next_opponent()
    assert (odd.rules.name, odd.opponent_label) == (BOARD_CYCLE[0], "perfect")


def test_a_large_board_leaves_only_the_random_opponent() -> None:
    assert not is_solvable(GOMOKU)
    session = Session(GOMOKU, "minimax", seed=0)
    assert session.is_limited
    assert session.opponent_label == "random"
    session.play(112)
    reply(session)
    hint = session.persons_turn().hint()
    assert hint.values is None
    assert "too large to solve" in hint.text
    session.use_board(TICTACTOE)
    assert session.opponent_label == "perfect", "the wish is kept"


def test_any_opponent_may_play_on_a_large_board() -> None:
    session = Session(GOMOKU, lambda observation, action_mask: int(action_mask.argmax()))
    session.play(5)
    assert reply(session) == 0
    assert not session.is_limited
    assert session.opponent_label == "function"


def test_an_opponents_illegal_move_is_refused() -> None:
    class Cheat:
        def act(self, *_: object) -> int:
            return 0

        def action_probabilities(self, *_: object) -> None: ...

    session = Session(TICTACTOE, Cheat())
    session.play(0)
    with pytest.raises(ValueError, match="taken"):
        session.opponents_turn().answer()


class Blind:
    """An agent that has not learned the rules: it always plays cell 0, and tells no values."""

    def __init__(self, rules: MNKRules = TICTACTOE) -> None:
        self.rules = rules

    def predict(self, observation: Any, **_: Any) -> tuple[Any, Any]:
        return np.zeros(len(observation), np.int64), None


def test_an_agents_illegal_move_loses_its_game() -> None:
    session = Session(TICTACTOE, Blind())
    session.play(0)
    turn = session.opponents_turn()
    assert turn.answer() == Answer(0, forfeits=True)
    assert session.accept(turn, turn.answer())
    assert session.outcome == 1
    assert session.forfeit == "Blind plays an occupied cell and loses"
    assert session.score == Score(wins=1)
    assert session.position.num_stones == 1
    assert not session.accept(turn, turn.answer()), "the game is over"
    assert not session.is_persons_turn
    assert session.undo()
    assert (session.outcome, session.forfeit, session.score) == (None, "", Score())
    session.play(4)
    assert reply(session) == 0
    session.play(8)
    turn = session.opponents_turn()
    session.accept(turn, turn.answer())
    session.new_game()
    assert (session.outcome, session.forfeit, session.score) == (None, "", Score(wins=1))


@pytest.mark.parametrize(
    ("board", "action", "text"),
    [
        ("tictactoe", 3, "dqn plays an occupied cell and loses"),
        ("connect_four", 3, "dqn plays a full column and loses"),
        ("connect_four", 7, "dqn plays off the board and loses"),
    ],
)
def test_how_somebody_forfeits(board: str, action: int, text: str) -> None:
    assert forfeit_sentence("dqn", MNKRules.from_name(board), action) == text


def test_an_agent_without_values_leaves_them_to_the_solver() -> None:
    hint = Session(TICTACTOE, Blind()).persons_turn().hint()
    assert hint.values == solver_for(TICTACTOE).action_values(Position())
    assert hint.text == "The agent tells no values; these are exact. A draw with best play."
    hint = Session(GOMOKU, Blind(GOMOKU)).persons_turn().hint()
    assert hint.values is None
    assert hint.text.startswith("The agent tells no values. This board is too large")


def test_the_first_opponent_comes_back_where_it_knows_the_board() -> None:
    session = Session(TICTACTOE, Blind())
    agent = session.opponent
    assert session.opponent_title == "Agent (Blind)"
    for _ in DIFFICULTIES:
        session.next_opponent()
        assert session.opponent_title.startswith("Opponent")
    session.next_opponent()
    assert session.opponent is agent
    session.next_board()
    assert session.opponent_title == "Opponent (perfect)"
    for _ in DIFFICULTIES:
        session.next_opponent()
        assert session.opponent is not agent


def test_late_answers_are_dropped() -> None:
    session = Session(TICTACTOE, "uniform", seed=0)
    session.play(0)
    turn = session.opponents_turn()
    answer = turn.answer()
    session.undo()
    assert not session.accept(turn, answer)
    assert session.position == Position()


def test_hints_are_the_solvers_values() -> None:
    session = Session(TICTACTOE, "minimax")
    assert session.persons_turn().hint().text == "A draw with best play."
    position = TICTACTOE.parse("X.O/.../..X")
    turn = Turn(TICTACTOE, TICTACTOE.parse("XO./.../..."), make_opponent("minimax"), 0.0)
    hint = turn.hint()
    assert hint.values == solver_for(TICTACTOE).action_values(turn.position)
    assert hint.text == "You can force a win in 3 moves."
    lost = Turn(TICTACTOE, TICTACTOE.parse("XX./.O./X.O"), make_opponent("minimax"), 0.0).hint()
    assert position.num_stones == 3
    assert lost.text == "Best play loses in 1 move."


@pytest.mark.parametrize(
    ("score", "plies", "text"),
    [
        (0, None, "A draw with best play."),
        (3, 1, "You can force a win in 1 move."),
        (3, 7, "You can force a win in 4 moves."),
        (-1, None, "Best play loses."),
    ],
)
def test_verdicts(score: int, plies: int | None, text: str) -> None:
    assert verdict(score, plies) == text


class SlowSolver:
    """Needs many slices of time."""

    def __init__(self, slices: int) -> None:
        self.slices = slices

    def answers_within(self, position: Position, seconds: float) -> bool:
        self.slices -= 1
        return self.slices < 0

    def optimal_actions(self, position: Position) -> list[int]:
        return [8]

    def action_values(self, position: Position) -> dict[int, int]:
        return {8: 1}

    def action_scores(self, position: Position, *, seconds: float) -> dict[int, int]:
        raise SearchLimit


def use_solver(monkeypatch: pytest.MonkeyPatch, solver: SlowSolver) -> Turn:
    monkeypatch.setattr("etude.turn.solver_for", lambda rules: solver)
    monkeypatch.setattr("etude.envs.mnk.opponents.solver_for", lambda rules: solver)
    return Turn(TICTACTOE, Position(), EpsilonMinimax(0.0), 0.5)


def test_a_slow_solver_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert use_solver(monkeypatch, SlowSolver(20)).answer() == Answer(8)
    hint = use_solver(monkeypatch, SlowSolver(20)).hint()
    assert hint == ({8: 1}, "You can force a win.")


def test_patience_ends_in_a_rule_of_thumb(monkeypatch: pytest.MonkeyPatch) -> None:
    turn = use_solver(monkeypatch, SlowSolver(10**9))
    assert turn.answer(patience_seconds=0.2) == Answer(4, exact=False)
    assert turn.hint(patience_seconds=0.2).values is None


def test_giving_up_asks_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    solver = SlowSolver(10**9)
    turn = use_solver(monkeypatch, solver)
    turn.answer(given_up=lambda: solver.slices < 10**9 - 4)
    assert solver.slices == 10**9 - 5


@pytest.mark.parametrize(
    ("board", "text", "best"),
    [
        ("tictactoe", "XX./OO./...", {2}),  # win
        ("tictactoe", "XX./O../...", {2}),  # do not allow one
        ("tictactoe", "X../.../...", {4}),  # the middle
        ("3,3,3,misere", "XX./OO./...", {5, 6, 7, 8}),  # complete no line
        ("connect_four", "......./......./......./......./......./.......", {3}),
    ],
)
def test_rule_of_thumb(board: str, text: str, best: set[int]) -> None:
    rules = MNKRules.from_name(board)
    position = rules.parse(text)
    assert rule_of_thumb(rules, position, rules.legal_actions(position)) in best
