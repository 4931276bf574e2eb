"""How good a policy's paintings are: its returns on chosen instances, each painted once."""

from typing import Any, Final, Protocol, runtime_checkable

import numpy as np
from gymnasium.vector import AutoresetMode
from jaxtyping import Float32, Int64

from etude.envs.style_weights.settings import StyleWeightsSettings
from etude.envs.style_weights.vector import StyleWeightsVectorEnv

BATCH: Final = 64  # paintings at once


@runtime_checkable
class TuningPolicy(Protocol):
    """What chooses changes of weights: a ``TunerAgent``, a baseline, a model of SB3."""

    def predict(self, observation: Any, /) -> tuple[Any, Any]:
        """Actions for a batch of observations, and a state that nobody needs."""
        ...


@runtime_checkable
class ChoosesStart(Protocol):
    """A policy that also says with which weights to begin, such as a baseline."""

    def start(self, observations: Any, /) -> Float32[np.ndarray, "n weights"]:
        """Log weights for ``reset``, given a first look at the paintings."""
        ...


def returns_of(
    policy: TuningPolicy,
    instances: Any = "test",
    numbers: Int64[np.ndarray, " n"] | None = None,
    **environment: Any,
) -> Float32[np.ndarray, " n"]:
    """What the quality gained from start to end, for each painting.

    Args:
        policy: if it has a method ``start``, the paintings begin with the weights that that says.
        instances: see ``StyleWeightsEnv``.
        numbers: which of them, in the order of the results; all, once, if left out.
        environment: other arguments of ``StyleWeightsVectorEnv``.
    """
    if numbers is None:
        settings = StyleWeightsSettings(instances, **environment)
        numbers = np.arange(len(settings.all_instances))
    batches = np.split(numbers, range(BATCH, len(numbers), BATCH))
    return np.concatenate(
        [batch_returns(policy, instances, batch, environment) for batch in batches]
    )


def batch_returns(
    policy: TuningPolicy,
    instances: Any,
    numbers: Int64[np.ndarray, " n"],
    environment: dict[str, Any],
) -> Float32[np.ndarray, " n"]:
    """As ``returns_of``, all in one batch."""
    env = StyleWeightsVectorEnv(
        len(numbers), instances, autoreset_mode=AutoresetMode.DISABLED, **environment
    )
    options: dict[str, Any] = {"instance": numbers}
    observations, _ = env.reset(seed=0, options=options)
    if isinstance(policy, ChoosesStart):
        options["log_weights"] = policy.start(observations)
        observations, _ = env.reset(options=options)
    returns = np.zeros(len(numbers), np.float32)
    running = np.ones(len(numbers), np.bool_)
    while running.any():
        actions, _ = policy.predict(observations)
        observations, rewards, terminated, truncated, _ = env.step(actions)
        returns += rewards * running
        running &= ~(terminated | truncated)
    return returns
