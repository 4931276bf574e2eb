"""The suite that grades what shows what a network has learned: figures that are known."""

import pytest
import torch

from etude.benchmarks import features
from etude.benchmarks.features import SQUARE, agreement, likeness, measure
from etude.benchmarks.suites import FEATURE_PARTS
from etude.generative.features.inversion import InversionSettings
from etude.generative.features.maximisation import Climb


def test_likeness_of_projections() -> None:
    one = torch.rand(1, 3, 4, 4)
    assert likeness(torch.cat([one, 2.0 * one, 3.0 * one])) == pytest.approx(1.0)
    assert likeness(torch.eye(4).view(4, 1, 2, 2).repeat(1, 3, 1, 1)) == pytest.approx(
        0.0, abs=1e-5
    )
    assert likeness(one) == pytest.approx(0.0, abs=1e-5)


def test_agreement_with_occlusion() -> None:
    side, stride = SQUARE.side, SQUARE.stride
    projection = torch.zeros(1, 3, side + 3 * stride, side + 3 * stride)
    projection[..., :stride, :stride] = 1.0  # seen by the first square alone
    fall = torch.zeros(4, 4)
    fall[0, 0] = -2.0
    assert agreement(projection, fall) == pytest.approx(1.0)
    assert agreement(0.0 * projection, fall) == 0.0


def test_each_part_measures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "LAYERS", ("b1e",))
    monkeypatch.setattr(features, "NUM_UNITS", 1)
    monkeypatch.setattr(features, "SCALES", (0.4,))
    monkeypatch.setattr(features, "CLIMB", Climb(size=32, steps=2))
    monkeypatch.setattr(features, "SMALL", InversionSettings(size=32, evaluations=2))
    found = list(measure(features.PARTS))
    assert {result.suite for result in found} == {"features"}
    assert [(result.task, result.method) for result in found] == [
        ("projections from b1e", "deconvnet"),
        ("projections from b1e", "guided"),
        ("projections from b1e", "saliency"),
        ("maximised units of b1e", "spectrum"),
        ("maximised units of b1e", "pixels"),
        ("inversion of astronaut", "content of b1e"),
        ("inversion of astronaut", "style up to b1e"),
    ]
    by_rule = {result.method: result.metrics for result in found[:3]}
    assert all(-1.0 <= one["likeness_of_places"] <= 1.0 for one in by_rule.values())
    assert all(-1.0 <= one["agreement_with_occlusion"] <= 1.0 for one in by_rule.values())
    assert all(50 < one["energy_in_a_sixteenth_percent"] <= 100.01 for one in by_rule.values())
    assert set(features.PARTS) < set(FEATURE_PARTS)
