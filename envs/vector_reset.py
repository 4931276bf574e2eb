"""What the vector environments are told when they are made and reset, read in one way."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium.error import ResetNeeded
from gymnasium.vector import AutoresetMode
from jaxtyping import Bool

from etude.foundations.names import check_name


def check_vector_arguments(
    num_envs: int,
    autoreset_mode: AutoresetMode | str,
    render_mode: str | None,
    render_modes: Sequence[str],
) -> None:
    """Check what every vector environment takes.

    Raises:
        ValueError: no environment, or an unknown mode.
    """
    if num_envs < 1:
        raise ValueError(f"num_envs must be at least 1, got {num_envs}.")
    if not isinstance(autoreset_mode, AutoresetMode):
        check_name("autoreset_mode", autoreset_mode, [mode.value for mode in AutoresetMode])
    if render_mode is not None:
        check_name("render_mode", render_mode, render_modes)


def read_seeds(
    seed: int | Sequence[int | None] | None, num_envs: int, all_of_them: str
) -> list[int | None]:
    """A seed for each environment: ``seed + i``, its entry of a sequence, or None.

    Args:
        seed: what ``reset`` was given.
        num_envs: how many there are to be.
        all_of_them: what to call the environments, such as "the 3 boards".

    Raises:
        ValueError: a sequence of another length.
    """
    if isinstance(seed, int | np.integer):
        return [int(seed) + i for i in range(num_envs)]
    seeds: list[int | None] = [None] * num_envs if seed is None else list(seed)
    if len(seeds) != num_envs:
        raise ValueError(
            f"reset takes one seed or one for each of {all_of_them}, got {len(seeds)}."
        )
    return seeds


def read_reset_mask(
    mask: Any, num_envs: int, *, is_first: bool, way_out: str
) -> Bool[np.ndarray, " n"]:
    """Which environments are reset: all if there is no mask.

    Args:
        mask: what ``reset`` was given.
        num_envs: how many there are.
        is_first: whether this is the first reset, which is of all.
        way_out: what to say if it is and the mask leaves some out.

    Raises:
        ValueError: no bool array of shape (N,) with at least one True.
        ResetNeeded: the first reset has a mask that leaves some out.
    """
    if mask is None:
        return np.ones(num_envs, np.bool_)
    is_mask = isinstance(mask, np.ndarray) and mask.dtype == np.bool_
    if not is_mask or mask.shape != (num_envs,) or not mask.any():
        raise ValueError(
            f"reset_mask is a bool array of shape ({num_envs},) with at least one True, got "
            f"{mask!r}."
        )
    if is_first and not mask.all():
        raise ResetNeeded(way_out)
    chosen: np.ndarray = mask
    return chosen
