"""The StyleGAN2 models that come along keep what their cards say."""

import pytest
import torch
from torch import Tensor

from etude.generative.gan.adversarial import uniform_latents
from etude.generative.gan.digits_judge import load_judge
from etude.generative.gan.faces import faces
from etude.generative.gan.generator_file import TrainedGenerator, open_generator
from etude.generative.gan.shipped import find_generator
from etude.generative.gan.stacked_digits import digits
from etude.generative.sample_metrics import likeness

NAMES = {"stylegan-digits": (1, 8, 8), "stylegan-faces": (1, 16, 16)}


def model(name: str) -> TrainedGenerator:
    return open_generator(find_generator(name))


def made(name: str, n: int, seed: int = 1_000) -> Tensor:
    trained = model(name)
    return trained(uniform_latents(n, trained.latent_dim, torch.Generator().manual_seed(seed)))


@pytest.mark.parametrize(("name", "shape"), NAMES.items())
def test_they_open_and_make_images(name: str, shape: tuple[int, int, int]) -> None:
    assert find_generator(name).stat().st_size < 4_000_000
    assert model(name).architecture == "stylegan"
    images = made(name, 8)
    assert images.shape == (8, *shape)
    assert torch.equal(images, made(name, 8))
    assert model(name).notes["settings"]["architecture"] == "stylegan"


@pytest.mark.parametrize("name", NAMES)
def test_a_walk_is_smooth(name: str) -> None:
    """Noise is constant: a hundredth of the way between two samples changes little."""
    trained = model(name)
    here, there = uniform_latents(2, trained.latent_dim, torch.Generator().manual_seed(0))
    shares = torch.linspace(0.0, 1.0, 101)[:, None]
    frames = trained(torch.lerp(here, there, shares))
    whole = (frames[-1] - frames[0]).square().mean().sqrt()
    steps = (frames[1:] - frames[:-1]).square().mean(dim=(1, 2, 3)).sqrt()
    assert steps.max() < 0.25 * whole


def test_digits_have_the_figures_of_their_card() -> None:
    pytest.importorskip("sklearn")
    judge = load_judge()
    images = made("stylegan-digits", 1_797)
    found = likeness(judge.features(digits().images), judge.features(images))
    assert found.frechet < 2.5
    assert found.recall > 0.8
    assert found.coverage > 0.82


def test_faces_vary_and_are_no_copies() -> None:
    pytest.importorskip("skimage")
    images, real = made("stylegan-faces", 200), faces()
    mean = (real + real.flip(-1)).mean(dim=0) / 2.0
    assert (images.mean(dim=0) - mean).square().mean() < 0.2 * real.var(dim=0).mean()
    assert images.var(dim=0).mean() > 0.4 * real.var(dim=0).mean()
    both = torch.cat([real, real.flip(-1)]).flatten(1)
    nearest = torch.cdist(images.flatten(1), both).min(dim=1).values
    assert nearest.median() > 0.3 * torch.cdist(both, both).median()
