"""Trained StackGANs in files: whole, drawn from captions, refused if they are something else."""

from pathlib import Path

import pytest
import torch

from etude.generative.checkpoints import load_weights, save_weights
from etude.generative.gan.captioned_scenes import CaptionedScenes, encode, parse_caption
from etude.generative.gan.scene_checker import grade_scenes
from etude.generative.gan.stackgan_file import (
    FORMAT,
    SHIPPED,
    TrainedStackGAN,
    open_stackgan,
    save_stackgan,
)
from etude.generative.gan.stackgan_stages import StackGANArchitecture

CAPTION = "a small red circle above a blue square"


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def trained() -> TrainedStackGAN:
    """An untrained one of unusual sizes."""
    architecture = StackGANArchitecture(text_dim=28, first_width=16, second_width=8, size=64)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = architecture.stage_two(architecture.stage_one())
    return TrainedStackGAN(architecture=architecture, network=network.eval(), notes={"seed": 3})


def test_a_file_holds_everything(trained: TrainedStackGAN, tmp_path: Path) -> None:
    path = tmp_path / "stackgan.safetensors"
    save_stackgan(path, trained)
    again = open_stackgan(path)
    assert again.architecture == trained.architecture
    assert again.notes == {"seed": 3}
    for stage, size in ((1, 16), (2, 64)):
        images = trained.draw([CAPTION] * 3, seeded(), stage)
        assert images.shape == (3, 3, size, size)
        assert images.equal(again.draw([CAPTION] * 3, seeded(), stage))
        assert not images[0].equal(images[1])  # other noise


def test_a_picture_does_not_depend_on_how_many_are_drawn(trained: TrainedStackGAN) -> None:
    words = encode([parse_caption(CAPTION)]).repeat(300, 1)  # more than a chunk
    images = trained.draw_words(words, seeded())
    assert images.shape == (300, 3, 64, 64)
    torch.testing.assert_close(
        trained.draw_words(words[:2], seeded()), images[:2], rtol=0.0, atol=1e-3
    )


def test_mistakes_are_explained(trained: TrainedStackGAN, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="did you mean 'triangle'"):
        trained.draw(["a red triangel above a blue square"], seeded())
    with pytest.raises(ValueError, match="a picture has a caption, got none"):
        trained.draw([], seeded())
    with pytest.raises(ValueError, match="a stage is 1 or 2, got 3"):
        trained.draw([CAPTION], seeded(), 3)
    with pytest.raises(ValueError, match="existing folder"):
        save_stackgan(tmp_path / "nowhere" / "x.safetensors", trained)
    with pytest.raises(FileNotFoundError):
        open_stackgan(tmp_path / "x.safetensors")


def test_other_files_are_refused(trained: TrainedStackGAN, tmp_path: Path) -> None:
    path = tmp_path / "stackgan.safetensors"
    save_stackgan(path, trained)
    _, metadata = load_weights(path)
    for changed, message in (
        ({"format": "etude-generator-1"}, f"has the format {FORMAT!r}, got 'etude-generator-1'"),
        ({"grammar": "{}"}, "made of other words"),
        ({"architecture": '{"size": 32}'}, "the metadata of a StackGAN fit its weights"),
        ({"architecture": '{"side": 32}'}, "the metadata of a StackGAN fit its weights"),
        ({"notes": "no json"}, "the metadata of a StackGAN fit its weights"),
    ):
        save_weights(path, trained.network, metadata | changed)
        with pytest.raises(ValueError, match="StackGAN") as error:
            open_stackgan(path)
        assert message in str(error.value)


def test_the_shipped_one_draws_what_captions_say() -> None:
    """Measured over more pictures and three seeds in docs/models/stackgan_scenes.md."""
    assert SHIPPED.stat().st_size < 4_000_000
    shipped = open_stackgan()
    for split, least in (("train", 0.95), ("held_out", 0.91)):
        words = CaptionedScenes(split=split).draw_words(300, seeded(11))
        assert grade_scenes(shipped.draw_words(words, seeded(12)), words).caption >= least


def test_stage_two_of_the_shipped_one_is_better_than_its_sketches() -> None:
    shipped = open_stackgan()
    words = CaptionedScenes(split="all").draw_words(300, seeded(13))
    sketches, pictures = (shipped.draw_words(words, seeded(14), stage) for stage in (1, 2))
    assert grade_scenes(pictures, words).caption > grade_scenes(sketches, words).caption
