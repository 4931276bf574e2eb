"""A judge of register that is no part of what it judges: logistic regression on n-grams of words.

Three classes: informal requests, formal ones, and lines that request nothing. Its features are
words, pairs of neighbours, how a line begins and ends, how long it is and how its words are
shortened; a word that it does not know counts as a gap, and words are hidden at random in
training, so that what surrounds the content decides. The loss is convex, so the judge depends on
its sample only, and one temperature, fitted on verbs, nouns and constructions that it was not
trained on, makes its probabilities mean what they say (C. Guo et al., "On calibration of modern
neural networks", ICML 2017, sec. 4.2).
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Final, Literal

import numpy as np
import torch
from jaxtyping import Float64, Int64
from scipy.optimize import minimize, minimize_scalar
from scipy.sparse import csr_array
from torch import nn

from etude.generative.checkpoints import load_weights, save_weights
from etude.generative.style.text.corpus import SPLITS, Split, parallel, statements
from etude.generative.style.text.lexicon import Register
from etude.generative.style.text.phrases import words_of

Kind = Literal["informal", "formal", "none"]
KINDS: Final[tuple[Kind, ...]] = ("informal", "formal", "none")
FILE: Final = Path(__file__).with_name("register_classifier.safetensors")
SEED: Final = 19_952_019
"""Of the sentences that the classifier in the file was trained on: no restyler has it."""
TRAINING_SIZE: Final = 12_000
"""Sentences of each kind."""
GAP: Final = "<?>"
PENALTY: Final = 3e-5  # on squared weights, per sentence
HIDDEN_SHARE: Final = 0.2  # of the words, in one copy of every training sentence
LEAST_WORD_COUNT: Final = 4  # rarer words are gaps
LEAST_FEATURE_COUNT: Final = 8
MOST_STEPS: Final = 150
_SHORTENED: Final = re.compile(r"\w('\w+)$")
_MARK: Final = re.compile(r"[,.;:!?]+")

Labels = Int64[np.ndarray, " n"]
Probabilities = Float64[np.ndarray, "n 3"]


@dataclass(frozen=True, eq=False)
class RegisterClassifier:
    """Says of lines whether they are informal requests, formal ones, or none.

    Attributes:
        features: names of the n-grams, in the order of the weights.
        weights: one row for each, one column for each kind; already divided by the temperature.
        biases: of the kinds.
    """

    features: tuple[str, ...]
    weights: Float64[np.ndarray, "f 3"]
    biases: Float64[np.ndarray, "3"]

    def __post_init__(self) -> None:
        numbers = {name: i for i, name in enumerate(self.features)}
        object.__setattr__(self, "_numbers", numbers)
        known = frozenset(name[2:] for name in self.features if name.startswith("1 "))
        object.__setattr__(self, "_known", known)

    def probabilities(self, sentences: Sequence[str]) -> Probabilities:
        """Of the three ``KINDS``, for each sentence."""
        numbers: dict[str, int] = self.__dict__["_numbers"]
        lists = [_features(words_in(text), self.__dict__["_known"]) for text in sentences]
        matrix = _matrix(
            [[numbers[f] for f in line if f in numbers] for line in lists], len(numbers)
        )
        return _softmax(matrix @ self.weights + self.biases)

    def kinds(self, sentences: Sequence[str]) -> list[Kind]:
        """The likeliest ones."""
        return [KINDS[i] for i in self.probabilities(sentences).argmax(axis=1)]

    def registers(self, sentences: Sequence[str]) -> list[Register]:
        """The likelier register of each, given that it is a request."""
        informal_first = self.probabilities(sentences)[:, :2].argmax(axis=1)
        return ["formal" if index else "informal" for index in informal_first]

    def is_request(self, sentence: str) -> float:
        """The probability that a line requests something."""
        return float(1.0 - self.probabilities([sentence])[0, 2])


@lru_cache(maxsize=2)
def load_classifier(path: Path = FILE) -> RegisterClassifier:
    """The classifier of a file, by default the one that comes with the package.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is broken, or something else.
    """
    state, metadata = load_weights(path)
    features = tuple(metadata.get("features", "").split("\n"))
    shapes = {name: tuple(array.shape) for name, array in state.items()}
    if shapes != {"weights": (len(set(features)), 3), "biases": (3,)}:
        raise ValueError(
            f"a register classifier has three weights for each feature, got {str(path)!r}, which "
            "has not; save it again."
        )
    return RegisterClassifier(
        features,
        state["weights"].double().numpy(),
        state["biases"].double().numpy(),
    )


def save_classifier(path: Path, classifier: RegisterClassifier) -> None:
    """Write a classifier as ``load_classifier`` reads it, in half precision.

    Raises:
        ValueError: the folder does not exist.
    """
    holder = nn.Module()
    holder.register_buffer("weights", torch.from_numpy(classifier.weights).half())
    holder.register_buffer("biases", torch.from_numpy(classifier.biases).half())
    names = "\n".join(classifier.features)
    save_weights(path, holder, {"architecture": "register-classifier", "features": names})


def train_classifier(seed: int, size: int = TRAINING_SIZE) -> RegisterClassifier:
    """Train a classifier on sentences of its own.

    Args:
        seed: of the sentences.
        size: sentences of each kind.

    Raises:
        ValueError: fewer than 100 sentences of a kind.
    """
    if size < 100:
        raise ValueError(f"a kind has at least 100 sentences, got {size}; for example 12000.")
    torch_rng = torch.Generator().manual_seed(seed)
    lines, labels = labelled("train", size, torch_rng)
    rng = Random(seed)
    counts = Counter(word for line in lines for word in words_in(line))
    known = frozenset(word for word, number in counts.items() if number >= LEAST_WORD_COUNT)
    lists = [_features(words_in(line), known) for line in lines]
    lists += [_features(_hide(words_in(line), rng), known) for line in lines]
    labels = np.concatenate((labels, labels))
    feature_counts = Counter(feature for line in lists for feature in set(line))
    names = sorted(f for f, number in feature_counts.items() if number >= LEAST_FEATURE_COUNT)
    numbers = {name: i for i, name in enumerate(names)}
    matrix = _matrix([[numbers[f] for f in line if f in numbers] for line in lists], len(names))
    weights, biases = _fit(matrix, labels)
    classifier = RegisterClassifier(tuple(names), weights, biases)
    return _calibrate(classifier, size, torch_rng)


def labelled(split: Split, size: int, torch_rng: torch.Generator) -> tuple[list[str], Labels]:
    """Sentences of the three kinds, and the numbers of these; for statements splits are alike.

    Args:
        split: of ``SPLITS``.
        size: sentences of each kind.
        torch_rng: draws them.

    Raises:
        ValueError: an unknown split.
    """
    pairs = parallel(split, size, torch_rng)
    sides = [[pair.informal for pair in pairs], [pair.formal for pair in pairs]]
    lines = [*sides[0], *sides[1], *statements(size, torch_rng)]
    return lines, np.repeat(np.arange(3, dtype=np.int64), size)


def calibration_error(probabilities: Probabilities, labels: Labels, num_bins: int = 10) -> float:
    """Mean distance of confidence and accuracy, over bins of equal width (Guo et al., eq. 3)."""
    confidence = probabilities.max(axis=1)
    is_right = probabilities.argmax(axis=1) == labels
    bins = np.minimum((confidence * num_bins).astype(int), num_bins - 1)
    gaps = [abs((confidence - is_right)[bins == b].sum()) for b in range(num_bins)]
    return float(sum(gaps) / len(labels))


def words_in(sentence: str) -> list[str]:
    """Words and marks in small letters, with plain apostrophes."""
    for mark in "\u2018\u2019\u02bc`\u00b4":
        sentence = sentence.replace(mark, "'")
    return words_of(sentence.lower())


def _features(words: Sequence[str], known: frozenset[str]) -> list[str]:
    """Names of the n-grams of a line; the digit tells the kind of each."""
    names = [word if word in known or _MARK.fullmatch(word) else GAP for word in words]
    while names and _MARK.fullmatch(names[-1]):  # a line says the same without a full stop
        names.pop()
    edged = ["<", *names, ">"]
    features = [f"1 {name}" for name in dict.fromkeys(names)]
    features += dict.fromkeys(f"2 {a} {b}" for a, b in pairwise(edged))
    features.append(f"3 {' '.join(edged[:4])}")
    features.append(f"4 {'?' if words and words[-1] == '?' else '!' if '!' in words[-1:] else '.'}")
    features += dict.fromkeys(f"5 {found[1]}" for w in words if (found := _SHORTENED.search(w)))
    features.append(f"6 {min(len(names) // 2, 8)}")
    return features


def _hide(words: Sequence[str], rng: Random) -> list[str]:
    return [GAP if rng.random() < HIDDEN_SHARE and word.isalpha() else word for word in words]


def _matrix(lists: Sequence[Sequence[int]], num_features: int) -> csr_array:
    """One row for each line, ones where it has a feature."""
    ends = np.cumsum([0, *(len(line) for line in lists)])
    columns = np.fromiter(_flat(lists), dtype=np.int64, count=int(ends[-1]))
    return csr_array((np.ones(len(columns)), columns, ends), shape=(len(lists), num_features))


def _flat(lists: Iterable[Iterable[int]]) -> Iterator[int]:
    for line in lists:
        yield from line


def _softmax(logits: Float64[np.ndarray, "n 3"]) -> Probabilities:
    powers: Probabilities = np.exp(logits - logits.max(axis=1, keepdims=True))
    powers /= powers.sum(axis=1, keepdims=True)
    return powers


def _fit(
    matrix: csr_array, labels: Labels
) -> tuple[Float64[np.ndarray, "f 3"], Float64[np.ndarray, "3"]]:
    """Weights and biases of the least cross-entropy, with a penalty on the weights."""
    num_lines, num_features = matrix.shape
    targets = np.eye(3)[labels]
    transposed = matrix.T.tocsr()

    def loss(flat: Float64[np.ndarray, " k"]) -> tuple[float, Float64[np.ndarray, " k"]]:
        weights, biases = flat[3:].reshape(num_features, 3), flat[:3]
        probabilities = _softmax(matrix @ weights + biases)
        right = probabilities[np.arange(num_lines), labels]
        value = -np.log(right + 1e-300).mean() + PENALTY * np.square(weights).sum()
        errors = (probabilities - targets) / num_lines
        slopes = transposed @ errors + 2.0 * PENALTY * weights
        return float(value), np.concatenate((errors.sum(axis=0), slopes.ravel()))

    start = np.zeros(3 + 3 * num_features)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": MOST_STEPS})
    return found.x[3:].reshape(num_features, 3), found.x[:3]


def _calibrate(
    classifier: RegisterClassifier, size: int, torch_rng: torch.Generator
) -> RegisterClassifier:
    """Divide the logits by the temperature under which the held-out splits are likeliest."""
    drawn = [labelled(split, size // 12, torch_rng) for split in SPLITS if split != "train"]
    lines = [line for part, _ in drawn for line in part]
    labels = np.concatenate([part for _, part in drawn])
    logs = np.log(classifier.probabilities(lines) + 1e-300)

    def surprise(temperature: float) -> float:
        tempered = _softmax(logs / temperature)
        return float(-np.log(tempered[np.arange(len(labels)), labels] + 1e-300).mean())

    temperature = float(minimize_scalar(surprise, bounds=(0.2, 5.0), method="bounded").x)
    return RegisterClassifier(
        classifier.features, classifier.weights / temperature, classifier.biases / temperature
    )
