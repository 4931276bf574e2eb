"""How good stacks of digits are: how many modes, how evenly they come, how like digits they look.

The count is that of A. Srivastava et al., "VEEGAN", NeurIPS 2017, sec. 4.1, and Z. Lin et al.,
"PacGAN", NeurIPS 2018, sec. 4.2: 26,000 samples, named by a classifier. It says nothing about
images that no digit resembles, since they are named too; so the classifier's confidence and the
Frechet distance of its features stand beside it.
"""

import math
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Final, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from etude.generative.gan.digits_judge import DigitsJudge, load_judge
from etude.generative.gan.stacked_digits import (
    NUM_MODES,
    NUM_STACKED,
    SIDE,
    Stacks,
    digits,
    mode_of,
)
from etude.generative.metrics import frechet_distance

NUM_SAMPLES: Final = 26_000
MIN_SAMPLES: Final = 100
NUM_CHANCES: Final = 8  # real samples whose mean stands for chance


@dataclass(frozen=True, kw_only=True)
class StackedGrade:
    """Figures of a sample of stacks, beside those of as many stacks of real digits."""

    num_samples: int
    num_modes: int
    """A thousand."""
    modes: int
    """Those that come at least once."""
    kl: float
    """KL of their histogram to a uniform one, in nats."""
    real_kl: float
    """Chance alone; about 999 / (2 num_samples) of many, 0.0192 of 26,000."""
    confidence: float
    """Mean probability of the likeliest digit of a channel; 0.1 for a judge that has no idea."""
    real_confidence: float
    """Below 1, as the judge learnt from smoothed labels."""
    frechet: float
    """Frechet distance of the judge's features of the channels to those of all 1,797 digits."""
    real_frechet: float
    """Chance alone."""

    def as_dict(self) -> dict[str, int | float]:
        """The figures by name."""
        return asdict(self)


def grade_stacks(stacks: Stacks, judge: DigitsJudge | None = None) -> StackedGrade:
    """Grade a sample; 26,000 take about two seconds.

    Args:
        stacks: in [-1, 1], at least 100; 26,000 for figures that compare with the papers'.
        judge: ``load_judge()`` if left out.

    Raises:
        ValueError: too few samples, or some that are not finite.
        ImportError: scikit-learn is not installed.
    """
    _check(stacks)
    judge = judge or load_judge()
    channels = stacks.detach().cpu().float().reshape(-1, 1, SIDE, SIDE)
    features = judge.features(channels)
    sure, named = _named(judge, features)
    modes, kl = _histogram(named.reshape(-1, NUM_STACKED))
    real = _real_digits(judge)
    chances = [_chance(real, len(stacks), seed) for seed in range(NUM_CHANCES)]
    return StackedGrade(
        num_samples=len(stacks),
        num_modes=NUM_MODES,
        modes=modes,
        kl=kl,
        real_kl=sum(kl for kl, _ in chances) / NUM_CHANCES,
        confidence=sure.mean().item(),
        real_confidence=real.confidence,
        frechet=frechet_distance(*_moments(features), *real.moments).item(),
        real_frechet=sum(frechet for _, frechet in chances) / NUM_CHANCES,
    )


class _RealDigits(NamedTuple):
    features: Float[Tensor, "n c"]
    named: Int[Tensor, " n"]
    confidence: float
    moments: tuple[Float[Tensor, " c"], Float[Tensor, "c c"]]


@lru_cache(maxsize=2)
def _real_digits(judge: DigitsJudge) -> _RealDigits:
    features = judge.features(digits("all").images)
    sure, named = _named(judge, features)
    return _RealDigits(features, named, sure.mean().item(), _moments(features))


def _chance(real: _RealDigits, num_samples: int, seed: int) -> tuple[float, float]:
    """KL and Frechet distance of stacks of real digits."""
    torch_rng = torch.Generator().manual_seed(seed)
    chosen = torch.randint(len(real.named), (num_samples, NUM_STACKED), generator=torch_rng)
    _, kl = _histogram(real.named[chosen])
    moments = _moments(real.features[chosen.flatten()])
    return kl, frechet_distance(*moments, *real.moments).item()


def _named(
    judge: DigitsJudge, features: Float[Tensor, "n c"]
) -> tuple[Float[Tensor, " n"], Int[Tensor, " n"]]:
    """How sure the judge is of the likeliest digit, and which it is."""
    probabilities: Tensor = judge.head(features).softmax(dim=1)
    sure, named = probabilities.max(dim=1)
    return sure, named


def _histogram(labels: Int[Tensor, "n 3"]) -> tuple[int, float]:
    """How many modes come, and the KL of their shares to uniform ones."""
    counts = torch.bincount(mode_of(labels), minlength=NUM_MODES)
    shares = counts.double() / len(labels)
    kl = math.log(NUM_MODES) - torch.special.entr(shares).sum().item()
    return int((counts > 0).sum()), kl


def _moments(features: Float[Tensor, "n c"]) -> tuple[Float[Tensor, " c"], Float[Tensor, "c c"]]:
    features = features.double()
    return features.mean(dim=0), features.T.cov()


def _check(stacks: Stacks) -> None:
    if len(stacks) < MIN_SAMPLES:
        raise ValueError(
            f"a grade needs at least {MIN_SAMPLES} stacks, got {len(stacks)}; draw {NUM_SAMPLES}."
        )
    bad = int((~stacks.isfinite()).flatten(1).any(dim=1).sum())
    if bad:
        raise ValueError(
            f"stacks are of finite numbers, got {bad} of {len(stacks)} that are not; train anew "
            "with a smaller learning rate."
        )
