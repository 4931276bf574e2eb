"""Muon: steps of matrices that are made orthogonal, so that rare directions are learned, too.

K. Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024: the mean of the
last gradients, with all its singular values brought near 1. What is no matrix, and embeddings, are
left to Adam. Steps are scaled to be about as long as Adam's (J. Liu et al., "Muon is scalable for
LLM training", 2025, eq. 4).

Departures: three polynomials of N. Amsel et al., "The Polar Express: optimal matrix sign methods
and their application to the Muon algorithm", 2025, algorithm 1, instead of Jordan's five, as they
learn as much in less time. torch.optim.Muon does a matrix at a time and with 16 bits, which is slow
on processors; here matrices of one shape are done together with 32.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor

MOMENTUM: Final = 0.95
POLYNOMIALS: Final = (  # of x, x^3 and x^5 (Amsel et al. 2025)
    (8.28721201814563, -23.595886519098837, 17.300387312530933),
    (4.107059111542203, -2.9478499167379106, 0.5448431082926601),
    (3.9486908534822946, -2.908902115962949, 0.5518191394370137),
)
ADAM_LENGTH: Final = 0.2  # root mean square of a number's step in Adam (Liu et al. 2025)
LEAST_NORM: Final = 1e-7
SAFETY: Final = 1.01  # a singular value above 1 would explode


class Muon(torch.optim.Optimizer):
    """Steps along the orthogonal part of the mean gradient.

    Args:
        matrices: what is trained.
        lr: the length of steps, as Adam's.

    Raises:
        ValueError: something is no matrix.
    """

    def __init__(self, matrices: Iterable[Tensor], lr: float) -> None:
        matrices = list(matrices)
        for matrix in matrices:
            if matrix.ndim != 2:
                raise ValueError(f"Muon trains matrices, got the shape {tuple(matrix.shape)}.")
        super().__init__(matrices, {"lr": lr})

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]  # no closure
        """Follow the gradients."""
        for group in self.param_groups:
            for matrices in _by_shape(group["params"]):
                steps = orthogonal(torch.stack([self._momentum(matrix) for matrix in matrices]))
                length = group["lr"] * ADAM_LENGTH * max(matrices[0].shape) ** 0.5
                torch._foreach_add_(matrices, list(steps), alpha=-length)

    def _momentum(self, matrix: Tensor) -> Float[Tensor, "rows columns"]:
        """Nesterov's: the mean of the gradients, and a little more of the last one."""
        assert matrix.grad is not None
        state = self.state[matrix]
        if not state:
            state["mean"] = torch.zeros_like(matrix)
        mean: Tensor = state["mean"].lerp_(matrix.grad, 1.0 - MOMENTUM)
        return matrix.grad.lerp(mean, MOMENTUM)


def orthogonal(matrices: Float[Tensor, "n rows columns"]) -> Float[Tensor, "n rows columns"]:
    """Matrices with the same singular vectors, and singular values of 0.13 to 1.87.

    All that are at least a thousandth of the matrix's norm come to lie there.
    """
    if matrices.shape[1] > matrices.shape[2]:
        found: Tensor = orthogonal(matrices.mT)
        return found.mT
    norms = matrices.flatten(1).norm(dim=1)[:, None, None]
    found = matrices / (SAFETY * norms).clamp(min=LEAST_NORM)
    for linear, cubic, quintic in POLYNOMIALS:
        gram = found @ found.mT
        polynomial = torch.baddbmm(gram, gram, gram, beta=cubic, alpha=quintic)
        found = torch.baddbmm(found, polynomial, found, beta=linear)
    return found


def _by_shape(matrices: Iterable[Tensor]) -> Iterator[list[Tensor]]:
    """Those that have a gradient."""
    groups: dict[torch.Size, list[Tensor]] = {}
    for matrix in matrices:
        if matrix.grad is not None:
            groups.setdefault(matrix.shape, []).append(matrix)
    yield from groups.values()
