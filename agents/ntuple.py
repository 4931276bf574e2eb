"""TD(lambda) with an n-tuple network: what a table learns, on boards too large for one.

A tuple is a handful of neighbouring cells with a table of weights, one for each pattern of stones
on them; the value of a board is tanh of the sum over all tuples and their mirror images. The agent
plays itself and moves the value of each position towards those that followed. Positions that were
never seen get their value from the patterns that they share with others.

References: M. Thill, P. Koch and W. Konen, "Reinforcement learning with n-tuples on the game
Connect-4", PPSN XII, 2012; S. Bagheri, M. Thill, P. Koch and W. Konen, "Online adaptable learning
rates for the game Connect-4", IEEE Transactions on Computational Intelligence and AI in Games 8,
2016. Departures: lambda returns computed backwards once a game is over, with current weights,
instead of eligibility traces, and step sizes that decay with the number of games.
"""

from dataclasses import asdict
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Self

import gymnasium as gym
import numpy as np
from jaxtyping import Bool, Float64, Int16

from etude.agents import ntuple_training
from etude.agents.games import EnvGames, Game, make_partner, play_game
from etude.agents.learning import Budget, Report, learn_in_blocks
from etude.agents.ntuple_network import (
    NTupleConfig,
    check_size,
    check_tuples,
    draw_tuples,
    make_network,
)
from etude.agents.ntuple_training import Board, Memory
from etude.agents.observed import read_observations
from etude.agents.storage import load_arrays, save_arrays
from etude.envs.mnk.game_graph import Node, game_graph
from etude.envs.mnk.opponents import Opponent
from etude.envs.mnk.rules import FIRST, MNKRules, Position
from etude.envs.mnk.settings import SELF_PLAY

KIND: Final = "ntuple"
VERSION: Final = 1


class NTupleAgent:
    """A value agent for m,n,k boards of up to 64 cells.

    Args:
        rules: the board.
        config: tuples, step sizes and exploration.
        rng: draws the tuples and the exploratory moves; its state is saved with the agent, so that
            learning goes on after ``load`` as if it had not been interrupted.

    Raises:
        ValueError: the board or the network is too large, or a tuple does not fit on the board.
    """

    def __init__(
        self,
        rules: MNKRules,
        config: NTupleConfig | None = None,
        rng: np.random.Generator | None = None,
    ) -> None:
        config = config or NTupleConfig()
        rng = rng or np.random.default_rng()
        check_size(rules, config)
        if not isinstance(rng.bit_generator, np.random.PCG64):
            raise ValueError(
                f"rng is a np.random.default_rng, whose state can be saved, got {rng!r}."
            )
        self._assemble(rules, config, rng, draw_tuples(rules, config, rng))

    def _assemble(
        self,
        rules: MNKRules,
        config: NTupleConfig,
        rng: np.random.Generator,
        tuples: Int16[np.ndarray, "tuples length"],
    ) -> None:
        self.rules = rules
        self.config = config
        self.tuples = tuples
        self.num_games = 0
        self.num_timesteps = 0  # the decisions that it learned from
        self._rng = rng
        self.network = make_network(rules, tuples)
        num_features = len(self.network.empty_indices)
        self._board = Board(np.zeros(2, np.uint64), np.zeros(num_features, np.int32))
        self._memory = Memory(
            np.zeros((rules.num_cells, num_features), np.int32), np.zeros(rules.num_cells, np.bool_)
        )

    def learn(
        self,
        total_games: int | None = None,
        opponent: Any = SELF_PLAY,
        *,
        total_timesteps: int | None = None,
        env: gym.Env[Any, Any] | None = None,
        progress: Report = False,
        rng: np.random.Generator | None = None,
    ) -> Self:
        """See ``Learner``; self-play is compiled from end to end, other games move by move.

        Learned against an opponent, the network's values are of positions in which it is that
        opponent's turn.
        """
        budget = Budget(total_games, total_timesteps)
        rng = rng or self._rng
        partner = make_partner(self.rules, opponent, env, rng)
        if partner is None:
            learn_block = partial(self._learn_from_self_play, rng)
        else:
            learn_block = partial(self._learn_from_partner, partner, rng)
        learn_in_blocks(self, budget, learn_block, progress)
        return self

    def _learn_from_self_play(self, rng: np.random.Generator, num_games: int) -> None:
        config, games = self.config, self.num_games + np.arange(num_games)
        self.num_timesteps += ntuple_training.train(
            self.network,
            self._board,
            self._memory,
            config.step_size.over(games),
            config.epsilon.over(games),
            config.trace_decay,
            self.rules.num_actions,
            rng,
        )
        self.num_games += num_games

    def _learn_from_partner(
        self, partner: Opponent | EnvGames, rng: np.random.Generator, num_games: int
    ) -> None:
        games = self.num_games + np.arange(num_games)
        step_sizes, epsilons = self.config.step_size.over(games), self.config.epsilon.over(games)
        for step_size, epsilon in zip(step_sizes.tolist(), epsilons.tolist(), strict=True):
            choose = partial(self._explore, rng, epsilon)
            if isinstance(partner, EnvGames):
                game = partner.play(choose)
            else:
                game = play_game(game_graph(self.rules), partner, choose, rng)
            self._learn_from(game, step_size)
            self.num_games += 1
            self.num_timesteps += len(game.learning_plies())

    def _explore(self, rng: np.random.Generator, epsilon: float, node: Node) -> tuple[Node, bool]:
        """The node after an epsilon-greedy move, and whether it is as good as the best."""
        values = self._afterstate_values(node.position)
        action = greedy = ntuple_training.best_action(values)
        if rng.random() < epsilon:
            action = ntuple_training.random_action(values, len(node.legal), rng.random())
        return node.play(action), bool(values[action] >= values[greedy])

    def _learn_from(self, game: Game, step_size: float) -> None:
        """Learn from a game that was played one move at a time."""
        last = game.afterstates[-1]
        assert last.outcome is not None
        boards = [0] + [node.occupied for node in game.afterstates]
        stones = [after ^ before for before, after in pairwise(boards)]
        cells = np.array([stone.bit_length() - 1 for stone in stones])
        ntuple_training.replay(self.network, self._board, self._memory, cells)
        self._memory.exploratory[: len(cells)] = ~np.array(game.greedy)
        ntuple_training.td_lambda(
            self.network,
            self._memory,
            len(cells),
            float(last.outcome),
            ntuple_training.BOTH if game.learner is None else game.learner,
            step_size,
            self.config.trace_decay,
        )

    def value(self, position: Position) -> float:
        """The network's value for the player to move, in [-1, 1]; the outcome after the end."""
        sign = 1 if position.to_move == FIRST else -1
        outcome = self.rules.outcome(position)
        if outcome is not None:
            return float(sign * outcome)
        self._set_up_board(position)
        total = ntuple_training.network_sum(self.network, self._board.indices, position.to_move)
        return float(sign * np.tanh(total))

    def action_values(self, position: Position) -> dict[int, float]:
        """What each legal action is worth to the player who takes it, in [-1, 1]."""
        if self.rules.outcome(position) is not None:
            return {}
        values = self._afterstate_values(position)
        return {action: float(v) for action, v in enumerate(values) if not np.isnan(v)}

    def _set_up_board(self, position: Position) -> None:
        stones = np.array(position, np.uint64)
        ntuple_training.set_up(self.network, self._board, stones)

    def _afterstate_values(self, position: Position) -> Float64[np.ndarray, " actions"]:
        values = np.empty(self.rules.num_actions)
        self._set_up_board(position)
        ntuple_training.afterstate_values(self.network, self._board, position.num_stones, values)
        return values

    def predict(
        self,
        observation: Any,
        state: Any = None,
        episode_start: Bool[np.ndarray, " n"] | None = None,
        deterministic: bool = True,
        action_masks: Bool[np.ndarray, "*batch actions"] | None = None,
    ) -> tuple[Any, Any]:
        """See ``Agent``."""
        positions, batched = read_observations(self.rules, observation)
        allowed = np.ones((len(positions), self.rules.num_actions), np.bool_)
        if action_masks is not None:
            allowed = np.asarray(action_masks, np.bool_).reshape(allowed.shape)
        actions = [
            self._choose(position, mask, deterministic)
            for position, mask in zip(positions, allowed, strict=True)
        ]
        return (np.array(actions) if batched else actions[0]), state

    def _choose(
        self, position: Position, allowed: Bool[np.ndarray, " actions"], deterministic: bool
    ) -> int:
        values = self._afterstate_values(position)
        values = np.where(allowed & ~np.isnan(values), values, -np.inf)
        if deterministic:
            return int(values.argmax())
        return int(self._rng.choice(np.flatnonzero(values == values.max())))

    def save(self, path: Path) -> None:
        """Write the agent to a file, which replaces an older one when it is complete."""
        settings = {
            "rules": self.rules.name,
            "config": asdict(self.config),
            "num_games": self.num_games,
            "num_timesteps": self.num_timesteps,
            "rng": self._rng.bit_generator.state,
        }
        arrays = {"tuples": self.tuples, "weights": self.network.weights}
        save_arrays(path, KIND, VERSION, settings, arrays)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read an agent from a file that ``save`` wrote.

        Raises:
            ValueError: the file is truncated, of another kind, or of a newer version.
        """
        settings, arrays = load_arrays(path, KIND, VERSION)
        try:
            rules = MNKRules.from_name(settings["rules"])
            config = NTupleConfig(**settings["config"])
            num_games = int(settings["num_games"])
            num_timesteps = int(settings.get("num_timesteps", 0))  # not in the oldest files
            rng = np.random.default_rng()
            rng.bit_generator.state = settings["rng"]
            check_size(rules, config)
            check_tuples(rules, config, arrays["tuples"])
            agent = cls.__new__(cls)
            agent._assemble(rules, config, rng, arrays["tuples"])
            agent._take_weights(arrays["weights"])
        except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
            raise ValueError(
                f"{path} should hold the settings and tables of an n-tuple agent: {error}; train "
                "and save it again."
            ) from error
        agent.num_games, agent.num_timesteps = num_games, num_timesteps
        return agent

    def _take_weights(self, weights: np.ndarray) -> None:
        wanted = self.network.weights
        if weights.shape != wanted.shape or weights.dtype != wanted.dtype:
            raise ValueError(
                f"weights are {wanted.dtype} {wanted.shape}, got {weights.dtype} {weights.shape}"
            )
        if not np.isfinite(weights).all():
            raise ValueError("weights are finite")
        wanted[:] = weights
