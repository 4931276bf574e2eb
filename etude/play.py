"""A window in which a person plays against an opponent or an agent, by mouse or keyboard."""

import os
import sys
from typing import Annotated, Final, Literal

import tyro

from etude.envs.mnk.rules import SIDE_NAMES
from etude.envs.pygame_window import NoDisplayError
from etude.envs.registration import STYLE_WEIGHTS
from etude.motifs import Motifs, refuse
from etude.players import board_for, check_agent
from etude.session import Session
from etude.window import PlayWindow

BOARD_SIZE: Final = (800, 560)
TUNING_SIZE: Final = (960, 600)
DEFAULT_OPPONENT: Final = "minimax"
INVISIBLE_DRIVERS: Final = ("dummy", "offscreen")


def play(
    board: Annotated[str | None, tyro.conf.Positional] = None,
    *,
    opponent: str | None = None,
    agent: str | None = None,
    side: Literal["first", "second"] = "first",
    seed: int | None = None,
    size: tuple[int, int] | None = None,
    show_values: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False,
    motifs: Annotated[Motifs, tyro.conf.arg(name="")] = Motifs(),  # noqa: B008
) -> None:
    """Play against an opponent or an agent in a window.

    Click a cell, or choose it with the arrow keys and Enter; 1 to 9 stand for the cells of a 3 x 3
    board and for columns under gravity. The buttons say their keys. Values go from +1, a won move,
    to -1, a lost one: what an agent expects, or else exact ones.

    In etude/StyleWeights-v0 you tune a style transfer beside an agent: drag a slider, turn the
    wheel over it, or use the arrow keys; Space paints a step. Who comes to the better painting
    wins.

    Args:
        board: "tictactoe", "connect_four", "gomoku", or "m,n,k" with ",gravity" or ",misere"; if
            left out, the board of an agent's file, or tic-tac-toe. Or etude/StyleWeights-v0.
        opponent: "minimax" (default), "epsilon_minimax:0.1", "uniform", or an agent, whose values
            are then hidden at first.
        agent: an agent to play against, with its values over the board: the file of one (.npz), or
            a preset such as "perfect" or "book", which is trained on the spot. In
            etude/StyleWeights-v0 "agent", which comes along (default), a file, or a baseline such
            as "default".
        side: which side you play.
        seed: of the opponent's choices and of a preset's training, or of the choice of paintings;
            the same seed answers the same moves alike.
        size: width and height of the window in pixels; 800 x 560, or 960 x 600 for paintings.
        show_values: show the value of every move from the start; the button Values switches them
            off and on.
        motifs: what is painted.

    Raises:
        ValueError: an unknown board, opponent or agent, or options that do not go together.
        NoDisplayError: there is no screen.
    """
    if board == STYLE_WEIGHTS:
        refuse(board, opponent=opponent is not None, side=side != "first", show_values=show_values)
        check_display(f"etude watch {board} --record out.gif")
        from etude.play_tuning import play_tuning

        play_tuning(agent or "agent", motifs, seed=seed, size=size or TUNING_SIZE)
        return
    refuse("a board", **motifs.given)
    name = whom(opponent, agent)
    rules = board_for(board, name)
    check_display(f"etude watch {name} uniform --record out.gif")
    session = Session(rules, name, side=SIDE_NAMES.index(side), seed=seed)
    PlayWindow(session, size or BOARD_SIZE, show_values=show_values or agent is not None).run()


def whom(opponent: str | None, agent: str | None) -> str:
    """The name of whoever plays against the person.

    Raises:
        ValueError: both are given, or what is said to be an agent is neither a file nor a preset.
    """
    if agent is None:
        return opponent or DEFAULT_OPPONENT
    if opponent is not None:
        raise ValueError(
            f"you play against an opponent or an agent, got --opponent {opponent} and --agent "
            f"{agent}; leave one of them out."
        )
    check_agent(agent)
    return agent


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
