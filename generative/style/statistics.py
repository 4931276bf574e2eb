"""What a style is to the networks: statistics of features that do not say where things are.

Gram matrices (L. A. Gatys, A. S. Ecker and M. Bethge, "Image style transfer using convolutional
neural networks", CVPR 2016) say which channels respond together; mean and deviation (X. Huang and
S. Belongie, "Arbitrary style transfer in real-time with adaptive instance normalization", ICCV
2017) are a cheaper summary. Total variation belongs to images: it says how rough they are.
"""

from typing import Final

from jaxtyping import Float
from torch import Tensor

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
    counted = features if mask is None else features * mask
    return counted.flatten(2) @ features.flatten(2).transpose(1, 2)  # (n, c, h*w) @ (n, h*w, c)


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
