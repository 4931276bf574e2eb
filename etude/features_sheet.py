"""What the commands of ``etude features`` share: layers, photos, a bar, a sheet that is noted."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from jaxtyping import Float
from rich.console import Console
from torch import Tensor

from etude import __version__
from etude.bars import transient_bar
from etude.benchmarks.picture_rows import Captioned, picture_rows
from etude.generative.data import Pictures, available_photos, pictures_in
from etude.generative.images import load_image, save_image, side_by_side
from etude.generative.style.encoders import EncoderChoice, open_encoder
from etude.generative.style.protocol import Encoder
from etude.output import Outcome

LAYERS: Final[dict[str, tuple[str, ...]]] = {
    "efficientnet-lite0": ("b1e", "b3e", "b5e", "b8e", "b10e"),
    "vgg19": ("relu1_2", "relu2_2", "relu3_4", "relu4_2", "relu5_2"),
    "tiny": ("conv1", "conv2"),
}
"""From edges to parts of objects, for each encoder."""

MAX_POOLING: Final = EncoderChoice(pooling="max")  # which has switches
PHOTO: Final = "astronaut"  # the first of these that is here is looked at if none is given
FALLBACK: Final = "hopper"
PHOTO_SIZE: Final = 512  # the longer side of photos that patches are cut from
GREY: Final = 0.5


class Looking(NamedTuple):
    """A network, and the layers of it that are shown."""

    encoder: Encoder
    layers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What of the network is shown.

    Raises:
        ValueError: no unit.
    """

    layers: tuple[str, ...] = ()
    """Of the network; some from edges to parts of objects if left out."""
    units: tuple[int, ...] = ()
    """Channels of each layer; chosen by themselves if left out."""
    num_units: int = 4
    """How many of them."""

    def __post_init__(self) -> None:
        if self.num_units < 1:
            raise ValueError(f"num_units is at least 1, got {self.num_units}; for example 4.")


def open_looking(choice: EncoderChoice, layers: Sequence[str], console: Console) -> Looking:
    """The network that the user wants, and why it is this one.

    Raises:
        ValueError: the encoder is not here, or a layer is unknown.
    """
    name = open_encoder(choice).encoder.name
    chosen = tuple(layers) or LAYERS[name]
    opened = open_encoder(choice, chosen)
    console.print(f"{name}: {opened.reason}", soft_wrap=True)
    return Looking(opened.encoder, chosen)


def open_photo(photo: Path | None, size: int) -> Float[Tensor, "1 3 h w"]:
    """The user's photo, or one that a package carries.

    Raises:
        ValueError: no such file, or no package that carries one.
    """
    if photo is not None:
        return load_image(photo, size)
    here = available_photos()
    for name in (PHOTO, FALLBACK, *here):
        if name in here:
            return load_image(here[name], size)
    raise ValueError(
        "a photo is looked at, got none and no package that carries one; name a file, or run `pip "
        "install 'etude[photos]'`."
    )


def open_photos(folder: Path | None) -> Pictures:
    """The photos of a folder, or all that packages carry.

    Raises:
        ValueError: there are none.
    """
    files = pictures_in(folder) if folder is not None else list(available_photos().values())
    if not files:
        raise ValueError(
            "patches are cut out of photos, got none and no package that carries some; name a "
            "folder with --images, or run `pip install 'etude[photos]'`."
        )
    return Pictures(files, PHOTO_SIZE)


class Follow:
    """Moves a bar on by a step, and says what is done."""

    def __init__(self, console: Console, total: int) -> None:
        self._progress = transient_bar(console)
        self._task = self._progress.add_task("looking", total=total)

    def __call__(self, text: str | None = None) -> None:
        """A step is done."""
        self._progress.update(self._task, advance=1, description=text)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """While the bar stands there."""
        with self._progress:
            yield


@contextmanager
def bar(total: int) -> Iterator[Follow]:
    """A bar of so many steps on the terminal, which goes at the end."""
    follow = Follow(Console(stderr=True), total)
    with follow.shown():
        yield follow


def write_sheet(
    out: Path,
    rows: Sequence[Sequence[Captioned]],
    cell: int,
    command: str,
    looking: Looking,
    note: Mapping[str, Any],
) -> Outcome:
    """Save a sheet in which it is noted how it was made.

    Returns:
        The note, and where the sheet is.

    Raises:
        ValueError: no rows.
        OSError: it cannot be written.
    """
    found = {
        "made_by": f"etude features {command} {__version__}",
        "encoder": looking.encoder.name,
        "layers": list(looking.layers),
    }
    sheet = picture_rows(rows, cell)
    save_image(out, sheet, {**found, **note})
    height, width = sheet.shape[-2:]
    console = Console(highlight=False)
    console.print(f"{out}: {width} x {height}, {', '.join(looking.layers)}", soft_wrap=True)
    return {"out": out, "width": width, "height": height, **found, **note}


def nine(images: Float[Tensor, "k 3 side side"], cell: int) -> Float[Tensor, "1 3 h w"]:
    """Patches three by three, enlarged by whole pixels; missing ones are grey."""
    factor = max(round(cell / (3 * images.shape[-1])), 1)
    side = factor * images.shape[-1]
    large = images.new_full((9, 3, side, side), GREY)
    enlarged = images.repeat_interleave(factor, dim=2).repeat_interleave(factor, dim=3)
    large[: len(images)] = enlarged[:9]
    return side_by_side(large, num_columns=3, gap=2)
