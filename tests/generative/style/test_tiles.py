"""Tiles see what is seen of the whole: the same features, sums, losses and gradients."""

from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from etude.generative.style.efficientnet_lite import EfficientNetLite, packaged_weights
from etude.generative.style.encoders import LAYER_WEIGHTS
from etude.generative.style.losses import LayerWeights, Objective, Style, style_targets
from etude.generative.style.protocol import Encoder
from etude.generative.style.tiled_objective import TiledObjective
from etude.generative.style.tiles import (
    GRID,
    Tiling,
    bytes_per_pixel,
    receptive_radius,
    spans,
    tiling_within,
)
from etude.generative.style.tiny_encoder import TinyEncoder
from etude.generative.style.vgg import VGG19


def random_image(seed: int, height: int, width: int) -> Tensor:
    torch_rng = torch.Generator().manual_seed(seed)
    return torch.rand(1, 3, height, width, generator=torch_rng, dtype=torch.float64)


def terms_and_gradient(
    objective: Objective | TiledObjective, image: Tensor
) -> tuple[list[float], Tensor]:
    image = image.clone().requires_grad_()
    terms = objective(image)
    (2.0 * terms.content + 30.0 * terms.style + 5.0 * terms.variation).backward()
    assert image.grad is not None
    return [term.item() for term in terms], image.grad


def tiny() -> tuple[Encoder, LayerWeights, int]:
    return TinyEncoder().double(), LAYER_WEIGHTS["tiny"], 32


def lite0() -> tuple[Encoder, LayerWeights, int]:
    layers = LAYER_WEIGHTS["efficientnet-lite0"]
    return EfficientNetLite(layers.layers, packaged_weights()).double(), layers, 64


def vgg() -> tuple[Encoder, LayerWeights, int]:
    layers = LayerWeights({"relu2_2": 1.0}, {"relu1_1": 1.0, "relu3_1": 2.0})
    return VGG19(layers.layers, None).double(), layers, 32


@pytest.mark.parametrize("make", [tiny, lite0, vgg])
@pytest.mark.parametrize(("height", "width"), [(160, 96), (131, 277)])
def test_losses_and_gradients_are_those_of_the_whole(make: object, height: int, width: int) -> None:
    encoder, layers, margin = make()  # type: ignore[operator]
    tiling = Tiling(2 * margin + 2 * GRID, margin)
    mask = torch.zeros(1, 1, 20, 20, dtype=torch.float64)
    mask[..., :9, :7] = 1.0
    styles = [Style(random_image(1, 90, 170), 2.0), Style(random_image(2, 64, 64), 1.0, mask)]
    whole_targets = style_targets(encoder, styles, layers.style)
    tiled_targets = style_targets(encoder, styles, layers.style, tiling)
    content, image = random_image(3, height, width), random_image(4, height, width)
    whole = Objective(encoder, layers, content, whole_targets)
    tiled = TiledObjective(encoder, layers, content, tiled_targets, tiling)
    assert len(tiling.tiles(height, width)) > 1
    terms, gradient = terms_and_gradient(whole, image)
    tiled_terms, tiled_gradient = terms_and_gradient(tiled, image)
    assert tiled_terms == pytest.approx(terms, rel=1e-9)
    assert (gradient - tiled_gradient).norm() < 1e-9 * gradient.norm()


def test_a_margin_that_is_too_narrow_shows() -> None:
    encoder, layers, _ = lite0()
    content, image = random_image(3, 192, 64), random_image(4, 192, 64)
    targets = style_targets(encoder, [Style(random_image(1, 64, 64))], layers.style)
    _, gradient = terms_and_gradient(Objective(encoder, layers, content, targets), image)
    narrow = TiledObjective(encoder, layers, content, targets, Tiling(64, 0))
    _, tiled_gradient = terms_and_gradient(narrow, image)
    assert (gradient - tiled_gradient).norm() > 1e-3 * gradient.norm()


@given(st.integers(1, 3000), st.integers(2, 20), st.integers(0, 4))
@settings(max_examples=100, deadline=None)
def test_spans_cover_the_axis_once_and_keep_the_grid(length: int, core: int, margin: int) -> None:
    found = spans(length, core * GRID, margin * GRID)
    assert found[0].first == 0
    assert found[-1].last == length
    for one, following in pairwise(found):
        assert one.last == following.first > one.first
    for span in found:
        assert span.start % GRID == 0
        assert (length - span.stop) % GRID == 0
        assert span.start == max(span.first - margin * GRID, 0)
        assert min(span.last + margin * GRID, length) <= span.stop <= length
        assert span.last - span.first <= 2 * core * GRID


def test_how_far_the_encoders_see() -> None:
    """TinyEncoder by hand: one pixel of conv1, then one position of two, in blocks of two."""
    assert receptive_radius(TinyEncoder()) in (4, 5)
    assert receptive_radius(VGG19(["relu1_1"], None)) == 2
    assert receptive_radius(VGG19(["relu1_2"], None)) == 3


def test_memory_grows_with_the_layers() -> None:
    first, second = (bytes_per_pixel(VGG19([layer], None)) for layer in ("relu1_1", "relu1_2"))
    assert second > first >= 4 * 64


def test_a_limit_decides_about_tiles() -> None:
    encoder = TinyEncoder()
    assert tiling_within(encoder, 1000, 1e9) is None
    tiling = tiling_within(encoder, 100_000_000, 1e9)
    assert tiling is not None
    assert tiling.side < 10_000
    half = tiling_within(encoder, 100_000_000, 0.25e9)
    assert half is not None
    assert half.side == pytest.approx(tiling.side / 2, abs=1)
    with pytest.raises(ValueError, match=r"memory_limit is at least 0\.\d\d GB with tiny"):
        tiling_within(encoder, 1_000_000, 1e3)
