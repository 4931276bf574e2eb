"""Pictures of a game as a file: a film, an animation, or the last picture alone.

A file appears under its name only when it is complete: it is written beside it and then renamed.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

import imageio.v3 as iio
import numpy as np
from jaxtyping import UInt8

from etude.envs.pygame_window import Frame
from etude.foundations.files import replacing

Frames = Sequence[Frame]
HOLD_SECONDS: Final = 2.0
FILM_FPS: Final = 30.0


def _write_mp4(path: Path, frames: Frames, seconds: Sequence[float]) -> None:
    """H.264 at an ordinary rate, for players that stumble over two frames a second."""
    with iio.imopen(path, "w", plugin="pyav") as film:
        film.init_video_stream("libx264", fps=FILM_FPS, pixel_format="yuv420p")
        for frame, duration in zip(frames, seconds, strict=True):
            for _ in range(max(round(duration * FILM_FPS), 1)):
                film.write_frame(_even(frame))


def _write_gif(path: Path, frames: Frames, seconds: Sequence[float]) -> None:
    milliseconds = [10 * max(round(100 * duration), 2) for duration in seconds]  # gif counts in 10
    # Pillow takes a list for an animation, and a number for a picture that stands still
    duration = milliseconds if len(frames) > 1 else milliseconds[0]
    iio.imwrite(path, list(frames), plugin="pillow", duration=duration, loop=0)


def _write_png(path: Path, frames: Frames, seconds: Sequence[float]) -> None:
    iio.imwrite(path, frames[-1], plugin="pillow")


RECORDERS: Final[dict[str, Callable[[Path, Frames, Sequence[float]], None]]] = {
    ".mp4": _write_mp4,
    ".gif": _write_gif,
    ".png": _write_png,
}


def check_recordable(path: Path) -> None:
    """Check that a recording can be written under this name.

    Raises:
        ValueError: the ending is none of ``RECORDERS``, or the folder does not exist.
    """
    if path.suffix.lower() not in RECORDERS:
        raise ValueError(
            f"a recording ends in {', '.join(RECORDERS)}, got {str(path)!r}; "
            f"for example {path.stem or 'out'}.gif."
        )
    if not path.parent.is_dir():
        raise ValueError(
            f"a recording needs an existing folder, got {str(path.parent)!r}; make it first."
        )


def record(path: Path, frames: Iterable[Frame], fps: float, ends: frozenset[int]) -> None:
    """Write frames to a file, in the form that its ending names.

    Args:
        path: the file; an older one is replaced.
        frames: pictures of equal size.
        fps: frames a second.
        ends: the numbers of the frames that are held longer, because a game ends there.

    Raises:
        ValueError: see ``check_recordable``.
    """
    check_recordable(path)
    pictures = list(frames)
    seconds = [max(1 / fps, HOLD_SECONDS) if i in ends else 1 / fps for i in range(len(pictures))]
    with replacing(path) as partial:
        RECORDERS[path.suffix.lower()](partial, pictures, seconds)


def _even(frame: Frame) -> UInt8[np.ndarray, "even_height even_width 3"]:
    """The frame without a last odd row or column, which H.264's colours cannot have."""
    height, width = (length // 2 * 2 for length in frame.shape[:2])
    return np.ascontiguousarray(frame[:height, :width])
