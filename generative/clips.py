"""Moving pictures: files of video, animated GIFs and folders of pictures, read frame by frame.

A frame is float32 RGB in [0, 1], (1, 3, h, w), upright the way the camera was held, with square
pixels, transparency on white. Only one is in memory at a time.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from etude.foundations.names import check_name
from etude.generative.images import FORMATS, load_image, resize, resize_to

VIDEO_SUFFIXES: Final = (".mp4", ".webm", ".mov", ".mkv", ".m4v", ".avi", ".gif")
FOLDER_RATE: Final = 25.0  # of pictures in a folder, which do not say
WHITE: Final = 255.0


@dataclass(frozen=True)
class Clip:
    """What is known of a clip before its frames are read.

    Args:
        path: of the file or folder.
        height: of the upright picture in pixels.
        width: the same.
        rate: frames a second, on average.
        num_frames: as the file says, which may be off by a few; None where it does not say.
        has_sound: whether there is a sound track.
    """

    path: Path
    height: int
    width: int
    rate: float
    num_frames: int | None
    has_sound: bool


class Frame(NamedTuple):
    """A picture of a clip.

    Args:
        image: RGB in [0, 1].
        seconds: since the first.
    """

    image: Float[Tensor, "1 3 h w"]
    seconds: float


def is_clip(path: Path) -> bool:
    """Whether this is read as a clip, by its ending or as a folder, rather than as a picture."""
    return path.is_dir() or path.suffix.lower() in VIDEO_SUFFIXES


def open_clip(path: Path) -> Clip:
    """Look at a clip, without reading more than its first frame.

    Raises:
        ValueError: there is no such file or folder, it is no clip or broken, or has no frames.
    """
    first = next(read_frames(path)).image
    height, width = first.shape[-2:]
    if path.is_dir():
        return Clip(path, height, width, FOLDER_RATE, len(_pictures(path)), False)
    with _opened(path) as (container, stream):
        rate = float(stream.average_rate or FOLDER_RATE)
        seconds = container.duration / 1e6 if container.duration else 0.0
        num_frames = stream.frames or round(seconds * rate) or None
        return Clip(path, height, width, rate, num_frames, bool(container.streams.audio))


def read_frames(path: Path, size: int | None = None) -> Iterator[Frame]:
    """The frames in order, at least one.

    Args:
        path: a file with one of ``VIDEO_SUFFIXES``, or a folder of pictures, which are sorted by
            name with numbers as numbers.
        size: the longer side in pixels, see ``images.resize``; as in the file if left out.

    Raises:
        ValueError: there is no such file or folder, it is no clip or broken, has no frames, or a
            frame differs from the first in size.
    """
    frames = _read_folder(path, size) if path.is_dir() else _read_video(path, size)
    shape = None
    for frame in frames:
        height, width = frame.image.shape[-2:]
        shape = shape or (height, width)
        if shape != (height, width):
            raise ValueError(
                f"the frames of a clip have one size, got {shape[1]} x {shape[0]} and then "
                f"{width} x {height} in {str(path)!r}; scale or crop them first."
            )
        yield frame
    if shape is None:
        raise ValueError(f"a clip has frames, got none in {str(path)!r}; it may be cut off.")


def frame_times(path: Path) -> Iterator[float]:
    """The seconds of each frame since the first, without the work of looking at the pictures.

    Raises:
        ValueError: see ``read_frames``.
    """
    if path.is_dir():
        yield from (i / FOLDER_RATE for i in range(len(_pictures(path))))
        return
    with _opened(path) as (container, stream):
        yield from (seconds for _, seconds in _decoded(container, stream))


def fingerprint(path: Path) -> str:
    """The same for the same frames under another name, and for no others.

    Raises:
        OSError: a file cannot be read.
    """
    digest = hashlib.sha256()
    for file in _pictures(path) if path.is_dir() else [path]:
        with file.open("rb") as content:
            digest.update(hashlib.file_digest(content, "sha256").digest())
    return digest.hexdigest()


def _read_folder(path: Path, size: int | None) -> Iterator[Frame]:
    for i, picture in enumerate(_pictures(path)):
        yield Frame(load_image(picture, size), i / FOLDER_RATE)


def _pictures(folder: Path) -> list[Path]:
    """Natural order: frame2 comes before frame10."""
    found = [
        path
        for path in folder.iterdir()
        if path.suffix.lower() in FORMATS and not path.name.startswith(".")
    ]
    return sorted(found, key=lambda path: _natural(path.name))


def _natural(name: str) -> list[tuple[int, str]]:
    """A key that sorts digits as numbers, before letters."""
    parts = re.findall(r"\d+|\D+", name)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def _read_video(path: Path, size: int | None) -> Iterator[Frame]:
    with _opened(path) as (container, stream):
        for frame, seconds in _decoded(container, stream):
            image = _upright(frame, float(stream.sample_aspect_ratio or 1))
            yield Frame(image if size is None else resize(image, size), seconds)


def _decoded(container: Any, stream: Any) -> Iterator[tuple[Any, float]]:
    """PyAV's frames, and their seconds since the first."""
    start = None
    for frame in container.decode(stream):
        time = frame.time if frame.time is not None else 0.0
        start = time if start is None else start
        yield frame, time - start


def _upright(frame: Any, aspect: float) -> Float[Tensor, "1 3 h w"]:
    """What the camera saw: pixels made square, turned as the file says."""
    values = torch.from_numpy(_rgb(frame).astype(np.float32) / 255.0)
    image = values.permute(2, 0, 1)[None]
    square = resize_to(image, image.shape[-2], max(round(image.shape[-1] * aspect), 1))
    return torch.rot90(square, round(frame.rotation / 90), (2, 3)).contiguous()


def _rgb(frame: Any) -> UInt8[np.ndarray, "h w 3"]:
    kind = frame.format
    has_alpha = kind.has_palette or any(component.is_alpha for component in kind.components)
    pixels: np.ndarray[Any, Any] = frame.to_ndarray(format="rgba" if has_alpha else "rgb24")
    if not has_alpha:
        return pixels
    alpha = pixels[..., 3:] / np.float32(WHITE)
    on_white = pixels[..., :3] * alpha + WHITE * (1.0 - alpha)
    return np.asarray(on_white.round(), np.uint8)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, Any]]:  # PyAV's types are incomplete
    """The container and its video stream; its errors in our words."""
    import av

    if not path.is_file():
        raise ValueError(
            f"a clip is a file or a folder of pictures that exists, got {str(path)!r}; check the "
            "name."
        )
    check_name(f"the ending of a clip ({path.name})", path.suffix.lower(), VIDEO_SUFFIXES)
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise ValueError(f"a clip has pictures, got only sound in {str(path)!r}.")
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            yield container, stream
    except av.error.FFmpegError as error:
        raise ValueError(
            f"a clip is a complete file of video, got {str(path)!r} ({error.strerror}); it may be "
            "cut off or something else."
        ) from error
