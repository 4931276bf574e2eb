"""Clips on the command line: complete, resumed exactly, and told where they stopped."""

import io
from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console
from torch import Tensor

from etude.generative.clip_writing import write_clip
from etude.generative.clips import Frame, fingerprint, open_clip, read_frames
from etude.generative.style.encoders import LAYER_WEIGHTS
from etude.generative.style.gatys import GatysSettings
from etude.generative.style.losses import Style
from etude.generative.style.tiny_encoder import TinyEncoder
from etude.generative.style.video import Painted, VideoSettings
from etude.generative.style.video_gatys import GatysPainter
from etude.generative.style.video_network import NetworkPainter
from etude.stylize_clip import stylize_clip

SETTINGS = VideoSettings(frame_evaluations=4, memory_frames=(1, 2))


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Six frames of a camera that moves to the right, at 20 frames a second."""
    torch_rng = torch.Generator().manual_seed(0)
    coarse = torch.rand(1, 3, 6, 9, generator=torch_rng)
    wide = torch.nn.functional.interpolate(coarse, (32, 60), mode="bilinear")
    frames = [Frame(wide[..., i : i + 48].contiguous(), i / 20) for i in range(6)]
    write_clip(tmp_path / "clip.mp4", frames, 20.0)
    return tmp_path / "clip.mp4"


def painter(stop_at: int | None = None, encoder: TinyEncoder | None = None) -> GatysPainter:
    """One that presses Ctrl-C while it paints the frame of this number."""

    class Stopping(GatysPainter):
        num_frames = 0

        def follow(self, content: Tensor, carried: Any) -> Painted:
            self.num_frames += 1
            if self.num_frames == stop_at:
                raise KeyboardInterrupt
            return super().follow(content, carried)

    torch_rng = torch.Generator().manual_seed(1)
    style = Style(torch.rand(1, 3, 32, 32, generator=torch_rng))
    settings = GatysSettings(size=32, evaluations=4, style_weight=1000.0)
    layers = LAYER_WEIGHTS["tiny"]
    return Stopping([style], encoder or TinyEncoder(), layers, settings, SETTINGS)


def stylize(clip: Path, out: Path, *args: Any, **options: Any) -> str:
    """What was printed."""
    text = io.StringIO()
    options = {"size": 32, "settings": SETTINGS} | options
    try:
        stylize_clip(clip, out, *args, console=Console(file=text, width=300), **options)
    except (KeyboardInterrupt, OSError) as error:
        return text.getvalue() + repr(error)
    return text.getvalue()


def frames_of(path: Path) -> list[Tensor]:
    return [frame.image for frame in read_frames(path)]


@pytest.mark.parametrize("name", ["out.mp4", "out.gif", "out"])
def test_a_clip_is_painted(name: str, clip: Path) -> None:
    out = clip.with_name(name)
    shown = stylize(clip, out, painter(), note={"encoder": "tiny"})
    assert f"{name}: 32 x 21, 6 frames in " in shown
    painted, original = frames_of(out), frames_of(clip)
    assert len(painted) == 6
    assert painted[0].shape[-1] == 32
    assert (painted[3].mean((2, 3)) - original[3].mean((2, 3))).abs().max() > 0.02
    assert sorted(path.name for path in clip.parent.iterdir()) == sorted(["clip.mp4", name])


def test_a_stopped_clip_ends_like_one_that_was_not(clip: Path) -> None:
    whole, stopped = clip.with_name("whole"), clip.with_name("stopped")
    stylize(clip, whole, painter())
    shown = stylize(clip, stopped, painter(stop_at=3))
    assert "3 of 6 frames are kept in" in shown
    assert "the same command goes on" in shown
    assert "KeyboardInterrupt" in shown
    assert not stopped.exists()
    resumed = painter()
    stylize(clip, stopped, resumed)
    assert resumed.num_frames == 3  # of the six the first is begun and two were done
    for one, other in zip(frames_of(whole), frames_of(stopped), strict=True):
        assert torch.equal(one, other)
    assert not clip.with_name(".stopped.frames").exists()


def test_ctrl_c_within_the_optimisation_drops_the_frame(clip: Path) -> None:
    class Pressing(TinyEncoder):
        calls = 0

        def forward(self, images: Tensor) -> dict[str, Tensor]:
            self.calls += 1
            if self.calls == 20:
                raise KeyboardInterrupt
            return super().forward(images)

    whole, stopped = clip.with_name("whole"), clip.with_name("stopped")
    stylize(clip, whole, painter())
    assert "frames are kept" in stylize(clip, stopped, painter(encoder=Pressing()))
    stylize(clip, stopped, painter())
    assert all(map(torch.equal, frames_of(whole), frames_of(stopped)))


def test_a_full_disk_keeps_what_is_done(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("etude.stylize_clip.write_clip", full)
        shown = stylize(clip, clip.with_name("out.mp4"), painter())
    assert "6 of 6 frames are kept in" in shown
    assert "no space left" in shown
    resumed = painter()
    stylize(clip, clip.with_name("out.mp4"), resumed)
    assert resumed.num_frames == 0
    assert open_clip(clip.with_name("out.mp4")).num_frames == 6


@pytest.mark.parametrize("name", ["out", "out.gif"])
@pytest.mark.parametrize("removed", [[], ["job.json", "000000.png", "000003.png"]])
def test_a_command_killed_when_all_is_done_ends(
    name: str, removed: list[str], clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before it removes what it kept, or while it does."""
    out, kept = clip.with_name(name), clip.with_name(f".{name}.frames")
    with monkeypatch.context() as patch:
        patch.setattr("etude.stylize_clip.FrameFolder.delete", lambda folder: None)
        stylize(clip, out, painter())
    for file in removed:
        (kept / file).unlink()
    made, again = fingerprint(out), painter()
    assert f"{name}: it was done" in stylize(clip, out, again)
    assert (again.num_frames, fingerprint(out)) == (0, made)
    assert not kept.exists()


def test_another_folder_in_the_place_of_the_result_is_left_alone(
    clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, kept = clip.with_name("out"), clip.with_name(".out.frames")
    with monkeypatch.context() as patch:
        patch.setattr("etude.stylize_clip.FrameFolder.delete", lambda folder: None)
        stylize(clip, out, painter())
    (out / "000005.png").unlink()
    made = fingerprint(out)
    with pytest.raises(ValueError, match="a folder of frames is new or empty"):
        stylize(clip, out, painter())
    assert fingerprint(out) == made
    assert len(list(kept.glob("*.png"))) == 6
    out.rename(clip.with_name("moved"))
    again = painter()
    assert "6 frames in" in stylize(clip, out, again)
    assert again.num_frames == 0
    assert len(frames_of(out)) == 6


def test_numbers_that_overflow_end_the_clip(clip: Path) -> None:
    class Overflowing(TinyEncoder):
        calls = 0

        def forward(self, images: Tensor) -> dict[str, Tensor]:
            self.calls += 1
            scale = float("inf") if self.calls > 16 else 1.0
            return {name: scale * value for name, value in super().forward(images).items()}

    shown = stylize(clip, clip.with_name("out.gif"), painter(encoder=Overflowing()))
    assert "the loss was no longer finite, these are the frames until then" in shown
    painted = frames_of(clip.with_name("out.gif"))
    assert 1 < len(painted) < 6
    assert not clip.with_name(".out.gif.frames").exists()


def test_a_network_paints_clips_too(clip: Path) -> None:
    out = clip.with_name("out.mp4")
    network = NetworkPainter(lambda content: 1.0 - content, {"network": "negative"}, SETTINGS)
    stylize(clip, out, network)
    for painted, original in zip(frames_of(out), read_frames(clip, 32), strict=True):
        assert (painted[..., :21, :] - (1.0 - original.image)).abs().mean() < 0.05


def test_other_settings_do_not_go_on(clip: Path) -> None:
    out = clip.with_name("out.mp4")
    stylize(clip, out, painter(stop_at=1))
    with pytest.raises(ValueError, match="another size than that of the frames in"):
        stylize(clip, out, painter(), size=40)
    with pytest.raises(ValueError, match="another painter"):
        stylize(clip, out, NetworkPainter(lambda content: content, {}))


def test_nothing_is_left_of_work_that_cannot_begin(clip: Path) -> None:
    with pytest.raises(ValueError, match="size is at least 16 pixels, got 12"):
        stylize(clip, clip.with_name("out.mp4"), painter(), size=12)
    assert [path.name for path in clip.parent.iterdir()] == ["clip.mp4"]


def test_outputs_are_checked_before_the_work(clip: Path) -> None:
    for name, message in (("out.avii", "the ending of a painted clip"), ("no/x.gif", "existing")):
        with pytest.raises(ValueError, match=message):
            stylize(clip, clip.parent / name, painter())
    with pytest.raises(ValueError, match="that exists"):
        stylize(clip.with_name("missing.mp4"), clip.with_name("out.mp4"), painter())
    assert [path.name for path in clip.parent.iterdir()] == ["clip.mp4"]
