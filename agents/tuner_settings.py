"""Settings of the methods that train tuners, under Stable-Baselines3's names.

What is not a field has that library's default (version 2.9).
"""

from dataclasses import dataclass
from typing import Final

TUNING_METHODS: Final = ("sac", "ppo", "td3")
"""The names of the methods in ``tuner_training``, for those who cannot import its libraries."""


@dataclass(frozen=True, kw_only=True)
class OffPolicyConfig:
    """What the methods with a replay buffer share."""

    num_envs: int = 32
    """Paintings in the batch."""
    net_arch: tuple[int, ...] = (64, 64)
    """Widths of the hidden layers."""
    learning_rate: float = 1e-3
    """Of Adam at first; it falls to 0 in proportion to the steps left."""
    buffer_size: int = 200_000
    """Steps kept."""
    learning_starts: int = 2_000
    """Random steps before the first update."""
    batch_size: int = 256
    """Steps in an update."""
    gamma: float = 1.0
    """Discount; 1 because a painting counts when it is done."""
    gradient_steps: int = 16
    """Updates after each step of the batch."""


@dataclass(frozen=True, kw_only=True)
class SACConfig(OffPolicyConfig):
    """Settings of SAC."""

    ent_coef: float | str = "auto"
    """Weight of the entropy bonus."""
    target_entropy: float | str = "auto"
    """What the weight aims at if it is "auto"."""


@dataclass(frozen=True, kw_only=True)
class TD3Config(OffPolicyConfig):
    """Settings of TD3."""


@dataclass(frozen=True, kw_only=True)
class PPOConfig:
    """Settings of PPO."""

    num_envs: int = 32
    """Paintings in the batch."""
    net_arch: tuple[int, ...] = (64, 64)
    """Widths of the hidden layers, policy and value apart."""
    learning_rate: float = 5e-4
    """Of Adam at first; it falls to 0 in proportion to the steps left. 1e-3 from scratch."""
    n_steps: int = 12
    """Steps of the batch in a rollout: whole paintings."""
    batch_size: int = 384
    """Steps in an update: all of a rollout."""
    n_epochs: int = 10
    """Passes over a rollout."""
    gamma: float = 1.0
    """Discount; 1 because a painting counts when it is done."""
    gae_lambda: float = 0.95
    """Of the advantage estimate."""
    log_std_init: float = -1.5
    """Logarithm of the deviation of the first actions. -0.5 from scratch."""
    imitates: str | None = "tilted"
    """The rule that the actor copies before it learns by itself; None starts from scratch."""


TunerConfig = SACConfig | TD3Config | PPOConfig
