"""Enlarged photos beside interpolated ones, and what a training step costs.

The photos are held out: no network here has seen them. They are reduced by antialiased bicubic
interpolation and rounded to 8 bits, as are the results; PSNR and SSIM are on Y without a border as
wide as the scale. The baseline is PyTorch's plain bicubic interpolation (a = -0.75), which is
stronger than the other one. Distances are those of an encoder that no network here was trained
with. Training steps take turns within a round, so that the load of the machine falls on all alike:
compare the ratios.
"""

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import mean
from typing import Final

from torch import Tensor
from torch.nn import functional as F

from etude.benchmarks.one_thread import one_thread
from etude.benchmarks.plain_srresnet import PlainLesson
from etude.benchmarks.results import Result
from etude.benchmarks.turns import costs, timed
from etude.generative.gan.sr_grade import HeldOutPhoto, grade, held_out_photos
from etude.generative.gan.sr_patches import packaged_pictures
from etude.generative.gan.srgan import SRResNet, bicubic
from etude.generative.gan.srgan_settings import UpscalerSettings
from etude.generative.gan.srgan_training import PixelLesson
from etude.generative.gan.super_resolution import SHIPPED, shipped, upscale
from etude.generative.style.encoders import Judge, held_out_encoder

SUITE: Final = "super_resolution"
BASELINE: Final = "bicubic"
GENTLE: Final = "bicubic, a = -0.5"  # as PyTorch with antialias, Pillow and MATLAB have it
ENSEMBLE: Final = ", mean of 8 copies"
STEP: Final = UpscalerSettings(paper=True, batch_size=4)
STEPS: Final = 4  # in each round
OURS: Final = "etude, the paper's network"
PLAIN: Final = "plain code, the same network"

Enlarge = Callable[[Tensor], Tensor]


def measure(rounds: int, photos: Path | None = None) -> Iterator[Result]:
    """Results as they come.

    Args:
        rounds: how often the times of training are measured.
        photos: a folder of pictures to enlarge besides those that packages carry.

    Raises:
        ValueError: no photos are held out here, or no pictures in the folder.
    """
    with one_thread():
        yield from measure_quality(photos)
        yield from measure_training(rounds)


def measure_quality(photos: Path | None = None) -> Iterator[Result]:
    """The grade of each method on each photo, and the mean over the photos.

    Raises:
        ValueError: see ``measure``.
    """
    judge = held_out_encoder()
    for scale in sorted({scale for _, scale in SHIPPED}):
        tests = held_out_photos(scale)
        if photos is not None:
            tests |= held_out_photos(scale, photos)
        for method, enlarge in methods(scale).items():
            found = []
            for name, test in tests.items():
                result = _graded(f"x{scale}, {name}", method, enlarge, test, judge)
                found.append(result)
                yield result
            yield Result(
                suite=SUITE,
                task=f"x{scale}, mean of {len(tests)} photos",
                method=method,
                seed=0,
                metrics={
                    metric: mean(result.metrics[metric] for result in found)
                    for metric in found[0].metrics
                },
                seconds=sum(result.seconds for result in found),
            )


def methods(scale: int) -> dict[str, Enlarge]:
    """All that enlarge so many times: interpolation, and the networks that come along."""
    found: dict[str, Enlarge] = {
        BASELINE: partial(bicubic, scale=scale),
        GENTLE: partial(_gentle_bicubic, scale=scale),
    }
    for model, factor in SHIPPED:
        if factor == scale:
            network = shipped(model, scale).network
            found[model] = partial(upscale, network)
            if model == "srresnet":
                found[model + ENSEMBLE] = partial(upscale, network, ensemble=True)
    return found


def measure_training(rounds: int) -> Iterator[Result]:
    """Steps of training on pixels a CPU second: ours, and plain code for the same network."""
    pictures = packaged_pictures()
    network = SRResNet.paper(4)
    ours, plain = (lesson(network, pictures, STEP) for lesson in (PixelLesson, PlainLesson))
    yield from costs(
        SUITE,
        f"cost of a step of SRResNet on {STEP.batch_size} patches",
        {OURS: timed(ours.update), PLAIN: timed(plain.update)},
        rounds=rounds,
        steps=STEPS,
        warm_up=1,
        config={"batch_size": STEP.batch_size, "patch_size": STEP.patch_size},
    )


def _graded(task: str, method: str, enlarge: Enlarge, test: HeldOutPhoto, judge: Judge) -> Result:
    """One photo."""
    start, begun = time.perf_counter(), time.process_time()
    large = enlarge(test.small)
    cpu_seconds, seconds = time.process_time() - begun, time.perf_counter() - start
    found = grade(large, test.original, test.scale, judge)
    return Result(
        suite=SUITE,
        task=task,
        method=method,
        seed=0,
        metrics={
            "psnr_decibels": found.psnr,
            "ssim": found.ssim,
            "distance": found.distance,
            "cpu_seconds_per_megapixel": 1e6 * cpu_seconds / test.original[0, 0].numel(),
        },
        seconds=seconds,
    )


def _gentle_bicubic(small: Tensor, scale: int) -> Tensor:
    height, width = small.shape[2:]
    return F.interpolate(
        small,
        (scale * height, scale * width),
        mode="bicubic",
        antialias=True,
        align_corners=False,
    )
