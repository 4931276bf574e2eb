"""Restyling without pairs: delete what marks a register, and take it from a similar sentence.

J. Li, R. Jia, H. He and P. Liang, "Delete, retrieve, generate: a simple approach to sentiment and
style transfer", NAACL 2018. An n-gram marks a register if it is much more frequent there (eq. 2);
what is left without its markers is the content; the most similar content of the other register is
found by the weights of shared words (sec. 3.2, tf-idf); and its markers come where those of the
source were (``template_based``), or it is the answer as it is (``retrieve_only``). "DeleteOnly",
a network that writes a sentence of a register from its content (sec. 3.3), is ``denoising`` in
``back_translation``.

Departures: tf-idf vectors are compared by their cosine; markers beyond the gaps of the source go to
its end, before the last mark.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor

from etude.generative.style.text.lexicon import Register
from etude.generative.style.text.tokeniser import SENTENCE_ENDS, join_words, split_words

LONGEST: Final = 4  # words of an n-gram (Li et al. 2018, sec. 4.3)
SMOOTHING: Final = 1.0  # lambda there
LEAST_SALIENCE: Final = 5.5  # gamma; there 15 for Yelp and captions, 5.5 for Amazon
LEAST_COUNT: Final = 3  # rarer n-grams are no evidence
OTHER: Final[dict[Register, Register]] = {"informal": "formal", "formal": "informal"}

Words = tuple[str, ...]


@dataclass(frozen=True)
class Deleted:
    """A sentence without its markers.

    Attributes:
        content: what is left, each word beside the number of the gap after which it stands.
        markers: what was deleted, gap by gap.
    """

    content: list[tuple[int, str]]
    markers: list[Words]

    @property
    def words(self) -> Words:
        """The content alone."""
        return tuple(word for _, word in self.content)


class Markers:
    """The n-grams that mark each register.

    Args:
        sentences: by register, of which no two need to mean the same.
        least_salience: see ``salience``; lower ones are no markers.

    Raises:
        ValueError: a register without sentences.
    """

    def __init__(
        self,
        sentences: Mapping[Register, Sequence[str]],
        least_salience: float = LEAST_SALIENCE,
    ) -> None:
        for register in OTHER:
            if not sentences.get(register):
                raise ValueError(f"markers need sentences of both registers, got no {register}.")
        self._counts = {register: _count(sentences[register], register) for register in OTHER}
        self._found = {
            register: frozenset(
                ngram
                for ngram, count in self._counts[register].items()
                if count >= LEAST_COUNT and self.salience(ngram, register) >= least_salience
            )
            for register in OTHER
        }

    def salience(self, ngram: Words, register: Register) -> float:
        """How much more frequent an n-gram is in a register than in the other (eq. 2)."""
        ours, theirs = (self._counts[name][ngram] for name in (register, OTHER[register]))
        return (ours + SMOOTHING) / (theirs + SMOOTHING)

    def delete(self, words: Sequence[str], register: Register) -> Deleted:
        """Take the markers of a register out of a sentence, the longest first."""
        lowered, marks = tuple(word.lower() for word in words), self._found[register]
        content: list[tuple[int, str]] = []
        markers: list[Words] = []
        i, was_marker = 0, False
        while i < len(words):
            length = next((n for n in range(LONGEST, 0, -1) if lowered[i : i + n] in marks), 0)
            if length and was_marker:
                markers[-1] += tuple(words[i : i + length])
            elif length:
                markers.append(tuple(words[i : i + length]))
            else:
                content.append((len(markers), words[i]))
            was_marker = bool(length)
            i += max(length, 1)
        return Deleted(content, markers)


class DeleteRetrieve:
    """Baselines that restyle by what was written before.

    Args:
        sentences: by register.
        least_salience: of a marker.

    Raises:
        ValueError: a register without sentences.
    """

    def __init__(
        self,
        sentences: Mapping[Register, Sequence[str]],
        least_salience: float = LEAST_SALIENCE,
    ) -> None:
        self.markers = Markers(sentences, least_salience)
        self._sentences = {
            name: [tuple(split_words(it)) for it in sentences[name]] for name in OTHER
        }
        self._deleted = {
            name: [self.markers.delete(words, name) for words in self._sentences[name]]
            for name in OTHER
        }
        contents = [deleted.words for name in OTHER for deleted in self._deleted[name]]
        self._weights = _inverse_frequencies(contents)
        self._columns = {word: i for i, word in enumerate(self._weights)}
        self._vectors = {
            name: torch.stack([self._vector(deleted.words) for deleted in self._deleted[name]])
            for name in OTHER
        }

    def retrieve(self, words: Sequence[str], register: Register) -> int:
        """The place of the sentence of a register whose content is most like a given one."""
        return int((self._vectors[register] @ self._vector(words)).argmax())

    def retrieve_only(self, sentence: str, register: Register) -> str:
        """The most similar sentence of a register (Li et al. 2018, "RetrieveOnly")."""
        deleted = self.markers.delete(split_words(sentence), OTHER[register])
        return join_words(self._sentences[register][self.retrieve(deleted.words, register)])

    def template_based(self, sentence: str, register: Register) -> str:
        """A sentence with the markers of the most similar one of a register ("TemplateBased")."""
        deleted = self.markers.delete(split_words(sentence), OTHER[register])
        like = self._deleted[register][self.retrieve(deleted.words, register)]
        return join_words(_filled(deleted, like.markers))

    def _vector(self, words: Sequence[str]) -> Float[Tensor, " words"]:
        """tf-idf, of length 1 unless no word is known."""
        vector = torch.zeros(len(self._columns))
        for word, count in Counter(word.lower() for word in words).items():
            if word in self._columns:
                vector[self._columns[word]] = count * self._weights[word]
        length: Tensor = vector.norm()
        return vector / length.clamp_min(1e-9)


def _filled(deleted: Deleted, markers: Sequence[Words]) -> list[str]:
    """Content with markers in its gaps, one after the other."""
    words: list[str] = []
    num_used = 0
    for gap, word in deleted.content:
        while num_used < min(gap, len(markers)):
            words += markers[num_used]
            num_used += 1
        words.append(word)
    rest = [word for marker in markers[num_used:] for word in marker]
    if rest and words and words[-1] in SENTENCE_ENDS:
        return [*words[:-1], *rest, *([] if rest[-1] in SENTENCE_ENDS else words[-1:])]
    return words + rest


def _count(sentences: Sequence[str], register: Register) -> Counter[Words]:
    counts: Counter[Words] = Counter()
    for sentence in sentences:
        words = tuple(word.lower() for word in split_words(sentence))
        for n in range(1, LONGEST + 1):
            counts.update(words[i : i + n] for i in range(len(words) - n + 1))
    return counts


def _inverse_frequencies(contents: Sequence[Words]) -> dict[str, float]:
    """log(N / number of contents with the word), by word."""
    counts = Counter(word for words in contents for word in {it.lower() for it in words})
    return {word: math.log(len(contents) / count) for word, count in counts.items()}
