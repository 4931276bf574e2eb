"""Networks that read the legal actions off the board and never choose another.

A flat observation shows every stone, so it also shows which actions are legal: the empty cells, or
under gravity the columns whose top cell is empty. Both are the first cells that are empty, as
many as there are actions. Inside the network the illegal ones get the value -1e8, which leaves them
a probability of exactly 0 in float32 and never makes them a maximum (S. Huang and S. Ontanon, "A
closer look at invalid action masking in policy gradient algorithms", FLAIRS 2022). No mask has to
travel beside the observation, neither in the replay buffer nor at play time.

DQN chooses actions in three places: the maximum over Q-values (of the target too), exploration, and
the warm-up before learning starts. The network covers the first, ``MaskedDQN`` the others.
"""

from typing import Any, Final

import numpy as np
from gymnasium import spaces
from gymnasium.error import DependencyNotInstalled
from jaxtyping import Bool, Float32, Int64

try:
    import torch
    from sb3_contrib.common.maskable.distributions import MaskableDistribution
    from sb3_contrib.common.maskable.policies import MaskableActorCriticPolicy
    from stable_baselines3 import DQN
    from stable_baselines3.common.noise import ActionNoise
    from stable_baselines3.dqn.policies import DQNPolicy, QNetwork
    from torch import Tensor
except ImportError as error:
    raise DependencyNotInstalled(
        "baselines are agents of Stable-Baselines3 and sb3-contrib, which are not installed; "
        "run `pip install 'etude[baselines]'`."
    ) from error

ILLEGAL_VALUE: Final = -1e8  # sb3-contrib's, so that equal weights give equal logits


def legal_actions(
    flat: Float32[np.ndarray, "n features"] | Float32[Tensor, "n features"], num_actions: int
) -> Any:  # an array for an array, a tensor for a tensor
    """Which actions are legal on each board, of shape (n, actions).

    >>> board = np.zeros((1, 18), np.float32)
    >>> board[0, [4, 9 + 0]] = 1  # own stone in the centre, the opponent's in the first corner
    >>> legal_actions(board, num_actions=9)[0].tolist()
    [False, True, True, True, False, True, True, True, True]
    """
    num_cells = flat.shape[1] // 2
    return (flat[:, :num_actions] + flat[:, num_cells : num_cells + num_actions]) == 0.0


class MaskedActorCriticPolicy(MaskableActorCriticPolicy):
    """sb3-contrib's policy for ``MaskablePPO``, with the mask taken from the observation.

    It trains under A2C and PPO, which know nothing of masks. Shapes and initialisation are those of
    SB3's ``ActorCriticPolicy``.
    """

    def __init__(self, *args: Any, use_sde: bool = False, **kwargs: Any) -> None:
        # SB3 hands use_sde to every actor-critic; the exploration it stands for is for continuous
        # actions.
        super().__init__(*args, **kwargs)

    def forward(
        self, obs: Tensor, deterministic: bool = False, action_masks: Any = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Actions, values and log-probabilities of the actions."""
        return super().forward(obs, deterministic, self._masks(obs, action_masks))

    def evaluate_actions(
        self, obs: Tensor, actions: Tensor, action_masks: Any = None
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        """Values, log-probabilities of the actions, and entropy over the legal ones."""
        return super().evaluate_actions(obs, actions, self._masks(obs, action_masks))

    def get_distribution(self, obs: Any, action_masks: Any = None) -> MaskableDistribution:
        """The distribution over the legal actions."""
        return super().get_distribution(obs, self._masks(obs, action_masks))

    def _masks(self, obs: Any, action_masks: Any) -> Any:
        if action_masks is not None:
            return action_masks
        assert isinstance(self.action_space, spaces.Discrete)
        return legal_actions(obs, int(self.action_space.n))


class MaskedQNetwork(QNetwork):
    """A Q-network whose value of an illegal action is ``ILLEGAL_VALUE``."""

    def forward(self, obs: Any) -> Tensor:
        """Q-values, of shape (n, actions)."""
        q_values = super().forward(obs)
        legal = legal_actions(obs, q_values.shape[1])
        return torch.where(legal, q_values, q_values.new_tensor(ILLEGAL_VALUE))


class MaskedDQNPolicy(DQNPolicy):
    """DQN's two networks, both masked."""

    def make_q_net(self) -> MaskedQNetwork:
        """The online or the target network."""
        arguments = self._update_features_extractor(self.net_args, features_extractor=None)
        return MaskedQNetwork(**arguments).to(self.device)


class MaskedDQN(DQN):
    """DQN that explores among the legal actions, with ``MaskedDQNPolicy`` as its policy.

    Each board of a batch flips its own coin; SB3's DQN flips one for the batch.
    """

    def _sample_action(
        self, learning_starts: int, action_noise: ActionNoise | None = None, n_envs: int = 1
    ) -> tuple[np.ndarray, np.ndarray]:
        assert isinstance(self._last_obs, np.ndarray), "set by learn()"
        warming_up = self.num_timesteps < learning_starts
        actions = self._explore(self._last_obs, 1.0 if warming_up else self.exploration_rate)
        return actions, actions  # to play, and to store

    def predict(
        self,
        observation: Any,
        state: Any = None,
        episode_start: Any = None,
        deterministic: bool = False,
    ) -> tuple[np.ndarray, Any]:
        """See ``DQN.predict``."""
        if deterministic:
            return self.policy.predict(observation, state, episode_start, deterministic)
        flat = np.asarray(observation)
        actions = self._explore(np.atleast_2d(flat), self.exploration_rate)
        return actions.reshape(flat.shape[:-1]), state

    def _explore(
        self, flat: Float32[np.ndarray, "n features"], rate: float
    ) -> Int64[np.ndarray, " n"]:
        rng = self.action_space.np_random  # seeded with the model
        actions, _ = self.policy.predict(flat, deterministic=True)
        legal = legal_actions(flat, int(self.q_net.action_space.n))
        explores = rng.random(len(flat)) < rate
        return np.where(explores, random_actions(legal, rng), actions)


def random_actions(
    legal: Bool[np.ndarray, "n actions"], rng: np.random.Generator
) -> Int64[np.ndarray, " n"]:
    """One action from each row of a mask, all equally likely."""
    keys = np.where(legal, rng.random(legal.shape), -1.0)
    actions: Int64[np.ndarray, " n"] = keys.argmax(axis=1)
    return actions
