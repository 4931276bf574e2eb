"""How well a painting shows a photo in a style, judged by an encoder that nobody optimised.

Content and style are distances, and a good painting is a compromise: the photo itself has the best
content, the style image the best style. So both are read on the scale between the two,

    content_kept  = 1 - content / content of the style image
    style_reached = 1 - style / style of the photo
    transfer      = 1 - content_kept * style_reached

with shares below 0 taken as 0. The transfer distance is 0 for the perfect painting, and 1 for the
photo, for the style image and for all that is no better than one of them. The product has the
spirit of ArtFID (M. Wright and B. Ommer, "ArtFID: quantitative evaluation of neural style
transfer", GCPR 2022), but none of its numbers.
"""

from dataclasses import dataclass
from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor

from etude.generative.images import resize_to
from etude.generative.metrics import (
    content_distance_of,
    frechet_style_distance_of,
    structural_similarity,
    style_distance_of,
)
from etude.generative.style.encoders import Judge

Image = Float[Tensor, "1 3 h w"]
LEAST: Final = 1e-12  # the scale where photo and style are the same image


@dataclass(frozen=True, kw_only=True)
class TransferGrade:
    """A painting in numbers.

    Args:
        content: distance to the photo, see ``metrics.content_distance``; 0 is the photo.
        style: distance to the style, see ``metrics.style_distance``; 0 is the style.
        frechet_style: distance to the style, see ``metrics.frechet_style_distance``.
        similarity: SSIM with the photo, at most 1.
        content_kept: the share, from 0 (as the style image) to 1 (as the photo).
        style_reached: the share, from 0 (as the photo) to 1.
        transfer: both in one, from 0 (perfect) to 1.
    """

    content: float
    style: float
    frechet_style: float
    similarity: float
    content_kept: float
    style_reached: float
    transfer: float


class TransferGrader:
    """Grades paintings of one photo in one style, at both of which it looks only once.

    Args:
        content: the photo, RGB in [0, 1]; its sides have at least 11 pixels.
        style: the style image, RGB in [0, 1], of any size.
        judge: see ``encoders.held_out_encoder``.

    Raises:
        ValueError: the photo has a side below 11 pixels.

    Attributes:
        of_photo: the grade of the photo, unchanged.
        of_style: the grade of the style image, scaled to the photo's size.
    """

    def __init__(
        self, content: Image, style: Float[Tensor, "1 3 style_h style_w"], judge: Judge
    ) -> None:
        self._judge = judge
        self._photo = content
        with torch.no_grad():
            self._content, self._style = judge.encoder(content), judge.encoder(style)
        photo, stretched = self._measure(content), self._measure(resize_to(style, *_size(content)))
        self._worst_content = max(stretched["content"], LEAST)
        self._worst_style = max(photo["style"], LEAST)
        self.of_photo, self.of_style = self._grade(photo), self._grade(stretched)

    def __call__(self, result: Image) -> TransferGrade:
        """The grade of a painting, RGB in [0, 1] and of the photo's size.

        Raises:
            ValueError: it has another size.
        """
        if _size(result) != _size(self._photo):
            (h, w), (height, width) = _size(self._photo), _size(result)
            raise ValueError(
                f"a painting is as large as its photo, {w} x {h}, got {width} x {height}; scale "
                "one of them."
            )
        return self._grade(self._measure(result))

    def _measure(self, image: Image) -> dict[str, float]:
        """What can be said of an image without the scale."""
        layers = self._judge.layers
        with torch.no_grad():
            features = self._judge.encoder(image)
            measures = {
                "content": content_distance_of(features, self._content, layers.content),
                "style": style_distance_of(features, self._style, layers.style),
                "frechet_style": frechet_style_distance_of(features, self._style, layers.style),
                "similarity": structural_similarity(image, self._photo),
            }
        return {name: measure.item() for name, measure in measures.items()}

    def _grade(self, measures: dict[str, float]) -> TransferGrade:
        kept = max(0.0, 1.0 - measures["content"] / self._worst_content)
        reached = max(0.0, 1.0 - measures["style"] / self._worst_style)
        transfer = 1.0 - kept * reached
        return TransferGrade(
            **measures, content_kept=kept, style_reached=reached, transfer=transfer
        )


def grade_transfer(
    content: Image, style: Float[Tensor, "1 3 style_h style_w"], result: Image, judge: Judge
) -> TransferGrade:
    """The grade of one painting.

    Args:
        content: the photo, RGB in [0, 1].
        style: the style image, RGB in [0, 1], of any size.
        result: the painting, of the photo's size.
        judge: see ``encoders.held_out_encoder``.

    Raises:
        ValueError: photo and painting differ in size, or have a side below 11 pixels.
    """
    return TransferGrader(content, style, judge)(result)


def _size(image: Image) -> tuple[int, int]:
    return image.shape[-2], image.shape[-1]
