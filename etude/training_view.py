"""What can be seen of a network while it trains: a bar with the losses, and sheets of pictures."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Self

from rich.console import Console
from rich.progress import MofNCompleteColumn
from torch import Tensor

from etude.bars import transient_bar
from etude.generative.data import contact_sheet
from etude.generative.images import save_image
from etude.generative.records import Progress as Step
from etude.generative.records import Recorder

CELL: Final = 192  # pixels of a picture in a sheet
REDRAW_SECONDS: Final = 0.1

Painter = Callable[[Tensor], Sequence[Tensor]]
"""A photo in all the styles that are looked at."""


class Recorders:
    """Several recorders as one."""

    def __init__(self, *recorders: Recorder) -> None:
        self._recorders = recorders

    def begin(self, step: int) -> None:
        """See ``Recorder``."""
        for recorder in self._recorders:
            recorder.begin(step)

    def record(self, progress: Step) -> None:
        """See ``Recorder``."""
        for recorder in self._recorders:
            recorder.record(progress)


class TrainingBar:
    """A recorder that draws a bar with the losses and the time left; a context manager.

    Args:
        num_steps: of the whole run.
        console: where to draw.
    """

    def __init__(self, num_steps: int, console: Console) -> None:
        self._last = 0.0
        self._progress = transient_bar(console, MofNCompleteColumn())
        self._task = self._progress.add_task("steps", total=num_steps)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def begin(self, step: int) -> None:
        """See ``Recorder``."""
        self._progress.reset(self._task, completed=step)

    def record(self, progress: Step) -> None:
        """See ``Recorder``; drawn ten times a second at most, as a step may take a millisecond."""
        if time.monotonic() < self._last + REDRAW_SECONDS:
            return
        self._last = time.monotonic()
        text = ", ".join(f"{name} {loss:.3f}" for name, loss in progress.losses.items())
        self._progress.update(self._task, completed=progress.step, description=f"steps, {text}")


class PreviewSheets:
    """A recorder that paints photos now and then, a row for each.

    Args:
        path: of the sheet, which is replaced each time.
        paint: the network as it is.
        photos: RGB in [0, 1].
        every_steps: how often.
    """

    def __init__(
        self, path: Path, paint: Painter, photos: Sequence[Tensor], every_steps: int
    ) -> None:
        self._path, self._paint, self._photos = path, paint, photos
        self._every_steps = every_steps

    def begin(self, step: int) -> None:
        """Nothing to do."""

    def picture_at(self, step: int) -> Path | None:
        """The sheet, if it is one of this step."""
        return None if step % self._every_steps else self._path

    def record(self, progress: Step) -> None:
        """See ``Recorder``."""
        if self.picture_at(progress.step) is not None:
            rows = [[photo, *self._paint(photo)] for photo in self._photos]
            sheet = contact_sheet([image for row in rows for image in row], len(rows[0]), CELL)
            save_image(self._path, sheet, {"step": progress.step})
