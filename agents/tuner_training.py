"""Training an agent that tunes a style transfer, with Stable-Baselines3.

References: T. Haarnoja et al., "Soft actor-critic: off-policy maximum entropy deep reinforcement
learning with a stochastic actor", ICML 2018 (SAC); S. Fujimoto, H. van Hoof and D. Meger,
"Addressing function approximation error in actor-critic methods", ICML 2018 (TD3); J. Schulman et
al., "Proximal policy optimization algorithms", 2017 (PPO).
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from gymnasium.error import DependencyNotInstalled
from torch import Tensor, nn

from etude.agents.imitation import imitate
from etude.agents.learning import Report, reporting
from etude.agents.tuner import Layer, TunerAgent
from etude.agents.tuner_settings import PPOConfig, SACConfig, TD3Config, TunerConfig
from etude.envs.style_weights.baselines import make_baseline
from etude.envs.style_weights.vector import StyleWeightsVectorEnv
from etude.foundations.interrupts import HeldInterrupt
from etude.foundations.names import check_name

try:
    from stable_baselines3 import PPO, SAC, TD3
    from stable_baselines3.common.vec_env import VecEnvWrapper

    from etude.agents import sb3_run
    from etude.envs.sb3_vec_env import SB3VecEnv
except ImportError as error:
    raise DependencyNotInstalled(
        "tuners learn with Stable-Baselines3, which is not installed; run "
        "`pip install 'etude[baselines]'`."
    ) from error

IMITATED_EPISODES: Final = 20  # of each painting in the batch
IMITATED_SHARE: Final = 0.5  # of the budget, at most


@dataclass(frozen=True)
class Method:
    """A learning method: the algorithm, its default settings, and its network as layers."""

    algorithm: Callable[..., Any]  # the constructors have no common type
    config: TunerConfig
    actor: Callable[[Any], nn.Sequential]
    activation: str
    squash: str


def _sac_actor(policy: Any) -> nn.Sequential:
    return nn.Sequential(*policy.actor.latent_pi, policy.actor.mu)


def _td3_actor(policy: Any) -> nn.Sequential:
    actor: nn.Sequential = policy.actor.mu
    return actor


def _ppo_actor(policy: Any) -> nn.Sequential:
    return nn.Sequential(*policy.mlp_extractor.policy_net, policy.action_net)


METHODS: Final[dict[str, Method]] = {
    "sac": Method(SAC, SACConfig(), _sac_actor, "relu", "tanh"),
    "td3": Method(TD3, TD3Config(), _td3_actor, "relu", "tanh"),
    "ppo": Method(PPO, PPOConfig(), _ppo_actor, "tanh", "clip"),
}


class FiniteHorizon(VecEnvWrapper):
    """Tells SB3 that nothing follows the last step.

    SB3 adds the value of what would follow a truncated episode. Here nothing would: the steps left
    are part of the observation, and the return is that of the whole painting.
    """

    def reset(self) -> Any:
        """Start all paintings."""
        return self.venv.reset()

    def step_wait(self) -> Any:
        """Step, and take back that the end was a truncation."""
        observations, rewards, dones, infos = self.venv.step_wait()
        for i in np.flatnonzero(dones):
            infos[i]["TimeLimit.truncated"] = False
        return observations, rewards, dones, infos


def train_tuner(
    method: str,
    total_timesteps: int,
    *,
    seed: int,
    progress: Report = False,
    config: TunerConfig | None = None,
    checkpoint: Path | None = None,
    **environment: Any,
) -> TunerAgent:
    """Train an agent; the same arguments give the same agent on one machine.

    SB3 seeds the global generators of Python, NumPy and PyTorch with ``seed``.

    Args:
        method: a key of ``METHODS``.
        total_timesteps: the budget in steps of single paintings; rounded up to whole rollouts.
        seed: of everything that is random.
        progress: show a bar; or a function, which is called after every step of the batch with the
            agent as it is then.
        config: settings, if not the method's.
        checkpoint: a file in which the run is kept and from which it goes on, see ``sb3_run``.
        environment: arguments of ``StyleWeightsVectorEnv``, such as ``instances``.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed; the agent that ``progress`` got has learned so far.
        ValueError: an unknown method, a config of another one, or a checkpoint of something else.
    """
    check_name("a method", method, METHODS)
    default = METHODS[method].config
    config = default if config is None else config
    if type(config) is not type(default):
        raise ValueError(
            f"{method} takes a {type(default).__name__}, got a {type(config).__name__}."
        )
    model = _make_model(method, config, seed, environment)
    with HeldInterrupt() as interrupt, reporting(progress, total_timesteps) as report:

        def after_step(_locals: dict[str, Any], _globals: dict[str, Any]) -> bool:
            report(tuner_of(method, model, seed), model.num_timesteps)
            return not interrupt.requested  # whether to go on

        try:
            sb3_run.run(
                model,
                total_timesteps,
                seed=seed,
                after_step=after_step,
                checkpoint=checkpoint,
                head_start=lambda: _head_start(model, config, seed, total_timesteps),
            )
        finally:
            model.get_env().close()
    return tuner_of(method, model, seed)


def _head_start(model: Any, config: TunerConfig, seed: int, total_timesteps: int) -> int:
    """Let the model copy a rule, if its settings name one; returns the steps this took."""
    if not isinstance(config, PPOConfig) or config.imitates is None:
        return 0
    env = model.get_env()
    settings = env.get_attr("settings")[0]
    rule = make_baseline(config.imitates, settings)
    affordable = int(IMITATED_SHARE * total_timesteps) // (config.num_envs * settings.num_steps)
    num_episodes = min(max(affordable, 1), IMITATED_EPISODES)
    return imitate(model.policy, rule, env, num_episodes, seed)


def tuner_of(method: str, model: Any, seed: int) -> TunerAgent:
    """What an SB3 model of a method does without noise, as a network of its own.

    Args:
        method: a key of ``METHODS``.
        model: its algorithm.
        seed: that it was made with.
    """
    found = METHODS[method]
    linear = [part for part in found.actor(model.policy) if isinstance(part, nn.Linear)]
    return TunerAgent(
        method,
        [Layer(_array(part.weight), _array(part.bias)) for part in linear],
        activation=found.activation,
        squash=found.squash,
        num_timesteps=model.num_timesteps,
        seed=seed,
    )


def _make_model(method: str, config: TunerConfig, seed: int, environment: dict[str, Any]) -> Any:
    """The untrained model, with its environment."""
    settings = asdict(config)
    env = SB3VecEnv(StyleWeightsVectorEnv(settings.pop("num_envs"), **environment))
    policy_kwargs = {"net_arch": list(settings.pop("net_arch"))}
    step_size = settings.pop("learning_rate")
    settings.pop("imitates", None)
    if "log_std_init" in settings:
        policy_kwargs["log_std_init"] = settings.pop("log_std_init")
    return METHODS[method].algorithm(
        "MlpPolicy",
        FiniteHorizon(env),
        seed=seed,
        device="cpu",  # networks this small are slower on a GPU
        policy_kwargs=policy_kwargs,
        learning_rate=lambda share_left: step_size * share_left,
        **settings,
    )


def _array(weight: Tensor) -> np.ndarray:
    return weight.detach().cpu().numpy().copy()
