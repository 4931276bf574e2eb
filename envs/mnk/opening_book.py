"""Win, draw or loss of every Connect Four position in the opening, where a search takes too long.

A book holds one value for each position with exactly ``depth`` stones in which nobody has won, up
to the mirror image. It holds no positions: those are enumerated from the empty board in the order
of their keys, so that a value costs less than two bits. Values of earlier positions follow by
backward induction when the book is loaded.

The file that comes with the package was made by ``benchmarks.connect_four_book`` from values of
bitbully-databases, Copyright (c) 2025 Markus Thill, under the MIT licence.
"""

from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import Int8, Int64, UInt8
from numba import njit

from etude.envs.mnk.bitboards import Layout, holds_line, make_layout
from etude.envs.mnk.rules import MNKRules
from etude.foundations.arrays import read_arrays

CONNECT_FOUR: Final = MNKRules(6, 7, 4, gravity=True)
BOOK_DEPTH: Final = 10
WON: Final = -1
FULL: Final = -2
DIGITS_PER_BYTE: Final = 5  # 3**5 < 2**8
WEIGHTS: Final = 3 ** np.arange(DIGITS_PER_BYTE)


@njit(cache=True)
def mirrored(key: int, num_columns: int, height: int) -> int:
    """The key with its columns in reverse order."""
    image, column_mask = 0, (1 << height) - 1
    for _ in range(num_columns):
        image = image << height | key & column_mask
        key >>= height
    return image


@njit(cache=True)
def canonical_key(own: int, occupied: int, bottom: int, num_columns: int, height: int) -> int:
    """One number for a position and its mirror image.

    In each column of the key, one bit marks the lowest empty cell and the bits below it the mover's
    stones.
    """
    key = own | (occupied + bottom)
    return min(key, mirrored(key, num_columns, height))


@njit(cache=True)
def decode_key(key: int, num_columns: int, height: int) -> tuple[int, int]:
    """The mover's stones and all stones of a position."""
    own, occupied, column_mask = 0, 0, (1 << height) - 1
    for column in range(num_columns):
        digits, floor = key >> column * height & column_mask, 1
        while floor * 2 <= digits:
            floor *= 2
        own |= (digits - floor) << column * height
        occupied |= (floor - 1) << column * height
    return own, occupied


@njit(cache=True)
def successor_keys(
    layout: Layout, keys: Int64[np.ndarray, " layer"], num_columns: int, height: int
) -> Int64[np.ndarray, "layer columns"]:
    """The canonical key after each move; ``WON`` if it wins, ``FULL`` if the column is full."""
    successors = np.full((len(keys), num_columns), FULL, np.int64)
    column_mask = (1 << height) - 1
    for row, key in enumerate(keys):
        own, occupied = decode_key(key, num_columns, height)
        for column in range(num_columns):
            move = (occupied + layout.bottom) & layout.board & column_mask << column * height
            if move and holds_line(layout, own | move):
                successors[row, column] = WON
            elif move:
                successors[row, column] = canonical_key(
                    occupied & ~own, occupied | move, layout.bottom, num_columns, height
                )
    return successors


class OpeningBook:
    """The values of all positions of up to ``depth`` stones.

    Args:
        depth: stones in the positions of the last layer.
        values: of the last layer's positions, in the order of their keys, for the player to move.

    Raises:
        ValueError: the number of values is not that of the layer's positions.
    """

    def __init__(self, depth: int, values: Int8[np.ndarray, " layer"]) -> None:
        self.depth = depth
        self._layout = make_layout(CONNECT_FOUR)
        self._keys, successors = enumerate_layers(depth)
        if len(values) != len(self._keys[depth]):
            raise ValueError(
                f"a book of depth {depth} has {len(self._keys[depth])} values, got {len(values)}; "
                "build it again with benchmarks.connect_four_book."
            )
        self._values = [values]
        for layer in reversed(range(depth)):
            children, reached = successors[layer], self._keys[layer + 1]
            scores = -self._values[0][np.searchsorted(reached, children).clip(0, len(reached) - 1)]
            scores = np.where(children == WON, 1, np.where(children == FULL, -1, scores))
            self._values.insert(0, scores.max(axis=1).astype(np.int8))

    def value(self, own: int, other: int) -> int | None:
        """The value of a position, as padded bitboards, for the player to move, who has ``own``.

        None if no game leads to the position.
        """
        occupied = own | other
        keys, values = self._keys[occupied.bit_count()], self._values[occupied.bit_count()]
        columns, height = CONNECT_FOUR.n, CONNECT_FOUR.m + 1
        key = canonical_key(own, occupied, self._layout.bottom, columns, height)
        row = int(np.searchsorted(keys, key))
        return int(values[row]) if row < len(keys) and keys[row] == key else None


def enumerate_layers(
    depth: int,
) -> tuple[list[Int64[np.ndarray, " layer"]], list[Int64[np.ndarray, "layer columns"]]]:
    """The keys of all positions of 0, 1... ``depth`` stones, and of what follows each."""
    layout, columns, height = make_layout(CONNECT_FOUR), CONNECT_FOUR.n, CONNECT_FOUR.m + 1
    keys, successors = [np.array([canonical_key(0, 0, layout.bottom, columns, height)])], []
    for _ in range(depth):
        children = successor_keys(layout, keys[-1], columns, height)
        successors.append(children)
        keys.append(np.unique(children[children >= 0]))
    return keys, successors


def boards_of(key: int) -> tuple[int, int]:
    """The stones of the player to move and of the other one, as padded bitboards."""
    own, occupied = decode_key(key, CONNECT_FOUR.n, CONNECT_FOUR.m + 1)
    return int(own), int(occupied & ~own)


def save_book(path: Path, depth: int, values: Int8[np.ndarray, " layer"]) -> None:
    """Write a book, five values to a byte."""
    digits = np.zeros(-(-len(values) // DIGITS_PER_BYTE) * DIGITS_PER_BYTE, np.int64)
    digits[: len(values)] = values + 1
    packed = (digits.reshape(-1, DIGITS_PER_BYTE) @ WEIGHTS).astype(np.uint8)
    np.savez_compressed(path, depth=depth, num_values=len(values), packed=packed)


def read_book(path: Path) -> OpeningBook:
    """Read what ``save_book`` wrote.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is damaged, or something else.
    """
    try:
        book = read_arrays(path)
        packed: UInt8[np.ndarray, " bytes"] = book["packed"]
        depth, num_values = int(book["depth"]), int(book["num_values"])
        if packed.dtype != np.uint8 or packed.ndim != 1 or not 0 <= depth <= BOOK_DEPTH:
            raise ValueError(f"depth {depth} and {packed.dtype} of shape {packed.shape}")
        digits = packed[:, None] // WEIGHTS % 3
        return OpeningBook(depth, digits.ravel()[:num_values].astype(np.int8) - np.int8(1))
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(
            f"an opening book is an npz with depth, num_values and packed values, got {path}: "
            f"{error}; build it again with benchmarks.connect_four_book."
        ) from error


@cache
def connect_four_book() -> OpeningBook:
    """The book that comes with the package."""
    return read_book(Path(__file__).with_name("connect_four_book.npz"))
