"""What the opponent plays and what the solver knows, asked as a question that takes its time.

An opponent may need seconds to find its move, and a window must not freeze meanwhile. So a position
and what is asked about it are one value, a ``Turn``, which any thread can answer and which can be
given up.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

from etude.envs.mnk.opponents import AgentOpponent, EpsilonMinimax, Opponent
from etude.envs.mnk.rules import FIRST, MNKRules, Position
from etude.envs.mnk.solver import SearchLimit, plies_to_end, solver_for
from etude.players import agent_of

SLICE_SECONDS: Final = 0.05
PATIENCE_SECONDS: Final = 10.0
DISTANCE_SECONDS: Final = 1.0
AGENTS_VALUES: Final = "What the agent expects of each move."
WITHOUT_VALUES: Final = "The agent tells no values"


class Answer(NamedTuple):
    """An opponent's move.

    Attributes:
        action: what it plays.
        exact: False where a rule of thumb stood in for the solver.
        forfeits: whether the move is an agent's illegal one, which loses the game.
    """

    action: int
    exact: bool = True
    forfeits: bool = False


class Hint(NamedTuple):
    """A value in [-1, 1] for each legal action, if any, and a sentence."""

    values: Mapping[int, float] | None
    text: str


@dataclass(frozen=True)
class Turn:
    """A position, and what is asked about it.

    Args:
        rules: the board.
        position: the stones.
        opponent: who moves.
        u: the uniform number that decides between its moves.
    """

    rules: MNKRules
    position: Position
    opponent: Opponent
    u: float

    def answer(
        self,
        given_up: Callable[[], bool] = lambda: False,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> Answer:
        """The opponent's move; by ``rule_of_thumb`` if the solver needs more than the patience.

        Raises:
            ValueError: an illegal move of an opponent that is no agent, which is an error in its
                program; an agent may not have learned the rules, and forfeits the game.
        """
        legal = self.rules.legal_actions(self.position)
        if isinstance(self.opponent, AgentOpponent):
            (action,) = self.opponent.choose_all(self.rules, [self.position])
            return Answer(action, forfeits=action not in legal)
        asks_solver = isinstance(self.opponent, EpsilonMinimax) and self.u >= self.opponent.epsilon
        if asks_solver and not self._is_solved(given_up, patience_seconds):
            return Answer(rule_of_thumb(self.rules, self.position, legal), exact=False)
        action = self.opponent.act(self.rules, self.position, legal, self.u)
        self.rules.check_legal(self.position, action)
        return Answer(action)

    def hint(
        self,
        given_up: Callable[[], bool] = lambda: False,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> Hint:
        """What an agent thinks of the legal moves, or else their exact values.

        Where nobody knows, there is only a sentence that says why.
        """
        agent = agent_of(self.opponent)
        if agent is not None:
            return Hint(agent.action_values(self.position), AGENTS_VALUES)
        hint = self._solvers_hint(given_up, patience_seconds)
        if not isinstance(self.opponent, AgentOpponent):
            return hint
        whose = "." if hint.values is None else "; these are exact."
        return Hint(hint.values, f"{WITHOUT_VALUES}{whose} {hint.text}")

    def _solvers_hint(self, given_up: Callable[[], bool], patience_seconds: float) -> Hint:
        if not is_solvable(self.rules):
            return Hint(None, "This board is too large to solve: no values.")
        if not self._is_solved(given_up, patience_seconds):
            return Hint(None, "Too early in the game to solve in time.")
        solver = solver_for(self.rules)
        values = solver.action_values(self.position)
        try:
            score = max(solver.action_scores(self.position, seconds=DISTANCE_SECONDS).values())
        except SearchLimit:
            return Hint(values, verdict(max(values.values()), None))
        return Hint(values, verdict(score, plies_to_end(self.rules, self.position, score)))

    def _is_solved(self, given_up: Callable[[], bool], patience_seconds: float) -> bool:
        """Search in slices, each of which goes on where the last one ended."""
        solver = solver_for(self.rules)
        slices = int(patience_seconds / SLICE_SECONDS) + 1
        return any(
            solver.answers_within(self.position, SLICE_SECONDS)
            for _ in range(slices)
            if not given_up()
        )


@cache
def is_solvable(rules: MNKRules) -> bool:
    """Whether there is a solver for a board. Returns at once, without building a table."""
    from etude.envs.mnk.retrograde import MAX_TABLE_CELLS

    if rules.num_cells <= MAX_TABLE_CELLS:
        return True
    try:
        solver_for(rules)
    except ValueError:
        return False
    return True


def verdict(score: int, plies: int | None) -> str:
    """What a score means to the player to move.

    >>> verdict(5, 3)
    'You can force a win in 2 moves.'
    """
    if score == 0:
        return "A draw with best play."
    ending = ""
    if plies is not None:
        moves = (plies + 1) // 2
        ending = f" in {moves} move{'s' * (moves != 1)}"
    return f"You can force a win{ending}." if score > 0 else f"Best play loses{ending}."


def forfeit_sentence(name: str, rules: MNKRules, action: int) -> str:
    """How somebody lost by an illegal move.

    >>> forfeit_sentence("dqn", MNKRules(3, 3, 3), 4)
    'dqn plays an occupied cell and loses'
    """
    where = "a full column" if rules.gravity else "an occupied cell"
    if not 0 <= action < rules.num_actions:
        where = "off the board"
    return f"{name} plays {where} and loses"


def rule_of_thumb(rules: MNKRules, position: Position, legal: Sequence[int]) -> int:
    """A decent move at once: take a win, do not allow one, keep to the middle."""
    sign = 1 if position.to_move == FIRST else -1
    middle = ((rules.m - 1) / 2, (rules.n - 1) / 2)

    def merit(action: int) -> tuple[int, int, float]:
        """What the move achieves, the worst that the reply can do, and closeness to the middle."""
        row, column = divmod(rules.cell_of(position.occupied, action), rules.n)
        distance = abs(row - middle[0]) * (not rules.gravity) + abs(column - middle[1])
        after = rules.play(position, action)
        replies = [rules.play(after, reply) for reply in rules.legal_actions(after)]
        now, worst = (
            min((sign * (rules.outcome(p) or 0) for p in positions), default=0)
            for positions in ([after], replies)
        )
        return now, worst, -distance

    return max(legal, key=merit)
