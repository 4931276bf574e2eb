"""Style transfers on show whose weights somebody tunes: in a window, as text, or in a file."""

from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from jaxtyping import Float32
from rich.console import Console
from rich.progress import track
from rich.table import Table

from etude import recording
from etude.agents.tuner_evaluation import TuningPolicy
from etude.envs.pygame_window import Frame
from etude.envs.style_weights.batch import Scene
from etude.envs.style_weights.env import StyleWeightsEnv
from etude.envs.style_weights.panels import (
    Curve,
    preference_text,
    quality_text,
    share_text,
)
from etude.envs.style_weights.render import Studio, StudioWindow, reference_curve
from etude.motifs import Motifs
from etude.output import Outcome
from etude.play import has_display
from etude.tuners import DEFAULT, begin, instance_order, open_env, tuner, tuner_title

PICTURE_SIZE: Final = (960, 540)
HOLD_FPS: Final = 20
COLUMNS: Final = ("quality", "log content", "mean log style", "log variation")


class View(NamedTuple):
    """A painting after a step.

    Args:
        scene: what is to be seen.
        objectives: what its quality is made of.
    """

    scene: Scene
    objectives: Float32[np.ndarray, " 3"]

    @property
    def quality(self) -> float:
        """How good it is."""
        return self.scene.qualities[-1]


class Show:
    """Episodes of one who tunes, beside those with default weights.

    Args:
        env: where.
        name: who tunes: see ``tuner``.
        numbers: of the instances.
        seed: of a random one.

    Attributes:
        title: what to call who tunes.
        gains: by how much better each painting became than with default weights.

    Raises:
        ValueError: see ``tuner``.
    """

    def __init__(
        self, env: StyleWeightsEnv, name: str, numbers: Sequence[int], seed: int | None = None
    ) -> None:
        self.title = tuner_title(name)
        self.numbers = tuple(numbers)
        self.gains: list[float] = []
        self._env = env
        self._policy = tuner(name, env.settings, seed)
        self._default = tuner(DEFAULT, env.settings)

    def reference(self, number: int) -> View:
        """What default weights come to on an instance."""
        *_, last = paint(self._env, self._default, number)
        return last

    def views(self, number: int, reference: View) -> Iterator[View]:
        """Paint an instance, and note how much better it became."""
        for view in paint(self._env, self._policy, number):
            yield view
        self.gains.append(view.quality - reference.quality)

    def headline(self, number: int) -> str:
        """What is painted."""
        instance = self._env.settings.all_instances[number]
        return (
            f"instance {number}: {instance.content_name} in the style of {instance.style_name}, "
            f"{preference_text(instance.preference)}"
        )

    def summary(self) -> str:
        """How much better the paintings became than with default weights."""
        gains = np.asarray(self.gains)
        paintings = f"{len(gains)} painting{'s' * (len(gains) != 1)}"
        return (
            f"{self.title} against default weights: {gains.mean():+.3f} in quality, better on "
            f"{np.count_nonzero(gains > 0.0)} of {paintings}"
        )


def watch_tuning(
    name: str,
    motifs: Motifs,
    *,
    games: int = 1,
    seed: int | None = None,
    record: Path | None = None,
    fps: float = 2,
) -> Outcome:
    """Watch somebody tune; prints what became of the paintings, beside default weights.

    Args:
        name: who tunes: see ``tuner``.
        motifs: what is painted.
        games: how many paintings.
        seed: of the choice of instances, and of a random tuner.
        record: write a film (.mp4), an animation (.gif) or the last picture (.png) instead.
        fps: steps a second.

    Returns:
        What each painting gained.

    Raises:
        ValueError: an unknown name, split or kind of file, or a number that is not positive.
        FileNotFoundError: there is no such file.
    """
    if games < 1:
        raise ValueError(f"a show has at least one painting, got {games}.")
    if record is not None:
        recording.check_recordable(record)
    env = open_env(motifs)
    with Console(stderr=True).status("fetching pictures"):
        order = instance_order(motifs, env.settings, seed)
    show = Show(env, name, list(islice(cycle(order), games)), seed)
    console = Console(highlight=False)
    if record is not None:
        _record(show, record, fps, console)
    elif has_display():
        _show(show, fps, console)
    else:
        _print(show, console)
    if show.gains:
        console.print(show.summary(), soft_wrap=True)
    return {
        "tuner": show.title,
        "instances": list(show.numbers[: len(show.gains)]),
        "gains_over_default_weights": show.gains,
        "record": record,
    }


def paint(env: StyleWeightsEnv, policy: TuningPolicy, number: int) -> Iterator[View]:
    """An episode: the painting at its start and after each step.

    Raises:
        ValueError: there is no such instance.
    """
    observation, info = begin(env, policy, number)
    yield View(env.scene(), info["objectives"])
    is_over = False
    while not is_over:
        action, _ = policy.predict(observation)
        observation, _, terminated, truncated, info = env.step(action)
        is_over = terminated or truncated
        yield View(env.scene(), info["objectives"])


def _record(show: Show, path: Path, fps: float, console: Console) -> None:
    studio = Studio(PICTURE_SIZE)
    frames: list[Frame] = []
    ends = set()
    bar = Console(stderr=True)
    for number in track(show.numbers, "painting", console=bar, transient=True):
        reference = show.reference(number)
        for view in show.views(number, reference):
            frames.append(studio.frame(view.scene, _curve(reference)))
        ends.add(len(frames) - 1)
        _report(console, show, number, view, reference)
    recording.record(path, frames, fps, frozenset(ends))
    console.print(f"wrote {path}", soft_wrap=True)


def _show(show: Show, fps: float, console: Console) -> None:
    window = StudioWindow(PICTURE_SIZE, f"Etude: {show.title} tunes a style transfer")
    try:
        for number in show.numbers:
            reference = show.reference(number)
            curve = _curve(reference)
            for view in show.views(number, reference):
                window.show(view.scene, fps, curve)
                if window.quit_requested:
                    return
            _report(console, show, number, view, reference)
            for _ in range(round(recording.HOLD_SECONDS * HOLD_FPS)):  # stays open to a click
                window.show(view.scene, HOLD_FPS, curve)
                if window.quit_requested:
                    return
    finally:
        window.close()


def _print(show: Show, console: Console) -> None:
    for number in show.numbers:
        reference = show.reference(number)
        for step, view in enumerate(show.views(number, reference)):
            weights = ", ".join(f"{k} {share_text(v)}" for k, v in view.scene.weights.items())
            console.print(
                f"step {step}: quality {quality_text(view.quality)}; {weights}", soft_wrap=True
            )
        _report(console, show, number, view, reference)


def _curve(reference: View) -> Curve:
    return reference_curve(tuner_title(DEFAULT), reference.scene.qualities)


def _report(console: Console, show: Show, number: int, view: View, reference: View) -> None:
    """What a painting came to, and what default weights come to."""
    console.print(show.headline(number), soft_wrap=True)
    table = Table("weights by", *COLUMNS)
    rows: dict[str, View] = {show.title: view, tuner_title(DEFAULT): reference}
    for title, row in rows.items():
        numbers: list[Any] = [row.quality, *row.objectives]
        table.add_row(title, *(f"{number:.3f}" for number in numbers))
    console.print(table)
