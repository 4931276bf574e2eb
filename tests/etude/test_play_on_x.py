"""The play window in a process of its own, under a real X server, used with mouse and keyboard."""

import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

PLAYER = """
import json, sys
import pygame
from etude.envs.mnk.rules import MNKRules
from etude.session import Session
from etude.window import PlayWindow

session = Session(MNKRules.from_name(sys.argv[1]), "minimax", seed=0)
window = PlayWindow(session, (800, 560), pause_seconds=0)
reported = None
while window.is_running:
    window.step(10)
    state = [session.rules.format(session.position), session.is_persons_turn, window.show_values]
    if state != reported:
        cells = range(session.rules.num_cells)
        geometry, layout = window._painter._geometry, window._layout
        print(json.dumps({
            "state": state,
            "window": pygame.display.get_wm_info()["window"],
            "cells": [[c + geometry.cell // 2 for c in geometry.corner(i)] for i in cells],
            "buttons": {k: [v[0] + 5, v[1] + 5] for k, v in layout.buttons.items()},
        }), flush=True)
        reported = state
window.close()
print(json.dumps({"state": "closed"}), flush=True)
"""

TUNER = """
import json, sys
import pygame, torch
from etude.envs.style_weights.env import StyleWeightsEnv
from etude.envs.style_weights.instances import Instance
from etude.tuners import tuner
from etude.tuning_session import TuningSession
from etude.tuning_window import TuningWindow

images = torch.rand(2, 1, 3, 16, 16, generator=torch.Generator().manual_seed(0))
envs = tuple(
    StyleWeightsEnv([Instance(*images, 0.7)], encoder="tiny", judge="inner", num_steps=2)
    for _ in range(2)
)
rival = tuner("default", envs[0].settings)
window = TuningWindow(TuningSession(envs, rival, "default weights", [0]), (960, 600))
reported = None
while window.is_running:
    window.step(10)
    if window.round is None or window.is_busy:
        continue
    state = [window.round.num_done, window.round.outcome, window.sliders.targets.tolist()]
    if state != reported:
        painter = window.painter
        print(json.dumps({
            "state": state,
            "window": pygame.display.get_wm_info()["window"],
            "tracks": [[painter.slider_pixel(i, x) for x in (0.0, 3.0)] for i in range(4)],
            "buttons": {k: painter.button_pixel(k) for k in ("paint", "new", "default", "quit")},
        }), flush=True)
        reported = state
window.close()
print(json.dumps({"state": "closed"}), flush=True)
"""


@pytest.fixture
def x_server() -> Iterator[str]:
    missing = [name for name in ("Xvfb", "xdotool") if shutil.which(name) is None]
    if missing:
        message = f"needs {' and '.join(missing)}: apt-get install xvfb xdotool"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    reading, writing = os.pipe()
    command = [
        "Xvfb",
        "-displayfd",
        str(writing),
        "-screen",
        "0",
        "1000x800x24",
        "-nolisten",
        "tcp",
    ]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        ready, _, _ = select.select([reading], [], [], 30)
        assert ready, "Xvfb did not start within 30 s"
        yield f":{os.read(reading, 16).decode().strip()}"
    finally:
        os.close(reading)
        server.terminate()
        server.wait(10)


class Screen:
    """A window in another process, with a mouse and a keyboard to use it."""

    def __init__(self, display: str, player: str, *arguments: str) -> None:
        self._environment = {**os.environ, "DISPLAY": display, "SDL_VIDEODRIVER": "x11"}
        self._process = subprocess.Popen(
            [sys.executable, "-c", player, *arguments],
            env={**self._environment, "PYGAME_HIDE_SUPPORT_PROMPT": "1"},
            stdout=subprocess.PIPE,
            bufsize=0,
        )
        self._buffer = b""
        self.facts: Any = {"state": None}

    def click(self, pixel: list[int]) -> None:
        """Move the pointer there and press the left button."""
        window, (x, y) = str(self.facts["window"]), map(str, pixel)
        self._xdotool("mousemove", "--sync", "--window", window, x, y, "click", "1")

    def drag(self, start: list[int], end: list[int]) -> None:
        """Press the left button in one place and let it go in another."""
        window = str(self.facts["window"])
        moves = [("mousemove", "--sync", "--window", window, *map(str, p)) for p in (start, end)]
        self._xdotool(*moves[0], "mousedown", "1", *moves[1], "mouseup", "1")

    def key(self, name: str) -> None:
        """Press a key."""
        self._xdotool("key", name)

    def wait_until(self, ready: Callable[[Any], bool], seconds: float = 60) -> Any:
        """The first reported state for which ``ready`` holds."""
        while not ready(self.facts["state"]):
            self.facts = {**self.facts, **self._next_line(seconds)}
        return self.facts["state"]

    def exit_status(self) -> int:
        """Wait for the process to end by itself."""
        return self._process.wait(30)

    def close(self) -> None:
        """End the process if it still runs."""
        self._process.terminate()
        self._process.wait(30)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _next_line(self, seconds: float) -> Any:
        assert self._process.stdout is not None
        end = time.monotonic() + seconds
        while b"\n" not in self._buffer:
            ready, _, _ = select.select(
                [self._process.stdout], [], [], max(end - time.monotonic(), 0)
            )
            chunk = os.read(self._process.stdout.fileno(), 65536) if ready else b""
            assert chunk, f"nothing new from the window within {seconds} s"
            self._buffer += chunk
        line, _, self._buffer = self._buffer.partition(b"\n")
        return json.loads(line)

    def _xdotool(self, *arguments: str) -> str:
        return subprocess.run(
            ["xdotool", *arguments],
            env=self._environment,
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        ).stdout


@pytest.fixture
def screen(x_server: str) -> Iterator[Screen]:
    screen = Screen(x_server, PLAYER, "tictactoe")
    yield screen
    screen.close()


def test_a_real_mouse_places_stones(screen: Screen) -> None:
    screen.wait_until(lambda state: state == [".../.../...", True, False])
    screen.click(screen.facts["cells"][0])
    board, *_ = screen.wait_until(lambda state: state[0].count("O") == 1 and state[1])
    assert board == "X../.O./...", "perfect play answers a corner in the middle"
    screen.click(screen.facts["cells"][8])
    board, *_ = screen.wait_until(lambda state: state[0].count("O") == 2 and state[1])
    assert (board[0], board[5], board[10]) == ("X", "O", "X")
    screen.click(screen.facts["buttons"]["undo"])
    board, *_ = screen.wait_until(lambda state: state[0].count("X") == 1)
    assert board == "X../.O./..."
    screen.click(screen.facts["buttons"]["hint"])
    screen.wait_until(lambda state: state[2])
    screen.key("2")
    board, *_ = screen.wait_until(lambda state: state[0].count("O") == 2)
    assert board.startswith("XX")
    screen.click(screen.facts["buttons"]["quit"])
    screen.wait_until(lambda state: state == "closed")
    assert screen.exit_status() == 0


def test_a_real_mouse_moves_sliders(x_server: str) -> None:
    screen = Screen(x_server, TUNER)
    try:
        screen.wait_until(lambda state: state == [0, None, [0.0] * 4])
        screen.drag(*screen.facts["tracks"][1])
        *_, targets = screen.wait_until(lambda state: state[2][1] > 2.9)
        assert targets == pytest.approx([-1.0, 3.0, -1.0, -1.0], abs=0.1)
        screen.click(screen.facts["buttons"]["paint"])
        screen.wait_until(lambda state: state[0] == 1)
        screen.key("space")
        screen.wait_until(lambda state: state[0] == 2 and state[1] is not None)
        screen.click(screen.facts["buttons"]["new"])
        screen.wait_until(lambda state: state == [0, None, [0.0] * 4])
        screen.click(screen.facts["buttons"]["quit"])
        screen.wait_until(lambda state: state == "closed")
        assert screen.exit_status() == 0
    finally:
        screen.close()
