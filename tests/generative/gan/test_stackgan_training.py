"""StackGAN's lessons: wrong captions, who changes when, exact resumption, and that words matter."""

import copy
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from etude.generative.gan.adversarial import uniform_latents
from etude.generative.gan.captioned_scenes import (
    UNSTATED,
    CaptionedScenes,
    decode,
    draw_pictures,
    encode,
    parse_caption,
)
from etude.generative.gan.scene_checker import judge
from etude.generative.gan.stackgan import (
    PAPER_STAGE_ONE,
    PAPER_STAGE_ONE_JUDGE,
    PAPER_STAGE_TWO,
    PAPER_STAGE_TWO_JUDGE,
    StageIDiscriminator,
    StageIGenerator,
    StageIIDiscriminator,
    StageIIGenerator,
)
from etude.generative.gan.stackgan_layers import TextEncoder
from etude.generative.gan.stackgan_stages import MatchingJudge, StackGANArchitecture, StageOne
from etude.generative.gan.stackgan_training import (
    StackGANSettings,
    StageLesson,
    StageSettings,
    first_stage,
    second_stage,
    sketcher_of,
    spoil,
    trained_stackgan,
)
from etude.generative.records import Progress
from etude.generative.training import train

STAGE = StageSettings(steps=12, batch_size=8, discriminator_width=8)
SETTINGS = StackGANSettings(
    architecture=StackGANArchitecture(
        text_dim=28, condition_dim=8, latent_dim=4, first_width=16, second_width=8, num_blocks=1
    ),
    stage_one=STAGE,
    stage_two=STAGE,
)


class Nowhere:
    """A recorder that keeps nothing."""

    def begin(self, step: int) -> None:
        pass

    def record(self, progress: Progress) -> None:
        pass


def lesson_of(stage: int, settings: StackGANSettings = SETTINGS) -> StageLesson:
    first = first_stage(settings)
    return first if stage == 1 else second_stage(sketcher_of(first), settings)


def weights(network: nn.Module) -> Tensor:
    return torch.cat([value.detach().flatten().float() for value in network.state_dict().values()])


def test_every_wrong_caption_is_wrong() -> None:
    """By the checker, on real pictures; half of them in a single word."""
    torch_rng = torch.Generator().manual_seed(0)
    words = CaptionedScenes().draw_words(300, torch_rng)
    wrong = spoil(words, torch_rng)
    verdicts = judge(draw_pictures(words, 32, torch_rng), wrong)
    assert not any(verdict.is_right for verdict in verdicts)
    num_changed = (wrong != words).sum(dim=1)
    assert (num_changed[::2] == 1).all()
    assert num_changed[1::2].double().mean() > 3.0
    assert len(decode(wrong)) == 300  # all numbers are words


def test_open_sizes_are_never_spoiled_and_all_words_are() -> None:
    torch_rng = torch.Generator().manual_seed(0)
    words = CaptionedScenes().draw_words(4_000, torch_rng)
    single = spoil(words, torch_rng)[::2]
    words = words[::2]
    changed = single != words
    for place in (0, 4):
        assert (words[:, place][changed[:, place]] != UNSTATED).all()
        assert (single[:, place][changed[:, place]] != UNSTATED).all()
    assert changed.double().mean(dim=0).min() > 0.08
    colours = single[:, 1][changed[:, 1]]
    assert colours.bincount().min() > 20
    one = encode([parse_caption("a red circle above a blue square")])
    assert all((spoil(one, torch_rng) != one).sum() == 1 for _ in range(50))


@pytest.mark.parametrize("stage", [1, 2])
def test_each_player_changes_in_its_own_step_alone(stage: int) -> None:
    lesson = lesson_of(stage)
    real, words = CaptionedScenes(size=16 * stage).draw(8, torch.Generator().manual_seed(0))
    z = uniform_latents(8, lesson.artist.num_latents, torch.Generator().manual_seed(1))
    drawn = lesson.artist(words, z)
    artist, its_judge = weights(lesson.artist), weights(lesson.judge)
    _, real_logits = lesson._teach_judge(real, drawn.images.detach(), words)
    assert weights(lesson.artist).equal(artist)
    between = weights(lesson.judge)
    assert not between.equal(its_judge)
    lesson._teach_artist(drawn, words, real_logits)
    assert not weights(lesson.artist).equal(artist)
    assert weights(lesson.judge).equal(between)
    assert all(weight.requires_grad for weight in lesson.judge.parameters())


def test_stage_one_stays_as_it_is_while_stage_two_learns() -> None:
    first = first_stage(SETTINGS)
    lesson = second_stage(sketcher_of(first), SETTINGS)
    before = weights(lesson.artist.stage_one)
    generator = weights(lesson.artist.generator)
    for _ in range(3):
        lesson.update()
    assert weights(lesson.artist.stage_one).equal(before)
    assert weights(lesson.average.stage_one).equal(before)
    assert not weights(lesson.artist.generator).equal(generator)
    assert all(weight.requires_grad for weight in first.artist.parameters())


@pytest.mark.parametrize("stage", [1, 2])
def test_a_run_that_was_stopped_ends_in_the_same_bits(stage: int, tmp_path: Path) -> None:
    whole = lesson_of(stage)
    train(whole.update, whole.parts, 12, Nowhere())
    for num_steps in (5, 12):  # a new lesson each time, as after a kill
        lesson = lesson_of(stage)
        path = tmp_path / "checkpoint.pt"
        train(lesson.update, lesson.parts, num_steps, Nowhere(), checkpoint=path)
    assert weights(whole.average).equal(weights(lesson.average))


def test_penalties_come_as_often_as_asked() -> None:
    lesson = lesson_of(1, replace(SETTINGS, stage_one=replace(STAGE, penalty_every_steps=3)))
    names = [lesson.update().keys() for _ in range(6)]
    assert ["penalty" in found for found in names] == [True, False, False] * 2
    assert names[1] == {"discriminator", "wrong", "generator", "divergence"}


def test_words_are_learned_from_wrong_captions_alone() -> None:
    """A judge that compares captions of real pictures prefers the right ones soon."""
    lesson = lesson_of(1, replace(SETTINGS, stage_one=replace(STAGE, steps=150, batch_size=32)))
    torch_rng = torch.Generator().manual_seed(3)
    real, words = CaptionedScenes(size=16).draw(256, torch_rng)
    others = words.roll(1, dims=0)

    def preferred() -> float:
        with torch.no_grad():
            better = lesson.judge(real, words) > lesson.judge(real, others)
        return better.double().mean().item()

    for _ in range(150):
        lesson.update()
    assert preferred() > 0.75  # 0.84; chance is 0.5


def test_the_trained_network_is_a_frozen_copy() -> None:
    lesson = lesson_of(2)
    lesson.update()
    trained = trained_stackgan(lesson, SETTINGS, {"seed": 0})
    before = weights(trained.network)
    assert before.equal(weights(lesson.average))
    lesson.update()
    assert weights(trained.network).equal(before)
    assert not any(weight.requires_grad for weight in trained.network.parameters())


def test_the_paper_s_first_stage_makes_a_step() -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        artist = StageOne(TextEncoder(1_024), StageIGenerator(**PAPER_STAGE_ONE))
        its_judge = MatchingJudge(TextEncoder(128), StageIDiscriminator(**PAPER_STAGE_ONE_JUDGE))
    settings = StageSettings(steps=1, batch_size=2)
    lesson = StageLesson(artist, its_judge, CaptionedScenes(size=64), settings, 0)
    before = copy.deepcopy(artist.generator.paint.weight)
    losses = lesson.update()
    assert all(loss.isfinite() for loss in losses.values())
    assert not artist.generator.paint.weight.equal(before)


def test_the_paper_s_second_stage_passes_gradients() -> None:
    """Without Adam, whose memory of 197 million weights would take 1.6 GB."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        generator = StageIIGenerator(**PAPER_STAGE_TWO)
        discriminator = StageIIDiscriminator(**PAPER_STAGE_TWO_JUDGE)
    torch_rng = torch.Generator().manual_seed(0)
    sketches = torch.rand(1, 3, 64, 64, generator=torch_rng)
    text = torch.randn(1, 1_024, generator=torch_rng)
    images = generator(text, sketches, uniform_latents(1, 128, torch_rng)).images
    assert images.shape == (1, 3, 256, 256)
    discriminator(images, text[:, :128]).sum().backward()
    for network in (generator, discriminator):
        assert all(weight.grad is not None for weight in network.parameters())
        assert any(weight.grad.abs().sum() > 0 for weight in network.parameters())


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("steps", 0, "steps is at least 1, got 0"),
        ("gamma", 0.0, "gamma is at least 1e-12, got 0.0"),
        ("wrong_weight", -1.0, "wrong_weight is at least 0.0"),
        ("average_decay", 1.0, r"average_decay lies in \[0, 1\), got 1.0"),
        ("penalty_share", 1.5, "penalty_share is at most 1, got 1.5"),
        ("learning_rate", float("nan"), "learning_rate is at least 1e-12, got nan"),
    ],
)
def test_settings_out_of_range(name: str, value: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(STAGE, **{name: value})


def test_a_seed_below_zero() -> None:
    with pytest.raises(ValueError, match="seed is at least 0, got -1"):
        StackGANSettings(seed=-1)
