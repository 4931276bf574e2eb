"""Where the cells of a board lie in a picture of any size."""

from dataclasses import dataclass
from typing import Final

from etude.envs.mnk.rules import MNKRules
from etude.envs.mnk.sprites import Look, look_of

SMALLEST_CELL: Final = 4  # pixels
FRAMES: Final[dict[Look, float]] = {"tiles": 0.0, "stones": 0.42, "rack": 0.26}  # in cells
MARGIN: Final = 0.22  # in cells, outside the frame


@dataclass(frozen=True)
class Geometry:
    """Where the cells lie in a picture.

    Args:
        rules: the board.
        left: pixels from the left edge to the first column.
        top: pixels from the upper edge to the first row.
        cell: pixels from one cell to the next.
    """

    rules: MNKRules
    left: int
    top: int
    cell: int

    @classmethod
    def fit(cls, rules: MNKRules, size: tuple[int, int], caption: int = 0) -> "Geometry":
        """The largest board that fits into ``size`` above ``caption`` pixels, in the middle.

        Raises:
            ValueError: its cells would be smaller than ``SMALLEST_CELL``.
        """
        width, height = size[0], size[1] - caption
        border = 2 * (FRAMES[look_of(rules)] + MARGIN)
        cell = int(min(width / (rules.n + border), height / (rules.m + border)))
        if cell < SMALLEST_CELL:
            needed = [int((cells + border) * SMALLEST_CELL) + 1 for cells in (rules.n, rules.m)]
            raise ValueError(
                f"a picture of {rules.m} x {rules.n} cells needs at least {needed[0]} x "
                f"{needed[1] + caption} pixels (width x height), got {size[0]} x {size[1]}."
            )
        left, top = (width - rules.n * cell) // 2, (height - rules.m * cell) // 2
        return cls(rules, left, top, cell)

    def corner(self, cell: int) -> tuple[int, int]:
        """The upper left pixel of a cell."""
        row, column = divmod(cell, self.rules.n)
        return self.left + column * self.cell, self.top + row * self.cell

    def cell_at(self, pixel: tuple[int, int]) -> int | None:
        """The cell that holds a pixel, or None beside the board."""
        column = (pixel[0] - self.left) // self.cell
        row = (pixel[1] - self.top) // self.cell
        inside = 0 <= row < self.rules.m and 0 <= column < self.rules.n
        return row * self.rules.n + column if inside else None
