"""Whitened images: all spatial frequencies are equally strong, but for the highest.

The spectrum of a photograph falls with the frequency f about as 1 / f. The filter

    R(f) = f exp(-(f / f0)^4)

undoes that up to a cutoff f0: B. A. Olshausen and D. J. Field, "Emergence of simple-cell receptive
field properties by learning a sparse code for natural images", Nature 381, 1996.
"""

import math
from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

CUTOFF: Final = 0.3  # cycles a pixel, f0; Olshausen and Field have .39
DEVIATION: Final = math.sqrt(0.1)  # of the pixels of a whitened image
BORDER: Final = 16  # pixels that are mirrored at each edge, as the transform is periodic
LEAST_DEVIATION: Final = 1e-6
LUMA: Final = (0.299, 0.587, 0.114)  # of red, green and blue (ITU-R BT.601)


def grey(images: Float[Tensor, "n 3 h w"]) -> Float[Tensor, "n 1 h w"]:
    """The brightness of RGB images."""
    weights = torch.tensor(LUMA, dtype=images.dtype)[:, None, None]
    return (images * weights).sum(dim=1, keepdim=True)


def whiten(images: Float[Tensor, "n 1 h w"], cutoff: float = CUTOFF) -> Float[Tensor, "n 1 h w"]:
    """Whitened images, each with a mean of 0 and a deviation of ``DEVIATION``.

    Args:
        images: grey, of any scale; one without contrast stays 0.
        cutoff: f0 in cycles a pixel.
    """
    border = min(BORDER, *(size - 1 for size in images.shape[2:]))
    padded = F.pad(images, (border,) * 4, mode="reflect")
    h, w = padded.shape[2:]
    frequency = torch.hypot(torch.fft.fftfreq(h)[:, None], torch.fft.rfftfreq(w)[None])
    response = frequency * torch.exp(-((frequency / cutoff) ** 4))
    filtered = torch.fft.irfft2(torch.fft.rfft2(padded) * response, s=(h, w))
    inner = filtered[..., border : h - border, border : w - border]
    inner = inner - inner.mean(dim=(2, 3), keepdim=True)
    deviation = inner.square().mean(dim=(2, 3), keepdim=True).sqrt()
    scaled: Tensor = DEVIATION * inner / deviation.clamp_min(LEAST_DEVIATION)
    return scaled
