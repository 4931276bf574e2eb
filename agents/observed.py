"""From what a player sees back to the position."""

from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool

from etude.envs.mnk.rules import FIRST, SECOND, MNKRules, Position


class View(NamedTuple):
    """A board as one of the players sees it, in bitboards."""

    own: int
    other: int

    def seen_by(self, side: int) -> Position:
        """The position, if it is ``side`` who looks."""
        return Position(self.own, self.other) if side == FIRST else Position(self.other, self.own)

    def to_move(self) -> int:
        """Who looks, if it is the player to move: the first has no more stones than the other."""
        return FIRST if self.own.bit_count() == self.other.bit_count() else SECOND


def read_views(rules: MNKRules, observation: Any) -> tuple[list[View], bool]:
    """What flat observations show.

    Args:
        rules: the board.
        observation: own stones, then the opponent's, shape (features,) or (n, features).

    Returns:
        One view an observation, and whether it was a batch.

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
    return [View(_bitboard(own), _bitboard(other)) for own, other in planes], flat.ndim == 2


def read_observations(rules: MNKRules, observation: Any) -> tuple[list[Position], bool]:
    """The positions that flat observations show to the player to move; see ``read_views``.

    Raises:
        ValueError: another shape.
    """
    views, is_batch = read_views(rules, observation)
    return [view.seen_by(view.to_move()) for view in views], is_batch


def _bitboard(plane: Bool[np.ndarray, " cells"]) -> int:
    return int.from_bytes(np.packbits(plane, bitorder="little").tobytes(), "little")
