"""A machine that learns strokes from unlabelled digits, as features for a classifier.

As in the paper's sec. 4.4: what the pooling units of a convolutional RBM answer to an image, in
place of its pixels; no label is looked at. The digits are the 8 x 8 ones of scikit-learn;
brightness is taken for the probability that a binary pixel is on.
"""

from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from etude.generative.features.crbm import CRBM, CRBMArchitecture
from etude.generative.features.crbm_training import CRBMLesson, CRBMSettings
from etude.generative.gan.stacked_digits import digits

BORDER: Final = 4  # black pixels around a digit, so that filters reach its edges
STROKES: Final = CRBMArchitecture(filters=48, filter_size=7, visible="binary")
SETTINGS: Final = CRBMSettings(
    steps=450,
    batch_size=24,
    learning_rate=0.7,
    final_rate=0.2,
    weight_decay=0.001,
    sparsity=0.05,
    sparsity_rate=0.5,
)


def stroke_lesson(seed: int, settings: CRBMSettings = SETTINGS) -> CRBMLesson:
    """A lesson on the unlabelled training digits.

    Args:
        seed: of the filters, the digits and the samples.
        settings: how it learns.

    Raises:
        ImportError: see ``digits``.
    """
    images = with_border(digits("train").images)
    machine = CRBM(STROKES, torch.Generator().manual_seed(seed))
    machine.visible_bias.copy_(images.mean().logit())

    def draw(n: int, torch_rng: torch.Generator) -> Tensor:
        return images[torch.randint(len(images), (n,), generator=torch_rng)]

    return CRBMLesson(machine, draw, settings, seed)


def stroke_features(machine: CRBM, images: Float[Tensor, "n 1 8 8"]) -> Float[Tensor, "n d"]:
    """What the pooling units answer to digits in [-1, 1]."""
    return machine.hidden(with_border(images)).pooling.flatten(1)


def with_border(images: Float[Tensor, "n 1 8 8"]) -> Float[Tensor, "n 1 16 16"]:
    """Digits in [0, 1] with black around them."""
    return F.pad(0.5 + 0.5 * images, (BORDER,) * 4)
