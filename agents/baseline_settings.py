"""Settings of the baselines, one class a family of algorithms.

The fields have the names of Stable-Baselines3's arguments, to which they are handed on, and what is
not a field has that library's default. Each field says where its value comes from: "SB3" is the
default (version 2.9); "chosen" was set once and not compared with others; "tuned" is the best of
those that `etude bench tuning` tries, by the exact score against random tic-tac-toe after 50,000
decisions, on the method with a mask; the one without takes it over. Values whose scores differ by
less than the spread between seeds were left alone. The table is in benchmarks/README.md.
"""

from dataclasses import dataclass
from typing import Final

BASELINES: Final = ("dqn", "a2c", "ppo", "maskable_ppo", "dqn_masked", "a2c_masked", "ppo_masked")
"""The names of the methods in ``baselines``, for those who cannot import its libraries."""


@dataclass(frozen=True, kw_only=True)
class DQNConfig:
    """Settings of DQN, under SB3's names."""

    num_envs: int = 16
    """Boards in the batch; chosen for speed (SB3: 1)."""
    net_arch: tuple[int, ...] = (128, 128)
    """Widths of the hidden layers; tuned (SB3: 64, 64)."""
    learning_rate: float = 1e-3
    """Of Adam; tuned (SB3: 1e-4)."""
    buffer_size: int = 50_000
    """Transitions kept; chosen (SB3: 1,000,000)."""
    learning_starts: int = 1_000
    """Random moves before the first update; chosen (SB3: 100)."""
    batch_size: int = 128
    """Transitions in an update; tuned (SB3: 32)."""
    gamma: float = 1.0
    """Discount; 1 because a game has a result and no time (SB3: 0.99)."""
    train_freq: int = 1
    """Steps of the batch between updates; chosen (SB3: 4, of one board)."""
    gradient_steps: int = 2
    """Updates at a time; tuned (SB3: one for 4 moves, which were 4 here)."""
    target_update_interval: int = 500
    """Moves between two copies to the target network; tuned (SB3: 10,000)."""
    exploration_fraction: float = 0.5
    """Share of the budget over which epsilon falls; tuned (SB3: 0.1)."""
    exploration_final_eps: float = 0.2
    """Epsilon after that; tuned (SB3: 0.05)."""


@dataclass(frozen=True, kw_only=True)
class A2CConfig:
    """Settings of A2C, under SB3's names."""

    num_envs: int = 8
    """Boards in the batch; tuned (SB3: 1)."""
    net_arch: tuple[int, ...] = (64, 64)
    """Widths of the hidden layers, policy and value apart. SB3."""
    learning_rate: float = 2e-3
    """Of RMSprop; tuned (SB3: 7e-4)."""
    n_steps: int = 5
    """Steps of the batch between updates. SB3."""
    gamma: float = 1.0
    """Discount; 1 because a game has a result and no time (SB3: 0.99)."""
    gae_lambda: float = 1.0
    """Of the advantage estimate; 1 is A2C's. SB3."""
    ent_coef: float = 0.05
    """Weight of the entropy bonus; tuned (SB3: 0)."""
    vf_coef: float = 0.5
    """Weight of the value loss. SB3."""


@dataclass(frozen=True, kw_only=True)
class PPOConfig:
    """Settings of PPO and MaskablePPO, under SB3's names."""

    num_envs: int = 64
    """Boards in the batch; tuned (SB3: 1)."""
    net_arch: tuple[int, ...] = (64, 64)
    """Widths of the hidden layers, policy and value apart. SB3, and tuned."""
    learning_rate: float = 2e-3
    """Of Adam; tuned (SB3: 3e-4)."""
    n_steps: int = 32
    """Steps of the batch in a rollout, 2,048 moves at 64 boards; tuned (SB3: 2,048 of one)."""
    batch_size: int = 128
    """Moves in an update; tuned (SB3: 64)."""
    n_epochs: int = 10
    """Passes over a rollout. SB3."""
    gamma: float = 1.0
    """Discount; 1 because a game has a result and no time (SB3: 0.99)."""
    gae_lambda: float = 0.95
    """Of the advantage estimate. SB3."""
    clip_range: float = 0.2
    """How far the policy may move in a rollout. SB3."""
    ent_coef: float = 0.01
    """Weight of the entropy bonus; tuned (SB3: 0)."""


Config = DQNConfig | A2CConfig | PPOConfig
