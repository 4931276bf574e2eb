"""Makes the opening book of Connect Four that comes with the package.

The values are looked up with BitBully (https://github.com/MarkusThill/BitBully) in the 12-ply
database of bitbully-databases (Copyright Markus Thill, MIT licence), two moves ahead of the
positions of our book, and a random sample of them is solved again by our own search. BitBully is no
dependency of the suite: ``pip install bitbully`` first, then ``python -m
etude.benchmarks.connect_four_book envs/mnk/connect_four_book.npz``. Takes a few minutes on one
core.
"""

import sys
from pathlib import Path
from typing import Any, Final

import numpy as np
from jaxtyping import Int8, Int64
from rich.progress import track

from etude.envs.mnk.alpha_beta import AlphaBetaSolver
from etude.envs.mnk.opening_book import (
    BOOK_DEPTH,
    CONNECT_FOUR,
    boards_of,
    enumerate_layers,
    save_book,
)

SAMPLE: Final = 500
SEED: Final = 0
PEER_STRIDE: Final = 9  # bits of a column in BitBully's bitboards


def peer_bits(stones: int) -> int:
    """A bitboard of ours in BitBully's layout."""
    height = CONNECT_FOUR.m + 1
    bitboard = 0
    for column in range(CONNECT_FOUR.n):
        stack = stones >> column * height & (1 << CONNECT_FOUR.m) - 1
        bitboard |= stack << column * PEER_STRIDE
    return bitboard


def look_up_values(keys: Int64[np.ndarray, " layer"]) -> Int8[np.ndarray, " layer"]:
    """Win (1), draw (0) or loss (-1) of each position for the player to move, by BitBully."""
    from bitbully import bitbully_core  # type: ignore[import-not-found]
    from bitbully_databases import BitBullyDatabases  # type: ignore[import-not-found]

    peer: Any = bitbully_core.BitBullyCore(BitBullyDatabases.get_database_path("12-ply-dist"))
    board: Any = bitbully_core.BoardCore()
    values = np.zeros(len(keys), np.int8)
    for row, key in enumerate(track(keys.tolist(), "Looking up")):
        own, other = boards_of(key)
        occupied = own | other
        moves_left = CONNECT_FOUR.num_cells - occupied.bit_count()
        board.setRawState(peer_bits(occupied), peer_bits(own), moves_left)
        values[row] = np.sign(peer.mtdf(board, first_guess=0))
    return values


def count_disagreements(
    keys: Int64[np.ndarray, " layer"], values: Int8[np.ndarray, " layer"], num_checked: int
) -> int:
    """How many of a random sample of values our own search contradicts."""
    solver = AlphaBetaSolver(CONNECT_FOUR, use_book=False)
    rows = np.random.default_rng(SEED).choice(len(keys), num_checked, replace=False)
    wrong = 0
    for row in track(rows.tolist(), "Solving a sample"):
        wrong += solver.value_of_boards(*boards_of(int(keys[row]))) != values[row]
    return wrong


def main(path: Path) -> None:
    """Make, check and write the book.

    Raises:
        RuntimeError: our search contradicts a value.
    """
    keys = enumerate_layers(BOOK_DEPTH)[0][BOOK_DEPTH]
    values = look_up_values(keys)
    wrong = count_disagreements(keys, values, SAMPLE)
    if wrong:
        raise RuntimeError(
            f"our search contradicts {wrong} of {SAMPLE} values; no book was written."
        )
    save_book(path, BOOK_DEPTH, values)
    print(f"{len(keys)} values of depth {BOOK_DEPTH}, {path.stat().st_size} bytes, in {path}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
