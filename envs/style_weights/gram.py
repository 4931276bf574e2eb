"""How far the Gram matrices of many small images are from those of their styles.

With the features of an image as columns F (channels x positions p) and those of the style as S
(channels x positions q), the loss is

    |F F^T / p - S S^T / q|^2 = |F^T F|^2 / p^2 - 2 |S^T F|^2 / (p q) + |S^T S|^2 / q^2

The left side has matrices of channels x channels (L. A. Gatys, A. S. Ecker and M. Bethge, "Image
style transfer using convolutional neural networks", CVPR 2016, eq. 4), the right one of positions x
positions: it is a maximum mean discrepancy (Y. Li, N. Wang, J. Liu and X. Hou, "Demystifying neural
style transfer", IJCAI 2017, eq. 8). Deep layers of small images have many channels at few
positions, so each layer takes the smaller side. Images in a batch do not mix.
"""

from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

SMALLEST: float = 1e-12  # of a square that is divided by: featureless styles


class GramTarget(NamedTuple):
    """What a layer of each style asks for.

    Args:
        known: the Gram matrices (n, c, c) if there are more positions than channels; else the
            features (n, c, q) of which they would be made.
        square: sum of squares of each Gram matrix.
        is_dual: whether ``known`` are features.
    """

    known: Float[Tensor, "n c _"]
    square: Float[Tensor, " n"]
    is_dual: bool


def gram_target(features: Float[Tensor, "n c h w"]) -> GramTarget:
    """The target that a style's features make."""
    columns = features.flatten(2)
    num_channels, num_positions = columns.shape[1:]
    is_dual = num_positions < num_channels
    sides = (columns.transpose(1, 2), columns)
    gram = torch.bmm(*(sides if is_dual else sides[::-1])) / num_positions
    return GramTarget(columns if is_dual else gram, gram.square().sum((1, 2)), is_dual)


def gram_loss(features: Float[Tensor, "n c h w"], target: GramTarget) -> Float[Tensor, " n"]:
    """sum((G - A)^2) / sum(A^2) for each image; 0 if G = A."""
    loss: Tensor = _GramLoss.apply(features, target)
    return loss


class _GramLoss(torch.autograd.Function):
    """The gradient is 4 / (p |A|^2) (G - A) F, from what the loss has computed already."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, target: GramTarget) -> Tensor:
        columns = features.flatten(2)
        p = columns.shape[2]
        if target.is_dual:
            q = target.known.shape[2]
            rows = columns.transpose(1, 2)
            own, shared = torch.bmm(rows, columns), torch.bmm(target.known.transpose(1, 2), columns)
            squares = _square(own) / p**2 - 2.0 * _square(shared) / (p * q) + target.square
            kept = (own, shared, columns, target.known)
        else:
            gap = torch.baddbmm(
                target.known, columns, columns.transpose(1, 2), beta=-1.0, alpha=1.0 / p
            )
            squares, kept = _square(gap), (gap, columns)
        ctx.save_for_backward(target.square.clamp_min(SMALLEST), *kept)
        ctx.shape = features.shape
        return squares / target.square.clamp_min(SMALLEST)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        square, *kept = ctx.saved_tensors
        p = ctx.shape[2] * ctx.shape[3]
        scale = (4.0 / p * gradient / square)[:, None, None]
        if len(kept) == 2:
            gap, columns = kept
            product = torch.bmm(gap * scale, columns)
        else:
            own, shared, columns, style = kept
            product = torch.bmm(columns, own * (scale / p))
            product -= torch.bmm(style, shared * (scale / style.shape[2]))
        return product.view(ctx.shape), None


def _square(matrices: Float[Tensor, "n _ _"]) -> Float[Tensor, " n"]:
    return torch.linalg.vector_norm(matrices, dim=(1, 2)).square()
