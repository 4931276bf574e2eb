"""What can be seen of a generator while it learns."""

from typing import Final

import torch
from torch import Tensor

from etude.envs.pygame_window import Frame
from etude.generative.gan.adversarial import uniform_latents
from etude.generative.gan.gan_training import Lesson
from etude.generative.gan.settings import GANSettings
from etude.generative.gan.task import Task, trained_generator
from etude.generative.gan.toy import TOY
from etude.generative.gan.toy_grade import grade
from etude.sample_pictures import SamplePainter

CLOUD: Final = 2_500  # points in a picture
SHEET: Final = 64  # images in a picture
MAX_COLUMNS: Final = 12
PICTURE_SEED: Final = 0


class GeneratorView:
    """How a generator gets on, as pictures.

    Args:
        task: what it learns.
        lesson: how.
        settings: of the lesson.
    """

    def __init__(self, task: Task, lesson: Lesson, settings: GANSettings) -> None:
        self._task, self._lesson, self._settings = task, lesson, settings
        self._painter = SamplePainter(task.name)
        number = CLOUD if task.is_of_points else SHEET
        if 0 < task.num_classes <= MAX_COLUMNS:
            number = task.num_classes**2  # as many rows as columns, one of each class
        torch_rng = torch.Generator().manual_seed(PICTURE_SEED)
        self._z = uniform_latents(number, settings.latent_dim, torch_rng)

    def paint(self, step: int) -> Frame:
        """The generator as it is; always of the same noise."""
        generator = trained_generator(self._task, self._lesson, self._settings, {})
        samples = generator(self._z, generator.labels_in_turn(len(self._z)))
        places = self._painter.field_points
        if places is None:
            return self._painter.frame(samples, "")
        inside = (places - torch.tensor(self._task.mean)) / self._task.scale
        field = self._lesson.field(inside, torch.Generator().manual_seed(PICTURE_SEED))
        return self._painter.frame(samples, self._title(step, samples), field)

    def _title(self, step: int, samples: Tensor) -> str:
        found = grade(TOY[self._task.name], samples)
        text = f"{self._settings.objective}, step {step:,}: "
        if found.num_modes is None or found.high_quality is None:
            return text + f"KL {found.kl:.2f}"
        return text + (
            f"{found.modes} of {found.num_modes} modes, {found.high_quality:.0%} high quality"
        )
