"""The pictures of ``etude features`` in the documents: ``python -m etude.features_pictures``."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import tyro
from rich.console import Console

from etude.benchmarks.style_pictures import jpeg
from etude.features_deconv import deconv
from etude.features_invert import invert
from etude.features_maximise import maximise_units
from etude.features_occlusion import occlusion
from etude.features_sheet import Chosen
from etude.foundations.files import replacing
from etude.generative.features.inversion import InversionSettings
from etude.generative.features.top_activations import Sending
from etude.generative.images import load_image

PICTURES: Final[dict[str, Callable[[Path], object]]] = {
    "features-deconv.jpg": lambda out: deconv(
        out=out, chosen=Chosen(num_units=3), sending=Sending(shifts=3)
    ),
    "features-inverted.jpg": lambda out: invert(
        out=out, settings=InversionSettings(size=144, evaluations=150)
    ),
    "features-maximised.jpg": lambda out: maximise_units(out=out, chosen=Chosen(num_units=5)),
    "features-occluded.jpg": lambda out: occlusion(out=out),
}


def features_pictures(*, only: tuple[str, ...] = (), out: Path = Path("docs/pictures")) -> None:
    """Make the pictures, each below 300 kB; a few CPU-minutes.

    Args:
        only: the names of some; all of them if left out.
        out: the folder.

    Raises:
        ValueError: the photos or the folder are not here.
    """
    with TemporaryDirectory() as folder:
        for name, make in PICTURES.items():
            if only and name not in only:
                continue
            sheet = Path(folder) / "sheet.png"
            make(sheet)
            content = jpeg(load_image(sheet))
            with replacing(out / name) as partial:
                partial.write_bytes(content)
            Console(highlight=False).print(f"{out / name}: {len(content) / 1000:.0f} kB")


if __name__ == "__main__":
    tyro.cli(features_pictures)
