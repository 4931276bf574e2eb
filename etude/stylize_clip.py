"""Painting a clip on the command line: ``etude stylize clip.mp4 --style painting.jpg -o out.mp4``.

The frames that are done lie in a hidden folder beside the result until it is complete: the same
command goes on where it was stopped, and ends in the same clip.
"""

import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, Self

from rich.console import Console
from torch import Tensor

from etude.bars import transient_bar
from etude.generative.clip_writing import check_writable, write_clip
from etude.generative.clips import Clip, Frame, fingerprint, frame_times, open_clip, read_frames
from etude.generative.frame_folder import FrameFolder, is_finished
from etude.generative.style.descent import INTERRUPTED
from etude.generative.style.painting import Step
from etude.generative.style.video import (
    Canvas,
    FramePainter,
    VideoSettings,
    paint_frame,
)
from etude.generative.style.video_gatys import GatysPainter

SPEED_WINDOW_SECONDS: Final = 600.0  # the time left goes by the speed of the last ten minutes


def stylize_clip(
    content: Path,
    out: Path,
    painter: FramePainter,
    *,
    size: int = 512,
    settings: VideoSettings | None = None,
    note: Mapping[str, Any] | None = None,
    console: Console | None = None,
) -> None:
    """Paint a clip in the style of other pictures, with its sound.

    A command that was killed when the clip was done says so, and paints nothing. Ctrl-C keeps the
    frames that are done, and the same command goes on with the next. If numbers overflow, the clip
    ends with the last good frame.

    Args:
        content: a file or folder for which ``clips.is_clip`` is true.
        out: see ``write_clip``.
        painter: paints the frames.
        size: longer side of the result in pixels.
        settings: how one frame follows another.
        note: how the clip was made, kept inside it.
        console: where to draw; the terminal if left out.

    Raises:
        ValueError: a file that is no clip, an output that cannot be, or frames that were begun with
            other settings.
        OSError: the disk is full; the frames that are done stay.
        KeyboardInterrupt: Ctrl-C; the same.
    """
    settings, console = settings or VideoSettings(), console or Console(highlight=False)
    clip = open_clip(content)
    job = {
        "content": fingerprint(content),
        "size": size,
        "painter": dict(painter.identity),
        "settings": asdict(settings),
    }
    if is_finished(out, job):
        console.print(f"{out}: it was done; what was left beside it is removed", soft_wrap=True)
        return
    check_writable(out)
    done = FrameFolder(out, job)
    try:
        with ClipBar(clip, len(done), console) as bar:
            stopped = _paint(clip, done, painter, size, settings, bar)
            bar.write()
            metadata = dict(note or {}) | {"stopped": stopped}
            frames = _in_time(done, clip)
            write_clip(out, frames, clip.rate, clip.path, metadata, done.note_result)
    except (KeyboardInterrupt, OSError, ValueError):
        if len(done) == 0:
            done.delete()
        else:
            total = f" of {clip.num_frames}" if clip.num_frames else ""
            kept = f"{len(done)}{total} frames are kept in {done.path}"
            console.print(f"{kept}; the same command goes on")
        raise
    console.print(_summary(out, clip, done, stopped, bar.seconds), soft_wrap=True)
    done.delete()


class ClipBar:
    """A bar that follows the painting of a clip; a context manager.

    Args:
        clip: what is painted.
        num_done: frames that were painted earlier.
        console: where to draw.

    Attributes:
        seconds: since the start.
    """

    def __init__(self, clip: Clip, num_done: int, console: Console) -> None:
        self._done = num_done
        self._progress = transient_bar(console, speed_seconds=SPEED_WINDOW_SECONDS)
        self._total = clip.num_frames
        self._start = time.perf_counter()

    def __enter__(self) -> Self:
        self._progress.start()
        self._task = self._progress.add_task("", total=self._total, completed=self._done)
        self._show("looking at the pictures")
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.perf_counter() - self._start

    def step(self, step: Step, image: Tensor) -> None:
        """Show an evaluation within a frame."""
        self._show(f"loss {step.total:.3f}", step.evaluation / step.evaluations)

    def advance(self) -> None:
        """A frame is done."""
        self._done += 1
        self._show("")

    def write(self) -> None:
        """All frames are done."""
        self._show("writing")

    def _show(self, text: str, share: float = 0.0) -> None:
        total = f" of {self._total}" if self._total else ""
        description = ", ".join(filter(None, [f"{self._done}{total} frames", text]))
        self._progress.update(self._task, completed=self._done + share, description=description)


def _paint(
    clip: Clip,
    done: FrameFolder,
    painter: FramePainter,
    size: int,
    settings: VideoSettings,
    bar: ClipBar,
) -> str:
    """Paint the frames that are not done; returns why it ended early, or ""."""
    if isinstance(painter, GatysPainter):
        painter.on_step = bar.step
    canvases: deque[Canvas] = deque(maxlen=max(settings.memory_frames))
    num_done = len(done)
    for i, (content, _) in enumerate(read_frames(clip.path, size)):
        if i < num_done:
            if i >= num_done - max(settings.memory_frames):
                canvases.append(Canvas(content, done[i]))
            continue
        painted = paint_frame(content, canvases, painter, settings)
        if painted.stopped == INTERRUPTED:
            raise KeyboardInterrupt
        canvases.append(Canvas(content, done.append(painted.painting)))
        bar.advance()
        if painted.stopped:
            return painted.stopped
    return ""


def _in_time(done: FrameFolder, clip: Clip) -> Iterator[Frame]:
    """The paintings at the times of their frames."""
    for i, seconds in zip(range(len(done)), frame_times(clip.path), strict=False):
        yield Frame(done[i], seconds)


def _summary(out: Path, clip: Clip, done: FrameFolder, stopped: str, seconds: float) -> str:
    height, width = done[0].shape[-2:]
    text = f"{out}: {width} x {height}, {len(done)} frames in {seconds:.0f} s"
    if clip.has_sound:
        keeps = out.suffix.lower() == ".mp4"
        text += ", with its sound" if keeps else ", without its sound, for which it takes an mp4"
    return f"{text}; {stopped}, these are the frames until then" if stopped else text
