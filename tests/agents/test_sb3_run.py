"""Training with Stable-Baselines3 that was stopped goes on, and ends as if it had not been."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

pytest.importorskip("stable_baselines3")

from etude.agents import baselines, tuner_training
from etude.agents.baseline_settings import A2CConfig, DQNConfig, PPOConfig
from etude.agents.baselines import train_baseline
from etude.agents.sb3_run import NUM_PIECES, steps_kept
from etude.agents.tuner_settings import PPOConfig as TunerPPOConfig
from etude.agents.tuner_settings import SACConfig
from etude.agents.tuner_training import train_tuner
from etude.envs.style_weights.instances import Instance
from etude.foundations.arrays import read_arrays

BUDGET = 600
BOARD_CONFIGS = {
    "dqn": DQNConfig(num_envs=4, learning_starts=50, batch_size=16, buffer_size=400),
    "a2c": A2CConfig(num_envs=4),
    "ppo": PPOConfig(num_envs=4, n_steps=8, batch_size=16, n_epochs=2),
}
TUNER_CONFIGS = {
    "sac": SACConfig(num_envs=2, learning_starts=30, gradient_steps=1, batch_size=8),
    "ppo": TunerPPOConfig(num_envs=2, n_steps=3, batch_size=6, n_epochs=1, imitates="greedy"),
    "td3": replace(
        tuner_training.METHODS["td3"].config, num_envs=2, learning_starts=30, gradient_steps=1
    ),
}
CASES = [(name, "board") for name in baselines.METHODS] + [
    (name, "style weights") for name in tuner_training.METHODS
]
Train = Callable[[Path | None, Callable[[Any], None]], Any]


class Killed(BaseException):
    """In place of SIGKILL, which a test would not survive."""


def training_of(method: str, world: str) -> Train:
    if world == "board":
        config = BOARD_CONFIGS[method.removeprefix("maskable_").removesuffix("_masked")]
        return lambda checkpoint, watch: train_baseline(
            method,
            "tictactoe",
            BUDGET,
            seed=3,
            opponent="epsilon_minimax:0.3",
            config=config,
            checkpoint=checkpoint,
            progress=watch,
        )
    torch_rng = torch.Generator().manual_seed(1)
    images = torch.rand(6, 1, 3, 16, 16, generator=torch_rng)
    return lambda checkpoint, watch: train_tuner(
        method,
        BUDGET // 5,
        seed=3,
        config=TUNER_CONFIGS[method],
        checkpoint=checkpoint,
        progress=watch,
        instances=[Instance(images[i], images[i + 3], i / 2) for i in range(3)],
        encoder="tiny",
        num_steps=3,
        iterations=1,
    )


def arrays_of(agent: Any, path: Path) -> dict[str, bytes]:
    agent.save(path)
    return {name: array.tobytes() for name, array in read_arrays(path).items()}


@pytest.mark.parametrize(("method", "world"), CASES)
def test_a_killed_run_ends_in_the_same_network(method: str, world: str, tmp_path: Path) -> None:
    train, steps = training_of(method, world), []
    whole = train(tmp_path / "whole.pt", lambda agent: steps.append(agent.num_timesteps))
    kept, begun = tmp_path / "kept.pt", []
    for share in (0.5, 0.45, 0.9):
        looks: list[int] = []
        last_step = steps[0] + share * (steps[-1] - steps[0])

        def watch(agent: Any, looks: list[int] = looks, last_step: float = last_step) -> None:
            looks.append(agent.num_timesteps)
            if agent.num_timesteps >= last_step:
                raise Killed

        with pytest.raises(Killed):
            train(kept, watch)
        begun.append(looks[0])
    looks = []
    last = train(kept, lambda agent: looks.append(agent.num_timesteps))
    begun.append(looks[0])
    assert steps[0] == begun[0] < begun[1] == begun[2] < begun[3]
    assert looks == steps[-len(looks) :]
    assert steps_kept(kept) < looks[-1]
    ours, theirs = arrays_of(last, tmp_path / "a.npz"), arrays_of(whole, tmp_path / "b.npz")
    assert ours == theirs


def test_pieces_have_games_and_numbers_of_their_own(tmp_path: Path) -> None:
    """A run that is kept differs from one that is not, and one seed from another."""
    seeds = (0, 1)
    kept = [
        train_baseline("a2c", "tictactoe", 200, seed=seed, checkpoint=tmp_path / f"{seed}.pt")
        for seed in seeds
    ]
    plain = train_baseline("a2c", "tictactoe", 200, seed=0)
    weights = [agent.policy.state_dict()["action_net.weight"] for agent in (*kept, plain)]
    for i in range(3):
        assert not torch.equal(weights[i], weights[i - 1])


def test_a_full_replay_buffer_is_kept_as_it_is(tmp_path: Path) -> None:
    config = replace(BOARD_CONFIGS["dqn"], buffer_size=40)
    train_baseline("dqn", "tictactoe", 400, seed=0, config=config, checkpoint=tmp_path / "a.pt")
    states = torch.load(tmp_path / "a.pt", weights_only=True)["states"]
    buffer = states["model"]["buffer"]
    assert buffer["full"]
    assert buffer["arrays"]["observations"].shape == (10, 4, 18)


def test_what_is_no_checkpoint_of_the_run_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.pt"
    path.write_bytes(np.random.default_rng(0).bytes(500))
    with pytest.raises(ValueError, match="is no complete checkpoint; delete it to start anew"):
        train_baseline("a2c", "tictactoe", 100, seed=0, checkpoint=path)
    path.unlink()
    train_baseline("a2c", "tictactoe", 100, seed=0, checkpoint=path)
    with pytest.raises(ValueError, match="of a run with other settings"):
        train_baseline("dqn", "tictactoe", 100, seed=0, checkpoint=path)
    assert steps_kept(None) == steps_kept(tmp_path / "missing.pt") == 0
    assert 0 < steps_kept(path) < 100
    assert NUM_PIECES * (100 // NUM_PIECES) == 100
