"""Requests said in the other register: by networks with and without pairs, and by older ways.

Held-out requests of the grammar are graded exactly: constructions (verb and frame were never seen
together), verbs and nouns (never seen at all, to be copied). The hand-written ones were made by no
grammar, and by somebody who wrote none of it; half of them, "dev", was used to choose settings, and
only the other half is reported here. Registers are judged by a classifier that shares nothing with
what it judges. What a network wrote counts as it is: what `etude restyle` would rather leave alone
is counted beside it ("trusted"). CPU seconds are of one thread.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final, Literal, NamedTuple, cast

import torch

from etude.benchmarks.one_thread import one_thread
from etude.benchmarks.results import Result
from etude.generative.style.text.content import Item, parse_content
from etude.generative.style.text.corpus import SPLITS, parallel, unaligned
from etude.generative.style.text.delete_retrieve_generate import OTHER, DeleteRetrieve
from etude.generative.style.text.domain import check_request
from etude.generative.style.text.grammar import Meaning
from etude.generative.style.text.lessons import Corpus, lesson_on
from etude.generative.style.text.lexicon import Register
from etude.generative.style.text.restyler import Restyled, Restyler, open_restyler, save_restyler
from etude.generative.style.text.restyler_training import TextSettings
from etude.generative.style.text.text_grade import TextGrade, grade_text

SUITE: Final = "text_style"
SHIPPED: Final = "pairs, the network that comes along"
PARALLEL: Final = "pairs"
UNALIGNED: Final = "no pairs: back-translation"
TEMPLATES: Final = "no pairs: delete, retrieve, template"
RETRIEVED: Final = "no pairs: retrieve"
COPY: Final = "copy"
METHODS: Final[dict[Corpus, str]] = {"parallel": PARALLEL, "non-parallel": UNALIGNED}
NUM_HELD_OUT: Final = 1_000  # requests of a split, in each direction
NUM_RETRIEVABLE: Final = 4_000  # sentences of a register to retrieve from
TEST_SEED: Final = 777_000_777
HAND_WRITTEN: Final = Path(__file__).with_name("hand_written_requests.tsv")
COLUMNS: Final = ("split", "register", "sentence", "content")

TextPart = Literal["baselines", "shipped", "parallel", "non-parallel"]
"""What learns nothing, the network that comes along, and those that learn from a corpus."""
Half = Literal["dev", "test"]
Write = Callable[[Sequence[str], Register], list[str]]


class Request(NamedTuple):
    """A hand-written request."""

    register: Register
    sentence: str
    content: tuple[Item, ...]


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """Requests of one register, to be said in the other."""

    task: str
    register: Register
    sources: list[str]
    meanings: list[Meaning] | None = None
    contents: list[tuple[Item, ...]] | None = None


def measure(
    parts: Sequence[TextPart], seeds: Sequence[int], out: Path, steps: int | None = None
) -> Iterator[Result]:
    """Results as they come: each way on each exercise, and what it cost.

    Args:
        parts: see ``TextPart``.
        seeds: of networks, and of the sentences that baselines retrieve from; ways that draw
            nothing have the first one alone.
        out: a folder for the networks.
        steps: of each training; the usual number if left out.
    """
    with one_thread():
        work = exercises()
        if "baselines" in parts:
            yield from graded(COPY, seeds[0], lambda lines, _: list(lines), work)
        if "shipped" in parts:
            yield from measure_shipped(work)
        for seed in seeds:
            settings = TextSettings(seed=seed, steps=steps)
            if "baselines" in parts:
                yield from measure_retrieval(seed, work)
            for corpus, method in METHODS.items():
                if corpus in parts:
                    yield from measure_network(method, corpus, settings, work, out)


def exercises() -> list[Exercise]:
    """The held-out splits and the hand-written requests, in both directions."""
    found = []
    for split in SPLITS[1:]:
        pairs = parallel(split, NUM_HELD_OUT, torch.Generator().manual_seed(TEST_SEED))
        found += [
            Exercise(
                task=f"{split}, to {register}",
                register=register,
                sources=[getattr(pair, other) for pair in pairs],
                meanings=[pair.meaning for pair in pairs],
            )
            for register, other in OTHER.items()
        ]
    return found + hand_written_exercises("test")


def hand_written_exercises(half: Half) -> list[Exercise]:
    """The hand-written requests, in both directions."""
    requests = read_requests(half)
    return [
        Exercise(
            task=f"hand-written, to {register}",
            register=register,
            sources=[it.sentence for it in requests if it.register == other],
            contents=[it.content for it in requests if it.register == other],
        )
        for register, other in OTHER.items()
    ]


def read_requests(half: Half, path: Path = HAND_WRITTEN) -> list[Request]:
    """One half of the hand-written requests.

    Raises:
        ValueError: the file has other columns.
    """
    head, *lines = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    if tuple(head) != COLUMNS:
        raise ValueError(
            f"requests have the columns {', '.join(COLUMNS)}, got {', '.join(head):.80}."
        )
    return [
        Request(cast(Register, register), sentence, parse_content(content))
        for split, register, sentence, content in lines
        if split == half
    ]


def measure_network(
    method: str, corpus: Corpus, settings: TextSettings, work: Sequence[Exercise], out: Path
) -> Iterator[Result]:
    """A network, trained from a seed and kept: its grades, its cost, its speed."""
    start, begun = time.perf_counter(), time.process_time()
    lesson = lesson_on(corpus, settings)
    for _ in range(lesson.num_steps):
        lesson.update()
    cpu_seconds, seconds = time.process_time() - begun, time.perf_counter() - start
    config = asdict(settings) | {"corpus": corpus, "steps": lesson.num_steps}
    network = lesson.average.eval().requires_grad_(False)
    restyler = Restyler(network, lesson.vocabulary, {"settings": config})
    out.mkdir(parents=True, exist_ok=True)
    save_restyler(out / f"restyler-{corpus}-{settings.seed}.safetensors", restyler)
    written, speed = written_by(restyler, work)
    cost = {"cpu_seconds": cpu_seconds, "sentences_per_cpu_second": speed}
    yield Result(
        suite=SUITE,
        task="training",
        method=method,
        seed=settings.seed,
        metrics=cost,
        seconds=seconds,
        config=config,
    )
    yield from grades(method, settings.seed, restyler, work, written)


def measure_shipped(work: Sequence[Exercise]) -> Iterator[Result]:
    """The network that comes along: its grades and its speed; its card says what it cost."""
    restyler, start = open_restyler(), time.perf_counter()
    notes = restyler.notes["settings"]
    written, speed = written_by(restyler, work)
    metrics = {"sentences_per_cpu_second": speed}
    yield Result(
        suite=SUITE,
        task="training",
        method=SHIPPED,
        seed=notes["seed"],
        metrics=metrics,
        seconds=time.perf_counter() - start,
        config=notes,
    )
    yield from grades(SHIPPED, notes["seed"], restyler, work, written)


def written_by(restyler: Restyler, work: Sequence[Exercise]) -> tuple[list[list[Restyled]], float]:
    """What a network writes for each exercise, greedily, and how many sentences a CPU second."""
    begun = time.process_time()
    written = [restyler.write(it.sources, it.register) for it in work]
    return written, sum(map(len, written)) / (time.process_time() - begun)


def grades(
    method: str,
    seed: int,
    restyler: Restyler,
    work: Sequence[Exercise],
    written: Sequence[Sequence[Restyled]],
) -> Iterator[Result]:
    """The grades of all that a network has written, and of what is trusted."""
    for exercise, found in zip(work, written, strict=True):
        yield grade(method, seed, exercise, [it.output for it in found])
        yield from trusted(method, seed, restyler, exercise, found)


def measure_retrieval(seed: int, work: Sequence[Exercise]) -> Iterator[Result]:
    """Ways that put sentences together from others."""
    sentences = unaligned(NUM_RETRIEVABLE, torch.Generator().manual_seed(seed))
    retrieval = DeleteRetrieve(sentences)
    ways = {TEMPLATES: retrieval.template_based, RETRIEVED: retrieval.retrieve_only}
    for method, way in ways.items():
        yield from graded(method, seed, line_by_line(way), work)


def line_by_line(way: Callable[[str, Register], str]) -> Write:
    """A way to write one sentence, as one to write several."""
    return lambda lines, register: [way(line, register) for line in lines]


def graded(method: str, seed: int, write: Write, work: Sequence[Exercise]) -> Iterator[Result]:
    """The grade of each exercise."""
    for exercise in work:
        yield grade(method, seed, exercise, write(exercise.sources, exercise.register))


def grade(method: str, seed: int, exercise: Exercise, outputs: Sequence[str]) -> Result:
    """What was written for an exercise, graded."""
    start = time.perf_counter()
    metrics = _metrics(_grade(exercise, outputs))
    return Result(
        suite=SUITE,
        task=exercise.task,
        method=method,
        seed=seed,
        metrics=metrics,
        seconds=time.perf_counter() - start,
    )


def trusted(
    method: str, seed: int, restyler: Restyler, exercise: Exercise, written: Sequence[Restyled]
) -> Iterator[Result]:
    """How much is left alone, and the grade of what is not, if anything."""
    found = [restyler.trusted(it) for it in written]
    kept = [
        i
        for i, it in enumerate(found)
        if it.reason is None and check_request(exercise.sources[i]) is None
    ]
    if not kept:
        return
    part = replace(
        exercise,
        sources=[exercise.sources[i] for i in kept],
        meanings=exercise.meanings and [exercise.meanings[i] for i in kept],
        contents=exercise.contents and [exercise.contents[i] for i in kept],
    )
    result = grade(f"{method}, trusted", seed, part, [found[i].output for i in kept])
    yield replace(
        result, metrics={**result.metrics, "left_alone_share": 1.0 - len(kept) / len(found)}
    )


def _grade(exercise: Exercise, outputs: Sequence[str]) -> TextGrade:
    return grade_text(
        outputs,
        exercise.sources,
        exercise.register,
        meanings=exercise.meanings,
        contents=exercise.contents,
    )


def _metrics(grade: TextGrade) -> dict[str, float]:
    measured = {
        "match_share": grade.match,
        "content_share": grade.content,
        "register_share": grade.register_accuracy,
        "kept_and_right_share": grade.kept_and_right,
        "perplexity": grade.perplexity,
        "copies_share": grade.copies,
    }
    return {name: value for name, value in measured.items() if value is not None}
