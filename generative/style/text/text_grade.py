"""How well sentences were restyled: exactly where the grammar knows the answer, and by judges.

Exact: whether an output is an admissible sentence of what the source means, or may mean as well,
and how much of its content it keeps. By judges that share nothing with a restyler: the register by
``register_classifier``, fluency by the perplexity of a ``kneser_ney`` model of the wanted register,
likeness to one given translation by chrF.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import torch

from etude.generative.style.text.content import Item, content_of, num_kept
from etude.generative.style.text.corpus import normalise, parallel
from etude.generative.style.text.grammar import Meaning
from etude.generative.style.text.kneser_ney import KneserNey
from etude.generative.style.text.lexicon import Register
from etude.generative.style.text.phrases import words_of
from etude.generative.style.text.readings import reading
from etude.generative.style.text.register_classifier import RegisterClassifier, load_classifier

MODEL_SEED: Final = 20_151_995
"""Of the sentences of the language models, so that no restyler trains on them by accident."""
MODEL_SIZE: Final = 20_000
CHRF_ORDER: Final = 6
CHRF_BETA: Final = 2.0


@dataclass(frozen=True, kw_only=True)
class TextGrade:
    """Shares are in [0, 1]; None is what could not be measured.

    Attributes:
        num_sentences: that were graded.
        match: share that are admissible sentences of a meaning of the source.
        content: share of the items of content that were kept.
        register_accuracy: share in the wanted register, by the classifier.
        kept_and_right: share of the sentences that keep all content in the wanted register.
        perplexity: of the language model, for a word.
        copies: share that say the same as the source.
        chrf: 0 to 100, to the given translations.
    """

    num_sentences: int
    match: float | None
    content: float | None
    register_accuracy: float
    kept_and_right: float | None
    perplexity: float
    copies: float
    chrf: float | None


def grade_text(
    outputs: Sequence[str],
    sources: Sequence[str],
    register: Register,
    *,
    meanings: Sequence[Meaning] | None = None,
    contents: Sequence[Sequence[Item]] | None = None,
    translations: Sequence[str] | None = None,
    classifier: RegisterClassifier | None = None,
    language_model: KneserNey | None = None,
) -> TextGrade:
    """Grade what a restyler made of sentences.

    Args:
        outputs: what it wrote.
        sources: what it read.
        register: what it was asked for.
        meanings: of the sources, where they are of the grammar.
        contents: what each output has to keep; by default that of the meanings.
        translations: one for each source, for chrF.
        classifier: the judge of register; by default the one that comes with the package.
        language_model: the judge of fluency; by default one of the grammar's sentences.

    Raises:
        ValueError: there are no outputs, or lists of other lengths.
    """
    for name, given in (
        ("sources", sources),
        ("meanings", meanings),
        ("contents", contents),
        ("translations", translations),
    ):
        if given is not None and len(given) != len(outputs):
            raise ValueError(f"each output has its {name}, got {len(given)} for {len(outputs)}.")
    if not outputs:
        raise ValueError("a grade is a mean over outputs, got none; restyle some sentences.")
    read = None if meanings is None else readings(outputs, sources, meanings, register)
    if contents is None and meanings is not None and read is not None:
        pairs = zip(meanings, read, strict=True)
        contents = [content_of(found or meaning) for meaning, found in pairs]
    named = (classifier or load_classifier()).registers(outputs)
    is_right = [name == register for name in named]
    model = language_model or load_language_model(register)
    return TextGrade(
        num_sentences=len(outputs),
        match=None if read is None else _mean(found is not None for found in read),
        content=None if contents is None else content_share(outputs, contents),
        register_accuracy=_mean(is_right),
        kept_and_right=None
        if contents is None
        else _mean(
            right and num_kept(items, output) == len(items)
            for right, items, output in zip(is_right, contents, outputs, strict=True)
        ),
        perplexity=model.perplexity(model_words(output) for output in outputs),
        copies=_mean(
            normalise(output) == normalise(source)
            for output, source in zip(outputs, sources, strict=True)
        ),
        chrf=None if translations is None else chrf(outputs, translations),
    )


def readings(
    outputs: Sequence[str], sources: Sequence[str], meanings: Sequence[Meaning], register: Register
) -> list[Meaning | None]:
    """What each source and its output both mean; None where that is nothing, see ``reading``."""
    given = zip(meanings, sources, outputs, strict=True)
    return [reading(meaning, source, register, output) for meaning, source, output in given]


def match_share(
    outputs: Sequence[str], sources: Sequence[str], meanings: Sequence[Meaning], register: Register
) -> float:
    """Share of the outputs that are admissible."""
    return _mean(it is not None for it in readings(outputs, sources, meanings, register))


def content_share(outputs: Sequence[str], contents: Sequence[Sequence[Item]]) -> float:
    """Share of all items that were kept; 1 if there are none."""
    kept = sum(num_kept(items, text) for items, text in zip(contents, outputs, strict=True))
    total = sum(len(items) for items in contents)
    return kept / total if total else 1.0


def chrf(outputs: Sequence[str], translations: Sequence[str]) -> float:
    """Mean over sentences of the F-score of n-grams of letters, 0 to 100.

    M. Popovic, "chrF: character n-gram F-score for automatic MT evaluation", WMT 2015, with n up to
    6 and beta 2; spaces do not count.
    """
    return 100.0 * _mean(map(_chrf, outputs, translations))


@lru_cache(maxsize=2)
def load_language_model(register: Register) -> KneserNey:
    """A trigram model of 20,000 sentences of the grammar; three seconds on a core."""
    pairs = parallel("train", MODEL_SIZE, torch.Generator().manual_seed(MODEL_SEED))
    lines = [pair.informal if register == "informal" else pair.formal for pair in pairs]
    return KneserNey([model_words(line) for line in lines])


def model_words(sentence: str) -> list[str]:
    """The words that language models count, without the mark at the end."""
    return words_of(normalise(sentence))


def _chrf(output: str, translation: str) -> float:
    texts = ["".join(normalise(text).split()) for text in (output, translation)]
    precisions, recalls = [], []
    for n in range(1, CHRF_ORDER + 1):
        own, given = (Counter(text[i : i + n] for i in range(len(text) - n + 1)) for text in texts)
        shared = (own & given).total()
        if own and given:
            precisions.append(shared / own.total())
            recalls.append(shared / given.total())
    if not precisions or not sum(precisions):
        return 0.0
    precision, recall = _mean(precisions), _mean(recalls)
    return (1 + CHRF_BETA**2) * precision * recall / (CHRF_BETA**2 * precision + recall)


def _mean(values: Iterable[float]) -> float:
    numbers = list(values)
    return sum(numbers) / len(numbers)
