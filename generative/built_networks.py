"""Networks with the weights of a file, whose settings may claim anything.

A file of a kilobyte can ask for a network of a million layers or of a terabyte. So a network is
first drawn up without memory (on torch's "meta" device), and only made if the weights are its own.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

import torch
from torch import Tensor, nn

Network = TypeVar("Network", bound=nn.Module)
MAX_SIZE: Final = 4_096  # of a width, a number of layers, an image: the largest of ours is 1,024

OPTIONAL: Final = "num_batches_tracked"  # older files of torch do without


def build_network(
    make: Callable[..., Network], arguments: Any, state: Mapping[str, Tensor]
) -> Network:
    """A network with weights.

    Args:
        make: its constructor.
        arguments: of the constructor by name, as they are in a file.
        state: the weights, which ``load_state_dict`` takes.

    Raises:
        ValueError: no network can be made of the arguments, one of them is too large, or the
            weights are not those of the network.
    """
    if not isinstance(arguments, Mapping):
        raise ValueError(f"a network's settings are a table, got {arguments!r:.60}")
    for number in _numbers(arguments.values()):
        if not abs(number) <= MAX_SIZE:
            raise ValueError(f"a network is made of at most {MAX_SIZE} of anything, got {number}")
    _check_same(_sketch(make, arguments), state)
    with torch.random.fork_rng(devices=[]):  # whose random numbers its weights are
        network = make(**arguments)
    network.load_state_dict(state)
    return network


def _sketch(make: Callable[..., nn.Module], arguments: Mapping[str, Any]) -> dict[str, Tensor]:
    """The weights of a network as shapes without content."""
    try:
        with torch.device("meta"):
            return make(**arguments).state_dict()
    except Exception as error:  # constructors trust their callers, and a file is not to be trusted
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(f"no network can be made of these settings: {reason:.200}") from error


def _check_same(sketch: Mapping[str, Tensor], state: Mapping[str, Tensor]) -> None:
    """Check that the weights of a file are those that a network has."""
    alone = {name for name in set(sketch) ^ set(state) if not name.endswith(OPTIONAL)}
    if alone:
        raise ValueError(f"only one of file and network has {', '.join(sorted(alone)[:3])}")
    for name in set(sketch) & set(state):
        if sketch[name].shape != state[name].shape:
            shapes = tuple(state[name].shape), tuple(sketch[name].shape)
            raise ValueError(f"{name} is {shapes[0]} in the file and {shapes[1]} in the network")


def _numbers(values: Iterable[Any]) -> Iterable[float]:
    """Those in lists and tables, too."""
    for value in values:
        if isinstance(value, Mapping):
            yield from _numbers(value.values())
        elif isinstance(value, list | tuple):
            yield from _numbers(value)
        elif isinstance(value, int | float):
            yield value
