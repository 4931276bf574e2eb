"""Networks as ONNX files, for programs without PyTorch."""

import warnings
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn

from etude.foundations.files import replacing

PACKAGES: Final = ("onnx", "onnxscript", "onnxruntime")
TOLERANCE: Final = 1e-3  # a quarter of a grey level of an 8-bit image
HEIGHT, WIDTH = 2, 3  # axes of images
EXAMPLE: Final = torch.linspace(0.0, 1.0, 3 * 60 * 68).reshape(1, 3, 60, 68)
OUTPUT: Final = "painting"


def export_onnx(path: Path, network: nn.Module, inputs: Mapping[str, Tensor]) -> float:
    """Write a network whose images may have any size, and check it against PyTorch's.

    Args:
        path: ends in .onnx.
        network: what is written.
        inputs: for each argument of its ``forward``, by name, an example; those with four axes are
            images, and only their heights and widths may differ later.

    Returns:
        The largest difference of any value of the output, at another size than the example's.

    Raises:
        ImportError: the packages are not installed.
        ValueError: the difference is more than ``TOLERANCE``, or the folder does not exist.
    """
    check_onnx_installed()
    sizes = {
        name: {HEIGHT: f"{name}_height", WIDTH: f"{name}_width"} if example.ndim == 4 else None
        for name, example in inputs.items()
    }
    with replacing(path) as partial:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the exporter's, about its own versions
            program = torch.onnx.export(
                network,
                kwargs=dict(inputs),
                input_names=list(inputs),
                output_names=[OUTPUT],
                dynamic_shapes=sizes,
                dynamo=True,
                verbose=False,
            )
        assert program is not None, "only the older exporter returns nothing"
        program.save(partial, external_data=False)
        difference = _difference(partial, network, inputs)
        if difference > TOLERANCE:
            raise ValueError(
                f"an exported network differs by at most {TOLERANCE}, got {difference:.2g}; try "
                "another version of torch or onnxruntime."
            )
    return difference


def check_onnx_installed() -> None:
    """Check that networks can be exported here.

    Raises:
        ImportError: they cannot.
    """
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise ImportError(
            f"an ONNX file is made with {', '.join(PACKAGES)}, got no {', '.join(missing)}; run "
            "`pip install 'etude[onnx]'`."
        )


def _difference(path: Path, network: nn.Module, inputs: Mapping[str, Tensor]) -> float:
    from onnxruntime import InferenceSession

    smaller = {
        name: example[..., :-3, :-5] if example.ndim == 4 else example
        for name, example in inputs.items()
    }
    session = InferenceSession(path, providers=["CPUExecutionProvider"])
    arrays = {name: value.contiguous().numpy() for name, value in smaller.items()}
    (output,) = session.run([OUTPUT], arrays)
    with torch.no_grad():
        expected: Tensor = network(**smaller)
    return (torch.from_numpy(output) - expected).abs().max().item()
