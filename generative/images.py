"""Files of pictures, and what is inside: float32 RGB in [0, 1], (1, 3, h, w).

Every kind that Pillow reads comes in the same form: turned the way the camera was held (EXIF),
transparency on white, grey and CMYK as RGB, 16 bits as fine as they are, colours of an embedded ICC
profile as sRGB (but with 16 bits of colour, where the profile is ignored), of an animation the
first frame.
"""

import io
import json
import math
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from PIL import Image, ImageCms, ImageOps, PngImagePlugin, UnidentifiedImageError
from torch import Tensor

from etude.foundations.files import replacing
from etude.foundations.names import check_name

MAX_PIXELS: Final = 200_000_000  # 600 MB decoded; a file of a few KB can claim more
WHITE: Final = (255, 255, 255, 255)
SIXTEEN_BITS: Final = 65_535.0
JPEG_QUALITY: Final = 95
DESCRIPTION_TAG: Final = 0x010E  # EXIF's ImageDescription
SOFTWARE_TAG: Final = 0x0131
FORMATS: Final = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}


def load_image(path: Path, size: int | None = None) -> Float[Tensor, "1 3 h w"]:
    """Read a picture.

    Args:
        path: a file of any format that Pillow reads.
        size: the longer side in pixels, see ``resize``; as in the file if left out.

    Returns:
        float32 RGB in [0, 1].

    Raises:
        ValueError: there is no such file, it is no picture, broken or too large, or a size below 1.
    """
    if size is not None:
        _check_longer_side(size)
    if not path.is_file():
        raise ValueError(f"a picture is a file that exists, got {str(path)!r}; check the name.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's, about broken EXIF and large files
        try:
            with Image.open(path) as file:
                _check_size(path, file.size)
                image = _deep(path) if _has_deep_colours(file) else _decode(file, size)
        except (UnidentifiedImageError, Image.DecompressionBombError) as error:
            raise ValueError(
                f"a picture is a file in a format such as {', '.join(FORMATS)} with at most "
                f"{MAX_PIXELS:,} pixels, got {str(path)!r} ({error}); convert it first."
            ) from error
        except (OSError, SyntaxError, EOFError) as error:  # what Pillow's decoders raise
            raise ValueError(
                f"a picture is a complete file, got {str(path)!r} ({error}); it may be cut off."
            ) from error
    return image if size is None else resize(image, size)


def save_image(path: Path, image: Float[Tensor, "1 3 h w"], metadata: Mapping[str, Any]) -> None:
    """Write a picture, whole or not at all, with a note on how it was made.

    Args:
        path: ends in one of ``FORMATS``; an older file is replaced.
        image: RGB in [0, 1]; what lies outside is clamped.
        metadata: what JSON can hold; kept in PNG's text or EXIF's ImageDescription.

    Raises:
        ValueError: an unknown ending, or the folder does not exist.
        OSError: the disk is full or the file must not be written.
    """
    check_savable(path)
    picture = Image.fromarray(to_uint8(image))
    try:
        with replacing(path) as partial:
            picture.save(partial, **_options(FORMATS[path.suffix.lower()], json.dumps(metadata)))
    except OSError as error:
        raise OSError(
            f"a picture needs room on the disk and the right to write, got {str(path)!r} "
            f"({error}); free some or name another folder. An older file is still there."
        ) from error


def check_savable(path: Path) -> None:
    """Check that a picture can be written under this name, before the work begins.

    Raises:
        ValueError: an unknown ending, or the folder does not exist.
    """
    check_name(f"the ending of a picture ({path.name})", path.suffix.lower(), FORMATS)
    if not path.parent.is_dir():
        raise ValueError(
            f"a file needs an existing folder, got {str(path.parent)!r}; make it first."
        )


def load_metadata(path: Path) -> dict[str, Any]:
    """What ``save_image`` noted; empty for pictures from elsewhere."""
    with Image.open(path) as file:
        text = file.info.get("Description") or file.getexif().get(DESCRIPTION_TAG) or "{}"
    try:
        content = json.loads(text)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def to_uint8(image: Float[Tensor, "1 3 h w"]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """(h, w, 3) in 0 to 255, rounded."""
    scaled = image[0].detach().clamp(0.0, 1.0).mul(255.0).round()
    return np.ascontiguousarray(scaled.permute(1, 2, 0).to("cpu", torch.uint8).numpy())


def resize(image: Float[Tensor, "n c h w"], size: int) -> Float[Tensor, "n c h2 w2"]:
    """Scale so that the longer side is ``size``, keeping the aspect; bicubic, antialiased.

    Raises:
        ValueError: the size is below 1.
    """
    _check_longer_side(size)
    height, width = image.shape[-2:]
    scale = size / max(height, width)
    return resize_to(image, max(round(height * scale), 1), max(round(width * scale), 1))


def resize_to(
    image: Float[Tensor, "n c h w"], height: int, width: int
) -> Float[Tensor, "n c {height} {width}"]:
    """Scale to exactly this size; bicubic, antialiased, clamped to [0, 1]."""
    if image.shape[-2:] == (height, width):
        return image
    scaled = F.interpolate(
        image, size=(height, width), mode="bicubic", antialias=True, align_corners=False
    )
    return scaled.clamp(0.0, 1.0)


def side_by_side(
    images: Float[Tensor, "n c h w"], num_columns: int, gap: int
) -> Float[Tensor, "1 3 rows columns"]:
    """Images row by row on white, with white pixels between and around them.

    Args:
        images: RGB or grey in [0, 1].
        num_columns: images a row, at most; the last row may have fewer.
        gap: white pixels; one image alone has none around it.
    """
    n, _, h, w = images.shape
    num_columns, gap = min(num_columns, n), gap if n > 1 else 0
    num_rows = -(-n // num_columns)
    cells = images.new_ones(num_rows * num_columns, 3, h + gap, w + gap)
    cells[:n, :, gap:, gap:] = images
    rows = cells.view(num_rows, num_columns, *cells.shape[1:]).permute(2, 0, 3, 1, 4)
    sheet: Tensor = rows.reshape(3, num_rows * (h + gap), num_columns * (w + gap))
    return F.pad(sheet, (0, gap, 0, gap), value=1.0)[None]


def _check_longer_side(size: int) -> None:
    if size < 1:
        raise ValueError(f"the size of a picture is at least 1 pixel, got {size}; for example 512.")


def _check_size(path: Path, size: tuple[int, int]) -> None:
    if math.prod(size) > MAX_PIXELS:
        raise ValueError(
            f"a picture has at most {MAX_PIXELS:,} pixels, got {size[0]:,} x {size[1]:,} in "
            f"{str(path)!r}; scale it down first."
        )


def _decode(file: Image.Image, size: int | None) -> Float[Tensor, "1 3 h w"]:
    """The picture, at about twice the size or more if it is far larger than that."""
    if size is not None:
        file.draft("RGB", (size, size))  # JPEG can be decoded at a fraction of its size
    picture = ImageOps.exif_transpose(file)
    if picture.mode.startswith(("I", "F")):  # grey with 16 or 32 bits
        grey = _scale(np.asarray(picture, dtype=np.float32))
        return _to_tensor(np.repeat(grey[..., None], 3, axis=2))
    coloured = _on_white(_in_srgb(picture))
    if size is not None and (factor := max(coloured.size) // (2 * size)) > 1:
        coloured = coloured.reduce(factor)  # before 4 bytes are spent on each value
    return _to_tensor(np.asarray(coloured, dtype=np.float32) / 255.0)


def _has_deep_colours(file: Image.Image) -> bool:
    """Whether there are 16 bits of red, green and blue, of which Pillow would keep 8."""
    raw_modes = [str(tile[-1]) for tile in getattr(file, "tile", [])]
    return file.mode in ("RGB", "RGBA") and any(";16" in raw_mode for raw_mode in raw_modes)


def _deep(path: Path) -> Float[Tensor, "1 3 h w"]:
    """16 bits of colour, on white.

    Raises:
        OSError: the file is broken.
    """
    values = decode(path)
    if values is None or values.dtype != np.uint16 or values.ndim != 3:
        raise OSError("it cannot be decoded")
    scaled = values.astype(np.float32) / SIXTEEN_BITS
    blue, green, red, *alpha = np.moveaxis(scaled, -1, 0)
    colours = np.stack([red, green, blue], axis=-1)
    if alpha:
        opacity = alpha[0][..., None]
        colours = colours * opacity + 1.0 - opacity
    return _to_tensor(colours)


def decode(path: Path) -> np.ndarray | None:
    """The numbers in a file as they are, in OpenCV's order of colours; None if it is broken.

    Raises:
        OSError: the file cannot be read.
    """
    content = np.frombuffer(path.read_bytes(), np.uint8)
    try:
        return cv2.imdecode(content, cv2.IMREAD_UNCHANGED)
    except cv2.error:  # of an empty file, or of one that claims to be huge
        return None


def _to_tensor(values: Float[np.ndarray, "h w 3"]) -> Float[Tensor, "1 3 h w"]:
    return torch.from_numpy(values).permute(2, 0, 1)[None].contiguous()


def _in_srgb(picture: Image.Image) -> Image.Image:
    """The colours of the embedded profile as those of a screen; as they are if it is broken."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in ("RGB", "RGBA", "CMYK", "L"):
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(source):
            return picture
        mode = "RGBA" if picture.mode == "RGBA" else "RGB"
        screen = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(picture, source, screen, outputMode=mode) or picture
    except (ImageCms.PyCMSError, OSError):
        return picture


def _scale(grey: Float[np.ndarray, "h w"]) -> Float[np.ndarray, "h w"]:
    """Grey values to [0, 1]: floats may be there already, whole numbers have 16 bits."""
    if not np.isfinite(grey).all():
        raise OSError("values that are no numbers")
    largest = 1.0 if grey.max(initial=0.0) <= 1.0 else SIXTEEN_BITS
    return np.clip(grey / largest, 0.0, 1.0)


def _on_white(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    paper = Image.new("RGBA", picture.size, WHITE)
    return Image.alpha_composite(paper, picture.convert("RGBA")).convert("RGB")


def _options(format_name: str, description: str) -> dict[str, Any]:
    """What Pillow's ``save`` is told, with the description where the format keeps it."""
    if format_name == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Software", "etude")
        text.add_text("Description", description)
        return {"format": format_name, "pnginfo": text}
    exif = Image.Exif()
    exif[SOFTWARE_TAG] = "etude"
    exif[DESCRIPTION_TAG] = description
    return {"format": format_name, "exif": exif, "quality": JPEG_QUALITY}
