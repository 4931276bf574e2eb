"""How likely a sentence is: an interpolated Kneser-Ney model of words, trigrams by default.

R. Kneser and H. Ney, "Improved backing-off for m-gram language modeling", ICASSP 1995; in the
interpolated form of S. Chen and J. Goodman, "An empirical study of smoothing techniques for
language modeling", 1998, sec. 2.7. The discount is n1 / (n1 + 2 n2) of each order (their eq. 15).

Departures: the order below single words is uniform over the vocabulary and one unknown word, so
that all have a probability above zero.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

START: Final = "<s>"
END: Final = "</s>"
UNKNOWN: Final = "<unk>"


class KneserNey:
    """A model of sentences, given as words.

    Args:
        sentences: to learn from.
        order: how many words an n-gram has, at least 1.

    Raises:
        ValueError: no sentences, or an order below 1.
    """

    def __init__(self, sentences: Iterable[Sequence[str]], order: int = 3) -> None:
        if order < 1:
            raise ValueError(f"an n-gram has at least one word, got order {order}; for example 3.")
        lines = [[*[START] * (order - 1), *words, END] for words in sentences]
        if not lines:
            raise ValueError("a language model learns from sentences, got none; pass some.")
        self.order: Final = order
        self.vocabulary: Final = frozenset(word for line in lines for word in line) - {START} | {
            UNKNOWN
        }
        self._counts = _kneser_ney_counts(lines, order)
        self._totals: list[Counter[tuple[str, ...]]] = []
        self._followers: list[Counter[tuple[str, ...]]] = []
        self._discounts: list[float] = []
        for counts in self._counts:
            totals: Counter[tuple[str, ...]] = Counter()
            followers: Counter[tuple[str, ...]] = Counter()
            for gram, number in counts.items():
                totals[gram[:-1]] += number
                followers[gram[:-1]] += 1
            self._totals.append(totals)
            self._followers.append(followers)
            self._discounts.append(_discount(counts))

    def probability(self, word: str, history: Sequence[str]) -> float:
        """Of a word after others, of which the last ``order - 1`` count; unknown ones are alike."""
        word = word if word in self.vocabulary else UNKNOWN
        known = [w if w in self.vocabulary or w == START else UNKNOWN for w in history]
        probability = 1.0 / len(self.vocabulary)
        for n in range(1, self.order + 1):
            context = tuple(known[len(known) - n + 1 :])
            total = self._totals[n - 1][context]
            if len(context) < n - 1 or not total:
                break
            discount = self._discounts[n - 1]
            count = self._counts[n - 1][(*context, word)]
            rest = discount * self._followers[n - 1][context] / total
            probability = max(count - discount, 0.0) / total + rest * probability
        return probability

    def perplexity(self, sentences: Iterable[Sequence[str]]) -> float:
        """Two to the mean number of bits for a word, ends of sentences counted as words.

        Raises:
            ValueError: there are no sentences.
        """
        total, num_words = 0.0, 0
        for words in sentences:
            history = [START] * (self.order - 1)
            for word in [*words, END]:
                total -= math.log(self.probability(word, history))
                history.append(word)
                num_words += 1
        if not num_words:
            raise ValueError("perplexity is a mean over words, got no sentences; pass some.")
        return math.exp(total / num_words)


def _kneser_ney_counts(
    lines: Sequence[Sequence[str]], order: int
) -> list[Counter[tuple[str, ...]]]:
    """By order: how often the longest n-grams occur, and after how many words each shorter one."""
    highest: Counter[tuple[str, ...]] = Counter()
    for line in lines:
        highest.update(tuple(line[i : i + order]) for i in range(len(line) - order + 1))
    counts = [highest]
    for _ in range(order - 1):
        shorter: dict[tuple[str, ...], int] = defaultdict(int)
        for gram in counts[0]:
            shorter[gram[1:]] += 1
        counts.insert(0, Counter(shorter))
    return counts


def _discount(counts: Counter[tuple[str, ...]]) -> float:
    """From how many n-grams occur once and twice; 1/2 where that says nothing."""
    once = sum(number == 1 for number in counts.values())
    twice = sum(number == 2 for number in counts.values())
    return once / (once + 2 * twice) if once and twice else 0.5
