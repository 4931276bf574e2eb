"""The state of a run in a file, to go on from exactly, and the weights of a network, to use.

Files from elsewhere are never unpickled: a checkpoint is read by torch's loader for tensors and
plain values alone, and weights are safetensors.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, runtime_checkable

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from etude.foundations.files import replacing
from etude.generative.torch_files import read_torch

FORMAT: Final = "etude-checkpoint-1"
State = dict[str, Any]  # tensors, numbers, texts, and tables and lists of them


@runtime_checkable
class Stateful(Protocol):
    """A part of a run: networks, optimisers, averages and random numbers are."""

    def state_dict(self) -> State:
        """What is needed to go on."""
        ...

    def load_state_dict(self, state_dict: State) -> Any:
        """Go on from there; what is returned does not matter."""
        ...


@dataclass(frozen=True)
class TorchRandomState:
    """A torch generator as a part of a run."""

    torch_rng: torch.Generator

    def state_dict(self) -> State:
        """See ``Stateful``."""
        return {"state": self.torch_rng.get_state()}

    def load_state_dict(self, state_dict: State) -> None:
        """See ``Stateful``."""
        self.torch_rng.set_state(state_dict["state"])


@dataclass(frozen=True)
class NumpyRandomState:
    """A NumPy generator as a part of a run."""

    rng: np.random.Generator

    def state_dict(self) -> State:
        """See ``Stateful``."""
        return {"state": json.dumps(self.rng.bit_generator.state)}  # integers of 128 bits

    def load_state_dict(self, state_dict: State) -> None:
        """See ``Stateful``."""
        self.rng.bit_generator.state = json.loads(state_dict["state"])


def save_checkpoint(path: Path, step: int, parts: Mapping[str, Stateful]) -> None:
    """Write the state of a run, which replaces an older file when it is complete.

    Args:
        path: the file.
        step: updates made.
        parts: by name; the run that goes on has the same names.

    Raises:
        ValueError: the folder does not exist.
    """
    states = {name: part.state_dict() for name, part in parts.items()}
    with replacing(path) as partial:
        torch.save({"format": FORMAT, "step": step, "states": states}, partial)


def load_checkpoint(path: Path, parts: Mapping[str, Stateful]) -> int:
    """Bring parts to the state that ``save_checkpoint`` wrote; nothing in the file is executed.

    Returns:
        The number of updates made.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is no checkpoint, broken, or of another run.
    """
    step, states = _read_checkpoint(path)
    if set(states) != set(parts):
        raise ValueError(
            f"this run has the parts {', '.join(parts)}, got {', '.join(map(str, states))} in "
            f"{str(path)!r}; name another file."
        )
    try:
        for name, part in parts.items():
            part.load_state_dict(states[name])
    except Exception as error:  # each part reads its own state, torch's optimisers among them
        raise ValueError(
            f"the checkpoint {str(path)!r} is of a run with other settings ({error}); name another "
            "file."
        ) from error
    return step


def checkpoint_step(path: Path) -> int:
    """How many updates were made.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is no checkpoint, or broken.
    """
    return _read_checkpoint(path)[0]


def _read_checkpoint(path: Path) -> tuple[int, State]:
    """The number of updates, and the states of the parts by name."""
    try:
        content = read_torch(path)
    except ValueError as error:
        raise ValueError(
            f"{str(path)!r} is no complete checkpoint; delete it to start anew ({error})."
        ) from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError(f"a checkpoint has the format {FORMAT!r}, {str(path)!r} has not.")
    step, states = content.get("step"), content.get("states")
    if type(step) is not int or step < 0 or not isinstance(states, dict):
        raise ValueError(f"a checkpoint has a step and states, {str(path)!r} has not.")
    return step, states


def save_weights(path: Path, network: nn.Module, metadata: Mapping[str, str]) -> None:
    """Write the weights of a network as safetensors, with what a reader needs to build it.

    Raises:
        ValueError: the folder does not exist.
    """
    tensors = {name: value.detach().contiguous() for name, value in network.state_dict().items()}
    with replacing(path) as partial:
        partial.write_bytes(save(tensors, dict(metadata)))  # its save_file hides it from others


def load_weights(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Read what ``save_weights`` wrote: a state for ``load_state_dict``, and the metadata.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is broken or something else.
    """
    with _reading(path) as file:
        names = file.keys()
        return {name: file.get_tensor(name) for name in names}, file.metadata() or {}


def load_metadata(path: Path) -> dict[str, str]:
    """The metadata alone; see ``load_weights``."""
    with _reading(path) as file:
        return file.metadata() or {}


@contextmanager
def _reading(path: Path) -> Iterator[Any]:
    try:
        with safe_open(path, framework="pt") as file:
            yield file
    except (SafetensorError, UnicodeDecodeError, OverflowError) as error:
        raise ValueError(
            f"weights are a complete safetensors file, got {str(path)!r} ({error}); save "
            "them again."
        ) from error
