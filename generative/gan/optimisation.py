"""Adam as all generative models here use it, and the types that their products are computed in."""

from typing import Protocol

import torch
from torch import nn

from etude.generative.gan.settings import GANSettings


class Descent(Protocol):
    """Settings of Adam."""

    @property
    def learning_rate(self) -> float:
        """At first."""
        ...

    @property
    def momentum(self) -> float:
        """The first beta."""
        ...

    @property
    def memory(self) -> float:
        """The second beta."""
        ...


def adam(network: nn.Module, settings: Descent) -> torch.optim.Adam:
    """Adam over the weights of a network that are not frozen, in one fused kernel."""
    weights = [weight for weight in network.parameters() if weight.requires_grad]
    betas = (settings.momentum, settings.memory)
    return torch.optim.Adam(weights, settings.learning_rate, betas, fused=True)


def set_rate(optimizer: torch.optim.Optimizer, learning_rate: float) -> None:
    """Make the next steps as long as this."""
    for group in optimizer.param_groups:
        group["lr"] = learning_rate


def autocast_type(settings: GANSettings, device: torch.device) -> torch.dtype | None:
    """What products are computed in, None for the type of the weights.

    Raises:
        ValueError: bfloat16 is asked for on a GPU that has none.
    """
    has_it = device.type == "cuda" and torch.cuda.is_bf16_supported()
    match settings.precision:
        case "float32":
            return None
        case "auto":
            return torch.bfloat16 if has_it else None
        case _ if device.type == "cuda" and not has_it:
            raise ValueError(f"bfloat16 needs a GPU that has it, got {device}; use float32.")
        case _:
            return torch.bfloat16
