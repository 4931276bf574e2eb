"""The benchmark of super-resolution: who takes part, what is measured, and the figure."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from etude.benchmarks import super_resolution, super_resolution_picture
from etude.benchmarks.plain_srresnet import PlainLesson, PlainSRResNet
from etude.benchmarks.results import Result
from etude.benchmarks.super_resolution import measure, measure_quality, measure_training, methods
from etude.benchmarks.super_resolution_picture import PARTS, Part, cut, figure
from etude.generative.data import style_image
from etude.generative.gan.sr_grade import HeldOutPhoto, held_out_photos
from etude.generative.gan.srgan import SRResNet
from etude.generative.gan.srgan_settings import UpscalerSettings
from etude.generative.gan.super_resolution import downscale
from etude.generative.images import save_image


@pytest.fixture
def small_photos(monkeypatch: pytest.MonkeyPatch) -> None:
    """A drawn picture instead of the photos, which take seconds."""
    original = style_image("cubism", 96)

    def drawn(scale: int, folder: Path | None = None) -> dict[str, HeldOutPhoto]:
        if folder is not None:
            return held_out_photos(scale, folder)
        return {"cubism": HeldOutPhoto(downscale(original, scale), original)}

    monkeypatch.setattr(super_resolution, "held_out_photos", drawn)


def test_the_plain_network_is_the_papers() -> None:
    ours, plain = SRResNet(4, 6, 2, paper=True), PlainSRResNet(6, 2)
    for network in (ours, plain):
        for value in network.state_dict().values():
            if value.is_floating_point():
                nn.init.uniform_(value, 0.1, 0.2)
    found, wanted = plain.state_dict(), ours.state_dict()
    for (_, value), (_, other) in zip(found.items(), wanted.items(), strict=True):
        value.copy_(other)
    small = torch.rand(1, 3, 7, 9)
    assert torch.allclose(plain.eval()(small), ours.eval()(small), rtol=1e-3)
    with torch.device("meta"):
        sizes = [
            sum(parameter.numel() for parameter in network.parameters())
            for network in (PlainSRResNet(), SRResNet.paper(4))
        ]
    assert sizes[0] == sizes[1]


def test_plain_training_changes_the_network() -> None:
    settings = UpscalerSettings(batch_size=2, patch_size=8)
    lesson = PlainLesson(SRResNet(4, 4, 1, paper=True), [style_image("waves", 64)], settings)
    before = [parameter.clone() for parameter in lesson.network.parameters()]
    lesson.update()
    after = list(lesson.network.parameters())
    assert not any(torch.equal(one, other) for one, other in zip(before, after, strict=True))


def test_all_methods_are_graded_on_all_photos_and_on_average(
    small_photos: None, tmp_path: Path
) -> None:
    save_image(tmp_path / "more.png", style_image("waves", 64), {})
    found = list(measure_quality(tmp_path))
    tasks = {result.task for result in found}
    assert tasks == {
        f"x{scale}, {name}"
        for scale in (2, 4)
        for name in ("cubism", "more.png", "mean of 2 photos")
    }
    for scale in (2, 4):
        means = _of(found, f"x{scale}, mean of 2 photos")
        assert list(means) == list(methods(scale))
        for method, metrics in means.items():
            parts = [_of(found, f"x{scale}, {name}")[method] for name in ("cubism", "more.png")]
            for name, value in metrics.items():
                assert value == pytest.approx(sum(part[name] for part in parts) / 2)
        assert means["bicubic"]["psnr_decibels"] > means["bicubic, a = -0.5"]["psnr_decibels"]


def _of(found: list[Result], task: str) -> dict[str, dict[str, float]]:
    return {result.method: result.metrics for result in found if result.task == task}


def test_training_is_timed_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        super_resolution, "STEP", replace(super_resolution.STEP, batch_size=1, patch_size=8)
    )
    monkeypatch.setattr(super_resolution, "STEPS", 1)
    monkeypatch.setattr(SRResNet, "paper", lambda scale: SRResNet(scale, 4, 1, paper=True))
    monkeypatch.setattr(super_resolution, "packaged_pictures", lambda: [style_image("waves", 64)])
    found = list(measure_training(2))
    assert [(result.method.split(",")[0], result.seed) for result in found] == [
        ("etude", 0),
        ("plain code", 0),
        ("etude", 1),
        ("plain code", 1),
    ]
    assert all(result.metrics["steps_per_cpu_second"] > 0.0 for result in found)


def test_both_parts_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    def result(name: str) -> Iterator[str]:
        yield name

    monkeypatch.setattr(super_resolution, "measure_quality", lambda photos: result("quality"))
    monkeypatch.setattr(super_resolution, "measure_training", lambda rounds: result("training"))
    assert list(measure(1)) == ["quality", "training"]


def test_a_part_has_whole_pixels() -> None:
    image = torch.rand(1, 3, 20, 20)
    shown = cut(image, Part("photo", 3, 5, 4))
    assert shown.shape == (1, 3, 12, 12)
    assert torch.equal(shown[..., ::3, ::3], image[..., 3:7, 5:9])


def test_the_figure_has_a_row_for_each_part(monkeypatch: pytest.MonkeyPatch) -> None:
    original = style_image("cubism", 96)
    photo = HeldOutPhoto(downscale(original, 4), original)
    monkeypatch.setattr(super_resolution_picture, "PARTS", (Part("drawn", 0, 0, 88),) * 2)
    sheet = figure({"drawn": photo})
    assert sheet.shape == (1, 3, 2 * (3 * 88 + 28 + 10) + 10, 4 * (3 * 88 + 10) + 10)
    with pytest.raises(ValueError, match=r"needs the photos drawn, got none"):
        figure({})


def test_the_parts_lie_within_their_photos() -> None:
    photos = held_out_photos(4)
    for part in PARTS:
        height, width = photos[part.photo].original.shape[2:]
        assert part.top + part.side <= height
        assert part.left + part.side <= width
