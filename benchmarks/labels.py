"""Labelled positions, kept in a file: the solver takes minutes for a thousand of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import Int8
from rich.console import Console
from rich.progress import track

from etude.agents.solver_grades import LabelledPosition, labelled_positions
from etude.envs.mnk.rules import MNKRules, Position
from etude.foundations.arrays import read_arrays
from etude.foundations.files import replacing

ILLEGAL: Final = -2  # in place of a value


def keep_labels(
    folder: Path, rules: MNKRules, num_positions: int, stones: tuple[int, int], seed: int
) -> Path:
    """Label positions with a progress bar, unless their file is there; returns the file.

    Args:
        folder: of the file; made if there is none.
        rules: the board, one that can be solved.
        num_positions: how many.
        stones: the fewest and the most on a board.
        seed: of the positions.

    Raises:
        ValueError: fewer positions than 1.
    """
    if num_positions < 1:
        raise ValueError(f"accuracy is a share of at least 1 position, got {num_positions}.")
    fewest, most = stones
    path = folder / f"labels-{rules.name}-{num_positions}-stones{fewest}to{most}-seed{seed}.npz"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        positions = labelled_positions(rules, num_positions, np.random.default_rng(seed), stones)
        console = Console(stderr=True)
        labelled = track(
            positions, "solving positions", num_positions, console=console, transient=True
        )
        save_labels(path, rules, list(labelled))
    return path


def save_labels(path: Path, rules: MNKRules, labelled: Sequence[LabelledPosition]) -> None:
    """Write positions and the exact values of their moves."""
    stones = np.array([label.position for label in labelled], np.uint64)
    values: Int8[np.ndarray, "positions actions"] = np.full(
        (len(labelled), rules.num_actions), ILLEGAL, np.int8
    )
    for row, label in zip(values, labelled, strict=True):
        for action, value in label.action_values.items():
            row[action] = value
    with replacing(path) as partial, partial.open("wb") as file:
        np.savez_compressed(file, stones=stones, values=values)


def load_labels(path: Path) -> list[LabelledPosition]:
    """Read what ``save_labels`` wrote.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is damaged.
    """
    try:
        arrays = read_arrays(path)
        stones, values = arrays["stones"], arrays["values"]
        if stones.shape != (len(values), 2) or stones.dtype != np.uint64 or values.ndim != 2:
            raise ValueError(f"shapes {stones.shape} and {values.shape}")
        return [
            LabelledPosition(
                Position(*boards), {action: v for action, v in enumerate(row) if v != ILLEGAL}
            )
            for boards, row in zip(stones.tolist(), values.tolist(), strict=True)
        ]
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(
            f"labelled positions are an npz of stones and values, got {path}: {error}; delete it, "
            "and they are solved again."
        ) from error
