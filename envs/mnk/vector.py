"""N games of the m,n,k family at once, advanced by one compiled loop."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import gymnasium as gym
import numpy as np
from gymnasium.error import ResetNeeded
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space
from jaxtyping import Bool, Float32, Float64, Int8, Int64

from etude.envs.mnk import batch_stages as stages
from etude.envs.mnk.batch_state import (
    Results,
    board_of_words,
    board_words,
    make_boards,
    make_game,
    make_results,
    num_words,
)
from etude.envs.mnk.batch_step import step_boards
from etude.envs.mnk.observation import OBSERVATIONS
from etude.envs.mnk.opponents import AgentOpponent, EpsilonMinimax, Opponent, needs_solver
from etude.envs.mnk.pcg64 import seed_streams
from etude.envs.mnk.retrograde import MAX_TABLE_CELLS
from etude.envs.mnk.rules import Position
from etude.envs.mnk.settings import MNKSettings, read_reset_options
from etude.envs.vector_reset import check_vector_arguments, read_reset_mask, read_seeds

if TYPE_CHECKING:
    from etude.envs.mnk.render import BoardPainter


class MNKVectorEnv(gym.vector.VectorEnv[Any, Any, Any]):
    """N games in one environment: the same games as N of ``MNKEnv`` with the same seeds.

    Board i of ``reset(seed=s)`` plays what ``MNKEnv`` plays after ``reset(seed=s + i)``: every
    board has a random stream of its own. The uniform opponent plays inside the compiled loop, and
    so do minimax and epsilon-minimax on boards of up to 16 cells; any other opponent is asked
    between two loops, agents with one batched ``predict``.

    ``infos`` holds ``action_mask`` (int8, shape (N, actions)) for the boards as they are now. Where
    a game ended, ``infos`` (in ``SAME_STEP`` mode ``infos["final_info"]``) holds ``outcome`` and
    ``illegal_action``, and ``_outcome`` and ``_illegal_action`` say for which boards; ``final_obs``
    is an array like the observations, valid where ``_final_obs`` is True.

    Args:
        num_envs: the number N of games.
        m: rows of the board.
        n: columns of the board.
        k: stones in a row that win.
        autoreset_mode: ``SAME_STEP`` (default) starts the next game in the step that ends one,
            ``NEXT_STEP`` in the step after it, and ``DISABLED`` leaves it to
            ``reset(options={"reset_mask": ...})``.
        render_mode: None, "rgb_array" or "ansi"; ``render`` returns a tuple with one frame a board.
        render_size: width and height of a frame, in pixels.
        settings: the other arguments of ``MNKEnv``, without ``exact_info``.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012 - Gymnasium declares it like this
        "render_modes": ["rgb_array", "ansi"],
        "render_fps": 4,
        "autoreset_mode": AutoresetMode.SAME_STEP,
    }

    def __init__(
        self,
        num_envs: int = 1,
        m: int = 3,
        n: int = 3,
        k: int = 3,
        *,
        autoreset_mode: AutoresetMode | str = AutoresetMode.SAME_STEP,
        render_mode: str | None = None,
        render_size: tuple[int, int] = (480, 480),
        **settings: Any,
    ) -> None:
        check_vector_arguments(num_envs, autoreset_mode, render_mode, self.metadata["render_modes"])
        self.num_envs = num_envs
        self.settings = MNKSettings(m, n, k, **settings)
        if self.settings.exact_info:
            raise ValueError(
                "exact_info is an argument of single environments, got it for a vector one; ask "
                "solver_for(env.rules) about env.positions() instead."
            )
        self.rules = self.settings.rules
        self.render_mode = render_mode
        self.render_size = render_size
        self.autoreset_mode = AutoresetMode(autoreset_mode)
        self.metadata = {**self.metadata, "autoreset_mode": self.autoreset_mode}
        self.single_observation_space = self.settings.observation_space
        self.single_action_space = self.settings.action_space
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._observation = OBSERVATIONS[self.settings.observation]
        self._painter: BoardPainter | None = None
        self._opponents = self.settings.opponents
        self._plays_by_itself = self._opponents_fit_the_loops()
        self._game = make_game(
            self.settings,
            solves=self._plays_by_itself and any(map(needs_solver, self._opponents)),
            resets_at_once=self.autoreset_mode == AutoresetMode.SAME_STEP,
        )
        self._boards = make_boards(self.rules, num_envs)
        self._is_seeded = False

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[Any, dict[str, Any]]:
        """Start a game on every board, or on those of ``options["reset_mask"]``.

        Args:
            seed: board i gets ``seed + i``, or its entry of a sequence.
            options: "reset_mask" (bool array of shape (N,)), and "position" and "agent_side" as in
                ``MNKEnv.reset``, for all boards that are reset.

        Raises:
            ValueError: as ``MNKEnv.reset``; also a wrong number of seeds or a wrong mask.
        """
        options = dict(options or {})
        chosen = read_reset_mask(
            options.pop("reset_mask", None),
            self.num_envs,
            is_first=not self._is_seeded,
            way_out="the first reset() starts a game on every board; leave reset_mask out.",
        )
        position, side = read_reset_options(self.rules, options)
        self._seed(seed, chosen)
        game = self._game if side is None else self._game._replace(side=side)
        stages.begin(game, self._boards, chosen)
        if position is not None:
            self._put(position, chosen)
        self._reply(chosen)
        results = self._make_results()
        stages.write_views(self._game, self._boards, results)
        return self._observe(results.observations, results.masks), self._infos(results.masks)

    def step(
        self, actions: Any
    ) -> tuple[
        Any,
        Float64[np.ndarray, " n"],
        Bool[np.ndarray, " n"],
        Bool[np.ndarray, " n"],
        dict[str, Any],
    ]:
        """Play one action on every board.

        Args:
            actions: integers of shape (N,).

        Raises:
            ResetNeeded: some board has no running game.
            ValueError: a wrong shape, an action outside the space, or an illegal one with
                ``illegal_move="raise"``; no board has changed then.
            TypeError: the actions are not integers.
        """
        actions = self._read_actions(actions)
        results = self._make_results()
        if self._plays_by_itself and num_words(self.rules) == 1:
            step_boards(self._game, self._boards, actions, results)
        else:
            self._step_in_stages(actions, results)
        infos = self._infos(results.masks)
        if results.terminated.any():
            self._add_ends(infos, results)
        truncated = np.zeros(self.num_envs, np.bool_)
        observations = self._observe(results.observations, results.masks)
        return observations, results.rewards, results.terminated, truncated, infos

    def render(self) -> tuple[Any, ...] | None:
        """One frame a board, as the ``render_mode`` says; None without one."""
        from etude.envs.mnk.render import BoardPainter, board_text

        if self.render_mode is None:
            gym.logger.warn("render() needs a render_mode; pass one to gym.make_vec.")
            return None
        if self.render_mode == "ansi":
            return tuple(board_text(self.rules, position) for position in self.positions())
        self._painter = self._painter or BoardPainter(self.rules, self.render_size)
        return tuple(self._painter.frame(position) for position in self.positions())

    def positions(self) -> list[Position]:
        """The stones on every board."""
        return [self._position(i) for i in range(self.num_envs)]

    def num_stones(self) -> Int64[np.ndarray, " n"]:
        """How many stones lie on every board."""
        return self._boards.num_stones.astype(np.int64)

    def action_masks(self) -> Bool[np.ndarray, "n actions"]:
        """The legal actions of every board as booleans."""
        results = self._make_results()
        stages.write_views(self._game, self._boards, results)
        return results.masks > 0

    def _step_in_stages(self, actions: Int64[np.ndarray, " n"], results: Results) -> None:
        """As ``step_boards``, for any board and any opponent, whose errors change no board."""
        before = [array.copy() for array in self._boards]
        chosen = np.empty(self.num_envs, np.bool_)
        try:
            stages.play(self._game, self._boards, actions, results, chosen)
            self._reply(chosen)
            stages.settle(self._game, self._boards, results, chosen)
            stages.begin(self._game, self._boards, chosen)
            self._reply(chosen)
        except Exception:
            for array, old in zip(self._boards, before, strict=True):
                array[...] = old
            raise
        stages.write_views(self._game, self._boards, results)

    def _reply(self, chosen: Bool[np.ndarray, " n"]) -> None:
        """Let the opponents of the chosen boards move where it is their turn."""
        awaiting = np.empty_like(chosen)
        stages.find_awaiting(self._game, self._boards, chosen, awaiting)
        if self._plays_by_itself:
            stages.reply(self._game, self._boards, awaiting)
            return
        for number, opponent in enumerate(self._opponents):
            indices = np.flatnonzero(awaiting & (self._boards.opponents == number))
            if indices.size:
                replies = self._ask(opponent, indices)
                stages.place_replies(self._game, self._boards, indices, replies)

    def _ask(
        self, opponent: Opponent, indices: Int64[np.ndarray, " chosen"]
    ) -> Int64[np.ndarray, " chosen"]:
        """The opponent's legal moves on the boards ``indices``."""
        uniforms = np.empty(indices.size)
        stages.draw_uniforms(self._boards, indices, uniforms)
        positions = [self._position(i) for i in indices.tolist()]
        if isinstance(opponent, AgentOpponent):
            return np.asarray(opponent.act_on_all(self.rules, positions), np.int64)
        replies = []
        for position, u in zip(positions, uniforms.tolist(), strict=True):
            legal = self.rules.open_actions(position.occupied)
            replies.append(opponent.act(self.rules, position, legal, u))
            if replies[-1] not in legal:
                self.rules.check_legal(position, replies[-1])
        return np.asarray(replies, np.int64)

    def _position(self, i: int) -> Position:
        return Position(*(board_of_words(words) for words in self._boards.stones[i]))

    def _put(self, position: Position, chosen: Bool[np.ndarray, " n"]) -> None:
        for side, stones in enumerate(position):
            self._boards.stones[chosen, side] = board_words(self.rules, stones)
        self._boards.num_stones[chosen] = position.num_stones
        self._boards.codes[chosen] = (
            self.rules.ternary_code(*position) if self._game.powers.size else 0
        )

    def _seed(
        self, seed: int | Sequence[int | None] | None, chosen: Bool[np.ndarray, " n"]
    ) -> None:
        """Give streams to the chosen boards that get a seed, and to all that have none yet."""
        seeds = read_seeds(seed, self.num_envs, f"the {self.num_envs} boards")
        fresh = [
            i
            for i in range(self.num_envs)
            if not self._is_seeded or (chosen[i] and seeds[i] is not None)
        ]
        seed_streams(self._boards.streams, fresh, [seeds[i] for i in fresh])
        self._is_seeded = True

    def _read_actions(self, given: Any) -> Int64[np.ndarray, " n"]:
        actions: np.ndarray = np.asarray(given)
        if actions.dtype.kind not in "iu":
            raise TypeError(f"actions are integers, got an array of {actions.dtype}.")
        if actions.shape != (self.num_envs,):
            raise ValueError(
                f"step takes one action for each of the {self.num_envs} boards, "
                f"got shape {actions.shape}."
            )
        if not self._is_seeded:
            raise ResetNeeded("step() plays on in running games, got none; call reset() first.")
        if self.autoreset_mode == AutoresetMode.DISABLED and not self._boards.running.all():
            ended = np.flatnonzero(~self._boards.running)
            raise ResetNeeded(
                f"with autoreset disabled every board needs a running game, got ended ones at "
                f"{ended.tolist()}; call reset(options={{'reset_mask': mask}})."
            )
        actions = actions.astype(np.int64, copy=False)
        refuses = self.settings.illegal_move == "raise"
        board = stages.find_refused(self._game, self._boards, actions, refuses)
        if board >= 0:
            position = self._position(board)
            self.rules.check_legal(position, int(actions[board]))
        return actions

    def _opponents_fit_the_loops(self) -> bool:
        small = self.rules.num_cells <= MAX_TABLE_CELLS
        return all(
            isinstance(opponent, EpsilonMinimax) and (small or not needs_solver(opponent))
            for opponent in self._opponents
        )

    def _make_results(self) -> Results:
        finals = self.autoreset_mode == AutoresetMode.SAME_STEP
        return make_results(self.rules, self.num_envs, finals=finals)

    def _observe(
        self, flat: Float32[np.ndarray, "n features"], masks: Int8[np.ndarray, "n actions"]
    ) -> Any:
        """Fresh flat observations in the form that was asked for."""
        if self.settings.observation == "flat":
            return flat
        return self._observation(self.rules, flat, masks)

    def _infos(self, masks: Int8[np.ndarray, "n actions"]) -> dict[str, Any]:
        return {"action_mask": masks, "_action_mask": np.ones(self.num_envs, np.bool_)}

    def _add_ends(self, infos: dict[str, Any], results: Results) -> None:
        ended = results.terminated
        ends = {
            "outcome": results.outcomes,
            "_outcome": ended.copy(),
            "illegal_action": results.illegal,
            "_illegal_action": ended.copy(),
        }
        if self.autoreset_mode != AutoresetMode.SAME_STEP:
            infos.update(ends)
            return
        infos["final_obs"] = self._observe(results.final_observations, results.final_masks)
        infos["_final_obs"] = ended.copy()
        infos["final_info"] = ends | {
            "action_mask": results.final_masks,
            "_action_mask": ended.copy(),
        }
        infos["_final_info"] = ended.copy()
