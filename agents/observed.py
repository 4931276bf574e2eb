"""From what a player sees back to the position."""

from typing import Any

import numpy as np

from etude.envs.mnk.rules import MNKRules, Position


def read_observations(rules: MNKRules, observation: Any) -> tuple[list[Position], bool]:
    """The positions that flat observations show.

    The first player has as many stones as the second or one more, so the counts tell who looks.

    Args:
        rules: the board.
        observation: own stones, then the opponent's, shape (features,) or (n, features).

    Returns:
        One position an observation, and whether it was a batch.

    Raises:
        ValueError: another shape.
    """
    flat = np.asarray(observation)
    num_cells = rules.num_cells
    if flat.ndim not in (1, 2) or flat.shape[-1] != 2 * num_cells:
        raise ValueError(
            f"an agent on {rules.name} takes flat observations of {2 * num_cells} features, got "
            f"shape {flat.shape}; make the environment with observation='flat'."
        )
    planes = flat.reshape(-1, 2, num_cells) > 0.5
    return [_position(own, other) for own, other in planes], flat.ndim == 2


def _position(own: np.ndarray, other: np.ndarray) -> Position:
    boards = [
        int.from_bytes(np.packbits(plane, bitorder="little").tobytes(), "little")
        for plane in (own, other)
    ]
    mine, theirs = boards
    if mine.bit_count() == theirs.bit_count():  # the first player's turn
        return Position(mine, theirs)
    return Position(theirs, mine)
