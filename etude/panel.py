"""The panel of the play window: whose turn it is, the score, buttons. Draws, decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from etude.envs.palette import CORAL, HIGHLIGHT, INK, MUTED, PAPER, TILE
from etude.envs.pygame_window import import_pygame, text_surface
from etude.envs.shapes import Colour, Layer

if TYPE_CHECKING:
    import pygame

BUTTONS: Final[Mapping[str, tuple[str, str]]] = {
    "new": ("New game", "N"),
    "undo": ("Undo", "U"),
    "hint": ("Values", "H"),
    "side": ("Swap sides", "S"),
    "board": ("Next board", "B"),
    "opponent": ("Difficulty", "D"),
    "quit": ("Quit", "Esc"),
}
GAP: Final = 7
PANEL_WIDTH: Final = 236  # at scale 1, like all lengths below
PANEL_HEIGHT: Final = 186
SIDE_HEIGHT: Final = 540
BUTTON_HEIGHT: Final = 32

Rect = tuple[int, int, int, int]


@dataclass(frozen=True)
class Layout:
    """Where everything lies in a window: left, top, width and height in pixels.

    Args:
        board: the place for the picture of the board.
        panel: the place for the panel.
        buttons: the place of every button.
        scale: of letters and gaps.
    """

    board: Rect
    panel: Rect
    buttons: Mapping[str, Rect]
    scale: float

    def button_at(self, pixel: tuple[int, int]) -> str | None:
        """The button under a pixel, if any."""
        for name, (left, top, width, height) in self.buttons.items():
            if left <= pixel[0] < left + width and top <= pixel[1] < top + height:
                return name
        return None


@dataclass(frozen=True)
class PanelText:
    """What the panel says.

    Args:
        title: the board.
        goal: how it is won.
        rows: for each player, first side first: side, name, games won.
        draws: games drawn.
        status: whose turn it is, or how the game ended.
        notice: a hint or an explanation; may be empty.
        pressed: the buttons that are switched on.
    """

    title: str
    goal: str
    rows: tuple[tuple[int, str, int], ...]
    draws: int
    status: str
    notice: str = ""
    pressed: frozenset[str] = frozenset()


def lay_out(width: int, height: int) -> Layout:
    """The panel beside the board in wide windows and below it in narrow ones."""
    if width >= 1.15 * height:
        scale = min(max(min(height / SIDE_HEIGHT, width / 3 / PANEL_WIDTH), 0.5), 1.6)
        panel_width = int(PANEL_WIDTH * scale)
        board = (0, 0, width - panel_width, height)
        panel = (width - panel_width, 0, panel_width, height)
        return Layout(board, panel, _place_buttons(panel, 1, scale), scale)
    scale = min(max(min(width / 480, height / 2.6 / PANEL_HEIGHT), 0.5), 1.6)
    panel_height = int(PANEL_HEIGHT * scale)
    board = (0, 0, width, height - panel_height)
    panel = (0, height - panel_height, width, panel_height)
    return Layout(board, panel, _place_buttons(panel, 4, scale), scale)


def _place_buttons(panel: Rect, columns: int, scale: float) -> dict[str, Rect]:
    left, top, width, height = panel
    gap, margin = int(GAP * scale), int(16 * scale)
    button_height = int(BUTTON_HEIGHT * scale)
    button_width = (width - 2 * margin - (columns - 1) * gap) // columns
    num_rows = -(-len(BUTTONS) // columns)
    first = top + height - margin - num_rows * button_height - (num_rows - 1) * gap
    places = {}
    for i, name in enumerate(BUTTONS):
        row, column = divmod(i, columns)
        x = left + margin + column * (button_width + gap)
        places[name] = (x, first + row * (button_height + gap), button_width, button_height)
    return places


class PanelPainter:
    """Draws panels for one layout."""

    def __init__(self, layout: Layout) -> None:
        self._pygame = import_pygame()
        self._layout = layout
        self._box = cache(self._make_box)
        self._words = cache(text_surface)

    def draw(
        self,
        window: "pygame.Surface",
        text: PanelText,
        marks: tuple["pygame.Surface", "pygame.Surface"],
        hovered: str | None = None,
    ) -> None:
        """Draw the panel onto the window; ``marks`` are the two players' stones."""
        window.fill(PAPER, self._layout.panel)
        beside = self._layout.panel[0] > 0
        (self._draw_beside if beside else self._draw_below)(window, text, marks)
        for name, place in self._layout.buttons.items():
            self._draw_button(window, name, place, name in text.pressed, name == hovered)

    def _draw_beside(
        self,
        window: "pygame.Surface",
        text: PanelText,
        marks: tuple["pygame.Surface", "pygame.Surface"],
    ) -> None:
        left, top, width = self._inside()
        self._write(window, text.title, (left, top + self._px(4)), 25, INK, width)
        self._write(window, text.goal, (left, top + self._px(34)), 14, MUTED, width)
        y = top + self._px(64)
        for side, name, wins in text.rows:
            self._draw_player(window, (left, y, width), marks[side], name, str(wins))
            y += self._px(30)
        self._draw_player(window, (left, y, width), None, "Draws", str(text.draws))
        self._write(window, text.status, (left, y + self._px(38)), 21, CORAL, width)
        y += self._px(66)
        self._write_wrapped(window, text.notice, (left, y), width)

    def _draw_below(
        self,
        window: "pygame.Surface",
        text: PanelText,
        marks: tuple["pygame.Surface", "pygame.Surface"],
    ) -> None:
        left, top, width = self._inside()
        half = (width - self._px(20)) // 2
        self._write(window, text.title, (left, top), 20, INK, half)
        self._write(window, text.status, (left, top + self._px(27)), 18, CORAL, half)
        self._write_wrapped(window, text.notice or text.goal, (left, top + self._px(51)), half)
        y = top
        for side, name, wins in text.rows:
            place = (left + width - half, y, half)
            self._draw_player(window, place, marks[side], name, str(wins))
            y += self._px(26)
        place = (left + width - half, y, half)
        self._draw_player(window, place, None, "Draws", str(text.draws))

    def _draw_player(
        self,
        window: "pygame.Surface",
        place: tuple[int, int, int],
        mark: "pygame.Surface | None",
        name: str,
        number: str,
    ) -> None:
        left, top, width = place
        size = self._px(26)
        if mark is not None:
            window.blit(self._pygame.transform.smoothscale(mark, (size, size)), (left, top))
        colour = MUTED if mark is None else INK
        words = self._words(number, self._px(16), colour)
        top += (size - words.get_height()) // 2
        window.blit(words, (left + width - words.get_width(), top))
        room = width - size - self._px(14) - words.get_width()
        self._write(window, name, (left + size + self._px(8), top), 16, colour, room)

    def _draw_button(
        self, window: "pygame.Surface", name: str, place: Rect, pressed: bool, hovered: bool
    ) -> None:
        left, top, width, height = place
        label, key = BUTTONS[name]
        face = HIGHLIGHT if hovered else (250, 223, 160) if pressed else TILE
        window.blit(self._box(width, height, face), (left, top))
        margin = self._px(10)
        hint = self._words(key, self._px(12), MUTED)
        y = top + (height - hint.get_height()) // 2
        window.blit(hint, (left + width - margin - hint.get_width(), y))
        y = top + (height - self._words(label, self._px(15), INK).get_height()) // 2
        room = width - 3 * margin - hint.get_width() + self._px(6)
        self._write(window, label, (left + margin, y), 15, INK, room)

    def _inside(self) -> tuple[int, int, int]:
        left, top, width, _ = self._layout.panel
        margin = self._px(16)
        return left + margin, top + margin, width - 2 * margin

    def _px(self, length: float) -> int:
        return max(round(length * self._layout.scale), 1)

    def _write(
        self,
        window: "pygame.Surface",
        text: str,
        corner: tuple[int, int],
        height: int,
        colour: Colour,
        room: int,
    ) -> None:
        """Write one line, smaller if it is too wide for the room."""
        words = self._words(text, self._px(height), colour)
        if words.get_width() > room > 0:
            share = room / words.get_width()
            words = self._words(text, max(int(self._px(height) * share), 6), colour)
        window.blit(words, corner)

    def _write_wrapped(
        self, window: "pygame.Surface", text: str, corner: tuple[int, int], width: int
    ) -> None:
        line, (left, y) = "", corner
        for word in text.split():
            longer = f"{line} {word}".strip()
            if line and self._words(longer, self._px(14), MUTED).get_width() > width:
                window.blit(self._words(line, self._px(14), MUTED), (left, y))
                line, y = word, y + self._px(18)
            else:
                line = longer
        window.blit(self._words(line, self._px(14), MUTED), (left, y))

    def _make_box(self, width: int, height: int, colour: Colour) -> "pygame.Surface":
        layer = Layer(width, height)
        radius = 0.25 * height
        layer.paint(layer.box((0.5, 1.5), (width - 1.0, height - 2.0), radius), MUTED, 0.4, 2)
        layer.paint(layer.box((0.5, 0.5), (width - 1.0, height - 2.0), radius), colour)
        surface: pygame.Surface = self._pygame.image.frombytes(layer.to_bytes(), layer.size, "RGBA")
        return surface
