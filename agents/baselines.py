"""Agents of Stable-Baselines3 and sb3-contrib, to compare with.

Four are the libraries' own: DQN, A2C and PPO, for which an illegal move loses the game, and
MaskablePPO, which is told the legal actions. In three more the network itself reads them off the
board (``masked_policies``). All train on the batched environment.

References: V. Mnih et al., "Human-level control through deep reinforcement learning", Nature 518,
2015 (DQN), and "Asynchronous methods for deep reinforcement learning", ICML 2016 (A3C, of which A2C
is the synchronous form); J. Schulman et al., "Proximal policy optimization algorithms", 2017;
A. Raffin et al., "Stable-Baselines3: reliable reinforcement learning implementations", JMLR 22,
2021.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from gymnasium import spaces
from gymnasium.error import DependencyNotInstalled
from jaxtyping import Bool, Float32, Float64

from etude.agents.baseline_settings import A2CConfig, Config, DQNConfig, PPOConfig
from etude.agents.learning import Report, reporting
from etude.agents.storage import load_arrays, save_arrays
from etude.envs.boards import rules_of
from etude.envs.mnk.observation import observation_space
from etude.envs.mnk.rules import MNKRules
from etude.envs.mnk.settings import SELF_PLAY
from etude.envs.mnk.state_space import StateSpace
from etude.envs.mnk.vector import MNKVectorEnv
from etude.foundations.interrupts import HeldInterrupt
from etude.foundations.names import check_name

try:
    import torch
    from sb3_contrib import MaskablePPO
    from sb3_contrib.common.maskable.policies import MaskableActorCriticPolicy
    from stable_baselines3 import A2C, DQN, PPO
    from stable_baselines3.common.policies import ActorCriticPolicy, BasePolicy
    from stable_baselines3.dqn.policies import DQNPolicy

    from etude.agents import sb3_run
    from etude.agents.masked_policies import (
        MaskedActorCriticPolicy,
        MaskedDQN,
        MaskedDQNPolicy,
        legal_actions,
    )
    from etude.envs.sb3_vec_env import SB3VecEnv
except ImportError as error:
    raise DependencyNotInstalled(
        "baselines are agents of Stable-Baselines3 and sb3-contrib, which are not installed; "
        "run `pip install 'etude[baselines]'`."
    ) from error

KIND: Final = "baseline"
VERSION: Final = 1
CHUNK_STATES: Final = 1 << 16  # of a large table, so many states go through the network at once
MAX_LAYERS: Final = 8
MAX_WIDTH: Final = 4096


@dataclass(frozen=True)
class Method:
    """A learning method: the algorithm, the network and the default settings."""

    algorithm: Callable[..., Any]  # the constructors have no common type
    policy: type[BasePolicy]
    config: Config


METHODS: Final[dict[str, Method]] = {
    "dqn": Method(DQN, DQNPolicy, DQNConfig()),
    "a2c": Method(A2C, ActorCriticPolicy, A2CConfig()),
    "ppo": Method(PPO, ActorCriticPolicy, PPOConfig()),
    "maskable_ppo": Method(MaskablePPO, MaskableActorCriticPolicy, PPOConfig()),
    "dqn_masked": Method(MaskedDQN, MaskedDQNPolicy, DQNConfig()),
    "a2c_masked": Method(A2C, MaskedActorCriticPolicy, A2CConfig()),
    "ppo_masked": Method(PPO, MaskedActorCriticPolicy, PPOConfig()),
}


def train_baseline(
    method: str,
    rules: MNKRules | str,
    total_timesteps: int,
    *,
    seed: int,
    opponent: Any = "uniform",
    progress: Report = False,
    config: Config | None = None,
    checkpoint: Path | None = None,
) -> "BaselineAgent":
    """Train an agent; the same arguments give the same agent on one machine.

    SB3 seeds the global generators of Python, NumPy and PyTorch with ``seed``.

    Args:
        method: a key of ``METHODS``.
        rules: the board, its name, or the id of an environment.
        total_timesteps: the budget in the learner's decisions; rounded up to whole rollouts.
        seed: of everything that is random.
        opponent: who answers, see ``MNKEnv``; "self" is not possible.
        progress: show a bar; or a function, which is called after every step of the batch with the
            agent as it is then.
        config: settings, if not the method's.
        checkpoint: a file in which the run is kept and from which it goes on, see ``sb3_run``.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed; the agent that ``progress`` got has learned so far.
        ValueError: an unknown method or board, a config of another method, self-play, or a
            checkpoint of something else.
    """
    check_name("a baseline", method, METHODS)
    if isinstance(opponent, str) and opponent == SELF_PLAY:
        raise ValueError(
            "a baseline learns against an opponent, got 'self', where observations and rewards "
            "are those of either side in turn; name an opponent such as 'uniform'."
        )
    rules, config = rules_of(rules), _config_of(method, config)
    model = _make_model(method, rules, config, seed, opponent)
    agent = BaselineAgent(method, rules, config, model.policy)
    with HeldInterrupt() as interrupt, reporting(progress, total_timesteps) as report:

        def after_step(_locals: dict[str, Any], _globals: dict[str, Any]) -> bool:
            agent.num_timesteps = model.num_timesteps
            report(agent, agent.num_timesteps)
            return not interrupt.requested  # whether to go on

        try:
            sb3_run.run(
                model, total_timesteps, seed=seed, after_step=after_step, checkpoint=checkpoint
            )
        finally:
            model.get_env().close()
    return agent


def _config_of(method: str, config: Config | None) -> Config:
    default = METHODS[method].config
    if config is None:
        return default
    if type(config) is not type(default):
        raise ValueError(
            f"{method} takes a {type(default).__name__}, got a {type(config).__name__}."
        )
    return config


def _make_model(method: str, rules: MNKRules, config: Config, seed: int, opponent: Any) -> Any:
    """The untrained model, with its environment."""
    settings = asdict(config)
    env = MNKVectorEnv(settings.pop("num_envs"), **asdict(rules), opponent=opponent)
    policy_kwargs = {"net_arch": list(settings.pop("net_arch"))}
    return METHODS[method].algorithm(
        METHODS[method].policy,
        SB3VecEnv(env),
        seed=seed,
        device="cpu",  # networks this small are slower on a GPU
        policy_kwargs=policy_kwargs,
        **settings,
    )


class BaselineAgent:
    """A trained network as an agent.

    The methods without a mask can play illegal moves, whatever ``predict`` is told of legal ones.

    Args:
        method: a key of ``METHODS``.
        rules: the board.
        config: the settings it was trained with.
        policy: SB3's policy.
        num_timesteps: the decisions it has learned from.
    """

    def __init__(
        self,
        method: str,
        rules: MNKRules,
        config: Config,
        policy: BasePolicy,
        num_timesteps: int = 0,
    ) -> None:
        self.method = method
        self.rules = rules
        self.config = config
        self.policy = policy
        self.num_timesteps = num_timesteps

    def predict(
        self,
        observation: Any,
        state: Any = None,
        episode_start: Bool[np.ndarray, " n"] | None = None,
        deterministic: bool = True,
        action_masks: Bool[np.ndarray, "*batch actions"] | None = None,
    ) -> tuple[Any, Any]:
        """See ``Agent``; only actor-critics with a mask look at ``action_masks``.

        Without ``deterministic`` they draw from their distribution. DQN has none and plays its best
        action in either case.
        """
        flat = np.asarray(observation, np.float32)
        rows = np.atleast_2d(flat)
        if isinstance(self.policy, MaskableActorCriticPolicy):
            masks = legal_actions(rows, self.rules.num_actions)
            if action_masks is not None:
                masks = np.asarray(action_masks, np.bool_)
            actions, _ = self.policy.predict(rows, deterministic=deterministic, action_masks=masks)
        else:
            actions, _ = self.policy.predict(rows, deterministic=deterministic)
        return (int(actions[0]) if flat.ndim == 1 else actions), state

    def policy_table(self, space: StateSpace) -> Float64[np.ndarray, "states actions"]:
        """The probability of each action, 1 for the best; zeros where that one is illegal."""
        return self.playable_table(space).astype(np.float64)

    def playable_table(self, space: StateSpace) -> Bool[np.ndarray, "states actions"]:
        """The best action in each state; none where it is illegal, or where the game is over."""
        playable = np.zeros(space.legal.shape, np.bool_)
        ongoing = np.flatnonzero(space.ongoing)
        for start in range(0, len(ongoing), CHUNK_STATES):
            rows = ongoing[start : start + CHUNK_STATES]
            actions, _ = self.predict(observations_of(space, rows))
            playable[rows, actions] = space.legal[rows, actions]
        return playable

    def illegal_share(self, space: StateSpace) -> float:
        """In how many of the states that are not over the best action is illegal."""
        has_move = self.playable_table(space)[space.ongoing].any(axis=1)
        return float(np.mean(~has_move))

    def save(self, path: Path) -> None:
        """Write the agent to a file, which replaces an older one when it is complete."""
        settings = {
            "method": self.method,
            "rules": self.rules.name,
            "config": asdict(self.config),
            "num_timesteps": self.num_timesteps,
        }
        weights = {
            name: weight.detach().cpu().numpy() for name, weight in self.policy.state_dict().items()
        }
        save_arrays(path, KIND, VERSION, settings, weights)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read an agent from a file that ``save`` wrote.

        It plays as before; what only training needs, such as a replay buffer, is not in the file.

        Raises:
            ValueError: the file is truncated, of another kind, or of a newer version.
        """
        settings, weights = load_arrays(path, KIND, VERSION)
        try:
            method, rules = settings["method"], MNKRules.from_name(settings["rules"])
            check_name("a baseline", method, METHODS)
            config = _read_config(method, settings["config"])
            policy = _make_policy(method, rules, config)
            policy.load_state_dict({name: torch.from_numpy(w) for name, w in weights.items()})
            return cls(method, rules, config, policy, int(settings["num_timesteps"]))
        except _MISFITS as error:
            raise ValueError(
                f"a baseline's file holds a network that fits its settings, got {Path(path).name}: "
                f"{error}; train and save the agent again."
            ) from error


_MISFITS: Final = (  # what settings and weights that do not belong together raise
    KeyError,
    TypeError,
    AttributeError,
    ValueError,
    OverflowError,
    RuntimeError,  # of load_state_dict: names or shapes
)


def observations_of(space: StateSpace, rows: np.ndarray) -> Float32[np.ndarray, "rows features"]:
    """The flat observations of states, seen by the player to move."""
    powers = 3 ** np.arange(space.rules.num_cells)
    digits = space.codes[rows, None] // powers % 3  # 0 empty, 1 the first player's, 2 the second's
    own = 1 + space.to_move[rows, None]
    planes = np.concatenate((digits == own, digits == 3 - own), axis=1)
    return planes.astype(np.float32)


def _read_config(method: str, settings: dict[str, Any]) -> Config:
    """The config in a file; its network is small enough to be built without a second thought."""
    widths = settings["net_arch"]
    if len(widths) > MAX_LAYERS or not all(
        type(width) is int and 1 <= width <= MAX_WIDTH for width in widths
    ):
        raise ValueError(
            f"net_arch has at most {MAX_LAYERS} widths from 1 to {MAX_WIDTH}, got {widths!r}"
        )
    return type(METHODS[method].config)(**{**settings, "net_arch": tuple(widths)})


def _make_policy(method: str, rules: MNKRules, config: Config) -> BasePolicy:
    """The network with random weights."""
    make: Callable[..., BasePolicy] = METHODS[method].policy
    return make(
        observation_space(rules, "flat"),
        spaces.Discrete(rules.num_actions),
        lambda _: 0.0,  # the optimiser's step size; nothing is learned
        net_arch=list(config.net_arch),
    )
