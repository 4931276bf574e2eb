"""Learning to restyle without pairs: repair spoilt sentences, and translate there and back.

G. Lample et al., "Multiple-attribute text rewriting", ICLR 2019: a network learns to write a
sentence again from a spoilt copy with its own register given (eq. 1), and from its own translation
into the other register (eq. 2), which is made on the fly. The noise is that of G. Lample et al.,
"Unsupervised machine translation using monolingual corpora only", ICLR 2018, sec. 2.3.

Departures: for a part of the run only sentences without the markers of their register are repaired
("DeleteOnly" of Li et al. 2018, see ``delete_retrieve_generate``), as a network that has seen
nothing else translates a sentence into itself; then translations begin, at first of what is left
without markers, later of whole sentences. They are greedy instead of drawn, and no latent pooling.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import torch
from jaxtyping import Int
from torch import Tensor

from etude.generative.checkpoints import State, Stateful, TorchRandomState
from etude.generative.style.text.batches import Batches, Example, padded
from etude.generative.style.text.decoding import greedy
from etude.generative.style.text.delete_retrieve_generate import OTHER, Markers
from etude.generative.style.text.lexicon import Register
from etude.generative.style.text.restyler_training import TextSettings, cross_entropy, descent
from etude.generative.style.text.tokeniser import (
    END,
    FIRST_SLOT,
    FIRST_WORD,
    PAD,
    REGISTER_IDS,
    Vocabulary,
    split_words,
    without_gerunds,
)
from etude.generative.style.text.transformer import MAX_LENGTH, Transformer, new_transformer

USUAL_STEPS: Final = 1_000  # a translation costs as much as two steps with pairs
DENOISING_SHARE: Final = 0.4  # of the run, before translations begin
CONTENT_SHARE: Final = 0.6  # of the run, before whole sentences are translated
SWAPPED_IDS: Final = {REGISTER_IDS[name]: REGISTER_IDS[OTHER[name]] for name in OTHER}


def denoising(
    sentences: Mapping[Register, Sequence[str]], markers: Markers, vocabulary: Vocabulary
) -> list[Example]:
    """Each sentence to be written again from what it is without the markers of its register."""
    found = []
    for register in OTHER:
        for sentence in sentences[register]:
            words = split_words(sentence)
            content = markers.delete(words, register).words
            source, target = (without_gerunds(side, vocabulary) for side in (content, words))
            found.append(Example(tuple(source), tuple(target), register))
    return found


@dataclass
class StepCounter:
    """How many steps a lesson has made, as a part of a run."""

    num_steps: int = field(default=0)

    def state_dict(self) -> State:
        """See ``Stateful``."""
        return {"num_steps": self.num_steps}

    def load_state_dict(self, state_dict: State) -> None:
        """See ``Stateful``."""
        self.num_steps = int(state_dict["num_steps"])


class UnalignedLesson:
    """A network that learns from sentences of which no two mean the same; see the module.

    Args:
        vocabulary: what it knows.
        sentences: by register.
        settings: how.

    Attributes:
        num_steps: of the whole run.

    Raises:
        ValueError: a register without sentences, or see ``Batches``.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        sentences: Mapping[Register, Sequence[str]],
        settings: TextSettings,
    ) -> None:
        self.vocabulary, self._settings = vocabulary, settings
        self._network = new_transformer(
            len(vocabulary), settings.architecture, settings.seed, vocabulary.num_writable
        )
        examples = denoising(sentences, Markers(sentences), vocabulary)
        self._batches = Batches(vocabulary, examples, settings.hidden_share)
        self.num_steps = settings.steps or USUAL_STEPS
        self._descent = descent(self._network, settings, self.num_steps)
        self._torch_rng = torch.Generator().manual_seed(settings.seed)
        self._counter = StepCounter()

    @property
    def parts(self) -> dict[str, Stateful]:
        """What a checkpoint holds."""
        own: dict[str, Stateful] = {
            "torch_rng": TorchRandomState(self._torch_rng),
            "counter": self._counter,
        }
        return self._descent.parts | own

    @property
    def average(self) -> Transformer:
        """The network to use and to keep."""
        network = self._descent.average.module
        assert isinstance(network, Transformer)
        return network

    def update(self) -> dict[str, Tensor]:
        """Make a step; the mean losses of a word, and the gradient's norm."""
        done = self._counter.num_steps / self.num_steps
        source, target = self._batches.draw(self._settings.batch_size, self._torch_rng)
        loss = cross_entropy(self._network, source, target)
        losses = {"denoising": loss.detach()}
        if done >= DENOISING_SHARE:
            whole = whole_sentences(target)
            there = translated(self.average, source if done < CONTENT_SHARE else whole)
            back = cross_entropy(self._network, *matching(there, target))
            losses["back"] = back.detach()
            loss = loss + back
        self._counter.num_steps += 1
        return losses | {"gradient": self._descent.step(loss)}


def whole_sentences(target: Int[Tensor, "n t"]) -> Int[Tensor, "n s"]:
    """Targets as sources of their own register: without their ends."""
    return target.where(target != END, PAD)[:, :-1]


def translated(network: Transformer, source: Int[Tensor, "n s"]) -> Int[Tensor, "n t"]:
    """Sources of one register in the other, as sources for the way back."""
    swapped = source.clone()
    for register, other in SWAPPED_IDS.items():
        swapped[:, 0] = torch.where(source[:, 0] == register, other, swapped[:, 0])
    longest = min(2 * source.shape[1] + 8, MAX_LENGTH)
    written = greedy(network, swapped, longest)
    firsts = source[:, 0].tolist()
    return padded([[first, *it.ids] for first, it in zip(firsts, written, strict=True)])


def matching(
    source: Int[Tensor, "n s"], target: Int[Tensor, "n t"]
) -> tuple[Int[Tensor, "n s"], Int[Tensor, "n t"]]:
    """The same, but nothing to learn where a slot of the target is not in the source.

    What a translation has lost cannot be found again; to learn it would be to invent.
    """
    slots = torch.arange(FIRST_SLOT, FIRST_WORD)
    theirs, ours = ((side[..., None] == slots).any(dim=1) for side in (source, target))
    is_lost = (ours & ~theirs).any(dim=1)
    if bool(is_lost.all()):
        return source, target  # the start: rather this than a mean of nothing
    kept = target.clone()
    kept[is_lost, 1:] = PAD
    return source, kept
