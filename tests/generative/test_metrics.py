"""Metrics against closed forms."""

import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import avg_pool2d
from torchmetrics.functional.image import (
    peak_signal_noise_ratio,
    structural_similarity_index_measure,
)

from etude.generative.metrics import (
    content_distance,
    frechet_distance,
    frechet_style_distance,
    luma,
    luma_peak_signal_to_noise_ratio,
    luma_structural_similarity,
    structural_similarity,
    style_distance,
    warping_error,
)
from etude.generative.warping import warp


def pixels(images: Tensor) -> dict[str, Tensor]:
    """An encoder that returns its input."""
    return {"pixels": images}


def random_images(num: int, size: int, seed: int = 0) -> Tensor:
    return torch.rand(num, 3, size, size, generator=torch.Generator().manual_seed(seed))


def test_similarity_of_flat_images_is_that_of_their_means() -> None:
    first, second = (torch.full((1, 3, 16, 16), grey, dtype=torch.float64) for grey in (0.2, 0.6))
    stabiliser = 0.01**2
    expected = (2 * 0.2 * 0.6 + stabiliser) / (0.2**2 + 0.6**2 + stabiliser)
    assert structural_similarity(first, second).item() == pytest.approx(expected)
    assert structural_similarity(first, first).item() == pytest.approx(1.0)
    with pytest.raises(ValueError, match="at least 11 pixels, got 16 x 9"):
        structural_similarity(first[..., :9], second[..., :9])


@pytest.mark.parametrize(
    ("colour", "expected"),
    [  # MATLAB: rgb2ycbcr(uint8(cat(3, r, g, b)))
        ((0, 0, 0), 16),
        ((255, 255, 255), 235),
        ((255, 0, 0), 81),
        ((0, 255, 0), 145),
        ((0, 0, 255), 41),
        ((128, 128, 128), 126),
    ],
)
def test_luma_is_that_of_matlab(colour: tuple[int, int, int], expected: int) -> None:
    assert round(luma(torch.tensor(colour).view(1, 3, 1, 1) / 255.0).item()) == expected


def test_signal_to_noise_ratio_by_hand() -> None:
    references = random_images(2, 20)
    images = references.clone()
    images[0] += 0.1  # 0.1 * 219 on Y
    images[1, 1] -= 0.2  # 0.2 * 128.553
    expected = [20.0 * math.log10(255.0 / change) for change in (21.9, 25.7106)]
    ratio = luma_peak_signal_to_noise_ratio(images, references)
    assert ratio.item() == pytest.approx(sum(expected) / 2.0, rel=1e-5)
    assert luma_peak_signal_to_noise_ratio(references, references).isinf()


def test_borders_are_shaved() -> None:
    references = random_images(1, 24)
    images = references.clone()
    images[..., :4, :] = 0.0
    images[..., -4:] = 1.0
    assert luma_peak_signal_to_noise_ratio(images, references).isinf()
    assert luma_structural_similarity(images, references).item() == pytest.approx(1.0)
    assert luma_peak_signal_to_noise_ratio(images, references, border=3) < 40.0
    assert luma_structural_similarity(images, references, border=3) < 0.999


def test_luma_metrics_of_the_library() -> None:
    references, images = random_images(1, 30), random_images(1, 30, seed=1)
    matrix = torch.tensor([65.481, 128.553, 24.966]) / 255.0
    grey = [
        torch.einsum("nchw,c->nhw", rgb, matrix)[:, None] + 16.0 / 255.0
        for rgb in (images[..., 6:-6, 6:-6], references[..., 6:-6, 6:-6])
    ]
    ratio = luma_peak_signal_to_noise_ratio(images, references, border=6)
    assert ratio.item() == pytest.approx(peak_signal_noise_ratio(*grey, data_range=1.0).item())
    similarity = luma_structural_similarity(images, references, border=6)
    library = structural_similarity_index_measure(*grey, data_range=1.0)
    assert isinstance(library, Tensor)
    assert similarity.item() == pytest.approx(library.item(), rel=1e-4)


def test_borders_that_leave_too_little() -> None:
    images = random_images(1, 18)
    luma_peak_signal_to_noise_ratio(images, images, border=8)
    with pytest.raises(ValueError, match="sides of at least 1, got 9 of 18 x 18; cut off less"):
        luma_peak_signal_to_noise_ratio(images, images, border=9)
    with pytest.raises(ValueError, match="got -1 of 18 x 18"):
        luma_peak_signal_to_noise_ratio(images, images, border=-1)
    with pytest.raises(ValueError, match="sides of at least 11, got 4 of 18 x 18"):
        luma_structural_similarity(images, images)


def test_content_distance_of_an_offset() -> None:
    contents = random_images(2, 8)
    expected = 0.1**2 / contents.var(correction=0).item()
    assert content_distance(pixels, contents + 0.1, contents).item() == pytest.approx(expected)
    assert content_distance(pixels, contents, contents) == 0.0


def test_style_distance_sees_no_places_and_no_sizes() -> None:
    style = random_images(1, 8)
    order = torch.randperm(64, generator=torch.Generator().manual_seed(0))
    shuffled = style.flatten(2)[..., order].unflatten(2, (8, 8))
    assert style_distance(pixels, shuffled, style).item() == pytest.approx(0.0, abs=1e-9)
    assert style_distance(pixels, style.repeat(1, 1, 2, 3), style).item() == pytest.approx(
        0.0, abs=1e-9
    )
    doubled = 2.0 * style  # its Gram matrix is four times as large
    assert style_distance(pixels, doubled, style).item() == pytest.approx(9.0, rel=1e-4)


@given(
    mean=st.floats(-3.0, 3.0),
    deviation=st.floats(0.0, 3.0),
    other_deviation=st.floats(0.0, 3.0),
)
def test_frechet_distance_of_round_gaussians(
    mean: float, deviation: float, other_deviation: float
) -> None:
    eye = torch.eye(4, dtype=torch.float64)
    distance = frechet_distance(
        torch.full((4,), mean, dtype=torch.float64),
        deviation**2 * eye,
        torch.zeros(4, dtype=torch.float64),
        other_deviation**2 * eye,
    )
    expected = 4.0 * (mean**2 + (deviation - other_deviation) ** 2)
    assert distance.item() == pytest.approx(expected, abs=1e-6)


def test_frechet_distance_does_not_depend_on_the_axes() -> None:
    torch_rng = torch.Generator().manual_seed(0)
    turn = torch.linalg.qr(torch.randn(3, 3, generator=torch_rng, dtype=torch.float64)).Q
    zero = torch.zeros(3, dtype=torch.float64)
    first = torch.diag(torch.tensor([1.0, 4.0, 9.0], dtype=torch.float64))
    second = torch.diag(torch.tensor([4.0, 4.0, 1.0], dtype=torch.float64))
    turned = frechet_distance(zero, turn @ first @ turn.T, zero, turn @ second @ turn.T)
    assert turned.item() == pytest.approx((2 - 1) ** 2 + 0.0 + (3 - 1) ** 2)


def test_frechet_distance_of_covariances_that_do_not_commute() -> None:
    zero = torch.zeros(2, dtype=torch.float64)
    first = torch.tensor([[2.0, 1.0], [1.0, 2.0]], dtype=torch.float64)
    second = torch.tensor([[1.0, 0.0], [0.0, 3.0]], dtype=torch.float64)
    product = first @ second  # of 2 x 2: tr sqrt(M) = sqrt(tr M + 2 sqrt(det M))
    root = math.sqrt(product.trace() + 2.0 * math.sqrt(product.det()))
    expected = (first.trace() + second.trace()).item() - 2.0 * root
    assert frechet_distance(zero, first, zero, second).item() == pytest.approx(expected)


def test_frechet_style_distance_is_relative() -> None:
    style, other = random_images(1, 8), random_images(1, 12, seed=1)
    distance = frechet_style_distance(pixels, other, style)
    assert frechet_style_distance(pixels, style, style).item() == pytest.approx(0.0, abs=1e-9)
    assert frechet_style_distance(pixels, 3 * other, 3 * style).item() == pytest.approx(
        distance.item(), rel=1e-4
    )
    assert frechet_style_distance(pixels, torch.zeros_like(style), style).item() == pytest.approx(
        1.0
    )
    assert distance.dtype == torch.float32


@pytest.mark.parametrize("distance", [content_distance, style_distance, frechet_style_distance])
def test_layers_are_those_that_count(distance: Callable[..., Tensor]) -> None:
    def extract(images: Tensor) -> dict[str, Tensor]:
        return {"fine": images, "coarse": avg_pool2d(images, 2)}

    image, target = random_images(1, 8), random_images(1, 8, seed=1)
    fine, coarse = (distance(extract, image, target, [layer]) for layer in ("fine", "coarse"))
    assert fine != coarse
    assert distance(extract, image, target).item() == pytest.approx((fine + coarse).item() / 2.0)


def test_a_pan_has_no_warping_error_where_it_was_in_view() -> None:
    scene = random_images(1, 12)
    previous, current = scene[..., :8, :8], scene[..., 1:9, 2:10]  # the camera moves right, down
    flow = torch.tensor([2.0, 1.0])[None, :, None, None].expand(1, 2, 8, 8)
    visible = torch.zeros(1, 1, 8, 8)
    visible[..., :7, :6] = 1.0
    assert warping_error(current, previous, flow, visible).item() == pytest.approx(0.0, abs=1e-9)
    everywhere = torch.ones_like(visible)
    assert warping_error(current, previous, flow, everywhere) > 0.01
    assert warping_error(current + 0.5, previous, flow, visible).item() == pytest.approx(0.25)
    assert warping_error(current, previous, flow, torch.zeros_like(visible)) == 0.0


@given(x=st.floats(-1.5, 1.5), y=st.floats(-1.5, 1.5))
def test_warping_a_ramp_adds_the_flow(x: float, y: float) -> None:
    across = torch.arange(9, dtype=torch.float64).expand(1, 1, 9, 9)
    ramps = torch.cat([across, across.transpose(2, 3)], dim=1)
    flow = torch.tensor([x, y], dtype=torch.float64)[None, :, None, None].expand(1, 2, 9, 9)
    moved = (warp(ramps, flow) - ramps)[..., 2:-2, 2:-2]
    torch.testing.assert_close(moved, flow[..., 2:-2, 2:-2], atol=1e-9, rtol=0.0)
