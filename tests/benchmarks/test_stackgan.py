"""The benchmark of StackGAN: what is measured, on tiny networks; and the sheet."""

from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from etude.benchmarks.stackgan import (
    FIRST,
    REAL,
    SECOND,
    SHEET_CAPTIONS,
    grades,
    paint_sheet,
    pictures_of,
    train_both,
)
from etude.benchmarks.stackgan_cost import OURS, PLAIN, PlainPlayer, measure_cost
from etude.generative.feature_extractors import LiteFeatures
from etude.generative.gan.captioned_scenes import (
    CaptionedScenes,
    encode,
    is_held_out,
    parse_caption,
)
from etude.generative.gan.stackgan_stages import StackGANArchitecture
from etude.generative.gan.stackgan_training import (
    StackGANSettings,
    StageSettings,
    first_stage,
)

STAGE = StageSettings(steps=2, batch_size=4, discriminator_width=4)
TINY = StackGANSettings(
    architecture=StackGANArchitecture(text_dim=14, first_width=16, second_width=8),
    stage_one=STAGE,
    stage_two=STAGE,
)


def weights(network: nn.Module) -> Tensor:
    return torch.cat([weight.detach().flatten() for weight in network.parameters()])


def test_figures_of_real_pictures_are_perfect_and_of_untrained_networks_are_not() -> None:
    graded = train_both(TINY)
    found = {r.method: r.metrics for r in grades(graded, LiteFeatures(), 0, 40)}
    assert set(found) == {REAL, FIRST, SECOND}
    for split in ("train", "held_out"):
        for kind in ("caption", "shape", "colour", "size", "relation"):
            assert found[REAL][f"{kind}_{split}"] == 1.0
        assert found[SECOND][f"caption_{split}"] == 0.0
    assert found[REAL]["frechet"] < found[SECOND]["frechet"] / 3.0
    assert "cpu_seconds" not in found[REAL]
    assert found[SECOND]["cpu_seconds"] == graded.cpu_seconds[SECOND] > 0.0


def test_both_stages_are_judged_at_one_size() -> None:
    words = CaptionedScenes().draw_words(3, torch.Generator().manual_seed(0))
    trained = train_both(TINY).trained
    shapes = {pictures_of(method, trained, words, 0).shape for method in (REAL, FIRST, SECOND)}
    assert shapes == {(3, 3, 32, 32)}


def test_the_plain_step_starts_from_the_same_images_and_logits() -> None:
    lesson = first_stage(TINY)
    plain = PlainPlayer(lesson.artist, lesson.judge, TINY)
    real, words = CaptionedScenes(size=16).draw(4, torch.Generator().manual_seed(0))
    z = 2.0 * torch.rand(4, lesson.artist.num_latents) - 1.0
    torch.testing.assert_close(plain.images(words, z)[0], lesson.artist(words, z).images)
    torch.testing.assert_close(plain.logits(real, words), lesson.judge(real, words))


def test_a_plain_step_changes_weights_as_ours_does() -> None:
    """In the first step; those whose gradient is about 0 may go either way."""
    lesson = first_stage(TINY)
    plain = PlainPlayer(lesson.artist, lesson.judge, TINY)
    lesson.update()
    plain.update()
    for ours, theirs in ((lesson.artist, plain.artist), (lesson.judge, plain.judge)):
        found, expected = weights(theirs), weights(ours)
        assert ((found - expected).abs() < 1e-4).double().mean() > 0.97


def test_costs_are_positive() -> None:
    found = [result.method for result in measure_cost(1, 1)]
    assert found == [OURS, PLAIN]


def test_the_sheet_has_seen_and_unseen_captions(tmp_path: Path) -> None:
    held_out = is_held_out(encode(map(parse_caption, SHEET_CAPTIONS)))
    assert 0 < sum(held_out) < len(held_out)
    path = tmp_path / "sheet.png"
    paint_sheet(path, train_both(TINY).trained)
    with Image.open(path) as sheet:
        assert sheet.width > 1_000
    with pytest.raises(ValueError, match="existing folder"):
        paint_sheet(tmp_path / "nowhere" / "sheet.png", train_both(TINY).trained)
