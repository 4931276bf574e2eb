"""Flow of scenes that move by a known amount, and the masks against their formulas."""

import pytest
import torch
from torch import Tensor

from etude.generative.style.optical_flow import (
    dense_flow,
    disoccluded,
    estimate_motion,
    leaves_frame,
    motion_boundary,
)
from etude.generative.warping import warp


def scene(seed: int, height: int, width: int) -> Tensor:
    """Soft noise."""
    torch_rng = torch.Generator().manual_seed(seed)
    coarse = torch.rand(1, 3, height // 6, width // 6, generator=torch_rng)
    return torch.nn.functional.interpolate(coarse, (height, width), mode="bilinear")


def test_a_pan_is_found() -> None:
    wide = scene(0, 96, 108)
    earlier, current = wide[..., :96], wide[..., 3:99]  # the camera moves right by 3 pixels
    flow, visible = estimate_motion(current, earlier)
    assert flow.shape == (1, 2, 96, 96)
    assert visible.shape == (1, 1, 96, 96)
    inner = flow[..., 8:-8, 8:-8]
    assert (inner[:, 0] - 3.0).abs().mean() < 0.1
    assert inner[:, 1].abs().mean() < 0.1
    assert visible[..., 8:-8, 8:-8].mean() > 0.97
    assert visible[..., -2:].mean() < 0.05  # came into view
    moved = warp(earlier, flow, "bicubic")
    assert ((moved - current).abs() * visible).max() < 0.1


def test_what_was_hidden_is_not_visible() -> None:
    ground, patch = scene(0, 96, 96), scene(1, 36, 36)
    earlier, current = ground.clone(), ground.clone()
    earlier[..., 30:66, 30:66] = patch
    current[..., 30:66, 38:74] = patch  # 8 pixels to the right
    _, visible = estimate_motion(current, earlier)
    assert visible[..., 32:64, 31:37].mean() < 0.2
    assert visible[..., 36:60, 46:66].mean() > 0.9
    assert visible[..., 6:24, 6:90].mean() > 0.9


def test_unrelated_frames_have_little_in_common() -> None:
    assert estimate_motion(scene(0, 96, 96), scene(1, 96, 96)).visible.mean() < 0.3
    same = scene(0, 96, 96)
    assert estimate_motion(same, same).visible.mean() == 1.0


@pytest.mark.parametrize(("height", "width"), [(1, 1), (5, 40), (12, 9)])
def test_small_frames_have_flow_too(height: int, width: int) -> None:
    image = torch.rand(1, 3, height, width)
    assert dense_flow(image, image).shape == (1, 2, height, width)
    assert estimate_motion(image, image).visible.mean() == 1.0


def constant_flow(x: float, y: float) -> Tensor:
    return torch.tensor([x, y])[None, :, None, None].expand(1, 2, 9, 9).clone()


def test_there_and_back_may_differ_by_little() -> None:
    for backward, forward in ((4.0, -4.0), (4.0, -4.7), (0.0, 0.7)):
        assert not disoccluded(constant_flow(backward, 0.0), constant_flow(forward, 0.0)).any()
    # |4 - 3|^2 = 1 > 0.01 (16 + 9) + 0.5 = 0.75, and |10 - 9|^2 = 1 < 0.01 (100 + 81) + 0.5 = 2.31
    assert disoccluded(constant_flow(4.0, 0.0), constant_flow(-3.0, 0.0)).all()
    assert not disoccluded(constant_flow(0.0, 10.0), constant_flow(0.0, -9.0)).any()


def test_flow_is_compared_where_it_leads() -> None:
    forward = torch.zeros(1, 2, 9, 9)
    forward[:, 0, :, :4] = -4.0  # the left part of the earlier frame moves left
    hidden = disoccluded(constant_flow(4.0, 0.0), forward)
    assert hidden.all()  # from everywhere the way back starts in the right part or at the border
    assert not disoccluded(constant_flow(0.0, 0.0), forward)[..., 4:].any()


def test_edges_of_what_moves() -> None:
    flow = constant_flow(0.0, 0.0)
    assert not motion_boundary(flow).any()
    flow[:, 0, :, 5:] = 1.0  # gradient 0.5 beside the edge: 0.25 > 0.01 + 0.002
    assert motion_boundary(flow)[0, 0].tolist() == [False] * 4 + [True] * 2 + [False] * 3
    ramp = torch.arange(9.0) * 0.1  # 0.01 > 0.01 (0.1 x)^2 + 0.002 as long as 0.1 x < 0.894
    flow[:, 0] = ramp
    assert motion_boundary(flow)[0, 0, 1:8].all()
    flow[:, 0] = ramp + 0.9
    assert not motion_boundary(flow)[0, 0, 1:8].any()


def test_flow_that_leads_out_of_the_frame() -> None:
    assert leaves_frame(constant_flow(-1.0, 0.0))[0, 0].tolist() == [True] + [False] * 8
    assert leaves_frame(constant_flow(0.0, 2.0))[0, :, 0].tolist() == [False] * 7 + [True] * 2
    assert not leaves_frame(constant_flow(0.4, -0.4)).any()
