"""The lessons on the grammar's requests: with pairs of one meaning, and without.

One place says what a seed draws, so that the command line and the benchmark train the same
networks.
"""

from collections.abc import Sequence
from typing import Final, Literal

import torch

from etude.generative.style.text.back_translation import UnalignedLesson
from etude.generative.style.text.corpus import translations, unaligned
from etude.generative.style.text.restyler_training import (
    Pair,
    ParallelLesson,
    TextSettings,
    both_ways,
    vocabulary_of,
)
from etude.generative.style.text.tokeniser import build_vocabulary

Corpus = Literal["parallel", "non-parallel"]
TextLesson = ParallelLesson | UnalignedLesson
OWN_SHARE: Final = 0.1  # of all pairs, for those of a user


def check_corpus(corpus: Corpus, own: Sequence[Pair]) -> None:
    """Check that a corpus has a place for own pairs.

    Raises:
        ValueError: it has not.
    """
    if own and corpus == "non-parallel":
        raise ValueError("own pairs are for --corpus parallel, got non-parallel; drop one.")


def lesson_on(corpus: Corpus, settings: TextSettings, own: Sequence[Pair] = ()) -> TextLesson:
    """A network before its first step, and what it learns from.

    Args:
        corpus: "parallel" has pairs of one meaning, "non-parallel" sentences of which no two mean
            the same.
        settings: how; its seed draws the sentences, too.
        own: pairs of a user besides those of the grammar, repeated until they are a tenth of all.

    Raises:
        ValueError: own pairs for a corpus without, or see ``Batches``.
    """
    check_corpus(corpus, own)
    torch_rng = torch.Generator().manual_seed(settings.seed)
    if corpus == "non-parallel":
        sentences = unaligned(settings.num_pairs, torch_rng)
        vocabulary = build_vocabulary(line for lines in sentences.values() for line in lines)
        return UnalignedLesson(vocabulary, sentences, settings)
    found = translations(settings.num_pairs, torch_rng, settings.plain_share)
    wanted = settings.num_pairs * OWN_SHARE / (1.0 - OWN_SHARE)
    repeated = [*own] * max(round(wanted / len(own)), 1) if own else []
    vocabulary = vocabulary_of([*found, *repeated])
    examples = [
        example
        for pair in found
        for example in both_ways([pair], vocabulary)
        if example.register == pair.register
    ]
    return ParallelLesson(vocabulary, examples + both_ways(repeated, vocabulary), settings)
