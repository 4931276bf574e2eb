"""A painting whose weights an agent steers: ``etude stylize --tune agent``.

The environment in which it has learned, ``etude/StyleWeights-v0``, paints here too: the picture is
its only instance, at full size, and an episode is the painting. What comes of it stands beside what
the default weights make of as many iterations, in the eyes of a network that neither has seen.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

from jaxtyping import Float
from rich.console import Console
from rich.table import Table
from torch import Tensor

from etude.agents.tuner_evaluation import TuningPolicy
from etude.bars import transient_bar
from etude.envs.style_weights.env import StyleWeightsEnv
from etude.envs.style_weights.instances import Instance
from etude.envs.style_weights.settings import PAINTER
from etude.foundations.interrupts import HeldInterrupt
from etude.generative.images import resize, save_image
from etude.generative.style.colours import with_colours_of
from etude.generative.style.descent import INTERRUPTED, NOT_FINITE
from etude.generative.style.encoders import EncoderChoice
from etude.generative.style.gatys import (
    FEATURES_SHARE,
    GIGABYTE,
    GatysSettings,
    in_colours,
    schedule,
)
from etude.generative.style.losses import Style
from etude.generative.style.tiles import PEAK, bytes_per_pixel
from etude.tuners import AGENT, DEFAULT, begin, tuner, tuner_title

BETWEEN: Final = 0.5  # content and style
NUM_STEPS: Final = 12  # as the agent that comes along has learned with
TUNED_ENCODERS: Final = (PAINTER, "tiny")
TUNED_SETTINGS: Final = ("size", "evaluations", "style_scale", "colours", "memory_limit")


@dataclass(frozen=True, kw_only=True)
class Tuning:
    """Whether an agent steers the weights while a photo is painted, and towards what.

    Raises:
        ValueError: a preference outside [0, 1], or one that nobody aims at.
    """

    tune: str | None = None
    """Who steers the weights while a photo is painted: "agent", which comes along, the file of one
    of your own (see `etude train sac --env etude/StyleWeights-v0`), or a baseline."""
    preference: float = BETWEEN
    """What the agent aims at, from 0 (only the style counts) to 1 (only the content)."""

    def __post_init__(self) -> None:
        if not 0.0 <= self.preference <= 1.0:
            raise ValueError(
                f"a preference is from 0 (style) to 1 (content), got {self.preference}; "
                f"{BETWEEN} is between the two."
            )
        if self.tune is None and self.preference != BETWEEN:
            raise ValueError(
                f"a preference is what an agent aims at, got {self.preference} without one; add "
                f"--tune {AGENT}, or choose --content-weight and --style-weight."
            )


class Judgement(NamedTuple):
    """What the judge says of a picture: see ``envs.style_weights.objective``.

    Args:
        quality: the higher the better.
        content: logarithm of the distance to the photo.
        style: mean logarithm of the distances to the style.
        variation: logarithm of the roughness.
    """

    quality: float
    content: float
    style: float
    variation: float

    @classmethod
    def of(cls, info: Mapping[str, Any]) -> Self:
        """What the environment's info has of it."""
        return cls(info["quality"], *map(float, info["objectives"]))


OnStep = Callable[[int, Judgement], None]


class TunedPainting(NamedTuple):
    """What came of an episode.

    Args:
        image: RGB in [0, 1].
        judgements: of the photo, and of the painting after each step.
        stopped: why it ended early; else "".
    """

    image: Float[Tensor, "1 3 h w"]
    judgements: tuple[Judgement, ...]
    stopped: str


def stylize_tuned(
    instance: Instance,
    who: str,
    encoder: EncoderChoice,
    settings: GatysSettings,
    out: Path,
    note: Mapping[str, Any],
) -> dict[str, float]:
    """Paint with weights that an agent steers, save, and print what the judge says of it.

    Ctrl-C ends the work; what there is of the painting is saved. With colours "luminance" the judge
    sees brightness alone, as the agent does.

    Args:
        instance: the photo at the size of the result, the style, and the preference between them.
        who: see ``tuner``.
        encoder: the network that paints.
        settings: of which those in ``TUNED_SETTINGS`` apply.
        out: the painting's file.
        note: on how it was made, kept inside it.

    Returns:
        The quality of the photo and of what was painted, by name.

    Raises:
        ValueError: an unknown name, a file that holds no tuner or one for another environment,
            settings that an agent does not know, too little memory, or pictures that are too small
            or of one colour.
        OSError: the tuner cannot be read, or the painting cannot be written.
    """
    env = easel(instance, encoder, settings)
    policy, title = tuner(who, env.settings), tuner_title(who)
    _check_memory(env, settings)
    tuned = _paint_beside_a_bar(env, policy, title)
    image = tuned.image
    if settings.colours == "luminance":
        image = with_colours_of(image, instance.content)
    used = {name: getattr(settings, name) for name in TUNED_SETTINGS}
    made_of = {"settings": used, "tuned_by": Path(who).name}
    save_image(out, image, {**note, **made_of, **_ending(tuned, env)})
    console = Console(highlight=False)
    console.print(_summary(out, tuned, env), soft_wrap=True)
    rows = {"the photo": tuned.judgements[0], title: tuned.judgements[-1]}
    if not tuned.stopped and who != DEFAULT:
        title = tuner_title(DEFAULT)
        plain = _paint_beside_a_bar(env, tuner(DEFAULT, env.settings), title)
        if not plain.stopped:
            rows[title] = plain.judgements[-1]
    console.print(judgement_table(rows))
    return {name: float(judgement.quality) for name, judgement in rows.items()}


def easel(instance: Instance, encoder: EncoderChoice, settings: GatysSettings) -> StyleWeightsEnv:
    """The environment that paints a picture; its episode takes as long as `etude stylize` would.

    Args:
        instance: the photo at the size of the result, the style of any size, the preference.
        encoder: the network that paints.
        settings: of which those in ``TUNED_SETTINGS`` apply.

    Raises:
        ValueError: see ``stylize_tuned``.
    """
    _check_settings(settings)
    content, styles = in_colours(instance.content, [Style(instance.style)], settings.colours)
    style = resize(styles[0].image, round(settings.style_scale * max(content.shape[-2:])))
    evaluations = sum(schedule(settings, *content.shape[-2:]).values())
    return StyleWeightsEnv(
        [instance._replace(content=content, style=style)],
        num_steps=NUM_STEPS,
        iterations=math.ceil(evaluations / NUM_STEPS),
        encoder=_encoder(encoder),
    )


def paint(env: StyleWeightsEnv, policy: TuningPolicy, follow: OnStep) -> TunedPainting:
    """Paint the first instance; Ctrl-C and numbers that overflow end the work.

    Args:
        env: the painter.
        policy: steers the weights.
        follow: called after each step with its number, from 1, and the judgement.
    """
    observation, info = begin(env, policy, 0)
    image, judgements = env.image, [Judgement.of(info)]
    is_over, stopped = False, ""
    try:
        while not is_over:
            with HeldInterrupt():
                actions, _ = policy.predict(observation[None])
                observation, _, has_failed, is_over, info = env.step(actions[0])
                if has_failed:
                    stopped = NOT_FINITE
                    break
                image = env.image
                judgements.append(Judgement.of(info))
                follow(len(judgements) - 1, judgements[-1])
    except KeyboardInterrupt:
        stopped = INTERRUPTED
    return TunedPainting(image, tuple(judgements), stopped)


def judgement_table(judgements: Mapping[str, Judgement]) -> Table:
    """A row each, under what the numbers are."""
    table = Table("", "quality", "log content", "mean log style", "log variation")
    for column in table.columns[1:]:
        column.justify = "right"
    for name, judgement in judgements.items():
        table.add_row(name, *(f"{number:.3f}" for number in judgement))
    return table


@contextmanager
def tuning_bar(title: str, num_steps: int) -> Iterator[OnStep]:
    """A bar that follows a painting, on a terminal.

    Args:
        title: who tunes.
        num_steps: until the end.
    """
    with transient_bar(Console(stderr=True)) as progress:
        task = progress.add_task(f"{title}: looking at the pictures", total=num_steps)

        def show(step: int, judgement: Judgement) -> None:
            text = f"{title}: quality {judgement.quality:.2f}"
            progress.update(task, completed=step, description=text)

        yield show


def _paint_beside_a_bar(env: StyleWeightsEnv, policy: TuningPolicy, title: str) -> TunedPainting:
    with tuning_bar(title, env.settings.num_steps) as follow:
        return paint(env, policy, follow)


def _check_settings(settings: GatysSettings) -> None:
    """Complain of settings that would have no effect."""
    for field in fields(settings):
        value = getattr(settings, field.name)
        if field.name not in TUNED_SETTINGS and value != field.default:
            option = f"--{field.name.replace('_', '-')}"
            raise ValueError(
                f"an agent starts from the photo and the default weights and descends with Adam, "
                f"got {option} {value}; leave {option} or --tune out."
            )


def _encoder(choice: EncoderChoice) -> str:
    name = choice.encoder or PAINTER
    if name not in TUNED_ENCODERS or choice.weights or choice.download:
        raise ValueError(
            f"agents tune paintings of {PAINTER}, got another network or its weights; leave "
            "--encoder, --weights and --download out, or --tune."
        )
    return name


def _check_memory(env: StyleWeightsEnv, settings: GatysSettings) -> None:
    """Complain of a picture for whose features there is no room: this painter knows no tiles."""
    (instance,) = env.settings.all_instances
    pixels = max(image[0, 0].numel() for image in (instance.content, instance.style))
    needed = PEAK * bytes_per_pixel(env.settings.painters_view.encoder) * pixels
    needed /= FEATURES_SHARE * GIGABYTE
    if needed > settings.memory_limit:
        raise ValueError(
            f"an agent looks at the whole picture, which takes {needed:.1f} GB at {pixels:,} "
            f"pixels, got a memory_limit of {settings.memory_limit}; raise it, choose a smaller "
            "size, or leave --tune out."
        )


def _ending(tuned: TunedPainting, env: StyleWeightsEnv) -> dict[str, Any]:
    """What the note in the picture says about the result."""
    num_steps = len(tuned.judgements) - 1
    return {
        "stopped": tuned.stopped,
        "evaluations": num_steps * env.settings.iterations,
        "encoder": env.settings.encoder,
        "preference": env.settings.all_instances[0].preference,
        "judgement": tuned.judgements[-1]._asdict(),
    }


def _summary(out: Path, tuned: TunedPainting, env: StyleWeightsEnv) -> str:
    height, width = tuned.image.shape[-2:]
    num_steps = len(tuned.judgements) - 1
    num_iterations = num_steps * env.settings.iterations
    text = f"{out}: {width} x {height}, {num_iterations} iterations in {num_steps} steps"
    if tuned.stopped:
        text += f"; {tuned.stopped}, this is the painting until then"
    return text
