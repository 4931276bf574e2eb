"""Painting in the colours of the content.

L. A. Gatys, M. Bethge, A. Hertzmann and E. Shechtman, "Preserving color in neural artistic style
transfer", 2016 (arXiv:1606.05897): either the style gets the content's colours first (sec. 5.1), or
only the brightness is painted and the colours stay (sec. 5.2).
"""

from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor

RGB_TO_YIQ: Final = (  # FCC 1953: brightness, and two axes of colour
    (0.299, 0.587, 0.114),
    (0.595716, -0.274453, -0.321263),
    (0.211456, -0.522591, 0.311135),
)
MINIMUM_VARIANCE: Final = 1e-5


def match_colours(
    style: Float[Tensor, "1 3 h w"], content: Float[Tensor, "1 3 h2 w2"]
) -> Float[Tensor, "1 3 h w"]:
    """The style with the content's mean and covariance of colours (sec. 5.1, "image analogies").

    x -> S_c^(1/2) S_s^(-1/2) (x - mean_s) + mean_c; RGB in [0, 1], what falls outside is clamped.
    """
    pixels = style[0].flatten(1).double()  # (3, h*w)
    mean, covariance = _moments(pixels)
    wanted_mean, wanted_covariance = _moments(content[0].flatten(1).double())
    transform = _matrix_power(wanted_covariance, 0.5) @ _matrix_power(covariance, -0.5)
    matched = transform @ (pixels - mean) + wanted_mean
    return matched.to(style.dtype).clamp(0.0, 1.0).view_as(style)


def luminance(image: Float[Tensor, "n 3 h w"]) -> Float[Tensor, "n 3 h w"]:
    """The brightness alone, as grey RGB in [0, 1]."""
    weights = image.new_tensor(RGB_TO_YIQ[0]).view(1, 3, 1, 1)
    return (image * weights).sum(1, keepdim=True).expand_as(image).contiguous()


def match_luminance(
    style: Float[Tensor, "1 3 h w"], content: Float[Tensor, "1 3 h2 w2"]
) -> Float[Tensor, "1 3 h w"]:
    """The brightness of the style with mean and deviation of the content's (sec. 5.2, eq. 10)."""
    grey, wanted = luminance(style), luminance(content)
    deviation = grey.std(correction=0).clamp_min(MINIMUM_VARIANCE**0.5)
    matched = (grey - grey.mean()) * (wanted.std(correction=0) / deviation) + wanted.mean()
    return matched.clamp(0.0, 1.0)


def with_colours_of(
    image: Float[Tensor, "1 3 h w"], content: Float[Tensor, "1 3 h w"]
) -> Float[Tensor, "1 3 h w"]:
    """The brightness of one image with the colours of the other; RGB in [0, 1], clamped."""
    to_yiq = image.new_tensor(RGB_TO_YIQ)
    yiq = torch.einsum("dc,nchw->ndhw", to_yiq, content)
    yiq[:, :1] = torch.einsum("dc,nchw->ndhw", to_yiq[:1], image)
    rgb = torch.einsum("dc,nchw->ndhw", torch.linalg.inv(to_yiq), yiq)
    return rgb.clamp(0.0, 1.0)


def _moments(
    pixels: Float[Tensor, "3 positions"],
) -> tuple[Float[Tensor, "3 1"], Float[Tensor, "3 3"]]:
    mean = pixels.mean(1, keepdim=True)
    covariance = (pixels - mean) @ (pixels - mean).T / pixels.shape[1]
    return mean, covariance + MINIMUM_VARIANCE * torch.eye(3, dtype=pixels.dtype)


def _matrix_power(matrix: Float[Tensor, "3 3"], power: float) -> Float[Tensor, "3 3"]:
    """Of a symmetric, positive matrix."""
    values, vectors = torch.linalg.eigh(matrix)
    root: Tensor = vectors @ torch.diag(values**power) @ vectors.T
    return root
