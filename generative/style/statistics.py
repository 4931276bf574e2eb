"""What a style is to the networks: statistics of features that do not say where things are.

Gram matrices (L. A. Gatys, A. S. Ecker and M. Bethge, "Image style transfer using convolutional
neural networks", CVPR 2016) say which channels respond together; mean and deviation (X. Huang and
S. Belongie, "Arbitrary style transfer in real-time with adaptive instance normalization", ICCV
2017) are a cheaper summary. Total variation belongs to images: it says how rough they are.
"""

from typing import Any, Final

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

from etude.generative.style import onednn

EPSILON: Final = 1e-5  # keeps the deviation of flat features differentiable


def gram_matrix(
    features: Float[Tensor, "n c h w"], mask: Float[Tensor, "n 1 h w"] | None = None
) -> Float[Tensor, "n c c"]:
    """G_kl = sum_ij a_ij^k a_ij^l over all positions ij (Gatys et al. 2016, eq. 3).

    Args:
        features: the activations a^k of the channels k.
        mask: how much each position counts, at least 0; 1 if left out (L. A. Gatys et al.,
            "Controlling perceptual factors in neural style transfer", CVPR 2017, eq. 4, where its
            root multiplies the features).
    """
    gram: Tensor = _Gram.apply(features, mask)
    return gram


class _Gram(torch.autograd.Function):
    """The Gram matrix, whose gradient takes one product instead of two.

    With F as rows, one a position, G = F^T (m F); so dF = m F (dG + dG^T).
    """

    @staticmethod
    def forward(ctx: Any, features: Tensor, mask: Tensor | None) -> Tensor:
        counted = features if mask is None else features * mask
        ctx.save_for_backward(counted)
        columns = features.flatten(2).contiguous()  # (n, c, h*w)
        counted_columns = columns if mask is None else counted.flatten(2).contiguous()
        return onednn.matmul_transposed(counted_columns, columns)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (counted,) = ctx.saved_tensors
        rows = counted.permute(0, 2, 3, 1).contiguous()  # (n, h, w, c)
        symmetric = gradient + gradient.transpose(1, 2)
        product = onednn.matmul_transposed(rows.flatten(1, 2), symmetric)
        return product.view_as(rows).permute(0, 3, 1, 2), None


def mean_gram(
    features: Float[Tensor, "n c h w"], mask: Float[Tensor, "n 1 h w"] | None = None
) -> Float[Tensor, "n c c"]:
    """The Gram matrix for each position that counts, so that images of all sizes compare."""
    gram = gram_matrix(features, mask)
    if mask is None:
        return gram / (features.shape[-2] * features.shape[-1])
    return gram / mask.sum((2, 3))[..., None]


def mean_and_deviation(
    features: Float[Tensor, "n c h w"],
) -> tuple[Float[Tensor, "n c 1 1"], Float[Tensor, "n c 1 1"]]:
    """Of each channel over all positions (Huang and Belongie 2017, eq. 5 and 6).

    The deviation is sqrt(variance + 1e-5), with the variance divided by the number of positions.
    """
    mean = features.mean((2, 3), keepdim=True)
    variance = (features - mean).square().mean((2, 3), keepdim=True)
    return mean, (variance + EPSILON).sqrt()


def total_variation(images: Float[Tensor, "n c h w"]) -> Float[Tensor, ""]:
    """The mean squared difference of neighbours, downwards plus rightwards; 0 for flat images.

    A. Mahendran and A. Vedaldi, "Understanding deep image representations by inverting them", CVPR
    2015, with exponent 2; means instead of sums, so that the size does not matter. A side of one
    pixel has no neighbours and adds 0.
    """
    down = (images[..., 1:, :] - images[..., :-1, :]).square()
    right = (images[..., :, 1:] - images[..., :, :-1]).square()
    return down.sum() / max(down.numel(), 1) + right.sum() / max(right.numel(), 1)
