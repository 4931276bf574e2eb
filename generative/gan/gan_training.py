"""Training a generator, by a game with a discriminator or by a distance to the data alone.

A lesson makes updates for ``etude.generative.training.train``, which saves and resumes it. That
loop, our own, is the engine: it adds microseconds to a step, where Lightning's adds milliseconds,
which is more than a step of the networks for points takes. ``lightning_module`` plays the same game
for those who live there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from etude.generative.checkpoints import State, Stateful, TorchRandomState
from etude.generative.gan.adversarial import Game, Losses, Rule, uniform_latents
from etude.generative.gan.gmmn import MATCHINGS, median_bandwidths, witness
from etude.generative.gan.objectives import OBJECTIVES
from etude.generative.gan.optimisation import adam, autocast_type, set_rate
from etude.generative.gan.schedules import geometric
from etude.generative.gan.settings import ONE_CENTRED_WEIGHT, GANSettings
from etude.generative.gan.source import Batch, LabelledSource, Source
from etude.generative.training import moving_average

NUM_WITNESSES: Final = 1_000
EARLY_SHARE: Final = 0.6  # of the run, before the batches of its end
PENALTY_FALLS: Final = (0.2, 0.75)  # between these shares of the run


@dataclass
class Clock:
    """How far a run is, as a part of its state."""

    num_steps: int
    step: int = 0

    @property
    def share(self) -> float:
        """Of the run that is done, in [0, 1]."""
        return min(self.step / self.num_steps, 1.0)

    def state_dict(self) -> State:
        """See ``Stateful``."""
        return {"step": self.step}

    def load_state_dict(self, state_dict: State) -> None:
        """See ``Stateful``."""
        self.step = state_dict["step"]


@runtime_checkable
class Lesson(Protocol):
    """A generator that learns."""

    @property
    def parts(self) -> dict[str, Stateful]:
        """What a checkpoint holds."""
        ...

    @property
    def average(self) -> nn.Module:
        """The generator to use and to keep."""
        ...

    def update(self) -> Losses:
        """Make a step and return its losses."""
        ...

    def field(self, places: Tensor, torch_rng: torch.Generator) -> Float[Tensor, " n"]:
        """Where the generator is driven to: high values, at these places."""
        ...


@runtime_checkable
class Regulariser(Protocol):
    """What a generator pays besides, every few steps.

    Attributes:
        name: of its state in a checkpoint.
        every_steps: how often.
    """

    name: str
    every_steps: int

    def __call__(self) -> Float[Tensor, ""]:
        """The price, with its weight; higher by ``every_steps``, as it is paid less often."""
        ...

    def state_dict(self) -> State:
        """See ``Stateful``."""
        ...

    def load_state_dict(self, state_dict: State) -> None:
        """See ``Stateful``."""
        ...


class AdversarialLesson:
    """A generator that learns from a discriminator; ``update`` makes one step of both.

    Args:
        generator: (n, latent_dim) in [-1, 1], and the labels of a ``LabelledSource``, to samples.
        discriminator: samples, and their labels, to logits.
        source: the data.
        settings: how; the objective is one of ``OBJECTIVES``.
        torch_rng: of the noise and the order of the data; seeded by the settings if left out.
        regularisers: what the generator pays besides.

    Attributes:
        game: the players.
        clock: how far the run is.
    """

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        source: Source,
        settings: GANSettings,
        torch_rng: torch.Generator | None = None,
        regularisers: Sequence[Regulariser] = (),
    ) -> None:
        self._settings, self._source, self._regularisers = settings, source, regularisers
        self._objective = OBJECTIVES[settings.objective]
        self._penalty = settings.penalty or self._objective.penalty
        self.clock = Clock(settings.steps)
        self._average = moving_average(generator, settings.average_decay)
        self._device = next(generator.parameters()).device
        self._optimizers = [adam(network, settings) for network in (generator, discriminator)]
        self.game = Game(
            generator=generator,
            discriminator=discriminator,
            generator_optimizer=self._optimizers[0],
            discriminator_optimizer=self._optimizers[1],
            latent_dim=settings.latent_dim,
            torch_rng=torch_rng or torch.Generator().manual_seed(settings.seed),
            autocast=autocast_type(settings, self._device),
        )

    @property
    def parts(self) -> dict[str, Stateful]:
        """What a checkpoint holds."""
        return {
            "generator": self.game.generator,
            "discriminator": self.game.discriminator,
            "generator_optimizer": self._optimizers[0],
            "discriminator_optimizer": self._optimizers[1],
            "average": self._average,
            "clock": self.clock,
            "torch_rng": TorchRandomState(self.game.torch_rng),
            **{regulariser.name: regulariser for regulariser in self._regularisers},
        }

    @property
    def average(self) -> nn.Module:
        """The generator to use and to keep."""
        module: nn.Module = self._average.module
        return module.eval()  # which training never runs

    def update(self) -> Losses:
        """Draw data and make a step; the losses, and the penalty before its weight."""
        return self.play(self.game, self.draw().to(self._device))

    def draw(self) -> Batch:
        """Data for the step to come: a batch for each of the discriminator's."""
        num_samples = batch_size(self._settings, self.clock) * self._settings.discriminator_steps
        if isinstance(self._source, LabelledSource):
            return self._source.draw_labelled(num_samples, self.game.torch_rng)
        return Batch(self._source.draw(num_samples, self.game.torch_rng))

    @torch.no_grad()
    def field(self, places: Tensor, torch_rng: torch.Generator) -> Float[Tensor, " n"]:
        """The discriminator's logits."""
        logits: Tensor = self.game.discriminator(places.to(self._device))
        return logits.float().cpu()

    def play(self, game: Game, real: Batch) -> Losses:
        """Make a step of both players with these data, and follow the generator's weights.

        Args:
            game: this lesson's own, or the same players moved by another engine.
            real: a batch for each step of the discriminator, the last one for the generator too.
        """
        settings, rates = self._settings, rates_of(self._settings, self.clock)
        for optimizer, rate in zip(self._optimizers, rates, strict=True):
            set_rate(optimizer, rate)
        rule, losses = self._rule(), {}
        for batch in real.chunk(settings.discriminator_steps):
            parts = batch.chunk(settings.num_parts)
            losses = game.teach_discriminator(rule, parts)
        losses |= game.teach_generator(rule, parts)
        self._average.update_parameters(game.generator)
        self.clock.step += 1
        return losses

    def _rule(self) -> Rule:
        settings, every = self._settings, self._settings.penalty_every_steps
        step, weight = self.clock.step, 0.0
        if step % every == 0 and self._penalty != "none":
            weight = every * (
                geometric(self.clock.share, settings.gamma, settings.final_gamma, *PENALTY_FALLS)
                if self._penalty != "one-centred"
                else ONE_CENTRED_WEIGHT
            )
        return Rule(
            objective=self._objective,
            penalty=self._penalty,
            penalty_weight=weight,
            penalty_share=settings.penalty_share,
            regularisers=[due for due in self._regularisers if step % due.every_steps == 0],
        )


class MatchingLesson:
    """A generator that makes its samples like the data, by a distance that is differentiated.

    Y. Li, K. Swersky and R. Zemel, "Generative moment matching networks", ICML 2015, algorithm 1.

    Args:
        generator: (n, latent_dim) in [-1, 1] to samples.
        source: the data.
        settings: how; the objective is one of ``MATCHINGS``.
    """

    def __init__(self, generator: nn.Module, source: Source, settings: GANSettings) -> None:
        self._generator, self._settings, self._source = generator, settings, source
        self._distance = MATCHINGS[settings.objective]
        self._clock = Clock(settings.steps)
        self._average = moving_average(generator, settings.average_decay)
        self._device = next(generator.parameters()).device
        self._optimizer = adam(generator, settings)
        self._torch_rng = torch.Generator().manual_seed(settings.seed)

    @property
    def parts(self) -> dict[str, Stateful]:
        """What a checkpoint holds."""
        return {
            "generator": self._generator,
            "generator_optimizer": self._optimizer,
            "average": self._average,
            "clock": self._clock,
            "torch_rng": TorchRandomState(self._torch_rng),
        }

    @property
    def average(self) -> nn.Module:
        """The generator to use and to keep."""
        module: nn.Module = self._average.module
        return module

    def update(self) -> Losses:
        """Make a step; the distance."""
        settings = self._settings
        set_rate(self._optimizer, rates_of(settings, self._clock)[0])
        num_samples = batch_size(settings, self._clock)
        real = self._source.draw(num_samples, self._torch_rng).to(self._device)
        z = uniform_latents(len(real), settings.latent_dim, self._torch_rng, self._device)
        self._optimizer.zero_grad()
        distance = self._distance(self._generator(z).flatten(1), real.flatten(1), self._torch_rng)
        torch.autograd.backward(distance)
        self._optimizer.step()
        self._average.update_parameters(self._generator)
        self._clock.step += 1
        return {"distance": distance}

    @torch.no_grad()
    def field(self, places: Tensor, torch_rng: torch.Generator) -> Float[Tensor, " n"]:
        """How much more data than samples are near, see ``witness``."""
        real = self._source.draw(NUM_WITNESSES, torch_rng)
        z = uniform_latents(NUM_WITNESSES, self._settings.latent_dim, torch_rng, self._device)
        samples = self.average(z).cpu()
        return witness(places, samples, real, median_bandwidths(real))


def batch_size(settings: GANSettings, clock: Clock) -> int:
    """Samples in the step to come."""
    return settings.batch_size if clock.share < EARLY_SHARE else settings.final_batch_size


def rates_of(settings: GANSettings, clock: Clock) -> tuple[float, float]:
    """The learning rates of generator and discriminator in the step to come."""
    first, flat = settings.learning_rate, settings.flat_share
    shares = (settings.final_share, settings.discriminator_final_share)
    generator, discriminator = (
        geometric(clock.share, first, share * first, flat, 1.0) for share in shares
    )
    return generator, discriminator
