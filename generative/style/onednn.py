"""Matrix products through oneDNN, the library that PyTorch's convolutions on CPUs use.

PyTorch gives products of float32 to another library, which reaches half the speed on processors
that are not Intel's. The operators here are those that PyTorch's own compiler emits; where they are
missing, and for other types and devices, the plain product is taken.
"""

from typing import Final

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

IS_HERE: Final[bool] = (
    torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    and hasattr(torch.ops.mkldnn, "_reorder_linear_weight")
)


def linear(
    rows: Float[Tensor, "m c"],
    weight: Tensor,
    bias: Float[Tensor, " k"] | None = None,
    relu6: bool = False,
) -> Float[Tensor, "m k"]:
    """The product rows @ weight^T + bias, without gradients.

    Args:
        rows: contiguous.
        weight: (k, c), plain or from ``pack``.
        bias: nothing is added if left out.
        relu6: whether the result is clamped to [0, 6].
    """
    if not _suits(rows):
        product = F.linear(rows, weight, bias)
        return F.relu6(product) if relu6 else product
    activation = ("hardtanh", [0.0, 6.0]) if relu6 else ("none", [])
    return torch.ops.mkldnn._linear_pointwise(  # type: ignore[no-any-return]
        rows, weight, bias, *activation, ""
    )


def matmul_transposed(
    left: Float[Tensor, "n m c"], right: Float[Tensor, "n k c"]
) -> Float[Tensor, "n m k"]:
    """The product left @ right^T for each of a batch of contiguous matrices, no gradients."""
    products = [linear(rows, matrix) for rows, matrix in zip(left, right, strict=True)]
    return products[0][None] if len(products) == 1 else torch.stack(products)


def pack(weight: Float[Tensor, "k c"]) -> Tensor:
    """The weight in blocks that suit the processor: worth it if it is used more than once."""
    weight = weight.detach().contiguous()
    if not _suits(weight):
        return weight
    packed: Tensor = torch.ops.mkldnn._reorder_linear_weight(weight, None)
    return packed


def _suits(tensor: Tensor) -> bool:
    return IS_HERE and tensor.dtype == torch.float32 and tensor.device.type == "cpu"
