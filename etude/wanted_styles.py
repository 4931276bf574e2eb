"""What `--style` asks for: pictures in files, styles by their names, and how much each counts."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from torch import Tensor

from etude.foundations.names import check_name
from etude.generative.data import STYLES, style_image
from etude.generative.images import load_image
from etude.generative.style.colours import luminance
from etude.generative.style.losses import Style
from etude.generative.style.pretrained import parse_blend


def wanted_styles(texts: Sequence[str]) -> dict[str, float]:
    """The names of files or styles, and their shares.

    Args:
        texts: each the name of a file, or a list such as painting.jpg:0.7,waves:0.3.

    Raises:
        ValueError: see ``parse_blend``; or a style twice.
    """
    wanted: dict[str, float] = {}
    for text in texts:
        found = {text: 1.0} if Path(text).is_file() else parse_blend(text)
        for name in found.keys() & wanted.keys():
            raise ValueError(f"each style is given once, got {name!r} twice; add up its shares.")
        wanted |= found
    return wanted


def load_styles(wanted: Mapping[str, float], masks: Sequence[Path], size: int) -> list[Style]:
    """The styles with their pictures.

    Args:
        wanted: see ``wanted_styles``.
        masks: none, or one for each.
        size: longer side of the pictures, in pixels.

    Raises:
        ValueError: a file that is no picture, an unknown name, or not as many masks as styles.
    """
    if masks and len(masks) != len(wanted):
        raise ValueError(
            f"there are as many masks as styles, got {len(masks)} for {len(wanted)}; leave the "
            "masks out or give each style one."
        )
    regions: list[Tensor | None] = [None] * len(wanted)
    if masks:
        regions = [luminance(load_image(mask))[:, :1] for mask in masks]
    return [
        Style(load_style(name, size), share, mask)
        for (name, share), mask in zip(wanted.items(), regions, strict=True)
    ]


def load_style(name: str, size: int) -> Tensor:
    """The picture in a file or, if there is none, the style that is drawn by this name.

    Raises:
        ValueError: neither.
    """
    if Path(name).is_file():
        return load_image(Path(name))
    check_name("a style that is no file", name, STYLES)
    return style_image(name, size)
