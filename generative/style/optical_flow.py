"""Where each pixel of a frame was in an earlier one, and whether it was in view there.

The flow is that of T. Kroeger, R. Timofte, D. Dai and L. Van Gool, "Fast optical flow using dense
inverse search", ECCV 2016, from OpenCV. It is estimated both ways: where going there and back does
not end where it began, a pixel was hidden (N. Sundaram, T. Brox and K. Keutzer, "Dense point
trajectories by GPU-accelerated large displacement optical flow", ECCV 2010), and at the edges of
what moves the flow is not to be trusted. The thresholds are those of M. Ruder, A. Dosovitskiy and
T. Brox, "Artistic style transfer for videos", GCPR 2016. Departure: what comes from outside the
earlier frame was not in view either.
"""

from typing import Any, Final, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, UInt8
from torch import Tensor

from etude.generative.images import to_uint8
from etude.generative.warping import warp

Flow = Float[Tensor, "1 2 h w"]
Mask = Float[Tensor, "1 1 h w"]
MINIMUM_SIDE: Final = 16  # pixels; OpenCV refuses less than 12
PATCH_SIZE: Final = 4  # pixels of the frame itself; a third of the error of 8 pixels at half size
CONSISTENCY: Final = (0.01, 0.5)  # relative, and in square pixels (Ruder et al. 2016, eq. 5)
BOUNDARY: Final = (0.01, 0.002)  # the same (eq. 6)


class Motion(NamedTuple):
    """How one frame follows from an earlier one.

    Args:
        flow: from each of its pixels to where it was, in pixels: right, then down.
        visible: 1 where it was in view and the flow can be trusted, 0 elsewhere.
    """

    flow: Flow
    visible: Mask


def estimate_motion(current: Float[Tensor, "1 3 h w"], earlier: Float[Tensor, "1 3 h w"]) -> Motion:
    """The motion between two frames.

    Args:
        current: RGB in [0, 1].
        earlier: of the same size.
    """
    backward, forward = dense_flow(current, earlier), dense_flow(earlier, current)
    hidden = disoccluded(backward, forward) | motion_boundary(backward) | leaves_frame(backward)
    return Motion(backward, (~hidden)[:, None].to(backward.dtype))


def dense_flow(start: Float[Tensor, "1 3 h w"], end: Float[Tensor, "1 3 h w"]) -> Flow:
    """From each pixel of the one image to the same thing in the other, in pixels: right, down.

    Args:
        start: RGB in [0, 1].
        end: of the same size.
    """
    import cv2

    dis: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    dis.setFinestScale(0)
    dis.setPatchSize(PATCH_SIZE)
    dis.setPatchStride(PATCH_SIZE // 2)
    greys = [cv2.cvtColor(_enlarged(image), cv2.COLOR_RGB2GRAY) for image in (start, end)]
    height, width = start.shape[2:]
    flow: np.ndarray[Any, Any] = dis.calc(*greys, None)[:height, :width]
    return torch.from_numpy(np.ascontiguousarray(flow)).permute(2, 0, 1)[None].contiguous()


def disoccluded(
    backward: Float[Tensor, "n 2 h w"], forward: Float[Tensor, "n 2 h w"]
) -> Bool[Tensor, "n h w"]:
    """Where going there and back ends elsewhere: |w + b|^2 > 0.01 (|w|^2 + |b|^2) + 0.5 (eq. 5).

    Args:
        backward: b, from the current frame to the earlier one.
        forward: from the earlier frame to the current one; w is it, read where b points to.
    """
    relative, absolute = CONSISTENCY
    there = warp(forward, backward)
    motion = _square(there) + _square(backward)
    return _square(there + backward) > relative * motion + absolute


def motion_boundary(flow: Float[Tensor, "n 2 h w"]) -> Bool[Tensor, "n h w"]:
    """Where the flow b changes abruptly: |grad b_x|^2 + |grad b_y|^2 > 0.01 |b|^2 + 0.002 (eq. 6).

    The gradient is that of central differences.
    """
    relative, absolute = BOUNDARY
    padded = F.pad(flow, (1, 1, 1, 1), mode="replicate")
    across = (padded[..., 1:-1, 2:] - padded[..., 1:-1, :-2]) / 2.0
    down = (padded[..., 2:, 1:-1] - padded[..., :-2, 1:-1]) / 2.0
    return _square(across) + _square(down) > relative * _square(flow) + absolute


def leaves_frame(flow: Float[Tensor, "n 2 h w"]) -> Bool[Tensor, "n h w"]:
    """Where the flow points more than half a pixel beyond the outermost ones."""
    h, w = flow.shape[2:]
    x = torch.arange(w, device=flow.device) + flow[:, 0]  # (n, h, w)
    y = torch.arange(h, device=flow.device)[:, None] + flow[:, 1]
    return (x < -0.5) | (x > w - 0.5) | (y < -0.5) | (y > h - 0.5)


def _square(vectors: Float[Tensor, "n 2 h w"]) -> Float[Tensor, "n h w"]:
    return vectors.square().sum(1)


def _enlarged(image: Float[Tensor, "1 3 h w"]) -> UInt8[np.ndarray, "height width 3"]:
    """In 0 to 255, with repeated edges where a side is too short."""
    pixels = to_uint8(image)
    missing = [max(MINIMUM_SIDE - side, 0) for side in pixels.shape[:2]]
    return np.pad(pixels, [(0, missing[0]), (0, missing[1]), (0, 0)], mode="edge")
