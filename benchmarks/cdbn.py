"""Convolutional deep belief networks: what they learn, and what it is good for.

Edges are learned anew for each seed and compared, as they come, with the noise that has the same
spectrum as photographs never seen; at the end their filters are compared with Gabor functions.
Features of digits are graded by a linear classifier with a hundred labels; completed faces by the
correlation with what was hidden.
"""

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from functools import partial
from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor

from etude.benchmarks.one_thread import one_thread
from etude.benchmarks.results import Result
from etude.generative.features.cdbn import CDBN
from etude.generative.features.cdbn_data import Squares, whitened_faces, whitened_photos
from etude.generative.features.cdbn_file import open_cdbn
from etude.generative.features.cdbn_training import EDGES, begin, lesson_of
from etude.generative.features.crbm import CRBM
from etude.generative.features.digit_features import SETTINGS, stroke_features, stroke_lesson
from etude.generative.features.gabor import fit_gabors, orientation
from etude.generative.features.linear_probe import LinearProbe
from etude.generative.gan.stacked_digits import NUM_DIGITS, digits

SUITE: Final = "features"
ENERGY: Final = "free energy of photos never seen, below noise of their spectrum"
GABOR: Final = "first-layer filters as Gabor functions"
DIGITS: Final = "digits: a linear classifier with 100 labels"
COMPLETION: Final = "hidden halves of faces never seen"
GOOD_FITS: Final = (0.7, 0.8)  # R^2
ORIENTED: Final = 0.5  # see ``orientation``
NUM_POINTS: Final = 10  # of a curve
NUM_SQUARES: Final = 64  # photographs and noise that are compared
LABELS_A_DIGIT: Final = 10
SPLITS: Final = 50
NOISE_SEED: Final = 1_000


def measure(seeds: Iterable[int]) -> Iterator[Result]:
    """All of it, but for the pictures; some minutes a seed.

    Args:
        seeds: of the edges, and of the features of digits.

    Raises:
        ValueError: photographs that are not here.
        ImportError: digits and faces need scikit-learn and scikit-image.
    """
    seeds = list(seeds)
    with one_thread():
        for seed in seeds:
            yield from measure_edges(seed)
        yield from measure_shipped_filters()
        for seed in seeds:
            yield from measure_digits(seed)
        yield from measure_completion()


def measure_edges(seed: int, share: float = 1.0) -> Iterator[Result]:
    """Learn edges: how the free energy of held-out photographs falls below that of noise.

    Args:
        seed: of the filters, the squares and the samples.
        share: of the steps.
    """
    begun = time.perf_counter()
    settings = replace(EDGES.settings, steps=max(round(share * EDGES.settings.steps), 1))
    plan = replace(EDGES, settings=settings)
    photos = whitened_photos()
    torch_rng = torch.Generator().manual_seed(NOISE_SEED)
    held_out = Squares(whitened_photos(split="held_out"), plan.square)(NUM_SQUARES, torch_rng)
    noise = scrambled(held_out, torch_rng)
    machine = begin(plan, photos, seed).machine
    lesson = lesson_of(machine, plan, photos, seed)
    curve = [(0.0, energy_gap(machine, held_out, noise))]
    every = max(settings.steps // NUM_POINTS, 1)
    start = time.process_time()
    for step in range(1, settings.steps + 1):
        lesson.update()
        if step % every == 0:
            curve.append((float(step), energy_gap(machine, held_out, noise)))
    cpu_seconds = time.process_time() - start
    yield Result(
        suite=SUITE,
        task=ENERGY,
        method="convolutional RBM",
        seed=seed,
        metrics={
            "nats_per_pixel_before": curve[0][1],
            "nats_per_pixel_after": curve[-1][1],
            "cpu_seconds": cpu_seconds,
        },
        curve=curve,
        seconds=time.perf_counter() - begun,
        config=asdict(plan),
    )
    yield filters_result("learned anew", machine.weight[:, 0], seed)


def energy_gap(machine: CRBM, photos: Tensor, noise: Tensor) -> float:
    """How many nats a pixel photographs are likelier than noise.

    Free energies are log-probabilities up to the same constant, so their difference is exact.
    """
    difference = machine.free_energy(noise).mean() - machine.free_energy(photos).mean()
    return float(difference) / math.prod(photos.shape[1:])


def scrambled(
    images: Float[Tensor, "n c h w"], torch_rng: torch.Generator
) -> Float[Tensor, "n c h w"]:
    """Noise with the spectrum of each image: the phases are those of white noise."""
    white = torch.fft.rfft2(torch.randn(images.shape, generator=torch_rng))
    phases = white / white.abs().clamp_min(1e-12)
    spectrum = torch.fft.rfft2(images).abs() * phases
    noise: Tensor = torch.fft.irfft2(spectrum, s=images.shape[-2:])
    return noise


def measure_shipped_filters() -> Iterator[Result]:
    """The filters that come along, and two kinds of noise as controls."""
    filters = open_cdbn().stack("photos").machines[0].weight[:, 0]
    torch_rng = torch.Generator().manual_seed(NOISE_SEED)
    yield filters_result("come along", filters, 0)
    yield filters_result(
        "noise with their spectra", scrambled(filters[:, None], torch_rng)[:, 0], 0
    )
    yield filters_result("white noise", torch.randn(filters.shape, generator=torch_rng), 0)


def filters_result(method: str, filters: Float[Tensor, "n size size"], seed: int) -> Result:
    """How many filters are oriented, and well described by a Gabor function."""
    begun = time.perf_counter()
    fits = fit_gabors(filters)
    is_oriented = orientation(fits.functions) >= ORIENTED
    shares = {
        f"fitting_{round(100 * fit):03}_share": float(
            ((fits.explained >= fit) & is_oriented).float().mean()
        )
        for fit in GOOD_FITS
    }
    return Result(
        suite=SUITE,
        task=GABOR,
        method=method,
        seed=seed,
        metrics={
            **shares,
            "median_explained": float(fits.explained.median()),
            "filters": float(len(filters)),
        },
        seconds=time.perf_counter() - begun,
        config={"oriented": ORIENTED},
    )


def measure_digits(seed: int) -> Iterator[Result]:
    """Features beside pixels, and beside those of filters that have learned nothing."""
    begun = time.perf_counter()
    train, test = digits("train"), digits("test")
    lesson = stroke_lesson(seed)
    untrained = stroke_lesson(seed).machine
    for _ in range(SETTINGS.steps):
        lesson.update()
    views: Mapping[str, Callable[[Tensor], Tensor]] = {
        "features of a convolutional RBM": lambda images: stroke_features(lesson.machine, images),
        "features of random filters": lambda images: stroke_features(untrained, images),
        "pixels": lambda images: images.flatten(1),
    }
    seconds = time.perf_counter() - begun
    for method, view in views.items():
        seen, unseen = view(train.images), view(test.images)
        rights = []
        for split in range(SPLITS):
            chosen = labelled(train.labels, torch.Generator().manual_seed(split))
            probe = LinearProbe(seen[chosen], train.labels[chosen], NUM_DIGITS)
            rights.append(float((probe(unseen) == test.labels).double().mean()))
        mean = sum(rights) / SPLITS
        spread = math.sqrt(sum((right - mean) ** 2 for right in rights) / (SPLITS - 1))
        yield Result(
            suite=SUITE,
            task=DIGITS,
            method=method,
            seed=seed,
            metrics={
                "test_accuracy": mean,
                "half_interval": 1.96 * spread / math.sqrt(SPLITS),
            },
            seconds=seconds,
            config={"splits": SPLITS, "labels": LABELS_A_DIGIT * NUM_DIGITS, **asdict(SETTINGS)},
        )


def labelled(labels: Tensor, torch_rng: torch.Generator) -> Tensor:
    """The numbers of as many random examples of each digit."""
    chosen = []
    for digit in range(NUM_DIGITS):
        places = (labels == digit).nonzero()[:, 0]
        chosen.append(places[torch.randperm(len(places), generator=torch_rng)[:LABELS_A_DIGIT]])
    return torch.cat(chosen)


def measure_completion(num_sweeps: int = 40) -> Iterator[Result]:
    """Left and right halves of held-out faces, from all layers and from fewer.

    Args:
        num_sweeps: of Gibbs sampling, of which means are taken.
    """
    faces = whitened_faces("held_out")
    stack = open_cdbn().stack("faces")
    half = faces.shape[-1] // 2
    for number, side in enumerate((slice(None, half), slice(-half, None))):
        known = torch.ones(1, 1, *faces.shape[2:], dtype=torch.bool)
        known[..., side] = False
        for method, make in completions(stack, faces, known, num_sweeps).items():
            begun = time.perf_counter()
            images = make()
            yield Result(
                suite=SUITE,
                task=COMPLETION,
                method=method,
                seed=number,
                metrics={"correlation": correlation(images[..., side], faces[..., side])},
                seconds=time.perf_counter() - begun,
                config={"faces": len(faces), "sweeps": num_sweeps},
            )


def completions(
    stack: CDBN, faces: Tensor, known: Tensor, num_sweeps: int
) -> dict[str, Callable[[], Tensor]]:
    """Ways to complete faces, by name; what they make of the known pixels does not matter."""
    mean = whitened_faces().mean(dim=0, keepdim=True)
    stacks = {top: stack.lowest(top) for top in range(1, len(stack.machines) + 1)}
    ways: dict[str, Callable[[], Tensor]] = {
        f"layers 1 to {top}, inference": partial(inferred, lowest, faces, known, num_sweeps)
        for top, lowest in stacks.items()
    }
    return ways | {
        f"layer {len(stacks)}, one pass": lambda: one_pass(stack, faces * known),
        "mean of the training faces": lambda: mean.expand_as(faces),
        "the other half, mirrored": lambda: faces.flip(-1),
    }


def inferred(stack: CDBN, faces: Tensor, known: Tensor, num_sweeps: int) -> Tensor:
    """Completions by block Gibbs sampling."""
    torch_rng = torch.Generator().manual_seed(0)
    return stack.infer(faces, known, torch_rng, num_sweeps=num_sweeps).images


def one_pass(stack: CDBN, images: Tensor) -> Tensor:
    """What the highest layer makes of images in a pass up and one down."""
    seen = stack.ascend(images)
    top = len(seen) - 1
    return stack.descend(seen[top].detection, top)


def correlation(found: Tensor, expected: Tensor) -> float:
    """Of pixels, the mean over images."""
    a, b = (
        part.flatten(1) - part.flatten(1).mean(dim=1, keepdim=True) for part in (found, expected)
    )
    scale = (a.square().sum(dim=1) * b.square().sum(dim=1)).sqrt().clamp_min(1e-12)
    return float(((a * b).sum(dim=1) / scale).mean())
