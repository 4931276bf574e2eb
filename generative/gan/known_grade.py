"""The grade of a generator of points or stacked digits, of as many samples as in the papers."""

from typing import Final

import torch

from etude.generative.gan.generator_file import TrainedGenerator
from etude.generative.gan.stacked_digits import STACKED_DIGITS
from etude.generative.gan.stacked_grade import NUM_SAMPLES as NUM_STACKS
from etude.generative.gan.stacked_grade import StackedGrade, grade_stacks
from etude.generative.gan.toy import TOY
from etude.generative.gan.toy_grade import ToyGrade, grade

NUM_POINTS: Final = 50_000


def grade_known(trained: TrainedGenerator, torch_rng: torch.Generator) -> ToyGrade | StackedGrade:
    """Grade 50,000 points, or 26,000 stacks.

    Args:
        trained: has learned one of ``TOY``, or stacked digits.
        torch_rng: of the noise.

    Raises:
        ImportError: stacked digits need scikit-learn.
    """
    if trained.data == STACKED_DIGITS:
        return grade_stacks(trained.sample(NUM_STACKS, torch_rng))
    return grade(TOY[trained.data], trained.sample(NUM_POINTS, torch_rng))
