"""SRResNets that others trained: their files, read into ours with ``paper=True``.

Two forms of the paper's network are known here, by the names of their weights. Width, blocks and
scale are read off the shapes. Both take and give RGB in [0, 1].

- "trunk": https://github.com/Lornatang/SRGAN-PyTorch, SRResNet and SRGAN since 2022. ``conv1`` is
  our ``head``; ``trunk.i.rcb.0`` to ``.4`` are block i's first convolution, its normalisation,
  PReLU, second convolution and its normalisation; ``conv2`` is ``after``;
  ``upsampling.i.upsample_block.0`` and ``.2`` are ``enlarge.3i`` and ``enlarge.3i+2``; ``conv3`` is
  the last of ``enlarge``.
- "residual": https://github.com/twtygqyy/pytorch-SRResNet, for 4 times. ``conv_input`` is
  ``head.0``; ``residual.i.conv1``, ``bn1``, ``conv2`` and ``bn2`` are those of block i;
  ``conv_mid`` and ``bn_mid`` are ``after``; ``upscale4x.0``, ``upscale4x.3`` and ``conv_output``
  are convolutions of ``enlarge``. It has no biases, which are 0 then, and leaky ReLU, which is a
  PReLU of 0.2. It publishes pickled modules, whose ``state_dict()`` has to be saved first: code
  in foreign files is not run.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import torch
from torch import Tensor

from etude.generative.built_networks import build_network
from etude.generative.checkpoints import load_weights
from etude.generative.gan.srgan import SCALES, SRResNet
from etude.generative.gan.super_resolution import Upscaler, open_upscaler
from etude.generative.style.protocol import read_weights

LEAK: Final = 0.2  # of the second form's leaky ReLU
SAFETENSORS: Final = ".safetensors"
WRAPPERS: Final = ("module.", "_orig_mod.")  # of DataParallel and torch.compile
State = dict[str, Tensor]

BLOCK: Final = ("first", "first_norm", "activation", "second", "second_norm")
PARTS: Final[Mapping[str, str]] = MappingProxyType(
    {"conv1": "first", "bn1": "first_norm", "conv2": "second", "bn2": "second_norm"}
)
BIASED: Final[Mapping[str, str]] = MappingProxyType(  # convolutions that have biases in ours
    {
        "conv_input": "head.0",
        "upscale4x.0": "enlarge.0",
        "upscale4x.3": "enlarge.3",
        "conv_output": "enlarge.6",
    }
)


def open_any_upscaler(path: Path) -> Upscaler:
    """A network of ours, or a published one, which counts as trained on pixels.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is neither.
    """
    if path.suffix == SAFETENSORS and "format" in load_weights(path)[1]:
        return open_upscaler(path)
    return Upscaler(network=open_published(path), model="srresnet", notes={"published": path.name})


def open_published(path: Path) -> SRResNet:
    """Read a network in one of the forms above, from a file of ``torch.save`` or safetensors.

    Nothing in the file is executed. The state dict may lie in the file under "state_dict", as in
    checkpoints of training.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is broken, or holds something else.
    """
    if not path.is_file():
        raise FileNotFoundError(f"a network is a file that exists, got {str(path)!r}.")
    content = load_weights(path)[0] if path.suffix == SAFETENSORS else read_weights(path)
    try:
        return network_of(content)
    except (ValueError, TypeError, IndexError, KeyError) as error:  # of odd names and shapes
        raise ValueError(f"{error} It was in {str(path)!r}.") from error


def network_of(content: Mapping[str, Any]) -> SRResNet:
    """The network that a state dict describes, ready for use.

    Args:
        content: by the names of one of the forms, or with such a state dict under "state_dict".

    Raises:
        ValueError: another form, a network that is not the paper's, or weights that are missing.
    """
    inner = content.get("state_dict", content)
    if not isinstance(inner, Mapping):
        raise ValueError(f"a state dict is a table, got a {type(inner).__name__}.")
    state = {_bare(name): value for name, value in inner.items() if isinstance(value, Tensor)}
    for mark, translate in FORMS.items():
        if mark in state:
            return _build(translate(state))
    raise ValueError(
        f"a published SRResNet has weights called {' or '.join(FORMS)}, got "
        f"{', '.join(sorted(state)[:3]) or 'none'}; rename them as the module published_srresnet "
        "says."
    )


def _build(state: State) -> SRResNet:
    width = state["head.0.weight"].shape[0]
    shuffled = [name for name in state if name.startswith("enlarge.") and name.endswith(".bias")]
    scale = 2 ** (len(shuffled) - 1)  # the last convolution does not enlarge
    if scale not in SCALES:
        raise ValueError(
            f"a network enlarges {' or '.join(map(str, SCALES))} times, got one for {scale}."
        )
    sizes = {"scale": scale, "width": width, "num_blocks": _count(state, "blocks"), "paper": True}
    try:
        network = build_network(SRResNet, sizes, state)
    except (ValueError, RuntimeError) as error:
        reason = " ".join(str(error).split())
        raise ValueError(
            f"a published SRResNet has all weights of the paper's: {reason}"
        ) from error
    return network.eval().requires_grad_(False)


def _from_trunk(state: State) -> State:
    num_stages = _count(state, "upsampling")
    names = {"conv1.0": "head.0", "conv1.1": "head.1", "conv2.0": "after.0", "conv2.1": "after.1"}
    names["conv3"] = f"enlarge.{3 * num_stages}"
    for i in range(_count(state, "trunk")):
        names |= {f"trunk.{i}.rcb.{j}": f"blocks.{i}.{part}" for j, part in enumerate(BLOCK)}
    for i in range(num_stages):
        names |= {f"upsampling.{i}.upsample_block.{j}": f"enlarge.{3 * i + j}" for j in (0, 2)}
    return _renamed(state, names)


def _from_residual(state: State) -> State:
    """With the biases and the slopes that the form leaves out."""
    names = {"conv_mid": "after.0", "bn_mid": "after.1", **BIASED}
    slopes = ["head.1", "enlarge.2", "enlarge.5"]
    for i in range(_count(state, "residual")):
        names |= {f"residual.{i}.{theirs}": f"blocks.{i}.{ours}" for theirs, ours in PARTS.items()}
        slopes.append(f"blocks.{i}.activation")
    added = {f"{name}.weight": torch.tensor([LEAK]) for name in slopes}
    for theirs, ours in BIASED.items():
        weight = state.get(f"{theirs}.weight")
        if weight is not None:
            added[f"{ours}.bias"] = weight.new_zeros(len(weight))
    return _renamed(state, names) | added


def _count(state: State, stem: str) -> int:
    """How many numbers there are behind the first part of a name."""
    return len({name.split(".")[1] for name in state if name.startswith(f"{stem}.")})


def _renamed(state: State, names: Mapping[str, str]) -> State:
    renamed = {}
    for name, value in state.items():
        layer, _, kind = name.rpartition(".")
        renamed[f"{names.get(layer, layer)}.{kind}"] = value
    return renamed


def _bare(name: str) -> str:
    for wrapper in WRAPPERS:
        name = name.removeprefix(wrapper)
    return name


FORMS: Final[Mapping[str, Callable[[State], State]]] = MappingProxyType(
    {"conv1.0.weight": _from_trunk, "conv_input.weight": _from_residual}
)
