"""Tuning a running style transfer as a Gymnasium environment."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import gymnasium as gym
import numpy as np
from gymnasium.error import ResetNeeded
from jaxtyping import Float, Float32
from torch import Tensor

from etude.envs.style_weights.batch import Scene, StyleWeightsBatch
from etude.envs.style_weights.instances import Instance
from etude.envs.style_weights.settings import StyleWeightsSettings, read_actions, read_options
from etude.foundations.names import check_name

if TYPE_CHECKING:
    from etude.envs.style_weights.render import Studio, StudioWindow

ONLY_ROW: Final = np.zeros(1, np.int64)


class StyleWeightsEnv(gym.Env[Any, Any]):
    """An agent steers the weights of a style transfer while it runs.

    ## Description
    A painting begins as a photograph and is descended on the loss of L. A. Gatys, A. S. Ecker and
    M. Bethge, "Image style transfer using convolutional neural networks", CVPR 2016: content, the
    style at L layers of a network, and total variation, each with a weight. Before every
    ``iterations`` iterations of Adam the agent changes the weights. It is paid for what another
    network sees, which nobody descends on. An instance is a content, a style, and a preference
    between the two; the problem is one of dynamic algorithm configuration (T. Eimer et al.,
    "DACBench: a benchmark library for dynamic algorithm configuration", IJCAI 2021).

    ## Action space
    ``Box(-1, 1, (L + 2,), float32)``, to which actions are clipped. Twice the action is added to
    the logarithms of the weights of content, of the style at each layer, and of total variation.
    These then get mean 0, because only ratios count, and are clipped to [-5, 5]; they are relative
    to the weights of ``etude stylize``. L is 5.

    ## Observation space
    ``Box`` of shape (2 + 4 (L + 2),), float32: the preference and the share of steps left, both in
    [0, 1]; the log weights, divided by 5; the logarithm of each loss at the start, its log ratio to
    that, and the change of it in the last step, clipped to [-10, 10]. All as the painter's network
    sees them; ``observation.split_observation`` takes them apart.

    ## Reward
    What the quality gained in the step, so that the return is the quality at the end minus that at
    the start: see ``objective.quality``. With preference p,

        quality = -(p log content + (1 - p) mean log style + 0.1 log variation)

    under the judge's network. Floors below the logarithms make the unchanged photograph's finite.

    ## Starting state
    An instance drawn evenly, or ``reset(options={"instance": i})``; default weights. Also
    ``options={"log_weights": array}`` starts from other weights.

    ## Episode end
    Truncated after ``num_steps`` steps. A loss that is not a number terminates with reward
    ``-nan_penalty``.

    ## Info
    ``instance`` (its number), ``quality``, ``objectives`` (float32: log content, mean log style,
    log variation under the judge's network), ``weights`` (float32, of the loss, their sum is 1).

    ## Arguments
    - ``instances``: "train" (default), "test", "test_ood", a folder that has ``contents`` and
      ``styles``, or a list of ``Instance``.
    - ``size``: pixels a side of what is cut from a split's or a folder's pictures, 32 by default;
      a list of instances keeps its own.
    - ``num_steps``, ``iterations``: 12 steps of 4 iterations by default.
    - ``judge``: "held_out" (default), or "inner": the painter's own network, to see what
      comes of being paid by what is descended on.
    - ``encoder``: the painter's, "efficientnet-lite0" (its first four blocks; default), or "tiny"
      (random weights, two layers, for tests).
    - ``step_size``: of Adam, 0.05 by default.
    - ``smoothness``: how much total variation counts, 0.1 by default.
    - ``nan_penalty``: 10 by default.
    - ``device``: where the networks run, "cpu" by default.
    - ``render_mode``: None, "human" (a window) or "rgb_array".

    ## Version history
    - v0: first version.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012 - Gymnasium declares it like this
        "render_modes": ["human", "rgb_array"],
        "render_fps": 4,
    }

    def __init__(
        self,
        instances: str | Path | Sequence[Instance] = "train",
        *,
        render_mode: str | None = None,
        render_size: tuple[int, int] = (960, 540),
        **settings: Any,
    ) -> None:
        if render_mode is not None:
            check_name("render_mode", render_mode, self.metadata["render_modes"])
        self.settings = StyleWeightsSettings(instances, **settings)
        self.render_mode = render_mode
        self.render_size = render_size
        self.observation_space = self.settings.observation_space
        self.action_space = self.settings.action_space
        self.batch = StyleWeightsBatch(1, self.settings)
        self.quality_history: list[float] = []
        self._studio: Studio | None = None
        self._window: StudioWindow | None = None
        self._running = False

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Float32[np.ndarray, " features"], dict[str, Any]]:
        """Start a painting.

        Args:
            seed: of the choice of instances.
            options: "instance", a number; "log_weights", to begin with, relative to the default.

        Raises:
            ValueError: an unknown option, no such instance, or pictures that are missing.
            TypeError: an instance that is no whole number.
        """
        super().reset(seed=seed)
        wish = read_options(options, self.settings, 1)
        numbers = wish.instance
        if numbers is None:
            numbers = self.np_random.integers(len(self.settings.all_instances), size=1)
        self.batch.begin(ONLY_ROW, numbers, wish.log_weights)
        self.quality_history = [float(self.batch.qualities[0])]
        self._running = True
        if self.render_mode == "human":
            self.render()
        return self.batch.observe()[0], self._info()

    def step(
        self, action: Any
    ) -> tuple[Float32[np.ndarray, " features"], float, bool, bool, dict[str, Any]]:
        """Change the weights, and paint on for some iterations.

        Raises:
            ResetNeeded: no painting is under way.
            ValueError: the action has another shape, or holds NaN; nothing has changed then.
        """
        if not self._running:
            raise ResetNeeded("step() goes on with a painting, got none; call reset() first.")
        actions = read_actions(action, (self.settings.num_weights,))[None]
        outcome = self.batch.step(actions)
        terminated = bool(outcome.failed[0])
        truncated = bool(outcome.ended[0]) and not terminated
        self.quality_history.append(float(self.batch.qualities[0]))
        self._running = not (terminated or truncated)
        if self.render_mode == "human":
            self.render()
        reward = float(outcome.rewards[0])
        return self.batch.observe()[0], reward, terminated, truncated, self._info()

    def render(self) -> Any:
        """Content, style, painting, weights and quality: a window (None) or an uint8 picture.

        Raises:
            ResetNeeded: no painting was ever begun.
            gymnasium.error.DependencyNotInstalled: pygame is missing.
        """
        from etude.envs.style_weights.render import Studio, StudioWindow

        if self.render_mode is None:
            gym.logger.warn("render() needs a render_mode; pass one to gym.make, e.g. 'rgb_array'.")
            return None
        if self.render_mode == "rgb_array":
            self._studio = self._studio or Studio(self.render_size)
            return self._studio.frame(self.scene())
        self._window = self._window or StudioWindow(self.render_size, "Etude")
        self._window.show(self.scene(), fps=self.metadata["render_fps"])
        return None

    def close(self) -> None:
        """Close the window, if there is one; may be called twice."""
        if self._window is not None:
            self._window.close()
        self._window = self._studio = None

    @property
    def image(self) -> Float[Tensor, "1 3 h w"]:
        """The painting as it is, RGB in [0, 1].

        Raises:
            ResetNeeded: none was ever begun.
        """
        self._check_begun()
        return self.batch.images.clone()

    def scene(self) -> Scene:
        """What is to be seen.

        Raises:
            ResetNeeded: no painting was ever begun.
        """
        self._check_begun()
        return self.batch.scene(0, self.quality_history)

    def _check_begun(self) -> None:
        if not self.quality_history:
            raise ResetNeeded("there is a painting from the first reset() on, got none; call it.")

    def _info(self) -> dict[str, Any]:
        infos = {name: values[0] for name, values in self.batch.infos().items()}
        return infos | {
            "instance": int(infos["instance"]),
            "quality": float(infos["quality"]),
        }
