"""Who tunes a style transfer, by name, and what is painted."""

from pathlib import Path
from typing import Any, Final

import numpy as np

from etude.agents.tuner import SHIPPED, TunerAgent
from etude.agents.tuner_evaluation import ChoosesStart, TuningPolicy
from etude.envs.registration import STYLE_WEIGHTS
from etude.envs.style_weights.baselines import BASELINES, make_baseline
from etude.envs.style_weights.env import StyleWeightsEnv
from etude.envs.style_weights.settings import StyleWeightsSettings
from etude.foundations.names import check_name
from etude.motifs import Motifs

AGENT: Final = "agent"
AGENT_SUFFIX: Final = ".npz"
DEFAULT: Final = "default"
TRAINING: Final = f"etude train sac --env {STYLE_WEIGHTS} --save agent{AGENT_SUFFIX}"


def open_env(motifs: Motifs) -> StyleWeightsEnv:
    """The environment that paints them.

    Raises:
        ValueError: no such split or folder.
    """
    return StyleWeightsEnv(motifs.instances)


def instance_order(motifs: Motifs, settings: StyleWeightsSettings, seed: int | None) -> list[int]:
    """All numbers of instances, in the order in which they are painted.

    Raises:
        ValueError: the first one is none of them, or there are no pictures.
    """
    num_instances = len(settings.all_instances)
    first = motifs.instance
    if first is None:
        order: list[int] = np.random.default_rng(seed).permutation(num_instances).tolist()
        return order
    if not 0 <= first < num_instances:
        raise ValueError(
            f"an instance of {motifs.instances!r} is a number from 0 to {num_instances - 1}, got "
            f"{first}; leave it out, and one is drawn."
        )
    return [*range(first, num_instances), *range(first)]


def tuner(name: str, settings: StyleWeightsSettings, seed: int | None = None) -> TuningPolicy:
    """Who chooses the weights.

    Args:
        name: "agent" (the one that comes along), the file of another (.npz), or a baseline such as
            "default".
        settings: of the environment.
        seed: of a random one.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: an unknown name, a file that holds no tuner, or one for another environment.
    """
    if name.endswith(AGENT_SUFFIX):
        return _fitting(TunerAgent.load(Path(name)), settings)
    choices = (AGENT, *BASELINES)
    check_name(f"who tunes is a file that ends in {AGENT_SUFFIX}, or", name, choices)
    if name == AGENT:
        return _fitting(TunerAgent.load(SHIPPED), settings)
    return make_baseline(name, settings, 0 if seed is None else seed)


def tuner_title(name: str) -> str:
    """What to call who tunes.

    >>> tuner_title("default"), tuner_title("runs/sac.npz"), tuner_title("agent")
    ('default weights', 'sac', 'agent')
    """
    if name == DEFAULT:
        return "default weights"
    return Path(name).stem if name.endswith(AGENT_SUFFIX) else name


def begin(env: StyleWeightsEnv, policy: TuningPolicy, number: int) -> tuple[Any, dict[str, Any]]:
    """``env.reset`` to an instance, with the weights that the policy begins with.

    Raises:
        ValueError: there is no such instance.
    """
    options: dict[str, Any] = {"instance": number}
    observation, info = env.reset(options=options)
    if isinstance(policy, ChoosesStart):
        options["log_weights"] = policy.start(observation[None])[0]
        observation, info = env.reset(options=options)
    return observation, info


def _fitting(agent: TunerAgent, settings: StyleWeightsSettings) -> TunerAgent:
    """The agent, if it has learned in an environment like this."""
    (num_features,), num_weights = settings.observation_space.shape, settings.num_weights
    if (agent.num_features, agent.num_weights) != (num_features, num_weights):
        raise ValueError(
            f"a tuner sees {num_features} numbers and steers {num_weights} weights here, got one "
            f"that sees {agent.num_features} and steers {agent.num_weights}; `{TRAINING}` makes "
            "one that fits."
        )
    return agent
