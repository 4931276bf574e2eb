"""Games to learn from: against an opponent, against oneself, or inside an environment."""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from etude.agents.observed import View, read_views
from etude.envs.mnk.game_graph import GameGraph, Node, game_graph
from etude.envs.mnk.opponents import Opponent, make_opponent
from etude.envs.mnk.rules import MNKRules
from etude.envs.mnk.settings import SELF_PLAY

MAX_SEED: Final = 1 << 31
Choose = Callable[[Node], tuple[Node, bool]]
"""The learner: the node after its move, and whether that is one of the best by what it knows."""


class Game(NamedTuple):
    """A game that was played.

    Attributes:
        afterstates: the positions after each move; the last one is terminal.
        greedy: whether each move was among the best by the table when it was played.
        learner: the side that learns from it, or None if both do.
    """

    afterstates: Sequence[Node]
    greedy: Sequence[bool]
    learner: int | None

    def learning_plies(self) -> range:
        """The numbers of the learner's moves, or of all."""
        if self.learner is None:
            return range(len(self.afterstates))
        return range(self.learner, len(self.afterstates), 2)


def play_game(
    graph: GameGraph, opponent: Opponent | None, choose: Choose, rng: np.random.Generator
) -> Game:
    """One game against an opponent, with the learner's side drawn, or of the learner with itself.

    Raises:
        ValueError: the opponent plays an illegal move.
    """
    learner = None if opponent is None else int(rng.random() < 0.5)
    node, afterstates, greedy = graph.root, [], []
    while node.outcome is None:
        if opponent is not None and node.to_move != learner:
            action = opponent.act(graph.rules, node.position, node.legal, rng.random())
            if action not in node.legal:
                graph.rules.check_legal(node.position, action)
            node, is_greedy = node.play(action), True
        else:
            node, is_greedy = choose(node)
        afterstates.append(node)
        greedy.append(is_greedy)
    return Game(afterstates, greedy, learner)


class EnvGames:
    """Games inside an environment, of which nothing but the observations is looked at.

    They show the learner's side, the opponent's moves, and whether the learner plays both sides.

    Args:
        rules: the board that the learner plays on.
        env: a single environment with flat observations, wrapped or not.
        rng: draws the environment's seed.

    Raises:
        TypeError: a batch of environments, or no environment.
        ValueError: another board, or other observations.
    """

    def __init__(self, rules: MNKRules, env: gym.Env[Any, Any], rng: np.random.Generator) -> None:
        _check_env(rules, env)
        self._rules = rules
        self._env = env
        self._graph = game_graph(rules)
        self._seed: int | None = int(rng.integers(MAX_SEED))  # of the first game

    def play(self, choose: Choose) -> Game:
        """One game.

        Raises:
            ValueError: observations of another game, or an episode that ends without the game.
        """
        observation, _ = self._env.reset(seed=self._seed)
        self._seed = None
        node, learner = self._start(self._view(observation))
        afterstates = [node] if node.position.num_stones else []
        greedy = [True] * len(afterstates)
        while node.outcome is None:
            afterstate, is_greedy = choose(node)
            action = _action_between(self._rules, node, afterstate)
            observation, _, terminated, truncated, _ = self._env.step(action)
            nodes = self._follow(afterstate, self._view(observation))
            afterstates += nodes
            greedy += [is_greedy, True][: len(nodes)]
            node = nodes[-1]
            self._check_end(node, terminated, truncated)
            if node.outcome is None and node.to_move != learner:
                learner = None  # it is asked for the other side's move too
        return Game(afterstates, greedy, learner)

    def _view(self, observation: Any) -> View:
        return read_views(self._rules, observation)[0][0]

    def _start(self, view: View) -> tuple[Node, int | None]:
        """The node of the first observation, and who looks at it."""
        side = view.to_move()
        position = view.seen_by(side)
        if position.num_stones > 1 or position.num_stones != side:
            raise ValueError(
                "a game to learn from begins with an empty board or the opponent's first stone, "
                f"got {self._rules.format(position)}; leave the position out of reset's options."
            )
        return self._graph.node(position), side

    def _follow(self, afterstate: Node, view: View) -> list[Node]:
        """The node after the learner's move and, if there was an answer, the one after that."""
        mover = 1 - afterstate.to_move
        if afterstate.position in (view.seen_by(mover), view.seen_by(1 - mover)):
            return [afterstate]
        for answer in map(afterstate.play, afterstate.legal):
            if answer.position == view.seen_by(mover):
                return [afterstate, answer]
        before = self._rules.format(afterstate.position)
        raise ValueError(
            f"an observation shows the learner's move and the answer to it, got {view} after "
            f"{before}; leave out wrappers that change observations or skip moves."
        )

    def _check_end(self, node: Node, terminated: bool, truncated: bool) -> None:
        if (terminated or truncated) != (node.outcome is not None):
            raise ValueError(
                f"an episode ends when the game on {self._rules.name} does, got "
                f"terminated={terminated} and truncated={truncated} in "
                f"{self._rules.format(node.position)}; give the agent the environment's rules, "
                "and leave out wrappers that end games."
            )


def make_partner(
    rules: MNKRules, opponent: Any, env: gym.Env[Any, Any] | None, rng: np.random.Generator
) -> Opponent | EnvGames | None:
    """With whom ``learn`` plays: an opponent, an environment with its own, or itself (None).

    Args:
        rules: the board.
        opponent: "self", or whatever ``make_opponent`` takes.
        env: an environment instead of an opponent.
        rng: draws the environment's seed.

    Raises:
        TypeError: no opponent, or no environment.
        ValueError: both, an unknown opponent, or an environment that does not fit the board.
    """
    is_self_play = isinstance(opponent, str) and opponent == SELF_PLAY
    if env is None:
        return None if is_self_play else make_opponent(opponent)
    if not is_self_play:
        raise ValueError(
            f"an environment has its own opponent, got env and opponent={opponent!r}; leave the "
            "opponent out, or hand it to gym.make."
        )
    return EnvGames(rules, env, rng)


def _check_env(rules: MNKRules, env: Any) -> None:
    if not isinstance(env, gym.Env):
        raise TypeError(
            f"env is a single environment, as gym.make returns, got {type(env).__name__}; an "
            "agent with a table learns from one game at a time."
        )
    board = getattr(env.unwrapped, "rules", rules)
    if board != rules:
        raise ValueError(
            f"an agent learns on its own board, {rules.name}, got an environment with the rules "
            f"{board.name}; make one of them for the other's."
        )
    space = env.observation_space
    if not isinstance(space, spaces.Box) or space.shape != (2 * rules.num_cells,):
        raise ValueError(
            f"an agent reads flat observations of {2 * rules.num_cells} features, got {space}; "
            "make the environment with observation='flat'."
        )


def _action_between(rules: MNKRules, before: Node, after: Node) -> int:
    """The action that leads from a node to one of its successors."""
    cell = (before.occupied ^ after.occupied).bit_length() - 1
    return cell % rules.n if rules.gravity else cell
