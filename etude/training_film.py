"""Pictures of a generator while it learns, for a window and for an animation at the end."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Self

import imageio.v3 as iio

from etude import recording
from etude.envs.pygame_window import Frame, PictureWindow, import_pygame
from etude.foundations.files import replacing
from etude.generative.records import Progress

FPS: Final = 10.0
UNHURRIED: Final = 1_000.0  # frames a second at which a window does not wait

Paint = Callable[[int], Frame]
"""A picture after so many steps, always of one size."""


class TrainingFilm:
    """A recorder that paints now and then; a context manager.

    Each picture is a file, so that a run that was stopped has a whole film in the end.

    Args:
        folder: of the pictures; made if it does not exist.
        paint: how things stand.
        every_steps: how often.
        title: of a window that shows each picture; None for no window.

    Raises:
        NoDisplayError: there is no screen for the window.
    """

    def __init__(self, folder: Path, paint: Paint, every_steps: int, title: str | None) -> None:
        self._folder, self._paint, self._every_steps = folder, paint, every_steps
        self._title = title
        self._window: PictureWindow | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._window is not None:
            self._window.close()

    def begin(self, step: int) -> None:
        """Forget pictures of later steps; paint the first one."""
        for path in self._pictures():
            if int(path.stem) > step:
                path.unlink()
        if step == 0:
            self._add(self._folder / f"{step:08d}.png", step)

    def picture_at(self, step: int) -> Path | None:
        """The picture of a step, if it has one."""
        return None if step % self._every_steps else self._folder / f"{step:08d}.png"

    def record(self, progress: Progress) -> None:
        """See ``Recorder``."""
        if (path := self.picture_at(progress.step)) is not None:
            self._add(path, progress.step)

    def write(self, path: Path) -> None:
        """All pictures as one animation, see ``recording.record``; the last is held."""
        frames = [iio.imread(picture) for picture in self._pictures()]
        recording.record(path, frames, FPS, frozenset({len(frames) - 1}))

    def _add(self, path: Path, step: int) -> None:
        frame = self._paint(step)
        with replacing(path) as partial:
            iio.imwrite(partial, frame, plugin="pillow", extension=".png")
        if self._title is not None:
            self._show(frame, self._title)

    def _show(self, frame: Frame, title: str) -> None:
        height, width = frame.shape[:2]
        if self._window is None:
            self._window = PictureWindow((width, height), title)
        surface: Any = import_pygame().image.frombuffer(frame.tobytes(), (width, height), "RGB")
        self._window.show_picture(surface, UNHURRIED)
        if self._window.quit_requested:  # the run goes on without it
            self._window.close()
            self._window, self._title = None, None

    def _pictures(self) -> list[Path]:
        return sorted(self._folder.glob("[0-9]*.png"))
