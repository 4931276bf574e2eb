"""pygame where it is needed: the module, letters, frames, and windows."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from gymnasium.error import DependencyNotInstalled
from jaxtyping import UInt8

from etude.envs.shapes import Colour

if TYPE_CHECKING:
    import pygame

Frame = UInt8[np.ndarray, "height width 3"]

TEXT_OVERSAMPLING: Final = 3


class NoDisplayError(RuntimeError):
    """There is no screen to open a window on."""


def import_pygame() -> Any:
    """The pygame module, with only its fonts started: no display, no sound.

    Raises:
        DependencyNotInstalled: it is missing.
    """
    try:
        import pygame
        import pygame.font
    except ImportError as error:
        raise DependencyNotInstalled(
            "pictures need pygame-ce, which is not installed; run `pip install pygame-ce`."
        ) from error
    pygame.font.init()
    return pygame


def text_surface(text: str, height: int, colour: Colour) -> "pygame.Surface":
    """A line of text, drawn large and scaled down: small fonts are spaced unevenly."""
    pg = import_pygame()
    words = pg.font.Font(None, height * TEXT_OVERSAMPLING).render(text, True, colour)
    size = [max(length // TEXT_OVERSAMPLING, 1) for length in words.get_size()]
    if not text:  # scaling a surface without pixels crashes pygame
        empty: pygame.Surface = pg.Surface(size, pg.SRCALPHA)
        return empty
    scaled: pygame.Surface = pg.transform.smoothscale(words, size)
    return scaled


def frame_of(surface: "pygame.Surface") -> Frame:
    """The pixels of a surface as a new array, which is the caller's."""
    pixels = import_pygame().image.tobytes(surface, "RGB")
    width, height = surface.get_size()
    return np.frombuffer(pixels, np.uint8).reshape(height, width, 3).copy()


def open_window(size: tuple[int, int], title: str, *, resizable: bool = False) -> "pygame.Surface":
    """Open the window, and say plainly if there is no screen for it.

    Raises:
        NoDisplayError: there is none.
    """
    pg = import_pygame()
    try:
        pg.display.init()
        window: pygame.Surface = pg.display.set_mode(size, pg.RESIZABLE * resizable)
    except pg.error as error:
        raise NoDisplayError(
            f"a window needs a screen, and none was found ({error}); record a file instead, "
            f"for example with `etude watch minimax uniform --record out.gif`."
        ) from error
    pg.display.set_caption(title)
    return window


class PictureWindow:
    """A window that shows pictures and nothing else: ``render_mode="human"``.

    Args:
        size: width and height in pixels.
        title: what stands above it.

    Raises:
        NoDisplayError: there is no screen.

    Attributes:
        quit_requested: whether somebody has tried to close it.
    """

    def __init__(self, size: tuple[int, int], title: str) -> None:
        self._window = open_window(size, title)
        self._pygame = import_pygame()
        self._clock = self._pygame.time.Clock()
        self.quit_requested = False

    def show_picture(self, picture: "pygame.Surface", fps: float) -> None:
        """Show a picture and wait until ``1 / fps`` seconds have passed since the last one."""
        self._window.blit(picture, (0, 0))
        self._pygame.display.flip()
        self._pygame.event.pump()
        self.quit_requested |= bool(self._pygame.event.get(self._pygame.QUIT))
        self._clock.tick(fps)

    def close(self) -> None:
        """Close the window; again is no error."""
        self._pygame.display.quit()
