"""An image as its spectrum: steps that are equally easy for coarse and for fine things.

C. Olah, A. Mordvintsev and L. Schubert, "Feature visualization", Distill, 2017, "Preconditioning
and parameterization": gradients to pixels are full of high frequencies. Steps are taken in the
spectrum instead, each frequency scaled by 1 / f as in natural images, and in colours whose axes do
not correlate in them, so that the steepest direction is another one although the images that can be
reached are the same.
"""

from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor

# The root of the covariance of colours in ImageNet, each axis a column (Olah et al.'s Lucid).
COLOURS: Final = ((0.26, 0.09, 0.02), (0.27, 0.00, -0.05), (0.27, -0.09, 0.03))
LARGEST: Final = 0.4645  # the norm of the longest of them, which becomes 1


class FourierImage:
    """Images that a spectrum stands for, of one size.

    Args:
        height: in pixels.
        width: in pixels.
    """

    def __init__(self, height: int, width: int) -> None:
        self._size = (height, width)
        down = torch.fft.fftfreq(height)[:, None]
        right = torch.fft.rfftfreq(width)[None, :]
        frequency = (down.square() + right.square()).sqrt()
        # The flat part is scaled like the lowest frequency there is.
        self._scale = 1.0 / frequency.clamp_min(1.0 / max(height, width))  # (h, w // 2 + 1)
        self._colours = torch.tensor(COLOURS) / LARGEST

    def start(
        self, num_images: int, torch_rng: torch.Generator, deviation: float = 0.01
    ) -> Float[Tensor, "n 3 h twice"]:
        """Spectra of almost grey images.

        Args:
            num_images: how many.
            torch_rng: where they come from.
            deviation: of each real and imaginary part before it is scaled.

        Returns:
            Real and imaginary parts side by side, of half of the frequencies: the others are their
            mirror images.
        """
        height, half_width = self._scale.shape
        shape = (num_images, 3, height, 2 * half_width)
        return deviation * torch.randn(shape, generator=torch_rng)

    def __call__(self, spectrum: Float[Tensor, "n 3 h twice"]) -> Float[Tensor, "n 3 h w"]:
        """RGB in [0, 1]: the logistic function of what the spectrum says."""
        pairs = spectrum.contiguous().view(*spectrum.shape[:-1], -1, 2)
        scaled = torch.view_as_complex(pairs) * self._scale
        waves = torch.fft.irfft2(scaled, s=self._size, norm="ortho") / 4.0
        colours = torch.einsum("rc,nchw->nrhw", self._colours, waves)
        return colours.sigmoid()
