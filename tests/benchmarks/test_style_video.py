"""The benchmark of painted clips: a scene whose flow is right, and figures that mean something."""

import pytest
import torch

from etude.benchmarks.moving_scene import moving_scene
from etude.benchmarks.results import Result
from etude.benchmarks.style_video import ClipJudge, measure, sharpness_share, steadiness
from etude.generative.style.gatys import GatysSettings
from etude.generative.style.losses import Style
from etude.generative.style.tiny_encoder import TinyEncoder


def test_the_flow_of_the_scene_is_exact() -> None:
    scene = list(moving_scene(12, 96))
    again = list(moving_scene(12, 96))
    assert all(torch.equal(one.image, other.image) for one, other in zip(scene, again, strict=True))
    images = [frame.image for frame in scene]
    still = [frame._replace(flow=torch.zeros_like(frame.flow)) for frame in scene]
    error = steadiness(scene, images)["warping_error"]
    assert error < 0.15 * steadiness(still, images)["warping_error"]
    assert scene[0].visible.sum() == 0.0
    for frame in scene[1:]:
        assert 0.5 < frame.visible.mean() < 1.0
        assert frame.flow.abs().max() > 1.0


def test_a_judge_sees_bare_pixels() -> None:
    scene = list(moving_scene(4, 64))
    torch_rng = torch.Generator().manual_seed(0)
    style = Style(torch.rand(1, 3, 64, 64, generator=torch_rng))
    judge = ClipJudge(scene, style, TinyEncoder(), GatysSettings(size=64))
    painted = [style.image] * 4
    bare = [torch.where(frame.visible > 0.0, style.image, frame.image) for frame in scene]
    whole, scores = judge(painted), judge(bare)
    assert scores["revealed_style_loss"] > 1.2 * whole["revealed_style_loss"]
    assert whole["content_and_style_loss"] > 0.0
    contents = [frame.image for frame in scene]
    assert judge(contents)["other_style_loss"] > whole["other_style_loss"]


def test_sharpness_is_relative() -> None:
    sharp = [torch.rand(1, 3, 16, 16) for _ in range(22)]
    assert sharpness_share(sharp, sharp) == pytest.approx(1.0)
    assert sharpness_share([0.5 * image for image in sharp], sharp) == pytest.approx(0.25)


def test_measuring() -> None:
    settings = GatysSettings(size=48, evaluations=10)
    found = list(
        measure(1, "tiny", settings, num_frames=3, num_network_frames=22, memory_frames=())
    )
    results = [one for one in found if isinstance(one, Result)]
    methods = {"marbling, frame by frame", "marbling, along the motion"}
    assert methods <= {one.method for one in results}
    assert all(one.suite == "style" and one.seconds >= 0.0 for one in results)
    optimised = {one.method: one.metrics for one in results if "tiny" in one.task}
    assert all(metrics["cpu_seconds"] > 0.0 for metrics in optimised.values())
    assert optimised["marbling, frame by frame"]["times_steadier"] == 1.0
