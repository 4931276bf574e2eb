"""Trained convolutional deep belief networks in a file, those that come along among them.

A file is safetensors, so reading it executes nothing. Its metadata say how to build each stack.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from torch import nn

from etude.foundations.names import check_name
from etude.generative.built_networks import build_network
from etude.generative.checkpoints import load_weights, save_weights
from etude.generative.features.cdbn import CDBN
from etude.generative.features.crbm import CRBMArchitecture

FORMAT: Final = "etude-cdbn-1"
SHIPPED: Final = Path(__file__).with_name("cdbn.safetensors")


@dataclass(frozen=True, kw_only=True)
class TrainedCDBN:
    """Stacks of layers with what is known about them.

    Args:
        stacks: by name.
        notes: how they were trained, what JSON can hold.
    """

    stacks: Mapping[str, CDBN]
    notes: Mapping[str, Any] = field(default_factory=dict)

    def stack(self, name: str) -> CDBN:
        """One of them.

        Raises:
            ValueError: there is none of this name.
        """
        check_name("a stack", name, self.stacks)
        return self.stacks[name]


def save_cdbn(path: Path, trained: TrainedCDBN) -> None:
    """Write all stacks.

    Raises:
        ValueError: the folder does not exist.
    """
    metadata = {
        "format": FORMAT,
        "stacks": json.dumps(
            {
                name: [asdict(machine.architecture) for machine in stack.machines]
                for name, stack in trained.stacks.items()
            }
        ),
        "notes": json.dumps(dict(trained.notes)),
    }
    save_weights(path, nn.ModuleDict(trained.stacks), metadata)


def open_cdbn(path: Path = SHIPPED) -> TrainedCDBN:
    """Read what ``save_cdbn`` wrote.

    Args:
        path: a file; the shipped one if left out.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is something else, or of another version.
    """
    state, metadata = load_weights(path)
    if metadata.get("format") != FORMAT:
        raise ValueError(
            f"a convolutional deep belief network has the format {FORMAT!r}, got "
            f"{metadata.get('format')!r} in {str(path)!r}; train one with `etude train cdbn`."
        )
    try:
        network = build_network(_stacks, json.loads(metadata["stacks"]), state)
        stacks = {name: stack for name, stack in network.items() if isinstance(stack, CDBN)}
        notes = dict(json.loads(metadata["notes"]))
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ValueError(
            f"the metadata of a network fit its weights, got {str(path)!r} ({error}); train it "
            "again."
        ) from error
    return TrainedCDBN(stacks=stacks, notes=notes)


def _stacks(**stacks: Sequence[Mapping[str, Any]]) -> nn.ModuleDict:
    """Untrained stacks whose layers have these settings."""
    return nn.ModuleDict(
        {name: CDBN([CRBMArchitecture(**it) for it in layers]) for name, layers in stacks.items()}
    )
