"""The deck's figure: ``python -m etude.benchmarks.super_resolution_picture``.

Parts of photos that no network here has seen, as interpolation and the networks that come along
enlarge them four times, beside the original, with the figures of the whole photos below.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Final, NamedTuple

import tyro
from jaxtyping import Float
from PIL import Image
from rich.console import Console
from torch import Tensor

from etude.benchmarks.picture_rows import Captioned, picture_rows
from etude.foundations.files import replacing
from etude.generative.gan.sr_grade import HeldOutPhoto, UpscaleGrade, grade, held_out_photos
from etude.generative.gan.srgan import bicubic
from etude.generative.gan.super_resolution import shipped, upscale
from etude.generative.images import to_uint8
from etude.generative.style.encoders import Judge, held_out_encoder

SCALE: Final = 4
ZOOM: Final = 3  # pixels of the figure to one of a photo
RGB = Float[Tensor, "1 3 h w"]


class Part(NamedTuple):
    """A square of a photo.

    Args:
        photo: its name.
        top: pixels above it.
        left: pixels left of it.
        side: its own.
    """

    photo: str
    top: int
    left: int
    side: int = 88


PARTS: Final = (Part("astronaut", 60, 176), Part("astronaut", 280, 300), Part("china", 150, 250))


def super_resolution_picture(*, out: Path = Path("docs/pictures/super-resolution.png")) -> None:
    """Make the figure; a few seconds.

    Args:
        out: the file.

    Raises:
        ValueError: the photos or the folder are not here.
    """
    content = png(figure(held_out_photos(SCALE)))
    with replacing(out) as partial:
        partial.write_bytes(content)
    Console(highlight=False).print(f"{out}: {len(content) / 1000:.0f} kB")


def figure(photos: dict[str, HeldOutPhoto]) -> RGB:
    """A row for each part: bicubic, SRResNet, SRGAN, the original.

    Raises:
        ValueError: a photo is not here.
    """
    missing = {part.photo for part in PARTS} - set(photos)
    if missing:
        raise ValueError(
            f"the figure needs the photos {', '.join(sorted(missing))}, got none; run `pip install "
            "'etude[photos]'`."
        )
    judge = held_out_encoder()
    shown = {part.photo: list(enlarged(photos[part.photo], judge)) for part in PARTS}
    rows = [
        [Captioned(cut(image, part), caption) for image, caption in shown[part.photo]]
        for part in PARTS
    ]
    return picture_rows(rows, ZOOM * PARTS[0].side)


def enlarged(photo: HeldOutPhoto, judge: Judge) -> Iterator[Captioned]:
    """A photo by each method and the original, with its figures."""
    made = {
        "bicubic": bicubic(photo.small, SCALE),
        "SRResNet": upscale(shipped("srresnet", SCALE).network, photo.small),
        "SRGAN": upscale(shipped("srgan", SCALE).network, photo.small),
    }
    for name, image in made.items():
        found = grade(image, photo.original, SCALE, judge)
        yield Captioned(image.clamp(0.0, 1.0), caption(name, found))
    yield Captioned(photo.original, "original (dB, SSIM, distance)")


def caption(name: str, found: UpscaleGrade) -> str:
    """The method and its figures in a line.

    >>> caption("bicubic", UpscaleGrade(psnr=27.04, ssim=0.8491, distance=0.25))
    'bicubic 27.04, .849, .250'
    """
    ssim, distance = (f"{share:.3f}".removeprefix("0") for share in (found.ssim, found.distance))
    return f"{name} {found.psnr:.2f}, {ssim}, {distance}"


def cut(image: RGB, part: Part) -> Float[Tensor, "1 3 cut_h cut_w"]:
    """A part of a photo, each pixel as a square of ``ZOOM``."""
    rows = slice(part.top, part.top + part.side)
    columns = slice(part.left, part.left + part.side)
    return image[..., rows, columns].repeat_interleave(ZOOM, 2).repeat_interleave(ZOOM, 3)


def png(image: RGB) -> bytes:
    """A PNG file."""
    file = BytesIO()
    Image.fromarray(to_uint8(image)).save(file, "PNG", optimize=True)
    return file.getvalue()


if __name__ == "__main__":
    tyro.cli(super_resolution_picture)
