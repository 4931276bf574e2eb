"""A network trains in a folder: a bar, a record of the losses, checkpoints to go on from."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from rich.console import Console
from torch import Tensor

from etude.generative.checkpoints import Stateful
from etude.generative.records import JsonLines, Progress, Recorder
from etude.generative.training import train
from etude.tracking import Tracked, tracked_run
from etude.training_view import Recorders, TrainingBar

NUM_LINES: Final = 1_000  # of the record of a run
NUM_SAVES: Final = 20  # checkpoints of a run


class Lesson(Protocol):
    """What is trained: a step, and all that it changes."""

    @property
    def parts(self) -> dict[str, Stateful]:
        """What a checkpoint holds."""
        ...

    def update(self) -> Mapping[str, Tensor]:
        """Make a step and return its losses."""
        ...


class View(Recorder, Protocol):
    """A recorder that makes pictures now and then."""

    def picture_at(self, step: int) -> Path | None:
        """The picture of a step, if it has one."""
        ...


class TrackedSteps:
    """A recorder that hands losses to a tracker, as often as it can take them, and pictures.

    Args:
        tracked: the tracker.
        num_steps: of the run.
        views: told each step before this recorder, whose pictures are sent.
    """

    def __init__(self, tracked: Tracked, num_steps: int, views: Sequence[View]) -> None:
        self._tracked, self._views = tracked, views
        self._every_steps = max(num_steps // tracked.num_points, 1)

    def begin(self, step: int) -> None:
        """See ``Recorder``."""
        self._tracked.begin(step)

    def record(self, progress: Progress) -> None:
        """See ``Recorder``."""
        step = progress.step
        if step % self._every_steps == 0:
            self._tracked.numbers({**progress.losses, "seconds": progress.seconds}, step)
        for view in self._views:
            if (path := view.picture_at(step)) is not None:
                self._tracked.picture(type(view).__name__, path, step)


def train_in_folder(
    lesson: Lesson,
    num_steps: int,
    folder: Path,
    run: Mapping[str, Any],
    *views: View,
    save_every: int | None = None,
) -> None:
    """Train beside a bar, or go on with a training that ended before.

    Args:
        lesson: what is trained.
        num_steps: in all.
        folder: for `steps.jsonl`, the losses, and `checkpoint.pt`.
        run: what the run is, for the head of the record.
        views: pictures of how it gets on.
        save_every: steps from one checkpoint to the next; a twentieth of all if left out.

    Raises:
        KeyboardInterrupt: Ctrl-C came; what there is until then is in the folder.
        FloatingPointError: the training diverged; the last checkpoint is kept.
        OSError: the folder cannot be written.
    """
    console = Console(highlight=False)
    checkpoint = folder / "checkpoint.pt"
    lines = JsonLines(folder / "steps.jsonl", run, max(num_steps // NUM_LINES, 1))
    with tracked_run(folder, run) as tracked, TrainingBar(num_steps, console) as bar:
        steps = TrackedSteps(tracked, num_steps, views)
        try:
            train(
                lesson.update,
                lesson.parts,
                num_steps,
                Recorders(lines, bar, *views, steps),
                checkpoint=checkpoint,
                save_every_steps=save_every or max(num_steps // NUM_SAVES, 1),
            )
        except KeyboardInterrupt:
            console.print(f"kept: {checkpoint}; the same command goes on", soft_wrap=True)
            raise
