"""What a training step costs: ours beside a bare loop of the same networks, and Lightning's.

All take turns within a round, so that the load of the machine falls on all alike: compare the
ratios rather than the numbers.
"""

import time
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional as F

from etude.benchmarks.results import Result
from etude.benchmarks.turns import Measure, costs, timed
from etude.generative.gan.gan_training import AdversarialLesson
from etude.generative.gan.recipes import recipe
from etude.generative.gan.settings import GANSettings
from etude.generative.gan.task import Task, make_lesson, open_task
from etude.generative.records import Progress
from etude.generative.training import train

SUITE: Final = "gan_toy"
DATA: Final = "grid25"
STEPS: Final = 300  # in each round
WARM_UP: Final = 20
BARE: Final = "bare loop of the same networks"
OURS: Final = "etude"
LIGHTNING: Final = "etude, through Lightning"


class Unrecorded:
    """A recorder that keeps nothing."""

    def begin(self, step: int) -> None:
        """Nothing to do."""

    def record(self, progress: Progress) -> None:
        """Nothing to do."""


def measure_cost(rounds: int, steps: int = STEPS) -> Iterator[Result | str]:
    """Steps a CPU second of each contender.

    Args:
        rounds: how often.
        steps: in each round.
    """
    task, settings = open_task(DATA), recipe(DATA, "relativistic", "best")
    contenders = {OURS: own_loop(task, settings), BARE: bare_loop(task, settings)}
    if find_spec("lightning") is None:
        yield "skipped Lightning: it is not installed; run `pip install 'etude[lightning]'`"
    else:
        contenders[LIGHTNING] = lightning_loop(task, settings)
    yield from costs(
        SUITE,
        f"cost of a step on {DATA}",
        contenders,
        rounds=rounds,
        steps=steps,
        warm_up=WARM_UP,
        config={},
    )


def own_loop(task: Task, settings: GANSettings) -> Measure:
    """Our loop: losses checked, weights averaged, Ctrl-C held."""
    lesson = make_lesson(task, settings, torch.device("cpu"))

    def measure(num_steps: int) -> float:
        begun = time.process_time()
        train(lesson.update, lesson.parts, num_steps, Unrecorded())
        return time.process_time() - begun

    return measure


def lightning_loop(task: Task, settings: GANSettings) -> Measure:
    """The same steps in Lightning's, without its bar, loggers and checkpoints."""
    import logging
    import warnings

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)  # no tips
    from lightning.pytorch import Callback, LightningModule, Trainer

    from etude.generative.gan.lightning_module import LightningGAN

    class Stopwatch(Callback):
        """CPU seconds of the training alone."""

        seconds = 0.0

        def on_train_start(self, trainer: Trainer, module: LightningModule) -> None:
            self.seconds = -time.process_time()

        def on_train_end(self, trainer: Trainer, module: LightningModule) -> None:
            self.seconds += time.process_time()

    def measure(num_steps: int) -> float:
        lesson = make_lesson(task, settings, torch.device("cpu"))
        assert isinstance(lesson, AdversarialLesson)
        players = lesson.game.generator, lesson.game.discriminator
        module = LightningGAN(*players, task.source, replace(settings, steps=num_steps))
        stopwatch = Stopwatch()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of workers for a loader that has nothing to load
            Trainer(
                max_epochs=1,
                accelerator="cpu",
                logger=False,
                enable_checkpointing=False,
                enable_progress_bar=False,
                enable_model_summary=False,
                callbacks=[stopwatch],
            ).fit(module)
        return stopwatch.seconds

    return measure


def bare_loop(task: Task, settings: GANSettings) -> Measure:
    """R3GAN's step as one would write it down: nothing saved, recorded, averaged or checked."""
    lesson = make_lesson(task, settings, torch.device("cpu"))
    assert isinstance(lesson, AdversarialLesson)
    generator, discriminator = lesson.game.generator, lesson.game.discriminator
    betas = (settings.momentum, settings.memory)
    g_adam = torch.optim.Adam(generator.parameters(), settings.learning_rate, betas)
    d_adam = torch.optim.Adam(discriminator.parameters(), settings.learning_rate, betas)
    torch_rng = torch.Generator().manual_seed(0)

    def noise() -> Tensor:
        return torch.rand(settings.batch_size, settings.latent_dim, generator=torch_rng) * 2 - 1

    def step() -> None:
        real = task.source.draw(settings.batch_size, torch_rng).requires_grad_()
        fake = generator(noise()).detach().requires_grad_()
        real_logits, fake_logits = discriminator(real), discriminator(fake)
        loss = F.softplus(fake_logits - real_logits).mean()
        for logits, samples in ((real_logits, real), (fake_logits, fake)):
            gradients = torch.autograd.grad(logits.sum(), samples, create_graph=True)[0]
            loss = loss + settings.gamma / 2.0 * gradients.square().sum(dim=1).mean()
        d_adam.zero_grad()
        torch.autograd.backward(loss)
        d_adam.step()
        real = real.detach()
        loss = F.softplus(discriminator(real) - discriminator(generator(noise()))).mean()
        g_adam.zero_grad()
        torch.autograd.backward(loss)
        g_adam.step()

    return timed(step)
