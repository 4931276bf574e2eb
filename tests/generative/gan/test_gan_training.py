"""Lessons: each player changes alone, parts add up, runs resume exactly, and points are learned."""

import copy
import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from etude.generative.gan.adversarial import (
    Game,
    Rule,
    discriminator_losses,
    uniform_latents,
)
from etude.generative.gan.gan_training import AdversarialLesson, Lesson, MatchingLesson
from etude.generative.gan.gmmn import energy_distance
from etude.generative.gan.mlp import MLPDiscriminator, MLPGenerator
from etude.generative.gan.objectives import OBJECTIVES, PenaltyName
from etude.generative.gan.settings import GANSettings
from etude.generative.gan.source import Batch, LabelledRows, Rows
from etude.generative.records import Progress
from etude.generative.training import train

SETTINGS = GANSettings(steps=20, batch_size=32, generator_width=16, discriminator_width=16)


class Nowhere:
    """A recorder that keeps nothing."""

    def begin(self, step: int) -> None:
        pass

    def record(self, progress: Progress) -> None:
        pass


def cloud(n: int = 500) -> Rows:
    return Rows(torch.randn(n, 2, generator=torch.Generator().manual_seed(7)) + 1.0)


def lesson_of(settings: GANSettings, source: Rows | None = None) -> Lesson:
    source = source or cloud()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        generator = MLPGenerator(settings.latent_dim, (2,), settings.generator_width, 2)
        discriminator = MLPDiscriminator((2,), settings.discriminator_width, 2)
    if not settings.is_adversarial:
        return MatchingLesson(generator, source, settings)
    return AdversarialLesson(generator, discriminator, source, settings)


def adversarial(settings: GANSettings = SETTINGS) -> AdversarialLesson:
    lesson = lesson_of(settings)
    assert isinstance(lesson, AdversarialLesson)
    return lesson


def weights(network: nn.Module) -> Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in network.parameters()])


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_each_player_changes_in_its_own_step_alone(objective: str) -> None:
    game = adversarial(replace(SETTINGS, objective=objective)).game
    rule = Rule(
        objective=OBJECTIVES[objective],
        penalty=OBJECTIVES[objective].penalty,
        penalty_weight=0.1,
    )
    real = Batch(cloud().samples[:32])
    before = weights(game.generator), weights(game.discriminator)
    game.teach_discriminator(rule, [real])
    between = weights(game.generator), weights(game.discriminator)
    game.teach_generator(rule, [real])
    after = weights(game.generator), weights(game.discriminator)
    assert before[0].equal(between[0])
    assert not before[1].equal(between[1])
    assert not between[0].equal(after[0])
    assert between[1].equal(after[1])
    assert all(parameter.requires_grad for parameter in game.discriminator.parameters())


def test_parts_add_up_to_the_whole_batch() -> None:
    """The gradient of a mean is the mean of the gradients, if all see the same noise."""

    class Steepest:
        """Plain gradient descent, in which a difference would show."""

        def __init__(self, network: nn.Module) -> None:
            self.descent = torch.optim.SGD(network.parameters(), lr=0.1)

        def zero_grad(self) -> None:
            self.descent.zero_grad()

        def step(self) -> None:
            self.descent.step()

    rule = Rule(objective=OBJECTIVES["relativistic"], penalty="zero-centred", penalty_weight=0.3)
    real = Batch(cloud().samples[:32])
    found = []
    for parts in ([real], real.chunk(4)):
        game = adversarial().game
        generator, discriminator = map(copy.deepcopy, (game.generator, game.discriminator))
        game = Game(
            generator=generator,
            discriminator=discriminator,
            generator_optimizer=Steepest(generator),
            discriminator_optimizer=Steepest(discriminator),
            latent_dim=2,
            torch_rng=torch.Generator().manual_seed(3),
        )
        losses = game.teach_discriminator(rule, parts) | game.teach_generator(rule, parts)
        found.append((weights(generator), weights(discriminator), losses))
    assert found[0][0].allclose(found[1][0], atol=1e-6)
    assert found[0][1].allclose(found[1][1], atol=1e-6)
    assert found[0][2].keys() == found[1][2].keys() == {"discriminator", "penalty", "generator"}
    for name, loss in found[0][2].items():
        assert loss.item() == pytest.approx(found[1][2][name].item(), rel=1e-4)


@pytest.mark.parametrize("objective", ["relativistic", "wasserstein", "mmd", "sliced-wasserstein"])
def test_a_run_that_was_stopped_ends_in_the_same_bits(objective: str, tmp_path: Path) -> None:
    settings = replace(SETTINGS, objective=objective, discriminator_steps=2)
    whole = lesson_of(settings)
    train(whole.update, whole.parts, 20, Nowhere())
    for num_steps in (7, 20):  # a new lesson each time, as after a kill
        lesson = lesson_of(settings)
        path = tmp_path / "checkpoint.pt"
        train(lesson.update, lesson.parts, num_steps, Nowhere(), checkpoint=path)
    assert weights(whole.average).equal(weights(lesson.average))


def test_a_checkpoint_of_another_architecture_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.pt"
    first = lesson_of(SETTINGS)
    train(first.update, first.parts, 2, Nowhere(), checkpoint=path)
    wider = lesson_of(replace(SETTINGS, generator_width=24))
    with pytest.raises(ValueError, match="other settings"):
        train(wider.update, wider.parts, 4, Nowhere(), checkpoint=path)
    matching = lesson_of(replace(SETTINGS, objective="mmd"))
    with pytest.raises(ValueError, match="has the parts"):
        train(matching.update, matching.parts, 4, Nowhere(), checkpoint=path)


def test_a_run_that_diverges_keeps_its_last_good_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.pt"
    lesson = adversarial()
    train(lesson.update, lesson.parts, 4, Nowhere(), checkpoint=path, save_every_steps=2)
    good = path.read_bytes()
    with torch.no_grad():
        next(lesson.game.generator.parameters()).fill_(math.nan)

    def spoilt() -> dict[str, Tensor]:
        lesson.update()
        return {"generator": torch.tensor(0.0)}  # whose own loss was still finite

    parts = {"generator": lesson.game.generator}
    with pytest.raises(FloatingPointError, match="weights are finite, got others in the generator"):
        train(spoilt, parts, 4, Nowhere(), checkpoint=tmp_path / "other.pt", save_every_steps=2)
    assert not (tmp_path / "other.pt").exists()
    lesson = adversarial(replace(SETTINGS, learning_rate=1e30))
    with pytest.raises(FloatingPointError, match=r"at step [5-9]; the last good state is in"):
        train(lesson.update, lesson.parts, 20, Nowhere(), checkpoint=path)
    assert path.read_bytes() == good


def test_penalties_come_as_often_as_asked_and_fall() -> None:
    lesson = adversarial(replace(SETTINGS, penalty_every_steps=4))
    names = [set(lesson.update()) for _ in range(8)]
    assert ["penalty" in found for found in names] == [True, False, False, False] * 2


def test_bfloat16_products_train_as_well() -> None:
    lesson = adversarial(replace(SETTINGS, precision="bfloat16"))
    losses = [lesson.update() for _ in range(3)]
    assert all(loss.isfinite() for found in losses for loss in found.values())
    assert weights(lesson.average).dtype == torch.float32
    full = adversarial()
    for _ in range(3):
        full.update()
    assert not weights(full.average).equal(weights(lesson.average))


@pytest.mark.parametrize("objective", ["relativistic", "non-saturating", "mmd", "energy"])
def test_a_gaussian_is_learned(objective: str) -> None:
    settings = replace(SETTINGS, objective=objective, steps=400, batch_size=128, average_decay=0.95)
    lesson = lesson_of(settings)
    z = uniform_latents(500, 2, torch.Generator().manual_seed(5))
    real = cloud().samples
    before = energy_distance(lesson.average(z), real)
    train(lesson.update, lesson.parts, 400, Nowhere())
    after = energy_distance(lesson.average(z), real)
    assert after < 0.25 * before


def test_latents_are_uniform_and_repeatable() -> None:
    z = uniform_latents(20_000, 2, torch.Generator().manual_seed(0))
    assert -1.0 <= z.min() < -0.99
    assert 0.99 < z.max() < 1.0
    assert z.mean().abs() < 0.02
    assert z.var().item() == pytest.approx(1.0 / 3.0, abs=0.01)
    assert z.equal(uniform_latents(20_000, 2, torch.Generator().manual_seed(0)))


def test_where_samples_are_missing_the_field_is_high() -> None:
    """Before learning, samples lie around 0 and the data around (1, 1)."""
    lesson = lesson_of(replace(SETTINGS, objective="mmd"))
    places = torch.tensor([[1.5, 1.5], [0.0, 0.0]])
    data, origin = lesson.field(places, torch.Generator().manual_seed(0)).tolist()
    assert data > origin
    assert adversarial().field(places, torch.Generator()).shape == (2,)


class Conditional(nn.Module):
    """A player that looks its label up."""

    def __init__(self, num_out: int) -> None:
        super().__init__()
        self.layer, self.classes = nn.Linear(2, num_out), nn.Embedding(3, num_out)
        self.seen: list[Tensor] = []

    def forward(self, given: Tensor, labels: Tensor) -> Tensor:
        self.seen.append(labels)
        found: Tensor = self.layer(given) + self.classes(labels)
        return found if found.shape[1] > 1 else found[:, 0]


@pytest.mark.parametrize("penalty", ["zero-centred", "r1", "one-centred", "none"])
def test_both_players_are_told_the_classes_of_the_data(penalty: PenaltyName) -> None:
    samples = torch.randn(9, 2, generator=torch.Generator().manual_seed(0))
    source = LabelledRows(samples, torch.arange(9) % 3)
    generator, discriminator = Conditional(2), Conditional(1)
    settings = replace(SETTINGS, penalty=penalty, batch_size=6, final_batch_size=6)
    lesson = AdversarialLesson(generator, discriminator, source, settings)
    assert all(loss.isfinite() for loss in lesson.update().values())
    drawn = source.draw_labelled(6, torch.Generator().manual_seed(settings.seed)).labels
    assert drawn is not None
    assert all(labels.equal(drawn) for labels in generator.seen)
    by_the_teacher = torch.cat(discriminator.seen)[:12]
    assert by_the_teacher.bincount().equal(drawn.repeat(2).bincount())


def test_r1_is_half_the_mean_squared_gradient_at_real_samples() -> None:
    """Of a linear discriminator w x + b it is |w|^2 / 2, wherever the generated samples are."""
    discriminator = nn.Sequential(nn.Linear(2, 1), nn.Flatten(0))
    real, fake = torch.randn(8, 2), torch.randn(8, 2)
    rule = Rule(objective=OBJECTIVES["non-saturating"], penalty="r1", penalty_weight=1.0)
    for share in (1.0, 0.25):
        losses = discriminator_losses(
            discriminator,
            replace(rule, penalty_share=share),
            Batch(real),
            Batch(fake),
            torch.Generator(),
        )
        linear = discriminator[0]
        assert isinstance(linear, nn.Linear)
        expected = linear.weight.square().sum() / 2.0
        assert losses["penalty"].item() == pytest.approx(expected.item())
        without = rule.objective.discriminator(discriminator(real), discriminator(fake))
        assert losses["discriminator"].item() == pytest.approx(without.item())


class Toll:
    """Pulls all weights to zero every second step; counts how often."""

    name, every_steps = "toll", 2

    def __init__(self, network: nn.Module) -> None:
        self.network, self.count = network, 0

    def __call__(self) -> Tensor:
        self.count += 1
        return torch.stack([p.square().sum() for p in self.network.parameters()]).sum()

    def state_dict(self) -> dict[str, int]:
        return {"count": self.count}

    def load_state_dict(self, state_dict: dict[str, int]) -> None:
        self.count = state_dict["count"]


def test_generators_pay_regularisers_when_they_are_due() -> None:
    lessons = []
    for regularised in (False, True):
        lesson = adversarial()
        generator, discriminator = lesson.game.generator, lesson.game.discriminator
        toll = Toll(generator)
        lesson = AdversarialLesson(
            generator,
            discriminator,
            cloud(),
            SETTINGS,
            regularisers=[toll] if regularised else [],
        )
        for _ in range(3):
            lesson.update()
        lessons.append(lesson)
    assert lessons[1].parts["toll"].state_dict() == {"count": 2}
    assert not weights(lessons[0].game.generator).equal(weights(lessons[1].game.generator))
