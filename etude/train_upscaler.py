"""Training networks that enlarge photos: ``etude train upscaler``."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import tyro
from rich.console import Console
from rich.table import Table
from torch import Tensor

from etude import __version__
from etude.devices import Device, find_device
from etude.generative.gan.published_srresnet import open_any_upscaler
from etude.generative.gan.sr_grade import HeldOutPhoto, UpscaleGrade, grade, held_out_photos
from etude.generative.gan.sr_patches import pictures_of
from etude.generative.gan.srgan import SRResNet, bicubic
from etude.generative.gan.srgan_settings import UpscalerSettings
from etude.generative.gan.srgan_training import (
    FEATURE_LAYERS,
    PixelLesson,
    SRGANLesson,
    UpscalerLesson,
    new_network,
)
from etude.generative.gan.super_resolution import (
    Model,
    Upscaler,
    downscale,
    rounded,
    save_upscaler,
    shipped,
    upscale,
)
from etude.generative.style.encoders import EncoderChoice, held_out_encoder, open_encoder
from etude.output import Outcome
from etude.run_folder import claim
from etude.training_run import train_in_folder
from etude.training_view import CELL, PreviewSheets

MOST_PREVIEWS: Final = 6


@dataclass(frozen=True, kw_only=True)
class Folders:
    """Which photos."""

    photos: Path | None = None
    """A folder to learn from; what installed packages carry if left out."""
    held_out: Path | None = None
    """A folder of other photos, to be graded on; the packages' if left out."""


@dataclass(frozen=True, kw_only=True)
class Output:
    """Where everything goes.

    Raises:
        ValueError: checkpoints every 0 steps.
    """

    out: Path | None = None
    """A folder for everything that is made; runs/upscaler/MODEL_xSCALE if left out."""
    save_every: int = 250
    """Steps from one checkpoint and sheet of previews to the next."""

    def __post_init__(self) -> None:
        if self.save_every < 1:
            raise ValueError(f"save_every is at least 1 step, got {self.save_every}; 250 is usual.")


def train_upscaler(
    *,
    scale: Literal[2, 4] = 4,
    model: Model = "srresnet",
    start: Path | None = None,
    device: Device = "auto",
    folders: Annotated[Folders, tyro.conf.arg(name="")] = Folders(),
    output: Annotated[Output, tyro.conf.arg(name="")] = Output(),
    encoder: Annotated[EncoderChoice, tyro.conf.arg(name="")] = EncoderChoice(),  # noqa: B008
    settings: Annotated[UpscalerSettings, tyro.conf.arg(name="")] = UpscalerSettings(),  # noqa: B008
) -> Outcome:
    """Train a network that enlarges photos: on pixels, or further against a discriminator.

    Ctrl-C ends the training and keeps everything; the same command goes on where it ended, and
    comes to the same network as if it had not. The folder has `network.safetensors`, which `etude
    upscale --network` takes, `preview.png`, parts of photos that training has not seen, each
    as it is, interpolated and enlarged, and `steps.jsonl`, the losses.

    Args:
        scale: how many times larger.
        model: "srresnet" learns pixels; "srgan" goes on from it, with features and a discriminator.
        start: a network to go on from; for srgan the one that comes along if left out.
        device: where to train; auto is a GPU if there is one.
        folders: which photos.
        output: where everything goes.
        encoder: whose features srgan learns from.
        settings: how.

    Returns:
        The network's file, and its grades on photos that training has not seen.

    Raises:
        ValueError: a folder without pictures, photos that are not here, another run in the folder,
            a network for another scale, or a setting out of its range.
        FloatingPointError: the training diverged; the last checkpoint is kept.
        FileNotFoundError: there is no such network to start from.
        OSError: the folder cannot be written.
    """
    settings = replace(
        settings, steps=settings.num_steps(model), learning_rate=settings.rate(model)
    )
    pictures, tests = pictures_of(folders.photos), held_out_photos(scale, folders.held_out)
    folder = output.out or Path("runs/upscaler") / f"{model}_x{scale}"
    where, console = find_device(device), Console(highlight=False)
    network = first_network(model, scale, start, settings).to(where)
    run: dict[str, Any] = {
        "made_by": f"etude train upscaler {__version__}",
        "photos": str(folders.photos) if folders.photos else "of packages",
        "scale": scale,
        "model": model,
        "start": str(start) if start else None,
        "settings": asdict(settings),
    }
    lesson: UpscalerLesson
    if model == "srgan":
        name = open_encoder(encoder).encoder.name
        opened = open_encoder(encoder, FEATURE_LAYERS[name])
        console.print(f"{name}: {opened.reason}", soft_wrap=True)
        run["encoder"] = name
        lesson = SRGANLesson(network, opened.encoder, pictures, settings)
    else:
        lesson = PixelLesson(network, pictures, settings)
    claim(folder, run)
    follow(lesson, settings.num_steps(model), folder, output.save_every, run, tests)
    trained = Upscaler(network=lesson.average.cpu().eval(), model=model, notes=run)
    path = folder / "network.safetensors"
    save_upscaler(path, trained)
    console.print(f"network: {path} ({path.stat().st_size / 1e6:.2f} MB)", soft_wrap=True)
    return {"network": path, "grades": print_grades(trained, tests, console)}


def first_network(
    model: Model, scale: int, start: Path | None, settings: UpscalerSettings
) -> SRResNet:
    """The network that training begins with.

    Raises:
        ValueError: the file has one for another scale, or none for this scale comes along.
        FileNotFoundError: there is no such file.
    """
    if start is not None:
        network = open_any_upscaler(start).network
        if network.scale != scale:
            raise ValueError(
                f"training goes on at the network's own scale, got one for {network.scale} in "
                f"{str(start)!r} and --scale {scale}; name another."
            )
    elif model == "srgan":
        network = shipped("srresnet", scale).network
    else:
        network = new_network(scale, settings)
    return network.train().requires_grad_(True)


def follow(
    lesson: UpscalerLesson,
    num_steps: int,
    folder: Path,
    save_every: int,
    run: Mapping[str, Any],
    tests: Mapping[str, HeldOutPhoto],
) -> None:
    """Train beside a bar.

    Raises:
        KeyboardInterrupt: Ctrl-C came; what there is until then is in the folder.
        FloatingPointError: the training diverged.
    """
    scale = lesson.average.scale

    def paint(original: Tensor) -> list[Tensor]:
        """A part of a photo as interpolation and as the network make it."""
        small = downscale(original, scale)
        return [rounded(bicubic(small, scale)), upscale(lesson.average, small)]

    parts = [middle(test.original, scale) for test in tests.values()][:MOST_PREVIEWS]
    sheets = PreviewSheets(folder / "preview.png", paint, parts, save_every)
    train_in_folder(lesson, num_steps, folder, run, sheets, save_every=save_every)


def middle(image: Tensor, scale: int) -> Tensor:
    """The central square, as large as a picture in a sheet or smaller."""
    height, width = image.shape[2:]
    side = min(height, width, CELL)
    side -= side % scale
    top, left = (height - side) // 2, (width - side) // 2
    return image[..., top : top + side, left : left + side]


def print_grades(
    trained: Upscaler, tests: Mapping[str, HeldOutPhoto], console: Console
) -> dict[str, dict[str, Any]]:
    """A table: each photo as interpolation and as the network enlarge it.

    Returns:
        The same by photo, then by method.
    """
    grades: dict[str, dict[str, Any]] = {name: {} for name in tests}
    judge, scale = held_out_encoder(), trained.network.scale
    table = Table("photo", "", "PSNR", "SSIM", f"distance, {judge.encoder.name}", box=None)
    for name, test in tests.items():
        made = {
            "bicubic": rounded(bicubic(test.small, scale)),
            trained.model: upscale(trained.network, test.small),
        }
        for method, large in made.items():
            found = grade(large, test.original, scale, judge)
            grades[name][method] = asdict(found)
            table.add_row(name, method, *_cells(found))
    console.print(table)
    return grades


def _cells(found: UpscaleGrade) -> tuple[str, str, str]:
    return f"{found.psnr:.2f}", f"{found.ssim:.4f}", f"{found.distance:.3f}"
