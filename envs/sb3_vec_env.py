"""Stable-Baselines3 on a batched environment.

SB3 steps N environments one by one in Python; a Gymnasium ``VectorEnv`` steps them in one call.
This adapter lets any SB3 or sb3-contrib algorithm, ``MaskablePPO`` included, train on the latter.
"""

from collections.abc import Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv

try:
    from stable_baselines3.common.vec_env.base_vec_env import VecEnv, VecEnvIndices
except ImportError as error:
    raise gym.error.DependencyNotInstalled(
        "SB3VecEnv adapts to Stable-Baselines3, which is not installed; "
        "run `pip install 'etude[baselines]'`."
    ) from error


class SB3VecEnv(VecEnv):
    """An SB3 ``VecEnv`` over a Gymnasium ``VectorEnv`` with ``SAME_STEP`` autoreset.

    Args:
        env: the vector environment. If it has a method ``action_masks``, sb3-contrib finds it.

    Raises:
        ValueError: the autoreset mode is another; SB3 expects the next game in the same step.

    >>> import etude
    >>> vec_env = SB3VecEnv(gym.make_vec("etude/TicTacToe-v0", num_envs=64))
    >>> vec_env.reset().shape
    (64, 18)
    """

    def __init__(self, env: VectorEnv[Any, Any, Any]) -> None:
        mode = env.metadata.get("autoreset_mode")
        if mode != AutoresetMode.SAME_STEP:
            raise ValueError(
                f"SB3 expects autoreset_mode=AutoresetMode.SAME_STEP, got {mode}; pass "
                "it to make_vec."
            )
        self.env = env
        self._actions: Any = None
        super().__init__(env.num_envs, env.single_observation_space, env.single_action_space)

    def reset(self) -> Any:
        """Start all games, with the seeds of ``seed`` if it was called; return the observations."""
        seeds = self._seeds if any(seed is not None for seed in self._seeds) else None
        env: Any = (
            self.env
        )  # vector environments take a list of seeds, whatever the base class says
        observations, _ = env.reset(seed=seeds, options=self._options[0] or None)
        self._reset_seeds()
        self._reset_options()
        return observations

    def step_async(self, actions: Any) -> None:
        """Keep the actions for ``step_wait``."""
        self._actions = actions

    def step_wait(self) -> Any:
        """Step; return observations, rewards, dones and a dictionary for each environment.

        Where an episode ended, the dictionary has "terminal_observation", "TimeLimit.truncated" and
        the entries of "final_info".
        """
        observations, rewards, terminated, truncated, infos = self.env.step(self._actions)
        dones = terminated | truncated
        rows: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        for i in np.flatnonzero(dones).tolist():
            rows[i] = {
                **_row(infos.get("final_info", {}), i),
                "terminal_observation": _index(infos["final_obs"], i),
                "TimeLimit.truncated": bool(truncated[i] and not terminated[i]),
            }
        return observations, rewards.astype(np.float32), dones, rows

    def close(self) -> None:
        """Close the vector environment."""
        self.env.close()

    def get_images(self) -> Sequence[Any]:
        """A frame an environment, if it renders any."""
        return self.env.render() or ()

    def get_attr(self, attr_name: str, indices: VecEnvIndices = None) -> list[Any]:
        """An attribute of the vector environment, once for each index."""
        return [getattr(self.env, attr_name)] * len(self._indices(indices))

    def set_attr(self, attr_name: str, value: Any, indices: VecEnvIndices = None) -> None:
        """Set an attribute; the environments of a batch share it.

        Raises:
            ValueError: only some indices are given.
        """
        if len(self._indices(indices)) != self.num_envs:
            raise ValueError(
                f"the environments of a batch share their attributes, got indices {indices}; leave "
                "them out."
            )
        setattr(self.env, attr_name, value)

    def has_attr(self, attr_name: str) -> bool:
        """Whether the vector environment has the attribute."""
        return hasattr(self.env, attr_name)

    def env_method(
        self,
        method_name: str,
        *method_args: Any,
        indices: VecEnvIndices = None,
        **method_kwargs: Any,
    ) -> list[Any]:
        """Call a batched method once and deal out the rows of its result."""
        rows = getattr(self.env, method_name)(*method_args, **method_kwargs)
        return [rows[i] for i in self._indices(indices)]

    def env_is_wrapped(
        self, wrapper_class: type[gym.Wrapper[Any, Any, Any, Any]], indices: VecEnvIndices = None
    ) -> list[bool]:
        """False: there is no single environment that could be wrapped."""
        return [False] * len(self._indices(indices))

    def _indices(self, indices: VecEnvIndices) -> list[int]:
        return [int(i) for i in self._get_indices(indices)]


def _index(batch: Any, i: int) -> Any:
    """Row ``i`` of an array, or of each array of a dictionary."""
    if isinstance(batch, dict):
        return {name: value[i] for name, value in batch.items()}
    return batch[i]


def _row(infos: dict[str, Any], i: int) -> dict[str, Any]:
    """What Gymnasium's batched infos say of environment ``i``; "_name" tells where "name" is."""
    return {
        name: value[i]
        for name, value in infos.items()
        if not name.startswith("_") and infos.get(f"_{name}", np.ones(i + 1, np.bool_))[i]
    }
