"""Stacks of convolutional RBMs: inference against sums over all states, ways up and down."""

import itertools

import pytest
import torch
from torch import Tensor

from etude.generative.features.cdbn import CDBN
from etude.generative.features.crbm import CRBMArchitecture

LOWER = CRBMArchitecture(filters=2, filter_size=2, sigma=0.8)
UPPER = CRBMArchitecture(channels=2, filters=2, filter_size=1, pooling=1, visible="binary")


def tiny() -> CDBN:
    """Two layers over 3 x 3 pixels: two blocks of 2 x 2, and two units above them."""
    torch_rng = torch.Generator().manual_seed(5)
    stack = CDBN([LOWER, UPPER], torch_rng)
    for value in (*stack.parameters(), stack.log_odds(1)):
        value.copy_(torch.randn(value.shape, generator=torch_rng))
    return stack


def states() -> tuple[Tensor, Tensor]:
    """All 25 x 4 states of both layers."""
    block = torch.cat([torch.zeros(1, 4), torch.eye(4)]).reshape(5, 2, 2)
    lower = [torch.stack(pair) for pair in itertools.product(block, block)]
    upper = [
        torch.tensor(bits).reshape(2, 1, 1) for bits in itertools.product((0.0, 1.0), repeat=2)
    ]
    pairs = list(itertools.product(lower, upper))
    return torch.stack([h for h, _ in pairs]), torch.stack([h for _, h in pairs])


def log_weights(stack: CDBN, v: Tensor) -> Tensor:
    """log P(h, h' | v) of all states but for a constant: the paper's energy, sec. 3.6."""
    h, above = states()
    lower, upper = stack.machines
    total = (h * lower.evidence(v)).sum(dim=(1, 2, 3))
    pooled = h.sum(dim=(2, 3))  # (states, 2)
    gamma = upper.weight[:, :, 0, 0]
    bias = upper.visible_bias - stack.log_odds(1)
    total = total + torch.einsum("sk,lk,sl->s", pooled, gamma, above[..., 0, 0]) + pooled @ bias
    return total + above[..., 0, 0] @ upper.hidden_bias


def test_gibbs_sampling_reaches_the_posterior_of_all_layers() -> None:
    stack = tiny()
    v = torch.randn(1, 1, 3, 3, generator=torch.Generator().manual_seed(2))
    chances = log_weights(stack, v).softmax(dim=0)
    expected = [torch.einsum("s,skij->kij", chances, layer) for layer in states()]
    known = torch.ones(1, 1, 3, 3, dtype=torch.bool)
    found = stack.infer(
        v.repeat(4_000, 1, 1, 1),
        known,
        torch.Generator().manual_seed(0),
        num_sweeps=10,
        burn_in=10,
    )
    assert found.images.equal(v.repeat(4_000, 1, 1, 1))
    for layer, exact in zip(found.layers, expected, strict=True):
        torch.testing.assert_close(layer.detection.mean(dim=0), exact, rtol=0, atol=0.015)
    from_below = stack.ascend(v)[0].detection[0]
    assert (from_below - expected[0]).abs().max() > 0.05  # the layer above does matter


def test_unknown_pixels_are_sampled_with_the_rest() -> None:
    """With no pixel known and no filters, an image is its bias, whatever was given."""
    stack = CDBN([LOWER, UPPER])
    stack.machines[0].visible_bias.fill_(0.3)
    known = torch.zeros(1, 1, 3, 3, dtype=torch.bool)
    known[..., 0, 0] = True
    found = stack.infer(torch.ones(2, 1, 3, 3), known, torch.Generator()).images
    expected = torch.full((2, 1, 3, 3), 0.3)
    expected[..., 0, 0] = 1.0
    torch.testing.assert_close(found, expected)


def test_what_is_seen_says_where_in_a_block_a_unit_is() -> None:
    stack = tiny()
    v = torch.randn(1, 1, 3, 3, generator=torch.Generator().manual_seed(2))
    seen = stack.ascend(v)
    upper = stack.machines[1].visible_mean(seen[1].detection)
    placed = seen[0].detection / seen[0].pooling.repeat_interleave(2, 2).repeat_interleave(2, 3)
    large = upper.repeat_interleave(2, 2).repeat_interleave(2, 3)
    expected = stack.machines[0].visible_mean(large * placed)
    torch.testing.assert_close(stack.descend(seen[1].detection, 1, seen), expected)
    even = stack.machines[0].visible_mean(large / 4)
    torch.testing.assert_close(stack.descend(seen[1].detection, 1), even)


def test_filters_in_pixels_are_what_a_unit_adds_to_the_image() -> None:
    stack = CDBN(
        [
            CRBMArchitecture(filters=3, filter_size=4),
            CRBMArchitecture(channels=3, filters=2, filter_size=2, visible="binary"),
        ],
        torch.Generator().manual_seed(0),
    )
    found = stack.filters_in_pixels(1)
    assert found.shape == (2, 1, 7, 7)
    unit = stack.machines[1].weight[:1].repeat_interleave(2, 2).repeat_interleave(2, 3) / 4
    torch.testing.assert_close(found[:1], stack.machines[0].visible_mean(unit))
    assert stack.filters_in_pixels(0).equal(stack.machines[0].weight)


def test_sizes_that_all_blocks_fill() -> None:
    stack = CDBN(
        [
            CRBMArchitecture(filters=3, filter_size=4),
            CRBMArchitecture(channels=3, filters=2, filter_size=2, visible="binary"),
        ]
    )
    assert stack.least_size == 9  # a block of 2, a filter of 2, a block of 2, a filter of 4
    assert stack.fitting(9) == stack.fitting(12) == 9
    assert stack.fitting(13) == 13
    assert [answer.pooling.shape[-1] for answer in stack.ascend(torch.zeros(1, 1, 13, 13))] == [
        5,
        2,
    ]
    with pytest.raises(ValueError, match="at least 9 pixels a side, got 8"):
        stack.fitting(8)


def test_the_lowest_layers_are_a_stack_of_their_own() -> None:
    stack = tiny()
    v = torch.randn(1, 1, 3, 3, generator=torch.Generator().manual_seed(2))
    lowest = stack.lowest(1)
    assert len(lowest.machines) == 1
    assert lowest.ascend(v)[0].detection.equal(stack.ascend(v)[0].detection)


@pytest.mark.parametrize("layers", [[], [LOWER, LOWER], [LOWER, CRBMArchitecture(channels=2)]])
def test_layers_that_do_not_fit(layers: list[CRBMArchitecture]) -> None:
    with pytest.raises(ValueError, match="layer"):
        CDBN(layers)
