"""What an agent sees of a painting: flat numbers, put together and taken apart."""

from typing import Final, NamedTuple

import numpy as np
from gymnasium import spaces
from jaxtyping import Float32

MAX_LOG_WEIGHT: Final = 5.0
MAX_LOG: Final = 10.0  # of losses and their ratios

Rows = Float32[np.ndarray, "n weights"]


class Observation(NamedTuple):
    """The parts, with a row for each painting.

    Args:
        preference: from 0 (style) to 1 (content).
        budget: the share of steps left.
        log_weights: relative to the default, in [-5, 5].
        log_starts: logarithms of the losses at the start.
        log_ratios: of the losses to those at the start.
        log_changes: of the losses in the last step.
    """

    preference: Float32[np.ndarray, " n"]
    budget: Float32[np.ndarray, " n"]
    log_weights: Rows
    log_starts: Rows
    log_ratios: Rows
    log_changes: Rows

    @property
    def log_losses(self) -> Rows:
        """Logarithms of the losses as they are."""
        losses: np.ndarray = self.log_starts + self.log_ratios
        return losses


def flatten(parts: Observation) -> Float32[np.ndarray, "n features"]:
    """The numbers that an agent gets, within the bounds of the space whatever happened."""
    logs = (np.nan_to_num(part, nan=MAX_LOG).clip(-MAX_LOG, MAX_LOG) for part in parts[3:])
    columns = (parts.preference[:, None], parts.budget[:, None], parts.log_weights / MAX_LOG_WEIGHT)
    return np.concatenate((*columns, *logs), axis=1, dtype=np.float32)


def split_observation(observations: Float32[np.ndarray, "n features"]) -> Observation:
    """The parts of what an agent gets."""
    preference, budget, *rest = np.split(observations, [1, 2], axis=1)
    log_weights, *logs = np.split(rest[0], 4, axis=1)
    return Observation(preference[:, 0], budget[:, 0], MAX_LOG_WEIGHT * log_weights, *logs)


def observation_space(num_weights: int) -> spaces.Box:
    """Of a single painting."""
    high = np.asarray([1.0, 1.0, *num_weights * [1.0], *3 * num_weights * [MAX_LOG]], np.float32)
    low = np.concatenate((np.zeros(2, np.float32), -high[2:]))
    return spaces.Box(low, high, dtype=np.float32)
