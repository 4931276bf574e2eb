"""Where networks compute: what the user asks for, and what is here."""

from typing import Literal

import torch

Device = Literal["auto", "cpu", "cuda"]


def find_device(name: Device) -> torch.device:
    """Where to compute; auto is a GPU if there is one.

    Raises:
        ValueError: a GPU is asked for, and there is none.
    """
    has_gpu = torch.cuda.is_available()
    if name == "cuda" and not has_gpu:
        raise ValueError("--device cuda needs a GPU that torch can use, got none; leave it out.")
    return torch.device("cuda" if has_gpu and name != "cpu" else "cpu")
