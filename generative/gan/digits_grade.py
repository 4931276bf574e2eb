"""How good generated digits are, beside what real digits would get.

Features are those of the judge of ``digits_judge``, so distances compare with one another only.
There are 1,797 real digits and no more: as many samples are held against all of them, and, since
nothing real is left then to compare with, 898 samples against one half of them, as the other half
is. That second comparison, the mean over ten splits, shows how much of a distance is chance. A
generator may fall below that floor, as it has learned from both halves; whether it repeats digits
is told by the distances of its samples to the nearest ones, pixel by pixel.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from etude.generative.gan.digits_judge import DigitsJudge, load_judge
from etude.generative.gan.stacked_digits import NUM_DIGITS, digits
from etude.generative.sample_metrics import Likeness, likeness

NUM_SAMPLES: Final = 1_797  # as many as there are digits
NUM_SPLITS: Final = 10
COPY_QUANTILE: Final = 0.01
SPLIT_SEED: Final = 1_729  # 0 would be that of samples too often

Images = Float[Tensor, "n 1 8 8"]
Features = Float[Tensor, "_n 64"]


class Neighbours(NamedTuple):
    """The nearest digits of each sample, the nearest first."""

    distances: Float[Tensor, "n k"]
    """Root of the sum over the pixels, in [-1, 1], of the squared differences."""
    rows: Int[Tensor, "n k"]
    """Of ``digits("all")``."""


@dataclass(frozen=True, kw_only=True)
class DigitsGrade:
    """Figures of 1,797 samples."""

    all: Likeness
    """To all digits."""
    half: Likeness
    """Of 898 samples to half of the digits."""
    real_half: Likeness
    """Of the other half: what digits get that nothing was learned from."""
    accuracy: float | None
    """Share of the samples that the judge names as what was asked for; None if nothing was."""
    real_accuracy: float
    """Of all digits, most of which the judge learned from."""
    variety: float
    """Variance of the pixels within a class over that of the digits, the mean over the classes with
    two samples and more: 1 for real ones."""
    nearest: float
    """The median distance of the samples to their nearest digits, see ``Neighbours``."""
    real_nearest: float
    """Of the digits to their nearest others."""
    copies: float
    """Share of the samples that are nearer to a digit than 99 % of the digits are to another."""
    real_copies: float
    """Of the digits: about 1 %."""

    def as_dict(self) -> dict[str, float | None]:
        """The figures by name: frechet, half_frechet, real_half_frechet and so on."""
        return {
            "num_samples": NUM_SAMPLES,
            **self.all._asdict(),
            **{f"half_{name}": value for name, value in self.half._asdict().items()},
            **{f"real_half_{name}": value for name, value in self.real_half._asdict().items()},
            "accuracy": self.accuracy,
            "real_accuracy": self.real_accuracy,
            "variety": self.variety,
            "nearest": self.nearest,
            "real_nearest": self.real_nearest,
            "copies": self.copies,
            "real_copies": self.real_copies,
        }


def grade_digits(
    images: Images, labels: Int[Tensor, " m"] | None = None, judge: DigitsJudge | None = None
) -> DigitsGrade:
    """Grade samples; two seconds.

    Args:
        images: in [-1, 1], at least 1,797, of which the first count.
        labels: the classes that were asked for, best ``asked_labels()``; None if the generator
            knows of none.
        judge: ``load_judge()`` if left out.

    Raises:
        ValueError: too few samples, some that are not finite, or other numbers of labels.
        ImportError: scikit-learn is not installed.
    """
    _check(images, labels)
    judge = judge or load_judge()
    images, real = images[:NUM_SAMPLES].detach().cpu().float(), _real_digits(judge)
    features = judge.features(images)
    named: Tensor = judge.head(features).argmax(dim=1)
    asked = None if labels is None else labels[:NUM_SAMPLES].cpu()
    distances = nearest_neighbours(images, 1).distances[:, 0]
    closest = real.distances.quantile(COPY_QUANTILE)
    return DigitsGrade(
        all=likeness(real.features, features),
        half=_mean([likeness(real.features[one], features[other]) for one, other in _splits()]),
        real_half=real.half,
        accuracy=None if asked is None else _share(named == asked),
        real_accuracy=real.accuracy,
        variety=_variety(images, named if asked is None else asked),
        nearest=distances.median().item(),
        real_nearest=real.distances.median().item(),
        copies=_share(distances < closest),
        real_copies=_share(real.distances < closest),
    )


def asked_labels() -> Int[Tensor, "1797"]:
    """The classes of all digits: what to ask a generator for, so that their shares are the same."""
    return digits("all").labels


def nearest_neighbours(samples: Images, k: int) -> Neighbours:
    """The digits that are most like samples, pixel by pixel.

    Args:
        samples: in [-1, 1].
        k: how many for each.

    Raises:
        ValueError: less than one, or more than there are digits.
        ImportError: scikit-learn is not installed.
    """
    if not 1 <= k <= NUM_SAMPLES:
        raise ValueError(f"a sample has 1 to {NUM_SAMPLES} neighbours, got k={k}; 3 are telling.")
    nearest = _distances(samples).topk(k, dim=1, largest=False)
    return Neighbours(nearest.values.float(), nearest.indices)


class _RealDigits(NamedTuple):
    features: Features
    half: Likeness
    accuracy: float
    distances: Float[Tensor, " n"]
    """To the nearest other digit."""


@lru_cache(maxsize=2)
def _real_digits(judge: DigitsJudge) -> _RealDigits:
    images, labels = digits("all")
    features = judge.features(images)
    named: Tensor = judge.head(features).argmax(dim=1)
    distances = _distances(images).fill_diagonal_(torch.inf)
    return _RealDigits(
        features=features,
        half=_mean([likeness(features[one], features[other]) for one, other in _splits()]),
        accuracy=_share(named == labels),
        distances=distances.amin(dim=1).float(),
    )


def _splits() -> list[tuple[Int[Tensor, " half"], Int[Tensor, " half"]]]:
    """Rows of two halves, ten times; one row is left over."""
    torch_rng = torch.Generator().manual_seed(SPLIT_SEED)
    half = NUM_SAMPLES // 2
    orders = [torch.randperm(NUM_SAMPLES, generator=torch_rng) for _ in range(NUM_SPLITS)]
    return [(order[:half], order[half : 2 * half]) for order in orders]


def _mean(found: list[Likeness]) -> Likeness:
    return Likeness(*(sum(values) / len(found) for values in zip(*found, strict=True)))


def _distances(samples: Images) -> Float[Tensor, "n 1797"]:
    """Of pixels, computed without products, whose rounding would hide copies."""
    real = digits("all").images.flatten(1).double()
    flat = samples.detach().cpu().flatten(1).double()
    return torch.cdist(flat, real, compute_mode="donot_use_mm_for_euclid_dist")


def _variety(images: Images, classes: Int[Tensor, " n"]) -> float:
    real, labels = digits("all")
    ratios = [
        images[classes == digit].var(dim=0).sum() / real[labels == digit].var(dim=0).sum()
        for digit in range(NUM_DIGITS)
        if (classes == digit).sum() > 1
    ]
    return torch.stack(ratios).mean().item()


def _share(chosen: Bool[Tensor, " n"]) -> float:
    return chosen.double().mean().item()


def _check(images: Tensor, labels: Tensor | None) -> None:
    if len(images) < NUM_SAMPLES:
        raise ValueError(
            f"digits are graded by {NUM_SAMPLES:,} samples, got {len(images)}; draw more."
        )
    if labels is not None and len(labels) != len(images):
        raise ValueError(
            f"each of the {len(images)} samples has a label, got {len(labels)}; leave them out if "
            "none was asked for."
        )
    bad = int((~images.isfinite()).flatten(1).any(dim=1).sum())
    if bad:
        raise ValueError(
            f"digits are of finite numbers, got {bad} of {len(images)} that are not; train anew "
            "with a smaller learning rate."
        )
