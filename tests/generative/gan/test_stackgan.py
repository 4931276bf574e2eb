"""StackGAN's parts: what their formulas say, the paper's sizes, and that both designs run."""

import math

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from etude.generative.gan.adversarial import uniform_latents
from etude.generative.gan.captioned_scenes import NUM_WORDS, CaptionedScenes
from etude.generative.gan.latents import normal as normal_noise
from etude.generative.gan.stackgan import (
    PAPER_STAGE_ONE,
    PAPER_STAGE_ONE_JUDGE,
    PAPER_STAGE_TWO,
    PAPER_STAGE_TWO_JUDGE,
    StageIDiscriminator,
    StageIGenerator,
    StageIIDiscriminator,
    StageIIGenerator,
    enlarged,
)
from etude.generative.gan.stackgan_layers import (
    ConditioningAugmentation,
    TextEncoder,
    UpConvolution,
)

SMALL_ONE = {"text_dim": 21, "condition_dim": 6, "latent_dim": 4, "width": 16}
SMALL_TWO = {"text_dim": 21, "condition_dim": 6, "width": 8}


def seeded(build: type[nn.Module], **arguments: object) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return build(**arguments)


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def latents(n: int, dim: int) -> Tensor:
    return uniform_latents(n, dim, torch.Generator().manual_seed(0))


def num_parameters(network: nn.Module) -> int:
    return sum(weight.numel() for weight in network.parameters())


def test_divergence_is_that_of_two_gaussians() -> None:
    """Beside torch's own, for any mu and sigma."""
    augment = seeded(ConditioningAugmentation, text_dim=5, condition_dim=3)
    text = normal(4, 5)
    mu, log_sigma = augment.project(text).chunk(2, dim=1)
    ours = torch.distributions.Normal(mu, log_sigma.exp())
    standard = torch.distributions.Normal(torch.zeros(4, 3), torch.ones(4, 3))
    expected = torch.distributions.kl_divergence(ours, standard).mean()
    condition, divergence = augment(text, torch.zeros(4, 3))
    torch.testing.assert_close(divergence, expected)
    torch.testing.assert_close(condition, mu)
    shifted, _ = augment(text, torch.ones(4, 3))
    torch.testing.assert_close(shifted, mu + log_sigma.exp())


def test_divergence_is_zero_where_texts_do_not_matter() -> None:
    augment = ConditioningAugmentation(5, 3)
    nn.init.zeros_(augment.project.weight)
    nn.init.zeros_(augment.project.bias)
    condition, divergence = augment(normal(4, 5), normal(4, 3, seed=1))
    assert divergence.item() == 0.0
    torch.testing.assert_close(condition, normal(4, 3, seed=1))


def test_first_conditions_tell_texts_apart() -> None:
    augment = ConditioningAugmentation(5, 3)
    augment.begin()
    text = normal(4, 5)
    spread = augment(text, torch.ones(4, 3))[0] - augment(text, torch.zeros(4, 3))[0]
    torch.testing.assert_close(spread, torch.full((4, 3), math.exp(-1.5)))


def test_uniform_numbers_become_normal_ones() -> None:
    z = normal_noise(latents(50_000, 1))[:, 0]
    assert z.mean().abs() < 0.02
    assert z.std().item() == pytest.approx(1.0, abs=0.01)
    assert (z.abs() < 1.0).double().mean().item() == pytest.approx(0.6827, abs=0.01)
    assert normal_noise(torch.tensor([[-1.0]])).isfinite().all()


@pytest.mark.parametrize("size", [1, 4, 5])
def test_up_convolution_is_nearest_neighbours_and_a_convolution(size: int) -> None:
    layer = UpConvolution(3, 5, bias=True)
    nn.init.normal_(layer.weight)
    nn.init.normal_(layer.bias)
    features = normal(2, 3, size, size)
    large = F.interpolate(features, scale_factor=2, mode="nearest")
    expected = F.conv2d(large, layer.weight, layer.bias, padding=1)
    torch.testing.assert_close(layer(features), expected, rtol=1e-4, atol=1e-5)


def test_the_vector_of_a_caption_has_a_part_for_each_place() -> None:
    encoder = TextEncoder(23)
    words = CaptionedScenes().draw_words(50, torch.Generator().manual_seed(0))
    vectors = encoder(words)
    assert vectors.shape == (50, 23)
    assert num_parameters(encoder) == 3 * sum(NUM_WORDS) + 2 * NUM_WORDS[-1]
    changed = words.clone()
    changed[:, 1] = (changed[:, 1] + 1) % NUM_WORDS[1]
    moved = (encoder(changed) != vectors).any(dim=0).nonzero()[:, 0].tolist()
    assert moved == [3, 4, 5]


@pytest.mark.parametrize("design", ["small", "paper"])
@pytest.mark.parametrize("size", [16, 32])
def test_shapes_of_stage_one(design: str, size: int) -> None:
    generator = seeded(StageIGenerator, **SMALL_ONE, size=size, design=design)
    assert generator.num_latents == 10
    images, divergence = generator(normal(3, 21), latents(3, 10))
    assert images.shape == (3, 3, size, size)
    assert images.abs().max() <= 1.0
    assert divergence >= 0.0
    judge = seeded(StageIDiscriminator, text_dim=21, width=8, size=size, design=design)
    assert judge(images, normal(3, 21)).shape == (3,)


@pytest.mark.parametrize("design", ["small", "paper"])
@pytest.mark.parametrize(("small_size", "size", "num_halvings"), [(16, 32, 1), (16, 64, 2)])
def test_shapes_of_stage_two(design: str, small_size: int, size: int, num_halvings: int) -> None:
    sizes = {"small_size": small_size, "size": size, "num_halvings": num_halvings}
    generator = seeded(StageIIGenerator, **SMALL_TWO, **sizes, design=design)
    sketches = normal(2, 3, small_size, small_size).clamp(-1.0, 1.0)
    images, _ = generator(normal(2, 21), sketches, latents(2, generator.num_latents))
    assert images.shape == (2, 3, size, size)
    judge = seeded(StageIIDiscriminator, text_dim=21, width=8, size=size, design=design)
    assert judge(images, normal(2, 21)).shape == (2,)


def test_the_small_stage_two_begins_with_the_enlarged_sketch() -> None:
    generator = seeded(StageIIGenerator, **SMALL_TWO)
    sketches = normal(2, 3, 16, 16).clamp(-1.0, 1.0)
    images, _ = generator(normal(2, 21), sketches, latents(2, 6))
    torch.testing.assert_close(images, 0.99 * enlarged(sketches, 32))


def test_small_networks_treat_each_sample_alone() -> None:
    generator = seeded(StageIGenerator, **SMALL_ONE)
    text, z = normal(4, 21), latents(4, 10)
    images = generator(text, z).images
    torch.testing.assert_close(images[1:2], generator(text[1:2], z[1:2]).images)
    judge = seeded(StageIDiscriminator, text_dim=21, width=8)
    torch.testing.assert_close(judge(images, text)[1:2], judge(images[1:2], text[1:2]))


def test_a_projection_is_linear_in_the_text() -> None:
    """So a logit is a sum over the words of a caption."""
    judge = seeded(StageIDiscriminator, text_dim=21, width=8)
    images, first, second = normal(3, 3, 16, 16), normal(3, 21), normal(3, 21, seed=1)
    alone = judge(images, torch.zeros(3, 21))
    total = judge(images, first) + judge(images, second) - alone
    torch.testing.assert_close(judge(images, first + second), total)


def conv(num_in: int, num_out: int) -> int:
    return 9 * num_in * num_out


def up(num_in: int, num_out: int) -> int:
    return conv(num_in, num_out) + 2 * num_out


def stride(num_in: int, num_out: int) -> int:
    return 16 * num_in * num_out + 2 * num_out


def test_paper_sizes_have_the_parameters_of_the_authors_code() -> None:
    """Counted layer by layer in hanzhanggit/StackGAN-Pytorch, code/model.py and cfg/coco_s2.yml."""
    augmentation = 1_024 * 256 + 256
    top = 1_536
    one = augmentation + 228 * top * 16 + 2 * top * 16
    one += sum(up(top // 2**i, top // 2 ** (i + 1)) for i in range(4)) + conv(96, 3)
    judge = conv(768 + 128, 768) + 2 * 768 + 768 * 16 + 1
    one_judge = 48 * 96 + stride(96, 192) + stride(192, 384) + stride(384, 768) + judge
    two = augmentation + conv(3, 192) + stride(192, 384) + stride(384, 768)
    two += conv(768 + 128, 768) + 2 * 768 + 2 * 2 * up(768, 768)
    two += up(768, 384) + up(384, 192) + up(192, 96) + up(96, 48) + conv(48, 3)
    two_judge = 48 * 96 + sum(stride(96 * 2**i, 192 * 2**i) for i in range(5))
    two_judge += up(3_072, 1_536) + up(1_536, 768) + judge + 768 * 16 + 1
    with torch.device("meta"):
        found = [
            num_parameters(StageIGenerator(**PAPER_STAGE_ONE)),
            num_parameters(StageIDiscriminator(**PAPER_STAGE_ONE_JUDGE)),
            num_parameters(StageIIGenerator(**PAPER_STAGE_TWO)),
            num_parameters(StageIIDiscriminator(**PAPER_STAGE_TWO_JUDGE)),
        ]
    assert found == [one, one_judge, two, two_judge]
    assert found == [20_020_832, 12_407_425, 37_130_480, 159_889_538]


def test_numbers_of_parameters_are_those_of_the_documentation() -> None:
    assert num_parameters(StageIGenerator()) == 273_475
    assert num_parameters(StageIDiscriminator()) == 513_457
    assert num_parameters(StageIIGenerator()) == 293_219
    assert num_parameters(StageIIDiscriminator()) == 544_721


def test_errors_say_the_way_out() -> None:
    with pytest.raises((ValueError, TypeError), match="papers"):  # tests check types before it does
        StageIGenerator(design="papers")
    with pytest.raises(ValueError, match="4 pixels doubled once or more, got 24"):
        StageIGenerator(size=24)
    with pytest.raises(ValueError, match="16 pixels doubled once or more, got 16"):
        StageIIGenerator(size=16)
