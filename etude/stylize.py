"""Painting on the command line: ``etude stylize photo.jpg --style painting.jpg -o out.png``."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final, Self

import tyro
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from torch import Tensor

from etude import __version__
from etude.foundations.names import check_name
from etude.generative.data import STYLES, style_image
from etude.generative.images import check_savable, load_image, resize, save_image
from etude.generative.style.colours import luminance
from etude.generative.style.encoders import (
    LAYER_WEIGHTS,
    EncoderChoice,
    available_encoders,
    open_encoder,
)
from etude.generative.style.gatys import GatysSettings, Step, StyleResult, schedule
from etude.generative.style.gatys import stylize as paint
from etude.generative.style.losses import Style

MARKS: Final = {True: "[green]yes[/]", False: "[red]no[/]"}


def stylize(
    content: Annotated[Path, tyro.conf.Positional],
    *,
    style: tuple[str, ...],
    out: Annotated[Path, tyro.conf.arg(aliases=["-o"])],
    style_weights: tuple[float, ...] = (),
    masks: tuple[Path, ...] = (),
    preview_every: int = 0,
    encoder: Annotated[EncoderChoice, tyro.conf.arg(name="")] = EncoderChoice(),  # noqa: B008
    settings: Annotated[GatysSettings, tyro.conf.arg(name="")] = GatysSettings(),  # noqa: B008
) -> None:
    """Paint a photo in the style of other pictures.

    Ctrl-C ends the work; what there is until then is saved. How the picture was made is noted
    inside it, as text of a PNG or as EXIF.

    Args:
        content: the photo.
        style: files of pictures, or names such as waves; several are blended.
        out: the painting, a name that ends in .png, .jpg, .webp or .tif.
        style_weights: how much each style counts; all the same if left out.
        masks: a picture for each style, white where it applies and black where not, stretched over
            the photo; everywhere if left out.
        preview_every: save what there is after every so many evaluations; never if 0.
        encoder: which network looks at the pictures.
        settings: how.

    Raises:
        ValueError: a file that is no picture, as many weights or masks as there are no styles, an
            encoder that is not here, or a setting out of its range.
        OSError: the painting cannot be written.
    """
    check_savable(out)
    photo = load_image(content, settings.size)
    styles = load_styles(style, style_weights, masks, settings.size)
    opened = open_encoder(encoder)
    console = Console(highlight=False)
    console.print(f"{opened.encoder.name}: {opened.reason}")
    note = {
        "made_by": f"etude stylize {__version__}",
        "content": content.name,
        "styles": [Path(name).name for name in style],
        "style_weights": [one.weight for one in styles],
        "masks": [mask.name for mask in masks],
        "encoder": opened.encoder.name,
        "pooling": encoder.pooling if opened.encoder.name == "vgg19" else None,
        "settings": asdict(settings),
    }
    layers = LAYER_WEIGHTS[opened.encoder.name]
    with PaintingBar(schedule(settings, *photo.shape[-2:]), console) as bar:

        def follow(step: Step, image: Tensor) -> None:
            bar(step)
            if preview_every > 0 and step.evaluation % preview_every == preview_every - 1:
                save_image(out, resize(image, settings.size), note | {"stopped": "preview"})

        result = paint(photo, styles, opened.encoder, layers, settings, follow)
    save_image(out, result.image, note | _ending(result))
    console.print(_summary(out, result, bar.seconds))


def encoders(*, weights: Path | None = None) -> None:
    """List the networks that can look at pictures, in the order in which they are chosen.

    Args:
        weights: a file of VGG-19's weights, if you have one.
    """
    table = Table("encoder", "here", "why", box=None, pad_edge=False)
    for offer in available_encoders(weights):
        table.add_row(offer.name, MARKS[offer.is_here], offer.reason)
    Console(highlight=False).print(table)


def load_styles(
    names: Sequence[str], weights: Sequence[float], masks: Sequence[Path], size: int
) -> list[Style]:
    """The styles of the command line.

    Raises:
        ValueError: a file that is no picture, an unknown name, or as many weights or masks as there
            are no styles.
    """
    for what, given in (("weights", weights), ("masks", masks)):
        if given and len(given) != len(names):
            raise ValueError(
                f"there are as many {what} as styles, got {len(given)} for {len(names)}; leave the "
                f"{what} out or give each style one."
            )
    weights = weights or [1.0] * len(names)
    regions: list[Tensor | None] = [None] * len(names)
    if masks:
        regions = [luminance(load_image(mask))[:, :1] for mask in masks]
    return [
        Style(_style_image(name, size), weight, mask)
        for name, weight, mask in zip(names, weights, regions, strict=True)
    ]


class PaintingBar:
    """A bar that follows the painting; a context manager, called at each step.

    Args:
        evaluations: how many at each size, see ``gatys.schedule``; a large image takes longer.
        console: where to draw.

    Attributes:
        seconds: since the start.
    """

    def __init__(self, evaluations: Mapping[int, int], console: Console) -> None:
        self._evaluations = evaluations
        self._progress = Progress(
            BarColumn(),
            TextColumn("{task.description}"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._start = time.perf_counter()

    def __enter__(self) -> Self:
        self._progress.start()
        self._task = self._progress.add_task("looking at the pictures", total=self._pixels())
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.perf_counter() - self._start

    def __call__(self, step: Step) -> None:
        """Show a step."""
        done = self._pixels(below=step.size) + step.size**2 * (step.evaluation + 1)
        text = f"{step.size} px, loss {step.total:.3f}"
        self._progress.update(self._task, completed=done, description=text)

    def _pixels(self, below: float = math.inf) -> int:
        """How many are looked at, at all sizes or at those below one."""
        return sum(size**2 * num for size, num in self._evaluations.items() if size < below)


def _style_image(name: str, size: int) -> Tensor:
    """The picture in a file or, if there is none, the style that is drawn by this name."""
    if Path(name).is_file():
        return load_image(Path(name))
    check_name("a style that is no file", name, STYLES)
    return style_image(name, size)


def _ending(result: StyleResult) -> dict[str, Any]:
    """What the note in the picture says about the result."""
    last = result.history[-1]._asdict() if result.history else None
    return {"stopped": result.stopped, "evaluations": len(result.history), "last": last}


def _summary(out: Path, result: StyleResult, seconds: float) -> str:
    height, width = result.image.shape[-2:]
    text = f"{out}: {width} x {height}, {len(result.history)} evaluations in {seconds:.0f} s"
    return f"{text}; {result.stopped}, this is the best until then" if result.stopped else text
