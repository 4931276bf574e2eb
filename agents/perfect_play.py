"""Perfect play that also makes the most of a weak opponent, learned in a few hundred games.

Perfect players of a drawn game are not all alike: against someone who moves at random, tic-tac-toe
players who never lose win between 71 % and 96 % of their games, depending on which of their equally
good moves they choose. So each afterstate has two numbers for the player who moved:

    V1(S) = 1 - max_b V1(S b)                              the value under best play,
    V2(S) = mean_b max_{a in A(S b)} V2(S b a)             how often a uniformly random opponent
                                                           is beaten,

where b are the answers, and A(T) the agent's moves with the greatest V1 in T. Play is
lexicographic: the best V1, and among those the best V2.

A game is played for the sake of new positions: each move goes where the agent was least often,
and at its end both equations become assignments, for each position of the game from the last to the
first ("full width": over all moves, whose rules are known). Reference for the backups:
asynchronous dynamic programming, R. Sutton and A. Barto, "Reinforcement Learning", 2nd edition,
2018, section 4.5; the second head is ours.
"""

from typing import ClassVar, Self

import numpy as np
from jaxtyping import Float64

from etude.agents import perfect_fast
from etude.agents.storage import Settings
from etude.agents.tabular_agent import Game, TabularAgent
from etude.agents.value_table import ValueTable
from etude.envs.mnk.game_graph import Node
from etude.envs.mnk.opponents import Opponent
from etude.envs.mnk.rules import MNKRules

RESULTS = ((1.0, 0.5, 0.0), (1.0, 0.0, 0.0))  # of a win, a draw and a loss: V1 and V2
START = (0.5, 0.0)


class PerfectPlayAgent(TabularAgent):
    """Two heads, minimax first; see the module. It learns by self-play alone.

    Args:
        rules: the board.
        symmetric: whether positions that are alike share their numbers.
        seed: of its random numbers.

    >>> agent = PerfectPlayAgent(MNKRules(3, 3, 3), seed=0).learn(600)
    >>> agent.exploitability()
    0.0
    """

    kind: ClassVar[str] = "perfect"

    def __init__(self, rules: MNKRules, symmetric: bool = True, *, seed: int | None = None) -> None:
        super().__init__(rules, ValueTable(rules, symmetric, START, RESULTS), seed)

    def learn_from(self, game: Game, number: int) -> None:
        """See ``TabularAgent``: both assignments, from the last position to the first."""
        visits = self.table.visits()
        minimax, against_random = self.table.values(0), self.table.values(1)
        for node in reversed(game.afterstates):
            key = self.table.fold(node.position)
            visits[key] = visits.get(key, 0) + 1
            if node.outcome is None:
                answers = [node.play(action) for action in node.legal]
                minimax[key] = 1.0 - max(self._scores(answer)[0] for answer in answers)
                results = [self._after_answer(answer) for answer in answers]
                against_random[key] = sum(results) / len(results)

    def _after_answer(self, answer: Node) -> float:
        """V2 once the opponent has answered: the best of the moves with the best V1."""
        if answer.outcome is not None:
            return self.table.result(answer.outcome, answer.to_move, 1)
        return max(self._scores(answer.play(action)) for action in answer.legal)[1]

    def _choose(self, node: Node, epsilon: float) -> tuple[Node, bool]:
        """One of the least visited afterstates, and False: learning does not ask for the rest.

        A move that ends the game comes last, since its value is known without a visit.
        """
        children = [node.play(action) for action in node.legal]
        children = [child for child in children if child.outcome is None] or children
        if children[0].outcome is None:
            children = [children[i] for i in self._least_visited(children)]
        return children[int(self._rng.random() * len(children))], False

    def _learn(self, games: range, opponent: Opponent | None) -> None:
        _check_self_play(opponent)
        super()._learn(games, opponent)

    def _learn_fast(self, games: range, opponent: Opponent | None) -> None:
        _check_self_play(opponent)
        perfect_fast.learn(self.table, len(games), self._rng)

    def _exploration(self, games: range) -> Float64[np.ndarray, " games"]:
        return np.ones(len(games))

    def _settings(self) -> Settings:
        return {"symmetric": self.table.fold.symmetric}

    @classmethod
    def _from_settings(cls, rules: MNKRules, settings: Settings) -> Self:
        return cls(rules, settings["symmetric"])


def _check_self_play(opponent: Opponent | None) -> None:
    if opponent is not None:
        raise ValueError(
            f"PerfectPlayAgent learns by self-play, from full-width backups, got {opponent!r}; "
            "leave the opponent out."
        )
