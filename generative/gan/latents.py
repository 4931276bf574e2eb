"""Noise comes in uniform on [-1, 1); networks whose papers have normal noise make it that."""

import math
from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor

LARGEST: Final = 1.0 - 1e-6  # erfinv is infinite at 1


def inverse_error(z: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
    """Normal noise of uniform noise on [-1, 1), but for a root of 2: its variance is 1/2."""
    return torch.erfinv(z.clamp(-LARGEST, LARGEST))


def normal(z: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
    """Normal noise of uniform noise on [-1, 1): the numbers whose distribution function it is."""
    return math.sqrt(2.0) * inverse_error(z)
