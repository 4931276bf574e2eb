"""GANs where the truth is known: objectives on rings, grids and stacked digits, graded exactly.

All methods have the same networks, batches and numbers of updates; only what is minimised differs.
Data are drawn, samples graded and pictures made outside the measured time, but for the batches of
the training itself.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from itertools import chain
from pathlib import Path
from typing import Final, Literal, get_args

import torch

from etude.benchmarks.gan_cost import SUITE, measure_cost
from etude.benchmarks.report import report
from etude.benchmarks.results import Result
from etude.benchmarks.runner import Run, run_all
from etude.benchmarks.suites import record
from etude.generative.gan.gan_training import Lesson
from etude.generative.gan.known_grade import grade_known
from etude.generative.gan.recipes import Preset, recipe
from etude.generative.gan.settings import GANSettings, ObjectiveName
from etude.generative.gan.stacked_digits import STACKED_DIGITS
from etude.generative.gan.task import (
    Task,
    make_lesson,
    open_task,
    trained_generator,
)

Part = Literal["best", "fast", "objectives", "digits", "cost"]
POINTS: Final = ("ring8", "grid25")
CURVES: Final = {STACKED_DIGITS: "modes"}
NUM_LOOKS: Final = 4
OBJECTIVE_SEEDS: Final = 2
DIGIT_SEEDS: Final = 3
COST_ROUNDS: Final = 5
ReportShare = Callable[[float], None]


def gan_toy(
    *,
    parts: tuple[Part, ...] = get_args(Part),
    seeds: int = 10,
    out: Path = Path("runs/bench"),
    workers: int | None = None,
    ray: str | None = None,
) -> None:
    """Compare GANs and moment matching where every sample can be graded.

    About 40 minutes on two cores. Runs that are in the folder already, with the same settings, are
    not run again; Ctrl-C keeps those that are done.

    Args:
        parts: "best" and "fast": the presets on ring8 and grid25; "objectives": all others, with
            the networks and the steps of "fast"; "digits": 1,000 modes; "cost": a training step
            beside a bare loop and beside Lightning.
        seeds: of the presets; the digits have 3, the other objectives 2.
        out: folder of `results.jsonl`.
        workers: runs at a time; one a core if left out.
        ray: run on a cluster of Ray instead: local, auto, or ray://HOST:10001.

    Raises:
        ValueError: fewer seeds than 1.
        RuntimeError: some runs failed; the others are in the folder.
        ImportError: the digits need scikit-learn.
    """
    if seeds < 1:
        raise ValueError(f"--seeds is at least 1, got {seeds}.")
    path = out / "results.jsonl"
    planned: dict[str, Callable[[], Iterator[Run]]] = {
        "best": lambda: plan(POINTS, "relativistic", "best", seeds),
        "fast": lambda: plan(POINTS, "relativistic", "fast", seeds),
        "objectives": lambda: chain.from_iterable(
            plan(POINTS, objective, "fast", min(seeds, OBJECTIVE_SEEDS))
            for objective in get_args(ObjectiveName)
            if objective != "relativistic"
        ),
        "digits": lambda: plan((STACKED_DIGITS,), "relativistic", "best", min(seeds, DIGIT_SEEDS)),
    }
    for part in parts:
        if part == "cost":
            record(measure_cost(COST_ROUNDS), path)
        else:
            run_all(planned[part](), path, workers, ray)
    report(path)


def plan(
    data: tuple[str, ...], objective: ObjectiveName, preset: Preset, seeds: int
) -> Iterator[Run]:
    """A run for each data set and seed."""
    for name in data:
        settings = recipe(name, objective, preset)
        for seed in range(seeds):
            yield Run(
                suite=SUITE,
                task=name,
                method=f"etude, {objective}" + (", best" if preset == "best" else ""),
                seed=seed,
                config=asdict(replace(settings, seed=seed)),
                execute=train_and_grade,
                cost=settings.steps * settings.batch_size / 1e5,
            )


def train_and_grade(run: Run, report_share: ReportShare) -> Result:
    """Train one generator on one thread, look at it now and then, and grade it."""
    torch.set_num_threads(1)
    task, settings = open_task(run.task), GANSettings(**run.config)
    lesson = make_lesson(task, settings, torch.device("cpu"))
    looks = {round(settings.steps * (i + 1) / NUM_LOOKS) for i in range(NUM_LOOKS)}
    start, cpu_seconds, curve, metrics = time.perf_counter(), 0.0, [], {}
    begun = time.process_time()
    for step in range(1, settings.steps + 1):
        lesson.update()
        if step in looks:
            cpu_seconds += time.process_time() - begun
            metrics = figures(task, lesson, settings)
            curve.append((step, metrics[CURVES.get(task.name, "high_quality")]))
            report_share(step / settings.steps)
            begun = time.process_time()
    metrics["cpu_seconds"] = cpu_seconds
    return run.result(metrics=metrics, curve=curve, seconds=time.perf_counter() - start)


def figures(task: Task, lesson: Lesson, settings: GANSettings) -> dict[str, float]:
    """The grade of a generator without what its samples do not let one compute."""
    generator = trained_generator(task, lesson, settings, {})
    torch_rng = torch.Generator().manual_seed(settings.seed + 1)
    found = grade_known(generator, torch_rng).as_dict()
    return {name: float(value) for name, value in found.items() if value is not None}
