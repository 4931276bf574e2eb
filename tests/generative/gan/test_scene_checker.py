"""The judge of captioned scenes: it reads real pictures, and nothing else."""

import pytest
import torch
from torch import Tensor

from etude.generative.gan.captioned_scenes import (
    CaptionedScenes,
    Scene,
    Thing,
    Words,
    draw_pictures,
    encode,
    lay_out,
    parse_caption,
    render,
)
from etude.generative.gan.scene_checker import (
    Reading,
    Seen,
    compare,
    explain,
    grade_scenes,
    judge,
    read_scenes,
)
from etude.generative.gan.stackgan_training import spoil

NUM = 200


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def real(size: int, n: int = NUM) -> tuple[Tensor, Words]:
    return CaptionedScenes(size=size, split="all").draw(n, seeded(size))


@pytest.mark.parametrize("size", [16, 32, 64])
def test_real_pictures_are_read_exactly(size: int) -> None:
    grade = grade_scenes(*real(size))
    assert grade.caption == grade.shape == grade.colour == grade.size == grade.relation == 1.0
    assert grade.num_pictures == NUM


@pytest.mark.parametrize(("size", "noise"), [(16, 0.05), (32, 0.1), (64, 0.1)])
def test_noise_does_not_matter(size: int, noise: float) -> None:
    images, words = real(size)
    noisy = images + 2.0 * noise * torch.randn(images.shape, generator=seeded())
    assert grade_scenes(noisy, words).caption == 1.0


@pytest.mark.parametrize("size", [16, 32])
def test_a_single_wrong_word_is_seen(size: int) -> None:
    images, words = real(size)
    wrong = spoil(words, seeded())
    verdicts = judge(images[::2], wrong[::2])  # those with one word changed
    changed = wrong[::2] != words[::2]
    kinds = ("size", "colour", "shape", "relation", "size", "colour", "shape")
    for verdict, row in zip(verdicts, changed, strict=True):
        assert not verdict.is_right
        assert {kinds[i] for i in row.nonzero()[:, 0]} <= verdict.kinds


def test_what_is_wrong_is_said_in_words() -> None:
    words = encode([parse_caption("a small red circle above a large blue square")])
    image = draw_pictures(words, 32, seeded())
    other = encode([parse_caption("a large red triangle above a green square")])
    verdict = judge(image, other)[0]
    assert verdict.wrong == ("triangle (1st)", "large (1st)", "green (2nd)")
    assert verdict.kinds == {"shape", "size", "colour"}
    assert judge(image, words)[0].is_right


def test_things_that_changed_places_have_the_wrong_relation_alone() -> None:
    red, blue = Thing("small", "red", "circle"), Thing("large", "blue", "square")
    image = draw_pictures(encode([Scene(red, "above", blue)]), 32, seeded())
    for scene in (Scene(blue, "above", red), Scene(red, "left of", blue)):
        assert judge(image, encode([scene]))[0].wrong == (scene.relation,)


def test_mush_is_not_read() -> None:
    _, words = real(32, 20)
    shape = (20, 3, 32, 32)
    blurred = torch.nn.functional.avg_pool2d(real(32, 20)[0], 15, 1, 7, count_include_pad=False)
    for mush in (
        torch.zeros(shape),
        torch.ones(shape),
        2.0 * torch.rand(shape, generator=seeded()) - 1.0,
        real(32, 20)[0].mean(dim=0, keepdim=True).expand(shape),
        blurred,
    ):
        verdicts = judge(mush, words)
        assert all(verdict.kinds >= {"shape", "colour", "relation"} for verdict in verdicts)
        assert all(reading.problem for reading in read_scenes(mush))


def test_one_thing_and_three_things_are_not_two() -> None:
    images, words = real(32, 1)
    geometry = lay_out(words, seeded(9))
    geometry[:, 1, 2] = 0.0
    single = render(words, geometry, 32)
    assert read_scenes(single)[0].problem == "1 things"
    triple = images.clone()
    triple[0, :, :6, :6] = -1.0
    assert read_scenes(triple)[0].problem == "3 things"


def test_shapes_of_another_kind_are_not_read() -> None:
    """Bars of four to one are no squares."""
    image = torch.tensor((0.94, 0.93, 0.90))[:, None, None].repeat(1, 64, 64)
    image[:, 6:12, 20:44] = torch.tensor((0.86, 0.15, 0.15))[:, None, None]
    image[:, 44:50, 20:44] = torch.tensor((0.15, 0.33, 0.85))[:, None, None]
    assert read_scenes(image[None] * 2.0 - 1.0)[0].problem == "a thing of no shape"


def test_a_thing_between_the_sizes_or_far_larger_has_none() -> None:
    words = encode([parse_caption("a small red circle above a small blue square")])
    geometry = lay_out(words, seeded())
    geometry[:, 0, 2], geometry[:, 0, 1] = 0.28, 0.30
    geometry[:, 1, 1] = 0.85
    reading = read_scenes(render(words, geometry, 64))[0]
    assert [seen.thing.size for seen in reading.things] == [None, "small"]
    verdict = judge(render(words, geometry, 64), words)[0]
    assert verdict.wrong == ("small (1st)",)


def test_shares_of_colours_are_exact_where_a_pixel_is_a_mixture() -> None:
    """A pixel with a third of green is explained by a third of green, without an error."""
    green, background = torch.tensor((0.15, 0.62, 0.27)), torch.tensor((0.94, 0.93, 0.90))
    pixel = (green / 3.0 + background * 2.0 / 3.0)[None, :, None, None]
    shares, errors = explain(pixel)
    assert shares[0, 2].item() == pytest.approx(1.0 / 3.0, abs=1e-6)
    assert errors[0, 2].item() == pytest.approx(0.0, abs=1e-10)
    assert errors[0].argmin() == 2


def test_a_size_that_is_left_open_is_never_wrong() -> None:
    small = Thing("small", "red", "circle")
    seen = tuple(Seen(thing, 0.5, 0.5, 0.12) for thing in (small, small))
    reading = Reading(things=seen, relation="above")
    open_size = Thing(None, "red", "circle")
    assert compare(Scene(open_size, "above", small), reading).is_right
    large = Thing("large", "red", "circle")
    assert compare(Scene(open_size, "above", large), reading).wrong == ("large (2nd)",)


def test_numbers_that_do_not_match() -> None:
    images, words = real(16, 2)
    with pytest.raises(ValueError, match="got 2 pictures and 1 captions"):
        judge(images, words[:1])
    with pytest.raises(ValueError, match="at least one picture, got none"):
        grade_scenes(images[:0], words[:0])
