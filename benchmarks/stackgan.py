"""StackGAN on captioned scenes: how many captions are right, with things seen and never seen.

The judge is ``scene_checker``, which shares nothing with the networks and reads real pictures
without a mistake. Frechet distances are between features of EfficientNet-Lite1, so they compare
only among themselves. Grading is outside the measured time.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from etude.benchmarks.gan_cost import Unrecorded
from etude.benchmarks.one_thread import one_thread
from etude.benchmarks.picture_rows import Captioned, picture_rows
from etude.benchmarks.results import Result
from etude.generative.feature_extractors import LiteFeatures
from etude.generative.gan.captioned_scenes import (
    CaptionedScenes,
    Words,
    caption_of,
    decode,
    draw_pictures,
    encode,
    is_held_out,
    parse_caption,
)
from etude.generative.gan.scene_checker import KINDS, grade_scenes
from etude.generative.gan.stackgan import enlarged
from etude.generative.gan.stackgan_file import TrainedStackGAN, open_stackgan
from etude.generative.gan.stackgan_training import (
    StackGANSettings,
    first_stage,
    second_stage,
    sketcher_of,
    trained_stackgan,
)
from etude.generative.images import save_image
from etude.generative.sample_metrics import extract_features, frechet_feature_distance
from etude.generative.training import train

SUITE: Final = "gan_images"
TASK: Final = "scenes"
REAL: Final = "real pictures"
FIRST: Final = "StackGAN stage I, upsampled"
SECOND: Final = "StackGAN stage II"
SPLITS: Final = ("train", "held_out")
NUM_GRADED: Final = 2_000  # pictures of a split
REFERENCE_SEED: Final = 1_000_003  # of the real pictures that all others are compared with

SHEET_CAPTIONS: Final = (
    "a small red circle above a blue square",
    "a large yellow triangle left of a small green circle",
    "a black triangle above a large purple circle",
    "a small blue triangle left of a large red square",
    "a large green square above a small black circle",
    "a purple square left of a yellow circle",
    "a small red triangle above a blue square",
    "a large blue circle left of a small green triangle",
    "a small yellow square above a large red circle",
    "a small purple circle left of a large black square",
)
NUM_SAMPLES: Final = 3  # of each caption in the sheet
SHEET_SEED: Final = 0
CELL: Final = 96  # pixels of a picture in the sheet
GAP: Final = 4  # between two
NEVER_SEEN: Final = " (never seen)"


@dataclass(frozen=True, kw_only=True)
class Graded:
    """A StackGAN that is graded, and what it took to train it, as far as is known.

    Args:
        trained: both stages.
        cpu_seconds: of each stage, by method.
        seconds: of both, by the clock.
    """

    trained: TrainedStackGAN
    cpu_seconds: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0


def measure(seeds: Iterable[int], *, trains: bool = False) -> Iterator[Result | str]:
    """Both stages beside real pictures.

    Args:
        seeds: of captions, noise and real pictures; also of the training, if there is any.
        trains: train a StackGAN for each seed, in about a quarter of an hour of one core, instead
            of grading the shipped one.
    """
    extract = LiteFeatures()
    for seed in seeds:
        if trains:
            yield f"training a StackGAN with seed {seed}"
        graded = (
            train_both(StackGANSettings(seed=seed)) if trains else Graded(trained=open_stackgan())
        )
        yield from grades(graded, extract, seed)


def train_both(settings: StackGANSettings) -> Graded:
    """Train both stages on one thread."""
    begun = time.perf_counter()
    with one_thread():
        start = time.process_time()
        first = first_stage(settings)
        train(first.update, first.parts, settings.stage_one.steps, Unrecorded())
        middle = time.process_time()
        second = second_stage(sketcher_of(first), settings)
        train(second.update, second.parts, settings.stage_two.steps, Unrecorded())
        end = time.process_time()
    return Graded(
        trained=trained_stackgan(second, settings, {"settings": asdict(settings)}),
        cpu_seconds={FIRST: middle - start, SECOND: end - middle},
        seconds=time.perf_counter() - begun,
    )


def grades(
    graded: Graded, extract: LiteFeatures, seed: int, num_graded: int = NUM_GRADED
) -> Iterator[Result]:
    """The figures of both stages and of real pictures.

    Args:
        graded: both stages.
        extract: pictures in [0, 1] to features.
        seed: of captions, noise and real pictures.
        num_graded: pictures of each split.
    """
    size = graded.trained.architecture.size
    reference = CaptionedScenes(size=size).draw(num_graded, _rng(REFERENCE_SEED)).images
    reference_features = extract_features(reference / 2.0 + 0.5, extract)
    for method in (REAL, FIRST, SECOND):
        begun = time.perf_counter()
        metrics: dict[str, float] = {}
        for split in SPLITS:
            words = CaptionedScenes(split=split).draw_words(num_graded, _rng(seed))
            images = pictures_of(method, graded.trained, words, seed)
            metrics |= shares(images, words, split)
            if split == "train":
                features = extract_features(images / 2.0 + 0.5, extract)
                metrics["frechet"] = frechet_feature_distance(reference_features, features)
        if method in graded.cpu_seconds:
            metrics["cpu_seconds"] = graded.cpu_seconds[method]
        yield Result(
            suite=SUITE,
            task=TASK,
            method=method,
            seed=seed,
            metrics=metrics,
            seconds=graded.seconds + time.perf_counter() - begun,
            config=dict(graded.trained.notes),
        )


def pictures_of(
    method: str, trained: TrainedStackGAN, words: Words, seed: int
) -> Float[Tensor, "n 3 size size"]:
    """Pictures of captions, all at Stage-II's size; both stages from the same noise."""
    size = trained.architecture.size
    if method == REAL:
        return draw_pictures(words, size, _rng(seed))
    if method == SECOND:
        return trained.draw_words(words, _rng(seed), stage=2)
    return enlarged(trained.draw_words(words, _rng(seed), stage=1), size)


def shares(images: Float[Tensor, "n 3 s s"], words: Words, split: str) -> dict[str, float]:
    """Shares of pictures that are right, by kind of word."""
    grade = asdict(grade_scenes(images, words))
    return {f"{kind}_{split}": grade[kind] for kind in ("caption", *KINDS)}


def paint_sheet(path: Path, trained: TrainedStackGAN | None = None) -> None:
    """Captions with the sketches and the pictures of both stages, as one picture.

    Args:
        path: a picture file.
        trained: the shipped one if left out.

    Raises:
        ValueError: the folder does not exist.
    """
    trained = trained or open_stackgan()
    cells = [_strip(caption, trained) for caption in SHEET_CAPTIONS]
    rows = [cells[i : i + 2] for i in range(0, len(cells), 2)]
    save_image(path, picture_rows(rows, CELL + GAP), {"captions": list(SHEET_CAPTIONS)})


def _strip(caption: str, trained: TrainedStackGAN) -> Captioned:
    """Sketches of a caption, then pictures from them."""
    words = encode([parse_caption(caption)])
    repeated = words.repeat(NUM_SAMPLES, 1)
    sketches, pictures = (
        trained.draw_words(repeated, _rng(SHEET_SEED), stage) / 2.0 + 0.5 for stage in (1, 2)
    )
    halves = [
        torch.cat([_cell(image) for image in images], dim=3) for images in (sketches, pictures)
    ]
    strip = torch.cat([halves[0], torch.ones(1, 3, CELL + GAP, 2 * GAP), halves[1]], dim=3)
    note = NEVER_SEEN if is_held_out(words)[0] else ""
    return Captioned(strip.clamp(0.0, 1.0), caption_of(decode(words)[0]) + note)


def _cell(image: Float[Tensor, "3 s s"]) -> Float[Tensor, "1 3 h w"]:
    """An image with large pixels, and white below and to the right."""
    factor = CELL // image.shape[-1]
    large = image[None].repeat_interleave(factor, dim=2).repeat_interleave(factor, dim=3)
    return F.pad(large, (0, GAP, 0, GAP), value=1.0)


def _rng(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)
