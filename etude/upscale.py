"""Enlarging a photo on the command line: ``etude upscale photo.jpg --scale 4``."""

import time
from pathlib import Path
from typing import Annotated, Final, Literal

import tyro
from rich.console import Console
from rich.progress import MofNCompleteColumn
from torch import Tensor

from etude import __version__
from etude.bars import transient_bar
from etude.devices import Device, find_device
from etude.generative.gan.published_srresnet import open_any_upscaler
from etude.generative.gan.super_resolution import Model, Upscaler, shipped
from etude.generative.gan.super_resolution import upscale as enlarge
from etude.generative.images import MAX_PIXELS, check_savable, load_image, save_image
from etude.output import Outcome

Scale = Literal[2, 4]
DEFAULT_SCALE: Final = 4


def upscale(
    photo: Annotated[Path, tyro.conf.Positional],
    *,
    scale: Scale | None = None,
    model: Model | None = None,
    out: Annotated[Path | None, tyro.conf.arg(aliases=["-o"])] = None,
    network: Path | None = None,
    ensemble: bool = False,
    device: Device = "auto",
) -> Outcome:
    """Enlarge a photo with details that interpolation does not have.

    Photos of any size go through the network piece by piece, without seams. How the picture was
    made is noted inside it.

    Args:
        photo: the picture.
        scale: how many times larger; 4, or what the network does, if left out.
        model: "srresnet", closest to the truth on average, which is the default; or "srgan", with
            sharper textures, some of which are invented.
        out: where to, a name that ends in .png, .jpg, .webp or .tif; photo_x4.png beside photo.jpg
            if left out.
        network: another network than those that come along: from `etude train upscaler`, or a
            published SRResNet, see published_srresnet.py.
        ensemble: take the mean over the eight turned and mirrored copies, a little closer to the
            truth, in eight times the time.
        device: where to compute; auto is a GPU if there is one.

    Returns:
        The picture, its size, and how it was made.

    Raises:
        ValueError: a file that is no picture or no network, a picture that would be too large, the
            photo itself as the result, or options that do not go together.
        FileNotFoundError: there is no such network.
        OSError: the picture cannot be written.
    """
    upscaler = choose(network, model, scale)
    factor = upscaler.network.scale
    out = photo.with_name(f"{photo.stem}_x{factor}.png") if out is None else out
    check_savable(out)
    if out.resolve() == photo.resolve():
        raise ValueError(f"the photo itself is kept, got {str(out)!r} as the result; name another.")
    small = load_image(photo)
    check_size(small, factor)
    where = find_device(device)
    start = time.perf_counter()
    console = Console(highlight=False)
    upscaler.network.to(where)
    with transient_bar(Console(stderr=True), MofNCompleteColumn()) as bar:
        task = bar.add_task("pieces")
        large = enlarge(
            upscaler.network,
            small,
            ensemble=ensemble,
            on_tile=lambda done, total: bar.update(task, completed=done, total=total),
        )
    seconds = time.perf_counter() - start
    note = {
        "made_by": f"etude upscale {__version__}",
        "photo": photo.name,
        "scale": factor,
        "model": upscaler.model,
        "network": network.name if network else "of this version",
        "ensemble": ensemble,
    }
    save_image(out, large, note)
    height, width = large.shape[2:]
    console.print(
        f"{out}: {width} x {height}, {upscaler.model} x{factor}, {seconds:.2f} s", soft_wrap=True
    )
    return {"out": out, "width": width, "height": height, "seconds": seconds} | note


def choose(network: Path | None, model: Model | None, scale: Scale | None) -> Upscaler:
    """The network that the user wants.

    Raises:
        ValueError: none for this scale comes along, or the file has another scale or model.
        FileNotFoundError: there is no such file.
    """
    if network is None:
        return shipped(model or "srresnet", scale or DEFAULT_SCALE)
    upscaler = open_any_upscaler(network)
    found = {"scale": (scale, upscaler.network.scale), "model": (model, upscaler.model)}
    for name, (wanted, there) in found.items():
        if wanted is not None and wanted != there:
            raise ValueError(
                f"the network in {str(network)!r} has the {name} {there}, got --{name} {wanted}; "
                "leave that out."
            )
    return upscaler


def check_size(small: Tensor, scale: int) -> None:
    """Check that the result is a picture that files hold.

    Raises:
        ValueError: it has too many pixels.
    """
    height, width = (scale * length for length in small.shape[2:])
    if height * width > MAX_PIXELS:
        raise ValueError(
            f"a picture has at most {MAX_PIXELS:,} pixels, got {width:,} x {height:,} as the "
            "result; crop the photo, or take a smaller --scale."
        )
