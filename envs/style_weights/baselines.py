"""What an agent that learns to tune has to beat: fixed weights, and rules made by hand.

A baseline chooses log weights from observations. Where it begins is given to ``reset`` as the
option "log_weights"; from then on it acts like any agent, so that its weights move no faster than
an agent's. Weights that never change get the full benefit: they hold from the first iteration.

The fixed weights and the schedule in ``tuned_weights.npz`` were found on the split ``train``, the
oracle's on the very paintings that it is asked about: no constant weights do better there, as far
as CMA-ES finds them (N. Hansen and A. Ostermeier, "Completely derandomized self-adaptation in
evolution strategies", Evolutionary Computation 9(2), 2001). `etude bench style-weights --parts
search` made the file, and says what it spent.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from jaxtyping import Float32, Int64

from etude.envs.style_weights.observation import MAX_LOG_WEIGHT, split_observation
from etude.envs.style_weights.settings import MAX_CHANGE, StyleWeightsSettings
from etude.foundations.arrays import read_arrays
from etude.foundations.names import check_name

LogWeights = Float32[np.ndarray, "n weights"]
Observations = Float32[np.ndarray, "n features"]
Policy = Callable[[Observations], LogWeights]

BASELINES: Final = (
    "random",
    "default",
    "static",
    "schedule",
    "preference",
    "tilted",
    "greedy",
)
TUNED_WEIGHTS: Final = Path(__file__).with_name("tuned_weights.npz")
LEAST_PREFERENCE: Final = 0.01  # a weight of 0 has no logarithm


class Baseline:
    """Moves the log weights to where a function of the observation wants them.

    Args:
        target: the log weights wanted, relative to the default.
    """

    def __init__(self, target: Policy) -> None:
        self._target = target

    def start(self, observations: Observations) -> LogWeights:
        """Where to begin, given a first look at the paintings; for the option of ``reset``."""
        return centred(self._target(observations))

    def predict(
        self,
        observation: Float32[np.ndarray, "*n features"],
        state: Any = None,
        episode_start: Any = None,
        deterministic: bool = True,
        action_masks: Any = None,
    ) -> tuple[Float32[np.ndarray, "*n weights"], Any]:
        """See ``Agent``: the step towards the target, as far as an action reaches."""
        rows = np.atleast_2d(observation)
        way = self.start(rows) - split_observation(rows).log_weights
        actions = np.clip(way / MAX_CHANGE, -1.0, 1.0).astype(np.float32)
        return actions.reshape(*np.shape(observation)[:-1], -1), state


class RandomBaseline:
    """Any action is as likely as any other.

    Args:
        num_weights: in an action.
        seed: of the actions.
    """

    def __init__(self, num_weights: int, seed: int = 0) -> None:
        self._num_weights = num_weights
        self._rng = np.random.default_rng(seed)

    def start(self, observations: Observations) -> LogWeights:
        """The default weights."""
        return np.zeros((len(observations), self._num_weights), np.float32)

    def predict(
        self,
        observation: Float32[np.ndarray, "*n features"],
        state: Any = None,
        episode_start: Any = None,
        deterministic: bool = True,
        action_masks: Any = None,
    ) -> tuple[Float32[np.ndarray, "*n weights"], Any]:
        """See ``Agent``."""
        shape = (*np.shape(observation)[:-1], self._num_weights)
        return self._rng.uniform(-1.0, 1.0, shape).astype(np.float32), state


def make_baseline(
    name: str, settings: StyleWeightsSettings, seed: int = 0
) -> Baseline | RandomBaseline:
    """A baseline by its name.

    Args:
        name: one of ``BASELINES``.
        settings: of the environment.
        seed: of a random one.

    Raises:
        ValueError: an unknown name, or tuned weights for another painter's network.
    """
    check_name("a baseline", name, BASELINES)
    if name == "random":
        return RandomBaseline(settings.num_weights, seed)
    rules: dict[str, Callable[[], Policy]] = {
        "default": lambda: fixed(np.zeros(settings.num_weights, np.float32)),
        "static": lambda: fixed(tuned("static", settings)[0]),
        "schedule": lambda: linear_schedule(*tuned("schedule", settings)),
        "preference": lambda: preference_rule(settings),
        "tilted": lambda: tilted(tuned("static", settings)[0], settings),
        "greedy": lambda: greedy_rule(settings),
    }
    return Baseline(rules[name]())


def oracle(
    split: str, numbers: Int64[np.ndarray, " n"], settings: StyleWeightsSettings
) -> Baseline:
    """The best constant weights for each of some instances, in their order.

    Raises:
        ValueError: there are none for the split.
    """
    log_weights = tuned(f"oracle {split}", settings)[numbers]
    return Baseline(lambda observations: log_weights)


def tuned(name: str, settings: StyleWeightsSettings) -> LogWeights:
    """Log weights that were searched for.

    Raises:
        ValueError: none of that name, or for another number of weights.
    """
    known = read_arrays(TUNED_WEIGHTS)  # it comes along
    check_name("tuned weights", name, known)
    log_weights = known[name]
    if log_weights.shape[1] != settings.num_weights:
        raise ValueError(
            f"tuned weights are for a painter with {log_weights.shape[1]} of them, got "
            f"{settings.num_weights} ({settings.encoder}); take the default encoder."
        )
    return log_weights


def fixed(log_weights: Float32[np.ndarray, " weights"]) -> Policy:
    """The same weights at all times, for all paintings."""
    return lambda observations: np.tile(log_weights, (len(observations), 1))


def linear_schedule(
    first: Float32[np.ndarray, " weights"], last: Float32[np.ndarray, " weights"]
) -> Policy:
    """From one set of log weights to another, in proportion to the steps that are over."""

    def target(observations: Observations) -> LogWeights:
        left = split_observation(observations).budget[:, None]
        between: np.ndarray = left * first + (1.0 - left) * last
        return between

    return target


def preference_rule(settings: StyleWeightsSettings) -> Policy:
    """Weights in proportion to how much their terms count in the quality: p, (1 - p) / L, 0.1."""
    default = settings.default_log_weights

    def target(observations: Observations) -> LogWeights:
        relative: np.ndarray = _log_preferences(observations, settings) - default
        return relative

    return target


def tilted(log_weights: Float32[np.ndarray, " weights"], settings: StyleWeightsSettings) -> Policy:
    """Fixed weights, times how much their terms count: p / 0.5 and (1 - p) / 0.5."""
    even = _log_preferences_of(np.asarray([0.5], np.float32), settings)

    def target(observations: Observations) -> LogWeights:
        tilt: np.ndarray = log_weights + _log_preferences(observations, settings) - even
        return tilt

    return target


def greedy_rule(settings: StyleWeightsSettings) -> Policy:
    """Weights in proportion to preference / loss: descends the logarithms that are paid for.

    If the painter's network were the judge's, this would be the gradient of the quality.
    """
    rule = preference_rule(settings)

    def target(observations: Observations) -> LogWeights:
        steepest: np.ndarray = rule(observations) - split_observation(observations).log_losses
        return steepest

    return target


def centred(log_weights: LogWeights) -> LogWeights:
    """As the environment keeps them: with mean 0, and within bounds."""
    mean = log_weights.mean(axis=1, keepdims=True)
    clipped: np.ndarray = np.clip(log_weights - mean, -MAX_LOG_WEIGHT, MAX_LOG_WEIGHT)
    return clipped.astype(np.float32)


def _log_preferences(observations: Observations, settings: StyleWeightsSettings) -> LogWeights:
    return _log_preferences_of(split_observation(observations).preference, settings)


def _log_preferences_of(
    preference: Float32[np.ndarray, " n"], settings: StyleWeightsSettings
) -> LogWeights:
    p = np.clip(preference, LEAST_PREFERENCE, 1.0 - LEAST_PREFERENCE)[:, None]
    num_styles = settings.num_weights - 2
    styles = np.repeat((1.0 - p) / num_styles, num_styles, axis=1)
    smoothness = np.full_like(p, max(settings.smoothness, LEAST_PREFERENCE))
    logs: np.ndarray = np.log(np.concatenate((p, styles, smoothness), axis=1))
    return logs
