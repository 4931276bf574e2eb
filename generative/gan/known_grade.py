"""The grade of a generator of points or digits, of as many samples as in the papers."""

from typing import Final

import torch

from etude.generative.gan.adversarial import uniform_latents
from etude.generative.gan.digits_grade import NUM_SAMPLES as NUM_DIGITS
from etude.generative.gan.digits_grade import DigitsGrade, asked_labels, grade_digits
from etude.generative.gan.generator_file import TrainedGenerator
from etude.generative.gan.stacked_digits import DIGITS, STACKED_DIGITS
from etude.generative.gan.stacked_grade import NUM_SAMPLES as NUM_STACKS
from etude.generative.gan.stacked_grade import StackedGrade, grade_stacks
from etude.generative.gan.toy import TOY
from etude.generative.gan.toy_grade import ToyGrade, grade

NUM_POINTS: Final = 50_000


def grade_known(
    trained: TrainedGenerator, torch_rng: torch.Generator
) -> ToyGrade | StackedGrade | DigitsGrade:
    """Grade 50,000 points, 26,000 stacks, or 1,797 digits.

    Args:
        trained: has learned one of ``TOY``, or digits.
        torch_rng: of the noise.

    Raises:
        ImportError: digits need scikit-learn.
    """
    if trained.data == STACKED_DIGITS:
        return grade_stacks(trained.sample(NUM_STACKS, torch_rng))
    if trained.data == DIGITS:
        labels = asked_labels() if trained.num_classes else None
        z = uniform_latents(NUM_DIGITS, trained.latent_dim, torch_rng)
        return grade_digits(trained(z, labels), labels)
    return grade(TOY[trained.data], trained.sample(NUM_POINTS, torch_rng))
