"""Clips: paint moves with the scene, what is new is painted, and scenes begin afresh."""

import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor

from etude.generative.metrics import warping_error
from etude.generative.style.encoders import LAYER_WEIGHTS
from etude.generative.style.gatys import GatysSettings
from etude.generative.style.losses import Style
from etude.generative.style.painting import Step
from etude.generative.style.tiny_encoder import TinyEncoder
from etude.generative.style.video import (
    Canvas,
    Carried,
    FramePainter,
    Painted,
    VideoSettings,
    carry,
    stylize_frames,
)
from etude.generative.style.video_gatys import GatysPainter, fill, temporal_loss
from etude.generative.style.video_network import NetworkPainter, feathered

SIZE = 48


def scene(seed: int = 0, width: int = SIZE) -> Tensor:
    """Soft noise."""
    torch_rng = torch.Generator().manual_seed(seed)
    coarse = torch.rand(1, 3, SIZE // 6, width // 6, generator=torch_rng)
    return torch.nn.functional.interpolate(coarse, (SIZE, width), mode="bilinear")


def pan(num_frames: int, seed: int = 0) -> Iterator[Tensor]:
    """A camera that moves right by a pixel a frame."""
    wide = scene(seed, SIZE + 6 * (num_frames // 6 + 1))
    for i in range(num_frames):
        yield wide[..., i : i + SIZE].contiguous()


def gatys_painter(**options: Any) -> GatysPainter:
    video = VideoSettings(**options.pop("video", {}))
    on_step = options.pop("on_step", None)
    settings = GatysSettings(**({"size": SIZE, "evaluations": 12} | options))
    style = Style(scene(7))
    return GatysPainter([style], TinyEncoder(), LAYER_WEIGHTS["tiny"], settings, video, on_step)


def noisy(amplitude: float) -> Callable[[Tensor], Tensor]:
    """A one-pass painter which flickers as badly as can be."""
    torch_rng = torch.Generator().manual_seed(0)

    def paint(content: Tensor) -> Tensor:
        noise = torch.rand(content.shape, generator=torch_rng) - 0.5
        return (0.25 + 0.5 * content + amplitude * noise).clamp(0.0, 1.0)

    return paint


def flicker(frames: list[Tensor]) -> float:
    """The mean warping error of a pan."""
    flow = torch.tensor([1.0, 0.0])[None, :, None, None].expand(1, 2, SIZE, SIZE)
    visible = torch.ones(1, 1, SIZE, SIZE)
    visible[..., -2:] = 0.0
    pairs = zip(frames[1:], frames[:-1], strict=True)
    errors = [warping_error(now, before, flow, visible).item() for now, before in pairs]
    return sum(errors) / len(errors)


class Recorded:
    """A painter that notes what it is asked for, and paints black or what was carried."""

    def __init__(self) -> None:
        self.identity: dict[str, Any] = {}
        self.calls: list[str] = []

    def begin(self, content: Tensor) -> Painted:
        self.calls.append("begin")
        return Painted(torch.zeros_like(content))

    def follow(self, content: Tensor, carried: Carried) -> Painted:
        self.calls.append("follow")
        return Painted(carried.painting)


def test_paint_moves_with_the_scene() -> None:
    first, second = pan(2)
    painting = scene(3)
    carried = carry(second, [Canvas(first, painting)], (1,))
    expected = painting[..., 1:]
    inside = carried.visible[..., 4:-4, 4:-4]
    assert inside.mean() > 0.95
    change = (carried.painting[..., :-1] - expected)[..., 4:-4, 4:-4].abs()
    assert (change * inside[..., : change.shape[-1]]).mean() < 0.01
    assert carried.revealed_share < 0.3


def test_older_frames_fill_what_the_last_one_hides() -> None:
    ground = scene(0)
    hidden = ground.clone()
    hidden[..., 12:36, 12:36] = 0.0
    canvases = [Canvas(ground, torch.full_like(ground, 0.2)), Canvas(hidden, 0.0 * ground + 0.8)]
    short, long = (carry(ground, canvases, memory) for memory in ((1,), (1, 2)))
    assert short.visible[..., 16:32, 16:32].mean() < 0.5
    assert long.visible.mean() > short.visible.mean() + 0.05
    found = (long.visible - short.visible) > 0.0
    assert long.painting[found.expand_as(ground)].mean() == pytest.approx(0.2, abs=0.01)
    assert carry(ground, canvases, (3,)).revealed_share == 1.0  # nothing is that old yet


def test_a_cut_begins_a_new_scene() -> None:
    painter = Recorded()
    frames = [*pan(3), *pan(2, seed=5)]
    painted = list(stylize_frames(frames, painter))
    assert painter.calls == ["begin", "follow", "follow", "begin", "follow"]
    assert [frame.begins_scene for frame in painted] == [True, False, False, True, False]
    assert painted[0].revealed_share == 1.0
    assert isinstance(painter, FramePainter)


def test_the_loss_of_each_frame_falls() -> None:
    steps: list[Step] = []
    painter = gatys_painter(on_step=lambda step, image: steps.append(step), style_weight=1000.0)
    painted = list(stylize_frames(pan(3), painter))
    assert all(frame.painting.shape == (1, 3, SIZE, SIZE) for frame in painted)
    assert all(frame.painting.min() >= 0.0 and frame.painting.max() <= 1.0 for frame in painted)
    starts = [i for i, step in enumerate(steps) if step.evaluation == 0]
    assert len(starts) == 3
    for start, end in zip(starts, [*starts[1:], len(steps)], strict=True):
        assert min(step.total for step in steps[start:end]) <= steps[start].total


def test_the_temporal_weight_steadies_the_paint() -> None:
    frames = {
        weight: [
            frame.painting
            for frame in stylize_frames(
                pan(4), gatys_painter(style_weight=1000.0, video={"temporal_weight": weight})
            )
        ]
        for weight in (0.0, 1000.0)
    }
    assert flicker(frames[1000.0]) < 0.7 * flicker(frames[0.0])


def test_painting_twice_gives_the_same() -> None:
    first, second = (
        [frame.painting for frame in stylize_frames(pan(2), gatys_painter())] for _ in "ab"
    )
    assert all(map(torch.equal, first, second))


@pytest.mark.parametrize("colours", ["luminance", "match"])
def test_treatments_of_colours(colours: str) -> None:
    muted = [0.4 + 0.2 * frame for frame in pan(2)]
    painted = [frame.painting for frame in stylize_frames(muted, gatys_painter(colours=colours))]
    change = painted[1] - muted[1]
    spread = (change - change.mean(1, keepdim=True)).abs().max()
    assert (spread < 2e-3) == (colours == "luminance")


def test_style_matrices_are_computed_once() -> None:
    class Counting(TinyEncoder):
        calls = 0

        def forward(self, images: Tensor) -> dict[str, Tensor]:
            self.calls += not images.requires_grad
            return super().forward(images)

    encoder = Counting()
    layers, style = LAYER_WEIGHTS["tiny"], Style(scene(7))
    settings = GatysSettings(size=SIZE, evaluations=2)
    painter = GatysPainter([style], encoder, layers, settings, VideoSettings(frame_evaluations=2))
    counts = []
    for _ in stylize_frames(pan(4), painter):
        counts.append(encoder.calls)
    assert counts[2] - counts[1] == counts[3] - counts[2] == 1  # the content alone


def test_new_areas_get_the_colours_of_the_painting() -> None:
    content, painting = scene(0), 0.3 + 0.4 * scene(1)
    visible = torch.ones(1, 1, SIZE, SIZE)
    visible[..., :20] = 0.0
    filled = fill(Carried(painting, visible), content)
    assert torch.equal(filled[..., 20:], painting[..., 20:])
    seen, paint = content[..., 20:], painting[..., 20:]
    for c in range(3):
        scale = paint[0, c].std() / seen[0, c].std()
        expected = (content[0, c, :, :20] - seen[0, c].mean()) * scale + paint[0, c].mean()
        torch.testing.assert_close(filled[0, c, :, :20], expected.clamp(0.0, 1.0))
    nothing = Carried(painting, torch.zeros_like(visible))
    assert torch.equal(fill(nothing, content), content)


def test_the_temporal_loss_counts_visible_pixels_alone() -> None:
    painting, visible = scene(0), torch.zeros(1, 1, SIZE, SIZE)
    image = painting.clone()
    image[..., :10, :] += 0.5
    assert temporal_loss(image, Carried(painting, visible)) == 0.0
    visible[..., :20, :] = 1.0
    assert temporal_loss(image, Carried(painting, visible)).item() == pytest.approx(0.125)


def test_ctrl_c_and_overflow_end_the_clip() -> None:
    def press(step: Step, image: Tensor) -> None:
        presses.append(step)
        if len(presses) == 20:
            raise KeyboardInterrupt

    presses: list[Step] = []
    painted = list(stylize_frames(pan(4), gatys_painter(on_step=press)))
    assert painted[-1].stopped == "interrupted"
    assert len(painted) < 4
    assert not any(frame.stopped for frame in painted[:-1])

    class Overflowing(TinyEncoder):
        calls = 0

        def forward(self, images: Tensor) -> dict[str, Tensor]:
            self.calls += 1
            scale = float("inf") if self.calls > 30 else 1.0
            return {name: scale * value for name, value in super().forward(images).items()}

    layers, style = LAYER_WEIGHTS["tiny"], Style(scene(7))
    settings = GatysSettings(size=SIZE, evaluations=12)
    painter = GatysPainter([style], Overflowing(), layers, settings)
    painted = list(stylize_frames(pan(4), painter))
    assert painted[-1].stopped == "the loss was no longer finite"
    assert painted[-1].painting.isfinite().all()


def test_a_network_flickers_less_and_stays_as_sharp() -> None:
    frames = list(pan(100))
    paint = noisy(0.2)
    alone = [paint(frame) for frame in frames]
    painted = list(stylize_frames(frames, NetworkPainter(noisy(0.2), {})))
    ours = [frame.painting for frame in painted]
    assert not any(frame.begins_scene for frame in painted[1:])
    assert flicker(ours[1:]) < flicker(alone) / 10.0
    clean = noisy(0.0)
    drift = [
        (image - clean(frame)).square().mean() for image, frame in zip(ours, frames, strict=True)
    ]
    assert drift[-1] < 1.5 * drift[20]  # nothing adds up
    assert drift[-1] < 0.3 * drift[0]


def detail(image: Tensor) -> Tensor:
    """The mean squared difference of neighbours."""
    return (image[..., 1:] - image[..., :-1]).square().mean()


def test_moving_paint_does_not_wear_it_out() -> None:
    torch_rng = torch.Generator().manual_seed(0)
    wide = torch.nn.functional.avg_pool2d(torch.rand(1, 3, 50, 290, generator=torch_rng), 3, 1)
    frames = [wide[..., i : i + SIZE].contiguous() for i in range(120)]
    painted = [frame.painting for frame in stylize_frames(frames, NetworkPainter(noisy(0.0), {}))]
    sharpness = [
        (detail(image) / detail(noisy(0.0)(frame))).item()
        for image, frame in zip(painted, frames, strict=True)
    ]
    assert min(sharpness[100:]) > 0.8
    assert min(sharpness[100:]) > min(sharpness[10:40]) - 0.1


def test_seams_rise_within_what_is_known() -> None:
    mask = torch.ones(1, 1, 16, 16)
    mask[..., :4] = 0.0
    soft = feathered(mask)
    assert soft[0, 0, 8].tolist()[:4] == [0.0] * 4
    assert soft[0, 0, 8, 3:10].tolist() == sorted(soft[0, 0, 8, 3:10].tolist())
    assert soft[..., 9:].min() == 1.0
    assert (soft[..., 1:] - soft[..., :-1]).abs().max() < 0.35
    assert feathered(torch.ones(1, 1, 5, 5)).min() == 1.0


def test_memory_stays_flat() -> None:
    settings = VideoSettings(memory_frames=(1, 3))
    seen: list[weakref.ref[Tensor]] = []

    def frames() -> Iterator[Tensor]:
        for frame in pan(30):
            seen.append(weakref.ref(frame))
            yield frame

    painter = NetworkPainter(noisy(0.1), {})
    for painted in stylize_frames(frames(), painter, settings):
        seen.append(weakref.ref(painted.painting))
        alive = sum(reference() is not None for reference in seen)
        assert alive <= 2 * (max(settings.memory_frames) + 1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"frame_evaluations": 0}, "frame_evaluations is at least 1, got 0"),
        ({"temporal_weight": -1.0}, "temporal_weight is at least 0, got -1.0"),
        ({"temporal_weight": float("nan")}, "temporal_weight is at least 0, got nan"),
        ({"fresh_share": 0.0}, "fresh_share lies above 0"),
        ({"cut_share": 1.5}, "cut_share lies above 0 and up to 1, got 1.5; for example 0.5"),
        ({"memory_frames": ()}, "memory_frames are at least 1 frame ago"),
        ({"memory_frames": (0,)}, "memory_frames are at least 1 frame ago"),
    ],
)
def test_settings_out_of_their_range(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        VideoSettings(**options)


def test_painters_are_told_apart() -> None:
    identities = [
        gatys_painter().identity,
        gatys_painter(style_weight=3.0).identity,
        GatysPainter([Style(scene(8))], TinyEncoder(), LAYER_WEIGHTS["tiny"]).identity,
        NetworkPainter(noisy(0.1), {"styles": {"waves": 1.0}}).identity,
    ]
    assert all(one != other for i, one in enumerate(identities) for other in identities[:i])
    assert gatys_painter().identity == gatys_painter().identity
