"""Settings of the baselines, one class a family of algorithms.

The fields have the names of Stable-Baselines3's arguments, to which they are handed on, and what is
not a field has that library's default. Each field says where its value comes from: "SB3" is the
default (version 2.9); "chosen" was set once and not compared with others; "tuned" is the best of
those named, by the exact score against the uniform opponent on tic-tac-toe after 50,000 decisions
of the method with a mask; the one without takes it over. That search was small: few combinations,
on seed 100 alone for DQN and PPO and on 100 and 101 for A2C. Scores of equal settings differ by
0.02 between seeds, those of A2C without a mask by 0.2 and more: it finds coarse errors only.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class DQNConfig:
    """Settings of DQN, under SB3's names."""

    num_envs: int = 16
    """Boards in the batch; chosen for speed (SB3: 1)."""
    net_arch: tuple[int, ...] = (128, 128)
    """Widths of the hidden layers; chosen (SB3: 64, 64)."""
    learning_rate: float = 1e-3
    """Of Adam; tuned: 3e-4 is as good (SB3: 1e-4)."""
    buffer_size: int = 50_000
    """Transitions kept; chosen (SB3: 1,000,000)."""
    learning_starts: int = 1_000
    """Random moves before the first update; chosen (SB3: 100)."""
    batch_size: int = 128
    """Transitions in an update; chosen (SB3: 32)."""
    gamma: float = 1.0
    """Discount; 1 because a game has a result and no time (SB3: 0.99)."""
    train_freq: int = 1
    """Steps of the batch between updates; chosen (SB3: 4, of one board)."""
    gradient_steps: int = 4
    """Updates at a time; tuned: 8 is worse. One for 4 moves at 16 boards is SB3's ratio."""
    target_update_interval: int = 500
    """Moves between two copies to the target network; tuned: 100 is no better (SB3: 10,000)."""
    exploration_fraction: float = 0.5
    """Share of the budget over which epsilon falls; chosen (SB3: 0.1)."""
    exploration_final_eps: float = 0.2
    """Epsilon after that; tuned: 0.05 is worse (SB3: 0.05)."""


@dataclass(frozen=True, kw_only=True)
class A2CConfig:
    """Settings of A2C, under SB3's names."""

    num_envs: int = 8
    """Boards in the batch; tuned: 16 is worse at this learning rate (SB3: 1)."""
    net_arch: tuple[int, ...] = (64, 64)
    """Widths of the hidden layers, policy and value apart. SB3; tuned: 256, 256 is worse."""
    learning_rate: float = 2e-3
    """Of RMSprop; tuned: 5e-3, and 7e-4 on 16 boards, are worse (SB3: 7e-4)."""
    n_steps: int = 5
    """Steps of the batch between updates. SB3."""
    gamma: float = 1.0
    """Discount; 1 because a game has a result and no time (SB3: 0.99)."""
    gae_lambda: float = 1.0
    """Of the advantage estimate; 1 is A2C's. SB3."""
    ent_coef: float = 0.05
    """Weight of the entropy bonus; tuned: the A3C paper's 0.01 is worse (SB3: 0)."""
    vf_coef: float = 0.5
    """Weight of the value loss. SB3."""


@dataclass(frozen=True, kw_only=True)
class PPOConfig:
    """Settings of PPO and MaskablePPO, under SB3's names."""

    num_envs: int = 64
    """Boards in the batch; chosen for speed (SB3: 1)."""
    net_arch: tuple[int, ...] = (64, 64)
    """Widths of the hidden layers, policy and value apart. SB3; tuned: 256, 256 is no better."""
    learning_rate: float = 1e-3
    """Of Adam; tuned: 3e-3 is no better (SB3: 3e-4)."""
    n_steps: int = 16
    """Steps of the batch in a rollout, 1,024 moves at 64 boards; chosen (SB3: 2,048 of one)."""
    batch_size: int = 128
    """Moves in an update; chosen (SB3: 64)."""
    n_epochs: int = 10
    """Passes over a rollout. SB3."""
    gamma: float = 1.0
    """Discount; 1 because a game has a result and no time (SB3: 0.99)."""
    gae_lambda: float = 0.95
    """Of the advantage estimate. SB3."""
    clip_range: float = 0.2
    """How far the policy may move in a rollout. SB3."""
    ent_coef: float = 0.01
    """Weight of the entropy bonus; tuned: 0.05 is no better (SB3: 0)."""


Config = DQNConfig | A2CConfig | PPOConfig
