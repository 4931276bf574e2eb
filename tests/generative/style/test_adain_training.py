"""The lesson of AdaIN: losses that fall, exact resume, and a decoder that paints unseen styles."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from etude.generative.data import style_image
from etude.generative.style.adain_training import ADAIN_LAYERS, AdaINLesson
from etude.generative.style.encoders import LAYER_WEIGHTS
from etude.generative.style.pretrained import open_network, paint_any
from etude.generative.style.tiny_encoder import TinyEncoder
from etude.generative.style.transfer_training import TrainingSettings
from etude.generative.training import train

SETTINGS = TrainingSettings(steps=20, batch_size=2, crop_size=16, augmented_share=0.0)


def photos() -> list[Tensor]:
    return [style_image(name, 24) for name in ("marbling", "watercolour")]


def lesson() -> AdaINLesson:
    styles = [style_image("waves", 32), *(torch.full((1, 3, 32, 32), i / 12) for i in range(12))]
    return AdaINLesson(TinyEncoder(ADAIN_LAYERS["tiny"]), styles, photos(), SETTINGS)


def test_the_total_is_the_weighted_sum_and_falls() -> None:
    pupil = lesson()
    updates = [{name: loss.item() for name, loss in pupil.update().items()} for _ in range(20)]
    assert list(updates[0]) == ["total", "content", "style", "variation", "gradient"]
    for losses in updates:
        expected = losses["content"] + 15.0 * losses["style"] + 2.0 * losses["variation"]
        assert losses["total"] == pytest.approx(expected, rel=1e-5)
    totals = [losses["total"] for losses in updates]
    assert sum(totals[-5:]) < 0.8 * sum(totals[:5])


def test_a_run_that_was_stopped_ends_in_the_same_decoder(tmp_path: Path) -> None:
    class Silent:
        def begin(self, step: int) -> None:
            pass

        def record(self, progress: object) -> None:
            pass

    whole = lesson()
    train(whole.update, whole.parts, 6, Silent())
    for num_steps in (2, 6):
        part = lesson()
        train(part.update, part.parts, num_steps, Silent(), checkpoint=tmp_path / "run.pt")
    for key, value in whole.average.decoder.state_dict().items():
        assert torch.equal(value, part.average.decoder.state_dict()[key])


def test_what_is_saved_paints_the_same(tmp_path: Path) -> None:
    pupil, path = lesson(), tmp_path / "network.safetensors"
    pupil.update()
    pupil.save(path, [], {"seed": 0})
    photo, style = photos()[0], style_image("waves", 32)
    painted = pupil.paint(photo)
    assert len(painted) == 7  # every second of 13
    opened = open_network(path)
    torch.testing.assert_close(paint_any(opened, photo, [style]), painted[0])  # type: ignore[arg-type]
    assert sum(value.numel() for value in opened.decoder.state_dict().values()) < 10_000


def test_every_encoder_has_layers() -> None:
    assert set(ADAIN_LAYERS) <= set(LAYER_WEIGHTS)
    assert {"vgg19", "efficientnet-lite0", "tiny"} == set(ADAIN_LAYERS)
