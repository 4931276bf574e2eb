"""The sound of one file in another: copied where players will know it, else encoded as AAC."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Self

COPIED: Final = ("aac", "mp3", "ac3", "eac3", "alac", "opus")  # players know these in an mp4
AAC_FRAME: Final = 1024  # samples


class Soundtrack:
    """The first sound track of a file, put into an mp4 a little at a time; a context manager.

    Args:
        container: PyAV's, open for writing, with its video stream; nothing is written yet.
        source: the file; silence if it has no sound, is a folder, or None.
    """

    def __init__(self, container: Any, source: Path | None) -> None:  # PyAV's types are incomplete
        self._container = container
        self._source = source
        self._input: Any = None
        self._packets: Iterator[Any] = iter(())
        self._next: Any = None

    def __enter__(self) -> Self:
        import av

        if self._source is not None and self._source.is_file():
            self._input = av.open(str(self._source))
            if self._input.streams.audio:
                self._packets = self._open(self._input.streams.audio[0])
                self._next = next(self._packets, None)
        return self

    def __exit__(self, *_: object) -> None:
        if self._input is not None:
            self._input.close()

    def write_until(self, seconds: float) -> None:
        """Write the sound up to a time since the first frame, so that both lie side by side."""
        while self._next is not None and self._next.pts * self._next.time_base <= seconds:
            self._container.mux(self._next)
            self._next = next(self._packets, None)

    def _open(self, track: Any) -> Iterator[Any]:
        """The packets for the new file; times count from the first frame of the old one."""
        videos = self._input.streams.video
        start = (videos[0].start_time or 0) * videos[0].time_base if videos else 0
        shift = round(start / track.time_base)
        if track.codec_context.codec.canonical_name in COPIED:
            return _copied(track, self._container.add_stream_from_template(track), shift)
        copy = self._container.add_stream("aac", rate=track.codec_context.sample_rate)
        copy.layout = track.codec_context.layout
        return _encoded(track, copy, shift)


def _copied(track: Any, copy: Any, shift: int) -> Iterator[Any]:
    for packet in track.container.demux(track):
        if packet.dts is not None:  # an empty one marks the end
            packet.stream = copy
            packet.pts -= shift
            packet.dts -= shift
            yield packet


def _encoded(track: Any, copy: Any, shift: int) -> Iterator[Any]:
    import av

    resampler = av.AudioResampler(
        format=copy.codec_context.format.name,
        layout=copy.codec_context.layout,
        rate=copy.codec_context.sample_rate,
        frame_size=AAC_FRAME,
    )
    for frame in track.container.decode(track):
        if frame.pts is not None:
            frame.pts -= shift
        for even in resampler.resample(frame):
            yield from copy.encode(even)
    for even in resampler.resample(None):
        yield from copy.encode(even)
    yield from copy.encode()
