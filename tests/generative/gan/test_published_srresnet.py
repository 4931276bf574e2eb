"""SRResNets of others: the names of their weights, and that they compute the same."""

from collections import OrderedDict
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from etude.generative.gan.published_srresnet import network_of, open_any_upscaler, open_published
from etude.generative.gan.srgan import SRResNet
from etude.generative.gan.super_resolution import Upscaler, save_upscaler

WIDTH = 6


class TrunkBlock(nn.Module):
    """As in the first form."""

    def __init__(self) -> None:
        super().__init__()
        self.rcb = nn.Sequential(
            nn.Conv2d(WIDTH, WIDTH, 3, padding=1, bias=False),
            nn.BatchNorm2d(WIDTH),
            nn.PReLU(),
            nn.Conv2d(WIDTH, WIDTH, 3, padding=1, bias=False),
            nn.BatchNorm2d(WIDTH),
        )

    def forward(self, features: Tensor) -> Tensor:
        out: Tensor = features + self.rcb(features)
        return out


class Enlargement(nn.Module):
    """As in the first form."""

    def __init__(self) -> None:
        super().__init__()
        self.upsample_block = nn.Sequential(
            nn.Conv2d(WIDTH, 4 * WIDTH, 3, padding=1), nn.PixelShuffle(2), nn.PReLU()
        )

    def forward(self, features: Tensor) -> Tensor:
        out: Tensor = self.upsample_block(features)
        return out


class Trunk(nn.Module):
    """The network whose weights the first form has."""

    def __init__(self, num_blocks: int, num_stages: int) -> None:
        super().__init__()
        self.conv1 = nn.Sequential(nn.Conv2d(3, WIDTH, 9, padding=4), nn.PReLU())
        self.trunk = nn.Sequential(*(TrunkBlock() for _ in range(num_blocks)))
        self.conv2 = nn.Sequential(
            nn.Conv2d(WIDTH, WIDTH, 3, padding=1, bias=False), nn.BatchNorm2d(WIDTH)
        )
        self.upsampling = nn.Sequential(*(Enlargement() for _ in range(num_stages)))
        self.conv3 = nn.Conv2d(WIDTH, 3, 9, padding=4)

    def forward(self, small: Tensor) -> Tensor:
        first = self.conv1(small)
        large: Tensor = self.conv3(self.upsampling(first + self.conv2(self.trunk(first))))
        return large


class ResidualBlock(nn.Module):
    """As in the second form."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(WIDTH, WIDTH, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(WIDTH)
        self.conv2 = nn.Conv2d(WIDTH, WIDTH, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(WIDTH)

    def forward(self, features: Tensor) -> Tensor:
        inner = nn.functional.leaky_relu(self.bn1(self.conv1(features)), 0.2)
        out: Tensor = features + self.bn2(self.conv2(inner))
        return out


class Residual(nn.Module):
    """The network whose weights the second form has."""

    def __init__(self) -> None:
        super().__init__()
        self.conv_input = nn.Conv2d(3, WIDTH, 9, padding=4, bias=False)
        self.residual = nn.Sequential(ResidualBlock(), ResidualBlock())
        self.conv_mid = nn.Conv2d(WIDTH, WIDTH, 3, padding=1, bias=False)
        self.bn_mid = nn.BatchNorm2d(WIDTH)
        self.upscale4x = nn.Sequential(
            nn.Conv2d(WIDTH, 4 * WIDTH, 3, padding=1, bias=False),
            nn.PixelShuffle(2),
            nn.LeakyReLU(0.2),
            nn.Conv2d(WIDTH, 4 * WIDTH, 3, padding=1, bias=False),
            nn.PixelShuffle(2),
            nn.LeakyReLU(0.2),
        )
        self.conv_output = nn.Conv2d(WIDTH, 3, 9, padding=4, bias=False)

    def forward(self, small: Tensor) -> Tensor:
        first = nn.functional.leaky_relu(self.conv_input(small), 0.2)
        inner = self.bn_mid(self.conv_mid(self.residual(first)))
        large: Tensor = self.conv_output(self.upscale4x(first + inner))
        return large


def shaken(network: nn.Module) -> nn.Module:
    """With weights and statistics that all differ from their first values."""
    torch_rng = torch.Generator().manual_seed(0)
    for value in network.state_dict().values():
        if value.is_floating_point():
            value.copy_(0.2 + 0.1 * torch.rand(value.shape, generator=torch_rng))
    return network.eval()


def computes_like(ours: SRResNet, theirs: nn.Module) -> bool:
    small = torch.rand(1, 3, 8, 9, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        expected = theirs(small)
        return torch.allclose(ours(small), expected, rtol=1e-3)


@pytest.mark.parametrize(("num_blocks", "num_stages"), [(1, 1), (3, 2)])
def test_the_first_form_computes_the_same(num_blocks: int, num_stages: int) -> None:
    theirs = shaken(Trunk(num_blocks, num_stages))
    ours = network_of(theirs.state_dict())
    assert (ours.width, ours.num_blocks, ours.scale) == (WIDTH, num_blocks, 2**num_stages)
    assert computes_like(ours, theirs)


def test_the_second_form_computes_the_same() -> None:
    theirs = shaken(Residual())
    assert computes_like(network_of(theirs.state_dict()), theirs)


def test_the_papers_network_has_all_names_of_the_first_form() -> None:
    """1.55 million weights, which a published file would fill."""
    source = SRResNet.paper(4).state_dict()
    state: dict[str, Tensor] = {}
    names = {"first": 0, "first_norm": 1, "activation": 2, "second": 3, "second_norm": 4}
    for name, value in source.items():
        stem, *rest = name.split(".")
        match stem:
            case "head":
                theirs = ["conv1", *rest]
            case "after":
                theirs = ["conv2", *rest]
            case "blocks":
                theirs = ["trunk", rest[0], "rcb", str(names[rest[1]]), *rest[2:]]
            case _ if rest[0] == "6":
                theirs = ["conv3", rest[1]]
            case _:
                stage, place = divmod(int(rest[0]), 3)
                theirs = ["upsampling", str(stage), "upsample_block", str(place), rest[1]]
        state[".".join(theirs)] = value
    network = network_of(state)
    assert (network.width, network.num_blocks, network.scale) == (64, 16, 4)
    found = network.state_dict()
    assert all(torch.equal(found[name], value) for name, value in source.items())


def test_files_of_both_kinds_and_wrapped_names(tmp_path: Path) -> None:
    theirs = shaken(Trunk(1, 2))
    wrapped = OrderedDict((f"module.{name}", v) for name, v in theirs.state_dict().items())
    torch.save({"epoch": 3, "state_dict": wrapped}, tmp_path / "net.pth.tar")
    save_file(theirs.state_dict(), tmp_path / "net.safetensors")
    for file in ("net.pth.tar", "net.safetensors"):
        upscaler = open_any_upscaler(tmp_path / file)
        assert computes_like(upscaler.network, theirs)
        assert (upscaler.model, upscaler.notes) == ("srresnet", {"published": file})


def test_our_own_files_are_known(tmp_path: Path) -> None:
    ours = Upscaler(network=SRResNet(2, 4, 1), model="srgan", notes={"seed": 3})
    save_upscaler(tmp_path / "ours.safetensors", ours)
    opened = open_any_upscaler(tmp_path / "ours.safetensors")
    assert (opened.model, opened.notes, opened.network.scale) == ("srgan", {"seed": 3}, 2)


def test_files_of_something_else(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="a file that exists"):
        open_published(tmp_path / "missing.pth")
    torch.save({"fc.weight": torch.ones(2)}, tmp_path / "other.pth")
    with pytest.raises(ValueError, match=r"conv1.0.weight or conv_input.weight, got fc.weight"):
        open_published(tmp_path / "other.pth")
    torch.save(Residual(), tmp_path / "pickled.pth")
    with pytest.raises(ValueError, match=r"a file of torch.save's"):
        open_published(tmp_path / "pickled.pth")
    state = Trunk(1, 2).state_dict()
    with pytest.raises(ValueError, match=r"2 or 4 times, got one for 8"):
        network_of(Trunk(1, 3).state_dict())
    del state["trunk.0.rcb.4.bias"]
    with pytest.raises(ValueError, match=r"all weights of the paper's.*second_norm.bias"):
        network_of(state)
