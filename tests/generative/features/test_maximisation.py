"""Images that units answer to: optima that are known, units that were silent, seeds."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from etude.generative.features.fourier_image import FourierImage
from etude.generative.features.maximisation import Climb, maximise
from etude.generative.style.tiny_encoder import TinyEncoder

SMALL = Climb(size=16, steps=12, jitter=2)


class RedMinusGreen(nn.Module):
    """Units that are silent on grey: red minus green, and the other way round."""

    name = "colours"
    layers = ("opponent",)

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        red_minus_green = images[:, :1] - images[:, 1:2]
        pair = torch.cat([red_minus_green, -red_minus_green], dim=1)
        return {"opponent": F.relu(pair - 0.2)}


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize(("space", "reached"), [("spectrum", 0.15), ("pixels", 0.6)])
def test_a_known_optimum_is_approached_from_silence(space: str, reached: float) -> None:
    climb = Climb(size=16, steps=60, step_size=0.2, jitter=0, roughness=0.0, space=space)
    found = maximise(RedMinusGreen(), "opponent", [0, 1], climb, rng())
    assert found.at_first.max() < 0.02
    assert found.activations.min() > reached  # of 0.8, red without green
    red, green = found.images[:, 0].mean(dim=(1, 2)), found.images[:, 1].mean(dim=(1, 2))
    assert red[0] - green[0] > reached
    assert green[1] - red[1] > reached


@pytest.mark.parametrize("target", ["channel", "neuron"])
def test_every_unit_of_an_encoder_answers_more_than_to_noise(target: str) -> None:
    climb = Climb(size=16, steps=30, jitter=2, target=target)
    found = maximise(TinyEncoder(["conv2"]), "conv2", [0, 5, 11], climb, rng())
    assert found.images.shape == (3, 3, 16, 16)
    assert found.images.min() >= 0.0
    assert found.images.max() <= 1.0
    assert (found.activations > found.at_first).all()


def test_roughness_is_paid_for() -> None:
    def variation(roughness: float) -> float:
        climb = Climb(size=16, steps=30, jitter=0, roughness=roughness, space="pixels")
        images = maximise(TinyEncoder(["conv1"]), "conv1", [0], climb, rng()).images
        return float((images[..., 1:] - images[..., :-1]).abs().mean())

    assert variation(100.0) < 0.5 * variation(0.0)


def test_the_same_seed_the_same_images_and_a_step_is_told() -> None:
    steps: list[int] = []
    encoder = TinyEncoder(["conv1"])
    one = maximise(encoder, "conv1", [1], SMALL, rng(), lambda: steps.append(1))
    assert len(steps) == SMALL.steps
    assert torch.equal(one.images, maximise(encoder, "conv1", [1], SMALL, rng()).images)
    assert not torch.equal(one.images, maximise(encoder, "conv1", [1], SMALL, rng(1)).images)


@pytest.mark.parametrize("size", [(16, 16), (15, 22)])
def test_a_spectrum_of_nothing_is_grey_and_all_pixels_depend_on_it(size: tuple[int, int]) -> None:
    fourier = FourierImage(*size)
    spectrum = fourier.start(2, rng())
    assert fourier(spectrum).shape == (2, 3, *size)
    assert torch.equal(fourier(0.0 * spectrum), torch.full((2, 3, *size), 0.5))
    constant = 0.0 * spectrum
    constant[:, :, 0, 0] = 1.0  # brightness alone: the first colour axis is all but grey
    flat = fourier(constant)
    assert torch.allclose(flat, flat[..., :1, :1].expand_as(flat))
    fine, coarse = 0.0 * spectrum, 0.0 * spectrum
    fine[:, :, 0, 2 * (size[1] // 4)], coarse[:, :, 0, 2] = 1.0, 1.0
    ratio = fourier(coarse).logit().std() / fourier(fine).logit().std()
    assert ratio == pytest.approx(size[1] // 4, rel=0.01)  # 1 / f


def test_what_users_do_wrong() -> None:
    encoder = TinyEncoder()
    with pytest.raises(ValueError, match="a channel from 0 to 7, got 8"):
        maximise(encoder, "conv1", [8], SMALL, rng())
    with pytest.raises(ValueError, match="at least one unit"):
        maximise(encoder, "conv1", [], SMALL, rng())
    with pytest.raises(ValueError, match="got 'conv9'"):
        maximise(encoder, "conv9", [0], SMALL, rng())
    for wrong in ({"size": 8}, {"steps": 0}, {"jitter": -1}, {"roughness": -1.0}):
        with pytest.raises(ValueError, match=f"{next(iter(wrong))} is at least"):
            Climb(**wrong)
    with pytest.raises(ValueError, match="step_size is above 0"):
        Climb(step_size=0.0)
