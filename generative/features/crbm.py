"""A convolutional restricted Boltzmann machine with probabilistic max pooling.

Filters slide over an image, and a detection unit h at each place says whether its filter is there.
The detection units of a filter fall into blocks of C x C, of which at most one is on; a pooling
unit p says whether one is. So a block with its pooling unit is one choice among C^2 + 1, and every
conditional distribution of the machine is exact.

    P(v, h) = exp(-E(v, h)) / Z

    E(v, h) = (|v - c|^2 / 2 - sum_k h^k . (W^k * v + b_k)) / sigma^2     real-valued v
    E(v, h) = -c . v - sum_k h^k . (W^k * v + b_k)                        binary v

where * is the valid correlation; h sums over the C^2 + 1 states of each block.

H. Lee, R. Grosse, R. Ranganath and A. Y. Ng, "Convolutional deep belief networks for scalable
unsupervised learning of hierarchical representations", ICML 2009, sec. 3.2 and 3.3.

Departures: the energy of real-valued units has sigma^2 below all of it, as the authors' code has,
so that sigma sets how sharp the choices are without moving their balance; the paper writes sigma =
1. W is correlated with the image where the paper convolves with the flipped W: the same filters.
"""

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, get_args

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from etude.foundations.names import check_name

Visible = Literal["real", "binary"]
VISIBLES: Final[tuple[Visible, ...]] = get_args(Visible)
INITIAL_SCALE: Final = 0.01  # of the filters

Images = Float[Tensor, "n channels h w"]
Maps = Float[Tensor, "n filters rows columns"]
Pooled = Float[Tensor, "n filters pooled_rows pooled_columns"]


class Blocks(NamedTuple):
    """What detection and pooling units do: probabilities, or a sample of 0s and 1s."""

    detection: Maps
    pooling: Pooled


@dataclass(frozen=True, kw_only=True)
class CRBMArchitecture:
    """What a machine is made of.

    Raises:
        ValueError: a number out of its range, or another kind of visible units.
    """

    channels: int = 1
    """Of an image, or filters of the layer below."""
    filters: int = 24
    """How many there are."""
    filter_size: int = 10
    """Pixels a side."""
    pooling: int = 2
    """Detection units a side of a block, C."""
    visible: Visible = "real"
    """Real-valued pixels, or binary units: pooling units of the layer below."""
    sigma: float = 1.0
    """How far real-valued pixels lie from their means; 1 for binary ones."""

    def __post_init__(self) -> None:
        check_name("a kind of visible units", self.visible, VISIBLES)
        for name in ("channels", "filters", "filter_size", "pooling"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is at least 1, got {getattr(self, name)}.")
        if not self.sigma > 0.0:
            raise ValueError(f"sigma is above 0, got {self.sigma}; for example 0.2.")
        if self.visible == "binary" and self.sigma != 1.0:
            raise ValueError(f"binary units have a sigma of 1, got {self.sigma}; leave it out.")

    def detection_size(self, size: int) -> int:
        """Detection units a side of an image, whose blocks must be whole.

        Raises:
            ValueError: the image is smaller than a filter, or leaves part of a block.
        """
        detection = size - self.filter_size + 1
        if detection < 1 or detection % self.pooling:
            raise ValueError(
                f"a side is {self.filter_size - 1} plus a multiple of {self.pooling}, got {size}; "
                f"for example {self.fitting(max(size, self.filter_size + self.pooling))}."
            )
        return detection

    def fitting(self, size: int) -> int:
        """The largest side up to a size of an image that blocks fill."""
        return size - (size - self.filter_size + 1) % self.pooling


class CRBM(nn.Module):
    """Filters, a bias for each, and one for each channel of the image.

    The filters start at normal numbers with a deviation of .01, the biases at 0.

    Args:
        architecture: what it is made of.
        torch_rng: of the filters; zeros if left out, for weights that come from a file.
    """

    def __init__(
        self, architecture: CRBMArchitecture, torch_rng: torch.Generator | None = None
    ) -> None:
        super().__init__()
        self.architecture = a = architecture
        shape = (a.filters, a.channels, a.filter_size, a.filter_size)
        drawn = torch.zeros(shape) if torch_rng is None else torch.randn(shape, generator=torch_rng)
        self.weight = nn.Parameter(INITIAL_SCALE * drawn, requires_grad=False)
        self.hidden_bias = nn.Parameter(torch.zeros(a.filters), requires_grad=False)
        self.visible_bias = nn.Parameter(torch.zeros(a.channels), requires_grad=False)

    @property
    def variance(self) -> float:
        """Of a real-valued pixel around its mean."""
        return self.architecture.sigma**2

    def evidence(self, v: Images) -> Maps:
        """I(h) = (W * v + b) / sigma^2: what the image says for each detection unit (sec. 3.3).

        Raises:
            ValueError: an image whose size leaves part of a block.
        """
        for size in v.shape[2:]:
            self.architecture.detection_size(size)
        return F.conv2d(v, self.weight, self.hidden_bias) / self.variance

    def hidden(self, v: Images, above: Pooled | None = None) -> Blocks:
        """The probabilities of detection and pooling units given an image, eq. of sec. 3.3.

        Args:
            v: images.
            above: what the layer above says for each pooling unit, I(p) of sec. 3.6.
        """
        return block_probabilities(self.evidence(v), self.architecture.pooling, above)

    def visible_mean(self, h: Maps) -> Images:
        """The mean of the image given detection units."""
        total = F.conv_transpose2d(h, self.weight) + self.visible_bias[:, None, None]
        return total if self.architecture.visible == "real" else total.sigmoid()

    def visible_evidence(self, h: Maps) -> Images:
        """What detection units say for each visible unit, without its bias."""
        return F.conv_transpose2d(h, self.weight) / self.variance

    def sample_visible(self, h: Maps, torch_rng: torch.Generator) -> Images:
        """An image given detection units."""
        return self.sample_around(self.visible_mean(h), torch_rng)

    def sample_around(self, mean: Images, torch_rng: torch.Generator) -> Images:
        """An image of a given mean."""
        if self.architecture.visible == "real":
            noise = torch.randn(mean.shape, generator=torch_rng, dtype=mean.dtype)
            return mean + self.architecture.sigma * noise
        return (torch.rand(mean.shape, generator=torch_rng, dtype=mean.dtype) < mean).to(mean.dtype)

    def free_energy(self, v: Images) -> Float[Tensor, " n"]:
        """-log of the sum over h of exp(-E(v, h)): lower for likelier images.

        F(v) = |v - c|^2 / (2 sigma^2) - sum over blocks of log(1 + sum over the block of exp I(h))
        of real-valued v, and -c . v in place of the first term of binary v.
        """
        bias = self.visible_bias[:, None, None]
        if self.architecture.visible == "real":
            own = (v - bias).square().sum(dim=(1, 2, 3)) / (2.0 * self.variance)
        else:
            own = -(v * bias).sum(dim=(1, 2, 3))
        evidence = self.evidence(v)
        log_sums = log_choices(evidence, self.architecture.pooling)
        return own - log_sums.sum(dim=(1, 2, 3))


def block_probabilities(evidence: Maps, pooling: int, above: Pooled | None = None) -> Blocks:
    """The exact softmax of each block (sec. 3.3, and with a layer above sec. 3.6).

    P(h = 1) = exp(I(h) + I(p)) / (1 + sum over the block of exp(I(h) + I(p))); the pooling unit is
    on with the sum of these.

    Args:
        evidence: I(h).
        pooling: C.
        above: I(p) of each pooling unit; 0 if left out.
    """
    if above is not None:
        evidence = evidence + spread(above, pooling)
    largest = F.max_pool2d(evidence, pooling).relu()  # the state in which all are off has 0
    weights = (evidence - spread(largest, pooling)).exp()
    off = (-largest).exp()
    total = off + _block_sums(weights, pooling)
    return Blocks(weights / spread(total, pooling), 1.0 - off / total)


def log_choices(evidence: Maps, pooling: int) -> Pooled:
    """log(1 + sum over the block of exp I(h)) of each block."""
    largest = F.max_pool2d(evidence, pooling).relu()
    weights = (evidence - spread(largest, pooling)).exp()
    return largest + ((-largest).exp() + _block_sums(weights, pooling)).log()


def sample_blocks(chances: Blocks, torch_rng: torch.Generator) -> Blocks:
    """Choose at most one unit of each block, and the pooling unit with it."""
    pooling = chances.detection.shape[-1] // chances.pooling.shape[-1]
    shape, dtype = chances.pooling.shape, chances.pooling.dtype
    u = torch.rand(shape, generator=torch_rng, dtype=dtype)
    upper = torch.zeros_like(u)
    detection, on = torch.zeros_like(chances.detection), torch.zeros_like(u)
    for row in range(pooling):
        for column in range(pooling):  # each unit has its part of [0, 1), and u lies in one of them
            unit = (..., slice(row, None, pooling), slice(column, None, pooling))
            upper = upper + chances.detection[unit]
            below = (u < upper).to(dtype)
            detection[unit] = below - on
            on = below
    return Blocks(detection, on)


def spread(pooled: Pooled, pooling: int) -> Maps:
    """The value of each block at all of its places."""
    return F.interpolate(pooled, scale_factor=float(pooling), mode="nearest")


def _block_sums(maps: Maps, pooling: int) -> Pooled:
    return pooling**2 * F.avg_pool2d(maps, pooling)
