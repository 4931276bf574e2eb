"""A surface in the units of a design: where things land, whatever its size."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etude.envs.canvas import Canvas, best_design, holds
from etude.envs.pygame_window import Frame, frame_of, import_pygame

PAPER = (10, 20, 30)
RED = (200, 0, 0)


def blank(size: tuple[int, int], design: tuple[float, float]) -> Canvas:
    surface = import_pygame().Surface(size, 0, 32)
    surface.fill(PAPER)
    return Canvas(surface, design)


def touched(canvas: Canvas) -> Frame:
    return (frame_of(canvas.surface) != np.array(PAPER)).any(axis=2)  # type: ignore[no-any-return]


def extent(canvas: Canvas) -> tuple[int, int, int, int]:
    """Left, top, width and height of what was drawn."""
    rows, columns = (np.flatnonzero(touched(canvas).any(axis=axis)) for axis in (1, 0))
    return (
        int(columns[0]),
        int(rows[0]),
        int(columns[-1] - columns[0] + 1),
        int(rows[-1] - rows[0] + 1),
    )


sides = st.integers(1, 900)


@settings(max_examples=50, deadline=None)
@given(sides, sides, st.floats(0, 100), st.floats(0, 50))
def test_pixels_and_points_are_inverse(width: int, height: int, x: float, y: float) -> None:
    canvas = blank((width, height), (100, 50))
    back = canvas.point(canvas.pixel((x, y)))
    assert back == pytest.approx((x, y), abs=0.51 / canvas.scale)
    for corner in ((0.0, 0.0), (100.0, 50.0)):
        column, row = canvas.pixel(corner)
        assert -1 <= column <= width + 1
        assert -1 <= row <= height + 1


def test_a_design_is_scaled_and_centred() -> None:
    canvas = blank((400, 300), (100, 50))
    canvas.box((10, 10, 80, 30), RED)
    assert extent(canvas) == (40, 90, 320, 120)


def test_thin_boxes_can_be_seen_and_empty_ones_cannot() -> None:
    canvas = blank((50, 25), (100, 50))
    canvas.box((10, 10, 0.2, 20), RED)
    assert extent(canvas) == (5, 5, 1, 10)
    canvas = blank((50, 25), (100, 50))
    canvas.box((10, 10, 0, 20), RED)
    assert not touched(canvas).any()


@pytest.mark.parametrize(("side", "left"), [("left", 100), ("middle", 50), ("right", 0)])
def test_lines_stand_on_the_side_that_is_meant(side: str, left: int) -> None:
    canvas = blank((200, 40), (200, 40))
    width = canvas.write("words", (100, 10), 20, RED, side=side)  # type: ignore[arg-type]
    start, _, length, _ = extent(canvas)
    wanted = 100 - {"left": 0, "middle": width / 2, "right": width}[side]
    assert start == pytest.approx(wanted, abs=3)
    assert length == pytest.approx(width, abs=5)
    assert width == canvas.width_of("words", 20)


def test_long_lines_keep_to_their_room() -> None:
    canvas = blank((300, 60), (300, 60))
    canvas.write("a name that is far too long for its room " * 3, (20, 10), 20, RED, room=100)
    start, _, length, _ = extent(canvas)
    assert start >= 20
    assert 80 < length <= 100


def test_text_is_wrapped_at_words() -> None:
    canvas = blank((300, 120), (300, 120))
    canvas.write_lines("one two three four five six", (10, 10), 16, RED, 90)
    _, _, length, height = extent(canvas)
    assert length <= 90
    assert 25 < height < 36, "two lines"


def test_letters_too_small_to_read_are_left_out() -> None:
    canvas = blank((30, 10), (300, 100))
    assert canvas.write("words", (0, 0), 20, RED) == 0.0
    assert not touched(canvas).any()


def test_strokes_and_discs_reach_their_points() -> None:
    canvas = blank((100, 100), (100, 100))
    canvas.stroke(((10, 90), (50, 20), (90, 60)), 4, RED)
    drawn = touched(canvas)
    assert drawn[89, 10]
    assert drawn[20, 50]
    assert drawn[60, 89]
    assert not drawn[80, 80]
    canvas = blank((100, 100), (100, 100))
    canvas.disc((50, 40), 10, RED)
    assert extent(canvas) == pytest.approx((40, 30, 20, 20), abs=1)


def test_few_pixels_are_squares_and_many_are_smooth() -> None:
    checks = np.zeros((4, 4, 3), np.uint8)
    checks[::2, ::2] = 255
    canvas = blank((40, 40), (40, 40))
    canvas.picture(checks, (0, 0, 40, 40))
    expected = checks.repeat(10, axis=0).repeat(10, axis=1)
    np.testing.assert_array_equal(frame_of(canvas.surface), expected)
    canvas = blank((6, 6), (6, 6))
    canvas.picture(checks, (0, 0, 6, 6))
    shades = np.unique(frame_of(canvas.surface))
    assert len(shades) > 2


def test_pictures_keep_their_proportions() -> None:
    canvas = blank((100, 100), (100, 100))
    canvas.picture(np.full((10, 20, 3), 255, np.uint8), (10, 10, 80, 80))
    assert extent(canvas) == (10, 30, 80, 40)


def test_the_larger_design_is_taken() -> None:
    assert best_design(((960, 540), (540, 960)), (300, 200)) == (960, 540)
    assert best_design(((960, 540), (540, 960)), (200, 300)) == (540, 960)


def test_places_hold_their_points() -> None:
    assert holds((10, 20, 5, 5), (10, 20))
    assert holds((10, 20, 5, 5), (14.9, 24.9))
    assert not holds((10, 20, 5, 5), (15, 20))
