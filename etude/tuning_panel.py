"""What the window for tuning shows: two paintings, sliders, buttons. Draws, decides nothing."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from etude.envs.canvas import Canvas, Place, best_design, holds
from etude.envs.palette import CORAL, HIGHLIGHT, INK, MUTED, NEUTRAL, PAPER, TILE, WIN
from etude.envs.shapes import Point, blend
from etude.envs.style_weights.observation import MAX_LOG_WEIGHT
from etude.envs.style_weights.panels import (
    Curve,
    draw_picture,
    draw_preference,
    draw_qualities,
    share_text,
    weight_colour,
)
from etude.session import Score
from etude.tuning_session import Round, Sliders

if TYPE_CHECKING:
    import pygame

BUTTONS: Final[Mapping[str, tuple[str, str]]] = {
    "paint": ("Paint", "Space"),
    "new": ("New picture", "N"),
    "default": ("Default weights", "D"),
    "quit": ("Quit", "Esc"),
}
DESIGNS: Final[Mapping[Point, Mapping[str, Place]]] = {
    (960, 600): {
        "person": (20, 16, 268, 290),
        "rival": (304, 16, 268, 290),
        "content": (20, 318, 128, 150),
        "style": (160, 318, 128, 150),
        "preference": (20, 480, 268, 44),
        "score": (20, 540, 268, 44),
        "qualities": (304, 318, 268, 266),
        "status": (604, 16, 336, 72),
        "sliders": (604, 96, 336, 388),
        "buttons": (604, 504, 336, 80),
    },
    (600, 960): {
        "person": (20, 16, 272, 294),
        "rival": (308, 16, 272, 294),
        "content": (20, 322, 104, 126),
        "style": (136, 322, 104, 126),
        "preference": (20, 458, 220, 44),
        "score": (20, 514, 220, 44),
        "qualities": (260, 322, 320, 238),
        "status": (20, 570, 560, 66),
        "sliders": (20, 640, 560, 256),
        "buttons": (20, 906, 560, 38),
    },
}
"""The places of the parts in each design, by its width and height."""

GAP: Final = 8
AXIS_HEIGHT: Final = 18
FACTORS: Final = {
    0.01: "1/100",
    0.1: "1/10",
    1.0: "default",
    10.0: "\u00d7 10",
    100.0: "\u00d7 100",
}
HANDLE: Final = 8.0  # radius


@dataclass(frozen=True)
class PanelText:
    """What the window says.

    Args:
        rival: what to call the rival.
        status: how things stand.
        notice: what can be done about it.
        score: of the finished rounds.
        hovered: the button under the mouse, if any.
        disabled: buttons that do nothing now.
    """

    rival: str
    status: str
    notice: str
    score: Score
    hovered: str | None = None
    disabled: frozenset[str] = frozenset()


class TuningPainter:
    """Draws the window for one size, and knows what lies where.

    Args:
        surface: of the window.
        num_sliders: how many weights there are.
    """

    def __init__(self, surface: "pygame.Surface", num_sliders: int) -> None:
        design = best_design(tuple(DESIGNS), surface.get_size())
        self._places = DESIGNS[design]
        self._canvas = Canvas(surface, design)
        self._num_sliders = num_sliders
        self._buttons = _button_places(self._places["buttons"])

    def button_at(self, pixel: tuple[int, int]) -> str | None:
        """The button under a pixel, if any."""
        point = self._canvas.point(pixel)
        return next((name for name, place in self._buttons.items() if holds(place, point)), None)

    def slider_at(self, pixel: tuple[int, int]) -> int | None:
        """The slider under a pixel, if any."""
        point = self._canvas.point(pixel)
        rows = range(self._num_sliders)
        return next((row for row in rows if holds(self._row(row), point)), None)

    def target_at(self, pixel: tuple[int, int]) -> float:
        """The log weight that a pixel stands for, beside the track its nearest end."""
        left, width = self._track()
        share = (self._canvas.point(pixel)[0] - left) / width
        return MAX_LOG_WEIGHT * (2.0 * min(max(share, 0.0), 1.0) - 1.0)

    def button_pixel(self, name: str) -> tuple[int, int]:
        """The middle of a button."""
        left, top, width, height = self._buttons[name]
        return self._canvas.pixel((left + width / 2, top + height / 2))

    def slider_pixel(self, number: int, target: float) -> tuple[int, int]:
        """Where the handle of a slider lies if it stands for a log weight."""
        return self._canvas.pixel((self._along(target), self._height(number)))

    def draw(self, now: Round | None, sliders: Sliders, text: PanelText) -> None:
        """Draw everything; before the first round there are no pictures."""
        self._canvas.surface.fill(PAPER)
        if now is not None:
            self._draw_pictures(now, text)
            for number in range(self._num_sliders):
                self._draw_slider(number, now, sliders)
            self._draw_axis()
        self._draw_text(text)
        for name, place in self._buttons.items():
            self._draw_button(name, place, text)

    def _draw_pictures(self, now: Round, text: PanelText) -> None:
        canvas, places = self._canvas, self._places
        draw_picture(canvas, now.person.image, places["person"], "You")
        draw_picture(canvas, now.rival.image, places["rival"], capitalised(text.rival))
        draw_picture(canvas, now.person.content, places["content"], "Content")
        draw_picture(canvas, now.person.style, places["style"], "Style")
        draw_preference(canvas, now.person.preference, places["preference"])
        curves = (
            Curve("you", now.person.qualities, WIN),
            Curve(text.rival, now.rival.qualities, MUTED),
        )
        draw_qualities(canvas, curves, now.person.num_steps, places["qualities"])

    def _draw_text(self, text: PanelText) -> None:
        left, top, width, _ = self._places["status"]
        self._canvas.write(text.status, (left, top), 24, CORAL, room=width)
        self._canvas.write_lines(text.notice, (left, top + 30), 16, MUTED, width)
        left, top, width, _ = self._places["score"]
        score = text.score
        draws = f", {score.draws} drawn" * (score.draws > 0)
        line = f"You {score.wins} : {score.losses} {text.rival}{draws}"
        self._canvas.write("Score", (left, top), 17, INK)
        self._canvas.write(line, (left, top + 22), 17, INK, room=width)

    def _draw_slider(self, number: int, now: Round, sliders: Sliders) -> None:
        canvas, (left, top, width, _) = self._canvas, self._row(number)
        name, y = sliders.names[number], self._height(number)
        colour = weight_colour(name)
        current = float(now.log_weights[number])
        reached = float(sliders.reached(now.log_weights)[number])
        canvas.write(name, (left, top + 2), 16, INK, room=0.5 * width)
        shares = [
            share_text(float(sliders.shares(log_weights)[number]))
            for log_weights in (now.log_weights, sliders.reached(now.log_weights))
        ]
        words = " to ".join(dict.fromkeys(shares))
        canvas.write(words, (left + width, top + 2), 16, INK, room=0.48 * width, side="right")
        track_left, track_width = self._track()
        canvas.box((track_left, y - 2, track_width, 4), blend(NEUTRAL, MUTED, 0.25), radius=2)
        start, end = sorted((self._along(current), self._along(reached)))
        canvas.box((start, y - 3, end - start, 6), blend(PAPER, colour, 0.6))
        canvas.box((self._along(current) - 2, y - 8, 4, 16), colour)
        centre = (self._along(float(sliders.targets[number])), y)
        canvas.disc(centre, HANDLE + 2, HIGHLIGHT if number == sliders.selected else MUTED)
        canvas.disc(centre, HANDLE, TILE)
        canvas.disc(centre, 3.5, colour)

    def _draw_axis(self) -> None:
        _, top, _, height = self._places["sliders"]
        y = top + height - AXIS_HEIGHT + 4
        for factor, label in FACTORS.items():
            x = self._along(math.log(factor))
            self._canvas.write(label, (x, y), 13, MUTED, side="middle")

    def _draw_button(self, name: str, place: Place, text: PanelText) -> None:
        left, top, width, height = place
        label, key = BUTTONS[name]
        is_disabled = name in text.disabled
        is_hovered = name == text.hovered and not is_disabled
        ink = blend(PAPER, MUTED, 0.5) if is_disabled else INK
        if not is_disabled:
            self._canvas.box((left, top + 1, width, height), MUTED, radius=8, opacity=0.4)
        self._canvas.box(place, HIGHLIGHT if is_hovered else TILE, radius=8)
        y = top + (height - 16) / 2
        hint = self._canvas.write(
            key, (left + width - 10, y + 1), 13, blend(PAPER, MUTED, 0.8), side="right"
        )
        self._canvas.write(label, (left + 10, y), 16, ink, room=width - hint - 26)

    def _row(self, number: int) -> Place:
        left, top, width, height = self._places["sliders"]
        row = (height - AXIS_HEIGHT) / self._num_sliders
        return left, top + number * row, width, row

    def _height(self, number: int) -> float:
        """Of a slider's track."""
        _, top, _, height = self._row(number)
        return top + 17 + (height - 17) / 2

    def _track(self) -> tuple[float, float]:
        """Where tracks begin, and how long they are."""
        left, _, width, _ = self._places["sliders"]
        return left + HANDLE + 2, width - 2 * (HANDLE + 2)

    def _along(self, target: float) -> float:
        left, width = self._track()
        return left + width * (target / MAX_LOG_WEIGHT + 1.0) / 2.0


def capitalised(title: str) -> str:
    """A title at the beginning of a line; unlike ``str.capitalize`` it leaves the rest alone.

    >>> capitalised("sacB 2")
    'SacB 2'
    """
    return title[:1].upper() + title[1:]


def _button_places(place: Place) -> dict[str, Place]:
    """In a row if there is room, else in two."""
    left, top, width, height = place
    columns = len(BUTTONS) if width > 8 * height else len(BUTTONS) // 2
    rows = len(BUTTONS) // columns
    button = ((width - (columns - 1) * GAP) / columns, (height - (rows - 1) * GAP) / rows)
    places = {}
    for i, name in enumerate(BUTTONS):
        row, column = divmod(i, columns)
        corner = (left + column * (button[0] + GAP), top + row * (button[1] + GAP))
        places[name] = (*corner, *button)
    return places
