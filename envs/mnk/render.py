"""Boards as text and as pictures. Draws, decides nothing.

A picture is the empty board, drawn once for its size, and sprites on top, drawn once for a cell's
size; the same picture serves ``rgb_array``, ``human``, recordings and play. pygame is imported when
the first picture is asked for.
"""

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

from etude.envs.mnk import sprites
from etude.envs.mnk.geometry import FRAMES, Geometry
from etude.envs.mnk.rules import EMPTY, FIRST, SECOND, STONES, MNKRules, Position, bits
from etude.envs.mnk.sprites import look_of
from etude.envs.palette import INK, PAPER, TILE
from etude.envs.pygame_window import Frame, PictureWindow, frame_of, import_pygame, text_surface
from etude.envs.shapes import Colour, Layer, luminance

if TYPE_CHECKING:
    import pygame

SMALLEST_NUMBER: Final = 9  # pixels; below that nobody can read it
MINUS: Final = "\u2212"
NUM_TEXTS: Final = 1024  # that a painter remembers


def board_text(rules: MNKRules, position: Position, last_cell: int | None = None) -> str:
    """The board, rows and columns numbered from 0, the last move in brackets, and whose turn it is.

    >>> rules = MNKRules(3, 3, 3)
    >>> print(board_text(rules, rules.parse("X.O/.X./..."), last_cell=4))
        0  1  2
    0   X  .  O
    1   . [X] .
    2   .  .  .
    O to move
    """
    width = max(len(str(max(rules.m, rules.n) - 1)), 1)
    header = " ".join(f"{column:>{width + 1}}" for column in range(rules.n))
    lines = [" " * (width + 1) + " " + header]
    cells = [EMPTY] * rules.num_cells
    for stones, stone in zip(position, STONES, strict=True):
        for cell in bits(stones):
            cells[cell] = stone
    for row in range(rules.m):
        first = row * rules.n
        shown = [
            f"[{cells[cell]}]" if cell == last_cell else f" {cells[cell]} "
            for cell in range(first, first + rules.n)
        ]
        padding = " " * (width - 1)
        lines.append(f"{row:>{width}}  " + padding.join([padding + shown[0], *shown[1:]]).rstrip())
    return "\n".join([*lines, outcome_text(rules, position)])


def outcome_text(rules: MNKRules, position: Position) -> str:
    """Who won, that it is a draw, or who is to move."""
    outcome = rules.outcome(position)
    if outcome is None:
        return f"{STONES[position.to_move]} to move"
    return {1: f"{STONES[FIRST]} wins", 0: "draw", -1: f"{STONES[SECOND]} wins"}[outcome]


class BoardPainter:
    """Pictures of the positions of one game, at one size.

    Args:
        rules: the board.
        size: width and height of the pictures in pixels.

    Raises:
        ValueError: the size is too small for the board.
    """

    def __init__(self, rules: MNKRules, size: tuple[int, int] = (480, 480)) -> None:
        self._pygame = import_pygame()
        self.rules = rules
        self.size = size
        self.look = look_of(rules)
        self._caption_height = min(max(round(0.085 * size[1]), 16), 44)
        self._geometry = Geometry.fit(rules, size)
        self._canvas: pygame.Surface = self._pygame.Surface(size, 0, 32)
        self._empty_boards: dict[Geometry, pygame.Surface] = {}
        self._sprite = cache(self._make_sprite)
        self._text = lru_cache(NUM_TEXTS)(text_surface)

    def cell_at(self, pixel: tuple[int, int]) -> int | None:
        """The cell under a pixel of a picture without a caption, or None beside the board."""
        return self._geometry.cell_at(pixel)

    def frame(self, position: Position, **overlays: Any) -> Frame:
        """``draw`` as a new array, which is the caller's."""
        return frame_of(self.draw(position, **overlays))

    def draw(
        self,
        position: Position,
        *,
        last_cell: int | None = None,
        values: Mapping[int, float] | None = None,
        value_range: tuple[float, float] = (-1.0, 1.0),
        preview_cell: int | None = None,
        caption: str | None = None,
    ) -> "pygame.Surface":
        """The picture of a position, which the next call overwrites.

        Args:
            position: the stones.
            last_cell: the cell of the last move, to be pointed out.
            values: a number for some of the legal actions, shown in the cell each would fill.
            value_range: the values that get the darkest red and the darkest blue.
            preview_cell: the cell pointed at; shows faintly what the player to move puts there.
            caption: a line below the board.

        Raises:
            ValueError: the value range is empty.
        """
        if not value_range[0] < value_range[1]:
            raise ValueError(f"a value range goes up, for example (-1, 1), got {value_range}.")
        geometry = self._geometry
        if caption is not None:
            geometry = Geometry.fit(self.rules, self.size, self._caption_height)
        self._canvas.blit(self._empty_board(geometry), (0, 0))
        if self.look == "tiles" and last_cell is not None:
            self._put(geometry, last_cell, "last_tile")
        for side, stones in enumerate(position):
            for cell in bits(stones):
                self._put(geometry, cell, "mark", side)
        if self.look != "tiles" and last_cell is not None:
            self._put(geometry, last_cell, "dot")
        self._draw_values(geometry, position, values or {}, value_range)
        if preview_cell is not None:
            valued = {self.rules.cell_of(position.occupied, action) for action in values or {}}
            if position.occupied >> preview_cell & 1 or preview_cell in valued:
                self._put(geometry, preview_cell, "cursor")
            else:
                self._put(geometry, preview_cell, "preview", position.to_move)
        self._draw_lines(geometry, position)
        if caption is not None:
            self._draw_caption(caption)
        return self._canvas

    def mark(self, side: int, size: int) -> "pygame.Surface":
        """A player's stone alone, ``size`` pixels wide, for legends."""
        return self._sprite("mark", size, side)

    def _put(self, geometry: Geometry, cell: int, name: str, *details: Any) -> None:
        self._canvas.blit(self._sprite(name, geometry.cell, *details), geometry.corner(cell))

    def _make_sprite(self, name: str, size: int, *details: Any) -> "pygame.Surface":
        if name == "preview":
            sprite = self._make_sprite("mark", size, *details)
            sprite.set_alpha(110)
            framed: pygame.Surface = self._make_sprite("cursor", size)
            framed.blit(sprite, (0, 0))
            return framed
        makers: dict[str, Callable[..., Layer]] = {
            "mark": lambda side: sprites.mark(self.look, side, size),
            "last_tile": lambda: sprites.tile(size, (255, 236, 190)),
            "dot": lambda: sprites.last_move_dot(size),
            "cursor": lambda: sprites.cursor(self.look, size),
            "value": lambda colour: sprites.value_spot(self.look, size, colour),
            "stroke": lambda right, down, width, colour: sprites.stroke(
                (right * size, down * size), width * size, colour
            ),
        }
        return self._surface(makers[name](*details))

    def _surface(self, layer: Layer) -> "pygame.Surface":
        surface: pygame.Surface = self._pygame.image.frombytes(layer.to_bytes(), layer.size, "RGBA")
        return surface

    def _empty_board(self, geometry: Geometry) -> "pygame.Surface":
        if geometry not in self._empty_boards:
            self._empty_boards[geometry] = self._make_empty_board(geometry)
        return self._empty_boards[geometry]

    def _make_empty_board(self, geometry: Geometry) -> "pygame.Surface":
        board: pygame.Surface = self._pygame.Surface(self.size, 0, 32)
        board.fill(PAPER)
        m, n, cell = self.rules.m, self.rules.n, geometry.cell
        border = int(FRAMES[self.look] * cell)
        corner = (geometry.left - border, geometry.top - border)
        if self.look == "stones":
            board.blit(self._surface(sprites.empty_grid(m, n, cell, border)), corner)
            return board
        part = sprites.tile(cell, TILE)
        if self.look == "rack":
            board.blit(self._surface(sprites.empty_rack(m, n, cell, border)), corner)
            part = sprites.hole(cell)
        surface = self._surface(part)
        board.blits([(surface, geometry.corner(i)) for i in range(self.rules.num_cells)])
        return board

    def _draw_values(
        self,
        geometry: Geometry,
        position: Position,
        values: Mapping[int, float],
        value_range: tuple[float, float],
    ) -> None:
        low, high = value_range
        for action, value in values.items():
            cell = self.rules.cell_of(position.occupied, action)
            colour = sprites.heat_colour((value - low) / (high - low))
            self._put(geometry, cell, "value", colour)
            height = int(geometry.cell * 0.36)
            if height < SMALLEST_NUMBER:
                continue
            ink = TILE if luminance(colour) < 0.5 else INK
            number = self._text(value_text(value), height, ink)
            left, top = geometry.corner(cell)
            middle = (left + geometry.cell // 2, top + geometry.cell // 2)
            ink_box = number.get_bounding_rect()
            self._canvas.blit(number, ink_box.move_to(center=middle), ink_box)

    def _draw_lines(self, geometry: Geometry, position: Position) -> None:
        """Strike through complete lines: all outlines, then all cores, so that crossings join."""
        ends = []
        for stones in position:
            for line in self.rules.lines:
                if stones & line == line:
                    cells = sorted(bits(line), key=lambda cell: (cell % self.rules.n, cell))
                    ends.append((cells[0], cells[-1]))
        widths = (0.24, 0.14) if self.look == "stones" else (0.15, 0.085)
        for width, colour in zip(widths, (TILE, INK), strict=True):
            for start, end in ends:
                self._strike(geometry, start, end, width, colour)

    def _strike(
        self, geometry: Geometry, start: int, end: int, width: float, colour: Colour
    ) -> None:
        (row, column), (last_row, last_column) = (divmod(i, self.rules.n) for i in (start, end))
        down = last_row - row
        sprite = self._sprite("stroke", geometry.cell, last_column - column, down, width, colour)
        left, top = geometry.corner(row * self.rules.n + column)
        if down < 0:
            top += down * geometry.cell
        margin = geometry.cell * (0.5 - width)
        self._canvas.blit(sprite, (round(left + margin), round(top + margin)))

    def _draw_caption(self, caption: str) -> None:
        text = self._text(caption, round(0.5 * self._caption_height), INK)
        if text.get_width() > self.size[0]:
            share = self.size[0] / text.get_width()
            smaller = (self.size[0], max(int(text.get_height() * share), 1))
            text = self._pygame.transform.smoothscale(text, smaller)
        middle = (self.size[0] // 2, self.size[1] - round(0.62 * self._caption_height))
        self._canvas.blit(text, text.get_rect(center=middle))


def value_text(value: float) -> str:
    """A value as short as it can be: "+1", "0", "+0.25"."""
    rounded = round(value, 2)
    text = f"{rounded:+.0f}" if rounded == int(rounded) else f"{rounded:+.2f}"
    return "0" if rounded == 0 else text.replace("-", MINUS)


class BoardWindow(PictureWindow):
    """A window that shows positions: ``render_mode="human"``.

    Args:
        rules: the board.
        size: width and height of the window in pixels.
        title: what stands above it.

    Raises:
        NoDisplayError: there is no screen.
    """

    def __init__(
        self, rules: MNKRules, size: tuple[int, int] = (480, 480), title: str = ""
    ) -> None:
        self._painter = BoardPainter(rules, size)
        super().__init__(size, title or f"Etude: {rules.name}")

    def show(self, position: Position, fps: float = 4, **overlays: Any) -> None:
        """Draw a position and wait until ``1 / fps`` seconds have passed since the last one."""
        self.show_picture(self._painter.draw(position, **overlays), fps)
