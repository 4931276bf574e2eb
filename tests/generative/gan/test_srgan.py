"""The networks of super-resolution: sizes, where they begin, and how far they look."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from etude.generative.gan.srgan import SRDiscriminator, SRResNet, bicubic


def num_parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def shaken(network: SRResNet) -> SRResNet:
    """With weights that do something everywhere."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        for parameter in network.parameters():
            nn.init.normal_(parameter, std=0.2)
    return network.eval()


def test_the_papers_networks_have_their_sizes() -> None:
    with torch.device("meta"):
        assert num_parameters(SRResNet.paper(4)) == 1_547_350  # as Lornatang/SRGAN-PyTorch
        assert num_parameters(SRResNet.paper(2)) == 1_547_350 - (64 * 256 * 9 + 256 + 1)
        assert num_parameters(SRDiscriminator(64, paper=True)) == 23_563_649
        assert num_parameters(SRResNet()) == 292_808
        assert num_parameters(SRDiscriminator()) == 326_801


def test_the_papers_networks_make_a_step() -> None:
    generator, discriminator = SRResNet.paper(4), SRDiscriminator(4, paper=True)
    made = generator(torch.rand(2, 3, 24, 24))
    logits = discriminator(made)
    assert made.shape == (2, 3, 96, 96)
    assert logits.shape == (2,)
    logits.sum().backward()
    assert all(parameter.grad is not None for parameter in generator.parameters())
    with pytest.raises(ValueError, match=r"looks at 96 x 96 pixels, got 95 x 96; crop"):
        discriminator(torch.rand(2, 3, 95, 96))


@pytest.mark.parametrize("scale", [2, 4])
def test_an_untrained_network_interpolates(scale: int) -> None:
    small = torch.rand(1, 3, 7, 9)
    assert torch.equal(SRResNet(scale, 8, 2)(small), bicubic(small, scale))


@pytest.mark.parametrize("paper", [False, True])
@pytest.mark.parametrize("scale", [2, 4])
@pytest.mark.parametrize("num_blocks", [0, 2])
def test_a_network_looks_as_far_as_its_margin(scale: int, num_blocks: int, *, paper: bool) -> None:
    network = shaken(SRResNet(scale, 4, num_blocks, paper=paper))
    small = torch.rand(1, 3, 41, 41, requires_grad=True)
    made = network(small)
    pixel = slice(20 * scale, 21 * scale)  # of all that becomes of the middle
    torch.autograd.backward(made[..., pixel, pixel].sum())
    assert small.grad is not None
    seen = small.grad.abs().sum(dim=(0, 1)).nonzero()
    assert int((seen - 20).abs().max()) == network.margin


def test_the_discriminator_judges_regions() -> None:
    discriminator = SRDiscriminator(4).eval()
    assert discriminator(torch.rand(2, 3, 32, 48)).shape == (2 * 2 * 3,)
    assert discriminator(torch.rand(1, 3, 17, 15)).shape == (2,)


@given(st.integers(1, 3), st.integers(0, 2))
def test_logits_are_each_images_own(num_images: int, chosen: int) -> None:
    discriminator, images = SRDiscriminator(2).eval(), torch.rand(num_images, 3, 16, 16)
    chosen = min(chosen, num_images - 1)
    alone = discriminator(images[chosen : chosen + 1])
    assert torch.allclose(discriminator(images)[chosen], alone[0], atol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"scale": 3}, r"2 or 4 times as large, got 3"),
        ({"width": 0}, r"at least 1 channel and 0 blocks, got width=0"),
        ({"num_blocks": -1}, r"num_blocks=-1"),
    ],
)
def test_networks_that_cannot_be(arguments: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SRResNet(**arguments)
    with pytest.raises(ValueError, match="at least 1 channel, got 0"):
        SRDiscriminator(0)
