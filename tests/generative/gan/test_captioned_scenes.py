"""Captioned scenes: sentences and back, pictures at any resolution, and what is held out."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from etude.generative.gan.captioned_scenes import (
    AREAS,
    BACKGROUND,
    COLOURS,
    GAP,
    HELD_OUT,
    RELATIONS,
    SHAPES,
    SIZES,
    SWAY,
    UNSTATED,
    CaptionedScenes,
    Scene,
    Thing,
    caption_of,
    coverage,
    decode,
    draw_pictures,
    encode,
    is_held_out,
    lay_out,
    parse_caption,
    render,
)
from etude.generative.gan.scene_checker import read_scenes

things = st.builds(
    Thing,
    st.sampled_from([None, *SIZES]),
    st.sampled_from(list(COLOURS)),
    st.sampled_from(SHAPES),
)
scenes = st.builds(Scene, things, st.sampled_from(RELATIONS), things)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@given(scene=scenes)
def test_a_caption_says_the_whole_scene(scene: Scene) -> None:
    assert parse_caption(caption_of(scene)) == scene
    assert parse_caption(caption_of(scene).upper().replace("A ", "THE ")) == scene
    assert decode(encode([scene])) == [scene]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a smal red circle above a blue square", "got 'smal'; did you mean 'small'"),
        ("a red circle above a teal square", "a word of a caption is one of small, large, red"),
        ("a red circle below a blue square", "what is below comes second, after 'above'"),
        ("a red circle right of a blue square", "what is right comes second, after 'left of'"),
        ("a red circle", "has one of above, left of, got 'a red circle'; for example 'a small"),
        ("a red circle above", "got '' in 'a red circle above'"),
        ("a circle red above a blue square", "got 'circle red'"),
        ("a small large red circle above a blue square", "got 'small large red circle'"),
        ("a red circle above a blue square above a red circle", "got 'blue square above red"),
        ("a red circle above left of a blue square", "has one of above, left of"),
        ("", "for example 'a small red circle above a blue square'"),
    ],
)
def test_sentences_outside_of_the_grammar(text: str, message: str) -> None:
    with pytest.raises(ValueError, match="a ") as error:
        parse_caption(text)
    assert message in str(error.value)


def test_splits_are_disjoint_and_every_pair_of_words_is_in_training() -> None:
    words = {
        split: CaptionedScenes(split=split).draw_words(8_000, seeded()) for split in SPLIT_SHARES
    }
    assert not any(is_held_out(words["train"]))
    assert all(is_held_out(words["held_out"]))
    for place in range(7):
        assert words["train"][:, place].unique().equal(words["all"][:, place].unique())
    seen = {thing for scene in decode(words["train"]) for thing in scene[::2] if thing.size}
    assert len(seen) == 30
    assert seen.isdisjoint(HELD_OUT)
    for i, j in ((0, 1), (0, 2), (1, 2)):
        pairs = {(thing[i], thing[j]) for thing in seen}
        assert len(pairs) == {(0, 1): 12, (0, 2): 6, (1, 2): 18}[i, j]


SPLIT_SHARES = {"train": 900 / 1_296, "held_out": 396 / 1_296, "all": 1.0}


def test_shares_of_held_out_captions_and_open_sizes() -> None:
    words = CaptionedScenes(split="train").draw_words(20_000, seeded())
    assert (words[:, 0] == UNSTATED).double().mean().item() == pytest.approx(0.25, abs=0.01)
    words = CaptionedScenes(split="all").draw_words(20_000, seeded())
    share = sum(is_held_out(words)) / len(words)
    assert share == pytest.approx(SPLIT_SHARES["held_out"], abs=0.01)


def test_no_training_picture_shows_a_held_out_thing() -> None:
    """Not even where the caption leaves the size open: read by the checker."""
    images, words = CaptionedScenes(size=32).draw(400, seeded())
    assert (words[:, [0, 4]] == UNSTATED).any()
    things = {seen.thing for reading in read_scenes(images) for seen in reading.things}
    assert len(things) == 30
    assert things.isdisjoint(HELD_OUT)


@pytest.mark.parametrize("size", [16, 32, 64])
def test_pictures_depend_on_the_seed_alone(size: int) -> None:
    source = CaptionedScenes(size=size)
    images, words = source.draw(8, seeded(3))
    assert images.shape == (8, *source.shape)
    assert words.shape == (8, 7)
    assert images.abs().max() <= 1.0
    again = source.draw(8, seeded(3))
    assert images.equal(again.images)
    assert words.equal(again.words)
    assert not images.equal(source.draw(8, seeded(4)).images)
    corner = torch.tensor(BACKGROUND) * 2.0 - 1.0
    torch.testing.assert_close(images[0, :, 0, 0], corner)


@pytest.mark.parametrize("size", [16, 32, 64])
def test_covered_areas_are_those_of_geometry(size: int) -> None:
    torch_rng = seeded(1)
    places = 0.5 + 0.2 * torch.rand(50, 3, 2, generator=torch_rng)
    radii = 0.11 + 0.08 * torch.rand(50, 3, 1, generator=torch_rng)
    covered = coverage(torch.arange(3).expand(50, 3), torch.cat([places, radii], dim=2), size)
    areas = covered.double().sum(dim=(2, 3)) / size**2
    exact = torch.tensor(AREAS) * radii[..., 0].square()
    assert (areas / exact - 1.0).abs().max() < 0.6 / size  # of corners, the smaller the better
    torch.testing.assert_close(areas[:, 1].float(), exact[:, 1], rtol=1e-4, atol=1e-6)


def test_resolutions_show_one_scene() -> None:
    words = CaptionedScenes().draw_words(20, seeded())
    geometry = lay_out(words, seeded(1))
    small, large = (render(words, geometry, size) for size in (16, 64))
    shrunk = torch.nn.functional.avg_pool2d(large, 4)
    assert (shrunk - small).abs().mean() < 0.005
    assert (shrunk - small).abs().max() < 0.35  # at a triangle's tip


def test_things_lie_as_captions_say_and_do_not_touch() -> None:
    words = CaptionedScenes(split="all").draw_words(2_000, seeded())
    (x1, y1, r1), (x2, y2, r2) = (
        lay_out(words, seeded(1)).unbind(1)[0].T,
        lay_out(words, seeded(1)).unbind(1)[1].T,
    )
    is_above = words[:, 3] == 0
    along = torch.where(is_above, y2 - y1, x2 - x1)
    across = torch.where(is_above, x2 - x1, y2 - y1).abs()
    assert (along > across).all()
    assert across.max() <= 2.0 * SWAY + 1e-6
    assert (along - 0.9 * (r1 + r2) >= GAP - 1e-6).all()
    stated = words[:, 0] != UNSTATED
    radii = torch.tensor([0.0, *SIZES.values()])[words[:, 0]]
    assert (r1[stated] / radii[stated] - 1.0).abs().max() <= 0.05 + 1e-6
    assert {round(r.item(), 1) for r in r1[~stated]} == {0.1, 0.2}  # both sizes


def test_pictures_of_a_given_caption() -> None:
    words = encode([parse_caption("a large black square left of a small yellow circle")])
    image = draw_pictures(words, 32, seeded())[0] / 2.0 + 0.5
    left, right = image[:, :, :16], image[:, :, 16:]
    black, yellow = (torch.tensor(COLOURS[name])[:, None, None] for name in ("black", "yellow"))
    assert ((left - black).abs().amax(dim=0) < 1e-3).sum() > 50
    assert ((right - yellow).abs().amax(dim=0) < 1e-3).any()
    assert not ((left - yellow).abs().amax(dim=0) < 1e-3).any()


def test_settings_out_of_range() -> None:
    with pytest.raises(ValueError, match="a split is one of train, held_out, all, got 'test'"):
        CaptionedScenes(split="test")
    with pytest.raises(ValueError, match="at least 16 pixels a side, got 8"):
        CaptionedScenes(size=8)
    with pytest.raises(ValueError, match="at least one scene, got n=0"):
        CaptionedScenes().draw(0, seeded())
