"""What all agents with a table share: how they play, how a game becomes learning, and their files.

An agent looks one move ahead: it plays the move whose afterstate has the best number. With several
numbers ("heads") the comparison is lexicographic: a later head decides among the moves that tie in
the earlier ones. What the agents differ in is how a finished game changes the table, and that is
all that a subclass writes. (The suite prefers composition; four agents that would each forward the
same ten methods are the exception.)
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final, Self

import gymnasium as gym
import numpy as np
from jaxtyping import Bool, Float64

from etude.agents.games import EnvGames, Game, make_partner, play_game
from etude.agents.greedy import TIE_TOLERANCE, mark_greedy
from etude.agents.learning import Budget, Report, learn_in_blocks
from etude.agents.observed import read_observations
from etude.agents.storage import Arrays, Settings, load_arrays, save_arrays
from etude.agents.value_table import ValueTable
from etude.envs.mnk.best_response import greedy_exploitability
from etude.envs.mnk.game_graph import Node, game_graph
from etude.envs.mnk.opponents import EpsilonMinimax, Opponent
from etude.envs.mnk.rules import FIRST, SECOND, MNKRules, Position
from etude.envs.mnk.settings import SELF_PLAY
from etude.envs.mnk.state_space import StateSpace, state_space
from etude.envs.mnk.tabular_policy import (
    Mask,
    Policy,
    check_policy,
    minimax_policy,
    tabulate,
    uniform_over,
)

SELF: Final = SELF_PLAY
Scores = tuple[float, ...]


class TabularAgent(ABC):
    """An agent that plays by a table of afterstates; see the module.

    Args:
        rules: the board.
        table: what it knows.
        seed: of the agent's random numbers.
    """

    kind: ClassVar[str]
    version: ClassVar[int] = 1

    def __init__(self, rules: MNKRules, table: ValueTable, seed: int | None) -> None:
        self.rules = rules
        self.table = table
        self.rng = np.random.default_rng(seed)
        self.num_games = 0
        self.num_timesteps = 0  # the decisions that it learned from
        self._graph = game_graph(rules)
        self._rng = self.rng  # this and what follows: of the present call of learn()
        self._env_games: EnvGames | None = None
        self._policy: Policy | None = None  # of the opponent

    # Learning

    def learn(
        self,
        total_games: int | None = None,
        opponent: Any = SELF,
        *,
        total_timesteps: int | None = None,
        env: gym.Env[Any, Any] | None = None,
        progress: Report = False,
        rng: np.random.Generator | None = None,
        fast: bool = False,
    ) -> Self:
        """See ``Learner``.

        Args:
            total_games: how many more games; or ``total_timesteps``.
            opponent: "self", or whatever ``make_opponent`` takes.
            total_timesteps: how many more decisions of the agent.
            env: an environment to play in, instead of an opponent.
            progress: show a bar; or a function, called about ten times a second with the agent.
            rng: where moves are drawn from; the agent's own stream if left out.
            fast: use the compiled path, on boards of at most 16 cells. From the same stream it
                plays the same games and learns the same numbers; against "epsilon_minimax", whose
                ``act`` spends its random number in another way, other games of the same law. An
                opponent is asked once for each position of the board.

        Raises:
            KeyboardInterrupt: Ctrl-C was pressed.
            TypeError: an opponent or environment that is none.
            ValueError: not one budget of at least 1, an unknown opponent, an environment that does
                not fit, or the fast path where there is none.
        """
        budget = Budget(total_games, total_timesteps)
        self._rng, self._policy = rng or self.rng, None
        partner = make_partner(self.rules, opponent, env, self._rng)
        self._env_games = partner if isinstance(partner, EnvGames) else None
        if self._env_games and fast:
            raise ValueError(
                "the compiled path plays its own games, got fast=True and env; leave one of them "
                "out."
            )
        against = None if isinstance(partner, EnvGames) else partner
        learn_block = partial(self._learn_block, against, fast)
        learn_in_blocks(self, budget, learn_block, progress)
        return self

    def _learn_block(self, opponent: Opponent | None, fast: bool, num_games: int) -> None:
        games = range(self.num_games, self.num_games + num_games)
        if not fast:
            self._learn(games, opponent)
            return
        self.num_timesteps += self._learn_fast(games, opponent)
        self.num_games = games.stop

    def _learn(self, games: range, opponent: Opponent | None) -> None:
        for number, epsilon in zip(games, self._exploration(games).tolist(), strict=True):
            game = self.play_game(opponent, epsilon)
            self.learn_from(game, number)
            self.num_games = number + 1  # each time, for the game after may fail
            self.num_timesteps += len(game.learning_plies())

    def _learn_fast(self, games: range, opponent: Opponent | None) -> int:
        """``_learn`` in compiled loops; returns how many decisions the agent made."""
        raise ValueError(
            f"{type(self).__name__} has no compiled path, got fast=True; leave it out."
        )

    @abstractmethod
    def _exploration(self, games: range) -> Float64[np.ndarray, " games"]:
        """The share of exploratory moves in each game."""

    @abstractmethod
    def learn_from(self, game: Game, number: int) -> None:
        """Change the table by what happened in a game.

        Positions never recur in a game and later moves look at later positions only, so learning
        after the game, move by move in order, is exactly learning during it.

        Args:
            game: what happened.
            number: how many games the agent learned from before.
        """

    def play_game(self, opponent: Opponent | None, epsilon: float) -> Game:
        """One game with a share of exploratory moves.

        Args:
            opponent: who answers; None for self-play, or for the environment in which the present
                call of ``learn`` plays.
            epsilon: the share, in [0, 1].
        """
        choose = partial(self._choose, epsilon=epsilon)
        if self._env_games is not None:
            return self._env_games.play(choose)
        return play_game(self._graph, opponent, choose, self._rng)

    def _choose(self, node: Node, epsilon: float) -> tuple[Node, bool]:
        """The afterstate of an epsilon-greedy move, and whether it is one of the best."""
        rng, children = self._rng, [node.play(action) for action in node.legal]
        best = self._best([self._scores(child) for child in children])
        candidates = self._exploratory(children) if rng.random() < epsilon else best
        choice = candidates[int(rng.random() * len(candidates))]
        return children[choice], choice in best

    def _exploratory(self, children: Sequence[Node]) -> list[int]:
        """The moves out of which an exploratory one is drawn: all."""
        return list(range(len(children)))

    def _least_visited(self, children: Sequence[Node]) -> list[int]:
        """The moves whose afterstates the agent has seen least often."""
        visits = self.table.visits()
        counts = [visits.get(self.table.fold(child.position), 0) for child in children]
        least = min(counts)
        return [i for i, count in enumerate(counts) if count == least]

    def _tabulated(self, opponent: Opponent | None) -> Policy:
        """What an opponent plays in every state, asked once a call of ``learn``; or nothing."""
        if opponent is None:
            return np.zeros((0, 0))
        if self._policy is None:
            space = state_space(self.rules)
            if isinstance(opponent, EpsilonMinimax):
                self._policy = minimax_policy(space, opponent.epsilon)
            else:
                self._policy = tabulate(space, opponent)
                for side in (FIRST, SECOND):
                    check_policy(space, self._policy, side)
        return self._policy

    # Playing

    def predict(
        self,
        observation: Any,
        state: Any = None,
        episode_start: Bool[np.ndarray, " n"] | None = None,
        deterministic: bool = True,
        action_masks: Bool[np.ndarray, "*batch actions"] | None = None,
    ) -> tuple[Any, Any]:
        """See ``Agent``. In a finished game, where no action counts, the answer is 0.

        Raises:
            ValueError: the observation is not a flat one of this board.
        """
        positions, is_batch = read_observations(self.rules, observation)
        masks = np.ones((len(positions), self.rules.num_actions), np.bool_)
        if action_masks is not None:
            masks = np.asarray(action_masks, np.bool_).reshape(masks.shape)
        actions = []
        for position, mask in zip(positions, masks, strict=True):
            best = self.best_actions(position, mask) or [0]
            actions.append(best[0] if deterministic else int(self.rng.choice(best)))
        return (np.array(actions, np.int64), state) if is_batch else (np.int64(actions[0]), state)

    def best_actions(
        self, position: Position, mask: Bool[np.ndarray, " actions"] | None = None
    ) -> list[int]:
        """The moves that the agent holds for best, ties included; none in a finished game."""
        node = self._graph.node(position)
        legal = [action for action in node.legal if mask is None or mask[action]]
        if not legal:
            return []
        scores = [self._scores(node.play(action)) for action in legal]
        return [legal[i] for i in self._best(scores)]

    def value(self, position: Position) -> float:
        """The expected result for the player to move, in [-1, 1]: that of its best move.

        Raises:
            ValueError: no game leads to the position.
        """
        self.rules.validate(position)
        node = self._graph.node(position)
        if node.outcome is not None:
            return float(node.outcome if node.to_move == FIRST else -node.outcome)
        return self.action_values(position)[self.best_actions(position)[0]]

    def action_values(self, position: Position) -> dict[int, float]:
        """The expected result of each legal action for the player who plays it, in [-1, 1].

        Raises:
            ValueError: no game leads to the position.
        """
        self.rules.validate(position)
        node = self._graph.node(position)
        return {a: 2.0 * self._scores(node.play(a))[0] - 1.0 for a in node.legal}

    def playable_table(self, space: StateSpace | None = None) -> Mask:
        """All moves that the agent holds for best, ties included, in every state.

        Raises:
            ValueError: the board is too large to be enumerated.
        """
        space = space or state_space(self.rules)
        arrays = self.table.peek_arrays(space)
        scores = arrays.values[:, arrays.keys]
        return mark_greedy(space.graph, scores, self.rules.num_actions, TIE_TOLERANCE)

    def policy_table(self, space: StateSpace | None = None) -> Policy:
        """The probabilities of its moves in every state: the best ones share equally.

        Raises:
            ValueError: the board is too large to be enumerated.
        """
        return uniform_over(self.playable_table(space))

    def exploitability(self) -> float:
        """Half of what best responders win, if they may choose among the agent's tied moves too.

        Raises:
            ValueError: the board is too large to be enumerated.
        """
        space = state_space(self.rules)
        return greedy_exploitability(space, self.playable_table(space))

    def _scores(self, afterstate: Node) -> Scores:
        """The numbers of an afterstate for the player who moved, one a head."""
        table, mover = self.table, 1 - afterstate.to_move
        if afterstate.outcome is not None:
            heads = range(len(table.initial))
            return tuple(table.result(afterstate.outcome, mover, head) for head in heads)
        key = table.fold(afterstate.position)
        return tuple(table.values(head).get(key, start) for head, start in enumerate(table.initial))

    @staticmethod
    def _best(scores: Sequence[Scores]) -> list[int]:
        """The indices of the lexicographically greatest scores."""
        best = list(range(len(scores)))
        for head in range(len(scores[0])):
            top = max(scores[i][head] for i in best) - TIE_TOLERANCE
            best = [i for i in best if scores[i][head] >= top]
        return best

    # Files

    @abstractmethod
    def describe(self) -> Settings:
        """The arguments of the constructor, but for rules and seed, as JSON can hold them."""

    @classmethod
    @abstractmethod
    def _from_settings(cls, rules: MNKRules, settings: Settings) -> Self:
        """An agent without experience, made from what ``describe`` returned."""

    def save(self, path: Path | str) -> None:
        """Write the agent to a file, which replaces an older one when it is complete."""
        settings = {
            "rules": self.rules.name,
            "num_games": self.num_games,
            "num_timesteps": self.num_timesteps,
            "agent": self.describe(),
            "rng": self.rng.bit_generator.state,
        }
        save_arrays(path, self.kind, self.version, settings, self._to_file())

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Read an agent from a file that ``save`` wrote; it goes on learning as the saved one.

        Raises:
            FileNotFoundError: there is no such file.
            ValueError: the file is truncated, damaged, of another kind, or of a newer version.
        """
        settings, arrays = load_arrays(path, cls.kind, cls.version)
        try:
            agent = cls._from_settings(MNKRules.from_name(settings["rules"]), settings["agent"])
            agent.num_games = int(settings["num_games"])
            agent.num_timesteps = int(settings.get("num_timesteps", 0))  # not in the oldest files
            agent.rng.bit_generator.state = settings["rng"]
        except (KeyError, TypeError, AttributeError, OverflowError) as error:
            raise ValueError(
                f"the settings in {Path(path).name} should be those of {cls.__name__}, got "
                f"{error!r}; it was written by another version, so train and save the agent again."
            ) from error
        agent._from_file(arrays)
        return agent

    def _to_file(self) -> Arrays:
        return self.table.to_file()

    def _from_file(self, arrays: Arrays) -> None:
        self.table.from_file(arrays)
