"""Tic-tac-toe and its m,n,k family as a Gymnasium environment: one learner against an opponent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import gymnasium as gym
import numpy as np
from gymnasium.error import ResetNeeded
from jaxtyping import Bool

from etude.envs.mnk.game_graph import Node, game_graph
from etude.envs.mnk.observation import OBSERVATIONS
from etude.envs.mnk.rules import FIRST, Position, bits
from etude.envs.mnk.settings import MNKSettings, as_action, read_reset_options
from etude.envs.mnk.solver import solver_for
from etude.foundations.names import check_name

if TYPE_CHECKING:
    from etude.envs.mnk.render import BoardPainter, BoardWindow

BLOCK: Final = 64  # random numbers drawn at once; one at a time costs eight times as much


@dataclass(frozen=True)
class MNKState:
    """Everything that an ``MNKEnv`` needs to go on from here; see ``MNKEnv.get_state``."""

    position: Position
    previous: Position
    learner: int
    opponent_index: int
    running: bool
    random_state: tuple[Mapping[str, Any], tuple[float, ...]] | None


class MNKEnv(gym.Env[Any, Any]):
    """An m,n,k game against an opponent that is part of the environment.

    ## Description
    The players put stones on an m x n board in turn; the first with k in a row wins. Tic-tac-toe is
    (3, 3, 3). With gravity stones fall to the lowest empty cell of their column: Connect Four is
    (6, 7, 4). Under misere rules whoever completes a line loses. A step is the learner's move and
    the opponent's answer; with ``opponent="self"`` it is one move, and the learner plays both
    sides.

    ## Action space
    ``Discrete(m * n)``: a cell, row by row from the top left. With gravity ``Discrete(n)``: a
    column.

    ## Observation space
    The board from the side of the player to move:

    | observation | space | meaning |
    | --- | --- | --- |
    | "flat" | ``Box(0, 1, (2 * m * n,), float32)`` | own stones, then the opponent's, row by row |
    | "planes" | ``Box(0, 1, (2, m, n), float32)`` | the same as two planes |
    | "signed" | ``Box(-1, 1, (m * n,), float32)`` | +1 own, -1 the opponent's, 0 empty |
    | "index" | ``Discrete(3 ** (m * n))`` | sum of digit * 3**cell, 1 own, 2 the opponent's |
    | "dict" | ``Dict`` | "observation" (flat) and "action_mask" (int8) |

    ## Reward
    ``win_reward``, ``draw_reward`` or ``loss_reward`` at the end of the game, 0 before. In
    self-play the reward is that of the player who just moved.

    ## Starting state
    The empty board, after the opponent's first move if the learner is second. The sides are drawn
    anew each game with ``agent_side="random"``. ``reset(options={"position": "X.O/.X./..O",
    "agent_side": "first"})`` starts elsewhere.

    ## Episode end
    A line, a full board, or an illegal move with ``illegal_move="lose"``. Games are never
    truncated.

    ## Info
    ``action_mask`` (int8, 1 for legal actions) always; at the end ``outcome`` (+1 won, 0 drawn, -1
    lost, for the player whose reward it is) and ``illegal_action`` (bool). With ``exact_info`` also
    ``value``, the exact outcome of the position for the player to move (at the end: for the
    learner), and ``optimal_actions`` (int8 mask).

    ## Arguments
    - ``m``, ``n``, ``k``, ``gravity``, ``misere``: the game, see ``MNKRules``.
    - ``opponent``: "uniform" (default), "minimax", "epsilon_minimax:0.1", "self", a function of
      (observation, action_mask) that returns an action or probabilities, an agent with ``predict``,
      an ``Opponent``, or a ``Pool``.
    - ``agent_side``: "first", "second" or "random" (default).
    - ``observation``: see above, "flat" by default.
    - ``illegal_move``: "lose" (default) ends the game as a loss, "ignore" leaves the board as it is
      at reward 0, "raise" raises a ValueError.
    - ``win_reward``, ``draw_reward``, ``loss_reward``: 1, 0 and -1 by default.
    - ``exact_info``: whether ``info`` has the solver's answer.
    - ``render_mode``: None, "human" (a window), "rgb_array" or "ansi".
    - ``render_size``: width and height of the picture, in pixels.

    ## Version history
    - v0: first version.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012 - Gymnasium declares it like this
        "render_modes": ["human", "rgb_array", "ansi"],
        "render_fps": 4,
    }

    def __init__(
        self,
        m: int = 3,
        n: int = 3,
        k: int = 3,
        *,
        render_mode: str | None = None,
        render_size: tuple[int, int] = (480, 480),
        **settings: Any,
    ) -> None:
        self.settings = MNKSettings(m, n, k, **settings)
        if render_mode is not None:
            check_name("render_mode", render_mode, self.metadata["render_modes"])
        self.render_mode = render_mode
        self.render_size = render_size
        self.rules = self.settings.rules
        self.observation_space = self.settings.observation_space
        self.action_space = self.settings.action_space
        self._opponents = self.settings.opponents
        self._rewards = self.settings.rewards
        self._pool = self.settings.pool
        self._has_exact_info = self.settings.exact_info
        self._is_flat = self.settings.observation == "flat"
        self._painter: BoardPainter | None = None
        self._window: BoardWindow | None = None
        self._graph = game_graph(self.rules)
        self._node = self._previous = self._graph.root
        self._learner = FIRST  # whose reward it is
        self._opponent: Any = self._opponents[0] if self._opponents else None
        self._running = False
        self._uniforms: list[float] = []  # drawn ahead from np_random, the next one last

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Start a game.

        Args:
            seed: seeds the stream from which sides and the opponent's moves are drawn.
            options: "position" (text or ``Position``) and "agent_side" ("first" or "second") for
                this game.

        Raises:
            ValueError: an unknown option, a position that cannot arise, or one whose game is over.
        """
        if seed is not None:
            super().reset(seed=seed)
            self._uniforms.clear()
        position, side = read_reset_options(self.rules, options) if options else (None, None)
        self._node = self._previous = self._graph.node(position) if position else self._graph.root
        self._learner = self._draw_side() if side is None else side
        if self._pool is not None:
            self._opponent = self._opponents[self._pool.draw(self._uniform())]
        self._running = True
        if self._opponents and self._node.to_move != self._learner:
            self._node = self._answer(self._node)
        if self.render_mode == "human":
            self.render()
        return self._observe(), self._info()

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Play ``action``, and the opponent's answer to it.

        Raises:
            ResetNeeded: no game is running.
            TypeError: the action is not an integer.
            ValueError: it is outside the action space, or illegal with ``illegal_move="raise"``.
        """
        if not self._running:
            raise ResetNeeded("step() plays on in a running game, got none; call reset() first.")
        if type(action) is not int:
            action = as_action(self.rules, action)
        before = self._node
        after = before.successors.get(action) or self._successor(before, action)
        if after is not None:
            self._learner = before.to_move
            if after.outcome is None and self._opponents:
                before, after = after, self._answer(after)
            self._previous, self._node = before, after
        info = self._info()
        if after is None or after.outcome is not None:
            reward, terminated = self._end(after is None, info)
        else:
            reward, terminated = 0.0, False
        if self.render_mode == "human":
            self.render()
        return self._observe(), reward, terminated, False, info

    def render(self) -> Any:
        """The board as the ``render_mode`` says: a window (None), an uint8 picture, or text.

        Raises:
            gymnasium.error.DependencyNotInstalled: pygame is missing.
        """
        from etude.envs.mnk.render import BoardPainter, BoardWindow, board_text

        if self.render_mode is None:
            gym.logger.warn("render() needs a render_mode; pass one to gym.make, e.g. 'rgb_array'.")
            return None
        if self.render_mode == "ansi":
            return board_text(self.rules, self.position, last_cell=self._last_cell())
        if self.render_mode == "rgb_array":
            self._painter = self._painter or BoardPainter(self.rules, self.render_size)
            return self._painter.frame(self.position, last_cell=self._last_cell())
        self._window = self._window or BoardWindow(self.rules, self.render_size, "Etude")
        self._window.show(
            self.position, fps=self.metadata["render_fps"], last_cell=self._last_cell()
        )
        return None

    def close(self) -> None:
        """Close the window, if there is one; may be called twice."""
        if self._window is not None:
            self._window.close()
        self._window = self._painter = None

    @property
    def position(self) -> Position:
        """The stones on the board."""
        return self._node.position

    def legal_actions(self) -> list[int]:
        """The legal actions, in ascending order; empty when the game is over."""
        return self._node.legal.copy() if self._running else []

    def action_masks(self) -> Bool[np.ndarray, " actions"]:
        """The legal actions as booleans, in the way sb3-contrib asks for them."""
        return self._node.mask > 0

    def get_state(self, *, include_random: bool = False) -> MNKState:
        """All that the game needs to go on from here: for search, undo and saving.

        Args:
            include_random: with the state of the random stream, so that the opponent's answers are
                the same too. Without it, several rollouts from one state differ.
        """
        return MNKState(
            self._node.position,
            self._previous.position,
            self._learner,
            self._opponents.index(self._opponent) if self._opponents else 0,
            self._running,
            (self.np_random.bit_generator.state, tuple(self._uniforms)) if include_random else None,
        )

    def set_state(self, state: MNKState) -> None:
        """Go on from ``state``, which ``get_state`` of an environment with the same rules returned.

        Raises:
            ValueError: the position cannot arise on this board.
        """
        self.rules.validate(state.position)
        self._node = self._graph.node(state.position)
        self._previous = self._graph.node(state.previous)
        self._learner = state.learner
        self._opponent = self._opponents[state.opponent_index] if self._opponents else None
        self._running = state.running
        if state.random_state is not None:
            self.np_random.bit_generator.state, uniforms = state.random_state
            self._uniforms = list(uniforms)

    def _successor(self, node: Node, action: int) -> Node | None:
        """The node after an action that is not among the kept ones; None if it is illegal."""
        action = as_action(self.rules, action)
        if node.outcome is not None:  # the opponent's first move ended the game: so does any action
            return node
        if node.occupied >> action & 1:  # under gravity a column is as full as its top cell
            if self.settings.illegal_move == "raise":
                self.rules.check_legal(node.position, action)
            return None
        return node.play(action)

    def _end(self, illegal: bool, info: dict[str, Any]) -> tuple[float, bool]:
        """Reward and termination of a finished game, or of an illegal move."""
        if illegal and self.settings.illegal_move == "ignore":
            return 0.0, False
        self._running = False
        outcome = -1 if illegal else self._outcome_for_learner()
        info["outcome"], info["illegal_action"] = outcome, illegal
        return self._rewards[outcome], True

    def _answer(self, node: Node) -> Node:
        """The node after the opponent's move."""
        u = self._uniforms.pop() if self._uniforms else self._uniform()
        legal = node.legal
        action = self._opponent.act(self.rules, node.position, legal, u)
        if action not in legal:
            self.rules.check_legal(node.position, action)
        return node.successors.get(action) or node.play(action)

    def _uniform(self) -> float:
        """The next number of the stream: the same as ``np_random.random()``, drawn in blocks."""
        if not self._uniforms:
            self._uniforms = self.np_random.random(BLOCK)[::-1].tolist()
        return self._uniforms.pop()

    def _draw_side(self) -> int:
        side = self.settings.side
        return int(self._uniform() * 2) if side is None else side

    def _outcome_for_learner(self) -> int:
        assert self._node.outcome is not None
        return self._node.outcome if self._learner == FIRST else -self._node.outcome

    def _observe(self) -> Any:
        node = self._node
        flat = node.views[self._learner if self._opponents else node.to_move]
        if self._is_flat:  # the default, which everybody's speed hangs on
            return flat.copy()
        return OBSERVATIONS[self.settings.observation](self.rules, flat, node.mask)

    def _info(self) -> dict[str, Any]:
        info: dict[str, Any] = {"action_mask": self._node.mask.copy()}
        if self._has_exact_info:
            info |= self._exact_info()
        return info

    def _exact_info(self) -> dict[str, Any]:
        solver = solver_for(self.rules)
        optimal = np.zeros(self.rules.num_actions, np.int8)
        if self._node.outcome is not None:
            return {"value": float(self._outcome_for_learner()), "optimal_actions": optimal}
        optimal[solver.optimal_actions(self._node.position)] = 1
        return {"value": float(solver.value(self._node.position)), "optimal_actions": optimal}

    def _last_cell(self) -> int | None:
        return next(bits(self._node.occupied ^ self._previous.occupied), None)
