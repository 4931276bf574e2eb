"""N style transfers at once, whose weights an agent steers: one batch through the networks."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gymnasium as gym
import numpy as np
from gymnasium.error import ResetNeeded
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space
from jaxtyping import Bool, Float32, Float64, Int64

from etude.envs.style_weights.batch import Rows, StyleWeightsBatch
from etude.envs.style_weights.instances import Instance
from etude.envs.style_weights.settings import StyleWeightsSettings, read_actions, read_options
from etude.envs.vector_reset import check_vector_arguments, read_reset_mask, read_seeds

if TYPE_CHECKING:
    from etude.envs.style_weights.render import Studio


class StyleWeightsVectorEnv(gym.vector.VectorEnv[Any, Any, Any]):
    """N paintings in one environment: the same as those of N ``StyleWeightsEnv``.

    Painting i of ``reset(seed=s)`` is that of ``StyleWeightsEnv`` after ``reset(seed=s + i)``: each
    draws its instances from a stream of its own. Numbers agree but for rounding.

    ``infos`` has the entries of ``StyleWeightsEnv``, as arrays. In ``SAME_STEP`` mode, where an
    episode ended, ``final_obs`` and ``final_info`` are those of its end.

    Args:
        num_envs: the number N of paintings.
        instances: as in ``StyleWeightsEnv``.
        autoreset_mode: ``SAME_STEP`` (default) starts the next painting in the step that ends one,
            ``NEXT_STEP`` in the step after it, and ``DISABLED`` leaves it to
            ``reset(options={"reset_mask": ...})``.
        render_mode: None or "rgb_array"; ``render`` returns a tuple with one frame a painting.
        render_size: width and height of a frame, in pixels.
        settings: the other arguments of ``StyleWeightsEnv``.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012 - Gymnasium declares it like this
        "render_modes": ["rgb_array"],
        "render_fps": 4,
        "autoreset_mode": AutoresetMode.SAME_STEP,
    }

    def __init__(
        self,
        num_envs: int = 1,
        instances: str | Path | Sequence[Instance] = "train",
        *,
        autoreset_mode: AutoresetMode | str = AutoresetMode.SAME_STEP,
        render_mode: str | None = None,
        render_size: tuple[int, int] = (960, 540),
        **settings: Any,
    ) -> None:
        check_vector_arguments(num_envs, autoreset_mode, render_mode, self.metadata["render_modes"])
        self.num_envs = num_envs
        self.settings = StyleWeightsSettings(instances, **settings)
        self.render_mode = render_mode
        self.render_size = render_size
        self.autoreset_mode = AutoresetMode(autoreset_mode)
        self.metadata = {**self.metadata, "autoreset_mode": self.autoreset_mode}
        self.single_observation_space = self.settings.observation_space
        self.single_action_space = self.settings.action_space
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self.batch = StyleWeightsBatch(num_envs, self.settings)
        self.quality_histories: list[list[float]] = [[] for _ in range(num_envs)]
        self._streams: list[np.random.Generator] = []
        self._is_over = np.zeros(num_envs, np.bool_)
        self._studio: Studio | None = None

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[Float32[np.ndarray, "n features"], dict[str, Any]]:
        """Start all paintings, or those of ``options["reset_mask"]``.

        Args:
            seed: painting i gets ``seed + i``, or its entry of a sequence.
            options: "reset_mask" (bool array of shape (N,)); "instance" and "log_weights" as in
                ``StyleWeightsEnv.reset``, for all or an array with a row for each.

        Raises:
            ValueError: as ``StyleWeightsEnv.reset``; also a wrong number of seeds or a wrong mask.
            TypeError: an instance that is no whole number.
            ResetNeeded: the first reset has a mask.
        """
        options = dict(options or {})
        chosen = read_reset_mask(
            options.pop("reset_mask", None),
            self.num_envs,
            is_first=not self._streams,
            way_out="the first reset() begins all paintings; leave reset_mask out.",
        )
        wish = read_options(options, self.settings, self.num_envs)
        self._seed(seed, chosen)
        rows = np.flatnonzero(chosen)
        numbers = self._draw(rows) if wish.instance is None else wish.instance[rows]
        log_weights = None if wish.log_weights is None else wish.log_weights[rows]
        self._begin(rows, numbers, log_weights)
        return self.batch.observe(), self._infos()

    def step(
        self, actions: Any
    ) -> tuple[
        Float32[np.ndarray, "n features"],
        Float64[np.ndarray, " n"],
        Bool[np.ndarray, " n"],
        Bool[np.ndarray, " n"],
        dict[str, Any],
    ]:
        """Change all weights, and paint on for some iterations.

        Args:
            actions: (N, L + 2).

        Raises:
            ResetNeeded: some painting has ended, or none was begun.
            ValueError: a wrong shape, or NaN; nothing has changed then.
        """
        actions = read_actions(actions, (self.num_envs, self.settings.num_weights))
        self._check_running()
        begins = self._is_over.copy()  # in NEXT_STEP mode
        outcome = self.batch.step(actions)
        rewards = outcome.rewards.astype(np.float64)
        terminated, truncated = outcome.failed, outcome.ended & ~outcome.failed
        for i in np.flatnonzero(~begins):
            self.quality_histories[i].append(float(self.batch.qualities[i]))
        self._begin_next(begins)
        for array in (rewards, terminated, truncated):
            array[begins] = 0
        self._is_over = terminated | truncated
        observations, infos = self.batch.observe(), self._infos()
        if self.autoreset_mode == AutoresetMode.SAME_STEP and self._is_over.any():
            ends = self._is_over.copy()
            final: dict[str, Any] = {"final_obs": observations, "_final_obs": ends}
            final |= {"final_info": infos, "_final_info": ends.copy()}
            self._begin_next(ends)
            observations, infos = self.batch.observe(), self._infos() | final
        return observations, rewards, terminated, truncated, infos

    def render(self) -> tuple[Any, ...] | None:
        """One frame a painting; None without a ``render_mode``.

        Raises:
            ResetNeeded: no painting was ever begun.
            gymnasium.error.DependencyNotInstalled: pygame is missing.
        """
        from etude.envs.style_weights.render import Studio

        if self.render_mode is None:
            gym.logger.warn("render() needs a render_mode; pass one to gym.make_vec.")
            return None
        if not self._streams:
            raise ResetNeeded("there are paintings from the first reset() on, got none; call it.")
        self._studio = self._studio or Studio(self.render_size)
        scenes = (self.batch.scene(i, history) for i, history in enumerate(self.quality_histories))
        return tuple(self._studio.frame(scene) for scene in scenes)

    def close_extras(self, **kwargs: Any) -> None:
        """Let go of what frames are drawn with; ``close`` calls it."""
        self._studio = None

    def _begin_next(self, where: Bool[np.ndarray, " n"]) -> None:
        """Start the next paintings, of instances that are drawn."""
        rows = np.flatnonzero(where)
        if len(rows):
            self._begin(rows, self._draw(rows))

    def _begin(
        self,
        rows: Rows,
        numbers: Int64[np.ndarray, " rows"],
        log_weights: Float32[np.ndarray, "rows weights"] | None = None,
    ) -> None:
        self.batch.begin(rows, numbers, log_weights)
        self._is_over[rows] = False
        for i in rows:
            self.quality_histories[i] = [float(self.batch.qualities[i])]

    def _draw(self, rows: Rows) -> Int64[np.ndarray, " rows"]:
        """Numbers of instances, each from its painting's stream."""
        num_instances = len(self.settings.all_instances)
        return np.asarray([self._streams[i].integers(num_instances) for i in rows])

    def _seed(
        self, seed: int | Sequence[int | None] | None, chosen: Bool[np.ndarray, " n"]
    ) -> None:
        """Give streams to the chosen paintings that get a seed, and to all that have none yet."""
        seeds = read_seeds(seed, self.num_envs, f"{self.num_envs} paintings")
        if not self._streams:
            self._streams = [np.random.default_rng(s) for s in seeds]
            return
        for i in np.flatnonzero(chosen):
            if seeds[i] is not None:
                self._streams[i] = np.random.default_rng(seeds[i])

    def _check_running(self) -> None:
        if not self._streams:
            raise ResetNeeded("step() goes on with paintings, got none; call reset() first.")
        if self.autoreset_mode == AutoresetMode.DISABLED and self._is_over.any():
            raise ResetNeeded(
                f"with autoreset disabled every painting needs a reset when it has ended, got "
                f"ended ones at {np.flatnonzero(self._is_over).tolist()}; call "
                "reset(options={'reset_mask': mask})."
            )

    def _infos(self) -> dict[str, Any]:
        entries = self.batch.infos()
        masks = {f"_{name}": np.ones(self.num_envs, np.bool_) for name in entries}
        return entries | masks
