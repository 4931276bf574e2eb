"""The loss against an independent computation, by hand and by finite differences."""

import pytest
import torch
from torch import Tensor

from etude.generative.style.losses import (
    LayerWeights,
    Objective,
    Style,
    content_loss,
    style_loss,
    style_targets,
)
from etude.generative.style.statistics import mean_gram
from etude.generative.style.tiny_encoder import TinyEncoder

LAYERS = LayerWeights(content={"conv2": 1.0}, style={"conv1": 1.0, "conv2": 3.0})


def random_image(seed: int, height: int = 8, width: int = 8) -> Tensor:
    torch_rng = torch.Generator().manual_seed(seed)
    return torch.rand(1, 3, height, width, generator=torch_rng, dtype=torch.float64)


@pytest.fixture(scope="module")
def encoder() -> TinyEncoder:
    return TinyEncoder().double()


def test_content_loss_by_hand() -> None:
    target = torch.tensor([0.0, 2.0, 4.0, 6.0]).view(1, 1, 2, 2)
    assert content_loss(target, target).item() == 0.0
    assert content_loss(target + 1.0, target).item() == pytest.approx(1.0 / 5.0)


def test_style_loss_by_hand() -> None:
    target = torch.tensor([[[1.0, 0.0], [0.0, 3.0]]])
    assert style_loss(target, target).item() == 0.0
    assert style_loss(2.0 * target, target).item() == pytest.approx(1.0)
    assert style_loss(torch.zeros_like(target), target).item() == pytest.approx(1.0)


def test_the_content_in_its_own_style_is_the_optimum(encoder: TinyEncoder) -> None:
    image = random_image(0)
    objective = Objective(
        encoder, LAYERS, image, style_targets(encoder, [Style(image)], LAYERS.style)
    )
    terms = objective(image)
    assert terms.content.item() == 0.0
    assert terms.style.item() == pytest.approx(0.0, abs=1e-20)


def test_terms_equal_an_independent_computation(encoder: TinyEncoder) -> None:
    image, content, style = (random_image(seed) for seed in range(3))
    objective = Objective(
        encoder, LAYERS, content, style_targets(encoder, [Style(style)], LAYERS.style)
    )
    terms = objective(image)
    ours, theirs, wanted = encoder(image), encoder(style), encoder(content)["conv2"]
    difference = ours["conv2"] - wanted
    assert terms.content.item() == pytest.approx(
        (difference.pow(2).sum() / difference.numel() / wanted.var(correction=0)).item()
    )
    expected = 0.0
    for layer, share in (("conv1", 0.25), ("conv2", 0.75)):
        gram, target = (
            torch.einsum("nchw,ndhw->cd", f[layer], f[layer]) / f[layer][0, 0].numel()
            for f in (ours, theirs)
        )
        expected += share * ((gram - target).norm() ** 2 / target.norm() ** 2).item()
    assert terms.style.item() == pytest.approx(expected)


def test_the_gradient_equals_finite_differences(encoder: TinyEncoder) -> None:
    mask = torch.zeros(1, 1, 8, 8, dtype=torch.float64)
    mask[..., :3] = 1.0
    styles = [Style(random_image(1), 2.0), Style(random_image(2), 1.0, mask)]
    objective = Objective(
        encoder, LAYERS, random_image(0), style_targets(encoder, styles, LAYERS.style)
    )
    image = random_image(3).requires_grad_()

    def loss(image: Tensor) -> Tensor:
        terms = objective(image)
        return terms.content + 5.0 * terms.style + terms.variation

    assert torch.autograd.gradcheck(loss, (image,), eps=1e-6, atol=1e-7, rtol=1e-5)


def test_blended_styles_are_the_mean_of_their_gram_matrices(encoder: TinyEncoder) -> None:
    first, second = random_image(1), random_image(2)
    (target,) = style_targets(encoder, [Style(first, 3.0), Style(second, 1.0)], LAYERS.style)
    expected = 0.75 * mean_gram(encoder(first)["conv1"]) + 0.25 * mean_gram(
        encoder(second)["conv1"]
    )
    assert torch.allclose(target.grams["conv1"], expected)


def test_blending_has_the_gradient_of_the_sum_of_losses(encoder: TinyEncoder) -> None:
    """sum_s w_s |G - A_s|^2 and |G - sum_s w_s A_s|^2 differ by a constant."""
    image, first, second = (mean_gram(encoder(random_image(s))["conv2"]) for s in range(3))
    image.requires_grad_()
    summed = 0.75 * (image - first).square().sum() + 0.25 * (image - second).square().sum()
    blended = (image - 0.75 * first - 0.25 * second).square().sum()
    (one,) = torch.autograd.grad(summed, image)
    (other,) = torch.autograd.grad(blended, image)
    assert torch.allclose(one, other)


def test_masked_styles_pull_only_where_they_apply(encoder: TinyEncoder) -> None:
    left = torch.zeros(1, 1, 8, 8, dtype=torch.float64)
    left[..., :4] = 1.0
    targets = style_targets(encoder, [Style(random_image(1), 1.0, left)], {"conv1": 1.0})
    layers = LayerWeights(content={"conv1": 1.0}, style={"conv1": 1.0})
    image = random_image(0).requires_grad_()
    Objective(encoder, layers, random_image(0), targets)(image).style.backward()
    assert image.grad is not None
    assert image.grad[..., :4].abs().sum() > 0.0
    assert image.grad[..., 5:].abs().max().item() == 0.0  # conv1 sees one pixel further


def test_regions_share_the_loss_by_area(encoder: TinyEncoder) -> None:
    quarter = torch.zeros(1, 1, 8, 8, dtype=torch.float64)
    quarter[..., :4, :4] = 1.0
    rest = 1.0 - quarter
    styles = [Style(random_image(1), 1.0, quarter), Style(random_image(2), 1.0, rest)]
    shares = [target.share for target in style_targets(encoder, styles, LAYERS.style)]
    assert shares == pytest.approx([0.25, 0.75])


@pytest.mark.parametrize(("content", "style"), [({}, {"a": 1.0}), ({"a": 1.0}, {"b": 0.0})])
def test_layers_have_positive_weights(content: dict[str, float], style: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="weights of more than 0"):
        LayerWeights(content, style)
