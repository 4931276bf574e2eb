"""Path lengths in closed form, and lessons of StyleGAN2 that repeat and resume."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from etude.generative.gan.architectures import ARCHITECTURES
from etude.generative.gan.gan_training import AdversarialLesson, Regulariser
from etude.generative.gan.settings import GANSettings
from etude.generative.gan.source import Rows
from etude.generative.gan.stylegan import StyleGANGenerator
from etude.generative.gan.stylegan_training import PathLength
from etude.generative.gan.task import Task, make_lesson
from etude.generative.records import Progress
from etude.generative.training import train

SETTINGS = GANSettings(
    architecture="stylegan",
    steps=12,
    batch_size=8,
    final_batch_size=8,
    latent_dim=4,
    penalty_share=0.5,
    generator_width=4,
    discriminator_width=4,
    generator_depth=2,
    augmentation="colour-translation-cutout",
    path_length_weight=2.0,
)
CPU = torch.device("cpu")


class Linear(StyleGANGenerator):
    """Images are w of the first layer on the diagonal, times a scale."""

    scale = 3.0

    def synthesise(self, w: Tensor, torch_rng: torch.Generator | None = None) -> Tensor:
        return self.scale * torch.diag_embed(w[:, 0, :8])[:, None]


class Last:
    def begin(self, step: int) -> None:
        pass

    def record(self, progress: Progress) -> None:
        self.losses = progress.losses


def linear_price(num_samples: int) -> PathLength:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        generator = Linear(8, 8, 1, 8, depth=1)
    return PathLength(generator, num_samples, 2.0, torch.Generator().manual_seed(0), 4)


def lesson(seed: int = 0, **changes: object) -> AdversarialLesson:
    data = torch.rand(20, 1, 8, 8, generator=torch.Generator().manual_seed(1)) * 2.0 - 1.0
    return lesson_of(data, replace(SETTINGS, seed=seed, **changes))


def lesson_of(data: Tensor, settings: GANSettings) -> AdversarialLesson:
    learner = make_lesson(Task(name="digits", source=Rows(data)), settings, CPU)
    assert isinstance(learner, AdversarialLesson)
    return learner


def test_lengths_of_a_linear_generator() -> None:
    """J^T y = scale y over 8 pixels a side, of one layer out of 4: E |.|^2 = scale^2 / 32."""
    lengths = linear_price(4_000).lengths()
    assert lengths.square().mean().item() == pytest.approx(9.0 * 8 / 64 / 4, rel=0.03)


def test_the_price_is_the_spread_of_the_lengths_about_their_average() -> None:
    price, twin = linear_price(6), linear_price(6)
    for _ in range(3):
        lengths = twin.lengths().detach()
        twin.average += 0.01 * (lengths.mean().item() - twin.average)
        expected = 2.0 * 4 * (lengths - twin.average).square().mean()
        torch.testing.assert_close(price().detach(), expected)
    assert price.average == pytest.approx(twin.average)
    assert isinstance(price, Regulariser)


def test_the_average_comes_to_the_mean_length() -> None:
    price = linear_price(16)
    for _ in range(600):
        price()
    mean_chi = math.sqrt(2.0) * math.gamma(4.5) / math.gamma(4.0)  # of 8 dimensions
    assert price.average == pytest.approx(3.0 * mean_chi / 8 / 2, rel=0.02)


def test_the_price_is_paid_by_the_styles() -> None:
    """Second derivatives reach the weights of the synthesis network and of the mapping."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        generator = StyleGANGenerator(4, 8, 1, 4, depth=2)
    price = PathLength(generator, 4, 2.0, torch.Generator().manual_seed(0))
    torch.autograd.backward(price())
    for network in (generator.mapping, generator.blocks):
        gradients = [weight.grad for weight in network.parameters() if weight.grad is not None]
        assert sum(gradient.abs().sum() for gradient in gradients) > 0.0


def test_the_average_is_kept() -> None:
    price, other = linear_price(4), linear_price(4)
    price()
    other.load_state_dict(price.state_dict())
    assert other.average == price.average > 0.0


def test_the_arguments_build_the_generator() -> None:
    arguments = ARCHITECTURES["stylegan"].arguments((1, 8, 8), 0, SETTINGS)
    network = StyleGANGenerator(**arguments)
    assert network.load_state_dict(lesson().average.state_dict())


@pytest.mark.parametrize("objective", ["relativistic", "non-saturating"])
def test_a_lesson_learns_what_all_images_share(objective: str) -> None:
    data = torch.full((20, 1, 8, 8), 0.7)
    settings = replace(
        SETTINGS,
        objective=objective,
        penalty="r1" if objective == "non-saturating" else None,
        steps=100,
        augmentation="none",
        learning_rate=2e-2,
        generator_width=8,
        discriminator_width=8,
        average_decay=0.9,
    )
    learner = lesson_of(data, settings)
    z = torch.rand(16, 4, generator=torch.Generator().manual_seed(0)) * 2.0 - 1.0
    before = (learner.average(z) - 0.7).abs().mean()
    for _ in range(settings.steps):
        learner.update()
    assert (learner.average(z) - 0.7).abs().mean() < 0.5 * before


def test_the_average_makes_no_noise_while_the_generator_does() -> None:
    learner = lesson()
    learner.update()
    assert learner.game.generator.noise_rng is learner.game.torch_rng
    z = torch.zeros(2, 4)
    assert torch.equal(learner.average(z), learner.average(z))


def test_the_seed_makes_the_run() -> None:
    runs = [[lesson(seed).update() for _ in range(2)] for seed in (0, 0, 1)]
    assert runs[0][0] == runs[1][0]
    assert runs[0][0] != runs[2][0]


def test_nothing_is_drawn_from_the_global_generator() -> None:
    state = torch.get_rng_state()
    lesson().update()
    assert torch.equal(torch.get_rng_state(), state)


def test_a_run_that_was_stopped_ends_in_the_same_numbers(tmp_path: Path) -> None:
    whole, first, second = lesson(), lesson(), lesson()
    train(whole.update, whole.parts, 12, Last())
    train(first.update, first.parts, 5, Last(), checkpoint=tmp_path / "run.pt")
    train(second.update, second.parts, 12, Last(), checkpoint=tmp_path / "run.pt")
    expected = whole.average.state_dict()
    for name, value in second.average.state_dict().items():
        assert torch.equal(value, expected[name]), name
    assert second.parts["path_length"].average == whole.parts["path_length"].average


def test_products_in_bfloat16() -> None:
    learner = lesson(precision="bfloat16")
    losses = [learner.update() for _ in range(2)]
    assert all(loss.isfinite() for step in losses for loss in step.values())
    assert all(weight.dtype == torch.float32 for weight in learner.average.parameters())


def test_parts_of_a_batch_that_are_no_groups() -> None:
    with pytest.raises(ValueError, match="groups of 4"):
        lesson(batch_size=6, final_batch_size=6).update()
