"""Where networks compute."""

import pytest
import torch

from etude.devices import Device, find_device


@pytest.mark.parametrize(
    ("name", "has_gpu", "found"),
    [("auto", True, "cuda"), ("auto", False, "cpu"), ("cpu", True, "cpu"), ("cuda", True, "cuda")],
)
def test_a_gpu_if_there_is_one(
    name: Device, has_gpu: bool, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: has_gpu)
    assert find_device(name) == torch.device(found)


def test_no_gpu_to_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match="needs a GPU that torch can use, got none"):
        find_device("cuda")
