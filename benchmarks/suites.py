"""The suites that run in one process: measure, append results as they come, show tables."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Final, Literal, get_args

from rich.console import Console

from etude.benchmarks import report, results
from etude.benchmarks.four_in_a_row import measure as measure_four_in_a_row
from etude.benchmarks.results import Result
from etude.benchmarks.solver import measure as measure_solver
from etude.benchmarks.throughput import measure as measure_throughput

ImagePart = Literal["digits", "truncation", "scenes", "cost", "pictures"]
IMAGE_PARTS: Final[tuple[ImagePart, ...]] = get_args(ImagePart)
StylePart = Literal["gatys", "networks", "video"]
FeaturePart = Literal["deconvnet", "maximisation", "inversion", "cdbn"]
TextPart = Literal["baselines", "shipped", "parallel", "non-parallel"]
COST_ROUNDS: Final = 5
FEATURE_PARTS: Final[tuple[FeaturePart, ...]] = get_args(FeaturePart)
STYLE_PARTS: Final[tuple[StylePart, ...]] = get_args(StylePart)
TEXT_PARTS: Final[tuple[TextPart, ...]] = get_args(TextPart)


def throughput(*, rounds: int = 5, seconds: float = 1.0, out: Path = Path("runs/bench")) -> None:
    """Measure plies of random play per CPU second, beside the peers.

    All contenders take turns within a round, so that the load of the machine falls on all alike.
    `pip install 'etude[peers]'` has the peers.

    Args:
        rounds: how often everything is repeated.
        seconds: CPU time of a contender in each round.
        out: folder of the results; new ones are added to those that are there.

    Raises:
        ValueError: fewer rounds than 1, or seconds not above 0.
    """
    if not seconds > 0:
        raise ValueError(f"a contender plays for more than 0 seconds, got {seconds}; 1 is steady.")
    _check_rounds(rounds)
    _record(measure_throughput(rounds, seconds), rounds, out)


def solver(*, rounds: int = 5, out: Path = Path("runs/bench")) -> None:
    """Measure how long exact answers take: tables, grades, and searches by number of stones.

    Args:
        rounds: how often a table is made; a search is repeated on many positions instead.
        out: folder of the results; new ones are added to those that are there.

    Raises:
        ValueError: fewer rounds than 1.
    """
    _check_rounds(rounds)
    _record(measure_solver(rounds), rounds, out)


def four_in_a_row(*, seeds: int = 5, out: Path = Path("runs/bench")) -> None:
    """Let agents learn 4 x 4, four in a row, by self-play until they are perfect, graded exactly.

    Args:
        seeds: how many agents.
        out: folder of the results; new ones are added to those that are there.

    Raises:
        ValueError: fewer seeds than 1.
    """
    if seeds < 1:
        raise ValueError(f"--seeds is at least 1, got {seeds}.")
    _record(measure_four_in_a_row(range(seeds)), seeds, out)


def style(
    *, parts: tuple[StylePart, ...] = STYLE_PARTS, rounds: int = 3, out: Path = Path("runs/bench")
) -> None:
    """Measure style transfer in CPU seconds, losses and distances, beside peers in the same run.

    `pip install 'etude[peers,photos]'` has the peer and the photographs.

    Args:
        parts: "gatys": an evaluation, and the time to equal loss; "networks": the shipped network
            beside a peer's and beside Gatys; "video": flicker and time beside frame by frame.
        rounds: how often times are measured.
        out: folder of the results; new ones are added to those that are there.

    Raises:
        ValueError: fewer rounds than 1, or photographs that are not here.
    """
    from etude.benchmarks import style_gatys, style_networks, style_video  # import torch

    _check_rounds(rounds)
    suites = {"gatys": style_gatys, "networks": style_networks, "video": style_video}
    found = chain.from_iterable(suites[part].measure(rounds) for part in parts)
    _record(found, rounds, out)


def super_resolution(
    *, photos: Path | None = None, rounds: int = 3, out: Path = Path("runs/bench")
) -> None:
    """Grade enlarged photos beside bicubic interpolation, and time a step of training.

    The folder of the results has the figure as well, `super-resolution.png`.

    `pip install 'etude[photos]'` has the photographs.

    Args:
        photos: a folder of pictures to enlarge besides those that packages carry.
        rounds: how often times are measured.
        out: folder of the results; new ones are added to those that are there.

    Raises:
        ValueError: fewer rounds than 1, or photographs that are not here.
    """
    from etude.benchmarks.super_resolution import measure  # these import torch
    from etude.benchmarks.super_resolution_picture import super_resolution_picture

    _check_rounds(rounds)
    _record(measure(rounds, photos), rounds, out)
    super_resolution_picture(out=out / "super-resolution.png")


def gan_images(
    *,
    parts: tuple[ImagePart, ...] = IMAGE_PARTS,
    seeds: int = 2,
    out: Path = Path("runs/bench"),
) -> None:
    """Train DCGAN, StyleGAN2, BigGAN and StackGAN, and grade them beside real images.

    `pip install 'etude[photos]'` has the digits. A seed takes a core half an hour.

    Args:
        parts: "digits": three generators at equal CPU time; "truncation": what it does to the
            BigGAN that comes along; "scenes": pictures of captions; "cost": a step of each beside
            plain code for the same network; "pictures": sheets of those that come along.
        seeds: how many runs of each.
        out: folder of the results; new ones are added to those that are there.

    Raises:
        ValueError: fewer seeds than 1.
        ImportError: the digits need scikit-learn.
    """
    from etude.benchmarks import gan_images as digits  # these import torch
    from etude.benchmarks import stackgan, stackgan_cost, stylegan_cost
    from etude.benchmarks.gan_image_pictures import gan_image_pictures
    from etude.benchmarks.stylegan_pictures import stylegan_pictures

    if seeds < 1:
        raise ValueError(f"--seeds is at least 1, got {seeds}.")

    def sheets() -> Iterator[str]:
        gan_image_pictures(out=out)
        stylegan_pictures(out=out)
        stackgan.paint_sheet(out / "stackgan.png")
        yield f"pictures: {out}"

    suites: Mapping[ImagePart, Callable[[], Iterable[Result | str]]] = {
        "digits": lambda: digits.measure(range(seeds)),
        "truncation": digits.measure_truncation,
        "scenes": lambda: stackgan.measure(range(seeds), trains=True),
        "cost": lambda: chain(
            digits.measure_cost(COST_ROUNDS),
            stylegan_cost.measure_stylegan_cost(COST_ROUNDS),
            stackgan_cost.measure_cost(COST_ROUNDS),
        ),
        "pictures": sheets,
    }
    out.mkdir(parents=True, exist_ok=True)
    _record(chain.from_iterable(suites[part]() for part in parts), seeds, out)


def text_style(
    *,
    parts: tuple[TextPart, ...] = TEXT_PARTS,
    seeds: int = 5,
    first_seed: int = 0,
    steps: int | None = None,
    out: Path = Path("runs/bench"),
) -> None:
    """Train networks that say requests in the other register, and grade them beside baselines.

    The folder of the results has the networks as well, which `etude restyle --model` takes. A seed
    takes a core ten minutes; several processes may share the work, each with seeds of its own.

    Args:
        parts: "baselines": ways that learn nothing but markers; "shipped": the network that comes
            along; "parallel": networks that learn from pairs; "non-parallel": those without.
        seeds: how many runs of each.
        first_seed: of the runs.
        steps: of each training; the usual number if left out.
        out: folder of the results; new ones are added to those that are there.

    Raises:
        ValueError: fewer seeds or steps than 1, or a negative seed.
    """
    from etude.benchmarks.text_style import measure  # imports torch

    if seeds < 1:
        raise ValueError(f"--seeds is at least 1, got {seeds}.")
    _record(measure(parts, range(first_seed, first_seed + seeds), out, steps), seeds, out)


def features(
    *,
    parts: tuple[FeaturePart, ...] = FEATURE_PARTS,
    seeds: int = 2,
    out: Path = Path("runs/bench"),
) -> None:
    """Grade what can be graded of pictures that show what networks have learned.

    `pip install 'etude[photos]'` has the photographs.

    Args:
        parts: "deconvnet": projections from layers by three rules; "maximisation": images that
            units answer to; "inversion": what layers keep of a photo and of its style; "cdbn": a
            belief network that learns from scratch.
        seeds: how many runs of what is random.
        out: folder of the results; new ones are added to those that are there.

    Raises:
        ValueError: fewer seeds than 1, or photographs that are not here.
        ImportError: the belief network's digits and faces need scikit-learn and scikit-image.
    """
    from etude.benchmarks import cdbn  # these import torch
    from etude.benchmarks import features as of_encoders

    if seeds < 1:
        raise ValueError(f"--seeds is at least 1, got {seeds}.")
    mine = [part for part in parts if part != "cdbn"]
    found = of_encoders.measure(mine, range(seeds))
    if "cdbn" in parts:
        found = chain(found, cdbn.measure(range(seeds)))
    _record(found, seeds, out)


def _check_rounds(rounds: int) -> None:
    if rounds < 1:
        raise ValueError(f"a benchmark takes at least 1 round, got {rounds}; 5 show the spread.")


def _record(found: Iterator[Result | str], rounds: int, out: Path) -> None:
    """Record results, and show the tables at the end."""
    path = out / "results.jsonl"
    record(found, path, rounds)
    report.report(path)
    Console(stderr=True).print(f"results: {path}")


def record(found: Iterator[Result | str], path: Path, rounds: int | None = None) -> None:
    """Append results to a file as they come, and print messages.

    Args:
        found: results and messages.
        path: the file.
        rounds: how many there are, if the seeds of the results count them.
    """
    console = Console(stderr=True)
    with console.status("compiling", refresh_per_second=1) as status:  # spinning takes time too
        for result in found:
            if isinstance(result, str):
                console.print(result)
                continue
            results.append(path, result)
            where = f"round {result.seed + 1} of {rounds}: " if rounds else ""
            status.update(f"{where}{result.method}, {result.task}")
