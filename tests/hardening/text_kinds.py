"""Kinds of files that hold sentences, or networks that read them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

from etude.benchmarks.text_style import COLUMNS, read_requests
from etude.generative.style.text.register_classifier import (
    RegisterClassifier,
    load_classifier,
    save_classifier,
)
from etude.generative.style.text.restyler import Restyler, open_restyler, save_restyler
from etude.generative.style.text.tokeniser import Vocabulary
from etude.generative.style.text.transformer import new_transformer
from etude.generative.style.text.transformer_layers import Architecture
from etude.train_text_style import read_pairs
from tests.hardening.kind import Kind

TINY: Final = Architecture(width=8, num_heads=2, num_layers=1, hidden_width=8)
SENTENCES: Final = ("Come and sit.", "Please take a seat.")


def _restyler(path: Path) -> None:
    vocabulary = Vocabulary(("come", "and", "sit", "please", "."))
    network = new_transformer(len(vocabulary), TINY, 0)
    save_restyler(path, Restyler(network, vocabulary, {"seed": 0}))


def _read_restyler(path: Path) -> None:
    open_restyler(path).write(SENTENCES, "formal")


def _classifier(path: Path) -> None:
    features = ("1 come", "1 sit", "1 please", "2 < come", "2 < please")
    weights = np.random.default_rng(0).normal(size=(len(features), 3))
    save_classifier(path, RegisterClassifier(features, weights, np.zeros(3)))


def _read_classifier(path: Path) -> None:
    load_classifier(path).kinds(SENTENCES)


def _pairs(path: Path) -> None:
    path.write_text("# informal, formal\n" + "\t".join(SENTENCES) + "\n", encoding="utf-8")


def _requests(path: Path) -> None:
    row = ("test", "informal", "Come and sit.", "come sit|seat")
    path.write_text("\t".join(COLUMNS) + "\n" + "\t".join(row) + "\n", encoding="utf-8")


KINDS: Final[Mapping[str, Kind]] = {
    "restyler": Kind("restyler.safetensors", _restyler, _read_restyler),
    "register classifier": Kind("classifier.safetensors", _classifier, _read_classifier),
    "pairs": Kind("pairs.tsv", _pairs, read_pairs),
    "requests": Kind("requests.tsv", _requests, lambda path: read_requests("test", path)),
}
