"""Networks as ONNX, run by ONNX Runtime at other sizes than the one they were exported at."""

from pathlib import Path

import numpy as np
import pytest
import torch

from etude.generative.style import onnx_export
from etude.generative.style.feedforward import TransferNetwork
from etude.generative.style.onnx_export import EXAMPLE, export_onnx

INPUTS = {"images": EXAMPLE, "weights": torch.tensor([[0.25, 0.75]])}


@pytest.mark.slow
def test_an_exported_network_paints_any_size_alike(tmp_path: Path) -> None:
    runtime = pytest.importorskip("onnxruntime")
    torch.manual_seed(1)  # rounding depends on the weights (of 0: 1.4e-5): the same in any order
    path, network = tmp_path / "network.onnx", TransferNetwork(["a", "b"], 2, 0)
    assert export_onnx(path, network, INPUTS) < 1e-5
    assert list(tmp_path.iterdir()) == [path]
    session = runtime.InferenceSession(path)
    for height, width in ((1, 1), (9, 30)):
        images, weights = torch.rand(1, 3, height, width), torch.tensor([[0.9, 0.1]])
        (painted,) = session.run(None, {"images": images.numpy(), "weights": weights.numpy()})
        expected = network(images, weights).detach().numpy()
        np.testing.assert_allclose(painted, expected, atol=1e-5)


def test_a_difference_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_export, "TOLERANCE", -1.0)
    with pytest.raises(ValueError, match=r"differs by at most -1\.0, got"):
        export_onnx(tmp_path / "network.onnx", TransferNetwork(["a", "b"], 2, 0), INPUTS)
    assert list(tmp_path.iterdir()) == []


def test_packages_that_are_missing_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx_export, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"got no onnx, .*pip install 'etude\[onnx\]'"):
        export_onnx(tmp_path / "network.onnx", TransferNetwork(["a", "b"], 2, 0), INPUTS)
