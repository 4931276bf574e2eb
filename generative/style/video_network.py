"""Painting the frames of a clip with a network that paints in one pass, without its flicker.

A network paints each frame as if there were no other. Here every pixel keeps most of the paint that
it had, moved along the optical flow, and takes a share of the new: an average over time whose old
paint fades, so that the blur of being moved again and again never adds up. That is how games smooth
their edges over time (L. Yang, S. Liu and M. Salvi, "A survey of temporal antialiasing techniques",
Computer Graphics Forum 39(2), 2020, sec. 3), with the masks of ``optical_flow`` in place of depths.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import torch.nn.functional as F

from etude.generative.style.video import Carried, Image, Mask, Painted, VideoSettings

SEAM_PIXELS: Final = 5  # over which old paint gives way to new beside what was not in view


class NetworkPainter:
    """A painter of frames, see ``FramePainter``.

    Args:
        paint: RGB in [0, 1] to the same, in one pass.
        identity: what ``paint`` depends on, as JSON holds it: the network, the styles.
        video_settings: how much of the paint is new.
    """

    def __init__(
        self,
        paint: Callable[[Image], Image],
        identity: Mapping[str, Any],
        video_settings: VideoSettings | None = None,
    ) -> None:
        self._paint = paint
        self._fresh_share = (video_settings or VideoSettings()).fresh_share
        self.identity: Mapping[str, Any] = {"method": "network", **identity}

    def begin(self, content: Image) -> Painted:
        """Paint the first frame of a scene."""
        return Painted(self._paint(content))

    def follow(self, content: Image, carried: Carried) -> Painted:
        """Paint a frame and mix it with what is there of earlier ones."""
        fresh = self._paint(content)
        old_share = (1.0 - self._fresh_share) * feathered(carried.visible)
        return Painted(fresh + old_share * (carried.painting - fresh))


def feathered(mask: Mask) -> Mask:
    """A mask whose edges rise from 0 to 1 within itself, over ``SEAM_PIXELS``."""
    radius = SEAM_PIXELS // 2
    size = 2 * radius + 1
    eroded = -F.max_pool2d(-mask, size, stride=1, padding=radius)
    return F.avg_pool2d(eroded, size, stride=1, padding=radius, count_include_pad=False)
