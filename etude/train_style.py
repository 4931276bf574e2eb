"""Training networks that paint in one pass: ``etude train style``."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Protocol

import tyro
from rich.console import Console
from torch import Tensor

from etude import __version__
from etude.foundations.names import check_name
from etude.generative.data import (
    PHOTOS,
    STYLES,
    Pictures,
    available_photos,
    pictures_in,
    style_image,
)
from etude.generative.images import load_image, resize
from etude.generative.style.adain_training import ADAIN_LAYERS, AdaINLesson
from etude.generative.style.encoders import EncoderChoice, open_encoder
from etude.generative.style.onnx_export import check_onnx_installed
from etude.generative.style.pretrained import SHIPPED, open_styles
from etude.generative.style.transfer_training import (
    ADDED_STEPS,
    NEW_STEPS,
    TrainingSettings,
    TransferLesson,
    added_styles,
    new_styles,
)
from etude.output import Outcome
from etude.run_folder import claim
from etude.training_run import Lesson, train_in_folder
from etude.training_view import PreviewSheets

Method = Literal["styles", "adain"]
PREVIEW_SIZE: Final = 256
ADAIN_SEEDS: Final = 4  # pictures of each drawn style: AdaIN learns from variety


@dataclass(frozen=True, kw_only=True)
class Additions:
    """Styles that a trained network is to learn as well.

    Raises:
        ValueError: a network without styles to add.
    """

    add: tuple[str, ...] = ()
    """Names such as waves, or files of pictures: a trained network learns these too, by their
    normalisation parameters alone, so that its other styles stay as they are."""
    network: Path | None = None
    """The network to add them to; the shipped one if left out."""

    def __post_init__(self) -> None:
        if self.network is not None and not self.add:
            raise ValueError(
                f"styles are added to a network by --add, got --network {self.network} alone; for "
                "example --add painting.jpg."
            )


@dataclass(frozen=True, kw_only=True)
class Output:
    """Where everything goes.

    Raises:
        ValueError: checkpoints every 0 steps.
    """

    out: Path = Path("runs/style")
    """A folder for everything that is made."""
    save_every: int = 250
    """Steps from one checkpoint and sheet of previews to the next."""
    onnx: bool = False
    """Write `network.onnx` as well, checked against the original; not for adain."""

    def __post_init__(self) -> None:
        if self.save_every < 1:
            raise ValueError(f"save_every is at least 1 step, got {self.save_every}; 250 is usual.")


class PaintingLesson(Lesson, Protocol):
    """A network that learns to paint."""

    def paint(self, photo: Tensor) -> list[Tensor]:
        """A photo in the styles that are looked at."""
        ...

    def save(self, path: Path, examples: Sequence[Tensor], notes: Mapping[str, Any]) -> None:
        """Write the network to a file."""
        ...


def train_style(
    *,
    styles: tuple[str, ...] = (),
    content: Path | None = None,
    method: Method = "styles",
    additions: Annotated[Additions, tyro.conf.arg(name="")] = Additions(),
    output: Annotated[Output, tyro.conf.arg(name="")] = Output(),
    encoder: Annotated[EncoderChoice, tyro.conf.arg(name="")] = EncoderChoice(),  # noqa: B008
    settings: Annotated[TrainingSettings, tyro.conf.arg(name="")] = TrainingSettings(),  # noqa: B008
) -> Outcome:
    """Train a network that paints photos in one pass.

    Ctrl-C ends the training and keeps everything; the same command goes on where it ended, and
    comes to the same network as if it had not. The folder has `network.safetensors`, which `etude
    stylize --fast --network` takes, `preview.jpg`, how photos that training has not seen look by
    now, and `steps.jsonl`, the losses.

    Args:
        styles: names such as waves, files of pictures, or folders of them; all that are drawn if
            left out.
        content: a folder of photos; those that installed packages carry if left out.
        method: "styles": a network that knows these styles and blends them; "adain": one that
            paints any style at once, and learns how from these.
        additions: styles for a network that is trained already.
        output: where everything goes.
        encoder: which network looks at the pictures.
        settings: how.

    Returns:
        The styles, and the files of the network.

    Raises:
        ValueError: a style or folder without pictures, photos that are not here, another run in the
            folder, or a setting out of its range.
        FloatingPointError: the training diverged; the last checkpoint is kept.
        ImportError: ONNX is asked for and not installed.
        OSError: the folder cannot be written.
    """
    if output.onnx:
        check_onnx_installed()
        if method == "adain":
            raise ValueError(
                "--onnx writes networks with styles of their own, got --method adain, whose frozen "
                "encoder has a layout that ONNX lacks; leave one of them out."
            )
    if additions.add and (styles or method == "adain"):
        raise ValueError(
            f"--add keeps the styles of a network that has some, got --styles {' '.join(styles)} "
            f"--method {method}; leave these out."
        )
    default = ADDED_STEPS if additions.add else NEW_STEPS
    settings = replace(settings, steps=default if settings.steps is None else settings.steps)
    names = additions.add or styles or tuple(STYLES)
    photos = load_photos(content)
    images = load_styles(names, settings.style_size, ADAIN_SEEDS if method == "adain" else 1)
    opened = open_encoder(encoder)
    console = Console(highlight=False)
    console.print(f"{opened.encoder.name}: {opened.reason}", soft_wrap=True)
    run = {
        "made_by": f"etude train style {__version__}",
        "method": method,
        "styles": list(images),
        "added_to": (additions.network or SHIPPED).name if additions.add else None,
        "encoder": opened.encoder.name,
        "settings": asdict(settings),
    }
    claim(output.out, run)
    lesson: PaintingLesson
    if method == "adain":
        looking = open_encoder(encoder, ADAIN_LAYERS[opened.encoder.name]).encoder
        lesson = AdaINLesson(looking, list(images.values()), photos, settings)
    elif additions.add:
        network = open_styles(additions.network)
        lesson = added_styles(network, opened.encoder, images, photos, settings)
    else:
        lesson = new_styles(opened.encoder, images, photos, settings)
    written = follow(lesson, settings.num_steps, output, run, console)
    return {"styles": list(images), "method": method, "files": written}


def follow(
    lesson: PaintingLesson, num_steps: int, output: Output, run: Mapping[str, Any], console: Console
) -> list[Path]:
    """Train beside a bar, then write the network.

    Returns:
        Its files.

    Raises:
        KeyboardInterrupt: Ctrl-C came; what there is until then is in the folder.
        FloatingPointError: the training diverged.
    """
    folder = output.out
    photos = [resize(load_image(file), PREVIEW_SIZE) for file in preview_photos()]
    sheets = PreviewSheets(folder / "preview.jpg", lesson.paint, photos, output.save_every)
    train_in_folder(lesson, num_steps, folder, run, sheets, save_every=output.save_every)
    path = folder / "network.safetensors"
    lesson.save(path, photos, run)
    console.print(f"network: {path} ({path.stat().st_size / 1e6:.2f} MB)", soft_wrap=True)
    written = [path]
    if output.onnx:
        assert isinstance(lesson, TransferLesson), "the other method was refused"
        path = path.with_suffix(".onnx")
        difference = lesson.export(path)
        console.print(f"network: {path} (differs by at most {difference:.1e})", soft_wrap=True)
        written.append(path)
    return written


def load_styles(names: Sequence[str], size: int, num_seeds: int = 1) -> dict[str, Tensor]:
    """The style images by name: drawn ones by their own, pictures by that of the file.

    Args:
        names: of drawn styles, of files, or of folders.
        size: the longer side in pixels.
        num_seeds: pictures of each drawn style.

    Raises:
        ValueError: none of these, a folder without pictures, or two styles of one name.
    """
    styles: dict[str, Tensor] = {}
    for name in names:
        for style, image in _load_style(name, size, num_seeds).items():
            if style in styles:
                raise ValueError(
                    f"styles have different names, got {style!r} twice; rename a file."
                )
            styles[style] = image
    return styles


def load_photos(folder: Path | None) -> Pictures:
    """What the network learns to paint.

    Raises:
        ValueError: no such folder, no pictures in it, or packages with photos that are missing.
    """
    if folder is not None:
        return Pictures(pictures_in(folder))
    names = [name for name, photo in PHOTOS.items() if not photo.held_out]
    found = available_photos("train")
    if len(found) < len(names):
        raise ValueError(
            f"training needs photos, and only {len(found)} of {len(names)} are here; run `pip "
            "install 'etude[photos]'`, or name a folder with --content."
        )
    return Pictures(list(found.values()))


def preview_photos() -> list[Path]:
    """Photos that training has not seen, if there are any."""
    return list((available_photos("held_out") or available_photos()).values())


def _load_style(name: str, size: int, num_seeds: int) -> dict[str, Tensor]:
    path = Path(name)
    if path.is_dir():
        return {file.stem: load_image(file, size) for file in pictures_in(path)}
    if path.is_file():
        return {path.stem: load_image(path, size)}
    check_name("a style that is no file and no folder", name, STYLES)
    first = {name: style_image(name, size)}
    return first | {f"{name}-{i}": style_image(name, size, i) for i in range(1, num_seeds)}
