"""The judge of register: right on sentences that no grammar made, and sure of what it should be."""

from pathlib import Path

import numpy as np
import pytest
import torch

from etude.generative.style.text.corpus import SPLITS
from etude.generative.style.text.register_classifier import (
    KINDS,
    RegisterClassifier,
    calibration_error,
    labelled,
    load_classifier,
    save_classifier,
    train_classifier,
)

REQUESTS = Path(__file__).parents[4] / "benchmarks" / "hand_written_requests.tsv"


def _hand_written(half: str) -> list[tuple[str, str]]:
    """Registers and sentences."""
    rows = [line.split("\t") for line in REQUESTS.read_text(encoding="utf-8").splitlines()[1:]]
    return [(register, sentence) for split, register, sentence, _ in rows if split == half]


def _accuracy(classifier: RegisterClassifier, half: str) -> float:
    registers, sentences = zip(*_hand_written(half), strict=True)
    found = classifier.registers(sentences)
    return float(np.mean([own == given for own, given in zip(found, registers, strict=True)]))


def test_it_knows_hand_written_requests() -> None:
    """Measured: 59 of 60 and 199 of 200."""
    assert _accuracy(load_classifier(), "dev") >= 0.95
    assert _accuracy(load_classifier(), "test") >= 0.97


@pytest.mark.parametrize("split", SPLITS)
def test_it_knows_what_it_was_not_trained_on(split: str) -> None:
    lines, labels = labelled(split, 200, torch.Generator().manual_seed(31))  # type: ignore[arg-type]
    probabilities = load_classifier().probabilities(lines)
    assert probabilities.sum(axis=1) == pytest.approx(1.0)
    assert (probabilities.argmax(axis=1) == labels).mean() >= 0.98
    assert calibration_error(probabilities, labels) <= 0.01


def test_the_question_it_all_began_with() -> None:
    classifier = load_classifier()
    assert classifier.registers(["Come and sit", "Please take a seat"]) == ["informal", "formal"]
    assert classifier.kinds(["Come and sit", "Please take a seat", "The soup was cold."]) == [
        *KINDS
    ]
    assert classifier.is_request("Could you pass me the salt?") > 0.9
    assert classifier.is_request("The train from Oslo arrives at seven.") < 0.1


def test_full_stops_case_and_apostrophes_say_nothing() -> None:
    classifier = load_classifier()
    one, other = classifier.probabilities(["Don't touch that.", "don\u2019t TOUCH that"])
    assert one == pytest.approx(other)


def test_training_generalises_and_a_file_keeps_it(tmp_path: Path) -> None:
    trained = train_classifier(5, 400)
    assert _accuracy(trained, "dev") >= 0.8
    path = tmp_path / "judge.safetensors"
    save_classifier(path, trained)
    loaded = load_classifier(path)
    lines = [sentence for _, sentence in _hand_written("dev")]
    assert loaded.features == trained.features
    assert loaded.probabilities(lines) == pytest.approx(trained.probabilities(lines), abs=0.01)


def test_training_is_seeded() -> None:
    one, same, other = train_classifier(6, 100), train_classifier(6, 100), train_classifier(7, 100)
    assert (one.weights == same.weights).all()
    assert one.features != other.features


def test_calibration_error_by_hand() -> None:
    """Sure at 0.8 of four, right on three: 0.05 too sure. Sure at 0.6 of one, wrong: 0.6."""
    sure, unsure = [0.8, 0.2, 0.0], [0.6, 0.4, 0.0]
    probabilities = np.array([sure, sure, sure, sure, unsure])
    labels = np.array([0, 0, 0, 1, 1])
    expected = (4 * 0.05 + 1 * 0.6) / 5
    assert calibration_error(probabilities, labels) == pytest.approx(expected)


def test_too_few_sentences() -> None:
    with pytest.raises(ValueError, match="at least 100 sentences, got 99"):
        train_classifier(0, 99)
