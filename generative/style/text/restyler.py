"""A trained network with its vocabulary: what restyles a line, or says why it rather does not.

A line stays as it is, with the reason beside it, where the result could not be trusted: see
``Restyler.restyle``.
"""

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import torch

from etude.generative.built_networks import build_network
from etude.generative.checkpoints import load_weights, save_weights
from etude.generative.style.text.batches import padded, source_row
from etude.generative.style.text.decoding import Sampling, Written, beam, greedy, sample
from etude.generative.style.text.domain import check_request
from etude.generative.style.text.grammar import normalise
from etude.generative.style.text.lexicon import Register
from etude.generative.style.text.tokeniser import (
    NUM_SLOTS,
    Encoded,
    Vocabulary,
)
from etude.generative.style.text.transformer import MAX_LENGTH, Transformer
from etude.generative.style.text.transformer_layers import Architecture

FORMAT: Final = "etude-restyler-2"
SHIPPED: Final = Path(__file__).with_name("restyler.safetensors")
MOST_WORDS: Final = MAX_LENGTH // 2  # of a source: the formal register is longer
SPARE_LENGTH: Final = 16  # of a result, besides twice the length of its source
BATCH_SIZE: Final = 128
LEAST_SCORE: Final = -0.3
"""Sentences whose likeliest way has a lower mean log-probability of a word stay as they are; chosen
on the dev half of the hand-written sentences and on statements."""
LEAST_WAY_SCORE: Final = -1.0
"""Of a way to say a sentence that is kept; less likely draws and beams are mostly wrong."""


@dataclass(frozen=True, kw_only=True)
class DecodingSettings:
    """How sentences are read out of the network.

    Raises:
        ValueError: a number out of its range.
    """

    beam: int | None = None
    """Keep so many beginnings, and take the likeliest sentences that a search finds."""
    sample: bool = False
    """Draw words instead."""
    temperature: float = 1.0
    """Of draws: below 1, likely words become likelier."""
    top_k: int = 0
    """Of draws: only so many words may come; 0 for any number."""
    nucleus: float = 0.97
    """Of draws: only the likeliest words that have this share together may come."""
    seed: int = 0
    """Of draws."""

    def __post_init__(self) -> None:
        if self.beam is not None and self.beam < 1:
            raise ValueError(f"a beam keeps at least 1 beginning, got {self.beam}; 4 is usual.")
        if self.beam is not None and self.sample:
            raise ValueError(
                f"words are searched for or drawn, got a beam of {self.beam} and draws; drop one."
            )
        if self.seed < 0:
            raise ValueError(f"seed is at least 0, got {self.seed}.")
        _ = self.sampling

    def check_ways(self, num_ways: int) -> None:
        """Check that so many ways can be found.

        Raises:
            ValueError: they cannot.
        """
        if num_ways < 1:
            raise ValueError(f"each request is said in at least 1 way, got {num_ways}.")
        most = math.inf if self.sample else self.beam or 1
        if num_ways > most:
            raise ValueError(
                f"greedy decoding finds 1 way and a beam as many as it is wide, got {most} for "
                f"{num_ways}; say --beam {num_ways} or --sample."
            )

    @property
    def sampling(self) -> Sampling:
        """How words are drawn."""
        return Sampling(temperature=self.temperature, top_k=self.top_k, nucleus=self.nucleus)


@dataclass(frozen=True, kw_only=True)
class Restyled:
    """A sentence, and what became of it.

    Attributes:
        source: as it was given.
        output: in the other register, or as it was given.
        score: the mean log-probability of a word of the output; None if there was none.
        reason: why it stayed as it was; None if it did not.
    """

    source: str
    output: str
    score: float | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Restyler:
    """A network that restyles.

    Attributes:
        network: who writes.
        vocabulary: the words it knows.
        notes: how it was trained.
    """

    network: Transformer
    vocabulary: Vocabulary
    notes: Mapping[str, Any] = field(default_factory=dict)

    def write(
        self, sentences: Sequence[str], register: Register, settings: DecodingSettings | None = None
    ) -> list[Restyled]:
        """What the network makes of sentences, whatever it is worth.

        Args:
            sentences: one request each.
            register: the one that is wanted.
            settings: how; greedy if left out.

        Returns:
            One for each sentence. Those that the network cannot read stay as they are: no words,
            more than ``MOST_WORDS``, or more than ``NUM_SLOTS`` words that it does not know.
        """
        return [ways[0] for ways in self.write_ways(sentences, register, 1, settings)]

    def write_ways(
        self,
        sentences: Sequence[str],
        register: Register,
        num_ways: int,
        settings: DecodingSettings | None = None,
    ) -> list[list[Restyled]]:
        """Up to so many ways to say each, all different in words, the best first; see ``write``.

        Greedy decoding finds one way, a beam as many as it is wide, draws about as many as there
        are.
        """
        settings = settings or DecodingSettings()
        found: dict[int, list[Restyled]] = {}
        readable: list[tuple[int, Encoded]] = []
        for i, sentence in enumerate(sentences):
            read = self._read(sentence)
            if isinstance(read, str):
                found[i] = [Restyled(source=sentence, output=sentence, reason=read)]
            else:
                readable.append((i, read))
        readable.sort(key=lambda it: len(it[1].ids))
        torch_rng = torch.Generator().manual_seed(settings.seed)
        for first in range(0, len(readable), BATCH_SIZE):
            batch = readable[first : first + BATCH_SIZE]
            rows = [source_row(encoded, register) for _, encoded in batch]
            written = self._decode(rows, num_ways, settings, torch_rng)
            for (i, encoded), ways in zip(batch, written, strict=True):
                outputs = [self.vocabulary.decode(way.ids, encoded) for way in ways]
                found[i] = _different(
                    Restyled(source=sentences[i], output=output, score=way.per_token)
                    for output, way in zip(outputs, ways, strict=True)
                )
        return [found[i] for i in range(len(sentences))]

    def restyle(
        self,
        sentences: Sequence[str],
        register: Register,
        settings: DecodingSettings | None = None,
    ) -> list[Restyled]:
        """Sentences in another register, each of them as it was where the result is not trusted.

        It is not if the line is no request in English, see ``domain``, if the network was unsure,
        see ``LEAST_SCORE``, or lost or repeated a word that it does not know: it cannot judge
        whether such a word matters, and so has to keep them all.

        Args:
            sentences: one request each.
            register: the one that is wanted.
            settings: how; greedy if left out.
        """
        return [ways[0] for ways in self.restyle_ways(sentences, register, 1, settings)]

    def restyle_ways(
        self,
        sentences: Sequence[str],
        register: Register,
        num_ways: int,
        settings: DecodingSettings | None = None,
    ) -> list[list[Restyled]]:
        """Those of ``write_ways`` that are trusted, or else the sentence as it was.

        Where all that was drawn is unlikely, the greedy way stands in for it.
        """
        reasons = [check_request(sentence) for sentence in sentences]
        wanted = [i for i, reason in enumerate(reasons) if reason is None]
        found = [
            [Restyled(source=sentence, output=sentence, reason=reason)]
            for sentence, reason in zip(sentences, reasons, strict=True)
        ]
        chosen = [sentences[i] for i in wanted]
        written = self.write_ways(chosen, register, num_ways, settings)
        if settings is not None and settings.sample:  # draws do not say how sure the network is
            surest = self.write(chosen, register)
        else:
            surest = [ways[0] for ways in written]
        for i, ways, sure in zip(wanted, written, surest, strict=True):
            likely = [way for way in ways if (way.score or 0.0) >= LEAST_WAY_SCORE] or [sure]
            judged = [self.trusted(way, sure.score) for way in likely]
            found[i] = [way for way in judged if way.reason is None] or judged[:1]
        return found

    def trusted(self, restyled: Restyled, score: float | None = None) -> Restyled:
        """What the network wrote, or the source with the reason why, the domain left aside.

        Args:
            restyled: a way to say a sentence.
            score: of the likeliest way; its own if left out.
        """
        if restyled.score is None:
            return restyled
        if (restyled.score if score is None else score) < LEAST_SCORE:
            reason = "the network is unsure: it is unlike the requests that it has learned from"
        elif lost := self._lost(restyled):
            reason = f"the network would lose or repeat {', '.join(lost)}"
        else:
            return restyled
        return replace(restyled, output=restyled.source, reason=reason)

    def _lost(self, restyled: Restyled) -> list[str]:
        """The words that can only be copied and do not come as often as before."""
        source = self.vocabulary.split(restyled.source)
        before, after = (
            Counter(word.lower() for word in words)
            for words in (source, self.vocabulary.split(restyled.output))
        )
        copied = [word for word in source if self.vocabulary.is_only_copied(word)]
        copied += self.vocabulary.encode(source).slots.values()
        names = {word.lower(): word for word in copied}
        return [name for word, name in names.items() if before[word] != after[word]]

    def _read(self, sentence: str) -> Encoded | str:
        """The sentence in numbers, or why it cannot be read."""
        words = self.vocabulary.split(sentence)
        if not words:
            return "it has no words"
        if len(words) > MOST_WORDS:
            return f"it has more than {MOST_WORDS} words; cut it into sentences"
        try:
            return self.vocabulary.encode(words)
        except ValueError:
            return f"it has more than {NUM_SLOTS} words that the network does not know"

    def _decode(
        self,
        rows: list[list[int]],
        num_ways: int,
        settings: DecodingSettings,
        torch_rng: torch.Generator,
    ) -> list[list[Written]]:
        source = padded(rows)
        longest = min(2 * source.shape[1] + SPARE_LENGTH, MAX_LENGTH)
        if settings.sample:
            repeated = source.repeat_interleave(num_ways, dim=0)
            drawn = sample(self.network, repeated, settings.sampling, torch_rng, longest)
            return [drawn[i * num_ways : (i + 1) * num_ways] for i in range(len(rows))]
        if settings.beam is not None:
            searched = (
                beam(self.network, torch.tensor([row]), settings.beam, longest) for row in rows
            )
            return [found[:num_ways] for found in searched]
        return [[written] for written in greedy(self.network, source, longest)]


def _different(ways: Iterable[Restyled]) -> list[Restyled]:
    """The first of each that is said in the same words."""
    found: dict[str, Restyled] = {}
    for way in ways:
        found.setdefault(normalise(way.output), way)
    return list(found.values())


def save_restyler(path: Path, restyler: Restyler) -> None:
    """Write a network with 16 bits a weight, and its vocabulary.

    Raises:
        ValueError: the folder does not exist.
    """
    sizes = restyler.network.sizes
    vocabulary = restyler.vocabulary
    halved = Transformer(len(vocabulary), sizes, vocabulary.num_writable).half()
    halved.load_state_dict(restyler.network.state_dict())
    metadata = {
        "format": FORMAT,
        "words": json.dumps(vocabulary.words, ensure_ascii=False),
        "num_written": json.dumps(vocabulary.num_written),
        "sizes": json.dumps(
            {
                "width": sizes.width,
                "num_heads": sizes.num_heads,
                "num_layers": sizes.num_layers,
                "hidden_width": sizes.hidden_width,
            }
        ),
        "notes": json.dumps(dict(restyler.notes)),
    }
    save_weights(path, halved, metadata)


def open_restyler(path: Path | None = None) -> Restyler:
    """A trained network.

    Args:
        path: a file of ``save_restyler``; the network that comes along if left out.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is broken, or something else.
    """
    path = SHIPPED if path is None else path
    state, metadata = load_weights(path)
    if metadata.get("format") != FORMAT:
        raise ValueError(
            f"a network that restyles has the format {FORMAT!r}, got {metadata.get('format')!r} in "
            f"{str(path)!r}; train one with `etude train text-style`."
        )
    try:
        words, num_written, sizes, notes = (
            json.loads(metadata[name]) for name in ("words", "num_written", "sizes", "notes")
        )
        if not all(isinstance(word, str) and word for word in words):
            raise ValueError("each word has letters")
        vocabulary = Vocabulary(tuple(words), num_written)
        network = build_network(
            lambda **sizes: Transformer(
                len(vocabulary), Architecture(**sizes), vocabulary.num_writable
            ),
            sizes,
            state,  # from 16 bits to 32
        )
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ValueError(
            f"the metadata of a network fit its weights, got {str(path)!r} ({error}); save it "
            "again."
        ) from error
    return Restyler(network.eval().requires_grad_(False), vocabulary, notes)
