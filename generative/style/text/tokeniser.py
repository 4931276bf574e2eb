"""Sentences as words, and words as numbers, with slots for those that a network does not know.

A word that is not in the vocabulary takes a copy slot: the network sees which slots a sentence has
and where, moves them about, and the words are put back as they were written (the idea of M.-T.
Luong et al., "Addressing the rare word problem in neural machine translation", ACL 2015, sec. 3.1,
"copyable model"). So it never spells a word that it has not learned.

Departures: slots are numbered at random in training, so that all are learned alike, and words that
are known are hidden behind them at random, so that copying is learned at all.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from etude.generative.style.text.gerunds import ENDING, verb_of
from etude.generative.style.text.inflection import ing, with_articles
from etude.generative.style.text.lexicon import Register

NUM_SLOTS: Final = 12
PAD: Final = 0
START: Final = 1
END: Final = 2
REGISTER_IDS: Final[dict[Register, int]] = {"informal": 3, "formal": 4}
FIRST_SLOT: Final = 5
FIRST_WORD: Final = FIRST_SLOT + NUM_SLOTS

APOSTROPHES: Final = str.maketrans({"\u2019": "'", "\u02bc": "'", "\u2018": "'"})
SHORT_FORMS: Final = frozenset(
    f"{word}'s" for word in ("it", "that", "what", "let", "here", "there", "he", "she", "who")
) | frozenset(f"{word}'s" for word in ("where", "how", "when", "everything", "nobody"))
"""In which 's is no possessive."""
PIECE: Final = re.compile(
    r"https?://\S*\w/?|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\b(?:mrs?|ms|dr|prof|e\.g|i\.e|[ap]\.m)\."
    r"|[^\W_]+(?:['.:,/&_-][^\W_]+)*|\S",
    re.IGNORECASE,
)
CLOSING: Final = frozenset(".,!?;:)%\u2026")
OPENING: Final = frozenset("(\u00a3$\u20ac")
SENTENCE_ENDS: Final = frozenset(".!?")


def split_words(sentence: str) -> list[str]:
    """The words and marks of a sentence; contractions are one word, a possessive 's is its own.

    >>> split_words("Don't touch Tom's coat, it's wet!")
    ["Don't", 'touch', 'Tom', "'s", 'coat', ',', "it's", 'wet', '!']
    """
    words = []
    for piece in PIECE.findall(sentence.translate(APOSTROPHES)):
        if len(piece) > 2 and piece.lower().endswith("'s") and piece.lower() not in SHORT_FORMS:
            words += [piece[:-2], piece[-2:]]
        else:
            words.append(piece)
    return words


def join_words(words: Sequence[str]) -> str:
    """A sentence of words and marks, each sentence in it with a capital first letter.

    >>> join_words(["could", "you", "stop", "call", "+ing", "Tom", "'s", "boss", "?"])
    "Could you stop calling Tom's boss?"
    """
    text, is_first, before = "", True, ""
    for word in with_gerunds(words):
        is_attached = word in CLOSING or word.lower() == "'s" or before in OPENING or not before
        shown = word[0].upper() + word[1:] if is_first and is_plain(word) else word
        text += shown if is_attached else f" {shown}"
        is_first = word in SENTENCE_ENDS or (is_first and not word[0].isalnum())
        before = word
    return text


def with_gerunds(words: Sequence[str]) -> list[str]:
    """The same, with each ``ENDING`` put to the word before it; one without a word is left out."""
    whole: list[str] = []
    for word in words:
        if word != ENDING:
            whole.append(word)
        elif whole and has_letters(whole[-1]):
            whole[-1] = ing(whole[-1])
    return whole


def without_gerunds(words: Iterable[str], known: Container[str]) -> list[str]:
    """Words with each -ing form as its verb and ``ENDING``; see ``verb_of``."""
    parts: list[str] = []
    for word in words:
        verb = verb_of(word.lower(), known) if word[-1] in "gG" else None
        if verb is None:
            parts.append(word)
        else:
            parts += [verb[0].upper() + verb[1:] if word[0].isupper() else verb, ENDING]
    return parts


def is_plain(word: str) -> bool:
    """Whether a word may get a capital first letter: iPhone and a@b.org may not."""
    return "@" not in word and "://" not in word and word[1:] == word[1:].lower()


@lru_cache(maxsize=65_536)
def has_letters(word: str) -> bool:
    """Whether it is a word or a number rather than a mark."""
    return any(letter.isalnum() for letter in word)


@dataclass(frozen=True)
class Encoded:
    """A sentence in numbers.

    Attributes:
        ids: one for each word, slots for those that are not known.
        slots: the words behind the slots, as they are put back.
    """

    ids: list[int]
    slots: dict[int, str]


@dataclass(frozen=True)
class Vocabulary:
    """The words that a network knows, as they are spelled within a sentence.

    Args:
        words: no word twice, whatever its case.
        num_written: the first so many are written; the others are only copied from the source.
            All are written if left out.

    Raises:
        ValueError: a word comes twice, or more are written than there are.
    """

    words: tuple[str, ...]
    num_written: int | None = None
    _ids: Mapping[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ids = {word.lower(): FIRST_WORD + i for i, word in enumerate(self.words)}
        if len(ids) != len(self.words):
            twice = [w for w, n in Counter(map(str.lower, self.words)).items() if n > 1]
            raise ValueError(f"a vocabulary has each word once, got {twice[0]!r} twice; drop one.")
        if self.num_written is not None and not 0 <= self.num_written <= len(self.words):
            raise ValueError(f"0 to {len(self.words)} words are written, got {self.num_written}.")
        object.__setattr__(self, "_ids", ids)

    def split(self, sentence: str) -> list[str]:
        """The words of a sentence, with -ing forms as verbs and endings."""
        return without_gerunds(split_words(sentence), self)

    def __len__(self) -> int:
        return FIRST_WORD + len(self.words)

    @property
    def num_writable(self) -> int:
        """How many tokens may be written: the special ones and the words that are written."""
        return len(self) if self.num_written is None else FIRST_WORD + self.num_written

    def ids_of(self, words: Iterable[str]) -> list[int]:
        """The numbers of those words that are known."""
        found = (self._ids.get(word.lower()) for word in words)
        return [number for number in found if number is not None]

    def is_only_copied(self, word: str) -> bool:
        """Whether a word cannot be written unless the source has it."""
        return self._ids.get(word.lower(), len(self)) >= self.num_writable

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and word.lower() in self._ids

    def encode(
        self,
        words: Sequence[str],
        hidden: Collection[str] = (),
        order: Sequence[int] = tuple(range(NUM_SLOTS)),
    ) -> Encoded:
        """A source sentence in numbers; the same unknown word has the same slot everywhere.

        Args:
            words: of ``split_words``.
            hidden: words, in small letters, that are treated as unknown.
            order: in which slots are handed out.

        Raises:
            ValueError: more unknown words than slots.
        """
        names = _names(words)
        ids: list[int] = []
        given: dict[str, int] = {}
        slots: dict[int, str] = {}
        for word, is_name in zip(words, names, strict=True):
            known = self._ids.get(word.lower())
            is_hidden = word.lower() in hidden or (is_name and self._is_common(known))
            if known is not None and not is_hidden:
                ids.append(known)
                continue
            if word.lower() not in given:
                if len(given) == len(order):
                    raise ValueError(
                        f"a sentence has at most {len(order)} unknown words, got more in "
                        f"{' '.join(words)!r}; split it."
                    )
                slot = FIRST_SLOT + order[len(given)]
                given[word.lower()] = slot
                slots[slot] = word
            ids.append(given[word.lower()])
        if words and ids[0] in slots and is_plain(words[0]) and not _opens_with_name(words):
            slots[ids[0]] = words[0][0].lower() + words[0][1:]
        return Encoded(ids, slots)

    def encode_target(self, words: Sequence[str], slots: Mapping[int, str]) -> list[int] | None:
        """A target sentence in numbers, given the slots of its source; None if that can't be."""
        by_word = {word.lower(): slot for slot, word in slots.items()}
        ids = []
        for word in words:
            number = by_word.get(word.lower(), self._ids.get(word.lower()))
            if number is None:
                return None
            ids.append(number)
        return ids

    def decode(self, ids: Iterable[int], source: Encoded) -> str:
        """The sentence that a network wrote: known words, and those of the source for slots.

        Ids below ``FIRST_SLOT`` and slots that the source does not have are left out. "a" and "an"
        are made to fit a word that was copied, whose first letter the network could not see.
        """
        words: list[str] = []
        for number in ids:
            word = source.slots.get(number)
            if word is not None and words and words[-1].lower() in ("a", "an"):
                words[-1] = with_articles(f"a {word}").split()[0]
            if word is None and number >= FIRST_WORD:
                word = self.words[number - FIRST_WORD]
            if word is not None:
                words.append(word)
        return join_words(words)

    def _is_common(self, number: int | None) -> bool:
        """Whether it is a word that has a small first letter within sentences."""
        return number is not None and self.words[number - FIRST_WORD][0].islower()


def build_vocabulary(sentences: Iterable[str], least_count: int = 1) -> Vocabulary:
    """The words of sentences, the frequent ones first, as they are mostly spelled within one.

    Args:
        sentences: with capitals where they belong.
        least_count: rarer words are not in it.
    """
    return vocabulary_of_words([split_words(sentence) for sentence in sentences], least_count)


def vocabulary_of_words(split: Sequence[Sequence[str]], least_count: int = 1) -> Vocabulary:
    """The same of sentences that are split into words."""
    surface = {word.lower() for words in split for word in words}
    counts: Counter[str] = Counter()
    spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for words in split:
        is_start = True
        for word in without_gerunds(words, surface):
            small = word.lower()
            counts[small] += 1
            if not is_start:
                spellings[small][word] += 1
            is_start = word in SENTENCE_ENDS
    kept = [word for word in counts if counts[word] >= least_count]
    kept.sort(key=lambda word: (-counts[word], word))
    return Vocabulary(tuple(_spelling(word, spellings.get(word)) for word in kept))


def _spelling(word: str, seen: Counter[str] | None) -> str:
    """The most frequent one, the alphabetically first of several."""
    if not seen:
        return word
    return min(seen, key=lambda spelled: (-seen[spelled], spelled))


def _names(words: Sequence[str]) -> list[bool]:
    """Which words have a capital that their place does not call for."""
    has_capital = [word[0].isupper() and len(word) > 1 for word in words]
    starts = [i == 0 or words[i - 1] in SENTENCE_ENDS for i in range(len(words))]
    within = [
        cap
        for cap, start, word in zip(has_capital, starts, words, strict=True)
        if not start and has_letters(word)
    ]
    if within and sum(within) > len(within) / 2:  # Every Word Has One, So It Says Nothing
        return [False] * len(words)
    return [cap and not start for cap, start in zip(has_capital, starts, strict=True)]


def _opens_with_name(words: Sequence[str]) -> bool:
    """Whether the first word is addressed, or owns something: "Zofia, wait", "Zofia's bag"."""
    return len(words) > 1 and words[1].lower() in (",", "'s")
