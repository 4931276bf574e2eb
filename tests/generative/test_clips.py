"""Clips come in frame by frame, upright and in time, and go out whole, with their sound."""

import os
import struct
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from etude.generative.clip_writing import check_writable, write_clip
from etude.generative.clips import Frame, frame_times, is_clip, open_clip, read_frames
from etude.generative.images import load_image, load_metadata, save_image

COLOURS = ((0.8, 0.2, 0.3), (0.1, 0.6, 0.2), (0.3, 0.3, 0.9), (0.5, 0.5, 0.5))


def flat(colour: tuple[float, float, float], height: int = 32, width: int = 48) -> Tensor:
    return torch.tensor(colour).view(1, 3, 1, 1).expand(1, 3, height, width).contiguous()


def flat_frames(height: int = 32, width: int = 48, rate: float = 10.0) -> Iterator[Frame]:
    for i, colour in enumerate(COLOURS):
        yield Frame(flat(colour, height, width), i / rate)


def colour_of(image: Tensor) -> list[float]:
    return image.mean((0, 2, 3)).tolist()


def sounding(path: Path, codec: str, video: str = "libx264", rate: int = 48_000) -> Path:
    """Ten frames of 48 x 32 and a second of a tone of 440 Hz."""
    with av.open(str(path), "w") as container:
        pictures = container.add_stream(video, rate=10)
        pictures.width, pictures.height, pictures.pix_fmt = 48, 32, "yuv420p"
        sound = container.add_stream(codec, rate=rate)
        sound.layout = "mono"
        for i in range(10):
            frame = av.VideoFrame.from_ndarray(np.full((32, 48, 3), 20 * i, np.uint8), "rgb24")
            frame.pts, frame.time_base = i, Fraction(1, 10)
            container.mux(pictures.encode(frame))
        container.mux(pictures.encode())
        tone = 0.5 * np.sin(2.0 * np.pi * 440.0 * np.arange(rate) / rate, dtype=np.float32)
        wave = av.AudioFrame.from_ndarray(tone[None], "fltp", "mono")
        wave.sample_rate, wave.pts, wave.time_base = rate, 0, Fraction(1, rate)
        resampler = av.AudioResampler(
            sound.codec_context.format.name, "mono", rate, sound.codec_context.frame_size or None
        )
        for part in [*resampler.resample(wave), *resampler.resample(None)]:
            container.mux(sound.encode(part))
        container.mux(sound.encode())
    return path


def loudest_pitch(path: Path) -> tuple[str, float, float]:
    """Codec, seconds and frequency of the sound."""
    with av.open(str(path)) as container:
        codec = container.streams.audio[0].codec_context.name
        parts, rate = [], 1
        for frame in container.decode(audio=0):
            rate = frame.sample_rate
            parts.append(frame.to_ndarray().reshape(-1).astype(np.float64))
    wave = np.concatenate(parts)
    spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave))))
    return codec, len(wave) / rate, float(spectrum.argmax() * rate / len(wave))


@pytest.mark.parametrize(("height", "width"), [(32, 48), (31, 47)])
@pytest.mark.parametrize("name", ["out.mp4", "out.gif", "out"])
def test_what_is_written_is_read(name: str, height: int, width: int, tmp_path: Path) -> None:
    rate = 25.0 if name == "out" else 10.0
    write_clip(tmp_path / name, flat_frames(height, width, rate), rate)
    frames = list(read_frames(tmp_path / name))
    even = name == "out.mp4" and height % 2
    assert frames[0].image.shape == (1, 3, height + even, width + even)
    assert [frame.seconds for frame in frames] == pytest.approx([i / rate for i in range(4)])
    for frame, colour in zip(frames, COLOURS, strict=True):
        assert colour_of(frame.image) == pytest.approx(colour, abs=0.012)
    clip = open_clip(tmp_path / name)
    assert (clip.height, clip.width) == frames[0].image.shape[-2:]
    assert (clip.num_frames, clip.has_sound) == (4, False)
    assert clip.rate == pytest.approx(rate)
    assert list(frame_times(tmp_path / name)) == [frame.seconds for frame in frames]
    assert os.listdir(tmp_path) == [name]


def test_pauses_stay_where_they_are(tmp_path: Path) -> None:
    times = [0.0, 0.1, 2.1, 2.2]
    frames = [Frame(flat(colour), time) for colour, time in zip(COLOURS, times, strict=True)]
    for name in ("out.mp4", "out.gif"):
        write_clip(tmp_path / name, frames, 10.0)
        assert list(frame_times(tmp_path / name)) == pytest.approx(times)


def test_frames_at_the_same_time_follow_each_other(tmp_path: Path) -> None:
    write_clip(tmp_path / "out.gif", [Frame(flat(colour), 0.0) for colour in COLOURS], 10.0)
    assert list(frame_times(tmp_path / "out.gif")) == pytest.approx([0.0, 0.01, 0.02, 0.03])


def test_frames_come_in_the_size_that_is_wanted(tmp_path: Path) -> None:
    write_clip(tmp_path / "out.mp4", flat_frames(), 10.0)
    assert next(read_frames(tmp_path / "out.mp4", 24)).image.shape == (1, 3, 16, 24)


def test_cameras_that_were_held_upright(tmp_path: Path) -> None:
    picture = flat(COLOURS[0]).clone()
    picture[..., :24] = flat(COLOURS[1], 32, 24)  # the left half
    write_clip(tmp_path / "lying.mp4", [Frame(picture, 0.0)], 10.0)
    content = bytearray((tmp_path / "lying.mp4").read_bytes())
    matrix = content.index(b"tkhd") + 4 + 40
    assert struct.unpack(">9i", content[matrix : matrix + 36])[:2] == (65536, 0)
    quarter = struct.pack(">9i", 0, 65536, 0, -65536, 0, 0, 32 << 16, 0, 1 << 30)  # clockwise
    content[matrix : matrix + 36] = quarter
    (tmp_path / "upright.mp4").write_bytes(content)
    image = next(read_frames(tmp_path / "upright.mp4")).image
    assert image.shape == (1, 3, 48, 32)
    assert colour_of(image[:, :, :20]) == pytest.approx(COLOURS[1], abs=0.02)  # left is up
    assert (open_clip(tmp_path / "upright.mp4").height) == 48


def test_pixels_that_are_not_square(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "wide.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 48, 32, "yuv420p"
        stream.codec_context.sample_aspect_ratio = Fraction(4, 3)
        container.mux(stream.encode(av.VideoFrame(48, 32, "yuv420p")))
        container.mux(stream.encode())
    assert open_clip(tmp_path / "wide.mp4").width == 64


def test_animations_lie_on_white(tmp_path: Path) -> None:
    first, second = Image.new("RGBA", (8, 6), (255, 0, 0, 255)), Image.new("RGBA", (8, 6))
    first.putpixel((7, 5), (0, 0, 0, 0))
    second.putpixel((0, 0), (0, 0, 255, 255))
    options = {"save_all": True, "append_images": [second], "duration": [200, 500], "disposal": 2}
    first.save(tmp_path / "x.gif", **options)
    frames = list(read_frames(tmp_path / "x.gif"))
    assert frames[0].image[0, :, 0, 0].tolist() == [1.0, 0.0, 0.0]
    assert frames[0].image[0, :, 5, 7].tolist() == [1.0, 1.0, 1.0]
    assert frames[1].image[0, :, 0, 0].tolist() == [0.0, 0.0, 1.0]
    assert frames[1].image[..., 1:].min() == 1.0
    assert frames[1].seconds == pytest.approx(0.2)


def test_pictures_of_a_folder_are_counted_like_people_do(tmp_path: Path) -> None:
    for i, name in enumerate(("frame1.png", "frame2.jpg", "frame10.png")):
        save_image(tmp_path / name, flat((i / 4, 0.0, 0.0)), {})
    (tmp_path / "notes.txt").write_text("")
    reds = [colour_of(frame.image)[0] for frame in read_frames(tmp_path)]
    assert reds == pytest.approx([0.0, 0.25, 0.5], abs=0.01)
    assert open_clip(tmp_path).num_frames == 3


@pytest.mark.parametrize(
    ("name", "codec", "video", "expected"),
    [
        ("x.mp4", "aac", "libx264", "aac"),
        ("x.webm", "libopus", "libvpx-vp9", "opus"),
        ("x.mov", "pcm_s16le", "libx264", "aac"),
    ],
)
def test_the_sound_goes_along(
    name: str, codec: str, video: str, expected: str, tmp_path: Path
) -> None:
    source = sounding(tmp_path / name, codec, video)
    assert open_clip(source).has_sound
    write_clip(tmp_path / "out.mp4", read_frames(source), 10.0, source)
    found, seconds, pitch = loudest_pitch(tmp_path / "out.mp4")
    assert found == expected
    assert seconds == pytest.approx(1.0, abs=0.05)
    assert pitch == pytest.approx(440.0, abs=2.0)
    assert list(frame_times(tmp_path / "out.mp4")) == pytest.approx([i / 10 for i in range(10)])


def test_sources_without_sound_are_silent(tmp_path: Path) -> None:
    for source in (None, tmp_path, tmp_path / "silent.mp4"):
        write_clip(tmp_path / "out.mp4", flat_frames(), 10.0, source)
        assert not open_clip(tmp_path / "out.mp4").has_sound
        (tmp_path / "out.mp4").replace(tmp_path / "silent.mp4")


def test_notes(tmp_path: Path) -> None:
    write_clip(tmp_path / "out.mp4", flat_frames(), 10.0, metadata={"encoder": "tiny"})
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert container.metadata["comment"] == '{"encoder": "tiny"}'
    write_clip(tmp_path / "out", flat_frames(), 10.0, metadata={"encoder": "tiny"})
    assert load_metadata(tmp_path / "out" / "000000.png") == {"encoder": "tiny"}
    assert load_image(tmp_path / "out" / "000003.png").shape == (1, 3, 32, 48)


@pytest.mark.parametrize("name", ["out.mp4", "out.gif", "out"])
def test_a_clip_is_whole_or_not_there(name: str, tmp_path: Path) -> None:
    def failing() -> Iterator[Frame]:
        yield from flat_frames()
        raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space left"):
        write_clip(tmp_path / name, failing(), 10.0)
    with pytest.raises(ValueError, match="a clip has frames, got none"):
        write_clip(tmp_path / name, [], 10.0)
    assert os.listdir(tmp_path) == []


def test_clips_by_their_names(tmp_path: Path) -> None:
    assert is_clip(tmp_path)
    assert is_clip(Path("x.MP4"))
    assert not is_clip(Path("x.png"))
    with pytest.raises(ValueError, match=r"did you mean '\.mp4'"):
        check_writable(tmp_path / "x.mp")
    with pytest.raises(ValueError, match="an existing folder"):
        check_writable(tmp_path / "no" / "x.mp4")
    (tmp_path / "full").mkdir()
    check_writable(tmp_path / "full")
    (tmp_path / "full" / "x.txt").write_text("")
    with pytest.raises(ValueError, match="new or empty"):
        check_writable(tmp_path / "full")


def test_files_that_are_no_clips(tmp_path: Path) -> None:
    write_clip(tmp_path / "whole.mp4", flat_frames(), 10.0)
    (tmp_path / "cut.mp4").write_bytes((tmp_path / "whole.mp4").read_bytes()[:-900])
    (tmp_path / "text.mp4").write_text("not a clip")
    (tmp_path / "clip.mp3").write_text("")
    (tmp_path / "empty").mkdir()
    with av.open(str(tmp_path / "sound.mp4"), "w") as container:
        sound = container.add_stream("aac", rate=8000)
        sound.layout = "mono"
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        silence.sample_rate = 8000
        container.mux([*sound.encode(silence), *sound.encode()])
    for name, message in (
        ("missing.mp4", "that exists"),
        ("clip.mp3", "did you mean '.mp4'"),
        ("cut.mp4", "cut off"),
        ("text.mp4", "cut off"),
        ("sound.mp4", "only sound"),
        ("empty", "has frames, got none"),
    ):
        with pytest.raises(ValueError, match=message):
            open_clip(tmp_path / name)


def test_frames_have_one_size(tmp_path: Path) -> None:
    save_image(tmp_path / "1.png", flat(COLOURS[0]), {})
    save_image(tmp_path / "2.png", flat(COLOURS[0], 16, 16), {})
    with pytest.raises(ValueError, match="got 48 x 32 and then 16 x 16"):
        list(read_frames(tmp_path))
