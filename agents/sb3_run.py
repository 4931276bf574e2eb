"""Training with Stable-Baselines3 that goes on where it was stopped, and comes to the same network.

SB3's own files hold neither the games under way nor the states of random generators. So a run that
is kept is cut into pieces: where one begins, all games begin anew, and all generators are seeded by
the seed of the run and the number of the piece. Between two pieces nothing remains but weights,
optimisers, counters and the replay buffer, which are written to a file; a run that was stopped
begins its last piece again.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from gymnasium.error import DependencyNotInstalled

from etude.generative.checkpoints import (
    State,
    checkpoint_step,
    load_checkpoint,
    save_checkpoint,
)

try:
    from stable_baselines3.common.callbacks import BaseCallback, ConvertCallback
except ImportError as error:
    raise DependencyNotInstalled(
        "runs of Stable-Baselines3 need that library, which is not installed; run "
        "`pip install 'etude[baselines]'`."
    ) from error

NUM_PIECES: Final = 20
COUNTERS: Final = (  # of SB3's algorithms besides the steps, as far as one has them
    "_n_updates",
    "_n_calls",
    "_episode_num",
    "exploration_rate",
    "_current_progress_remaining",
)
BUFFERED: Final = ("observations", "next_observations", "actions", "rewards", "dones", "timeouts")

AfterStep = Callable[[dict[str, Any], dict[str, Any]], bool]
"""What SB3 calls after each step of the batch; whether to go on."""


def run(
    model: Any,
    total_timesteps: int,
    *,
    seed: int,
    after_step: AfterStep,
    checkpoint: Path | None = None,
    head_start: Callable[[], int] = lambda: 0,
) -> None:
    """Let a model learn.

    Args:
        model: an algorithm of SB3, as it was made.
        total_timesteps: the budget.
        seed: of the pieces.
        after_step: called after each step of the batch.
        checkpoint: a file in which the run is kept, twenty times, and from which it goes on if it
            is there. Without one the run is a single piece.
        head_start: what the model does at the very beginning; returns the steps this took.

    Raises:
        ValueError: the checkpoint is damaged, or of another run.
    """
    callbacks: list[BaseCallback] = [ConvertCallback(after_step)]
    if checkpoint is not None:
        callbacks.append(_Pieces(max(total_timesteps // NUM_PIECES, 1), seed, checkpoint))
    if checkpoint is not None and checkpoint.exists():
        model.num_timesteps = load_checkpoint(checkpoint, {"model": _Learned(model)})
    else:
        model.num_timesteps = head_start()
    left = total_timesteps - model.num_timesteps
    model.learn(left, callback=callbacks, reset_num_timesteps=False)


def steps_kept(checkpoint: Path | None) -> int:
    """How many steps a run has behind it where it goes on.

    Raises:
        ValueError: the checkpoint is damaged.
    """
    if checkpoint is None or not checkpoint.exists():
        return 0
    return checkpoint_step(checkpoint)


class _Pieces(BaseCallback):
    """Begins a piece wherever a rollout begins behind a multiple of ``every`` steps."""

    def __init__(self, every: int, seed: int, path: Path) -> None:
        super().__init__()
        self._every, self._seed, self._path = every, seed, path
        self._piece = -1

    def _on_rollout_start(self) -> None:
        piece = self.model.num_timesteps // self._every
        if piece > self._piece:
            self._piece = piece
            save_checkpoint(self._path, self.model.num_timesteps, {"model": _Learned(self.model)})
            self._begin(piece)

    def _begin(self, piece: int) -> None:
        model: Any = self.model
        (seed,) = np.random.SeedSequence((self._seed, piece)).generate_state(1)
        model.set_random_seed(int(seed >> 1))  # whose games have the seeds behind it
        model._last_obs = model.env.reset()
        model._last_episode_starts = np.ones(model.env.num_envs, np.bool_)

    def _on_step(self) -> bool:
        return True


class _Learned:
    """What a model has learned, as a part of a checkpoint."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def state_dict(self) -> State:
        """See ``Stateful``."""
        model = self._model
        return {
            "parameters": model.get_parameters(),
            "variables": {name: getattr(model, name).detach() for name in self._variables},
            "counters": {name: getattr(model, name) for name in COUNTERS if hasattr(model, name)},
            "buffer": {} if self._buffer is None else _buffer_state(self._buffer),
        }

    def load_state_dict(self, state_dict: State) -> None:
        """See ``Stateful``."""
        model = self._model
        model.set_parameters(state_dict["parameters"], device="cpu")
        for name in self._variables:
            getattr(model, name).data.copy_(state_dict["variables"][name])
        for name, value in state_dict["counters"].items():
            setattr(model, name, value)
        if self._buffer is not None:
            _fill_buffer(self._buffer, state_dict["buffer"])

    @property
    def _variables(self) -> list[str]:
        """The tensors that belong to no network, such as SAC's weight of the entropy."""
        _, names = self._model._get_torch_save_params()
        return [name for name in names if getattr(self._model, name) is not None]

    @property
    def _buffer(self) -> Any:
        return getattr(self._model, "replay_buffer", None)


def _buffer_state(buffer: Any) -> State:
    used = buffer.buffer_size if buffer.full else buffer.pos
    arrays = {name: torch.from_numpy(getattr(buffer, name)[:used].copy()) for name in BUFFERED}
    return {"pos": buffer.pos, "full": buffer.full, "arrays": arrays}


def _fill_buffer(buffer: Any, state: State) -> None:
    buffer.pos, buffer.full = state["pos"], state["full"]
    for name in BUFFERED:
        array = state["arrays"][name].numpy()
        getattr(buffer, name)[: len(array)] = array
