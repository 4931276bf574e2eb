"""Painting: the loss falls, the settings do what they say, and what goes wrong is told."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from etude.generative.style.colours import luminance
from etude.generative.style.encoders import LAYER_WEIGHTS
from etude.generative.style.gatys import GatysSettings, StyleResult, schedule, stylize
from etude.generative.style.losses import LayerWeights, Style
from etude.generative.style.painting import Step
from etude.generative.style.tiny_encoder import TinyEncoder

LAYERS = LAYER_WEIGHTS["tiny"]
FAST = {"size": 32, "evaluations": 20}


def picture(seed: int, height: int = 24, width: int = 32) -> Tensor:
    """Soft random colours."""
    torch_rng = torch.Generator().manual_seed(seed)
    coarse = torch.rand(1, 3, 4, 4, generator=torch_rng)
    return torch.nn.functional.interpolate(coarse, (height, width), mode="bilinear")


def paint(content: Tensor, *styles: Style, on_step: Any = None, **options: Any) -> StyleResult:
    settings = GatysSettings(**(FAST | options))
    return stylize(content, styles, TinyEncoder(), LAYERS, settings, on_step)


@pytest.fixture(scope="module")
def content() -> Tensor:
    return picture(0)


@pytest.fixture(scope="module")
def style() -> Style:
    return Style(picture(1, 40, 30))


@pytest.mark.parametrize("method", ["lbfgs", "adam"])
def test_the_loss_falls(content: Tensor, style: Style, method: str) -> None:
    result = paint(content, style, method=method, style_weight=1000.0)
    assert result.image.shape == (1, 3, 24, 32)
    assert result.image.dtype == torch.float32
    assert result.image.min() >= 0.0
    assert result.image.max() <= 1.0
    assert result.stopped == ""
    assert min(step.total for step in result.history) < 0.5 * result.history[0].total


def test_the_total_is_the_weighted_sum(content: Tensor, style: Style) -> None:
    weights = {"content_weight": 2.0, "style_weight": 3.0, "variation_weight": 5.0}
    step = paint(content, style, evaluations=12, **weights).history[-1]
    expected = 2.0 * step.content + 3.0 * step.style + 5.0 * step.variation
    assert step.total == pytest.approx(expected, rel=1e-5)


def test_painting_twice_gives_the_same(content: Tensor, style: Style) -> None:
    for options in ({}, {"start": "noise", "seed": 3}):
        assert torch.equal(
            paint(content, style, **options).image, paint(content, style, **options).image
        )
    one, other = (paint(content, style, start="noise", seed=seed).image for seed in (0, 1))
    assert not torch.equal(one, other)


def test_without_style_and_variation_the_content_stays(content: Tensor, style: Style) -> None:
    result = paint(content, style, style_weight=0.0, variation_weight=0.0)
    expected = torch.nn.functional.mse_loss(result.image, content)
    assert expected < 1e-6


@pytest.mark.parametrize("start", ["content", "noise", "style"])
def test_the_image_to_begin_with(content: Tensor, style: Style, start: str) -> None:
    first: list[Tensor] = []
    paint(content, style, start=start, on_step=lambda step, image: first.append(image.clone()))
    loss = paint(content, style, start=start).history[0]
    assert first[0].shape == content.shape
    assert torch.equal(first[0], content) == (start == "content")
    assert (loss.content < 1e-9) == (start == "content")


def test_several_styles_pull_by_their_weights(content: Tensor) -> None:
    dark, light = Style(torch.full((1, 3, 32, 32), 0.1)), Style(torch.full((1, 3, 32, 32), 0.9))
    means = [
        paint(
            content,
            dark._replace(weight=weight),
            light,
            content_weight=0.01,
            style_weight=1000.0,
        ).image.mean()
        for weight in (9.0, 1.0, 1.0 / 9.0)
    ]
    assert means[0] < means[1] < means[2]


def test_masks_say_which_style_where(content: Tensor) -> None:
    left = torch.zeros(1, 1, 24, 32)
    left[..., :16] = 1.0
    dark = Style(torch.full((1, 3, 32, 32), 0.1), mask=left)
    light = Style(torch.full((1, 3, 32, 32), 0.9), mask=1.0 - left)
    grey = torch.full_like(content, 0.5)
    image = paint(grey, dark, light, content_weight=0.01, style_weight=1000.0).image
    assert image[..., :14].mean() < 0.35
    assert image[..., 18:].mean() > 0.65


def test_luminance_keeps_the_colours_of_the_content() -> None:
    muted = 0.4 + 0.2 * picture(0)
    result = paint(muted, Style(picture(1)), colours="luminance")
    change = result.image - muted
    assert torch.allclose(change, change.mean(1, keepdim=True).expand_as(change), atol=1e-4)
    assert luminance(change).abs().max() > 1e-3


def test_matched_colours_pull_less_than_those_of_the_style(content: Tensor) -> None:
    red = torch.rand(1, 3, 32, 32) * torch.tensor([1.0, 0.1, 0.1]).view(1, 3, 1, 1)
    drift = {
        colours: (paint(content, Style(red), colours=colours, style_weight=1000.0).image - content)
        .mean((2, 3))
        .abs()
        .max()
        for colours in ("style", "match")
    }
    assert drift["match"] < 0.5 * drift["style"]


def test_sizes_go_from_coarse_to_fine() -> None:
    assert schedule(GatysSettings(size=1024), 3, 4) == {128: 50, 256: 50, 512: 50, 1024: 25}
    assert schedule(GatysSettings(size=64), 3, 4) == {64: 50}
    assert schedule(GatysSettings(size=512), 20, 512) == {512: 50}
    assert schedule(GatysSettings(size=2048, evaluations=20), 1, 1)[2048] == 10
    assert schedule(GatysSettings(size=512), 3, 4, True) == {512: 25}
    assert schedule(GatysSettings(size=1024), 3, 4, True) == {1024: 12}


def test_a_pyramid_is_walked(content: Tensor, style: Style) -> None:
    seen: list[tuple[Step, tuple[int, ...]]] = []
    result = paint(
        content,
        style,
        size=256,
        evaluations=12,
        on_step=lambda step, image: seen.append((step, tuple(image.shape[-2:]))),
    )
    assert [step for step, _ in seen] == list(result.history)
    assert {shape for _, shape in seen} == {(96, 128), (192, 256)}
    assert [step.size for step, _ in seen] == sorted(step.size for step, _ in seen)


def test_ctrl_c_keeps_the_partial_result(content: Tensor, style: Style) -> None:
    def press(step: Step, image: Tensor) -> None:
        if step.evaluation == 8:
            raise KeyboardInterrupt

    result = paint(content, style, size=256, on_step=press, style_weight=1000.0)
    assert result.stopped == "interrupted"
    assert result.image.shape == (1, 3, 192, 256)
    assert len(result.history) == 9
    change = (result.image - torch.nn.functional.interpolate(content, (192, 256))).abs().mean()
    assert change > 1e-3


def test_numbers_that_overflow_keep_the_last_good_image(content: Tensor, style: Style) -> None:
    class Overflowing(TinyEncoder):
        calls = 0

        def forward(self, images: Tensor) -> dict[str, Tensor]:
            self.calls += 1
            features = super().forward(images)
            return {
                name: taken * (float("inf") if self.calls > 8 else 1.0)
                for name, taken in features.items()
            }

    result = stylize(content, [style], Overflowing(), LAYERS, GatysSettings(**FAST))
    assert result.stopped == "the loss was no longer finite"
    assert result.image.isfinite().all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": 8}, "at least 16 pixels, got 8"),
        ({"style_weight": -1.0}, "style_weight is at least 0, got -1.0"),
        ({"content_weight": float("nan")}, "content_weight is at least 0, got nan"),
        ({"style_scale": 0.0}, "style_scale is more than 0, got 0.0"),
        ({"evaluations": 0}, "evaluations is more than 0, got 0"),
        ({"start": "contents"}, "did you mean 'content'"),
        ({"colours": "mach"}, "did you mean 'match'"),
        ({"method": "bfgs"}, "did you mean 'lbfgs'"),
    ],
)
def test_settings_out_of_their_range(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        GatysSettings(**options)


@pytest.mark.parametrize(
    ("styles", "message"),
    [
        ([], "at least one style, got none"),
        ([Style(picture(0), weight=0.0)], "the weight of a style is more than 0, got 0.0"),
        ([Style(picture(0), mask=torch.zeros(1, 1, 4, 4))], "got an empty one"),
        ([Style(255.0 * picture(0))], "divide by 255"),
        ([Style(picture(0) * float("nan"))], "values of the style image lie in"),
        ([Style(picture(0, 2, 300))], "the shorter side of the style has at least 16 pixels"),
    ],
)
def test_styles_that_cannot_be_used(styles: list[Style], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        paint(picture(0), *styles)


def test_contents_that_cannot_be_used(style: Style) -> None:
    with pytest.raises(ValueError, match="the shorter side of the content"):
        paint(picture(0, 2, 300), style)
    assert paint(picture(0, 1, 1), style, evaluations=2).image.shape == (1, 3, 32, 32)


def test_layers_that_the_encoder_does_not_return(content: Tensor, style: Style) -> None:
    layers = LayerWeights({"conv2": 1.0}, {"conv9": 1.0})
    with pytest.raises(ValueError, match=r"conv1, conv2, got .conv9"):
        stylize(content, [style], TinyEncoder(), layers)


class Pressed:
    """Ctrl-C after so many evaluations."""

    def __init__(self, after: int) -> None:
        self._left = after

    def __call__(self, step: Step, image: Tensor) -> None:
        self._left -= 1
        if self._left == 0:
            raise KeyboardInterrupt


@pytest.mark.parametrize("method", ["lbfgs", "adam"])
def test_a_painting_that_was_interrupted_ends_in_the_same_picture(
    content: Tensor, style: Style, method: str, tmp_path: Path
) -> None:
    """At the first evaluation, in the middle, and at the last one before the next size."""
    settings = GatysSettings(size=256, evaluations=24, style_weight=1000.0, method=method)  # type: ignore[arg-type]
    whole = stylize(content, [style], TinyEncoder(), LAYERS, settings)
    checkpoint = tmp_path / "painting.pt"
    call = partial(
        stylize, content, [style], TinyEncoder(), LAYERS, settings, checkpoint=checkpoint
    )
    for after in (1, 10, 13):
        partly = call(on_step=Pressed(after))
        assert partly.stopped == "interrupted"
        assert checkpoint.exists()
    result = call()
    assert result.stopped == ""
    assert torch.equal(result.image, whole.image)
    assert result.history == whole.history
    again = call(on_step=Pressed(1))  # it is finished: there is nothing left to do
    assert torch.equal(again.image, whole.image)


def test_ctrl_c_between_two_sizes(content: Tensor, style: Style, tmp_path: Path) -> None:
    class Interrupting(TinyEncoder):
        def forward(self, images: Tensor) -> dict[str, Tensor]:
            if images.shape[-1] == 256:
                raise KeyboardInterrupt
            return super().forward(images)

    settings = GatysSettings(size=256, evaluations=12)
    checkpoint = tmp_path / "painting.pt"
    partly = stylize(content, [style], Interrupting(), LAYERS, settings, checkpoint=checkpoint)
    assert partly.stopped == "interrupted"
    assert {step.size for step in partly.history} == {128}
    result = stylize(content, [style], TinyEncoder(), LAYERS, settings, checkpoint=checkpoint)
    whole = stylize(content, [style], TinyEncoder(), LAYERS, settings)
    assert torch.equal(result.image, whole.image)


def test_checkpoints_of_other_paintings_are_refused(
    content: Tensor, style: Style, tmp_path: Path
) -> None:
    checkpoint = tmp_path / "painting.pt"
    call = partial(stylize, encoder=TinyEncoder(), layers=LAYERS, checkpoint=checkpoint)
    settings = GatysSettings(**FAST)
    call(content, [style], settings=settings, on_step=Pressed(3))
    with pytest.raises(ValueError, match=r"style_weight: .* there, 3\.0 here.*another"):
        call(content, [style], settings=replace(settings, style_weight=3.0))
    with pytest.raises(ValueError, match="pictures: "):
        call(1.0 - content, [style], settings=settings)
    with pytest.raises(ValueError, match="style weights"):
        call(content, [style._replace(weight=2.0)], settings=settings)
    checkpoint.write_bytes(b"no checkpoint")
    with pytest.raises(ValueError, match="delete it to start anew"):
        call(content, [style], settings=settings)


def test_a_painting_to_begin_with_skips_the_coarse_sizes(content: Tensor, style: Style) -> None:
    settings = GatysSettings(size=256, evaluations=20)
    seen: list[Tensor] = []
    result = stylize(
        content,
        [style],
        TinyEncoder(),
        LAYERS,
        settings,
        lambda step, image: seen.append(image),
        start_image=torch.full_like(content, 0.5),
    )
    assert {step.size for step in result.history} == {256}
    assert len(result.history) <= 10
    assert torch.allclose(seen[0], torch.full_like(seen[0], 0.5))
    with pytest.raises(ValueError, match="values of the start image"):
        stylize(content, [style], TinyEncoder(), LAYERS, start_image=2.0 + content)


def test_little_memory_gives_the_same_picture_in_tiles() -> None:
    content, style = picture(0, 160, 200), Style(picture(1, 128, 128))
    options = {"size": 200, "evaluations": 10, "style_weight": 1000.0}
    roomy = paint(content, style, **options)
    tight = paint(content, style, memory_limit=0.02, **options)
    assert roomy.history[0] == pytest.approx(tight.history[0], rel=1e-4)
    assert (roomy.image - tight.image).abs().max() < 0.05
    with pytest.raises(ValueError, match=r"memory_limit is at least .* GB"):
        paint(content, style, memory_limit=1e-4, **options)
