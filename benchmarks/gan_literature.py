"""What papers report on the distributions of ``gan_toy``, as lines beside the measured ones.

Sources: A. Srivastava et al., "VEEGAN: reducing mode collapse in GANs using implicit variational
learning", NeurIPS 2017, tables 1 and 2 (means of 5 runs, 2,500 samples), and Z. Lin et al.,
"PacGAN: the power of two samples in generative adversarial networks", NeurIPS 2018, tables 1 and 3
(10 runs, 400,000 steps). None reports a width.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

VEEGAN: Final = "VEEGAN paper"
PACGAN: Final = "PacGAN paper"


class Reported(NamedTuple):
    """Modes, and where they are given the high-quality share and the KL over modes."""

    method: str
    paper: str
    modes: float
    high_quality: float | None = None
    reverse_kl: float | None = None


LITERATURE: Final[Mapping[str, tuple[Reported, ...]]] = MappingProxyType(
    {
        "ring8": (
            Reported("GAN", VEEGAN, 1.0, 0.993),
            Reported("ALI", VEEGAN, 2.8, 0.0013),
            Reported("Unrolled GAN", VEEGAN, 7.6, 0.356),
            Reported("VEEGAN", VEEGAN, 8.0, 0.529),
            Reported("GAN", PACGAN, 6.3, 0.982, 0.45),
            Reported("PacGAN2", PACGAN, 7.9, 0.956, 0.07),
            Reported("PacGAN4", PACGAN, 7.8, 0.959, 0.07),
        ),
        "grid25": (
            Reported("GAN", VEEGAN, 3.3, 0.005),
            Reported("ALI", VEEGAN, 15.8, 0.016),
            Reported("Unrolled GAN", VEEGAN, 23.6, 0.16),
            Reported("VEEGAN", VEEGAN, 24.6, 0.40),
            Reported("GAN", PACGAN, 17.3, 0.948, 0.70),
            Reported("PacGAN2", PACGAN, 23.8, 0.913, 0.13),
            Reported("PacGAN4", PACGAN, 24.8, 0.936, 0.04),
        ),
        "stacked-digits": (
            Reported("DCGAN, MNIST", VEEGAN, 99.0, None, 3.40),
            Reported("ALI, MNIST", VEEGAN, 16.0, None, 5.40),
            Reported("Unrolled GAN, MNIST", VEEGAN, 48.7, None, 4.32),
            Reported("VEEGAN, MNIST", VEEGAN, 150.0, None, 2.95),
            Reported("PacDCGAN2, MNIST", PACGAN, 1000.0, None, 0.06),
        ),
    }
)


def reported_lines(task: str) -> list[dict[str, Any]]:
    """The lines of a task as those of a file of results, without seeds."""
    lines = []
    for method, paper, *figures in LITERATURE.get(task, ()):
        names = ("modes", "high_quality", "reverse_kl")
        found = {name: value for name, value in zip(names, figures, strict=True) if value}
        if task == "stacked-digits":
            found = {"kl" if name == "reverse_kl" else name: found[name] for name in found}
        lines.append({"method": f"{method} ({paper})", "metrics": found})
    return lines
