"""What the single environment and the vector one share: their settings, spaces, and input."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, get_args

import numpy as np
import torch
from gymnasium import spaces
from jaxtyping import Float32, Int64

from etude.envs.style_weights.instances import (
    SPLITS,
    Instance,
    check_picture,
    folder_instances,
    split_instances,
)
from etude.envs.style_weights.objective import Objective
from etude.envs.style_weights.observation import MAX_LOG_WEIGHT, observation_space
from etude.foundations.names import check_name
from etude.generative.style.efficientnet_lite import EfficientNetLite, packaged_weights
from etude.generative.style.tiny_encoder import TinyEncoder

EncoderName = Literal["efficientnet-lite0", "efficientnet-lite1", "tiny"]
Judge = Literal["held_out", "inner"]

PAINTER: Final = "efficientnet-lite0"
HELD_OUT: Final = "efficientnet-lite1"
VIEWS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    PAINTER: ("b3e", ("stem", "b0d", "b1d", "b2d", "b3e")),
    HELD_OUT: ("b7e", ("stem", "b0d", "b1d", "b3d", "b4e", "b6d", "b7e")),
    "tiny": ("conv2", ("conv1", "conv2")),
}
"""The layers for content and for style of each network. The painter's are the first four blocks of
16: all that pictures of 32 pixels have something to say to, and fast."""

MAX_CHANGE: Final = 2.0  # of a log weight in a step
RESET_OPTIONS: Final = ("instance", "log_weights")
SMALLEST_SIZE: Final = 16


@dataclass(frozen=True)
class StyleWeightsSettings:
    """The arguments of ``StyleWeightsEnv``, which explains them; pictures are read when asked for.

    Raises:
        ValueError: an unknown name, a number out of its range, or a list of instances with pictures
            that are too small, of one colour, or of several sizes.
        TypeError: instances that are none.
    """

    instances: str | Path | Sequence[Instance] = "train"
    size: int = 32
    num_steps: int = 12
    iterations: int = 4
    judge: Judge = "held_out"
    encoder: Literal["efficientnet-lite0", "tiny"] = "efficientnet-lite0"
    step_size: float = 0.05
    smoothness: float = 0.1
    nan_penalty: float = 10.0
    device: str = "cpu"

    def __post_init__(self) -> None:
        check_name("a judge", self.judge, get_args(Judge))
        check_name("an encoder", self.encoder, (PAINTER, "tiny"))
        for name, least in (("num_steps", 1), ("iterations", 1), ("size", SMALLEST_SIZE)):
            value = getattr(self, name)
            if not isinstance(value, int | np.integer) or value < least:
                raise ValueError(f"{name} is a whole number of at least {least}, got {value!r}.")
        for name in ("step_size", "smoothness", "nan_penalty"):
            value = getattr(self, name)
            if not 0.0 <= value < np.inf:
                raise ValueError(f"{name} is a number of at least 0, got {value}.")
        if not isinstance(self.instances, str | Path):
            _check_instances(self.instances)
        elif str(self.instances) not in SPLITS and not Path(self.instances).is_dir():
            check_name("a split, or else a folder that exists,", str(self.instances), SPLITS)

    @cached_property
    def all_instances(self) -> tuple[Instance, ...]:
        """The instances; their pictures are read or drawn when they are first asked for.

        Raises:
            ValueError: pictures are missing, broken, too small, or of one colour.
        """
        if not isinstance(self.instances, str | Path):
            return tuple(self.instances)
        if str(self.instances) in SPLITS:
            return split_instances(str(self.instances), self.size)
        return folder_instances(Path(self.instances), self.size)

    @property
    def painters_view(self) -> Objective:
        """What is descended on."""
        return objective(self.encoder, self.device)

    @property
    def judges_view(self) -> Objective:
        """What is paid for."""
        return objective(HELD_OUT if self.judge == "held_out" else self.encoder, self.device)

    @property
    def num_weights(self) -> int:
        """Content, each style layer, total variation."""
        return len(VIEWS[self.encoder][1]) + 2

    @property
    def weight_names(self) -> tuple[str, ...]:
        """What the weights are of, in the order of the action."""
        return ("content", *(f"style {layer}" for layer in VIEWS[self.encoder][1]), "variation")

    @property
    def default_log_weights(self) -> Float32[np.ndarray, " weights"]:
        """Those of ``etude stylize``, from which the agent departs: see ``GatysSettings``."""
        num_styles = self.num_weights - 2
        weights = [1.0, *num_styles * [50.0 / num_styles], 10.0]
        return np.log(np.asarray(weights, np.float32))

    @property
    def action_space(self) -> spaces.Box:
        """A change of each log weight."""
        return spaces.Box(-1.0, 1.0, (self.num_weights,), np.float32)

    @property
    def observation_space(self) -> spaces.Box:
        """See ``Observation``."""
        return observation_space(self.num_weights)


@lru_cache(maxsize=8)
def objective(encoder: EncoderName, device: str) -> Objective:
    """A network with its layers, shared by all environments of a process.

    Raises:
        ImportError: the network's package is not installed.
    """
    content_layer, style_layers = VIEWS[encoder]
    layers = tuple(dict.fromkeys((content_layer, *style_layers)))
    with torch.random.fork_rng(devices=()):  # a learner's seed is not to depend on who was first
        network = (
            TinyEncoder(layers)
            if encoder == "tiny"
            else EfficientNetLite(layers, packaged_weights(encoder), encoder)
        )
    return Objective(network.to(torch.device(device)), content_layer, style_layers)


class Wish(NamedTuple):
    """What the options of a reset ask for; None: not given."""

    instance: Int64[np.ndarray, " rows"] | None
    log_weights: Float32[np.ndarray, "rows weights"] | None


def read_options(
    options: Mapping[str, Any] | None, settings: StyleWeightsSettings, num_rows: int
) -> Wish:
    """The options of a reset, repeated for all rows where there is one for all.

    Raises:
        ValueError: an unknown option, a number out of range, or another shape.
        TypeError: an instance that is no whole number.
    """
    options = options or {}
    for name in options:
        check_name("an option of reset", name, RESET_OPTIONS)
    instance, log_weights = options.get("instance"), options.get("log_weights")
    if instance is not None:
        instance = _read_numbers(instance, len(settings.all_instances), num_rows)
    if log_weights is not None:
        log_weights = _read_log_weights(log_weights, num_rows, settings.num_weights)
    return Wish(instance, log_weights)


def _read_numbers(given: Any, num_instances: int, num_rows: int) -> Int64[np.ndarray, " rows"]:
    numbers: np.ndarray = np.asarray(given)
    if numbers.dtype.kind not in "iu":
        raise TypeError(f"an instance is a whole number, got {given!r}.")
    if numbers.shape not in ((), (num_rows,)):
        raise ValueError(
            f"instances are one number, or one for each of {num_rows} paintings, got {given!r}."
        )
    if numbers.min() < 0 or numbers.max() >= num_instances:
        raise ValueError(
            f"an instance is a number from 0 to {num_instances - 1}, got {given}; see "
            "`instance_table`."
        )
    return np.broadcast_to(numbers.astype(np.int64), num_rows)


def _read_log_weights(
    given: Any, num_rows: int, num_weights: int
) -> Float32[np.ndarray, "rows weights"]:
    log_weights: np.ndarray = np.asarray(given, np.float32)
    if log_weights.shape not in ((num_weights,), (num_rows, num_weights)):
        raise ValueError(
            f"log_weights are {num_weights} numbers, or as many for each of {num_rows} paintings, "
            f"got shape {log_weights.shape}."
        )
    if not (np.abs(log_weights) <= MAX_LOG_WEIGHT).all():  # nor if there is a NaN
        raise ValueError(
            f"log_weights lie between {-MAX_LOG_WEIGHT} and {MAX_LOG_WEIGHT}, got {given}."
        )
    return np.broadcast_to(log_weights, (num_rows, num_weights))


def read_actions(given: Any, shape: tuple[int, ...]) -> Float32[np.ndarray, "..."]:
    """Actions as an array, clipped to [-1, 1].

    Raises:
        ValueError: another shape, or NaN.
    """
    actions: np.ndarray = np.asarray(given, np.float64)  # what float32 cannot hold is clipped too
    if actions.shape != shape:
        raise ValueError(
            f"actions have shape {shape}, one number for each weight, got {actions.shape}."
        )
    if np.isnan(actions).any():
        raise ValueError(
            f"actions are numbers from -1 to 1, got {given}; NaN in a policy's output often "
            "comes from a learning rate that is too high."
        )
    return actions.clip(-1.0, 1.0).astype(np.float32)


def _check_instances(instances: Sequence[Instance]) -> None:
    is_list = isinstance(instances, Sequence) and not isinstance(instances, Instance)
    if not is_list or not all(isinstance(instance, Instance) for instance in instances):
        raise TypeError(
            f"instances are a split's name ({', '.join(SPLITS)}), a folder, or a list of Instance, "
            f"got {type(instances).__name__}."
        )
    if not instances:
        raise ValueError("there is at least one instance to paint, got an empty list.")
    for instance in instances:
        check_picture(instance.content, SMALLEST_SIZE, instance.content_name)
        check_picture(instance.style, SMALLEST_SIZE, instance.style_name)
        if not 0.0 <= instance.preference <= 1.0:
            raise ValueError(
                f"a preference is from 0 (style) to 1 (content), got {instance.preference} for "
                f"{instance.content_name}."
            )
    sizes = {(i.content.shape[-2:], i.style.shape[-2:]) for i in instances}
    if len(sizes) > 1:
        raise ValueError(
            f"instances of one environment have contents of one size, and styles of one size, got "
            f"{sorted(tuple(map(tuple, pair)) for pair in sizes)}; scale them, or make several "
            "environments."
        )
