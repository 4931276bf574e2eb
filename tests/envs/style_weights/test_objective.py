"""The terms of a painting and its quality, against slow computations one picture at a time."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from etude.envs.style_weights.instances import Instance
from etude.envs.style_weights.objective import (
    Objective,
    Targets,
    log_terms,
    quality,
    variation,
)
from etude.envs.style_weights.settings import HELD_OUT, PAINTER, VIEWS, objective
from etude.generative.style.statistics import mean_gram, total_variation

NETWORKS = pytest.mark.parametrize("network", [PAINTER, HELD_OUT, "tiny"])


def batch_of(instances: list[Instance]) -> tuple[Tensor, Tensor]:
    return (
        torch.cat([instance.content for instance in instances]),
        torch.cat([instance.style for instance in instances]),
    )


def slow_terms(network: str, image: Tensor, content: Tensor, style: Tensor) -> list[float]:
    """Of one painting: content over its variance, each style layer, total variation."""
    encoder = objective(network, "cpu").encoder
    content_layer, style_layers = VIEWS[network]
    own, contents, styles = (
        {name: layer.double() for name, layer in encoder(x).items()}
        for x in (image, content, style)
    )
    gap = (own[content_layer] - contents[content_layer]).square().mean()
    terms = [float(gap / contents[content_layer].var(correction=0))]
    for layer in style_layers:
        gram, target = mean_gram(own[layer]), mean_gram(styles[layer])
        terms.append(float((gram - target).square().sum() / target.square().sum()))
    return [*terms, float(total_variation(image))]


@NETWORKS
def test_terms_are_those_of_one_picture_at_a_time(network: str, instances: list[Instance]) -> None:
    contents, styles = batch_of(instances[:3])
    images = (contents + 0.2 * styles.mean((2, 3), keepdim=True)).clamp(0.0, 1.0)
    view = objective(network, "cpu")
    terms = view(images, view.targets(contents, styles))
    for i in range(3):
        row = slice(i, i + 1)
        expected = slow_terms(network, images[row], contents[row], styles[row])
        assert terms[i].tolist() == pytest.approx(expected, rel=2e-3, abs=1e-5)


@NETWORKS
def test_terms_are_0_at_what_they_ask_for(network: str, instances: list[Instance]) -> None:
    contents, styles = batch_of(instances[:2])
    view = objective(network, "cpu")
    targets = view.targets(contents, styles)
    assert view(contents, targets)[:, 0].abs().max() < 1e-6
    assert view(styles, view.targets(styles, styles))[:, 1:-1].abs().max() < 1e-5
    assert not view(torch.full_like(contents, 0.3), targets)[:, -1].any()
    assert (view(contents, targets)[:, 1:] > 1e-4).all()


@NETWORKS
def test_gradients_of_pictures_do_not_mix(network: str, instances: list[Instance]) -> None:
    contents, styles = batch_of(instances[:3])
    view = objective(network, "cpu")
    targets = view.targets(contents, styles)

    def gradient(images: Tensor) -> Tensor:
        images = images.clone().requires_grad_()
        (found,) = torch.autograd.grad(view(images, targets).sum(), images)
        return found

    images = 0.5 * contents + 0.25
    others = images.clone()
    others[1] = styles[1, :, :16, :1]
    before, after = gradient(images), gradient(others)
    torch.testing.assert_close(after[[0, 2]], before[[0, 2]], rtol=0.0, atol=0.0)
    assert (after[1] != before[1]).any()


def test_variation_is_that_of_each_picture(instances: list[Instance]) -> None:
    contents, _ = batch_of(instances)
    expected = [float(total_variation(content[None])) for content in contents]
    assert variation(contents).tolist() == pytest.approx(expected)


def test_targets_are_replaced_in_the_rows_that_are_named(instances: list[Instance]) -> None:
    view = objective("tiny", "cpu")
    contents, styles = batch_of(instances[:4])
    targets = view.targets(contents, styles)
    others = view.targets(contents.flip(0), styles.flip(0))
    expected = view(contents, targets), view(contents, others)
    targets.put(torch.tensor([0, 2]), _rows(others, [0, 2]))
    found = view(contents, targets)
    torch.testing.assert_close(found[[1, 3]], expected[0][[1, 3]])
    torch.testing.assert_close(found[[0, 2]], expected[1][[0, 2]])
    assert (expected[0][0] - expected[1][0]).abs().max() > 1e-3


def _rows(targets: Targets, rows: list[int]) -> Targets:
    styles = tuple(
        style._replace(known=style.known[rows], square=style.square[rows])
        for style in targets.styles
    )
    return Targets(targets.content[rows], targets.precision[rows], styles)


@given(
    st.lists(st.floats(0.0, 1e3, width=32), min_size=4, max_size=9),
    st.floats(0.0, 1.0),
    st.floats(0.0, 1.0),
)
def test_quality_weighs_the_logarithms(
    terms: list[float], preference: float, smoothness: float
) -> None:
    content, *styles, roughness = log_terms(torch.tensor([terms]))[0].tolist()
    style = sum(styles) / len(styles)
    expected = -(preference * content + (1.0 - preference) * style + smoothness * roughness)
    found = quality(torch.tensor([terms]), torch.tensor([preference]), smoothness)
    assert float(found) == pytest.approx(expected, abs=1e-4)


def test_logarithms_rise_from_a_floor_and_tell_large_terms_apart() -> None:
    terms = torch.tensor([[-1e-7], [0.0], [1e-3], [1.0], [1e3], [1e6]]).expand(-1, 5)
    logs = log_terms(terms)
    assert logs.isfinite().all()
    torch.testing.assert_close(logs[0], logs[1])
    assert (logs[2:] > logs[1:-1]).all()
    torch.testing.assert_close(
        logs[5] - logs[4], torch.full((5,), math.log(1e3)), rtol=0, atol=1e-3
    )


def test_a_picture_without_content_has_finite_terms() -> None:
    flat, styles = torch.full((1, 3, 16, 16), 0.5), torch.rand(1, 3, 16, 16)
    view: Objective = objective("tiny", "cpu")
    assert view(styles, view.targets(flat, styles)).isfinite().all()
    assert view(styles, view.targets(styles, flat)).isfinite().all()
