"""What can be graded of pictures that show what a network has learned.

Nobody can say whether such a picture is right, but some things can be counted, on the photographs
that packages carry:

- of a projection, how much of its energy lies in a square of a sixteenth of what the network has
  seen, around the activation (by chance: 6 %); whether it depends on the photo: the mean cosine of
  projections of one unit at different places (1: all alike); and whether it lies where covering the
  photo changes the activation (a correlation);
- of an inversion, what is left of the distance of features, and how like the photo it looks, which
  falls with depth if deeper layers keep less of it;
- of a maximised image, how strongly the unit answers to it, beside the best of the photographs.

Nothing is trained here. The parts of the belief network are in ``cdbn``.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import mean
from typing import Final, Literal, get_args

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from etude.benchmarks.one_thread import one_thread
from etude.benchmarks.results import Result
from etude.generative.data import Pictures, available_photos
from etude.generative.features.deconvnet import Rule, project
from etude.generative.features.inversion import (
    InversionSettings,
    Inverted,
    invert_content,
    invert_style,
)
from etude.generative.features.maximisation import Climb, maximise
from etude.generative.features.occlusion import Square, occlusion_map
from etude.generative.features.top_activations import (
    View,
    Windows,
    central_share,
    find_peaks,
    selective_units,
    squares_around,
    strongest_windows,
    views_of,
)
from etude.generative.images import load_image
from etude.generative.metrics import structural_similarity
from etude.generative.style.efficientnet_lite import EfficientNetLite, packaged_weights

SUITE: Final = "features"
Part = Literal["deconvnet", "maximisation", "inversion"]
PARTS: Final[tuple[Part, ...]] = get_args(Part)
ENCODER: Final = "efficientnet-lite0"
LAYERS: Final = ("b3e", "b5e", "b8e", "b10e")
NUM_UNITS: Final = 3
WINDOW: Final = 128
SCALES: Final = (1.0, 0.5)
NUM_COVERED: Final = 1  # windows of each unit that a square slides over
PHOTO: Final = "astronaut"
SMALL: Final = InversionSettings(size=128, evaluations=120)
CLIMB: Final = Climb()
SQUARE: Final = Square(side=16, stride=8)
RULES: Final[tuple[Rule, ...]] = ("deconvnet", "guided", "saliency")


def measure(parts: Sequence[Part] = PARTS, seeds: Sequence[int] = (0,)) -> Iterator[Result]:
    """Results as they come, on one thread.

    Args:
        parts: what is graded.
        seeds: of the noise that inversion and maximisation begin with.

    Raises:
        ValueError: no photos are here.
    """
    suites: Mapping[Part, Callable[[], Iterator[Result]]] = {
        "deconvnet": measure_deconvnet,
        "maximisation": lambda: measure_maximisation(seeds),
        "inversion": lambda: measure_inversion(seeds),
    }
    with one_thread():
        for part in parts:
            yield from suites[part]()


def measure_deconvnet() -> Iterator[Result]:
    """The three rules by layer, on the nine strongest patches of the most selective units.

    Raises:
        ValueError: no photos are here.
    """
    views = _views()
    for layer in LAYERS:
        encoder = _encoder(layer)
        peaks = find_peaks(encoder, views, layer)
        units = selective_units(peaks, NUM_UNITS)
        found = [strongest_windows(views, peaks, unit, WINDOW) for unit in units]
        falls = [
            occlusion_map(encoder, image[None], layer, unit, SQUARE)
            for unit, windows in zip(units, found, strict=True)
            for image in windows.images[:NUM_COVERED]
        ]
        for rule in RULES:
            yield _projected(encoder, layer, rule, units, found, falls)


def _projected(
    encoder: EfficientNetLite,
    layer: str,
    rule: Rule,
    units: Sequence[int],
    found: Sequence[Windows],
    falls: Sequence[Tensor],
) -> Result:
    """The figures of a rule."""
    begun, start = time.process_time(), time.perf_counter()
    projections = [
        project(encoder, images, layer, torch.full((len(images),), unit), rule, places)
        for unit, (images, places, _) in zip(units, found, strict=True)
    ]
    cpu_seconds = (time.process_time() - begun) / len(units)
    covered = [
        project(encoder, image[None], layer, torch.tensor([unit]), rule)
        for unit, windows in zip(units, found, strict=True)
        for image in windows.images[:NUM_COVERED]
    ]
    shares = [
        central_share(one, windows.places, WINDOW // 4).mean().item()
        for one, windows in zip(projections, found, strict=True)
    ]
    alike = [
        likeness(squares_around(one, windows.places, WINDOW // 4))
        for one, windows in zip(projections, found, strict=True)
    ]
    agreements = [agreement(*pair) for pair in zip(covered, falls, strict=True)]
    return Result(
        suite=SUITE,
        task=f"projections from {layer}",
        method=rule,
        seed=0,
        metrics={
            "energy_in_a_sixteenth_percent": 100.0 * mean(shares),
            "likeness_of_places": mean(alike),
            "agreement_with_occlusion": mean(agreements),
            "cpu_seconds_a_unit": cpu_seconds,
        },
        seconds=time.perf_counter() - start,
        config={"units": list(units), "window": WINDOW, "encoder": ENCODER},
    )


def measure_maximisation(seeds: Sequence[int]) -> Iterator[Result]:
    """How strongly units answer to images made for them, beside all places of the photos.

    Raises:
        ValueError: no photos are here.
    """
    views = _views()
    for layer in LAYERS:
        encoder = _encoder(layer)
        peaks = find_peaks(encoder, views, layer)
        units = selective_units(peaks, NUM_UNITS)
        with torch.no_grad():
            in_photos = torch.stack(
                [encoder(view.image)[layer][0, units].mean(dim=(1, 2)) for view in views]
            ).amax(dim=0)
        for space in ("spectrum", "pixels"):
            for seed in seeds:
                begun, start = time.process_time(), time.perf_counter()
                torch_rng = torch.Generator().manual_seed(seed)
                climb = replace(CLIMB, space=space)
                found = maximise(encoder, layer, units, climb, torch_rng)
                yield Result(
                    suite=SUITE,
                    task=f"maximised units of {layer}",
                    method=space,
                    seed=seed,
                    metrics={
                        "mean_activation": found.activations.mean().item(),
                        "of_noise": found.at_first.mean().item(),
                        "of_the_best_photo": in_photos.mean().item(),
                        "cpu_seconds_a_unit": (time.process_time() - begun) / len(units),
                    },
                    seconds=time.perf_counter() - start,
                    config={"units": units, "size": CLIMB.size, "steps": CLIMB.steps},
                )


def measure_inversion(seeds: Sequence[int]) -> Iterator[Result]:
    """What layers and their Gram matrices keep of a photo.

    Raises:
        ValueError: the photo is not here.
    """
    photo = load_image(_photos()[PHOTO], SMALL.size)
    for number, layer in enumerate(LAYERS, start=1):
        upto = LAYERS[:number]
        encoder = _encoder(*upto)
        for seed in seeds:
            settings = replace(SMALL, seed=seed)
            content = partial(invert_content, encoder, photo, layer, settings)
            yield _inverted(f"content of {layer}", seed, photo, content)
            style = partial(invert_style, encoder, photo, upto, settings)
            yield _inverted(f"style up to {layer}", seed, photo, style)


def _inverted(method: str, seed: int, photo: Tensor, invert: Callable[[], Inverted]) -> Result:
    begun, start = time.process_time(), time.perf_counter()
    found = invert()
    return Result(
        suite=SUITE,
        task=f"inversion of {PHOTO}",
        method=method,
        seed=seed,
        metrics={
            "distance_left_percent": 100.0 * found.distance / found.at_first,
            "ssim_with_the_photo": float(structural_similarity(found.image, photo)),
            "cpu_seconds": time.process_time() - begun,
        },
        seconds=time.perf_counter() - start,
        config={"size": SMALL.size, "evaluations": SMALL.evaluations},
    )


def likeness(projections: Float[Tensor, "k 3 side side"]) -> float:
    """The mean cosine of pairs of projections; 1 if all are alike but for their scale."""
    rows = F.normalize(projections.flatten(1), dim=1)
    num = len(rows)
    return float((rows @ rows.T).sum() - rows.square().sum()) / max(num * (num - 1), 1)


def agreement(projection: Float[Tensor, "1 3 h w"], fall: Float[Tensor, "rows columns"]) -> float:
    """The correlation of a projection's energy within the square with what covering it changes."""
    energy = F.avg_pool2d(projection.square().sum(dim=1), SQUARE.side, SQUARE.stride)
    pair = torch.stack([energy.flatten().sqrt(), fall.abs().flatten()])
    return float(torch.corrcoef(pair)[0, 1].nan_to_num())


def _encoder(*layers: str) -> EfficientNetLite:
    return EfficientNetLite(layers, packaged_weights())


def _photos() -> dict[str, Path]:
    photos = available_photos()
    if PHOTO not in photos:
        raise ValueError(
            f"this suite looks at photographs, got no {PHOTO}; run `pip install 'etude[photos]'`."
        )
    return photos


def _views() -> list[View]:
    return views_of(Pictures(list(_photos().values())), SCALES, WINDOW)
