"""What a painting is measured by: losses that the painter descends, and the judge's quality.

Both are the terms of L. A. Gatys, A. S. Ecker and M. Bethge, "Image style transfer using
convolutional neural networks", CVPR 2016, and total variation (A. Mahendran and A. Vedaldi, CVPR
2015), for many images at once, whose gradients stay apart. The painter sees through one network and
the judge through another, as whoever optimises what it is judged by reaches it by any means.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from etude.envs.style_weights.gram import GramTarget, gram_loss, gram_target
from etude.generative.style.protocol import Encoder

Images = Float[Tensor, "n 3 h w"]

CONTENT_FLOOR: Final = 0.5
STYLE_FLOOR: Final = 0.01
VARIATION_FLOOR: Final = 0.002
"""Added to losses before their logarithm is taken: differences far below do not show. A photograph
repainted in any style has a content loss of 0.3 to 0.8, and unrelated pictures one of 2; with a
content floor of 0.05 leaving the photograph costs so much that not to paint at all is best."""

SMALLEST_VARIANCE: Final = 1e-6
"""Of content: flat pictures have none."""


class Targets(NamedTuple):
    """What a network remembers of contents and styles.

    Args:
        content: features of the contents.
        precision: one over the variance of these.
        styles: of each style layer.
    """

    content: Float[Tensor, "n c h w"]
    precision: Float[Tensor, " n"]
    styles: tuple[GramTarget, ...]

    def put(self, rows: Tensor, others: "Targets") -> None:
        """Replace those of some images."""
        self.content[rows] = others.content
        self.precision[rows] = others.precision
        for old, new in zip(self.styles, others.styles, strict=True):
            old.known[rows], old.square[rows] = new.known, new.square


@dataclass(frozen=True)
class Objective:
    """A network's terms: content, one for each style layer, total variation.

    Args:
        encoder: returns the layers.
        content_layer: the one for content.
        style_layers: those for style.
    """

    encoder: Encoder
    content_layer: str
    style_layers: tuple[str, ...]

    def targets(self, contents: Images, styles: Float[Tensor, "n 3 style_h style_w"]) -> Targets:
        """What to remember of pairs of images."""
        with torch.no_grad():
            content = self.encoder(contents)[self.content_layer]
            features = self.encoder(styles)
            variance = content.var(dim=(1, 2, 3), correction=0)
            return Targets(
                content,
                1.0 / variance.clamp_min(SMALLEST_VARIANCE),
                tuple(gram_target(features[layer]) for layer in self.style_layers),
            )

    def __call__(self, images: Images, targets: Targets) -> Float[Tensor, "n terms"]:
        """The terms of each image, differentiable; at least 0, but for rounding."""
        features = self.encoder(images)
        gap = features[self.content_layer] - targets.content
        terms = [gap.square().mean((1, 2, 3)) * targets.precision]
        for layer, target in zip(self.style_layers, targets.styles, strict=True):
            terms.append(gram_loss(features[layer], target))
        return torch.stack([*terms, variation(images)], dim=1)


def variation(images: Images) -> Float[Tensor, " n"]:
    """The total variation of each image: see ``generative.style.statistics.total_variation``."""
    down = (images[..., 1:, :] - images[..., :-1, :]).square().mean((1, 2, 3))
    return down + (images[..., :, 1:] - images[..., :, :-1]).square().mean((1, 2, 3))


def log_terms(terms: Float[Tensor, "n terms"]) -> Float[Tensor, "n terms"]:
    """The logarithms, with floors below which differences do not show."""
    num_styles = terms.shape[1] - 2
    floors = [CONTENT_FLOOR, *num_styles * [STYLE_FLOOR], VARIATION_FLOOR]
    return torch.log(terms.clamp_min(0.0) + terms.new_tensor(floors))


def quality(
    terms: Float[Tensor, "n terms"], preferences: Float[Tensor, " n"], smoothness: float
) -> Float[Tensor, " n"]:
    """-(p log content + (1 - p) mean log style + smoothness log variation), the higher the better.

    Args:
        terms: the judge's.
        preferences: p, from 0 (style alone counts) to 1 (content alone).
        smoothness: how much total variation counts.
    """
    logs = log_terms(terms)
    content, styles, roughness = logs[:, 0], logs[:, 1:-1].mean(1), logs[:, -1]
    return -(preferences * content + (1.0 - preferences) * styles + smoothness * roughness)
