"""Pictures of what a generator makes: a cloud of points, or a sheet of images."""

import math
from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor

from etude.benchmarks.point_cloud import CloudPainter
from etude.envs.pygame_window import Frame
from etude.generative.gan.toy import TOY
from etude.generative.images import side_by_side

SHEET_PIXELS: Final = 640  # about, a side; small images are enlarged to fill it
GAP: Final = 1  # pixels of an image between two


class SamplePainter:
    """Draws samples of one kind.

    Args:
        data: what they should look like: a name of ``TOY`` for points, anything else for images.
    """

    def __init__(self, data: str) -> None:
        self._cloud = CloudPainter(TOY[data]) if data in TOY else None

    @property
    def field_points(self) -> Float[Tensor, "m 2"] | None:
        """Where a field is to be known, None of images."""
        return None if self._cloud is None else self._cloud.field_points

    def frame(
        self,
        samples: Float[Tensor, "n ..."],
        title: str,
        field: Float[Tensor, " m"] | None = None,
    ) -> Frame:
        """A picture.

        Args:
            samples: points in the plane, or images in [-1, 1].
            title: above points; images have none.
            field: values at ``field_points``.
        """
        if self._cloud is None:
            return sheet(samples)
        cells = None if field is None else field.reshape(2 * (math.isqrt(len(field)),))
        return self._cloud.frame(samples, title, cells)


def sheet(images: Float[Tensor, "n c h w"]) -> Frame:
    """Images side by side, as square as can be, each pixel a square.

    Args:
        images: in [-1, 1], of 1 or 3 channels.
    """
    num_columns = math.ceil(math.sqrt(len(images)))
    grid = side_by_side(images.clamp(-1.0, 1.0) / 2.0 + 0.5, num_columns, GAP)[0]
    factor = max(SHEET_PIXELS // grid.shape[-1], 1)
    large = grid.repeat_interleave(factor, dim=1).repeat_interleave(factor, dim=2)
    frame: Frame = (255.0 * large).round().to(torch.uint8).permute(1, 2, 0).numpy()
    return frame
