"""Projection: an image that the generator made is found again; distances in closed form."""

import math
from functools import cache

import pytest
import torch
from torch import Tensor

from etude.generative.gan.stylegan import StyleGANGenerator
from etude.generative.gan.stylegan_projection import (
    Projection,
    ProjectionSettings,
    pyramid_distances,
)


@cache
def generator() -> StyleGANGenerator:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = StyleGANGenerator(8, 8, 1, 16, depth=2)
    z = torch.rand(500, 8, generator=torch.Generator().manual_seed(1)) * 2.0 - 1.0
    network.w_average.copy_(network.mapping(z).mean(dim=0).detach())
    return network.eval().requires_grad_(False)


def made(seed: int = 5, num: int = 1) -> Tensor:
    """An image of w that no search begins with; different ones in each layer if there are more."""
    z = torch.rand(num, 8, generator=torch.Generator().manual_seed(seed)) * 2.0 - 1.0
    w = generator().mapping(z)[None]
    return generator().synthesise(w.expand(-1, generator().num_w, -1))


def search(picture: Tensor, **settings: float) -> Projection:
    projection = Projection(generator(), picture, ProjectionSettings(**settings))
    for _ in range(int(settings["steps"])):
        projection.step()
    return projection


def test_an_image_of_the_generator_is_found_again() -> None:
    found = search(made(), steps=150)
    assert found.signal_to_noise > 35.0
    assert found.w.shape == (1, 4, 8)
    assert (found.w == found.w[:, :1]).all()
    torch.testing.assert_close(generator().synthesise(found.w), found.image)


def test_the_search_is_better_than_its_start() -> None:
    settings = ProjectionSettings(steps=1)
    start = Projection(generator(), made(), settings).signal_to_noise
    assert search(made(), steps=150).signal_to_noise > start + 6.0


def test_a_w_for_each_layer_shows_what_one_for_all_cannot() -> None:
    picture = made(num=4)
    one, each = (search(picture, steps=150, each_layer=each) for each in (False, True))
    assert each.signal_to_noise > one.signal_to_noise + 3.0
    assert (each.w[:, 1:] != each.w[:, :1]).any()


def test_the_seed_makes_the_search() -> None:
    first, second, other = (search(made(), steps=3, seed=seed).w for seed in (0, 0, 1))
    assert torch.equal(first, second)
    assert not torch.equal(first, other)


def test_features_count_with_their_weight() -> None:
    """The encoder sees RGB in [0, 1], at least 64 pixels a side."""
    shapes = []

    def extract(images: Tensor) -> dict[str, Tensor]:
        shapes.append(tuple(images.shape))
        return {"layer": images}

    picture = made()
    plain = Projection(generator(), picture, ProjectionSettings())
    seeing = Projection(generator(), picture, ProjectionSettings(feature_weight=0.5), extract)
    image = made(6)
    large = torch.nn.functional.interpolate(
        torch.cat([image, picture]), (64, 64), mode="bilinear", align_corners=False
    )
    first, second = large.expand(-1, 3, -1, -1) / 2.0 + 0.5
    expected = (first - second).square().mean() / second.var(correction=0)
    found = seeing.distance(image) - plain.distance(image)
    torch.testing.assert_close(found, 0.5 * expected, rtol=1e-3, atol=1e-5)
    assert shapes == [(1, 3, 64, 64)] * 2
    assert seeing.distance(picture).item() == 0.0


def test_the_distance_over_all_scales() -> None:
    """A checkerboard of +-1 is grey at all sizes but its own: 1 / 4 for 8 pixels a side."""
    rows = torch.arange(8)
    board = ((rows[:, None] + rows) % 2 * 2.0 - 1.0)[None, None]
    ones = torch.ones_like(board)
    images = torch.cat([board, 0.0 * board, 2.0 * ones])
    torch.testing.assert_close(
        pyramid_distances(images, 0.0 * board), torch.tensor([1 / 4, 0.0, 4.0])
    )


def test_the_ratio_of_a_copy_is_infinite() -> None:
    projection = Projection(generator(), made(), ProjectionSettings())
    copy = Projection(generator(), projection.image, ProjectionSettings())
    copy._begin = projection._begin
    assert copy.signal_to_noise == math.inf


def test_a_picture_of_another_size() -> None:
    with pytest.raises(ValueError, match=r"shape, \(1, 1, 8, 8\), got \(1, 3, 8, 8\); scale and"):
        Projection(generator(), torch.zeros(1, 3, 8, 8), ProjectionSettings())


@pytest.mark.parametrize(
    ("name", "value"),
    [("steps", 0), ("seed", -1), ("feature_weight", -0.1), ("learning_rate", 0.0)],
)
def test_settings_out_of_range(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{name} .*got {value}"):
        ProjectionSettings(**{name: value})
