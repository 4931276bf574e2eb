"""A network trains in a folder: a bar, a record of the losses, checkpoints to go on from."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Protocol

from rich.console import Console
from torch import Tensor

from etude.generative.checkpoints import Stateful
from etude.generative.records import JsonLines, Recorder
from etude.generative.training import train
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


def train_in_folder(
    lesson: Lesson,
    num_steps: int,
    folder: Path,
    run: Mapping[str, Any],
    *views: Recorder,
    save_every: int | None = None,
) -> None:
    """Train beside a bar, or go on with a training that ended before.

    Args:
        lesson: what is trained.
        num_steps: in all.
        folder: for `steps.jsonl`, the losses, and `checkpoint.pt`.
        run: what the run is, for the head of the record.
        views: what else is told each step, such as pictures.
        save_every: steps from one checkpoint to the next; a twentieth of all if left out.

    Raises:
        KeyboardInterrupt: Ctrl-C came; what there is until then is in the folder.
        FloatingPointError: the training diverged; the last checkpoint is kept.
        OSError: the folder cannot be written.
    """
    console = Console(highlight=False)
    checkpoint = folder / "checkpoint.pt"
    lines = JsonLines(folder / "steps.jsonl", run, max(num_steps // NUM_LINES, 1))
    with TrainingBar(num_steps, console) as bar:
        try:
            train(
                lesson.update,
                lesson.parts,
                num_steps,
                Recorders(lines, bar, *views),
                checkpoint=checkpoint,
                save_every_steps=save_every or max(num_steps // NUM_SAVES, 1),
            )
        except KeyboardInterrupt:
            console.print(f"kept: {checkpoint}; the same command goes on", soft_wrap=True)
            raise
