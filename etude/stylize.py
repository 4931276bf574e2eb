"""Painting on the command line: ``etude stylize photo.jpg --style painting.jpg -o out.png``."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final

import tyro
from rich.console import Console
from rich.table import Table
from torch import Tensor

from etude import __version__
from etude.envs.style_weights.instances import Instance
from etude.generative.clips import fingerprint, is_clip
from etude.generative.images import check_savable, load_image, resize, save_image
from etude.generative.style import gatys
from etude.generative.style.adain import AdaINNetwork
from etude.generative.style.colours import with_colours_of
from etude.generative.style.descent import INTERRUPTED
from etude.generative.style.encoders import (
    LAYER_WEIGHTS,
    EncoderChoice,
    available_encoders,
    open_encoder,
)
from etude.generative.style.feedforward import blend_weights
from etude.generative.style.gatys import GatysSettings, StyleResult, schedule
from etude.generative.style.losses import Style
from etude.generative.style.painting import Step
from etude.generative.style.pretrained import (
    ANY_STYLE,
    SHIPPED,
    open_network,
    paint_any,
    paint_fast,
)
from etude.generative.style.protocol import Encoder
from etude.generative.style.video import FramePainter, VideoSettings
from etude.generative.style.video_gatys import GatysPainter
from etude.generative.style.video_network import NetworkPainter
from etude.output import Outcome
from etude.painting_bar import PaintingBar
from etude.stylize_clip import stylize_clip
from etude.tune import Tuning, stylize_tuned
from etude.wanted_styles import load_style, load_styles, wanted_styles

MARKS: Final = {True: "[green]yes[/]", False: "[red]no[/]"}


@dataclass(frozen=True, kw_only=True)
class Output:
    """Where the painting goes."""

    out: Annotated[Path, tyro.conf.arg(aliases=["-o"])]
    """The painting, a name that ends in .png, .jpg, .webp or .tif; of a clip .mp4, .gif or a
    folder."""
    preview_every: int = 0
    """Save what there is of a picture after every so many evaluations; never if 0."""


@dataclass(frozen=True, kw_only=True)
class NetworkChoice:
    """Whether a trained network paints, and which."""

    fast: bool = False
    """Let a trained network paint in one pass: one for the drawn styles (see `etude styles`), one
    for pictures in files."""
    network: Path | None = None
    """A network of your own, from `etude train style`, instead of those that come along."""


@dataclass(frozen=True, kw_only=True)
class Learned:
    """What has learned and takes part: a network that paints, or an agent that tunes."""

    network: Annotated[NetworkChoice, tyro.conf.arg(name="")] = NetworkChoice()
    tuning: Annotated[Tuning, tyro.conf.arg(name="")] = Tuning()  # noqa: RUF009 - frozen

    def __post_init__(self) -> None:
        if self.is_network and self.tuning.tune is not None:
            raise ValueError(
                "a network paints in one pass, with no weights to tune, got --tune "
                f"{self.tuning.tune} beside it; leave --tune out, or --fast and --network."
            )

    @property
    def is_network(self) -> bool:
        """Whether a network paints."""
        return self.network.fast or self.network.network is not None


def stylize(
    content: Annotated[Path, tyro.conf.Positional],
    *,
    style: tuple[str, ...],
    output: Annotated[Output, tyro.conf.arg(name="")],
    masks: tuple[Path, ...] = (),
    learned: Annotated[Learned, tyro.conf.arg(name="")] = Learned(),
    encoder: Annotated[EncoderChoice, tyro.conf.arg(name="")] = EncoderChoice(),  # noqa: B008
    settings: Annotated[GatysSettings, tyro.conf.arg(name="")] = GatysSettings(),  # noqa: B008
    video: Annotated[VideoSettings, tyro.conf.arg(name="")] = VideoSettings(),  # noqa: B008
) -> Outcome:
    """Paint a photo or a clip in the style of other pictures.

    Ctrl-C ends the work: what there is of a picture is saved, and the same command goes on where it
    was and comes to the same painting. How it was made is noted inside it.

    Args:
        content: the photo; or a clip: a film, an animation or a folder of frames.
        style: files of pictures, or names such as waves (see `etude styles`); several are blended,
            with shares if you like: painting.jpg:0.7,waves:0.3.
        output: where to.
        masks: a picture for each style, white where it applies and black where not, stretched over
            the photo; everywhere if left out.
        learned: a network that paints in one pass, or an agent that tunes.
        encoder: which network looks at the pictures.
        settings: how.
        video: how one frame of a clip follows another.

    Returns:
        Where the painting is, and how it was made.

    Raises:
        ValueError: a file that is no picture and no clip, a style that is not here, not as many
            masks as styles, an encoder that is not here, a setting out of its range, or options
            that do not go together.
        OSError: the painting cannot be written.
    """
    out, is_picture = output.out, not is_clip(content)
    if is_picture:
        check_savable(out)
    wanted = wanted_styles(style)
    note: dict[str, Any] = {
        "made_by": f"etude stylize {__version__}",
        "content": content.name,
        "styles": {Path(name).name: share for name, share in wanted.items()},
        "masks": [mask.name for mask in masks],
        "settings": asdict(settings),
    }
    if learned.tuning.tune is not None:
        _check_tunable(content, wanted, masks, output)
        (name,) = wanted
        photo, (one,) = load_image(content, settings.size), load_styles(wanted, (), settings.size)
        instance = Instance(photo, one.image, learned.tuning.preference, content.name, name)
        judgements = stylize_tuned(instance, learned.tuning.tune, encoder, settings, out, note)
        return {"out": out, **note, "quality": judgements}
    painter: FramePainter
    network = learned.network
    if learned.is_network:
        _check_no_masks(masks)
        note["network"] = network.network.name if network.network else "of this version"
        in_one_pass = network_paint(network.network, wanted, settings)
        if is_picture:
            _paint_at_once(load_image(content, settings.size), in_one_pass, out, note)
            return {"out": out, **note}
        files = [*map(Path, wanted), *filter(None, [network.network])]
        seen = [fingerprint(file) for file in files if file.is_file()]
        painter = NetworkPainter(in_one_pass, note | {"files": seen}, video)
    else:
        styles = load_styles(wanted, masks, settings.size)
        opened = open_encoder(encoder)
        print(f"{opened.encoder.name}: {opened.reason}")
        note["encoder"] = opened.encoder.name
        if opened.encoder.name == "vgg19":
            note["pooling"] = encoder.pooling
        if is_picture:
            photo = load_image(content, settings.size)
            ending = _paint_slowly(photo, styles, opened.encoder, settings, output, note)
            return {"out": out, **note, **ending}
        painter = GatysPainter(
            styles, opened.encoder, LAYER_WEIGHTS[opened.encoder.name], settings, video
        )
    stylize_clip(content, out, painter, size=settings.size, settings=video, note=note)
    return {"out": out, **note}


def encoders(*, weights: Path | None = None) -> Outcome:
    """List the networks that can look at pictures, in the order in which they are chosen.

    Args:
        weights: a file of VGG-19's weights, if you have one.

    Returns:
        For each whether it is here, and why.
    """
    table = Table("encoder", "here", "why", box=None, pad_edge=False)
    offers = available_encoders(weights)
    for offer in offers:
        table.add_row(offer.name, MARKS[offer.is_here], offer.reason)
    Console(highlight=False).print(table)
    return {offer.name: {"here": offer.is_here, "why": offer.reason} for offer in offers}


def network_paint(
    path: Path | None, wanted: Mapping[str, float], settings: GatysSettings
) -> Callable[[Tensor], Tensor]:
    """What paints an image in one pass.

    Args:
        path: of the network; None is one of those that come along: where there are pictures among
            the styles the one for any style, otherwise that for the drawn ones.
        wanted: the styles and their shares.
        settings: of which the size is the style's, and colours "luminance" keeps the image's.

    Raises:
        ValueError: a file that is no network, or a style that it has not learned.
    """
    has_pictures = any(Path(name).is_file() for name in wanted)
    network = open_network(path or (ANY_STYLE if has_pictures else SHIPPED))
    if isinstance(network, AdaINNetwork):
        styles = [load_style(name, settings.size) for name in wanted]
        shares = blend_weights(list(wanted), wanted)[0].tolist()
        paint = partial(paint_any, network, styles=styles, shares=shares)
    else:
        _check_learned(wanted, network.styles)
        paint = partial(paint_fast, network, shares=wanted)
    if settings.colours != "luminance":
        return paint
    return lambda image: with_colours_of(paint(image), image)


def _check_learned(wanted: Mapping[str, float], learned: Sequence[str]) -> None:
    """Complain of what no network for a set of styles can paint, before any work is done."""
    for name in wanted:
        if name not in learned and Path(name).is_file():
            raise ValueError(
                f"a network paints in the styles it was trained for ({', '.join(learned)}), got "
                f"the file {name!r}; leave --network out, or add it with `etude train style --add`."
            )
    blend_weights(learned, wanted)


def _check_no_masks(masks: Sequence[Path]) -> None:
    if masks:
        raise ValueError(
            f"a network paints the whole picture, got {len(masks)} masks; leave --masks or --fast "
            "out."
        )


def _check_tunable(
    content: Path, wanted: Mapping[str, float], masks: Sequence[Path], output: Output
) -> None:
    """Complain of what no agent has learned, before any work is done."""
    obstacles = {
        "a clip": is_clip(content),
        f"{len(wanted)} styles": len(wanted) > 1,
        "--masks": bool(masks),
        "--preview-every": output.preview_every > 0,
    }
    for obstacle, is_given in obstacles.items():
        if is_given:
            raise ValueError(
                f"an agent tunes the painting of one photo in one style, got {obstacle}; leave "
                "that or --tune out."
            )


def _paint_at_once(
    photo: Tensor, paint: Callable[[Tensor], Tensor], out: Path, note: Mapping[str, Any]
) -> None:
    start = time.perf_counter()
    image = paint(photo)
    save_image(out, image, note)
    seconds = time.perf_counter() - start
    print(f"{out}: {_size(image)}, in one pass of a network, {seconds:.2f} s")


def _paint_slowly(
    photo: Tensor,
    styles: Sequence[Style],
    encoder: Encoder,
    settings: GatysSettings,
    output: Output,
    note: Mapping[str, Any],
) -> dict[str, Any]:
    """Paint by optimising the pixels, beside a bar, and save; how it ended."""
    out, every = output.out, output.preview_every
    unfinished = out.with_name(f".{out.name}.unfinished")
    with PaintingBar(schedule(settings, *photo.shape[-2:]), Console(stderr=True)) as bar:

        def follow(step: Step, image: Tensor) -> None:
            bar(step)
            if every > 0 and step.evaluation % every == every - 1:
                save_image(out, resize(image, settings.size), {**note, "stopped": "preview"})

        result = gatys.stylize(
            photo,
            styles,
            encoder,
            LAYER_WEIGHTS[encoder.name],
            settings,
            follow,
            checkpoint=unfinished,
        )
    ending = _ending(result)
    save_image(out, result.image, {**note, **ending})
    if not result.stopped:
        unfinished.unlink(missing_ok=True)
    text = f"{out}: {_size(result.image)}, {len(result.history)} evaluations, {bar.seconds:.0f} s"
    if result.stopped:
        text += f"; {result.stopped}, this is the best until then"
    if result.stopped == INTERRUPTED:
        text += ", and the same command goes on"
    print(text)
    return ending


def _ending(result: StyleResult) -> dict[str, Any]:
    """What the note in the picture says about the result."""
    last = result.history[-1]._asdict() if result.history else None
    return {"stopped": result.stopped, "evaluations": len(result.history), "last": last}


def _size(image: Tensor) -> str:
    height, width = image.shape[-2:]
    return f"{width} x {height}"
