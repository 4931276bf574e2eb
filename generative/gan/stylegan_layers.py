"""The layers of StyleGAN2: equal learning rates, modulated convolutions, filtered changes of size.

T. Karras et al., "Analyzing and improving the image quality of StyleGAN", CVPR 2020, sec. 2.2 and
appendix B; see ``stylegan`` for the networks.

Departure: modulation scales activations before and after one convolution for all samples, which is
the same mathematics as weights of each sample in a grouped convolution, and faster on CPUs.
"""

import math
from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

SLOPE: Final = 0.2
FILTER: Final = (1.0, 3.0, 3.0, 1.0)  # of R. Zhang, "Making convolutional networks shift-invariant
# again", ICML 2019, which the paper's code takes wherever the size changes
Features = Float[Tensor, "n c h w"]


class EqualisedLinear(nn.Module):
    """(n, num_in) to (n, num_out); weights are normal, and He's deviation is applied in use.

    T. Karras et al., "Progressive growing of GANs", ICLR 2018, sec. 4.1: so Adam moves all layers
    alike.

    Args:
        num_in: features.
        num_out: features.
        rate: of learning, relative to other layers.
        bias: at first.
    """

    def __init__(self, num_in: int, num_out: int, *, rate: float = 1.0, bias: float = 0.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(num_out, num_in) / rate)
        self.bias = nn.Parameter(torch.full((num_out,), bias / rate))
        self._gain, self._rate = rate / math.sqrt(num_in), rate

    def forward(self, features: Float[Tensor, "n num_in"]) -> Float[Tensor, "n num_out"]:
        """See the class."""
        return F.linear(features, self.weight * self._gain, self.bias * self._rate)


class EqualisedConv2d(nn.Module):
    """A convolution as ``EqualisedLinear``; keeps the size, or halves it through ``FILTER``.

    Args:
        num_in: channels.
        num_out: channels.
        kernel_size: odd.
        halve: filter, and step by 2.
        bias: add one.
    """

    def __init__(
        self, num_in: int, num_out: int, kernel_size: int, *, halve: bool = False, bias: bool = True
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(num_out, num_in, kernel_size, kernel_size))
        self.bias = nn.Parameter(torch.zeros(num_out)) if bias else None
        self._gain, self._halve = 1.0 / math.sqrt(num_in * kernel_size**2), halve

    def forward(self, features: Features) -> Float[Tensor, "n d _h _w"]:
        """See the class."""
        weight, size = self.weight * self._gain, self.weight.shape[-1]
        if not self._halve:
            return F.conv2d(features, weight, self.bias, padding=size // 2)
        if size == 1:  # nothing between the filter and the step
            return F.conv2d(filtered(features, padding=1, stride=2), weight, self.bias)
        return F.conv2d(filtered(features, padding=1 + size // 2), weight, self.bias, stride=2)


class ModulatedConv2d(nn.Module):
    """A convolution whose weights depend on the sample through w.

    w'_ijk = s_i w_ijk (eq. 1), s an affine map of w, then w''_ijk = w'_ijk / sqrt(sum_ik w'_ijk^2 +
    1e-8) (eq. 3). Both factors leave the sum of a convolution: s scales its input channels, the
    root its output channels.

    Args:
        num_in: channels.
        num_out: channels.
        kernel_size: odd.
        w_dim: width of w.
        demodulate: apply eq. 3.
        double: the size, by a transposed convolution and ``FILTER``.
    """

    def __init__(
        self,
        num_in: int,
        num_out: int,
        kernel_size: int,
        w_dim: int,
        *,
        demodulate: bool = True,
        double: bool = False,
    ) -> None:
        super().__init__()
        self.affine = EqualisedLinear(w_dim, num_in, bias=1.0)
        self.weight = nn.Parameter(torch.randn(num_out, num_in, kernel_size, kernel_size))
        self.gain = 1.0 / math.sqrt(num_in * kernel_size**2)
        self.demodulate, self.doubles = demodulate, double

    def forward(self, features: Features, w: Float[Tensor, "n w_dim"]) -> Float[Tensor, "n d _ _"]:
        """See the class."""
        scales, weight = self.affine(w), self.weight * self.gain  # (n, num_in)
        result = features * scales[:, :, None, None]
        if self.doubles:
            result = F.conv_transpose2d(result, weight.transpose(0, 1), stride=2)
            result = filtered(result, padding=1, gain=4.0)
        else:
            result = F.conv2d(result, weight, padding=weight.shape[-1] // 2)
        if not self.demodulate:
            return result
        energies = scales.square() @ weight.square().sum(dim=(2, 3)).T  # (n, num_out)
        return result * torch.rsqrt(energies + 1e-8)[:, :, None, None]


def filtered(
    features: Features, *, padding: int, stride: int = 1, gain: float = 1.0
) -> Float[Tensor, "n c _h _w"]:
    """Features under ``FILTER`` in both directions, zeros around them.

    Args:
        features: each channel is filtered alone.
        padding: zeros at each side.
        stride: of the filter.
        gain: the sum of its coefficients.
    """
    kernel = gain * _kernel(features)
    return F.conv2d(features, kernel, stride=stride, padding=padding, groups=features.shape[1])


def doubled(images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c _h _w"]:
    """Images of twice the size: zeros between the pixels, then ``FILTER``."""
    kernel = 4.0 * _kernel(images)
    return F.conv_transpose2d(images, kernel, stride=2, padding=1, groups=images.shape[1])


def activate(features: Float[Tensor, "n ..."]) -> Float[Tensor, "n ..."]:
    """Leaky ReLU that keeps the mean square of normal features, nearly: times the root of 2."""
    return F.leaky_relu(features, SLOPE) * math.sqrt(2.0)


def _kernel(images: Float[Tensor, "n c h w"]) -> Float[Tensor, "c 1 4 4"]:
    """``FILTER`` in both directions for each channel; its coefficients add up to 1."""
    line = images.new_tensor(FILTER) / sum(FILTER)
    return torch.outer(line, line).expand(images.shape[1], 1, -1, -1)
