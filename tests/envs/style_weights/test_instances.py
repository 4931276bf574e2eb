"""What there is to paint: disjoint splits, folders of one's own, and pictures that will not do."""

from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest
import torch
from torch import Tensor

from etude.envs.style_weights import instances as module
from etude.envs.style_weights.env import StyleWeightsEnv
from etude.envs.style_weights.instances import (
    SPLITS,
    Instance,
    check_picture,
    cut_instances,
    folder_instances,
    instance_table,
    split_instances,
)
from etude.generative.data import PHOTOS, STYLES, style_image
from etude.generative.images import save_image

SIZE = 16


def noise(height: int, width: int, seed: int = 0) -> Tensor:
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(seed))


def one_odd_pixel(size: int) -> Tensor:
    picture = torch.zeros(1, 3, size, size)
    picture[..., 0, 0] = 1.0
    return picture


def flat_in(colour: tuple[float, float, float], size: int) -> Tensor:
    return torch.tensor(colour)[None, :, None, None].expand(1, 3, size, size).contiguous()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two contents and two styles, of one name, in folders."""
    pictures = {
        "contents/a.png": noise(40, 30),
        "contents/b.jpg": noise(20, 600, 1),
        "styles/old/x.png": noise(24, 24, 2),
        "styles/new/x.png": 0.3 * noise(64, 48, 3),
    }
    for name, picture in pictures.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        save_image(tmp_path / name, picture, {})
    return tmp_path


# --- the splits


def test_splits_share_no_picture() -> None:
    for one, other in combinations(SPLITS.values(), 2):
        assert not set(one.photos) & set(other.photos)
        assert not _styles(one) & _styles(other)
    assert not set(SPLITS["train"].styles) & set(SPLITS["test_ood"].styles)
    assert SPLITS["train"].styles == SPLITS["test"].styles
    assert {photo for split in SPLITS.values() for photo in split.photos} == set(PHOTOS)
    assert {style for split in SPLITS.values() for style in split.styles} == set(STYLES)


def _styles(split: module.Split) -> set[tuple[str, int]]:
    return {(family, seed) for family in split.styles for seed in split.style_seeds}


@pytest.mark.parametrize("family", ["mosaic", "waves", "woodcut"])
def test_another_seed_is_another_picture_of_a_style(family: str) -> None:
    one, same, other = (style_image(family, 32, seed) for seed in (0, 0, 100))
    assert torch.equal(one, same)
    assert (one - other).abs().mean() > 0.05


def test_a_split_is_what_it_says() -> None:
    split = SPLITS["test_ood"]
    instances = split_instances("test_ood", SIZE)
    names = {f"{family} {seed}" for family, seed in _styles(split)}
    assert len(instances) == split.num_instances
    assert {instance.content_name for instance in instances} == set(split.photos)
    assert {instance.style_name for instance in instances} == names
    steps = sorted(instance.preference for instance in instances)
    assert steps == pytest.approx([(i + 0.5) / len(instances) for i in range(len(instances))])
    for instance in instances:
        check_picture(instance.content, SIZE, instance.content_name)
        check_picture(instance.style, SIZE, instance.style_name)
        assert instance.content.shape == instance.style.shape == (1, 3, SIZE, SIZE)


def test_a_split_is_the_same_each_time() -> None:
    first = split_instances("test_ood", SIZE)
    split_instances.cache_clear()
    torch.manual_seed(1)  # what others draw does not matter
    for one, other in zip(first, split_instances("test_ood", SIZE), strict=True):
        assert torch.equal(one.content, other.content)
        assert torch.equal(one.style, other.style)
        assert one[2:] == other[2:]


def test_the_table_lists_all(instances: list[Instance]) -> None:
    table = instance_table(instances)
    assert [row["instance"] for row in table] == [0, 1, 2, 3, 4]
    assert table[3] == {"instance": 3, "content": "c3", "style": "s3", "preference": 0.75}


def test_photographs_that_are_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "available_photos", dict)
    split_instances.cache_clear()
    with pytest.raises(
        ValueError, match=r"'test'.*of skimage, sklearn.*pip install 'etude\[photos"
    ):
        split_instances("test", SIZE)


# --- one's own pictures


def test_a_folder_of_ones_own_is_painted(folder: Path) -> None:
    env = StyleWeightsEnv(folder, size=SIZE, encoder="tiny", judge="inner", num_steps=1)
    _, info = env.reset(seed=0)
    names = {(i.content_name, i.style_name) for i in env.settings.all_instances}
    assert names == {
        (content, style) for content in ("a.png", "b.jpg") for style in ("old/x.png", "new/x.png")
    }
    assert 0 <= info["instance"] < len(env.settings.all_instances)
    assert env.image.shape == (1, 3, SIZE, SIZE)
    assert env.step(env.action_space.sample())[3]


def test_a_folder_may_be_named_by_a_text(folder: Path) -> None:
    env = StyleWeightsEnv(str(folder), size=SIZE, encoder="tiny")
    for one, other in zip(env.settings.all_instances, folder_instances(folder, SIZE), strict=True):
        assert torch.equal(one.content, other.content)


def test_large_pictures_of_ones_own_are_scaled_down(folder: Path) -> None:
    save_image(folder / "contents/a.png", noise(90, 700), {})
    save_image(folder / "contents/b.jpg", noise(17, 700), {})
    sizes = {name: picture.shape for name, picture in _contents(folder).items()}
    assert sizes == {"a.png": (1, 3, 66, 512), "b.jpg": (1, 3, 16, 659)}


def _contents(folder: Path) -> dict[str, Tensor]:
    return module._named_pictures(folder / "contents", SIZE)


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda folder: (folder / "styles").rename(folder / "stiles"), "exists, got .*styles"),
        (lambda folder: (folder / "contents/a.png").write_bytes(b"\x89PNG"), "got .*a.png"),
        (lambda folder: [file.unlink() for file in folder.glob("contents/*")], "got none in"),
        (
            lambda folder: save_image(folder / "styles/old/x.png", noise(15, 90), {}),
            r"at least 16 pixels a side, got 90 x 15 of .*x.png; take a larger one",
        ),
        (
            lambda folder: save_image(folder / "contents/a.png", flat_in((1, 0.5, 0), 20), {}),
            "a.png, which is of one colour: no content",
        ),
    ],
)
def test_folders_that_will_not_do(
    folder: Path, break_it: Callable[[Path], object], message: str
) -> None:
    break_it(folder)
    env = StyleWeightsEnv(folder, size=SIZE, encoder="tiny")
    with pytest.raises(ValueError, match=message):
        env.reset(seed=0)


def test_a_folder_or_a_split_that_is_missing() -> None:
    with pytest.raises(ValueError, match="train, test, test_ood, got 'tset'; did you mean 'test'"):
        StyleWeightsEnv("tset")
    with pytest.raises(
        ValueError, match=r"a folder that exists, is one of .*got '/nowhere/at/all'"
    ):
        StyleWeightsEnv(Path("/nowhere/at/all"))


# --- pictures that will not do


@pytest.mark.parametrize(
    ("picture", "error", "message"),
    [
        (noise(15, 20), ValueError, "at least 16 pixels a side, got 20 x 15 of it; take a larger"),
        (flat_in((1.0, 0.0, 0.0), 20), ValueError, "it, which is of one colour.*take another"),
        (noise(20, 20) + torch.nan, ValueError, "from 0 to 1, got nan to nan in it; divide"),
        (255.0 * noise(20, 20), ValueError, "from 0 to 1, got 0.* to 25.* in it; divide"),
        (noise(20, 20) - 0.5, ValueError, "from 0 to 1, got -0.*"),
        (noise(20, 20)[0], ValueError, r"shape \(1, 3, height, width\), got \(3, 20, 20\)"),
        (noise(20, 20)[:, :1], ValueError, r"shape \(1, 3, height, width\), got \(1, 1, 20, 20\)"),
        (noise(20, 20).double(), TypeError, "float32 tensor, got torch.float64 for it; `load"),
        (noise(20, 20).numpy(), TypeError, "float32 tensor, got ndarray for it; `load_image`"),
    ],
)
def test_pictures_that_will_not_do(picture: object, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        check_picture(picture, SIZE, "it")


def test_a_nan_among_numbers_is_seen() -> None:
    picture = noise(20, 20)
    check_picture(picture, SIZE, "it")
    picture[0, 1, 2, 3] = torch.nan
    with pytest.raises(ValueError, match="got nan to nan"):
        check_picture(picture, SIZE, "it")


def test_a_picture_that_is_nearly_all_of_one_colour_is_not_searched_for_ever() -> None:
    odd = one_odd_pixel(400)
    check_picture(odd, SIZE, "it")
    with pytest.raises(ValueError, match="nearly everywhere, got odd: 100 random squares"):
        cut_instances({"odd": odd}, {"noise": noise(20, 20)}, 60, SIZE, seed=0)


def test_squares_of_one_colour_are_passed_over() -> None:
    half = flat_in((0.0, 0.7, 0.0), 64)
    half[..., :40, :] = noise(40, 64)
    for instance in cut_instances({"half": half}, {"noise": noise(20, 20)}, 40, SIZE, seed=0):
        check_picture(instance.content, SIZE, "content")
