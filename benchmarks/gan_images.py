"""GANs on scikit-learn's digits, graded beside real ones: BigGAN, StyleGAN2 and DCGAN.

BigGAN learns by its recipe; the others get the CPU time that it took, each with the steps of its
own recipe stretched to fill it. Samples are graded outside the measured time. BigGAN is told the
class of each image, which helps; the others are not.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from typing import Final, NamedTuple

import torch

from etude.benchmarks.gan_cost import Unrecorded
from etude.benchmarks.one_thread import one_thread
from etude.benchmarks.plain_biggan import plain_step
from etude.benchmarks.results import Result
from etude.benchmarks.turns import costs, timed
from etude.generative.gan.adversarial import uniform_latents
from etude.generative.gan.biggan import BigGANDiscriminator, BigGANGenerator
from etude.generative.gan.digits_grade import NUM_SAMPLES, DigitsGrade, asked_labels, grade_digits
from etude.generative.gan.gan_training import EARLY_SHARE, AdversarialLesson
from etude.generative.gan.generator_file import TrainedGenerator, open_generator
from etude.generative.gan.recipes import recipe
from etude.generative.gan.settings import Architecture, GANSettings
from etude.generative.gan.shipped import find_generator
from etude.generative.gan.source import LabelledSource
from etude.generative.gan.stacked_digits import DIGITS, digits
from etude.generative.gan.task import make_lesson, open_task, trained_generator
from etude.generative.training import train

SUITE: Final = "gan_images"
TRUNCATION: Final = "BigGAN's truncation"
COST: Final = "cost of a step of BigGAN on digits"
FIRST: Final = "BigGAN"
METHODS: Final[dict[str, Architecture]] = {
    FIRST: "biggan",
    "StyleGAN2": "stylegan",
    "DCGAN": "dcgan",
}
REAL: Final = "real digits, the other half"
THRESHOLDS: Final = (2.0, 1.5, 1.0, 0.7, 0.5, 0.3)
TRUNCATION_SEEDS: Final = 3
COST_STEPS: Final = 30  # in each round
WARM_UP: Final = 5  # steps
SHIPPED: Final = "biggan-digits"
NOISE_SEED: Final = 1_000  # of the samples, apart from those of the training


class Trained(NamedTuple):
    """A generator, how it learned, and how long that took."""

    generator: TrainedGenerator
    settings: GANSettings
    cpu_seconds: float


def measure(seeds: Iterable[int]) -> Iterator[Result]:
    """Grades of the methods, and of real digits; about a quarter of an hour a seed.

    Args:
        seeds: of each method.

    Raises:
        ImportError: the digits need scikit-learn.
    """
    yield real_result()
    for seed in seeds:
        cpu_seconds = None
        for method, architecture in METHODS.items():
            begun = time.perf_counter()
            trained = train_generator(architecture, seed, cpu_seconds)
            cpu_seconds = cpu_seconds or trained.cpu_seconds
            yield Result(
                suite=SUITE,
                task=DIGITS,
                method=method,
                seed=seed,
                metrics=figures(grade(trained.generator, seed))
                | {"cpu_seconds": trained.cpu_seconds},
                seconds=time.perf_counter() - begun,
                config=asdict(trained.settings),
            )


def train_generator(
    architecture: Architecture, seed: int, cpu_seconds: float | None = None
) -> Trained:
    """Train one generator of digits by its recipe, on one thread.

    Args:
        architecture: which networks.
        seed: of the run.
        cpu_seconds: how long, about: the steps of the recipe, and with them its schedules, are
            stretched; as long as the recipe takes if left out.
    """
    task = open_task(DIGITS)
    settings = replace(recipe(DIGITS, architecture=architecture), seed=seed)
    with one_thread():
        if cpu_seconds is not None:
            steps = round(cpu_seconds / seconds_of_step(settings))
            settings = replace(settings, steps=max(steps, 1))
        lesson = make_lesson(task, settings, torch.device("cpu"))
        begun = time.process_time()
        train(lesson.update, lesson.parts, settings.steps, Unrecorded())
        taken = time.process_time() - begun
        return Trained(trained_generator(task, lesson, settings, {}), settings, taken)


def seconds_of_step(settings: GANSettings, num_steps: int = COST_STEPS) -> float:
    """CPU seconds of a step of a run, whose batches may grow towards its end."""
    found = []
    for size in (settings.batch_size, settings.final_batch_size):
        short = replace(settings, batch_size=size, final_batch_size=size)
        lesson = make_lesson(open_task(DIGITS), short, torch.device("cpu"))
        train(lesson.update, lesson.parts, WARM_UP, Unrecorded())
        begun = time.process_time()
        train(lesson.update, lesson.parts, num_steps, Unrecorded())
        found.append((time.process_time() - begun) / num_steps)
    return EARLY_SHARE * found[0] + (1.0 - EARLY_SHARE) * found[1]


def grade(generator: TrainedGenerator, seed: int, truncation: float | None = None) -> DigitsGrade:
    """The grade of as many samples as there are digits, of their classes if it knows classes."""
    torch_rng = torch.Generator().manual_seed(NOISE_SEED + seed)
    z = uniform_latents(NUM_SAMPLES, generator.latent_dim, torch_rng)
    labels = asked_labels() if generator.num_classes else None
    return grade_digits(generator(z, labels, truncation), labels)


def figures(graded: DigitsGrade) -> dict[str, float]:
    """The numbers of a grade, without those that do not apply."""
    return {name: value for name, value in graded.as_dict().items() if value is not None}


def real_result() -> Result:
    """What one half of the digits gets beside the other."""
    begun = time.perf_counter()
    real = grade_digits(*digits())
    metrics = {f"half_{name}": value for name, value in real.real_half._asdict().items()}
    metrics |= {
        "accuracy": real.real_accuracy,
        "variety": 1.0,
        "nearest": real.real_nearest,
        "copies": real.real_copies,
    }
    seconds = time.perf_counter() - begun
    return Result(suite=SUITE, task=DIGITS, method=REAL, seed=0, metrics=metrics, seconds=seconds)


def measure_truncation() -> Iterator[Result]:
    """What truncated noise does to the BigGAN that comes along."""
    generator = open_generator(find_generator(SHIPPED))
    for threshold in (None, *THRESHOLDS):
        for seed in range(TRUNCATION_SEEDS):
            begun = time.perf_counter()
            graded = grade(generator, seed, threshold)
            yield Result(
                suite=SUITE,
                task=TRUNCATION,
                method="all noise" if threshold is None else f"threshold {threshold:g}",
                seed=seed,
                metrics=figures(graded),
                seconds=time.perf_counter() - begun,
                config={"threshold": threshold, "generator": SHIPPED},
            )


def measure_cost(rounds: int, num_steps: int = COST_STEPS) -> Iterator[Result]:
    """Steps a CPU second of BigGAN by our loop, and of a plain one of the same networks.

    Args:
        rounds: how often; both take turns, so that the load of the machine falls on both alike.
        num_steps: in each round.
    """
    task = open_task(DIGITS)
    settings = replace(recipe(DIGITS, architecture="biggan"), orthogonal_weight=0.0)
    own, copied = (make_lesson(task, settings, torch.device("cpu")) for _ in range(2))
    assert isinstance(copied, AdversarialLesson)
    assert isinstance(task.source, LabelledSource)
    generator, discriminator = copied.game.generator, copied.game.discriminator
    assert isinstance(generator, BigGANGenerator)
    assert isinstance(discriminator, BigGANDiscriminator)
    plain = plain_step(generator, discriminator, task.source, settings)
    yield from costs(
        SUITE,
        COST,
        {"etude": timed(own.update), "plain loop of the same networks": timed(plain)},
        rounds=rounds,
        steps=num_steps,
        warm_up=WARM_UP,
        config={"batch_size": settings.batch_size},
    )
