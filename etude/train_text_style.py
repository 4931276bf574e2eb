"""Training a network that restyles requests on the command line: ``etude train text-style``."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

import torch
import tyro
from rich.console import Console
from rich.table import Table

from etude import __version__
from etude.benchmarks.one_thread import one_thread
from etude.foundations.files import replacing
from etude.generative.records import Progress
from etude.generative.style.text.corpus import SPLITS, parallel
from etude.generative.style.text.delete_retrieve_generate import OTHER
from etude.generative.style.text.lessons import Corpus, TextLesson, check_corpus, lesson_on
from etude.generative.style.text.lexicon import Register
from etude.generative.style.text.restyler import Restyler, save_restyler
from etude.generative.style.text.restyler_training import TextSettings
from etude.generative.style.text.text_grade import match_share
from etude.output import Outcome
from etude.run_folder import claim
from etude.training_run import train_in_folder

PREVIEWED: Final[dict[Register, tuple[str, ...]]] = {
    "formal": ("Come and sit.", "Can you grab my coat?", "Don't wake the cat!"),
    "informal": ("Please take a seat.", "Might I trouble you for some water?"),
}
Shares = dict[str, dict[Register, float]]
NUM_GRADED: Final = 250  # held-out pairs of a split
GRADE_SEED: Final = 1_000_003  # far from those of training


class WrittenPair(NamedTuple):
    """A sentence in both registers, from a user's file."""

    informal: str
    formal: str


@dataclass(frozen=True, kw_only=True)
class Output:
    """Where everything goes.

    Raises:
        ValueError: previews every 0 steps.
    """

    out: Path = Path("runs/text")
    """A folder for everything that is made."""
    save_every: int = 200
    """Steps from one checkpoint and preview to the next."""

    def __post_init__(self) -> None:
        if self.save_every < 1:
            raise ValueError(f"save_every is at least 1 step, got {self.save_every}; 200 is usual.")


def train_text_style(
    *,
    corpus: Corpus = "parallel",
    pairs: Path | None = None,
    output: Annotated[Output, tyro.conf.arg(name="")] = Output(),
    settings: Annotated[TextSettings, tyro.conf.arg(name="")] = TextSettings(),  # noqa: B008
) -> Outcome:
    """Train a network that says requests in another register, in about five minutes on one core.

    Ctrl-C ends the training and keeps everything; the same command goes on where it ended, and
    comes to the same network as if it had not. The folder has `restyler.safetensors`, which
    `etude restyle --model` takes, `preview.txt`, what a few sentences become by now, and
    `steps.jsonl`, the losses.

    Args:
        corpus: "parallel": from pairs of one meaning; "non-parallel": from sentences of which no
            two mean the same.
        pairs: a file of your own pairs to learn from besides the grammar's: a line for each,
            informal, a tab, formal.
        output: where everything goes.
        settings: how.

    Returns:
        The file of the network, what the run was, and the shares of held-out requests that became
        admissible ones.

    Raises:
        ValueError: a file that holds no pairs, pairs for a corpus without, another run in the
            folder, or a setting out of its range.
        FileNotFoundError: there is no such file.
        FloatingPointError: the training diverged; the last checkpoint is kept.
        OSError: the folder cannot be written.
    """
    own = [] if pairs is None else read_pairs(pairs)
    check_corpus(corpus, own)
    run: dict[str, Any] = {
        "made_by": f"etude train text-style {__version__}",
        "corpus": corpus,
        "pairs": str(pairs) if pairs else None,
        "num_own_pairs": len(own),
        "settings": asdict(settings),
    }
    claim(output.out, run)
    console = Console(highlight=False)
    with one_thread(), console.status("sentences"):
        lesson = lesson_on(corpus, settings, own)
    with one_thread():
        preview = Previews(output.out / "preview.txt", lesson, output.save_every)
        train_in_folder(
            lesson, lesson.num_steps, output.out, run, preview, save_every=output.save_every
        )
    trained = trained_restyler(lesson, run)
    path = output.out / "restyler.safetensors"
    save_restyler(path, trained)
    console.print(f"network: {path} ({path.stat().st_size / 1e6:.2f} MB)", soft_wrap=True)
    console.print(f"\n{preview.text()}", soft_wrap=True)
    shares = admissible_shares(trained)
    print_shares(shares, console)
    return {"network": path, "run": run, "admissible": shares}


def trained_restyler(lesson: TextLesson, notes: Mapping[str, Any]) -> Restyler:
    """What a lesson has come to so far."""
    return Restyler(lesson.average.eval(), lesson.vocabulary, notes)


def read_pairs(path: Path) -> list[WrittenPair]:
    """The pairs of a file: informal, a tab, formal; empty lines and those after # do not count.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: a line with other than two columns, or no pair.
    """
    pairs = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(f"pairs are text in UTF-8, got {str(path)!r}; save it as such.") from error
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        columns = [column.strip() for column in line.split("\t")]
        if len(columns) != 2 or not all(columns):
            raise ValueError(
                f"a line is an informal sentence, a tab and a formal one, got {line!r:.100} in "
                f"line {number} of {str(path)!r}; give it two columns."
            )
        pairs.append(WrittenPair(*columns))
    if not pairs:
        raise ValueError(f"a file of pairs has at least one, got none in {str(path)!r}; add some.")
    return pairs


class Previews:
    """A recorder that restyles a few sentences now and then.

    Args:
        path: of the text, which is replaced each time.
        lesson: whose network is asked.
        every_steps: how often.
    """

    def __init__(self, path: Path, lesson: TextLesson, every_steps: int) -> None:
        self._path, self._lesson, self._every_steps = path, lesson, every_steps

    def begin(self, step: int) -> None:
        """Nothing to do."""

    def picture_at(self, step: int) -> None:
        """There are no pictures of words."""

    def record(self, progress: Progress) -> None:
        """See ``Recorder``."""
        if progress.step % self._every_steps == 0:
            with replacing(self._path) as partial:
                partial.write_text(f"step {progress.step}\n{self.text()}\n", encoding="utf-8")

    def text(self) -> str:
        """What the sentences become now."""
        restyler = trained_restyler(self._lesson, {})
        return "\n".join(
            f"{it.source} -> {it.output}"
            for register, sentences in PREVIEWED.items()
            for it in restyler.write(sentences, register)
        )


def admissible_shares(trained: Restyler) -> Shares:
    """How many held-out requests became one of the admissible ones, by split and register."""
    shares: Shares = {}
    for split in SPLITS[1:]:
        pairs = parallel(split, NUM_GRADED, torch.Generator().manual_seed(GRADE_SEED))
        shares[split] = {}
        for register, other in OTHER.items():
            sources, meanings = (
                [getattr(pair, other) for pair in pairs],
                [it.meaning for it in pairs],
            )
            outputs = [it.output for it in trained.write(sources, register)]
            shares[split][register] = match_share(outputs, sources, meanings, register)
    return shares


def print_shares(shares: Shares, console: Console) -> None:
    """The same as a table."""
    table = Table("held out", *(f"to {register}" for register in OTHER), box=None)
    for split, by_register in shares.items():
        table.add_row(split, *(f"{by_register[register]:.1%}" for register in OTHER))
    console.print(table)
