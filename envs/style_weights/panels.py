"""The parts of a picture of a painting: preference, weights, quality. Draw, decide nothing."""

import math
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from etude.envs.canvas import Canvas, Place
from etude.envs.palette import CORAL, GOLD, INK, LOSS, MUTED, NEUTRAL, PAPER, TEAL, TILE
from etude.envs.shapes import Colour, blend
from etude.generative.images import to_uint8

SMALLEST_SHARE: Final = 1e-4  # where bars of weights begin, on a logarithmic axis
TITLE_HEIGHT: Final = 17
SHARE_TICKS: Final = {1e-4: "0.01 %", 1e-3: "0.1 %", 1e-2: "1 %", 1e-1: "10 %", 1.0: "100 %"}
TICK_STEPS: Final = (1.0, 2.0, 5.0)
END_WIDTH: Final = 62  # beside the last points of curves, for what they say
LEAST_SPAN: Final = 0.2  # of an axis of qualities
GRID_INK: Final = blend(NEUTRAL, MUTED, 0.25)
MINUS: Final = "\u2212"


class Curve(NamedTuple):
    """Qualities after each step.

    Args:
        name: whose.
        qualities: at the start and after each step; NaN where there is none.
        colour: of the line.
    """

    name: str
    qualities: tuple[float, ...]
    colour: Colour


def weight_colour(name: str) -> Colour:
    """Content, style and total variation each have their own."""
    return {"content": TEAL, "style": CORAL}.get(name.split()[0], GOLD)


def preference_text(preference: float) -> str:
    """What is wanted, in plain words.

    >>> preference_text(0.7)
    'content 70 %, style 30 %'
    """
    content = round(100 * preference)
    return f"content {content} %, style {100 - content} %"


def share_text(share: float) -> str:
    """A share with two digits.

    >>> share_text(0.123), share_text(0.0123), share_text(0.00002), share_text(float("nan"))
    ('12 %', '1.2 %', '<0.01 %', '?')
    """
    if not math.isfinite(share):
        return "?"
    percent = 100 * share
    if percent < 100 * SMALLEST_SHARE:
        return "<0.01 %"
    digits = 0 if percent >= 9.95 else 1 if percent >= 0.95 else 2
    return f"{percent:.{digits}f} %"


def quality_text(quality: float) -> str:
    """A quality with two digits.

    >>> quality_text(1.234), quality_text(float("nan"))
    ('1.23', 'no number')
    """
    return f"{quality:.2f}".replace("-", MINUS) if math.isfinite(quality) else "no number"


def pixels_of(image: Float[Tensor, "1 3 h w"]) -> UInt8[np.ndarray, "h w 3"]:
    """An image to be shown; what is no number is grey."""
    return to_uint8(torch.nan_to_num(image, nan=0.5))


def draw_picture(
    canvas: Canvas,
    image: Float[Tensor, "1 3 h w"],
    place: Place,
    caption: str,
    height: float = TITLE_HEIGHT,
) -> None:
    """A picture on a card, its caption above it."""
    left, top, width, side = place
    canvas.write(caption, (left, top), height, INK, room=width)
    below = 1.3 * height
    card = (left, top + below, width, side - below)
    canvas.box(card, TILE, radius=6)
    rim = 4
    inside = (left + rim, card[1] + rim, width - 2 * rim, card[3] - 2 * rim)
    canvas.picture(pixels_of(image), inside)


def draw_preference(canvas: Canvas, preference: float, place: Place) -> None:
    """How much content and style count: words, and a bar in two colours."""
    left, top, width, height = place
    words = f"Wanted: {preference_text(preference)}"
    canvas.write(words, (left, top), TITLE_HEIGHT, INK, room=width)
    bar, thick = top + 1.3 * TITLE_HEIGHT, height - 1.3 * TITLE_HEIGHT
    split = preference * width
    for start, length, colour in ((0, split, TEAL), (split, width - split, CORAL)):
        canvas.box((left + start, bar, length, thick), colour)


def draw_weights(canvas: Canvas, weights: Mapping[str, float], place: Place) -> None:
    """A bar for each weight's share, on a logarithmic axis from 0.01 % to 100 %."""
    left, top, width, height = place
    canvas.write("Weights, as shares of their sum", (left, top), TITLE_HEIGHT, INK, room=width)
    first, names, numbers = top + 25, 0.24 * width, 62
    axis = (left + names, width - names - numbers)
    bottom = top + height - 16
    for share, label in SHARE_TICKS.items():
        x = axis[0] + _along(share) * axis[1]
        canvas.box((x - 0.5, first, 1, bottom - first), GRID_INK)
        canvas.write(label, (x, bottom + 3), 13, MUTED, side="middle")
    row = (bottom - first) / max(len(weights), 1)
    letters = min(16.0, 0.9 * row)
    for i, (name, share) in enumerate(weights.items()):
        y = first + i * row
        text = y + (row - letters) / 2
        canvas.write(name, (left, text), letters, INK, room=names - 8)
        bar = (axis[0], y + 0.16 * row, _along(share) * axis[1], 0.68 * row)
        canvas.box(bar, weight_colour(name), radius=3)
        canvas.write(share_text(share), (left + width, text), letters, INK, side="right")


def draw_qualities(canvas: Canvas, curves: Sequence[Curve], num_steps: int, place: Place) -> None:
    """Quality over the steps: axes, a line a painting, and where it has got to."""
    left, top, width, height = place
    canvas.write("Quality, as the judge sees it", (left, top), TITLE_HEIGHT, INK, room=width)
    known = [q for curve in curves for q in curve.qualities if math.isfinite(q)]
    ticks = axis_ticks(min(known, default=0.0), max(known, default=1.0))
    labels = max(canvas.width_of(tick_text(tick, ticks), 13) for tick in ticks) + 6
    plot = (left + labels, top + 26, width - labels - END_WIDTH, height - 26 - 18)
    _draw_axes(canvas, plot, ticks, num_steps)
    ends = []
    for curve in curves:
        finite = [
            (plot[0] + plot[2] * step / num_steps, _height_of(quality, ticks, plot))
            for step, quality in enumerate(curve.qualities)
            if math.isfinite(quality)
        ]
        if len(finite) > 1:
            canvas.stroke(tuple(finite), 2.2, curve.colour)
        if finite:
            canvas.disc(finite[-1], 4, curve.colour)
        has_failed = bool(curve.qualities) and not math.isfinite(curve.qualities[-1])
        ends.append((finite[-1] if finite else plot[:2], curve, has_failed))
    _label_ends(canvas, ends, plot)


def axis_ticks(low: float, high: float) -> tuple[float, ...]:
    """Round numbers around a range, four to seven of them.

    >>> axis_ticks(0.13, 1.4)
    (0.0, 0.5, 1.0, 1.5)
    """
    span = max(high - low, LEAST_SPAN)
    low = min(low, (low + high - span) / 2)
    power = 10.0 ** math.floor(math.log10(span / 5))
    step = next(s * power for s in (*TICK_STEPS, 10.0) if s * power >= span / 5)
    first, last = math.floor(low / step), math.ceil((low + span) / step)
    return tuple(round(i * step, 9) for i in range(first, last + 1))


def tick_text(tick: float, ticks: Sequence[float]) -> str:
    """A tick with the digits that tell it from the others.

    >>> tick_text(0.5, (0.0, 0.5)), tick_text(-2.0, (-2.0, -1.0))
    ('0.5', '\u22122')
    """
    digits = max(-math.floor(math.log10(ticks[1] - ticks[0]) + 1e-9), 0)
    return f"{tick:.{digits}f}".replace("-", MINUS)


def _along(share: float) -> float:
    """Where a share lies on the axis, from 0 to 1."""
    if not share > SMALLEST_SHARE:  # nor NaN
        return 0.0
    return min(1.0 - math.log(share) / math.log(SMALLEST_SHARE), 1.0)


def _height_of(quality: float, ticks: Sequence[float], plot: Place) -> float:
    share = (quality - ticks[0]) / (ticks[-1] - ticks[0])
    return plot[1] + plot[3] * (1.0 - share)


def _draw_axes(canvas: Canvas, plot: Place, ticks: Sequence[float], num_steps: int) -> None:
    left, top, width, height = plot
    for tick in ticks:
        y = _height_of(tick, ticks, plot)
        canvas.box((left, y - 0.5, width, 1), GRID_INK)
        canvas.write(tick_text(tick, ticks), (left - 6, y - 6.5), 13, MUTED, side="right")
    for step in sorted({0, num_steps // 2, num_steps}):
        x = left + width * step / num_steps
        label = f"{step} step{'s' * (step > 1)}" if step == num_steps else str(step)
        canvas.write(label, (x, top + height + 6), 13, MUTED, side="middle")


def _label_ends(
    canvas: Canvas, ends: Sequence[tuple[tuple[float, float], Curve, bool]], plot: Place
) -> None:
    """Name and quality beside the last point of each curve, none on another."""
    lowest = -math.inf
    size = 27 if any(curve.name for _, curve, _ in ends) else 15
    for (x, y), curve, has_failed in sorted(ends, key=lambda end: end[0][1]):
        y = max(y - size / 2, lowest)
        colour = LOSS if has_failed else curve.colour
        if curve.qualities:
            text = quality_text(curve.qualities[-1])
            room = plot[0] + plot[2] + END_WIDTH - x - 8
            width = min(max(canvas.width_of(text, 15), canvas.width_of(curve.name, 12)), room)
            canvas.box((x + 6, y - 1, width + 4, size), PAPER, opacity=0.8)
            canvas.write(text, (x + 8, y), 15, colour)
            canvas.write(curve.name, (x + 8, y + 14), 12, colour, room=room)
        lowest = y + size
