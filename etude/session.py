"""A game between a person and an opponent, with undo, hints and a score. Draws nothing."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from etude.envs.mnk.opponents import AgentOpponent, EpsilonMinimax, Opponent, needs_solver
from etude.envs.mnk.rules import FIRST, MNKRules, Position
from etude.players import player, short_name, trained_on
from etude.turn import Answer, Turn, forfeit_sentence, is_solvable

DIFFICULTIES: Final[dict[str, str]] = {
    "perfect": "minimax",
    "strong": "epsilon_minimax:0.1",
    "casual": "epsilon_minimax:0.4",
    "random": "uniform",
}
BOARD_CYCLE: Final = ("tictactoe", "4,4,4", "connect_four", "gomoku", "3,3,3,misere")


@dataclass
class Score:
    """Finished games, seen by the person."""

    wins: int = 0
    draws: int = 0
    losses: int = 0

    def count(self, outcome: int, games: int = 1) -> None:
        """Add ``games`` of one outcome: +1 won, 0 drawn, -1 lost."""
        name = {1: "wins", 0: "draws", -1: "losses"}[outcome]
        setattr(self, name, getattr(self, name) + games)


class Session:
    """Games of one person against one opponent at a time.

    An agent that plays an illegal move forfeits the game: the person has won it.

    Args:
        rules: the board.
        opponent: anything that ``player`` takes.
        side: which side the person plays: ``FIRST`` or ``SECOND``.
        seed: of the opponent's choices, and of the training of a preset.
    """

    def __init__(
        self,
        rules: MNKRules,
        opponent: Any = "minimax",
        *,
        side: int = FIRST,
        seed: int | None = None,
    ) -> None:
        self.rules = rules
        self.side = side
        self._rng = np.random.default_rng(seed)
        self._scores: dict[tuple[MNKRules, str], Score] = {}
        self._history = [Position()]
        self._forfeiture: int | None = None  # the agent's illegal action
        self._wanted = opponent
        self._opponent = player(opponent, rules, seed)
        self._choices: list[tuple[Any, Opponent]] = [
            (name, player(name, rules)) for name in DIFFICULTIES.values()
        ]
        if opponent not in DIFFICULTIES.values():
            self._choices.append((opponent, self._opponent))

    @property
    def position(self) -> Position:
        """The stones on the board."""
        return self._history[-1]

    @property
    def last_cell(self) -> int | None:
        """Where the last stone lies, if any."""
        if len(self._history) == 1:
            return None
        before, now = self._history[-2:]
        return (before.occupied ^ now.occupied).bit_length() - 1

    @property
    def outcome(self) -> int | None:
        """How the game ended for the person: +1 won, 0 drawn, -1 lost; None while it goes on."""
        if self._forfeiture is not None:
            return 1
        outcome = self.rules.outcome(self.position)
        return outcome if outcome is None or self.side == FIRST else -outcome

    @property
    def forfeit(self) -> str:
        """How the opponent lost by an illegal move; empty if it did not."""
        if self._forfeiture is None:
            return ""
        return forfeit_sentence(self.opponent_label, self.rules, self._forfeiture)

    @property
    def is_persons_turn(self) -> bool:
        """Whether the person may move."""
        return self.outcome is None and self.position.to_move == self.side

    @property
    def is_opponents_turn(self) -> bool:
        """Whether the opponent has to move."""
        return self.outcome is None and self.position.to_move != self.side

    @property
    def score(self) -> Score:
        """The finished games on this board against this opponent."""
        return self._scores.setdefault((self.rules, self.opponent_title), Score())

    @property
    def is_limited(self) -> bool:
        """Whether the wanted opponent needs a solver that this board is too large for."""
        return needs_solver(self._opponent) and not is_solvable(self.rules)

    @property
    def opponent(self) -> Opponent:
        """Who moves against the person: the wanted one, or a random one where that is limited."""
        return EpsilonMinimax(1.0) if self.is_limited else self._opponent

    @property
    def opponent_label(self) -> str:
        """What to call the opponent."""
        if self.is_limited:
            return "random"
        for label, name in DIFFICULTIES.items():
            if self._wanted == name:
                return label
        return short_name(self._wanted)

    @property
    def opponent_title(self) -> str:
        """The label, and whether it is that of an agent or of a difficulty."""
        is_agent = isinstance(self.opponent, AgentOpponent)
        return f"{'Agent' if is_agent else 'Opponent'} ({self.opponent_label})"

    def play(self, action: int) -> None:
        """Make the person's move.

        Raises:
            ValueError: it is not the person's turn, or the move is not legal.
        """
        if self.is_opponents_turn:
            raise ValueError("the person moves in turn, got a move while the opponent is to move.")
        self._advance(action)

    def opponents_turn(self) -> Turn:
        """The question what the opponent plays; ask it once a move, for it draws a random number.

        Raises:
            ValueError: the opponent is not to move.
        """
        if not self.is_opponents_turn:
            raise ValueError(
                "the opponent moves in turn, and it is not its turn; see the position."
            )
        return Turn(self.rules, self.position, self.opponent, float(self._rng.random()))

    def persons_turn(self) -> Turn:
        """The question what the person could play, to ask for a hint. It draws nothing."""
        return Turn(self.rules, self.position, self.opponent, 0.0)

    def accept(self, turn: Turn, answer: Answer) -> bool:
        """Make the opponent's move, unless the game has gone elsewhere in the meantime."""
        is_late = turn.rules != self.rules or turn.position != self.position
        if is_late or not self.is_opponents_turn:
            return False
        if answer.forfeits:
            self._forfeiture = answer.action
            self.score.count(1)
        else:
            self._advance(answer.action)
        return True

    def undo(self) -> bool:
        """Take back the person's last move and what came after it; False if there is none."""
        earlier = [i for i, p in enumerate(self._history[:-1]) if p.to_move == self.side]
        if not earlier:
            return False
        if self.outcome is not None:
            self.score.count(self.outcome, -1)
        self._forfeiture = None
        del self._history[earlier[-1] + 1 :]
        return True

    def new_game(self) -> None:
        """Clear the board."""
        self._history = [Position()]
        self._forfeiture = None

    def switch_side(self) -> None:
        """Let the person play the other side, from a new game on."""
        self.side = 1 - self.side
        self.new_game()

    def use_board(self, rules: MNKRules) -> None:
        """Play a new game on another board; an agent that does not know it gives way."""
        if trained_on(self._opponent) not in (None, rules):
            self.use_opponent("minimax")
        self.rules = rules
        self.new_game()

    def use_opponent(self, opponent: Any) -> None:
        """Play a new game against another opponent: anything that ``player`` takes."""
        self._seat(opponent, player(opponent, self.rules))

    def next_board(self) -> None:
        """Play on the board that follows in ``BOARD_CYCLE``."""
        boards = [MNKRules.from_name(name) for name in BOARD_CYCLE]
        place = boards.index(self.rules) if self.rules in boards else -1
        self.use_board(boards[(place + 1) % len(boards)])

    def next_opponent(self) -> None:
        """Play against the one that follows in ``DIFFICULTIES``; last comes the first opponent.

        An agent is left out on boards that it does not know.
        """
        choices = [
            (wanted, opponent)
            for wanted, opponent in self._choices
            if trained_on(opponent) in (None, self.rules)
        ]
        names = [wanted for wanted, _ in choices]
        place = names.index(self._wanted) if self._wanted in names else -1
        self._seat(*choices[(place + 1) % len(choices)])

    def _seat(self, wanted: Any, opponent: Opponent) -> None:
        self._wanted, self._opponent = wanted, opponent
        self.new_game()

    def _advance(self, action: int) -> None:
        self._history.append(self.rules.play(self.position, action))
        if self.outcome is not None:
            self.score.count(self.outcome)
