"""Painted clips: how much they flicker, how well they are painted, what they cost.

A scene whose motion is known exactly is painted frame by frame and by ``video_gatys``. What just
came into view is scored on its own: the warping error cannot see it, and a method could leave it
bare. One-pass painting is measured over many frames, where blur and drift would add up; and memory
at 10 and at 200 frames, in processes of their own.
"""

import resource
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from etude.benchmarks.moving_scene import SceneFrame, moving_scene
from etude.benchmarks.results import Result
from etude.generative.clip_writing import write_clip
from etude.generative.clips import Frame, read_frames
from etude.generative.data import style_image
from etude.generative.metrics import warping_error
from etude.generative.style.encoders import LAYER_WEIGHTS, EncoderChoice, Name, open_encoder
from etude.generative.style.gatys import GatysSettings, stylize
from etude.generative.style.losses import Objective, Style, style_loss, style_targets
from etude.generative.style.pretrained import open_styles, paint_fast
from etude.generative.style.protocol import Encoder
from etude.generative.style.statistics import gram_matrix
from etude.generative.style.video import FramePainter, VideoSettings, stylize_frames
from etude.generative.style.video_gatys import GatysPainter
from etude.generative.style.video_network import NetworkPainter

Image = Float[Tensor, "1 3 h w"]
Metrics = dict[str, float]
STYLES: Final = ("marbling", "mosaic", "brush-strokes")  # one a round
SETTINGS: Final = GatysSettings(size=192)
NUM_FRAMES: Final = 8
NUM_NETWORK_FRAMES: Final = 120
SETTLED_FRAMES: Final = 20  # after which averages over time have settled
MEMORY_FRAMES: Final = (10, 200)
MEMORY_SIZE: Final = 128
MEBIBYTE: Final = 2**20


def measure(
    rounds: int,
    encoder: Name = "efficientnet-lite0",
    settings: GatysSettings = SETTINGS,
    num_frames: int = NUM_FRAMES,
    num_network_frames: int = NUM_NETWORK_FRAMES,
    memory_frames: Sequence[int] = MEMORY_FRAMES,
) -> Iterator[Result | str]:
    """Results as they come; a message where there is no network to measure.

    Args:
        rounds: how many styles.
        encoder: looks at the frames.
        settings: of the paintings; their size is the side of a frame.
        num_frames: painted by optimisation.
        num_network_frames: painted in one pass.
        memory_frames: lengths of the clips for which memory is measured.
    """
    for number in range(rounds):
        yield from _optimised(number, encoder, settings, num_frames)
        yield from _one_pass(number, settings.size, num_network_frames)
    for length in memory_frames:
        peak = in_new_process(peak_memory, length)
        yield _result("memory of a clip", f"{length} frames", 0, {"peak_mebibytes": peak}, 0.0)


def _optimised(
    number: int, encoder: Name, settings: GatysSettings, num_frames: int
) -> Iterator[Result]:
    name, size = STYLES[number % len(STYLES)], settings.size
    scene = list(moving_scene(num_frames, size))
    opened = open_encoder(EncoderChoice(encoder=encoder)).encoder
    style = Style(style_image(name, size))
    layers = LAYER_WEIGHTS[opened.name]
    judge = ClipJudge(scene, style, opened, settings)

    def frame_by_frame() -> list[Image]:
        paint = (stylize(frame.image, [style], opened, layers, settings) for frame in scene)
        return [painted.image for painted in paint]

    def with_motion() -> list[Image]:
        painter = GatysPainter([style], opened, layers, settings)
        return _paint(scene, painter)

    methods = {"frame by frame": frame_by_frame, "along the motion": with_motion}
    config = {"style": name, "settings": asdict(settings), "video": asdict(VideoSettings())}
    task = f"moving scene, {size} px, {num_frames} frames, {opened.name}"
    flicker = 0.0
    for method, paint in methods.items():
        paintings, cpu, wall = timed(paint)
        metrics = judge(paintings) | {"cpu_seconds": cpu}
        flicker = flicker or metrics["warping_error"]
        metrics = {"times_steadier": flicker / metrics["warping_error"], **metrics}
        yield _result(task, f"{name}, {method}", number, metrics, wall, config)


def _one_pass(number: int, size: int, num_frames: int) -> Iterator[Result | str]:
    try:
        network = open_styles()
    except (FileNotFoundError, ValueError) as error:
        yield f"skipped painting in one pass: {error}"
        return
    name = network.styles[number % len(network.styles)]
    scene = list(moving_scene(num_frames, size))
    alone: list[Image] = []

    def paint(image: Image) -> Image:
        alone.append(paint_fast(network, image, {name: 1.0}))
        return alone[-1]

    paintings, cpu, wall = timed(lambda: _paint(scene, NetworkPainter(paint, {})))
    task = f"moving scene, {size} px, {num_frames} frames, one pass"
    for method, images in {"frame by frame": alone, "along the motion": paintings}.items():
        metrics = steadiness(scene, images) | {"sharpness_share": sharpness_share(images, alone)}
        method = f"{name}, {method}"
        yield _result(task, method, number, metrics | {"cpu_seconds": cpu}, wall, {"style": name})


class ClipJudge:
    """Scores of a painted scene, each the mean over its frames.

    Args:
        scene: what was painted.
        style: in which style.
        encoder: looks at the paintings; the one that they were optimised for.
        settings: the weights of the loss.
    """

    def __init__(
        self, scene: Sequence[SceneFrame], style: Style, encoder: Encoder, settings: GatysSettings
    ) -> None:
        self._scene = scene
        self._encoder = encoder
        self._settings = settings
        layers = LAYER_WEIGHTS[encoder.name]
        targets = style_targets(encoder, [style], layers.style)
        self._grams = targets[0].grams
        self._objectives = [Objective(encoder, layers, frame.image, targets) for frame in scene]

    @torch.no_grad()
    def __call__(self, paintings: Sequence[Image]) -> Metrics:
        """Flicker, content and style loss, and the style loss where pixels came into view."""
        losses = []
        for objective, painting in zip(self._objectives, paintings, strict=True):
            terms = objective(painting)
            content = self._settings.content_weight * terms.content
            losses.append((content + self._settings.style_weight * terms.style).item())
        visible = [frame.visible for frame in self._scene[1:]]
        return steadiness(self._scene, paintings) | {
            "content_and_style_loss": sum(losses) / len(losses),
            "revealed_style_loss": self._style_of(paintings[1:], [1.0 - mask for mask in visible]),
            "other_style_loss": self._style_of(paintings[1:], visible),
        }

    def _style_of(self, paintings: Iterable[Image], masks: Sequence[Tensor]) -> float:
        """Of the pixels where the masks are 1, in all frames together: single ones show little."""
        features = [self._encoder(painting) for painting in paintings]
        losses = []
        for layer, target in self._grams.items():
            found = [feature[layer] for feature in features]
            height, width = found[0].shape[-2:]
            at_layer = [F.adaptive_avg_pool2d(mask, (height, width)) for mask in masks]
            grams = [gram_matrix(*pair) for pair in zip(found, at_layer, strict=True)]
            area = torch.stack(at_layer).sum()
            losses.append(style_loss(torch.stack(grams).sum(0) / area, target).item())
        return sum(losses) / len(losses)


def steadiness(scene: Sequence[SceneFrame], paintings: Sequence[Image]) -> Metrics:
    """The mean warping error along the true motion."""
    errors = [
        warping_error(now, before, frame.flow, frame.visible).item()
        for frame, now, before in zip(scene[1:], paintings[1:], paintings[:-1], strict=True)
    ]
    return {"warping_error": sum(errors) / len(errors)}


def sharpness_share(paintings: Sequence[Image], references: Sequence[Image]) -> float:
    """Mean squared differences of neighbours after ``SETTLED_FRAMES``, in those of references."""
    return _detail(paintings[SETTLED_FRAMES:]) / _detail(references[SETTLED_FRAMES:])


def peak_memory(num_frames: int) -> float:
    """MiB of this process after it has read, painted and written a clip of so many frames."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scene = moving_scene(num_frames, MEMORY_SIZE)
        frames = (Frame(frame.image, i / 25.0) for i, frame in enumerate(scene))
        write_clip(folder / "in.mp4", frames, 25.0)
        contents = (frame.image for frame in read_frames(folder / "in.mp4"))
        painter = NetworkPainter(lambda image: image.roll(1, dims=1), {})
        painted = stylize_frames(contents, painter)
        results = (Frame(frame.painting, i / 25.0) for i, frame in enumerate(painted))
        write_clip(folder / "out.mp4", results, 25.0, folder / "in.mp4")
    return _peak_mebibytes()


def in_new_process(task: Callable[[int], float], argument: int) -> float:
    """What the task returns in a process of its own, whose memory nothing else has used."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(task, argument).result()


def timed(task: Callable[[], list[Image]]) -> tuple[list[Image], float, float]:
    """What the task returns, its CPU seconds and its wall-clock seconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    found = task()
    return found, time.process_time() - cpu, time.perf_counter() - wall


def _paint(scene: Iterable[SceneFrame], painter: FramePainter) -> list[Image]:
    return [frame.painting for frame in stylize_frames((one.image for one in scene), painter)]


def _peak_mebibytes() -> float:
    """Of this process; on Linux the system's other answer also counts its parent's memory."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text(encoding="utf-8").splitlines()
        return float(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEBIBYTE  # bytes on macOS


def _detail(images: Sequence[Image]) -> float:
    """The mean squared difference of neighbours."""
    return sum((image.diff(dim=-1)).square().mean().item() for image in images) / len(images)


def _result(
    task: str,
    method: str,
    seed: int,
    metrics: Metrics,
    seconds: float,
    config: Mapping[str, object] | None = None,
) -> Result:
    return Result(
        suite="style",
        task=task,
        method=method,
        seed=seed,
        metrics=metrics,
        seconds=seconds,
        config=dict(config or {}),
    )
