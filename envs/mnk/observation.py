"""What a player sees: the board from its own side, in one of five forms.

Every form is computed from the flat one, two planes of zeros and ones (own stones, then the
opponent's), so that a single environment, a batch of boards and an opponent's view share one
definition.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from gymnasium import spaces
from jaxtyping import Float32, Int8

from etude.envs.mnk.rules import FIRST, MNKRules, Position, bits
from etude.foundations.names import check_name

MAX_INDEX_CELLS: Final = 39  # 3**39 is the last power of 3 below 2**63

Flat = Float32[np.ndarray, "*batch features"]
Mask = Int8[np.ndarray, "*batch actions"]


def observation_space(rules: MNKRules, kind: str) -> spaces.Space[Any]:
    """The Gymnasium space of one observation of the form ``kind``.

    Raises:
        ValueError: the form is unknown, or "index" on a board of more than 39 cells.
    """
    check_kind(rules, kind)
    flat = spaces.Box(0.0, 1.0, (2 * rules.num_cells,), np.float32)
    makers: dict[str, Callable[[], spaces.Space[Any]]] = {
        "flat": lambda: flat,
        "planes": lambda: spaces.Box(0.0, 1.0, (2, rules.m, rules.n), np.float32),
        "signed": lambda: spaces.Box(-1.0, 1.0, (rules.num_cells,), np.float32),
        "index": lambda: spaces.Discrete(3**rules.num_cells),
        "dict": lambda: spaces.Dict(
            observation=flat, action_mask=spaces.Box(0, 1, (rules.num_actions,), np.int8)
        ),
    }
    return makers[kind]()


def check_kind(rules: MNKRules, kind: str) -> None:
    """Raise a ValueError that names the nearest form, if ``kind`` is none or does not fit."""
    check_name("an observation", kind, OBSERVATIONS)
    if kind == "index" and rules.num_cells > MAX_INDEX_CELLS:
        raise ValueError(
            f"an index numbers all 3**cells boards in 64 bits, so it fits at most "
            f"{MAX_INDEX_CELLS} cells, got {rules.num_cells}; choose another observation."
        )


def observe(rules: MNKRules, kind: str, position: Position, side: int) -> Any:
    """The observation of ``position`` for the player ``side``."""
    return OBSERVATIONS[kind](rules, flat_planes(rules, position, side), rules.legal_mask(position))


def flat_planes(rules: MNKRules, position: Position, side: int) -> Float32[np.ndarray, " features"]:
    """Two planes, flat: 1 where ``side`` has a stone, then 1 where its opponent has one."""
    own, other = position if side == FIRST else reversed(position)
    flat = np.zeros(2 * rules.num_cells, np.float32)
    flat[list(bits(own))] = 1
    flat[[rules.num_cells + cell for cell in bits(other)]] = 1
    return flat


def _flat(rules: MNKRules, flat: Flat, mask: Mask) -> Flat:
    return flat.copy()


def _planes(rules: MNKRules, flat: Flat, mask: Mask) -> Float32[np.ndarray, "*batch 2 m n"]:
    planes: np.ndarray = flat.reshape(*flat.shape[:-1], 2, rules.m, rules.n)
    return planes.copy()


def _signed(rules: MNKRules, flat: Flat, mask: Mask) -> Float32[np.ndarray, "*batch cells"]:
    signed: np.ndarray = flat[..., : rules.num_cells] - flat[..., rules.num_cells :]
    return signed


def _index(rules: MNKRules, flat: Flat, mask: Mask) -> Any:
    powers = 3 ** np.arange(rules.num_cells, dtype=np.int64)
    return flat.astype(np.int64) @ np.concatenate((powers, 2 * powers))


def _dict(rules: MNKRules, flat: Flat, mask: Mask) -> dict[str, Flat | Mask]:
    return {"observation": flat.copy(), "action_mask": mask.copy()}


OBSERVATIONS: Final[dict[str, Callable[[MNKRules, Flat, Mask], Any]]] = {
    "flat": _flat,
    "planes": _planes,
    "signed": _signed,
    "index": _index,
    "dict": _dict,
}
