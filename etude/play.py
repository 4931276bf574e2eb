"""A window in which a person plays against an opponent, with mouse or keyboard."""

import os
import sys
from typing import Annotated, Final, Literal

import tyro

from etude.envs.mnk.render import NoDisplayError
from etude.envs.mnk.rules import SIDE_NAMES, MNKRules
from etude.session import Session
from etude.window import PlayWindow

INVISIBLE_DRIVERS: Final = ("dummy", "offscreen")


def play(
    board: Annotated[str, tyro.conf.Positional] = "tictactoe",
    *,
    opponent: str = "minimax",
    side: Literal["first", "second"] = "first",
    seed: int | None = None,
    size: tuple[int, int] = (800, 560),
    show_values: bool = False,
) -> None:
    """Play against an opponent in a window.

    Click a cell, or choose it with the arrow keys and Enter; 1 to 9 stand for the cells of a 3 x 3
    board and for columns under gravity. The buttons say their keys. Values are exact: +1 a won
    move, 0 a drawn one, -1 a lost one.

    Args:
        board: "tictactoe", "connect_four", "gomoku", or "m,n,k" with ",gravity" or ",misere".
        opponent: "minimax", "epsilon_minimax:0.1", "uniform", or the file of an agent (.npz), whose
            values are shown instead of exact ones.
        side: which side you play.
        seed: of the opponent's choices; the same seed answers the same moves alike.
        size: width and height of the window in pixels.
        show_values: show the exact value of every move from the start.

    Raises:
        ValueError: an unknown board or opponent.
        NoDisplayError: there is no screen.
    """
    rules = MNKRules.from_name(board)
    session = Session(rules, opponent, side=SIDE_NAMES.index(side), seed=seed)
    check_display("etude watch minimax uniform --record out.gif")
    PlayWindow(session, size, show_values=show_values).run()


def check_display(way_out: str) -> None:
    """Check that there may be a screen.

    Raises:
        NoDisplayError: there is none; the message names the command ``way_out``.
    """
    if not has_display():
        driver = os.environ.get("SDL_VIDEODRIVER")
        reason = f"SDL_VIDEODRIVER={driver} shows nothing" if driver else "DISPLAY is not set"
        raise NoDisplayError(
            f"a window needs a screen, and {reason}; record a file instead, for example with "
            f"`{way_out}`."
        )


def has_display() -> bool:
    """Whether somebody could see a window, as far as the environment tells."""
    driver = os.environ.get("SDL_VIDEODRIVER")
    if driver:
        return driver not in INVISIBLE_DRIVERS
    screens = (os.environ.get("DISPLAY"), os.environ.get("WAYLAND_DISPLAY"))
    return not sys.platform.startswith("linux") or any(screens)
