"""What every training run needs: seeds, an average of the weights, and a loop that can be left.

A run is a function that makes one update, the parts whose state it changes, and a number of steps.
``train`` calls the one, saves the others, and takes up a run where it was left: with the random
numbers among the parts, a run that was stopped ends in the same numbers as one that was not.
"""

import math
import random
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from etude.foundations.interrupts import HeldInterrupt
from etude.generative.checkpoints import Stateful, load_checkpoint, save_checkpoint
from etude.generative.records import Progress, Recorder

MAX_SEED: Final = 2**32 - 1  # the widest that NumPy's old generator takes
Update = Callable[[], Mapping[str, Tensor]]


def seed_everything(seed: int) -> None:
    """Seed the global generators of Python, NumPy and torch; for programs, once, at their start.

    Args:
        seed: 0 to 2^32 - 1.

    Raises:
        ValueError: a seed out of range.
    """
    if not 0 <= seed <= MAX_SEED:
        raise ValueError(f"a seed lies between 0 and {MAX_SEED}, got {seed}; for example 0.")
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002, other libraries draw from it
    torch.manual_seed(seed)


def moving_average(network: nn.Module, decay: float) -> AveragedModel:
    """A copy whose weights follow the network's: w <- decay w + (1 - decay) w_network.

    Call its ``update_parameters(network)`` after each step; the first call copies.

    Args:
        network: what is trained.
        decay: in [0, 1); 0.999 averages over the last thousand steps or so.

    Raises:
        ValueError: a decay out of range.
    """
    if not 0.0 <= decay < 1.0:
        raise ValueError(f"a decay lies in [0, 1), got {decay}; for example 0.999.")
    follow = get_ema_multi_avg_fn(decay)  # type: ignore[no-untyped-call]
    average = AveragedModel(network, multi_avg_fn=follow, use_buffers=True)
    return average.requires_grad_(False)


def train(
    update: Update,
    parts: Mapping[str, Stateful],
    num_steps: int,
    recorder: Recorder,
    *,
    checkpoint: Path | None = None,
    save_every_steps: int = 500,
) -> None:
    """Make updates until ``num_steps`` are made, those of earlier calls included.

    Ctrl-C ends the loop after the update under way, whose state is saved; a second one ends it at
    once.

    Args:
        update: makes one update and returns its losses by name.
        parts: everything that ``update`` changes or draws from, by name.
        num_steps: in all.
        recorder: is told each step.
        checkpoint: where the state is kept; if the file exists, the run goes on from it.
        save_every_steps: how often, besides the end.

    Raises:
        KeyboardInterrupt: Ctrl-C came; at the end.
        FloatingPointError: a loss or a weight is not finite; the last checkpoint stays as it was.
        ValueError: see ``load_checkpoint``.
    """
    step = load_checkpoint(checkpoint, parts) if checkpoint and checkpoint.exists() else 0
    recorder.begin(step)
    saved = step
    with HeldInterrupt() as interrupt:
        while step < num_steps and not interrupt.requested:
            step += 1
            recorder.record(_timed(update, step, checkpoint))
            if checkpoint and (step % save_every_steps == 0):
                _save_finite(checkpoint, step, parts)
                saved = step
        if checkpoint and step > saved:
            _save_finite(checkpoint, step, parts)


def _timed(update: Update, step: int, checkpoint: Path | None) -> Progress:
    start = time.perf_counter()
    losses = {name: loss.item() for name, loss in update().items()}
    check_losses(losses, step, lambda: f"{_kept(checkpoint)},")
    return Progress(step, time.perf_counter() - start, losses)


def check_losses(losses: Mapping[str, float], step: int, what_is_left: Callable[[], str]) -> None:
    """Check that a step did not diverge.

    Args:
        losses: by name.
        step: the number of the step.
        what_is_left: asked for the message, before "start anew".

    Raises:
        FloatingPointError: a loss is not finite.
    """
    if all(map(math.isfinite, losses.values())):
        return
    values = ", ".join(f"{name}={loss:.4g}" for name, loss in losses.items())
    raise FloatingPointError(
        f"losses are finite, got {values} at step {step}; {what_is_left()} start anew with a "
        "smaller learning rate."
    )


def _save_finite(checkpoint: Path, step: int, parts: Mapping[str, Stateful]) -> None:
    """Save, unless the last step, whose loss was computed before it, has spoilt the weights."""
    for name, part in parts.items():
        if isinstance(part, nn.Module) and not all(map(_is_finite, part.state_dict().values())):
            raise FloatingPointError(
                f"weights are finite, got others in the {name} after step {step}; "
                f"{_kept(checkpoint)}, start anew with a smaller learning rate."
            )
    save_checkpoint(checkpoint, step, parts)


def _is_finite(weights: Tensor) -> bool:
    return bool(weights.isfinite().all())


def _kept(checkpoint: Path | None) -> str:
    """What is left after a step that went wrong."""
    if checkpoint is None or not checkpoint.exists():
        return "nothing was saved"
    return f"the last good state is in {str(checkpoint)!r}"
