"""Perfect play that also makes the most of a weak opponent, learned to a proof.

Perfect players of a drawn game are not all alike: against someone who moves at random, tic-tac-toe
players who never lose win between 71 % and 96 % of their games, depending on which of their equally
good moves they choose. So each afterstate has three numbers for the player who moved:

    V1(S) = 1 - max_b V1(S b)                              the value under best play,
    V2(S) = mean_b max_{a in A(S b)} V2(S b a)             how often a uniformly random opponent
                                                           is beaten,
    K(S)  = min_b K(S b)                                   1 once both are known for certain,

where b are the answers, A(T) the agent's moves with the greatest V1 in T, and K is 1 where a game
ends. Play is lexicographic: the best V1, and among those the best V2.

A game is played for the sake of what is not known: each move goes to an afterstate with K = 0,
among those to one where the agent was least often. At its end the equations become assignments, for
each position of the game from the last to the first ("full width": over all moves, whose rules are
known); V2, which asks for the best moves, waits until K is 1. What is known is exact, by induction,
and never changes again. Each game makes its last unknown position known, so that as many games
as there are positions up to symmetry are enough, whatever the seed.

References: asynchronous dynamic programming, R. Sutton and A. Barto, "Reinforcement Learning", 2nd
edition, 2018, section 4.5; K is the label of B. Bonet and H. Geffner, "Labeled RTDP: Improving the
Convergence of Real-Time Dynamic Programming", ICAPS 2003, without its tolerance and, since A needs
the value of every move, over all successors instead of the greedy ones. V2 is ours.
"""

from functools import reduce
from operator import add
from typing import ClassVar, Self

import numpy as np
from jaxtyping import Float64

from etude.agents import perfect_fast
from etude.agents.games import Game
from etude.agents.perfect_fast import KNOWN, SHARE, VALUE
from etude.agents.storage import Settings
from etude.agents.tabular_agent import TabularAgent
from etude.agents.value_table import ValueTable
from etude.envs.mnk.game_graph import Node
from etude.envs.mnk.opponents import Opponent
from etude.envs.mnk.rules import MNKRules

RESULTS = ((1.0, 0.5, 0.0), (1.0, 0.0, 0.0), (1.0, 1.0, 1.0))  # of a win, a draw, a loss: V1, V2, K
START = (0.5, 0.0, 0.0)


class PerfectPlayAgent(TabularAgent):
    """Two values, minimax first, and what is certain; see the module. It learns by self-play alone.

    Args:
        rules: the board.
        symmetric: whether positions that are alike share their numbers.
        seed: of its random numbers.

    >>> agent = PerfectPlayAgent(MNKRules(3, 3, 3), seed=0).learn(627)  # positions up to symmetry
    >>> agent.knows_all, agent.exploitability()
    (True, 0.0)
    """

    kind: ClassVar[str] = "perfect"
    version: ClassVar[int] = 2

    def __init__(self, rules: MNKRules, symmetric: bool = True, *, seed: int | None = None) -> None:
        super().__init__(rules, ValueTable(rules, symmetric, START, RESULTS), seed)

    @property
    def knows_all(self) -> bool:
        """Whether every number is exact, which is a proof of perfect play: K of all first moves."""
        root = self._graph.root
        first = [node for node in map(root.play, root.legal) if node.outcome is None]
        return all(self.table.look_up(node.position, KNOWN) for node in first)

    def learn_from(self, game: Game, number: int) -> None:
        """See ``TabularAgent``: the assignments, from the last position to the first."""
        visits = self.table.visits()
        for node in reversed(game.afterstates):
            key = self.table.fold(node.position)
            visits[key] = visits.get(key, 0) + 1
            if node.outcome is None and not self._is_known(node):
                self._back_up(self._graph.node(key))

    def _back_up(self, node: Node) -> None:
        """The assignments for one position, which is its own key."""
        minimax, share, known = (self.table.values(head) for head in (VALUE, SHARE, KNOWN))
        key, answers = node.position, [node.play(action) for action in node.legal]
        minimax[key] = 1.0 - max(self._scores(answer)[VALUE] for answer in answers)
        if all(map(self._is_known, answers)):
            known[key] = 1.0
            # Not sum(), which rounds less since Python 3.12 than the compiled loop does.
            share[key] = reduce(add, map(self._after_answer, answers)) / len(answers)

    def _after_answer(self, answer: Node) -> float:
        """V2 once the opponent has answered: the best of the moves with the best V1."""
        if answer.outcome is not None:
            return self.table.result(answer.outcome, answer.to_move, SHARE)
        return max(self._scores(answer.play(action)) for action in answer.legal)[SHARE]

    def _is_known(self, afterstate: Node) -> bool:
        if afterstate.outcome is not None:
            return True
        return bool(self.table.values(KNOWN).get(self.table.fold(afterstate.position)))

    def _choose(self, node: Node, epsilon: float) -> tuple[Node, bool]:
        """One of the least visited afterstates of which not all is known, if there are any.

        It is drawn with the board turned to its key, so that how the game turned it does not
        matter. The answer's second part, whether the move was greedy, is always False: learning
        does not ask for it.
        """
        fold, turned = self.table.fold, self._graph.node(self.table.fold(node.position))
        children = [turned.play(action) for action in turned.legal]
        unknown = [child for child in children if not self._is_known(child)]
        candidates = [unknown[i] for i in self._least_visited(unknown)] if unknown else children
        key = fold(candidates[int(self._rng.random() * len(candidates))].position)
        moves = (node.play(action) for action in node.legal)
        return next(child for child in moves if fold(child.position) == key), False

    def _learn(self, games: range, opponent: Opponent | None) -> None:
        _check_self_play(opponent)
        super()._learn(games, opponent)

    def _learn_fast(self, games: range, opponent: Opponent | None) -> int:
        _check_self_play(opponent)
        return perfect_fast.learn(self.table, len(games), self._rng)

    def _exploration(self, games: range) -> Float64[np.ndarray, " games"]:
        return np.ones(len(games))

    def describe(self) -> Settings:
        """See ``TabularAgent``."""
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
