"""An agent that tunes a style transfer: a small network from observations to changes of weights.

It is what remains of a trained actor of Stable-Baselines3 when all that learning needs is left out,
so that playing it takes neither that library nor PyTorch.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Self

import numpy as np
from jaxtyping import Bool, Float32

from etude.agents.storage import load_arrays, save_arrays
from etude.foundations.names import check_name

KIND: Final = "tuner"
VERSION: Final = 1
MAX_LAYERS: Final = 8
SHIPPED: Final = Path(__file__).with_name("style_weights_tuner.npz")
"""The agent that comes along, trained by ``etude train``; see README.md for how."""

Function = Callable[[np.ndarray], np.ndarray]

ACTIVATIONS: Final[Mapping[str, Function]] = MappingProxyType(
    {"relu": lambda x: np.maximum(x, 0.0), "tanh": np.tanh}
)
SQUASHES: Final[Mapping[str, Function]] = MappingProxyType(
    {"tanh": np.tanh, "clip": lambda x: np.clip(x, -1.0, 1.0)}
)


class Layer(NamedTuple):
    """x -> x @ weight^T + bias."""

    weight: Float32[np.ndarray, "outputs inputs"]
    bias: Float32[np.ndarray, " outputs"]


class TunerAgent:
    """A policy for ``etude/StyleWeights-v0`` that always does the same in the same situation.

    Args:
        method: how it learned, such as "sac".
        layers: the network, from the input on.
        activation: between layers, "relu" or "tanh".
        squash: what keeps actions within [-1, 1], "tanh" or "clip".
        num_timesteps: the steps it has learned from.
        seed: that it was trained with.

    Raises:
        ValueError: an unknown name, or layers that do not fit each other.
    """

    def __init__(
        self,
        method: str,
        layers: Sequence[Layer],
        *,
        activation: str = "relu",
        squash: str = "tanh",
        num_timesteps: int = 0,
        seed: int = 0,
    ) -> None:
        check_name("an activation", activation, ACTIVATIONS)
        check_name("a squash", squash, SQUASHES)
        _check_layers(layers)
        self.method = method
        self.layers = tuple(layers)
        self.activation = activation
        self.squash = squash
        self.num_timesteps = num_timesteps
        self.seed = seed

    def predict(
        self,
        observation: Any,
        state: Any = None,
        episode_start: Bool[np.ndarray, " n"] | None = None,
        deterministic: bool = True,
        action_masks: Any = None,
    ) -> tuple[Float32[np.ndarray, "*batch actions"], Any]:
        """See ``Agent``; actions in [-1, 1], the same whether ``deterministic`` or not.

        Raises:
            ValueError: observations of another length than the agent learned from.
        """
        values: np.ndarray = np.asarray(observation, np.float32)
        if values.ndim == 0 or values.shape[-1] != self.num_features:
            raise ValueError(
                f"this agent learned from observations of {self.num_features} numbers, got shape "
                f"{values.shape}; it tunes the environment that it was trained on."
            )
        for layer in self.layers[:-1]:
            values = ACTIVATIONS[self.activation](values @ layer.weight.T + layer.bias)
        last = self.layers[-1]
        actions: np.ndarray = SQUASHES[self.squash](values @ last.weight.T + last.bias)
        return actions.astype(np.float32), state

    @property
    def num_features(self) -> int:
        """How many numbers an observation has."""
        return int(self.layers[0].weight.shape[1])

    @property
    def num_weights(self) -> int:
        """How many weights it tunes."""
        return int(self.layers[-1].weight.shape[0])

    def save(self, path: Path) -> None:
        """Write the agent to a file, which replaces an older one when it is complete."""
        settings = {
            "method": self.method,
            "activation": self.activation,
            "squash": self.squash,
            "num_timesteps": self.num_timesteps,
            "seed": self.seed,
            "num_layers": len(self.layers),
        }
        arrays: dict[str, np.ndarray] = {}
        for i, layer in enumerate(self.layers):
            arrays |= {f"weight {i}": layer.weight, f"bias {i}": layer.bias}
        save_arrays(path, KIND, VERSION, settings, arrays)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read an agent from a file that ``save`` wrote.

        Raises:
            FileNotFoundError: there is no such file.
            ValueError: the file is truncated, of another kind, or of a newer version.
        """
        settings, arrays = load_arrays(path, KIND, VERSION)
        try:
            layers = [
                Layer(arrays[f"weight {i}"], arrays[f"bias {i}"])
                for i in range(int(settings["num_layers"]))
            ]
            return cls(
                str(settings["method"]),
                layers,
                activation=settings["activation"],
                squash=settings["squash"],
                num_timesteps=int(settings["num_timesteps"]),
                seed=int(settings["seed"]),
            )
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise ValueError(
                f"a tuner's file holds a network that fits its settings, got {Path(path).name}: "
                f"{str(error).rstrip('.')}; train and save the agent again."
            ) from error


def _check_layers(layers: Sequence[Layer]) -> None:
    if not 1 <= len(layers) <= MAX_LAYERS:
        raise ValueError(f"a tuner has 1 to {MAX_LAYERS} layers, got {len(layers)}.")
    for layer in layers:
        if layer.weight.ndim != 2 or layer.bias.shape != layer.weight.shape[:1]:
            raise ValueError(
                f"a layer has a matrix and a bias for each of its rows, got shapes "
                f"{layer.weight.shape} and {layer.bias.shape}."
            )
        if any(array.dtype != np.float32 for array in layer):
            raise ValueError(
                f"a layer's arrays are float32, got {layer.weight.dtype} and {layer.bias.dtype}."
            )
        if not (np.isfinite(layer.weight).all() and np.isfinite(layer.bias).all()):
            raise ValueError("a layer's weights are numbers, got NaN or inf.")
    for before, after in pairwise(layers):
        if before.weight.shape[0] != after.weight.shape[1]:
            raise ValueError(
                f"each layer takes what the one before it returns, got {before.weight.shape[0]} "
                f"numbers for {after.weight.shape[1]}."
            )
