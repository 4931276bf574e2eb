"""Many style transfers side by side, each with weights of its own: the world of ``StyleWeights``.

All pictures go through the network in one batch. The sum of their weighted losses has for gradient
at each picture that of its own loss, so none sees the others. A picture is descended on with Adam
(D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1),
which does not feel the scale of the loss: only the ratios of the weights count.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Float32, Int64
from torch import Tensor

from etude.envs.style_weights.objective import Targets, log_terms, quality
from etude.envs.style_weights.observation import MAX_LOG_WEIGHT, Observation, flatten
from etude.envs.style_weights.settings import MAX_CHANGE, StyleWeightsSettings

BETA_1: Final = 0.9
BETA_2: Final = 0.999
EPSILON: Final = 1e-8

Rows = Int64[np.ndarray, " rows"]


class Outcome(NamedTuple):
    """What a step led to.

    Args:
        rewards: the change of the quality, or the penalty.
        failed: whose losses are no numbers any more.
        ended: who has no steps left.
    """

    rewards: Float32[np.ndarray, " n"]
    failed: Bool[np.ndarray, " n"]
    ended: Bool[np.ndarray, " n"]


class Sight(NamedTuple):
    """Paintings as the painter's network sees them.

    Args:
        images: the paintings, for the gradient with respect to them.
        terms: of the loss, with the way back to the images.
    """

    images: Float[Tensor, "n 3 h w"]
    terms: Float[Tensor, "n terms"]


class Scene(NamedTuple):
    """What is to be seen of a painting.

    Args:
        content: RGB in [0, 1], as the next two.
        style: of any size.
        image: the painting.
        preference: from 0 (style) to 1 (content).
        weights: by what they are of; their sum is 1.
        qualities: at the start and after each step.
        num_steps: in an episode.
    """

    content: Float[Tensor, "1 3 h w"]
    style: Float[Tensor, "1 3 style_h style_w"]
    image: Float[Tensor, "1 3 h w"]
    preference: float
    weights: dict[str, float]
    qualities: tuple[float, ...]
    num_steps: int


class StyleWeightsBatch:
    """N paintings.

    Args:
        num_paintings: how many.
        settings: of all of them.

    Attributes:
        images: the paintings, RGB in [0, 1], (n, 3, h, w).
        log_weights: what the agent changes, relative to the default, (n, weights).
        qualities: see ``objective.quality``.
        numbers: which instance each is, -1 before the first.
        steps_left: of each.
    """

    def __init__(self, num_paintings: int, settings: StyleWeightsSettings) -> None:
        self.settings = settings
        self.num_paintings = num_paintings
        self.numbers = np.full(num_paintings, -1)
        self.steps_left = np.zeros(num_paintings, np.int64)
        self.images: Tensor  # as the next three: from the first `begin` on
        self.log_weights: Tensor
        self.qualities: Tensor
        self._logs: Tensor
        self._default = torch.from_numpy(settings.default_log_weights).to(settings.device)
        self._kept: Sight | None = None
        self._is_empty = True

    def __getstate__(self) -> dict[str, Any]:
        """All but the way back from the loss, which is found again when it is needed."""
        return self.__dict__ | {"_kept": None}

    def begin(
        self,
        rows: Rows,
        numbers: Int64[np.ndarray, " rows"],
        log_weights: Float32[np.ndarray, "rows weights"] | None = None,
    ) -> None:
        """Start paintings from their contents.

        Args:
            rows: where in the batch.
            numbers: of their instances.
            log_weights: to begin with, relative to the default; 0 if left out.
        """
        settings = self.settings
        instances = [settings.all_instances[number] for number in numbers]
        contents = torch.cat([instance.content for instance in instances]).to(settings.device)
        styles = torch.cat([instance.style for instance in instances]).to(settings.device)
        if self._is_empty:
            self._allocate(contents, styles)
        at = torch.from_numpy(rows)
        self.numbers[rows], self.steps_left[rows] = numbers, settings.num_steps
        self._preferences[at] = contents.new_tensor([i.preference for i in instances])
        self._targets.put(at, settings.painters_view.targets(contents, styles))
        self._judged.put(at, settings.judges_view.targets(contents, styles))
        self.images[at], self._kept = contents, None
        for moments in (self._mean, self._square, self._num_iterations, self.log_weights):
            moments[at] = 0.0
        if log_weights is not None:
            self.log_weights[at] = self.log_weights.new_tensor(log_weights)
        self._look()
        self._first[at], self._previous[at] = self._logs[at], self._logs[at]

    def step(self, actions: Float32[np.ndarray, "n weights"]) -> Outcome:
        """Change the weights and paint on.

        Args:
            actions: changes of the log weights, from -1 to 1.
        """
        changes = MAX_CHANGE * torch.from_numpy(actions).to(self.images)
        log_weights = self.log_weights + changes
        log_weights -= log_weights.mean(1, keepdim=True)  # the scale has no effect
        self.log_weights = log_weights.clamp(-MAX_LOG_WEIGHT, MAX_LOG_WEIGHT)
        weights = self.weights
        for _ in range(self.settings.iterations):
            self._descend(weights)
        before, self._previous = self.qualities, self._logs
        self._look()
        self.steps_left -= 1
        rewards = (self.qualities - before).cpu().numpy()
        failed = ~np.isfinite(rewards) | ~self._logs.isfinite().all(1).cpu().numpy()
        rewards[failed] = -self.settings.nan_penalty
        return Outcome(rewards, failed, self.steps_left == 0)

    @property
    def weights(self) -> Float[Tensor, "n weights"]:
        """Those of the loss; each painting's add up to 1."""
        return torch.softmax(self._default + self.log_weights, dim=1)

    def infos(self) -> dict[str, np.ndarray]:
        """What the environments' infos say, with a row for each painting."""
        return {
            "instance": self.numbers.copy(),
            "quality": self.qualities.cpu().numpy().copy(),
            "objectives": self.objectives,
            "weights": self.weights.cpu().numpy(),
        }

    def scene(self, row: int, qualities: Sequence[float]) -> Scene:
        """What is to be seen of a painting.

        Args:
            row: where it is in the batch.
            qualities: at its start and after each step.
        """
        instance = self.settings.all_instances[self.numbers[row]]
        return Scene(
            instance.content,
            instance.style,
            self.images[row : row + 1].detach().cpu().clone(),
            instance.preference,
            dict(zip(self.settings.weight_names, self.weights[row].tolist(), strict=True)),
            tuple(qualities),
            self.settings.num_steps,
        )

    @property
    def objectives(self) -> Float32[np.ndarray, "n 3"]:
        """What the quality is made of: log content, mean log style, log variation."""
        logs = self._judged_logs
        parts = torch.stack((logs[:, 0], logs[:, 1:-1].mean(1), logs[:, -1]), dim=1)
        return parts.cpu().numpy()

    def observe(self) -> Float32[np.ndarray, "n features"]:
        """New observations, see ``Observation``."""
        looks = (self.log_weights, self._first, self._logs - self._first)
        parts = (part.cpu().numpy() for part in (*looks, self._logs - self._previous))
        budget = (self.steps_left / self.settings.num_steps).astype(np.float32)
        return flatten(Observation(self._preferences.cpu().numpy(), budget, *parts))

    def _allocate(self, contents: Tensor, styles: Tensor) -> None:
        """Room for all, from the shapes of some."""
        n, weights = self.num_paintings, self.settings.num_weights
        one = torch.zeros_like(contents[:1])
        self.images = one.repeat(n, 1, 1, 1)
        self._mean, self._square = self.images.clone(), self.images.clone()
        self._num_iterations = self.images.new_zeros(n)
        self._preferences = self.images.new_zeros(n)
        self.log_weights = self.images.new_zeros(n, weights)
        self._logs, self._first, self._previous = (self.log_weights.clone() for _ in range(3))
        blank = (self.images, styles[:1].expand(n, -1, -1, -1))
        self._targets: Targets = self.settings.painters_view.targets(*blank)
        self._judged: Targets = self.settings.judges_view.targets(*blank)
        self._is_empty = False

    def _descend(self, weights: Float[Tensor, "n weights"]) -> None:
        """One iteration of Adam on every painting, which stays within [0, 1]."""
        images, terms = self._sight
        (gradient,) = torch.autograd.grad(terms, images, grad_outputs=weights)
        self._num_iterations += 1
        self._mean.lerp_(gradient, 1.0 - BETA_1)
        self._square.mul_(BETA_2).addcmul_(gradient, gradient, value=1.0 - BETA_2)
        t = self._num_iterations[:, None, None, None]
        mean, square = self._mean / (1.0 - BETA_1**t), self._square / (1.0 - BETA_2**t)
        step = self.settings.step_size * mean / (square.sqrt() + EPSILON)
        self.images, self._kept = (self.images - step).clamp_(0.0, 1.0), None

    @property
    def _sight(self) -> Sight:
        """The paintings as they are: looked at once, for the observation and for the gradient."""
        if self._kept is None:
            with torch.enable_grad():  # whatever the caller is about
                images = self.images.detach().requires_grad_()
                self._kept = Sight(images, self.settings.painters_view(images, self._targets))
        return self._kept

    def _look(self) -> None:
        """See the paintings through both networks."""
        with torch.no_grad():
            self._logs = log_terms(self._sight.terms)
            terms = self.settings.judges_view(self.images, self._judged)
            self._judged_logs = log_terms(terms)
            self.qualities = quality(terms, self._preferences, self.settings.smoothness)
