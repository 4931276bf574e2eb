"""Pictures of StyleGAN2's samples in docs: ``python -m etude.benchmarks.stylegan_pictures``.

All are of the models that come along, so anybody makes the same pictures again.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import torch
import tyro
from jaxtyping import Float
from PIL import Image
from rich.console import Console
from torch import Tensor

from etude.benchmarks.picture_rows import Captioned, picture_rows
from etude.foundations.files import replacing
from etude.generative.gan.adversarial import uniform_latents
from etude.generative.gan.faces import faces
from etude.generative.gan.generator_file import TrainedGenerator, open_generator
from etude.generative.gan.shipped import find_generator
from etude.generative.gan.stacked_digits import digits
from etude.generative.images import side_by_side, to_uint8

SEED: Final = 0
TRUNCATION: Final = 0.7  # psi, Karras et al. 2019, appendix B
NUM_DIGITS: Final = 120
NUM_FACES: Final = 32
NUM_COLUMNS: Final = 8
CELL: Final = 48  # pixels a side, about, of an image
GAP: Final = 6
Images = Float[Tensor, "n 1 size size"]


def stylegan_pictures(*, out: Path = Path("docs/pictures")) -> None:
    """Draw the pictures and save them; some seconds.

    Args:
        out: the folder, made if it does not exist.

    Raises:
        OSError: the folder cannot be written.
        ImportError: scikit-learn or scikit-image is not installed.
    """
    out.mkdir(parents=True, exist_ok=True)
    console = Console(highlight=False)
    for name, draw in PICTURES.items():
        with console.status(f"drawing {name}"):
            picture = draw()
        with replacing(out / name) as partial:
            Image.fromarray(to_uint8(picture)).save(partial, "PNG", optimize=True)
        console.print(f"{out / name}")


def digits_picture() -> Float[Tensor, "1 3 h w"]:
    """Real digits beside samples, all and truncated ones."""
    real = digits().images[:NUM_DIGITS]
    generator = open_generator(find_generator("stylegan-digits"))
    shown = [
        Captioned(sheet(real, 10), "digits that people wrote"),
        Captioned(sheet(samples(generator, NUM_DIGITS), 10), "StyleGAN2"),
        Captioned(sheet(samples(generator, NUM_DIGITS, TRUNCATION), 10), "truncated, psi 0.7"),
    ]
    return picture_rows([shown], shown[0].image.shape[-2])


def faces_picture() -> Float[Tensor, "1 3 h w"]:
    """Real faces beside samples, and below truncated samples their nearest real faces."""
    real = faces()
    generator = open_generator(find_generator("stylegan-faces"))
    truncated = samples(generator, NUM_FACES, TRUNCATION)
    pairs = torch.cat(
        [
            row
            for made in torch.split(truncated[: 2 * NUM_COLUMNS], NUM_COLUMNS)
            for row in (made, nearest(made, real))
        ]
    )
    rows = [
        [
            Captioned(sheet(real[:NUM_FACES], NUM_COLUMNS), "32 of the 100 faces"),
            Captioned(sheet(samples(generator, NUM_FACES), NUM_COLUMNS), "StyleGAN2"),
        ],
        [
            Captioned(sheet(truncated, NUM_COLUMNS), "truncated, psi 0.7"),
            Captioned(sheet(pairs, NUM_COLUMNS), "two rows, each above its nearest real faces"),
        ],
    ]
    return picture_rows(rows, rows[0][0].image.shape[-2])


PICTURES: Final[Mapping[str, Callable[[], Tensor]]] = {
    "stylegan-digits.png": digits_picture,
    "stylegan-faces.png": faces_picture,
}


def samples(generator: TrainedGenerator, n: int, truncation: float | None = None) -> Images:
    """Always of the same noise."""
    torch_rng = torch.Generator().manual_seed(SEED)
    return generator(uniform_latents(n, generator.latent_dim, torch_rng), truncation=truncation)


def nearest(made: Images, real: Float[Tensor, "m 1 size size"]) -> Images:
    """The real image that is most like each, pixel by pixel, mirrored ones included."""
    both = torch.cat([real, real.flip(-1)])
    return both[torch.cdist(made.flatten(1), both.flatten(1)).argmin(dim=1)]


def sheet(images: Images, num_columns: int) -> Float[Tensor, "1 3 h w"]:
    """Images in [-1, 1] in rows, each pixel a square; RGB in [0, 1]."""
    factor = round(CELL / images.shape[-1])
    large = images.repeat_interleave(factor, dim=2).repeat_interleave(factor, dim=3)
    shown = large.clamp(-1.0, 1.0) / 2.0 + 0.5
    return side_by_side(shown, num_columns, GAP)


if __name__ == "__main__":
    tyro.cli(stylegan_pictures)
