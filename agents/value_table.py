"""A table of what was learned about positions: a few numbers and a count of visits for each.

The table holds *afterstates*, positions right after a move, seen by the player who made it
(R. Sutton and A. Barto, "Reinforcement Learning", 2nd edition, 2018, section 6.8). It is kept as
dictionaries, sparse, so that any board fits, or as arrays over the rows of a ``StateSpace``, where
compiled loops work on it. Whichever was used last holds the truth; the other is made from it when
it is asked for.
"""

from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Float64, Int32, Int64, UInt64

from etude.agents.compiled import compiled
from etude.agents.features import Fold
from etude.agents.storage import Arrays
from etude.envs.mnk.retrograde import ONGOING, Tables, decode
from etude.envs.mnk.rules import FIRST, MNKRules, Position
from etude.envs.mnk.state_space import StateSpace

WORD_BITS: Final = 63  # of a bitboard in one number of a file
WORD: Final = (1 << WORD_BITS) - 1


class TableArrays(NamedTuple):
    """The table over the rows of a ``StateSpace``.

    Attributes:
        keys: the row that holds the numbers of each state: its own, or that of its least image.
        values: of the states that are keys; terminal ones have their result.
        visits: of the states that are keys.
    """

    keys: Int32[np.ndarray, " states"]
    values: Float64[np.ndarray, "heads states"]
    visits: Int64[np.ndarray, " states"]


class ValueTable:
    """Numbers ("heads") and visits of afterstates.

    Args:
        rules: the board.
        symmetric: whether positions that are alike share an entry.
        initial: the numbers of a position that was never updated, one a head.
        results: of a win, a draw and a loss of the player who moved, one triple a head.
    """

    def __init__(
        self,
        rules: MNKRules,
        symmetric: bool,
        initial: tuple[float, ...],
        results: tuple[tuple[float, float, float], ...],
    ) -> None:
        self.rules = rules
        self.fold = Fold(rules, symmetric)
        self.initial = initial
        self.results = results
        self._values: tuple[dict[Position, float], ...] = tuple({} for _ in initial)
        self._visits: dict[Position, int] = {}
        self._arrays: tuple[StateSpace, TableArrays] | None = None  # the truth, unless None

    def __len__(self) -> int:
        """How many entries were visited."""
        if self._arrays is not None:
            return int(np.count_nonzero(self._arrays[1].visits))
        return len(self._visits)

    def result(self, outcome: int, mover: int, head: int = 0) -> float:
        """What the end of a game is worth for the player who moved last, or for another ``mover``.

        Args:
            outcome: +1 if the first player won, 0, or -1.
            mover: whose result it is.
            head: which number.
        """
        return self.results[head][1 - (outcome if mover == FIRST else -outcome)]

    def look_up(self, position: Position, head: int = 0) -> float:
        """The number of a position that is not terminal, without moving the table."""
        if self._arrays is None:
            return self._values[head].get(self.fold(position), self.initial[head])
        space, arrays = self._arrays
        return float(arrays.values[head, arrays.keys[space.row(position)]])

    def values(self, head: int = 0) -> dict[Position, float]:
        """The numbers that were learned, by key; to be changed by whoever learns."""
        self._leave_arrays()
        return self._values[head]

    def visits(self) -> dict[Position, int]:
        """How often each key was visited; to be changed by whoever learns."""
        self._leave_arrays()
        return self._visits

    def arrays(self, space: StateSpace) -> TableArrays:
        """The table as arrays, to be changed by whoever learns; from now on they are the truth."""
        if self._arrays is None or self._arrays[0] is not space:
            self._leave_arrays()
            self._arrays = space, self._to_arrays(space)
        return self._arrays[1]

    def peek_arrays(self, space: StateSpace) -> TableArrays:
        """The table as arrays to read, while the dictionaries stay the truth."""
        if self._arrays is not None and self._arrays[0] is space:
            return self._arrays[1]
        self._leave_arrays()
        return self._to_arrays(space)

    def to_file(self) -> Arrays:
        """Keys, values and visits as arrays for a file, in ascending order of key."""
        self._leave_arrays()
        keys = sorted(self._visits.keys() | self._values[0].keys())
        values = [[self._values[head].get(key, np.nan) for key in keys] for head in self._heads]
        return {
            "keys": pack(self.rules, keys),
            "values": np.array(values, np.float64).reshape(len(self._heads), len(keys)),
            "visits": np.array([self._visits.get(key, 0) for key in keys], np.int64),
        }

    def from_file(self, arrays: Arrays) -> None:
        """Replace the content by that of ``to_file``.

        Raises:
            ValueError: the arrays are not those of such a table.
        """
        check_array(arrays, "keys", np.uint64, (None, 2, num_words(self.rules)))
        num_keys = len(arrays["keys"])
        check_array(arrays, "values", np.float64, (len(self._heads), num_keys))
        check_array(arrays, "visits", np.int64, (num_keys,))
        keys = unpack(self.rules, arrays["keys"])
        self._arrays = None
        self._values = tuple(
            {key: value for key, value in zip(keys, column, strict=True) if value == value}
            for column in arrays["values"].tolist()
        )
        self._visits = {
            key: count for key, count in zip(keys, arrays["visits"].tolist(), strict=True) if count
        }

    @property
    def _heads(self) -> range:
        return range(len(self.initial))

    def _to_arrays(self, space: StateSpace) -> TableArrays:
        """Arrays with the content of the dictionaries."""
        codes = space.canonical if self.fold.symmetric else space.codes
        keys = space.row_of[codes]
        movers = 1 - 2 * (1 - space.to_move)  # +1 if the first player moved last
        ends = np.where(space.outcomes == ONGOING, 0, space.outcomes * movers)
        values = np.array(
            [
                np.where(space.ongoing, initial, np.array(results)[1 - ends])
                for initial, results in zip(self.initial, self.results, strict=True)
            ]
        )
        visits = np.zeros(len(space), np.int64)
        for key, count in self._visits.items():
            row = space.row_of[space.solver.code(key)]
            if row < 0:  # a file may hold what no game leads to
                continue
            visits[keys[row]] = count
            for head in self._heads:
                if key in self._values[head] and space.ongoing[row]:
                    values[head, keys[row]] = self._values[head][key]
        return TableArrays(keys, values, visits)

    def _leave_arrays(self) -> None:
        """Make the dictionaries the truth again."""
        if self._arrays is None:
            return
        space, arrays = self._arrays
        self._arrays = None
        rows = np.flatnonzero(arrays.visits)
        boards = decode_rows(space.tables, space.codes[rows]).tolist()
        keys = [self.fold(Position(first, second)) for first, second in boards]
        self._visits = dict(zip(keys, arrays.visits[rows].tolist(), strict=True))
        ongoing = space.ongoing[rows].tolist()
        self._values = tuple(
            {
                key: value
                for key, value, goes_on in zip(keys, column, ongoing, strict=True)
                if goes_on
            }
            for column in arrays.values[:, rows].tolist()
        )


@compiled
def decode_rows(tables: Tables, codes: Int64[np.ndarray, " rows"]) -> Int64[np.ndarray, "rows 2"]:
    """The bitboards of codes."""
    boards = np.empty((len(codes), 2), np.int64)
    for i, code in enumerate(codes):
        boards[i, 0], boards[i, 1] = decode(tables, code)
    return boards


def num_words(rules: MNKRules) -> int:
    """How many numbers of a file hold a bitboard."""
    return -(-rules.num_cells // WORD_BITS)


def pack(rules: MNKRules, positions: list[Position]) -> UInt64[np.ndarray, "positions 2 words"]:
    """Positions as numbers for a file."""
    shifts = [WORD_BITS * word for word in range(num_words(rules))]
    words = [[[stones >> s & WORD for s in shifts] for stones in board] for board in positions]
    return np.array(words, np.uint64).reshape(len(positions), 2, len(shifts))


def unpack(rules: MNKRules, words: UInt64[np.ndarray, "positions 2 words"]) -> list[Position]:
    """The positions that ``pack`` was given.

    Raises:
        ValueError: stones off the board.
    """
    positions = [
        Position(*(sum(word << WORD_BITS * i for i, word in enumerate(board)) for board in boards))
        for boards in words.tolist()
    ]
    for position in positions:
        if position.first & position.second or position.occupied > rules.full:
            raise ValueError(
                f"a table holds positions of {rules.name}, got {position}; the file is damaged, so "
                "train and save the agent again."
            )
    return positions


def check_array(
    arrays: Arrays, name: str, dtype: type[np.generic], shape: tuple[int | None, ...]
) -> None:
    """Check an array of a file; None in ``shape`` stands for any length.

    Raises:
        ValueError: it is missing, or of another type or shape.
    """
    array = arrays.get(name)
    fits = (
        array is not None
        and array.dtype == dtype
        and array.ndim == len(shape)
        and all(want in (None, got) for want, got in zip(shape, array.shape, strict=True))
    )
    if not fits:
        got = "nothing" if array is None else f"{array.dtype} {array.shape}"
        raise ValueError(
            f"the file's {name!r} should be {np.dtype(dtype)} of shape {shape}, got {got}; it was "
            "written by another version, so train and save the agent again."
        )
