"""What is written, against the list of all sentences that a tiny network could write."""

import itertools
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from etude.generative.style.text.decoding import (
    Sampling,
    Written,
    beam,
    greedy,
    penalised,
    sample,
)
from etude.generative.style.text.tokeniser import END, FIRST_SLOT, FIRST_WORD, PAD
from etude.generative.style.text.transformer import Transformer, new_transformer
from etude.generative.style.text.transformer_layers import Architecture

TINY = Architecture(width=8, num_heads=2, num_layers=1, hidden_width=8)
WORDS = (FIRST_SLOT, FIRST_WORD, FIRST_WORD + 1)  # all that the source below lets it write
SOURCE = torch.tensor([[3, FIRST_SLOT, FIRST_WORD]])
MOST = 4  # tokens, with the register at the start


def network_of(seed: int) -> Transformer:
    network = new_transformer(FIRST_WORD + 2, TINY, seed)
    with torch.no_grad():
        network.embedding.weight.mul_(2.0)  # less alike
    return network.requires_grad_(False)


def sentences_of(network: Transformer) -> dict[tuple[int, ...], float]:
    """All that can be written with an end, and the logarithm of its probability."""
    found = {}
    for length in range(MOST - 1):
        for words in itertools.product(WORDS, repeat=length):
            found[words] = float(network(SOURCE, torch.tensor([[3, *words, END]])).sum())
    return found


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("length_power", [0.0, 0.6])
def test_a_wide_beam_finds_the_best_sentence_of_all(seed: int, length_power: float) -> None:
    network = network_of(seed)
    everything = [Written(list(ids), score) for ids, score in sentences_of(network).items()]
    best = sorted(everything, key=lambda it: -penalised(it, length_power))[:3]
    found = [it for it in beam(network, SOURCE, 64, MOST, length_power) if len(it.ids) < MOST - 1]
    found = found[:3]
    assert [it.ids for it in found] == [it.ids for it in best]
    assert [it.log_probability for it in found] == pytest.approx(
        [it.log_probability for it in best], abs=1e-5
    )


@pytest.mark.parametrize("seed", range(6))
def test_a_beam_of_one_is_greedy(seed: int) -> None:
    network = network_of(seed)
    found, expected = beam(network, SOURCE, 1, 9)[0], greedy(network, SOURCE, 9)[0]
    assert found.ids == expected.ids
    assert found.log_probability == pytest.approx(expected.log_probability, abs=1e-5)


def test_sentences_of_a_batch_do_not_touch() -> None:
    network = network_of(0)
    sources = torch.tensor([[3, FIRST_SLOT, FIRST_WORD], [4, FIRST_WORD + 1, PAD]])
    together = greedy(network, sources, 9)
    alone = greedy(network, sources[:1], 9) + greedy(network, sources[1:, :2], 9)
    assert [it.ids for it in together] == [it.ids for it in alone]


def test_draws_come_as_often_as_they_are_likely() -> None:
    network, num_draws = network_of(1), 6_000
    sources = SOURCE.expand(num_draws, -1)
    drawn = sample(network, sources, Sampling(), torch.Generator().manual_seed(0), MOST)
    for words, score in sentences_of(network).items():
        share = sum(it.ids == list(words) for it in drawn) / num_draws
        if len(words) < MOST - 1:
            spread = math.sqrt(math.exp(score) * (1.0 - math.exp(score)) / num_draws)
            assert share == pytest.approx(math.exp(score), abs=4.5 * spread + 1e-4)


def test_draws_follow_their_generator() -> None:
    network, sources = network_of(1), SOURCE.expand(20, -1)
    first, second, third = (
        sample(network, sources, Sampling(), torch.Generator().manual_seed(seed), 9)
        for seed in (0, 0, 1)
    )
    assert first == second != third


@given(st.integers(0, 3), st.floats(0.05, 1.0), st.floats(0.2, 3.0))
def test_what_is_drawn_from_is_a_distribution(top_k: int, nucleus: float, warmth: float) -> None:
    scores = torch.tensor([[0.5, 0.25, 0.15, 0.1]]).log()
    sampling = Sampling(temperature=warmth, top_k=top_k, nucleus=nucleus)
    shares = sampling.log_probabilities(scores).exp()
    assert float(shares.sum()) == pytest.approx(1.0, abs=1e-5)
    assert 1 <= int((shares > 0).sum()) <= (top_k or 4)


@pytest.mark.parametrize(
    ("sampling", "expected"),
    [
        (Sampling(), [0.5, 0.25, 0.15, 0.1]),
        (Sampling(top_k=2), [2 / 3, 1 / 3, 0.0, 0.0]),
        (Sampling(nucleus=0.6), [2 / 3, 1 / 3, 0.0, 0.0]),
        (Sampling(nucleus=0.4), [1.0, 0.0, 0.0, 0.0]),
        (Sampling(temperature=0.5), [0.25 / 0.345, 0.0625 / 0.345, 0.0225 / 0.345, 0.01 / 0.345]),
    ],
)
def test_shares_of_words(sampling: Sampling, expected: list[float]) -> None:
    scores = torch.tensor([[0.5, 0.25, 0.15, 0.1]]).log()
    torch.testing.assert_close(sampling.log_probabilities(scores).exp()[0], torch.tensor(expected))


def test_one_likely_word_is_greedy() -> None:
    network, sources = network_of(2), SOURCE.expand(5, -1)
    torch_rng = torch.Generator().manual_seed(0)
    assert sample(network, sources, Sampling(top_k=1), torch_rng, 9)[4].ids == (
        greedy(network, SOURCE, 9)[0].ids
    )


@pytest.mark.parametrize("seed", range(3))
def test_slots_that_the_source_does_not_have_are_never_written(seed: int) -> None:
    network, torch_rng = network_of(seed), torch.Generator().manual_seed(0)
    written = sample(network, SOURCE.expand(200, -1), Sampling(temperature=9.0), torch_rng, 12)
    assert {token for it in written for token in it.ids} == set(WORDS)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"temperature": 0.0}, "a temperature is above 0, got 0.0"),
        ({"top_k": -1}, "top_k is at least 0, got -1"),
        ({"nucleus": 0.0}, r"a nucleus lies in \(0, 1\], got 0.0"),
    ],
)
def test_impossible_draws(settings: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Sampling(**settings)  # type: ignore[arg-type]


def test_an_impossible_beam() -> None:
    with pytest.raises(ValueError, match="at least 1 beginning, got 0"):
        beam(network_of(0), SOURCE, 0)
