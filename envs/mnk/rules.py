"""The rules of m,n,k games: m rows, n columns, k stones in a row win.

Tic-tac-toe is (3, 3, 3), Connect Four is (6, 7, 4) with gravity, Gomoku is (15, 15, 5). A position
is two bitboards, one Python integer for each player, in which bit ``row * n + column`` stands for a
cell. Integers have no width limit in Python, hash fast and make "is this line complete?" a single
AND, so the same few lines of code serve every board. Nothing here knows of Gymnasium or pygame.

Reference: J. W. H. M. Uiterwijk and H. J. van den Herik, "The advantage of the initiative",
Information Sciences 122, 2000, which names the family. A line longer than k wins too (freestyle
rules).
"""

import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Int8

FIRST: Final = 0
SECOND: Final = 1
SIDE_NAMES: Final = ("first", "second")
STONES: Final = "XO"
EMPTY: Final = "."
MAX_CELLS: Final = 19 * 19


class Position(NamedTuple):
    """Where the stones are: one bitboard a player; bit ``row * n + column`` is a cell.

    The player to move follows from the counts, so two positions are equal exactly when the boards
    are, and a position can be a key of a dictionary.
    """

    first: int = 0
    second: int = 0

    @property
    def num_stones(self) -> int:
        """How many stones lie on the board, of both players."""
        return self.first.bit_count() + self.second.bit_count()

    @property
    def to_move(self) -> int:
        """Whose turn it is: ``FIRST`` (0) or ``SECOND`` (1)."""
        return self.first.bit_count() - self.second.bit_count()

    @property
    def occupied(self) -> int:
        """The bitboard of all stones."""
        return self.first | self.second


@dataclass(frozen=True)
class MNKRules:
    """One game of the family.

    An *action* is a cell (row-major) on a board without gravity and a column on a board with it.
    Outcomes are seen by the first player: +1 won, 0 drawn, -1 lost.

    Args:
        m: number of rows.
        n: number of columns.
        k: stones in a row that end the game.
        gravity: stones fall to the lowest empty cell of their column, as in Connect Four.
        misere: who completes a line loses.

    Raises:
        ValueError: no line could ever fit, a size is below 1, or the board exceeds ``MAX_CELLS``
            cells.

    >>> rules = MNKRules(3, 3, 3)
    >>> position = rules.parse("X.O/.X./..O")
    >>> rules.legal_actions(position)
    [1, 3, 5, 6, 7]
    >>> rules.format(rules.play(position, 5))
    'X.O/.XX/..O'
    """

    m: int = 3
    n: int = 3
    k: int = 3
    gravity: bool = False
    misere: bool = False

    def __post_init__(self) -> None:
        for name, size in (("m", self.m), ("n", self.n), ("k", self.k)):
            if isinstance(size, bool) or not isinstance(size, int | np.integer):
                raise TypeError(
                    f"{name} must be an integer, got {size!r}; for example m=3, n=3, k=3."
                )
            if size < 1:
                raise ValueError(
                    f"{name} must be at least 1, got {name}={size}; tic-tac-toe is m=3, n=3, k=3."
                )
        if self.k > max(self.m, self.n):
            longest = max(self.m, self.n)
            raise ValueError(
                f"k must be at most max(m, n) = {longest}, got k={self.k}; no line could ever win."
            )
        if self.m * self.n > MAX_CELLS:
            raise ValueError(
                f"a board has at most {MAX_CELLS} cells (19 x 19), got {self.m} x {self.n} = "
                f"{self.m * self.n}; choose a smaller m or n."
            )

    @classmethod
    def from_name(cls, name: str) -> "MNKRules":
        """The rules called ``name``: a key of ``BOARDS``, or "m,n,k", ",gravity" and ",misere".

        Raises:
            ValueError: neither; the message names the nearest known board.

        >>> MNKRules.from_name("connect_four") == MNKRules.from_name("6,7,4,gravity")
        True
        """
        if name in BOARDS:
            return cls(*BOARDS[name])
        numbers, options = _split_board_name(name)
        if len(numbers) != 3 or not set(options) <= {"gravity", "misere"}:
            near = get_close_matches(name, BOARDS, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise ValueError(
                f"a board is one of {', '.join(BOARDS)}, or 'm,n,k' with ',gravity' or ',misere' "
                f"behind it, got {name!r}; {hint}for example '4,4,4'."
            )
        m, n, k = numbers
        return cls(m, n, k, gravity="gravity" in options, misere="misere" in options)

    @property
    def name(self) -> str:
        """The shortest name that ``from_name`` reads back."""
        for name, arguments in BOARDS.items():
            if MNKRules(*arguments) == self:
                return name
        return f"{self.m},{self.n},{self.k}" + ",gravity" * self.gravity + ",misere" * self.misere

    @cached_property
    def num_cells(self) -> int:
        """The cells of the board, m * n."""
        return self.m * self.n

    @cached_property
    def num_actions(self) -> int:
        """The actions of a player: one a cell, or one a column under gravity."""
        return self.n if self.gravity else self.num_cells

    @cached_property
    def full(self) -> int:
        """The bitboard with a stone in every cell."""
        return (1 << self.num_cells) - 1

    @cached_property
    def lines(self) -> tuple[int, ...]:
        """Every winning line as a bitboard of k stones."""
        return tuple(self._generate_lines())

    @cached_property
    def lines_through(self) -> tuple[tuple[int, ...], ...]:
        """For each cell the winning lines through it: all that a stone put there can complete."""
        return tuple(
            tuple(line for line in self.lines if line >> cell & 1) for cell in range(self.num_cells)
        )

    @cached_property
    def symmetries(self) -> tuple[tuple[int, ...], ...]:
        """The symmetries of the board: ``symmetry[cell]`` is the cell to which ``cell`` moves.

        The dihedral group of 8 on square boards, of 4 on others, and identity and mirror image
        under gravity. The identity comes first.
        """
        rows, columns = np.indices((self.m, self.n))
        images = [(rows, columns), (rows, self.n - 1 - columns)]
        if not self.gravity:
            images += [(self.m - 1 - i, j) for i, j in images]
            if self.m == self.n:
                images += [(j, i) for i, j in images]
        permutations = (tuple((i * self.n + j).ravel().tolist()) for i, j in images)
        return tuple(dict.fromkeys(permutations))  # a single row has fewer distinct ones

    @cached_property
    def action_symmetries(self) -> tuple[tuple[int, ...], ...]:
        """``symmetries`` as permutations of actions: of columns under gravity, else of cells."""
        if not self.gravity:
            return self.symmetries
        return tuple(symmetry[: self.n] for symmetry in self.symmetries)

    def legal_actions(self, position: Position) -> list[int]:
        """The actions with an empty cell, in ascending order; empty when the game is over."""
        if self.outcome(position) is not None:
            return []
        return self.open_actions(position.occupied)

    def open_actions(self, occupied: int) -> list[int]:
        """The actions with an empty cell, in ascending order, on a board whose game is not over."""
        return [action for action in range(self.num_actions) if not occupied >> action & 1]

    def legal_mask(self, position: Position) -> Int8[np.ndarray, " actions"]:
        """``legal_actions`` as zeros and ones."""
        mask = np.zeros(self.num_actions, np.int8)
        mask[self.legal_actions(position)] = 1
        return mask

    def cell_of(self, occupied: int, action: int) -> int:
        """The cell that ``action`` fills: under gravity the lowest empty one of the column."""
        if not self.gravity:
            return action
        cell = action + (self.m - 1) * self.n
        while occupied >> cell & 1:
            cell -= self.n
        return cell

    def play(self, position: Position, action: int) -> Position:
        """The position after the player to move plays ``action``.

        Raises:
            ValueError: the game is over, or the action is not legal here.
        """
        self.check_legal(position, action)
        stone = 1 << self.cell_of(position.occupied, operator.index(action))
        if position.to_move == FIRST:
            return Position(position.first | stone, position.second)
        return Position(position.first, position.second | stone)

    def check_legal(self, position: Position, action: int) -> None:
        """Raise a ValueError that says why ``action`` is not legal, if it is not."""
        legal = self.legal_actions(position)
        if action in legal:
            return
        unit = "column" if self.gravity else "cell"
        if not legal:
            reason = "the game is over"
        elif 0 <= action < self.num_actions:
            reason = f"that {unit} is {'full' if self.gravity else 'taken'}"
        else:
            reason = f"{unit}s are numbered 0 to {self.num_actions - 1}"
        raise ValueError(
            f"an action must be an empty {unit}, got {action}: {reason}; "
            f"legal in {self.format(position)}: {', '.join(map(str, legal)) or 'none'}."
        )

    def completes_line(self, stones: int, cell: int) -> bool:
        """Whether ``stones``, with their stone on ``cell``, hold a line through it."""
        for line in self.lines_through[cell]:  # noqa: SIM110 - any() takes twice the time here
            if stones & line == line:
                return True
        return False

    def winning_line(self, position: Position) -> tuple[int, ...] | None:
        """The cells of all complete lines, in ascending order, or None."""
        cells = 0
        for line in self.lines:
            if line in (position.first & line, position.second & line):
                cells |= line
        return tuple(bits(cells)) or None

    def outcome(self, position: Position) -> int | None:
        """How it ended for the first player: +1 won, 0 drawn, -1 lost; None while it goes on."""
        for stones, sign in ((position.first, 1), (position.second, -1)):
            if any(stones & line == line for line in self.lines):
                return -sign if self.misere else sign
        return 0 if position.occupied == self.full else None

    def transform(self, position: Position, symmetry: Sequence[int]) -> Position:
        """The position with every stone moved from ``cell`` to ``symmetry[cell]``."""
        return Position(*(sum(1 << symmetry[cell] for cell in bits(stones)) for stones in position))

    def canonical(self, position: Position) -> Position:
        """The least of the symmetric images: the same for positions that are alike, no others."""
        return min(self.transform(position, symmetry) for symmetry in self.symmetries)

    def ternary_code(self, ones: int, twos: int) -> int:
        """The board in base 3: the sum of digit * 3**cell, 1 in ``ones`` and 2 in ``twos``."""
        code = 0
        for digit, stones in ((1, ones), (2, twos)):
            for cell in bits(stones):
                code += digit * int(3**cell)
        return code

    def format(self, position: Position) -> str:
        """The board as text, row by row: X first, O second, "." empty, "/" between rows."""
        cells = [EMPTY] * self.num_cells
        for stones, stone in zip(position, STONES, strict=True):
            for cell in bits(stones):
                cells[cell] = stone
        return "/".join("".join(cells[row * self.n : (row + 1) * self.n]) for row in range(self.m))

    def parse(self, text: str) -> Position:
        """The position that ``text`` shows, in the form of ``format``, or with line breaks for "/".

        Raises:
            ValueError: not such a board, or a position that no game can reach (see ``validate``).
        """
        rows = [row.strip().upper() for row in text.strip().replace("\n", "/").split("/")]
        if (
            len(rows) != self.m
            or any(len(row) != self.n for row in rows)
            or set("".join(rows)) - {*STONES, EMPTY}
        ):
            example = "/".join([EMPTY * self.n] * self.m)
            raise ValueError(
                f"a {self.m} x {self.n} board is {self.m} rows of {self.n} signs out of X, O "
                f"and '.', with '/' between rows, got {text!r}; the empty board is {example!r}."
            )
        cells = "".join(rows)
        position = Position(
            *(sum(1 << i for i, sign in enumerate(cells) if sign == stone) for stone in STONES)
        )
        self.validate(position)
        return position

    def validate(self, position: Position) -> None:
        """Check that a game could have led here.

        The players alternate, nobody moves after the end, a last stone completes all lines at once,
        and stones rest on others under gravity.

        Raises:
            ValueError: naming the rule that the position breaks.
        """
        text = self.format(position)
        num_first, num_second = (stones.bit_count() for stones in position)
        if position.first & position.second or position.occupied & ~self.full:
            raise ValueError(
                f"each stone needs a cell of its own on the board, got {position}; check the "
                "bitboards."
            )
        if num_first - num_second not in (0, 1):
            raise ValueError(
                "X moves first and the players alternate, so X has as many stones as O or one "
                f"more, got {num_first} X and {num_second} O in {text!r}; add or remove a stone."
            )
        if self.gravity and (position.occupied << self.n) & self.full & ~position.occupied:
            raise ValueError(
                f"stones fall to the lowest empty cell, got one in mid-air in {text!r}; fill the "
                "cells below."
            )
        self._validate_lines(position, text)

    def _validate_lines(self, position: Position, text: str) -> None:
        complete = [[line for line in self.lines if stones & line == line] for stones in position]
        if all(complete):
            raise ValueError(
                f"a game ends with its first line, got one of X and one of O in {text!r}; break "
                "one of them."
            )
        last_mover = 1 - position.to_move
        if complete[1 - last_mover]:
            raise ValueError(
                f"nobody moves after the end, got a line of {STONES[1 - last_mover]} with the last "
                f"move by {STONES[last_mover]} in {text!r}; remove a stone of {STONES[last_mover]} "
                "or break the line."
            )
        shared = self.full
        for line in complete[last_mover]:
            shared &= line
        if not shared:
            raise ValueError(
                "a game ends with its first line, so one last stone completes all lines, got "
                f"separate lines of {STONES[last_mover]} in {text!r}; break one."
            )

    def _generate_lines(self) -> Iterator[int]:
        for row in range(self.m):
            for column in range(self.n):
                for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
                    last_row, last_column = row + (self.k - 1) * down, column + (self.k - 1) * right
                    if last_row < self.m and 0 <= last_column < self.n:
                        yield sum(
                            1 << (row + i * down) * self.n + column + i * right
                            for i in range(self.k)
                        )
                    if self.k == 1:
                        break  # a single stone is the same line in all four directions


BOARDS: Final[dict[str, tuple[int, int, int] | tuple[int, int, int, bool]]] = {
    "tictactoe": (3, 3, 3),
    "connect_four": (6, 7, 4, True),
    "gomoku": (15, 15, 5),
}


def bits(board: int) -> Iterator[int]:
    """The cells of a bitboard, in ascending order."""
    while board:
        yield (board & -board).bit_length() - 1
        board &= board - 1


def _split_board_name(name: str) -> tuple[list[int], list[str]]:
    parts = [part.strip().lower() for part in name.split(",")]
    return [int(part) for part in parts if part.isdecimal()], [
        part for part in parts if not part.isdecimal()
    ]
