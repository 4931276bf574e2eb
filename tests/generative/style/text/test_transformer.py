"""The layers do what their equations say, and neither padding nor the future leaks."""

import math

import pytest
import torch
from torch import Tensor

from etude.generative.style.text.tokeniser import END, FIRST_SLOT, FIRST_WORD, PAD
from etude.generative.style.text.transformer import Transformer, hints_of, new_transformer
from etude.generative.style.text.transformer_layers import (
    FARTHEST,
    NEVER,
    Architecture,
    Attention,
    Distances,
    Neighbours,
    SquaredReLU,
)

SMALL = Architecture(width=16, num_heads=2, num_layers=2, hidden_width=32)
A, B, C = FIRST_WORD, FIRST_WORD + 1, FIRST_SLOT + 3
COPIED = FIRST_WORD + 5  # the last of six words, and the only one that cannot be written
SOURCE = torch.tensor([[3, A, B, C, COPIED], [4, FIRST_SLOT, B, PAD, PAD]])
TARGET = torch.tensor([[3, A, COPIED, B, C], [4, B, FIRST_SLOT, B, END]])


def network_of(seed: int) -> Transformer:
    network = new_transformer(FIRST_WORD + 6, SMALL, seed, COPIED).requires_grad_(False)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for weights in network.parameters():  # hints and biases begin at 0
            weights.add_(torch.randn_like(weights), alpha=0.2)
    network.embedding.weight[PAD] = 0.0
    return network


def test_number_of_parameters() -> None:
    """Of width d = 96: an attention has 4 d^2, a feed-forward part 8 d^2 + 5 d, a norm 2 d."""
    with torch.device("meta"):
        network = Transformer(1_000, num_writable=900)
    d, attention, feed_forward = 96, 4 * 96**2, 8 * 96**2 + 5 * 96
    distances, neighbours = 4 * (2 * 16 + 1), (5 + 3) * d
    layers = 2 * (attention + feed_forward + 2 * 2 * d + distances) + 2 * (
        2 * attention + feed_forward + 3 * 2 * d + distances + 4 * 3
    )
    copying = d**2 + (d + 1) + 3
    number = sum(weights.numel() for weights in network.parameters())
    assert number == layers + neighbours + copying + 2 * 2 * d + 1_000 * d + 900


def test_attention_is_the_formula_of_the_paper() -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        attention, features = Attention(8, 2), torch.randn(1, 3, 8)
    queries = attention.query(features)[0]
    keys, values = attention.key_value(features)[0].chunk(2, dim=-1)
    heads = []
    for head in (slice(0, 4), slice(4, 8)):
        weights = (queries[:, head] @ keys[:, head].T / math.sqrt(4)).tril()
        weights = weights.masked_fill(~torch.ones(3, 3).tril().bool(), -math.inf).softmax(dim=-1)
        heads.append(weights @ values[:, head])
    expected = attention.output(torch.cat(heads, dim=-1))
    biases = torch.zeros(1, 1, 3, 3).masked_fill(~torch.ones(3, 3).tril().bool(), NEVER)
    found = attention(features, attention.keys_values(features), biases)[0]
    torch.testing.assert_close(found, expected)


def test_each_distance_has_its_bias() -> None:
    distances = Distances(2)
    with torch.no_grad():
        distances.biases[1] = torch.arange(2 * FARTHEST + 1) - FARTHEST
    found = distances(2, 4)[1]
    assert found.tolist() == [[-2, -1, 0, 1], [-3, -2, -1, 0]]
    assert distances(50, 50)[1, 0, -1] == FARTHEST


def test_neighbours_are_added_feature_by_feature() -> None:
    neighbours = Neighbours(2, 2, 1)
    with torch.no_grad():
        neighbours.weights.copy_(torch.tensor([[1, 0], [10, 0], [0, 5], [100, 0]]))
    features = torch.tensor([[[1.0, 1.0], [2.0, 2.0], [3.0, 3.0], [4.0, 4.0]]])
    found = neighbours(features)[0]
    assert found[:, 0].tolist() == [1 + 200, 2 + 10 + 300, 3 + 20 + 1 + 400, 4 + 30 + 2]
    assert found[:, 1].tolist() == [6, 12, 18, 24]


def log_probabilities(network: Transformer, source: Tensor, target: Tensor) -> Tensor:
    features, memory = network.decode(target, network.encode(source))
    return network.log_probabilities(features, memory)


def test_squared_relus_and_their_gradient() -> None:
    numbers = torch.tensor([-2.0, -0.5, 0.0, 0.5, 3.0], dtype=torch.float64, requires_grad=True)
    assert SquaredReLU()(numbers).tolist() == [0.0, 0.0, 0.0, 0.25, 9.0]
    assert torch.autograd.gradcheck(SquaredReLU(), (numbers,))


def test_what_may_come_next_sums_to_one() -> None:
    found = log_probabilities(network_of(0), SOURCE, TARGET).exp()
    torch.testing.assert_close(found.sum(dim=2), torch.ones(2, 5))
    assert not found[:, :, [PAD, 1, 3, 4]].any()
    assert not found[1, :, COPIED].any()
    assert bool((found[0, :, COPIED] > 0).all())
    assert not found[:, :, FIRST_SLOT : FIRST_SLOT + 2][0].any()  # slots that are not there
    assert bool((found[1, :, FIRST_SLOT] > 0).all())


def test_likelihoods_are_those_of_the_whole_distribution() -> None:
    network = network_of(0)
    expected = log_probabilities(network, SOURCE, TARGET[:, :-1])
    expected = expected.gather(2, TARGET[:, 1:, None])[:, :, 0]
    torch.testing.assert_close(network(SOURCE, TARGET), expected)


def test_copying_is_the_formula_of_the_paper() -> None:
    """p(w) = gate p_vocabulary(w) + (1 - gate) sum of a_i over the places i of w."""
    network = network_of(0)
    features, memory = network.decode(TARGET[:1], network.encode(SOURCE[:1]))
    gate = network.gate(features)[0].sigmoid()
    logits = features[0] @ network.embedding.weight.T
    logits[:, :COPIED] += network.output_bias
    logits[:, [0, 1, *range(3, FIRST_WORD), COPIED]] = -math.inf
    hints = hints_of(TARGET[:1], SOURCE[:1], 5)[0] @ network.pointer_hints
    scores = network.pointer(features[0]) @ memory.pointed[0].T / math.sqrt(16) + hints
    places = scores[:, 1:].softmax(dim=1)  # not the register
    expected = gate * logits.softmax(dim=1)
    for i, token in enumerate(SOURCE[0, 1:].tolist()):
        expected[:, token] += (1 - gate[:, 0]) * places[:, i]
    found = network.log_probabilities(features, memory)[0].exp()
    torch.testing.assert_close(found, expected)


def test_hints_say_where_the_last_words_stand() -> None:
    hints = hints_of(torch.tensor([[3, 9, 8, 7]]), torch.tensor([[3, 8, 7, 9]]), 2)
    covered, follows, follows_two = hints[0].int().permute(2, 0, 1).tolist()
    assert covered == [[1, 1, 0, 1], [1, 1, 1, 1]]
    assert follows == [[0, 0, 1, 0], [0, 0, 0, 1]]
    assert follows_two == [[0, 0, 0, 0], [0, 0, 0, 1]]


def test_padding_changes_nothing() -> None:
    network = network_of(0)
    torch.testing.assert_close(network(SOURCE, TARGET)[1:], network(SOURCE[1:, :3], TARGET[1:]))


def test_words_to_come_change_nothing() -> None:
    network = network_of(0)
    changed = TARGET.clone()
    changed[:, 3:] = FIRST_WORD + 2
    before, after = network(SOURCE, TARGET), network(SOURCE, changed)
    torch.testing.assert_close(before[:, :2], after[:, :2])
    assert not torch.allclose(before[:, 3:], after[:, 3:])


@pytest.mark.parametrize("cut", [1, 2, 4])
def test_what_is_remembered_is_what_would_be_computed(cut: int) -> None:
    network = network_of(0)
    whole = log_probabilities(network, SOURCE, TARGET)
    features, memory = network.decode(TARGET[:, :cut], network.encode(SOURCE))
    first = network.log_probabilities(features, memory)
    features, memory = network.decode(TARGET[:, cut:], memory)
    second = network.log_probabilities(features, memory)
    torch.testing.assert_close(torch.cat((first, second), dim=1), whole)


def test_memories_are_selected_by_row() -> None:
    network = network_of(0)
    _, memory = network.decode(TARGET[:, :2], network.encode(SOURCE))
    rows = torch.tensor([1, 1, 0])
    features, memory = network.decode(TARGET[rows, 2:], memory.select(rows))
    expected = log_probabilities(network, SOURCE, TARGET)[rows, 2:]
    torch.testing.assert_close(network.log_probabilities(features, memory), expected)


def test_seeds_reproduce_and_leave_the_global_generator_alone() -> None:
    before = torch.random.get_rng_state()
    first, second = (new_transformer(20, SMALL, seed).embedding.weight for seed in (1, 1))
    assert torch.equal(first, second)
    assert not torch.equal(first, new_transformer(20, SMALL, 2).embedding.weight)
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.parametrize("number", [FIRST_WORD - 1, FIRST_WORD + 7])
def test_what_is_written_is_known(number: int) -> None:
    with pytest.raises(ValueError, match=f"tokens may be written, got {number}"):
        Transformer(FIRST_WORD + 6, SMALL, number)


def test_hidden_matrices_are_all_but_embeddings_and_the_gate() -> None:
    matrices = {id(it) for it in network_of(0).hidden_matrices}
    weights = {name for name, _ in network_of(0).named_parameters() if name.endswith(".weight")}
    others = {name for name in weights if "norm" in name} | {"embedding.weight", "gate.weight"}
    assert len(matrices) == len(weights - others) > 0


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"width": 18, "num_heads": 4}, "multiple of the number of heads, got 18 and 4"),
        ({"num_layers": 0}, "num_layers is at least 1, got 0"),
    ],
)
def test_impossible_sizes(sizes: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Architecture(**sizes)
