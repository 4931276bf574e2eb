"""A person and an agent tune the same style transfers side by side, with a score. Draws nothing."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any, Final

import numpy as np
from jaxtyping import Float32

from etude.agents.tuner_evaluation import TuningPolicy
from etude.envs.style_weights.baselines import centred
from etude.envs.style_weights.batch import Scene
from etude.envs.style_weights.env import StyleWeightsEnv
from etude.envs.style_weights.observation import MAX_LOG_WEIGHT
from etude.envs.style_weights.settings import MAX_CHANGE, StyleWeightsSettings
from etude.session import Score
from etude.tuners import begin

EVEN: Final = 0.005  # a difference of qualities that two digits do not show

LogWeights = Float32[np.ndarray, " weights"]


class Sliders:
    """Where a person wants the weights.

    As only their ratios count, raising one lowers the others, so that the mean of the logarithms
    stays 0, as in the environment.

    Args:
        settings: of the environment.

    Attributes:
        targets: log weights relative to the default.
        selected: which slider the keyboard moves.
    """

    def __init__(self, settings: StyleWeightsSettings) -> None:
        self.names = settings.weight_names
        self.targets: LogWeights = np.zeros(settings.num_weights, np.float32)
        self.selected = 0
        self._default = settings.default_log_weights

    def move_to(self, number: int, target: float) -> None:
        """Move a slider, as far as it goes, and the others the other way."""
        target = min(max(target, -MAX_LOG_WEIGHT), MAX_LOG_WEIGHT)
        change = target - float(self.targets[number])
        targets = self.targets - np.float32(change / max(len(self.targets) - 1, 1))
        targets[number] = target
        self.targets = targets.clip(-MAX_LOG_WEIGHT, MAX_LOG_WEIGHT)

    def move_by(self, number: int, change: float) -> None:
        """Move a slider by so much."""
        self.move_to(number, float(self.targets[number]) + change)

    def select(self, change: int) -> None:
        """Go to another slider, from the last one to the first."""
        self.selected = (self.selected + change) % len(self.targets)

    def reset(self) -> None:
        """Back to the default weights."""
        self.targets = np.zeros_like(self.targets)

    def action(self, log_weights: LogWeights) -> LogWeights:
        """The step from where the weights are, as far as one goes: in [-1, 1]."""
        way = centred(self.targets[None])[0] - log_weights
        action: LogWeights = np.clip(way / MAX_CHANGE, -1.0, 1.0)
        return action

    def reached(self, log_weights: LogWeights) -> LogWeights:
        """Where the weights will be after a step from where they are."""
        reached: LogWeights = centred((log_weights + MAX_CHANGE * self.action(log_weights))[None])[
            0
        ]
        return reached

    def shares(self, log_weights: LogWeights) -> LogWeights:
        """What log weights come to in the loss; their sum is 1."""
        weights = np.exp(self._default + log_weights)
        shares: LogWeights = weights / weights.sum()
        return shares


@dataclass(frozen=True)
class Round:
    """How things stand on a picture.

    Args:
        person: the person's painting.
        rival: the rival's.
        log_weights: where the person's weights are, relative to the default.
        motif: what is painted, in words.
        is_over: whether both paintings are finished.
    """

    person: Scene
    rival: Scene
    log_weights: LogWeights
    motif: str
    is_over: bool = False

    @property
    def num_done(self) -> int:
        """How many steps the person has painted."""
        return len(self.person.qualities) - 1

    @property
    def outcome(self) -> int | None:
        """+1 if the person painted better, -1 if the rival did, 0 if neither; None meanwhile."""
        if not self.is_over:
            return None
        person, rival = (_final(scene) for scene in (self.person, self.rival))
        if person == rival or abs(person - rival) < EVEN:
            return 0
        return 1 if person > rival else -1


class TuningSession:
    """Rounds of a person against a policy, each on another picture.

    Its methods take their time, so that a window calls them in the background, one at a time.

    Args:
        envs: the person's and the rival's, with the same settings.
        rival: who tunes beside the person.
        title: what to call the rival.
        order: the numbers of the instances, in turn.

    Attributes:
        score: of the finished rounds, as the person sees it.
    """

    def __init__(
        self,
        envs: tuple[StyleWeightsEnv, StyleWeightsEnv],
        rival: TuningPolicy,
        title: str,
        order: Sequence[int],
    ) -> None:
        self.settings = envs[0].settings
        self.title = title
        self.score = Score()
        self._person, self._rivals = envs
        self._rival = rival
        self._numbers = cycle(order)
        self._observation: Any = None
        self._running = [False, False]
        self._motif = ""

    def new_round(self) -> Round:
        """Begin the next picture; one that is not finished does not count."""
        number = next(self._numbers)
        self._person.reset(options={"instance": number})
        self._observation, _ = begin(self._rivals, self._rival, number)
        self._running = [True, True]
        instance = self.settings.all_instances[number]
        self._motif = f"{instance.content_name} in the style of {instance.style_name}"
        return self._round()

    def paint(self, action: LogWeights) -> Round:
        """A step of both, each as long as its painting is not finished.

        Args:
            action: the person's.

        Raises:
            ValueError: both are finished, or none was begun.
        """
        if not any(self._running):
            raise ValueError("paint() goes on with a picture, got none; call new_round() first.")
        if self._running[0]:
            self._running[0] = not _is_over(self._person.step(action))
        if self._running[1]:
            rivals_action, _ = self._rival.predict(self._observation)
            result = self._rivals.step(rivals_action)
            self._observation, self._running[1] = result[0], not _is_over(result)
        now = self._round()
        if now.outcome is not None:
            self.score.count(now.outcome)
        return now

    def _round(self) -> Round:
        return Round(
            self._person.scene(),
            self._rivals.scene(),
            self._person.batch.log_weights[0].cpu().numpy().copy(),
            self._motif,
            not any(self._running),
        )


def _is_over(result: tuple[Any, float, bool, bool, dict[str, Any]]) -> bool:
    _, _, terminated, truncated, _ = result
    return terminated or truncated


def _final(scene: Scene) -> float:
    """The last quality; nothing is worse than one that is no number."""
    quality = scene.qualities[-1]
    return quality if math.isfinite(quality) else -math.inf
