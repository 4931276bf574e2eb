"""Pictures: shapes, determinism, geometry, what is visible, and windows without a screen."""

import builtins
import time
from typing import Any

import numpy as np
import pytest
from gymnasium.error import DependencyNotInstalled
from hypothesis import given, settings
from hypothesis import strategies as st

from etude.envs.mnk import sprites
from etude.envs.mnk.geometry import SMALLEST_CELL, Geometry
from etude.envs.mnk.render import (
    BoardPainter,
    BoardWindow,
    board_text,
    value_text,
)
from etude.envs.mnk.rules import MNKRules, Position
from etude.envs.palette import INK, NEUTRAL, WIN
from etude.envs.pygame_window import NoDisplayError, text_surface
from etude.envs.shapes import Layer, blend, luminance

TICTACTOE = MNKRules()
CONNECT_FOUR = MNKRules.from_name("connect_four")
BOARDS = [TICTACTOE, CONNECT_FOUR, MNKRules(3, 5, 3), MNKRules(15, 15, 5), MNKRules(19, 19, 5)]


@pytest.fixture
def dummy_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")


def after(rules: MNKRules, *actions: int) -> Position:
    position = Position()
    for action in actions:
        position = rules.play(position, action)
    return position


@pytest.mark.parametrize("rules", BOARDS, ids=lambda rules: rules.name)
@pytest.mark.parametrize("size", [(480, 480), (120, 140), (900, 300), (301, 517)])
def test_frames_have_the_size_asked_for(rules: MNKRules, size: tuple[int, int]) -> None:
    frame = BoardPainter(rules, size).frame(after(rules, 0, 1), last_cell=None, caption="caption")
    assert frame.shape == (size[1], size[0], 3)
    assert frame.dtype == np.uint8
    assert frame.flags.c_contiguous
    assert frame.flags.writeable
    assert frame.flags.owndata


@pytest.mark.parametrize("rules", BOARDS, ids=lambda rules: rules.name)
def test_same_position_same_pixels(rules: MNKRules) -> None:
    position, painter = after(rules, 0, 1, 2), BoardPainter(rules)
    frame = painter.frame(position)
    painter.frame(after(rules, 2), values={0: -1.0, 1: 0.5}, preview_cell=4, caption="other")
    np.testing.assert_array_equal(painter.frame(position), frame)
    np.testing.assert_array_equal(BoardPainter(rules).frame(position), frame)


def test_frames_belong_to_the_caller() -> None:
    painter = BoardPainter(TICTACTOE)
    first = painter.frame(Position())
    kept = first.copy()
    second = painter.frame(after(TICTACTOE, 4))
    np.testing.assert_array_equal(first, kept)
    first[:] = 0
    np.testing.assert_array_equal(painter.frame(after(TICTACTOE, 4)), second)


@pytest.mark.parametrize("rules", BOARDS, ids=lambda rules: rules.name)
def test_every_stone_is_drawn_in_its_cell(rules: MNKRules) -> None:
    painter = BoardPainter(rules)
    actions = [0, 1, rules.n - 1]
    position, empty = after(rules, *actions), painter.frame(Position())
    changed = np.abs(painter.frame(position).astype(int) - empty).sum(axis=2) > 60
    cells = {painter.cell_at((int(x), int(y))) for y, x in np.argwhere(changed)}
    assert cells == {rules.cell_of(0, action) for action in actions}


board_sizes = st.tuples(st.integers(1, 19), st.integers(1, 19))


@settings(max_examples=200, deadline=None)
@given(board_sizes, st.integers(90, 1200), st.integers(90, 1200), st.booleans(), st.data())
def test_cell_at_inverts_the_geometry(
    board: tuple[int, int], width: int, height: int, gravity: bool, data: st.DataObject
) -> None:
    m, n = board
    rules = MNKRules(m, n, 1, gravity=gravity)
    try:
        geometry = Geometry.fit(rules, (width, height))
    except ValueError:
        assert min(width / n, height / m) < 2 * SMALLEST_CELL
        return
    cell = data.draw(st.integers(0, rules.num_cells - 1))
    left, top = geometry.corner(cell)
    inside = st.integers(0, geometry.cell - 1)
    pixel = (left + data.draw(inside), top + data.draw(inside))
    assert geometry.cell_at(pixel) == cell
    assert 0 <= left <= width - geometry.cell
    assert 0 <= top <= height - geometry.cell
    assert geometry.cell_at((geometry.left - 1, top)) is None
    assert geometry.cell_at((left, geometry.top + m * geometry.cell)) is None


def test_board_is_in_the_middle_and_fills_the_picture() -> None:
    for size in ((900, 300), (300, 900)):
        geometry = Geometry.fit(TICTACTOE, size)
        right = size[0] - geometry.left - 3 * geometry.cell
        assert abs(geometry.left - right) <= 1
        assert 3 * geometry.cell > 0.8 * min(size)


def test_too_small_a_picture_names_the_least_size() -> None:
    with pytest.raises(ValueError, match=r"needs at least 82 x 82 pixels .* got 81 x 82"):
        BoardPainter(MNKRules(19, 19, 5), (81, 82))
    BoardPainter(MNKRules(19, 19, 5), (82, 82)).frame(Position())


@pytest.mark.parametrize("rules", BOARDS, ids=lambda rules: rules.name)
def test_values_colour_the_cells_where_stones_would_fall(rules: MNKRules) -> None:
    painter, position = BoardPainter(rules), after(rules, 0, 1)
    actions = [0, 1, 2] if rules.gravity else [2, 3, 4]
    plain = painter.frame(position)
    frame = painter.frame(position, values=dict(zip(actions, (-1.0, 0.0, 1.0), strict=True)))
    means = []
    for action in actions:
        cell = rules.cell_of(position.occupied, action)
        square = [(x, y) for y in range(480) for x in range(480) if painter.cell_at((x, y)) == cell]
        xs, ys = np.array(square).T
        assert (frame[ys, xs] != plain[ys, xs]).any()
        means.append(frame[ys, xs].astype(float).mean(axis=0))
    loss, _, win = means
    assert win[2] - win[0] > loss[2] - loss[0] + 60, "a loss is red and a win is blue"


def test_value_range_scales_the_colours() -> None:
    painter = BoardPainter(TICTACTOE)
    narrow = painter.frame(Position(), values={4: 0.5}, value_range=(-0.5, 0.5))
    wide = painter.frame(Position(), values={4: 0.5})
    assert narrow[200, 185].tolist() == list(WIN)
    with pytest.raises(ValueError, match=r"goes up, .* got \(1, 1\)"):
        painter.draw(Position(), value_range=(1, 1))
    assert wide[200, 185].tolist() == list(blend(NEUTRAL, WIN, 0.5))


@pytest.mark.parametrize(
    ("value", "text"),
    [(1, "+1"), (0, "0"), (-0.0, "0"), (-1, "\u22121"), (0.25, "+0.25"), (18, "+18")],
)
def test_value_text(value: float, text: str) -> None:
    assert value_text(value) == text


@pytest.mark.parametrize(
    "overlay", [{"last_cell": 4}, {"preview_cell": 8}, {"preview_cell": 4}, {"caption": "hello"}]
)
@pytest.mark.parametrize("rules", BOARDS[:4], ids=lambda rules: rules.name)
def test_every_overlay_shows(rules: MNKRules, overlay: dict[str, Any]) -> None:
    position, painter = after(rules, 4), BoardPainter(rules)
    if rules.gravity and "last_cell" in overlay:
        overlay = {"last_cell": rules.cell_of(0, 4)}
    assert (painter.frame(position, **overlay) != painter.frame(position)).any()


@pytest.mark.parametrize("text", ["XXX/OO./...", "X.O/XO./O.X", "XO./XO./X..", "XOO/.X./..X"])
def test_a_complete_line_is_struck_through(text: str) -> None:
    position, painter = TICTACTOE.parse(text), BoardPainter(TICTACTOE)
    line = TICTACTOE.winning_line(position)
    frame = painter.frame(position)
    assert line is not None
    for cell in (line[0], line[1], line[2]):
        left, top = painter._geometry.corner(cell)
        middle = painter._geometry.cell // 2
        assert frame[top + middle, left + middle].tolist() == list(INK)


def test_a_frame_is_fast() -> None:
    painter, position = BoardPainter(TICTACTOE), after(TICTACTOE, 4, 0)
    painter.frame(position, last_cell=0)
    seconds = []
    for _ in range(20):
        start = time.perf_counter()
        painter.frame(position, last_cell=0)
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 0.01  # 1.4 ms measured; a third of that on a free core


def test_text_of_any_size_is_drawn() -> None:
    for text in ("", " ", ".", "hello"):
        for height in (1, 7, 40):
            assert text_surface(text, height, (0, 0, 0)).get_height() > 0


def test_ansi() -> None:
    position = TICTACTOE.parse("X.O/.X./..O")
    assert board_text(TICTACTOE, position, last_cell=8).splitlines() == [
        "    0  1  2",
        "0   X  .  O",
        "1   .  X  .",
        "2   .  . [O]",
        "X to move",
    ]
    assert board_text(TICTACTOE, TICTACTOE.parse("XXX/OO./...")).endswith("X wins")
    misere = MNKRules(misere=True)
    assert board_text(misere, misere.parse("XXX/OO./...")).endswith("O wins")
    assert board_text(TICTACTOE, TICTACTOE.parse("XOX/XOO/OXX")).endswith("draw")
    rows = board_text(MNKRules(15, 15, 5), Position(), last_cell=200).splitlines()[:-1]
    assert len(rows) == 16
    assert {len(row.rstrip()) for row in rows[1:-2]} == {len(rows[0])}


def test_a_window_shows_the_same_pixels(dummy_screen: None) -> None:
    import pygame

    position = after(TICTACTOE, 4, 0)
    window = BoardWindow(TICTACTOE, (300, 240), "title")
    assert window.show(position, fps=1000, last_cell=0) is None
    pixels = pygame.surfarray.array3d(pygame.display.get_surface()).transpose(1, 0, 2)
    frame = BoardPainter(TICTACTOE, (300, 240)).frame(position, last_cell=0)
    np.testing.assert_array_equal(pixels, frame)
    assert not window.quit_requested
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    window.show(position, fps=1000)
    assert window.quit_requested
    window.close()
    window.close()
    assert not pygame.display.get_init()


def test_a_picture_needs_neither_display_nor_sound() -> None:
    import pygame

    pygame.display.quit()
    BoardPainter(TICTACTOE).frame(Position(), caption="text")
    assert not pygame.display.get_init()
    assert pygame.mixer.get_init() is None


def test_a_window_without_a_screen_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    import pygame

    pygame.display.quit()
    monkeypatch.setenv("SDL_VIDEODRIVER", "x11")
    monkeypatch.setenv("DISPLAY", ":314159")
    with pytest.raises(NoDisplayError, match="record a file instead"):
        BoardWindow(TICTACTOE)


def test_missing_pygame_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    find = builtins.__import__

    def refuse(name: str, *args: Any) -> Any:
        if name.startswith("pygame"):
            raise ImportError(name)
        return find(name, *args)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(DependencyNotInstalled, match="pip install pygame-ce"):
        BoardPainter(TICTACTOE)


def test_shapes_cover_their_area() -> None:
    layer = Layer(100, 60)
    for distance, area in (
        (layer.disc((50, 30), 20), np.pi * 400),
        (layer.ring((50, 30), 20, 4), 2 * np.pi * 20 * 4),
        (layer.segment((20, 30), (80, 30), 10), 60 * 10 + np.pi * 25),
        (layer.box((10, 10), (60, 30), 0), 60 * 30),
        (layer.box((10, 10), (60, 30), 8), 60 * 30 - (4 - np.pi) * 64),
    ):
        assert np.clip(0.5 - distance, 0, 1).sum() == pytest.approx(area, rel=0.01)


def test_painting_blends_like_glass() -> None:
    layer = Layer(2, 2)
    everywhere = layer.box((-5, -5), (12, 12), 0)
    layer.paint(everywhere, (200, 100, 0))
    layer.paint(everywhere, (0, 100, 200), opacity=0.5)
    assert layer.to_bytes() == bytes([100, 100, 100, 255]) * 4


def test_values_are_told_apart_without_red_and_green() -> None:
    loss, neutral, win = (sprites.heat_colour(share) for share in (0.0, 0.5, 1.0))
    assert abs(loss[2] - win[2]) > 100, "red and blue differ for every kind of colour vision"
    assert luminance(neutral) - max(luminance(loss), luminance(win)) > 0.3
