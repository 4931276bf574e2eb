"""A head start: an actor-critic of Stable-Baselines3 copies a rule before it learns by itself.

Behavioural cloning (D. A. Pomerleau, "Efficient training of artificial neural networks for
autonomous navigation", Neural Computation 3(1), 1991). The rule is followed with noise, so that the
actor also sees what it should do where it strayed, as in M. Laskey et al., "DART: noise injection
for robust imitation learning", CoRL 2017; the critic learns the returns of that.
"""

from typing import Any, Final, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

NOISE: Final = 0.3  # standard deviation of what is added to actions
EPOCHS: Final = 60
BATCH: Final = 256
STEP_SIZE: Final = 1e-3


class Demonstrations(NamedTuple):
    """What a rule did, and what came of it, step by step."""

    observations: Tensor
    actions: Tensor
    returns: Tensor


def imitate(policy: Any, rule: Any, env: Any, num_episodes: int, seed: int) -> int:
    """Let the policy copy a rule.

    Args:
        policy: an SB3 ``ActorCriticPolicy``.
        rule: has ``predict``.
        env: an SB3 ``VecEnv``, all of whose episodes take as many steps.
        num_episodes: of each environment in the batch.
        seed: of the noise and of the order of learning.

    Returns:
        The steps of single environments that this took.
    """
    shown = demonstrate(rule, env, num_episodes, seed)
    torch_rng = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(policy.parameters(), STEP_SIZE)
    for _ in range(EPOCHS):
        order = torch.randperm(len(shown.returns), generator=torch_rng)
        for rows in torch.split(order, BATCH):
            observations, actions, returns = (part[rows] for part in shown)
            means = policy.get_distribution(observations).distribution.mean
            values = policy.predict_values(observations)[:, 0]
            loss = F.mse_loss(means, actions) + 0.5 * F.mse_loss(values, returns)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    return len(shown.returns)


def demonstrate(rule: Any, env: Any, num_episodes: int, seed: int) -> Demonstrations:
    """Episodes of a rule that is disturbed, with what it wanted to do."""
    rng = np.random.default_rng(seed)
    observations, episodes = env.reset(), []
    for _ in range(num_episodes):
        seen, wanted, rewards, is_over = [], [], [], False
        while not is_over:
            actions, _ = rule.predict(observations)
            seen.append(observations)
            wanted.append(actions)
            noise = rng.normal(0.0, NOISE, actions.shape)
            disturbed = (actions + noise).clip(-1.0, 1.0).astype(np.float32)
            observations, reward, dones, _ = env.step(disturbed)
            rewards.append(reward)
            is_over = bool(dones[0])
        returns = np.cumsum(rewards[::-1], axis=0)[::-1]  # from each step to the end
        episodes.append([np.concatenate(part) for part in (seen, wanted, returns)])
    return Demonstrations(
        *(torch.from_numpy(np.concatenate(p)) for p in zip(*episodes, strict=True))
    )
