"""The game of ``gan_training`` for PyTorch Lightning, for those who live there.

Nothing is trained in another way: the module plays the lesson's own game, with Lightning's
optimisers and backward pass handed in, so on one CPU the weights are those of our loop to the last
bit. What Lightning adds is several devices, its precisions, its loggers and its callbacks:

    module = LightningGAN(generator, discriminator, source, settings)
    Trainer(max_epochs=1, precision="bf16-mixed").fit(module)
    save_weights(path, module.average, {})

On several devices each draws the samples and the noise of all and keeps its own share, so that w
devices make the steps of one with all the samples. As each player's step leaves the other's weights
without gradients, DDP wants ``strategy="ddp_find_unused_parameters_true"``. Lightning counts the
steps of optimisers: ``global_step`` is how often either player moved.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import nn

from etude.generative.checkpoints import State
from etude.generative.gan.adversarial import Game, Losses, Rule, uniform_latents
from etude.generative.gan.gan_training import AdversarialLesson, Clock
from etude.generative.gan.settings import GANSettings
from etude.generative.gan.source import Batch, Source
from etude.generative.training import check_losses

try:
    from lightning.pytorch import LightningModule
except ImportError as error:
    raise ImportError(
        "this way of training needs the package lightning; run `pip install 'etude[lightning]'`, "
        "or train without it: `etude train gan`."
    ) from error

AUTOCAST: Final = {"32-true": None, "bf16-mixed": torch.bfloat16}  # by Lightning's precision
STATE_KEY: Final = "etude"
SAVED_BY_US: Final = ("clock", "torch_rng")  # the rest are modules and optimisers


class LightningGAN(LightningModule):
    """A generator that learns from a discriminator; an epoch is a whole run.

    Args:
        generator: (n, latent_dim) in [-1, 1] to samples.
        discriminator: samples to logits.
        source: the data, the same on all devices.
        settings: how; batch sizes count the samples on all devices together. The precision is
            Lightning's.
    """

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        source: Source,
        settings: GANSettings,
    ) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.lesson = AdversarialLesson(generator, discriminator, source, settings)
        self._settings, self._parts = settings, self.lesson.parts
        modules = {name: part for name, part in self._parts.items() if isinstance(part, nn.Module)}
        self.players = nn.ModuleDict(modules)  # which Lightning moves and saves
        self._game: Game | None = None

    @property
    def average(self) -> nn.Module:
        """The generator to use and to keep."""
        return self.lesson.average

    def configure_optimizers(self) -> Any:  # Lightning's type is a union of fifteen
        """The lesson's own, whose rates the lesson sets."""
        return [self._parts["generator_optimizer"], self._parts["discriminator_optimizer"]]

    def train_dataloader(self) -> Iterable[int]:
        """The steps; the samples are drawn within them, where the random numbers are."""
        return Steps(self.lesson.clock)

    def on_fit_start(self) -> None:
        """Take the places of this device and its precision.

        Raises:
            ValueError: a precision that the game does not know, or a batch that cannot be shared.
        """
        precision, world = self.trainer.precision, self.trainer.world_size
        if precision not in AUTOCAST:
            raise ValueError(
                f"a game is played in the precision {' or '.join(AUTOCAST)}, got {precision}; "
                "change the Trainer's."
            )
        check_shares(self._settings, world)
        generator_optimizer, discriminator_optimizer = self._wrapped_optimizers()
        own = self.lesson.game
        self._game = SharedGame(
            generator=own.generator,
            discriminator=own.discriminator,
            generator_optimizer=generator_optimizer,
            discriminator_optimizer=discriminator_optimizer,
            latent_dim=own.latent_dim,
            torch_rng=own.torch_rng,
            backward=self.manual_backward,
            autocast=AUTOCAST[precision],
            place=self.global_rank,
            num_devices=world,
        )

    def training_step(self, batch: int, batch_idx: int) -> None:
        """A step of both players; see ``AdversarialLesson.play``.

        Raises:
            FloatingPointError: a loss is not finite.
        """
        assert self._game is not None
        world = self.trainer.world_size
        batches = self.lesson.draw().chunk(self._settings.discriminator_steps)
        real = Batch.cat(*(each.chunk(world)[self.global_rank] for each in batches))
        with torch.autocast(self.device.type, enabled=False):  # but where the game casts
            losses = self.lesson.play(self._game, real.to(self.device))
        values = {name: loss.item() for name, loss in losses.items()}
        check_losses(values, batch_idx + 1, lambda: "go on from an older checkpoint or")
        # an attribute that Lightning sets from elsewhere
        every: int = self.trainer.log_every_n_steps  # type: ignore[attr-defined]
        if (batch_idx + 1) % every == 0:
            self.log_dict(losses)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Add what Lightning does not know of."""
        checkpoint[STATE_KEY] = {name: self._parts[name].state_dict() for name in SAVED_BY_US}

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Take up the run where it was left, to the last bit on one CPU."""
        for name in SAVED_BY_US:
            self._parts[name].load_state_dict(checkpoint[STATE_KEY][name])

    def _wrapped_optimizers(self) -> Sequence[Any]:  # as Lightning's strategy steps them
        optimizers = self.optimizers()
        assert isinstance(optimizers, list)
        return optimizers


@dataclass(frozen=True)
class Steps:
    """The numbers of the steps that are left, for Lightning to count; a run goes on from them."""

    clock: Clock

    def __len__(self) -> int:
        """All steps of the run."""
        return self.clock.num_steps

    def __iter__(self) -> Iterator[int]:
        """Those that are left."""
        return iter(range(self.clock.step, self.clock.num_steps))

    def state_dict(self) -> State:
        """Nothing: the clock is saved with the game."""
        return {}

    def load_state_dict(self, state_dict: State) -> None:
        """Nothing, see above."""


@dataclass(frozen=True, kw_only=True)
class SharedGame(Game):
    """A game on one of several devices, which draw each other's noise as well.

    Args:
        place: of this device among them.
        num_devices: all of them.
    """

    place: int = 0
    num_devices: int = 1

    def teach_discriminator(self, rule: Rule, parts: Sequence[Batch]) -> Losses:
        """See ``Game``."""
        share = 0.0  # of the samples, for which a one-centred penalty draws a place each
        if rule.penalty == "one-centred" and rule.penalty_weight > 0.0:
            share = rule.penalty_share
        self._pass_over(parts, self.place, share)
        losses = super().teach_discriminator(rule, parts)
        self._pass_over(parts, self.num_devices - 1 - self.place, share)
        return losses

    def teach_generator(self, rule: Rule, parts: Sequence[Batch]) -> Losses:
        """See ``Game``."""
        self._pass_over(parts, self.place, 0.0)
        losses = super().teach_generator(rule, parts)
        self._pass_over(parts, self.num_devices - 1 - self.place, 0.0)
        return losses

    def _pass_over(self, parts: Sequence[Batch], num_devices: int, share: float) -> None:
        """Draw what other devices draw."""
        for _ in range(num_devices):
            for part in parts:
                uniform_latents(len(part), self.latent_dim, self.torch_rng)
                torch.rand(math.ceil(share * len(part)), generator=self.torch_rng)


def check_shares(settings: GANSettings, num_devices: int) -> None:
    """Check that so many devices can share the batches.

    Raises:
        ValueError: they cannot.
    """
    for size in (settings.batch_size, settings.final_batch_size):
        if size % (num_devices * settings.num_parts):
            raise ValueError(
                f"a batch is shared by all devices in equal parts, got {num_devices} devices, "
                f"{settings.num_parts} parts on each and {size} samples; choose a multiple."
            )
