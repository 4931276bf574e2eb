"""Learning to restyle from pairs: what is minimised, and what may change.

The loss is the cross-entropy of the next word of the target, with the words before it given
(I. Sutskever et al., "Sequence to sequence learning with neural networks", NeurIPS 2014, eq. 1). In
each batch both directions are mixed, and some words are hidden (see ``batches``).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Protocol

import torch
from jaxtyping import Float, Int
from torch import Tensor

from etude.generative.annealing import AnnealedDescent
from etude.generative.checkpoints import Stateful, TorchRandomState
from etude.generative.muon import Muon
from etude.generative.style.text.batches import Batches, Example
from etude.generative.style.text.gerunds import ENDING
from etude.generative.style.text.tokeniser import (
    PAD,
    Vocabulary,
    split_words,
    vocabulary_of_words,
    without_gerunds,
)
from etude.generative.style.text.transformer import Transformer, new_transformer
from etude.generative.style.text.transformer_layers import Architecture

USUAL_STEPS: Final = 3_400
LONGEST_WARM_UP: Final = 100  # steps; of short runs a tenth
FINAL_SHARE: Final = 0.01
ADAM_RATE: Final = 2.5  # of Muon's: words are rare, and so are their gradients
ADAM_DECAYS: Final = (0.9, 0.98)  # Vaswani et al. 2017, sec. 5.3


class Pair(Protocol):
    """A sentence in both registers."""

    @property
    def informal(self) -> str:
        """As one says it to a friend."""
        ...

    @property
    def formal(self) -> str:
        """As one says it to a stranger."""
        ...


@dataclass(frozen=True, kw_only=True)
class TextSettings:
    """How to train a network that restyles.

    Raises:
        ValueError: a number out of its range.
    """

    steps: int | None = None
    """Updates of the weights; 3,400 with pairs and 1,000 without if left out."""
    batch_size: int = 64
    """Sentences in each, of about one length."""
    num_pairs: int = 40_000
    """Pairs that the grammar makes, or lines of each register without pairs."""
    learning_rate: float = 4e-3
    """Of Muon, after the first steps; it shrinks along half a cosine to a hundredth. Embeddings and
    biases, which Adam trains, have two and a half times as much."""
    max_gradient_norm: float = 1.0
    """Longer gradients are scaled down to it."""
    average_decay: float = 0.99
    """Of the average of the weights that is kept: 0.99 averages over the last 100 steps."""
    hidden_share: float = 0.25
    """Share of the words shared by a sentence and its target that are hidden, on average."""
    plain_share: float = 0.95
    """How often a choice between ways to say something falls on the plainest, in what the network
    learns to write from pairs; what it reads is said in any way. Tuned: at equal CPU time it learns
    more of what never came than from all ways alike."""
    width: int = 96
    """Features of a word in the network."""
    num_layers: int = 2
    """Of its encoder, and as many of its decoder."""
    seed: int = 0
    """Of the first weights, the sentences and the order they come in."""

    def __post_init__(self) -> None:
        for name in ("steps", "batch_size", "num_pairs"):
            if getattr(self, name) is not None:
                _check(name, getattr(self, name), 1)
        _check("seed", self.seed, 0)
        for name in ("learning_rate", "max_gradient_norm"):
            _check(name, getattr(self, name), 1e-12)
        shares = (("hidden_share", 1.0), ("plain_share", 1.0), ("average_decay", 0.999_999))
        for name, most in shares:
            if not 0.0 <= getattr(self, name) <= most:
                raise ValueError(f"{name} lies in [0, {most:g}], got {getattr(self, name)}.")
        _ = self.architecture

    @property
    def architecture(self) -> Architecture:
        """The size of the network."""
        return Architecture(
            width=self.width, num_layers=self.num_layers, hidden_width=4 * self.width
        )


def both_ways(pairs: Iterable[Pair], vocabulary: Vocabulary) -> list[Example]:
    """Each pair as two examples, one for each direction."""
    found = []
    for pair in pairs:
        informal, formal = (tuple(vocabulary.split(it)) for it in (pair.informal, pair.formal))
        found.append(Example(informal, formal, "formal"))
        found.append(Example(formal, informal, "informal"))
    return found


def vocabulary_of(pairs: Iterable[Pair]) -> Vocabulary:
    """All words; those that never stand on one side of a pair alone are only copied.

    Verbs that have an -ing form may be written, too.
    """
    split = [split_words(side) for pair in pairs for side in (pair.informal, pair.formal)]
    everything = vocabulary_of_words(split)
    wanted: set[str] = set()
    for sides in zip(split[::2], split[1::2], strict=True):
        informal, formal = (
            [word.lower() for word in without_gerunds(words, everything)] for words in sides
        )
        wanted |= set(informal) ^ set(formal)
        for words in (informal, formal):
            wanted.update(word for word, after in pairwise(words) if after == ENDING)
    words = sorted(everything.words, key=lambda word: word.lower() not in wanted)
    return Vocabulary(tuple(words), len(wanted))


class ParallelLesson:
    """A network that learns from pairs; ``update`` makes one step.

    Args:
        vocabulary: what it knows.
        examples: see ``both_ways``.
        settings: how.
        network: to go on with; one with seeded weights if left out.

    Attributes:
        num_steps: of the whole run.

    Raises:
        ValueError: see ``Batches``.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        examples: Sequence[Example],
        settings: TextSettings,
        network: Transformer | None = None,
    ) -> None:
        self.vocabulary, self._settings = vocabulary, settings
        if network is None:
            network = new_transformer(
                len(vocabulary), settings.architecture, settings.seed, vocabulary.num_writable
            )
        self._network = network
        self._batches = Batches(vocabulary, examples, settings.hidden_share)
        self.num_steps = settings.steps or USUAL_STEPS
        self._descent = descent(network, settings, self.num_steps)
        self._torch_rng = torch.Generator().manual_seed(settings.seed)

    @property
    def parts(self) -> dict[str, Stateful]:
        """What a checkpoint holds."""
        return self._descent.parts | {"torch_rng": TorchRandomState(self._torch_rng)}

    @property
    def average(self) -> Transformer:
        """The network to use and to keep."""
        network = self._descent.average.module
        assert isinstance(network, Transformer)
        return network

    def update(self) -> dict[str, Tensor]:
        """Make a step; the mean loss of a word, and the gradient's norm."""
        source, target = self._batches.draw(self._settings.batch_size, self._torch_rng)
        loss = cross_entropy(self._network, source, target)
        return {"loss": loss.detach(), "gradient": self._descent.step(loss)}


def cross_entropy(
    network: Transformer, source: Int[Tensor, "n s"], target: Int[Tensor, "n t"]
) -> Float[Tensor, ""]:
    """The mean of -log p(word | words before it, source) over the words and ends of targets."""
    gained: Tensor = network(source, target)
    is_word = target[:, 1:] != PAD
    return -gained[is_word].mean()


def descent(network: Transformer, settings: TextSettings, num_steps: int) -> AnnealedDescent:
    """The optimisers that the settings ask for."""
    matrices = network.hidden_matrices
    hidden = {id(matrix) for matrix in matrices}
    others = [it for it in network.parameters() if id(it) not in hidden]
    rate = settings.learning_rate
    return AnnealedDescent(
        network,
        {
            "muon": Muon(matrices, rate),
            "adam": torch.optim.Adam(others, ADAM_RATE * rate, ADAM_DECAYS, fused=True),
        },
        num_steps=num_steps,
        max_gradient_norm=settings.max_gradient_norm,
        average_decay=settings.average_decay,
        num_warm_up=max(min(LONGEST_WARM_UP, num_steps // 10), 1),
        final_share=FINAL_SHARE,
    )


def _check(name: str, value: float, least: float) -> None:
    if not least <= value < math.inf:
        raise ValueError(f"{name} is at least {least:g}, got {value}; leave it out if in doubt.")
