"""The pictures of style transfer in the README: ``python -m etude.benchmarks.style_pictures``.

Photos come with packages and styles are drawn, so that anybody makes the same pictures again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Final

import torch
import tyro
from jaxtyping import Float
from PIL import Image
from rich.console import Console
from torch import Tensor

from etude.benchmarks.loss_curve import loss_curve
from etude.benchmarks.picture_rows import Captioned, picture_rows
from etude.foundations.files import replacing
from etude.generative.data import STYLES, available_photos, style_image
from etude.generative.images import load_image, to_uint8
from etude.generative.style.encoders import LAYER_WEIGHTS, EncoderChoice, open_encoder
from etude.generative.style.gatys import GatysSettings, StyleResult, stylize
from etude.generative.style.losses import Style
from etude.generative.style.pretrained import open_styles, paint_fast

RGB = Float[Tensor, "1 3 h w"]
MAX_BYTES: Final = 300_000
QUALITIES: Final = (92, 88, 84, 80, 75, 70, 60, 50)  # of JPEG, the first whose file is small enough
ENCODER: Final = "efficientnet-lite0"
PLAIN: Final = GatysSettings(size=384)
LANDSCAPE: Final = "china"  # no network here was trained on these
PORTRAIT: Final = "astronaut"
GALLERY: Final = (
    "marbling",
    "concentric-circles",
    "stained-glass",
    "mosaic",
    "starry-swirls",
    "woodcut",
    "watercolour",
)


def style_pictures(*, out: Path = Path("docs/pictures")) -> None:
    """Paint the pictures of the README and save them; a few minutes.

    A picture whose network is not here is left out.

    Args:
        out: the folder, made if it does not exist.

    Raises:
        OSError: the folder cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    console = Console(highlight=False)
    for name, make in PICTURES.items():
        try:
            with console.status(f"painting {name}"):
                picture = make()
        except FileNotFoundError as error:
            console.print(f"{name} is left out: {error}")
            continue
        with replacing(out / name) as partial:
            partial.write_bytes(picture)
        console.print(f"{out / name}: {len(picture) / 1000:.0f} kB")


def paintings() -> bytes:
    """A photo, and the same in seven styles."""
    photo = load_photo(LANDSCAPE)
    shown = [Captioned(photo, "photo")]
    shown += [Captioned(paint(photo, {name: 1.0}).image, name) for name in GALLERY]
    return jpeg(picture_rows(in_rows(shown, 4), 200))


def controls() -> bytes:
    """What the settings do: colours, blends, masks, scale and weight."""
    photo = load_photo(LANDSCAPE)
    upper, lower = halves(photo)
    shown = {
        "photo": photo,
        "marbling": paint(photo, {"marbling": 1.0}).image,
        "... in the photo's colours": paint(
            photo, {"marbling": 1.0}, replace(PLAIN, colours="luminance")
        ).image,
        "... blended with mosaic": paint(photo, {"marbling": 0.5, "mosaic": 0.5}).image,
        "starry-swirls above, woodcut below": paint(
            photo,
            {"starry-swirls": 1.0, "woodcut": 1.0},
            masks={"starry-swirls": upper, "woodcut": lower},
        ).image,
        "mosaic": paint(photo, {"mosaic": 1.0}).image,
        "... at half its scale": paint(
            photo, {"mosaic": 1.0}, replace(PLAIN, style_scale=0.5)
        ).image,
        "... at twice its scale": paint(
            photo, {"mosaic": 1.0}, replace(PLAIN, style_scale=2.0)
        ).image,
    }
    captioned = [Captioned(image, caption) for caption, image in shown.items()]
    return jpeg(picture_rows(in_rows(captioned, 4), 200))


def loss() -> bytes:
    """The loss of a painting while it is painted."""
    history = paint(load_photo(LANDSCAPE), {"marbling": 1.0}).history
    return loss_curve(history, PLAIN, f"{LANDSCAPE} in marbling")


def drawn_styles() -> bytes:
    """All styles that a formula draws."""
    shown = [Captioned(style_image(name, 256), name) for name in STYLES]
    return jpeg(picture_rows(in_rows(shown, 4), 220))


def fast_styles() -> bytes:
    """A portrait in all styles of the network that comes along, each in one pass."""
    photo, network = load_photo(PORTRAIT), open_styles()
    shown = [Captioned(photo, "photo")]
    shown += [Captioned(paint_fast(network, photo, {name: 1.0}), name) for name in network.styles]
    return jpeg(picture_rows(in_rows(shown, 5), 200))


PICTURES: Final[Mapping[str, Callable[[], bytes]]] = {
    "paintings.jpg": paintings,
    "controls.jpg": controls,
    "painting_loss.png": loss,
    "drawn_styles.jpg": drawn_styles,
    "fast_styles.jpg": fast_styles,
}


def paint(
    photo: RGB,
    shares: Mapping[str, float],
    settings: GatysSettings | None = None,
    masks: Mapping[str, Float[Tensor, "1 1 h w"]] | None = None,
) -> StyleResult:
    """Paint a photo in drawn styles with the encoder that is always here.

    Args:
        photo: RGB in [0, 1].
        shares: of each style.
        settings: how; ``PLAIN`` if left out.
        masks: where each style applies; everywhere if left out.
    """
    settings = settings or PLAIN
    size = max(round(settings.size * settings.style_scale), settings.size)
    styles = [
        Style(style_image(name, size), share, masks[name] if masks else None)
        for name, share in shares.items()
    ]
    encoder = open_encoder(EncoderChoice(encoder=ENCODER)).encoder
    result = stylize(photo, styles, encoder, LAYER_WEIGHTS[ENCODER], settings)
    if result.stopped == "interrupted":
        raise KeyboardInterrupt
    return result


def load_photo(name: str) -> RGB:
    """A photo at the size of the paintings.

    Raises:
        ValueError: the package that carries it is not installed.
    """
    photos = available_photos()
    if name not in photos:
        raise ValueError(
            f"the pictures need the photos of scikit-image and scikit-learn, got no {name}; pip "
            "install scikit-image scikit-learn."
        )
    return load_image(photos[name], PLAIN.size)


def halves(photo: RGB) -> tuple[Float[Tensor, "1 1 h w"], Float[Tensor, "1 1 h w"]]:
    """Masks of the upper and the lower half, one fading into the other."""
    height, width = photo.shape[-2:]
    down = torch.linspace(0.0, 1.0, height).view(1, 1, height, 1).expand(1, 1, height, width)
    lower = ((down - 0.5) * 8.0 + 0.5).clamp(0.0, 1.0)
    return 1.0 - lower, lower


def in_rows(pictures: Sequence[Captioned], num_columns: int) -> list[Sequence[Captioned]]:
    """In rows of so many, the last perhaps shorter."""
    return [pictures[i : i + num_columns] for i in range(0, len(pictures), num_columns)]


def jpeg(image: RGB) -> bytes:
    """A JPEG file of at most 300 kB, in the best quality that allows it, or the lowest one."""
    content = b""
    for quality in QUALITIES:
        file = BytesIO()
        Image.fromarray(to_uint8(image)).save(file, "JPEG", quality=quality, optimize=True)
        content = file.getvalue()
        if len(content) <= MAX_BYTES:
            break
    return content


if __name__ == "__main__":
    tyro.cli(style_pictures)
