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

from typing import Any, Final, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

SMALLEST_SQUARE: Final = 1e-12  # of what is divided by: featureless styles


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
    """The target that the features of styles make."""
    columns = features.flatten(2)
    num_channels, num_positions = columns.shape[1:]
    is_dual = num_positions < num_channels
    sides = (columns.transpose(1, 2), columns)
    gram = torch.bmm(*(sides if is_dual else sides[::-1])) / num_positions
    return GramTarget(columns if is_dual else gram, gram.square().sum((1, 2)), is_dual)


def gram_loss(features: Float[Tensor, "n c h w"], target: GramTarget) -> Float[Tensor, " n"]:
    """How far each image is from its style: sum((G - A)^2) / sum(A^2), which is 0 where G = A.

    Args:
        features: of the images; their sides may differ from the styles'.
        target: A = S S^T / q.
    """
    loss: Tensor = _GramLoss.apply(features, target)
    return loss


class _GramLoss(torch.autograd.Function):
    """The gradient is 4 / (p |A|^2) (G - A) F, from what the loss has computed already.

    In the dual form (G - A) F = F (F^T F) / p - S (S^T F) / q.
    """

    @staticmethod
    def forward(ctx: Any, features: Tensor, target: GramTarget) -> Tensor:
        columns = features.flatten(2)
        p = columns.shape[2]
        rows = columns.transpose(1, 2)
        kept: tuple[Tensor, ...]
        if target.is_dual:
            q = target.known.shape[2]
            own = torch.bmm(rows, columns)  # (n, p, p)
            shared = torch.bmm(target.known.transpose(1, 2), columns)  # (n, q, p)
            squares = _square(own) / p**2 - 2.0 * _square(shared) / (p * q) + target.square
            kept = (own, shared, columns, target.known)
        else:
            gap = torch.baddbmm(target.known, columns, rows, beta=-1.0, alpha=1.0 / p)  # (n, c, c)
            squares, kept = _square(gap), (gap, columns)
        scale = target.square.clamp_min(SMALLEST_SQUARE)
        ctx.save_for_backward(scale, *kept)
        ctx.is_dual, ctx.shape = target.is_dual, features.shape
        return squares / scale

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        scale, *kept = ctx.saved_tensors
        p = ctx.shape[2] * ctx.shape[3]
        factor = (4.0 / p * gradient / scale)[:, None, None]
        if ctx.is_dual:
            own, shared, columns, style = kept
            product = torch.bmm(columns, own * (factor / p))
            product -= torch.bmm(style, shared * (factor / style.shape[2]))
        else:
            gap, columns = kept
            product = torch.bmm(gap * factor, columns)
        return product.view(ctx.shape), None


def _square(matrices: Float[Tensor, "n _ _"]) -> Float[Tensor, " n"]:
    norms: Tensor = torch.linalg.vector_norm(matrices, dim=(1, 2))
    return norms.square()
