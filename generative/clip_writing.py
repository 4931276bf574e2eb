"""Writing moving pictures, a frame at a time: H.264 in mp4 with sound, animated GIFs, folders.

A result appears under its name only when it is complete: it is written beside it, then renamed.
"""

import json
import math
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any, Final

import numpy as np
from jaxtyping import UInt8

from etude.foundations.files import replacing
from etude.foundations.names import check_name
from etude.generative.clips import Frame
from etude.generative.images import save_image, to_uint8
from etude.generative.soundtrack import Soundtrack

Metadata = Mapping[str, Any]  # what JSON can hold
Pixels = UInt8[np.ndarray, "h w 3"]
TICK: Final = Fraction(1, 90_000)  # seconds; whole numbers of them hold all usual rates
GIF_TICK: Final = Fraction(1, 100)  # the format's own
EVEN: Final = 2
QUALITY: Final = "18"  # x264's constant rate factor: hardly to be told from the original
BT709: Final = 1  # the usual colours of video, as ITU-T H.273 numbers them
DIGITS: Final = 6  # of the names in a folder


def check_writable(path: Path) -> None:
    """Check that a clip can be written under this name, before the work begins.

    Raises:
        ValueError: an unknown ending, a folder with something in it, or nowhere to put it.
    """
    if path.suffix:
        endings = [ending for ending in WRITERS if ending]
        check_name(f"the ending of a painted clip ({path.name})", path.suffix.lower(), endings)
    if not path.parent.is_dir():
        raise ValueError(
            f"a clip needs an existing folder, got {str(path.parent)!r}; make it first."
        )
    if not path.suffix and path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise ValueError(
            f"a folder of frames is new or empty, got {str(path)!r}; name another one."
        )


def write_clip(
    path: Path,
    frames: Iterable[Frame],
    rate: float,
    sound: Path | None = None,
    metadata: Metadata | None = None,
    on_complete: Callable[[Path], object] = lambda partial: None,
) -> None:
    """Write a clip, whole or not at all.

    Args:
        path: ends in .mp4 or .gif; a folder of PNGs if it has no ending.
        frames: of one size, at their times. In an mp4 the last row or column of odd sides is
            repeated, since H.264 shares colours between two pixels.
        rate: frames a second, about.
        sound: a file whose first sound track goes with an mp4, see ``Soundtrack``; silent if it has
            none.
        metadata: noted in the mp4 and in each PNG.
        on_complete: is handed the whole clip before it gets its name.

    Raises:
        ValueError: see ``check_writable``; no frames.
        OSError: the disk is full or the file must not be written.
    """
    check_writable(path)
    with (replacing if path.suffix else _replacing_folder)(path) as partial:
        WRITERS[path.suffix.lower()](partial, frames, rate, sound, metadata or {})
        on_complete(partial)


def _write_mp4(
    path: Path, frames: Iterable[Frame], rate: float, sound: Path | None, metadata: Metadata
) -> None:
    import av
    from av.video.reformatter import Colorspace

    first, frames = _peek(frames)
    with av.open(str(path), "w") as container:
        container.metadata["comment"] = json.dumps(metadata)
        stream = _stream(container, "libx264", _padded(first, EVEN), rate, TICK)
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": QUALITY}
        context = stream.codec_context
        context.colorspace = context.color_primaries = context.color_trc = BT709
        with Soundtrack(container, sound) as soundtrack:
            for picture in _pictures(frames, TICK, EVEN):
                soundtrack.write_until(picture.time)
                converted = picture.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709)
                container.mux(stream.encode(converted))
            container.mux(stream.encode())
            soundtrack.write_until(math.inf)


def _write_gif(
    path: Path, frames: Iterable[Frame], rate: float, sound: Path | None, metadata: Metadata
) -> None:
    """Each frame has its own 256 colours, so that none waits for the others."""
    import av

    first, frames = _peek(frames)
    with av.open(str(path), "w") as container:
        stream = _stream(container, "gif", _padded(first, 1), rate, GIF_TICK)
        stream.pix_fmt = "pal8"
        palette = _palette_filter(stream.width, stream.height)
        for picture in _pictures(frames, GIF_TICK):
            palette.push(picture)
            container.mux(stream.encode(palette.pull()))
        container.mux(stream.encode())


def _write_folder(
    path: Path, frames: Iterable[Frame], rate: float, sound: Path | None, metadata: Metadata
) -> None:
    for i, frame in enumerate(_peek(frames)[1]):
        save_image(path / f"{i:0{DIGITS}}.png", frame.image, metadata)


WRITERS: Final[dict[str, Callable[[Path, Iterable[Frame], float, Path | None, Metadata], None]]] = {
    ".mp4": _write_mp4,
    ".gif": _write_gif,
    "": _write_folder,
}


@contextmanager
def _replacing_folder(path: Path) -> Iterator[Path]:
    """A folder to fill, which gets its name if all goes well and is deleted if not."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    partial.mkdir()
    try:
        yield partial
        partial.replace(path)  # of the empty one that may be there
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _peek(frames: Iterable[Frame]) -> tuple[Frame, Iterator[Frame]]:
    """The first frame, and all of them."""
    rest = iter(frames)
    first = next(rest, None)
    if first is None:
        raise ValueError("a clip has frames, got none; paint some first.")
    return first, chain([first], rest)


def _stream(container: Any, codec: str, first: Pixels, rate: float, tick: Fraction) -> Any:
    """A stream of PyAV's for frames like the first."""
    stream = container.add_stream(codec, rate=Fraction(rate).limit_denominator(1001))
    stream.height, stream.width = first.shape[:2]
    stream.codec_context.time_base = tick
    return stream


def _pictures(frames: Iterable[Frame], tick: Fraction, multiple: int = 1) -> Iterator[Any]:
    """Frames as PyAV's, at times that are whole ticks, each later than the one before."""
    import av

    last = -1
    for frame in frames:
        picture = av.VideoFrame.from_ndarray(_padded(frame, multiple), "rgb24")
        last = max(round(frame.seconds / tick), last + 1)
        picture.pts, picture.time_base = last, tick
        yield picture


def _padded(frame: Frame, multiple: int) -> Pixels:
    """In 0 to 255, with the last row and column repeated until both sides are multiples."""
    pixels = to_uint8(frame.image)
    missing = [-side % multiple for side in pixels.shape[:2]]
    return np.pad(pixels, [(0, missing[0]), (0, missing[1]), (0, 0)], mode="edge")


def _palette_filter(width: int, height: int) -> Any:
    """FFmpeg's filter that gives each frame its best 256 colours."""
    import av

    graph: Any = av.filter.Graph()
    source = graph.add_buffer(width=width, height=height, format="rgb24", time_base=GIF_TICK)
    split, sink = graph.add("split"), graph.add("buffersink")
    make = graph.add("palettegen", "stats_mode=single")
    use = graph.add("paletteuse", "new=1:dither=bayer")  # Bayer's pattern stands still
    source.link_to(split)
    split.link_to(make, 0, 0)
    split.link_to(use, 1, 0)
    make.link_to(use, 0, 1)
    use.link_to(sink)
    graph.configure()
    return graph
