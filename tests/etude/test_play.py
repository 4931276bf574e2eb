"""The play window, by synthetic events and without a screen."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from etude.agents.presets import find_preset
from etude.envs.mnk.rules import FIRST, SECOND, MNKRules, Position
from etude.envs.pygame_window import NoDisplayError
from etude.panel import BUTTONS, lay_out
from etude.play import play
from etude.session import Session
from etude.window import PlayWindow

TICTACTOE = MNKRules()
CONNECT_FOUR = MNKRules.from_name("connect_four")


@pytest.fixture
def open_window(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., PlayWindow]]:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    windows = []

    def make(rules: MNKRules = TICTACTOE, opponent: Any = "uniform", **options: Any) -> PlayWindow:
        session = Session(rules, opponent, side=options.pop("side", FIRST), seed=0)
        windows.append(
            PlayWindow(session, options.pop("size", (800, 560)), pause_seconds=0, **options)
        )
        return windows[-1]

    yield make
    for window in windows:
        window.close()
        window.close()


def wait_for(window: PlayWindow, ready: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, "the window did not get there"
        window.step()


def centre(window: PlayWindow, cell: int) -> tuple[int, int]:
    assert window._painter is not None
    geometry = window._painter._geometry
    left, top = geometry.corner(cell)
    return left + geometry.cell // 2, top + geometry.cell // 2


def click(window: PlayWindow, pixel: tuple[int, int]) -> None:
    import pygame

    pygame.event.post(pygame.event.Event(pygame.MOUSEBUTTONDOWN, button=1, pos=pixel))
    window.step()


def move_mouse(window: PlayWindow, pixel: tuple[int, int]) -> None:
    import pygame

    event = pygame.event.Event(pygame.MOUSEMOTION, pos=pixel, rel=(0, 0), buttons=(0, 0, 0))
    pygame.event.post(event)
    window.step()


def press(window: PlayWindow, *keys: str) -> None:
    import pygame

    for key in keys:
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.key.key_code(key)))
        window.step()


def pixels(window: PlayWindow) -> bytes:
    import pygame

    window.draw()
    return pygame.image.tobytes(pygame.display.get_surface(), "RGB")


def test_a_game_by_mouse(open_window: Callable[..., PlayWindow]) -> None:
    window = open_window()
    session = window.session
    while session.outcome is None:
        wait_for(window, lambda: session.is_persons_turn or session.outcome is not None)
        if session.is_persons_turn:
            cell = TICTACTOE.legal_actions(session.position)[0]
            click(window, centre(window, cell))
            assert session.position.first >> cell & 1
    assert session.score.wins + session.score.draws + session.score.losses == 1
    assert window._status() in {"You win!", "A draw", "You lose"}
    click(window, window._layout.buttons["new"][:2])
    assert session.position == Position()


def test_clicks_that_mean_nothing(open_window: Callable[..., PlayWindow]) -> None:
    window = open_window()
    for pixel in ((0, 0), (799, 0), centre(window, 4), centre(window, 4)):
        click(window, pixel)
    wait_for(window, lambda: window.session.is_persons_turn)
    click(window, centre(window, 4))
    assert window.session.position.num_stones == 2


def test_stones_fall_under_gravity(open_window: Callable[..., PlayWindow]) -> None:
    window = open_window(CONNECT_FOUR)
    click(window, centre(window, 3))
    assert window.session.last_cell == 38
    wait_for(window, lambda: window.session.is_persons_turn)
    press(window, "7")
    assert window.session.position.first >> 41 & 1 or window.session.position.first >> 34 & 1


def test_keyboard(open_window: Callable[..., PlayWindow]) -> None:
    window = open_window()
    press(window, "left", "left", "return")
    assert window.session.position.first == 1 << 3, "from the middle one to the left"
    press(window, "u", "5")
    assert window.session.position.first == 1 << 4
    press(window, "n", "up", "right", "right", "space")
    assert window.session.position.first == 1 << 2
    press(window, "n")
    assert window.session.position == Position()
    press(window, "escape")
    assert not window.is_running


def test_hovering_previews_the_stone(open_window: Callable[..., PlayWindow]) -> None:
    window = open_window(CONNECT_FOUR)
    plain = pixels(window)
    move_mouse(window, centre(window, 2))
    assert pixels(window) != plain
    assert window._preview_cell() == 37
    move_mouse(window, window._layout.buttons["undo"][:2])
    assert window._preview_cell() is None
    assert window._hovered == "undo"


def test_every_button_has_a_key(open_window: Callable[..., PlayWindow]) -> None:
    for name in BUTTONS:
        effects = []
        for use in ("mouse", "keyboard"):
            window = open_window()
            press(window, "1")
            wait_for(window, lambda window=window: window.session.is_persons_turn)
            if use == "mouse":
                click(window, window._layout.buttons[name][:2])
            else:
                press(window, BUTTONS[name][1].replace("Esc", "Escape"))
            session = window.session
            effects.append((window.is_running, window.show_values, session.rules, session.side))
            effects[-1] += (session.position.num_stones, session.opponent_label)
            window.close()
        assert effects[0] == effects[1]
        assert effects[0] != (True, False, TICTACTOE, FIRST, 2, "random")


def test_values_come_from_the_solver(open_window: Callable[..., PlayWindow]) -> None:
    window = open_window(opponent="minimax")
    press(window, "1")
    wait_for(window, lambda: window.session.is_persons_turn)
    plain = pixels(window)
    press(window, "h")
    wait_for(window, lambda: window._current_hint() is not None)
    hint = window._current_hint()
    assert hint is not None
    assert set(hint.values or {}) == set(TICTACTOE.legal_actions(window.session.position))
    assert pixels(window) != plain
    assert window._notice_now() == hint.text
    press(window, "h")
    assert window._current_hint() is None


def test_large_boards_say_that_nothing_is_known(open_window: Callable[..., PlayWindow]) -> None:
    window = open_window(MNKRules(15, 15, 5), "minimax", show_values=True)
    wait_for(window, lambda: window._current_hint() is not None)
    assert "too large" in window._notice_now().lower()
    press(window, "h")
    assert "only a random opponent" in window._notice_now()


def test_the_window_answers_while_the_opponent_thinks(
    open_window: Callable[..., PlayWindow],
) -> None:
    class Slow:
        def act(self, *_: object) -> int:
            time.sleep(0.5)
            return 8

        def action_probabilities(self, *_: object) -> None: ...

    window = open_window(opponent=Slow())
    click(window, centre(window, 0))
    steps, end = 0, time.monotonic() + 0.3
    while time.monotonic() < end:
        window.step()
        steps += 1
        assert window._status().startswith("Thinking")
    assert steps >= 5
    press(window, "u")
    assert window.session.position == Position()
    assert window.session.is_persons_turn
    time.sleep(0.5)
    window.step()
    assert window.session.position == Position(), "the late answer is dropped"
    click(window, centre(window, 0))
    wait_for(window, lambda: window.session.is_persons_turn)
    assert window.session.position.second == 1 << 8


def test_an_opponents_error_reaches_the_caller(open_window: Callable[..., PlayWindow]) -> None:
    window = open_window(opponent=lambda observation, action_mask: 0)
    click(window, centre(window, 0))
    with pytest.raises(ValueError, match="taken"):
        wait_for(window, lambda: window.session.is_persons_turn)


def test_an_agent_that_plays_an_illegal_move_loses(open_window: Callable[..., PlayWindow]) -> None:
    class Blind:
        def predict(self, observation: Any, **_: Any) -> tuple[Any, Any]:
            return np.zeros(len(observation), np.int64), None

    window = open_window(opponent=Blind())
    click(window, centre(window, 0))
    wait_for(window, lambda: window.session.outcome is not None)
    assert window._status() == "You win!"
    assert window._notice_now() == "Blind plays an occupied cell and loses."
    press(window, "u", "5")
    wait_for(window, lambda: window.session.is_persons_turn)
    assert window.session.position.second == 1
    assert window._notice_now() == ""


def test_the_opponent_opens_if_the_person_is_second(open_window: Callable[..., PlayWindow]) -> None:
    window = open_window(side=SECOND)
    wait_for(window, lambda: window.session.is_persons_turn)
    assert window.session.position.num_stones == 1


@pytest.mark.parametrize("size", [(800, 560), (480, 660), (420, 300), (1400, 900), (130, 90)])
def test_any_size_of_window(open_window: Callable[..., PlayWindow], size: tuple[int, int]) -> None:
    window = open_window(CONNECT_FOUR, size=size, show_values=True)
    window.step()
    left, top, width, height = window._layout.panel
    assert (left + width, top + height) == size
    for x, y, button_width, button_height in window._layout.buttons.values():
        assert left <= x < x + button_width <= left + width
        assert y + button_height <= top + height


def test_resizing_moves_the_cells(open_window: Callable[..., PlayWindow]) -> None:
    import pygame

    window = open_window()
    before = centre(window, 8)
    pygame.display.set_mode((480, 660), pygame.RESIZABLE)
    window.step()
    assert centre(window, 8) != before
    click(window, centre(window, 8))
    assert window.session.position.first == 1 << 8
    pygame.display.set_mode((20, 16), pygame.RESIZABLE)
    window.step()


def test_buttons_do_not_overlap() -> None:
    for size in ((800, 560), (480, 660), (1400, 900)):
        layout = lay_out(*size)
        for name, (left, top, width, height) in layout.buttons.items():
            for corner in ((left, top), (left + width - 1, top + height - 1)):
                assert layout.button_at(corner) == name


def test_a_window_runs_until_it_is_closed(open_window: Callable[..., PlayWindow]) -> None:
    import pygame

    window = open_window(side=SECOND)
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    window.run()
    assert not pygame.display.get_init()


def test_play_opens_the_window_that_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = []
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setattr("etude.play.has_display", lambda: True)
    monkeypatch.setattr(PlayWindow, "run", lambda window: shown.append(window))
    play("4,4,4", side="second", opponent="uniform", seed=0, size=(500, 700), show_values=True)
    (window,) = shown
    assert (window.session.rules.name, window.session.side) == ("4,4,4", SECOND)
    assert (window.session.opponent_label, window.show_values) == ("random", True)
    assert window._layout.panel[2] == 500
    window.close()


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[PlayWindow]]:
    """The windows that ``play`` opens, which nobody uses."""
    windows: list[PlayWindow] = []
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setattr("etude.play.has_display", lambda: True)
    monkeypatch.setattr(PlayWindow, "run", lambda window: windows.append(window))
    yield windows
    for window in windows:
        window.close()


def test_an_agent_shows_its_values_from_the_start(shown: list[PlayWindow], tmp_path: Path) -> None:
    play(agent="perfect", seed=0)
    (window,) = shown
    wait_for(window, lambda: window._current_hint() is not None)
    assert window.show_values
    assert window._notice_now() == "What the agent expects of each move."
    assert window.session.opponent_title == "Agent (perfect)"


def test_the_board_is_that_of_the_agents_file(shown: list[PlayWindow], tmp_path: Path) -> None:
    path = tmp_path / "wide.npz"
    find_preset("book").make(MNKRules(3, 4, 3), 0).save(path)
    play(agent=str(path))
    play(opponent=str(path))
    assert [window.session.rules.name for window in shown] == ["3,4,3", "3,4,3"]
    assert [window.show_values for window in shown] == [True, False]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"agent": "perfect", "opponent": "uniform"}, "leave one of them out"),
        ({"agent": "minimax"}, r"a preset out of perfect, book.*, got 'minimax'"),
        ({"agent": "perfect", "board": "5,5,4"}, "at most 16 cells, got perfect for 5,5,4"),
        ({"opponent": "perfekt"}, "did you mean 'perfect'"),
    ],
)
def test_whom_nobody_can_play_against(
    shown: list[PlayWindow], options: dict[str, str], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        play(**options)  # type: ignore[arg-type]


@pytest.mark.parametrize(("driver", "reason"), [(None, "DISPLAY is not set"), ("dummy", "=dummy")])
def test_play_without_a_screen_names_the_way_out(
    monkeypatch: pytest.MonkeyPatch, driver: str | None, reason: str
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
        monkeypatch.delenv(name, raising=False)
    if driver:
        monkeypatch.setenv("SDL_VIDEODRIVER", driver)
    monkeypatch.setattr("sys.platform", "linux")
    with pytest.raises(NoDisplayError, match=rf"{reason}.*; .*`etude watch .* --record out\.gif`"):
        play()
