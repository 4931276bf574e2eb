"""Training both stages of StackGAN on captioned scenes, one after the other.

The discriminator is matching-aware (S. Reed et al., "Generative adversarial text to image
synthesis", ICML 2016, sec. 4.2): it is taught by real images with their captions, generated ones
with theirs, and real ones with wrong captions. Stage-II learns while Stage-I stays as it is (Zhang
et al. 2017, sec. 3.4).

Departures: all three losses are differences of logits ("relativistic" in ``objectives``): a
generated image is compared with a real one of the same caption, and a wrong caption with the right
one of the same image, whose features are computed once. Half of the wrong captions differ from the
right one in a single word, so that no word can be passed over. Gradient penalties keep the game
steady, where the paper has batch normalisation, whose statistics in its design are those of real
and generated images together. The generator's step takes the images that the discriminator has just
seen, and the logits that it gave to the real ones.
"""

import math
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final

import torch
from jaxtyping import Float
from torch import Tensor

from etude.generative.checkpoints import Stateful, TorchRandomState
from etude.generative.gan.adversarial import Losses, frozen, uniform_latents
from etude.generative.gan.captioned_scenes import (
    NUM_WORDS,
    UNSTATED,
    CaptionedScenes,
    Words,
)
from etude.generative.gan.gan_training import PENALTY_FALLS, Clock
from etude.generative.gan.objectives import (
    input_gradients,
    relativistic,
    relativistic_generator,
    zero_centred,
)
from etude.generative.gan.optimisation import adam, set_rate
from etude.generative.gan.schedules import geometric
from etude.generative.gan.stackgan import (
    Drawn,
    StageIDiscriminator,
    StageIIDiscriminator,
)
from etude.generative.gan.stackgan_file import TrainedStackGAN
from etude.generative.gan.stackgan_layers import TextEncoder
from etude.generative.gan.stackgan_stages import (
    MatchingJudge,
    StackGANArchitecture,
    StageOne,
    StageTwo,
)
from etude.generative.training import moving_average

SIZE_PLACES: Final = (0, 4)  # of a caption, which may be left open
RELATION_PLACE: Final = 3  # which never is


@dataclass(frozen=True, kw_only=True)
class StageSettings:
    """How a stage is trained.

    Raises:
        ValueError: a number out of its range.
    """

    steps: int
    """Updates of both players."""
    batch_size: int = 64
    """Captioned pictures in each."""
    learning_rate: float = 1e-3
    """Of Adam, for both players, at first."""
    final_share: float = 0.02
    """What is left of it in the end."""
    flat_share: float = 0.5
    """Of the steps, in which it stays; then it falls by equal factors."""
    momentum: float = 0.0
    """Adam's first beta (Huang et al. 2024)."""
    memory: float = 0.99
    """Adam's second beta."""
    gamma: float = 0.3
    """Weight of the zero-centred penalties for the first fifth of the steps."""
    final_gamma: float = 0.03
    """Their weight for the last quarter; in between it falls by equal factors."""
    penalty_every_steps: int = 4
    """How often they are computed, with as much more weight."""
    penalty_share: float = 0.25
    """Of a batch whose gradients are looked at."""
    wrong_weight: float = 1.0
    """How much wrong captions count beside generated images."""
    divergence_weight: float = 0.02
    """How much it costs that conditions depend on texts, lambda of eq. 4 and 6, which is 1 in the
    paper; here every word has to come through."""
    average_decay: float = 0.998
    """Of the average of the generator's weights that is kept."""
    discriminator_width: int = 64
    """Channels at half the size."""

    def __post_init__(self) -> None:
        for name, least in LEAST.items():
            if not least <= getattr(self, name) < math.inf:
                raise ValueError(
                    f"{name} is at least {least}, got {getattr(self, name)}; leave it out if in "
                    "doubt."
                )
        if self.penalty_share > 1.0:
            raise ValueError(f"penalty_share is at most 1, got {self.penalty_share}; 1 is all.")
        for name in BELOW_ONE:
            if not 0.0 <= getattr(self, name) < 1.0:
                raise ValueError(
                    f"{name} lies in [0, 1), got {getattr(self, name)}; leave it out if unsure."
                )


LEAST: Final = {
    "steps": 1,
    "batch_size": 1,
    "penalty_every_steps": 1,
    "discriminator_width": 1,
    "learning_rate": 1e-12,
    "final_share": 1e-12,
    "gamma": 1e-12,
    "final_gamma": 1e-12,
    "penalty_share": 1e-12,
    "wrong_weight": 0.0,
    "divergence_weight": 0.0,
}
BELOW_ONE: Final = ("momentum", "memory", "average_decay", "flat_share")


@dataclass(frozen=True, kw_only=True)
class StackGANSettings:
    """Both stages: what they are, and how they are trained.

    Raises:
        ValueError: a seed below 0.
    """

    architecture: StackGANArchitecture = field(default_factory=StackGANArchitecture)
    """Of both generators."""
    stage_one: StageSettings = StageSettings(steps=4_000)
    """How sketches are learned."""
    stage_two: StageSettings = StageSettings(steps=2_500, discriminator_width=32)
    """How pictures are."""
    seed: int = 0
    """Of the weights, the noise and the data."""

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise ValueError(f"seed is at least 0, got {self.seed}; for example 1.")


class StageLesson:
    """A stage that learns; ``update`` makes a step of both players.

    Args:
        artist: what is trained: those of its weights that require gradients.
        judge: its discriminator.
        source: captioned pictures of the artist's size.
        settings: how.
        seed: of the noise and the data.

    Attributes:
        artist: as it is now.
        judge: as it is now.
        clock: how far the run is.
    """

    def __init__(
        self,
        artist: StageOne | StageTwo,
        judge: MatchingJudge,
        source: CaptionedScenes,
        settings: StageSettings,
        seed: int,
    ) -> None:
        self.artist, self.judge, self.clock = artist, judge, Clock(settings.steps)
        self._source, self._settings = source, settings
        self._average = moving_average(artist, settings.average_decay)
        self._artist_optimizer = adam(artist, settings)
        self._judge_optimizer = adam(judge, settings)
        self._torch_rng = torch.Generator().manual_seed(seed)

    @property
    def parts(self) -> dict[str, Stateful]:
        """What a checkpoint holds."""
        return {
            "artist": self.artist,
            "judge": self.judge,
            "artist_optimizer": self._artist_optimizer,
            "judge_optimizer": self._judge_optimizer,
            "average": self._average,
            "clock": self.clock,
            "torch_rng": TorchRandomState(self._torch_rng),
        }

    @property
    def average(self) -> StageOne | StageTwo:
        """The generator to use and to keep."""
        module = self._average.module
        assert isinstance(module, StageOne | StageTwo)
        return module

    def update(self) -> Losses:
        """Draw pictures and make a step of both players; their losses before the weights."""
        settings = self._settings
        first, flat = settings.learning_rate, settings.flat_share
        rate = geometric(self.clock.share, first, settings.final_share * first, flat, 1.0)
        for optimizer in (self._artist_optimizer, self._judge_optimizer):
            set_rate(optimizer, rate)
        real, words = self._source.draw(settings.batch_size, self._torch_rng)
        z = uniform_latents(len(words), self.artist.num_latents, self._torch_rng)
        drawn: Drawn = self.artist(words, z)
        losses, real_logits = self._teach_judge(real, drawn.images.detach(), words)
        losses |= self._teach_artist(drawn, words, real_logits)
        self._average.update_parameters(self.artist)
        self.clock.step += 1
        return losses

    def _teach_judge(
        self, real: Tensor, fake: Tensor, words: Words
    ) -> tuple[Losses, Float[Tensor, " n"]]:
        settings = self._settings
        wrong = spoil(words, self._torch_rng)
        seen, seen_fake = self.judge.look(torch.cat([real, fake])).chunk(2)
        real_logits, fake_logits, wrong_logits = self.judge.decide(
            torch.cat([seen, seen_fake, seen]), torch.cat([words, words, wrong])
        ).chunk(3)
        losses = {
            "discriminator": relativistic(real_logits, fake_logits),
            "wrong": relativistic(real_logits, wrong_logits),
        }
        total = losses["discriminator"] + settings.wrong_weight * losses["wrong"]
        if self.clock.step % settings.penalty_every_steps == 0:
            losses["penalty"] = self._penalty(real, fake, words)
            total = total + self._penalty_weight() * losses["penalty"]
        self._judge_optimizer.zero_grad()
        torch.autograd.backward(total)
        self._judge_optimizer.step()
        return {name: loss.detach() for name, loss in losses.items()}, real_logits.detach()

    def _penalty(self, real: Tensor, fake: Tensor, words: Words) -> Float[Tensor, ""]:
        """R1 and R2 of the first samples."""
        num = math.ceil(self._settings.penalty_share * len(real))
        images = torch.cat([real[:num], fake[:num]]).requires_grad_()
        logits = self.judge(images, words[:num].repeat(2, 1))
        return 2.0 * zero_centred(input_gradients(logits, images))  # halves of one mean

    def _penalty_weight(self) -> float:
        first, last = self._settings.gamma, self._settings.final_gamma
        weight = geometric(self.clock.share, first, last, *PENALTY_FALLS)
        return self._settings.penalty_every_steps * weight

    def _teach_artist(self, drawn: Drawn, words: Words, real_logits: Float[Tensor, " n"]) -> Losses:
        with frozen(self.judge):
            loss = relativistic_generator(real_logits, self.judge(drawn.images, words))
        self._artist_optimizer.zero_grad()
        torch.autograd.backward(loss + self._settings.divergence_weight * drawn.divergence)
        self._artist_optimizer.step()
        return {"generator": loss.detach(), "divergence": drawn.divergence.detach()}


def spoil(words: Words, torch_rng: torch.Generator) -> Words:
    """Captions that do not fit the pictures of these: half of them wrong in one word, half others.

    A size that is left open is not spoiled, since either might be true: in its place, the relation
    is. Of a single caption, one word is always wrong.
    """
    n = len(words)
    rows, places = torch.arange(n), torch.randint(len(NUM_WORDS), (n,), generator=torch_rng)
    is_size = (places[:, None] == torch.tensor(SIZE_PLACES)).any(dim=1)
    is_open = is_size & (words[rows, places] == UNSTATED)
    places = torch.where(is_open, RELATION_PLACE, places)
    shares = torch.rand(n, generator=torch_rng)
    choices = torch.tensor(NUM_WORDS)[places]
    steps = 1 + (shares * (choices - 1)).long()  # to one of the other words
    changed = (words[rows, places] + steps) % choices
    changed = torch.where(is_size & ~is_open, 3 - words[rows, places], changed)  # 1 or 2
    spoiled = words.clone()
    spoiled[rows, places] = changed
    others = words.roll(1, dims=0)
    is_other = (torch.arange(n) % 2 == 1) & (others != words).any(dim=1)
    return torch.where(is_other[:, None], others, spoiled)


def first_stage(settings: StackGANSettings) -> StageLesson:
    """Stage-I with seeded weights."""
    architecture, stage = settings.architecture, settings.stage_one
    size, text_dim = architecture.small_size, architecture.text_dim
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        artist = architecture.stage_one()
        discriminator = StageIDiscriminator(text_dim, stage.discriminator_width, size)
        judge = MatchingJudge(TextEncoder(text_dim), discriminator)
    return StageLesson(artist, judge, CaptionedScenes(size=size), stage, settings.seed)


def second_stage(stage_one: StageOne, settings: StackGANSettings) -> StageLesson:
    """Stage-II with seeded weights, for the sketches of a trained Stage-I."""
    architecture, stage = settings.architecture, settings.stage_two
    size, text_dim = architecture.size, architecture.text_dim
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        artist = architecture.stage_two(deepcopy(stage_one))
        discriminator = StageIIDiscriminator(text_dim, stage.discriminator_width, size)
        judge = MatchingJudge(TextEncoder(text_dim), discriminator)
    return StageLesson(artist, judge, CaptionedScenes(size=size), stage, settings.seed)


def sketcher_of(lesson: StageLesson) -> StageOne:
    """What Stage-I has learned, for Stage-II to build on."""
    sketcher = lesson.average
    assert isinstance(sketcher, StageOne)
    return sketcher


def trained_stackgan(
    lesson: StageLesson, settings: StackGANSettings, notes: Mapping[str, Any]
) -> TrainedStackGAN:
    """What Stage-II has learned, with Stage-I in it and what is needed to use both."""
    painter = deepcopy(lesson.average)
    assert isinstance(painter, StageTwo)
    return TrainedStackGAN(
        architecture=settings.architecture,
        network=painter.eval().requires_grad_(False),
        notes=notes,
    )
