"""What a StyleGAN2 must be told to show a picture: ``etude project faces.safetensors me.jpg``."""

from pathlib import Path
from typing import Annotated, Final

import torch
import tyro
from jaxtyping import Float
from rich.console import Console
from torch import Tensor

from etude import recording
from etude.bars import transient_bar
from etude.foundations.interrupts import HeldInterrupt
from etude.generative.gan.generator_file import TrainedGenerator, open_generator
from etude.generative.gan.image_folder import GREY_WEIGHTS
from etude.generative.gan.shipped import find_generator
from etude.generative.gan.stylegan import StyleGANGenerator
from etude.generative.gan.stylegan_projection import Projection, ProjectionSettings
from etude.generative.images import load_image, resize_to
from etude.generative.metrics import FeatureExtractor
from etude.generative.style.encoders import EncoderChoice, open_encoder
from etude.output import Outcome
from etude.sample_pictures import sheet

LEAST_SIZE: Final = 32  # pixels, at which an encoder of photos has something to look at


def project(
    generator: Annotated[str, tyro.conf.Positional],
    picture: Annotated[Path, tyro.conf.Positional],
    *,
    out: Annotated[Path, tyro.conf.arg(aliases=["-o"])] = Path("projection.png"),
    settings: Annotated[ProjectionSettings, tyro.conf.arg(name="")] = ProjectionSettings(),  # noqa: B008
) -> Outcome:
    """Find what a StyleGAN2 has to be told so that it shows a picture.

    The result is the picture, as the generator could show it at best, beside what it shows. The
    middle of the picture is scaled to the generator's size. Ctrl-C ends the search and keeps what
    was found.

    Args:
        generator: a file that `etude train gan --architecture stylegan` wrote, or one of those that
            come along: stylegan-faces, stylegan-digits.
        picture: what it should show; the more like its training data, the better.
        out: the result (.png).
        settings: of the search.

    Returns:
        The distance that was reached, in decibels too.

    Raises:
        ValueError: there is no such generator, or it is of another kind; the picture cannot be
            read, or a setting is out of its range.
    """
    recording.check_recordable(out)
    console = Console(highlight=False)
    file = find_generator(generator)
    network = stylegan_in(open_generator(file), file)
    channels, size, _ = network.shape
    target = fitted(load_image(picture), size, channels)
    search = Projection(network, target, settings, encoder_for(size))
    bar = transient_bar(console)
    with bar, HeldInterrupt() as interrupt:
        task = bar.add_task("looking for w", total=settings.steps)
        for _ in range(settings.steps):
            loss = search.step()
            bar.update(task, advance=1, description=f"distance {loss:.4f}")
            if interrupt.requested:
                break
        frame = sheet(torch.cat([target, search.image]))
        recording.record(out, [frame], 1.0, frozenset())
        console.print(
            f"distance {loss:.4f}, PSNR {search.signal_to_noise:.1f} dB: {out}", soft_wrap=True
        )
    return {"out": out, "distance": float(loss), "psnr": float(search.signal_to_noise)}


def stylegan_in(trained: TrainedGenerator, file: Path) -> StyleGANGenerator:
    """The network of a generator that has a w.

    Raises:
        ValueError: it is of another kind.
    """
    if not isinstance(trained.network, StyleGANGenerator):
        raise ValueError(
            f"a picture is projected into the w of a stylegan, got a {trained.architecture} in "
            f"{str(file)!r}; train one with `etude train gan --architecture stylegan`."
        )
    return trained.network


def fitted(
    image: Float[Tensor, "1 3 h w"], size: int, channels: int
) -> Float[Tensor, "1 {channels} {size} {size}"]:
    """The middle of an RGB image in [0, 1], as a generator of this size sees it, in [-1, 1]."""
    h, w = image.shape[2:]
    side = min(h, w)
    top, left = (h - side) // 2, (w - side) // 2
    square = resize_to(image[..., top : top + side, left : left + side], size, size)
    if channels == 1:
        weights = square.new_tensor(GREY_WEIGHTS)[:, None, None]
        square = (weights * square).sum(dim=1, keepdim=True)
    return 2.0 * square - 1.0


def encoder_for(size: int) -> FeatureExtractor | None:
    """The first encoder that is here; none for images too small for one, or where none is here."""
    if size < LEAST_SIZE:
        return None
    try:
        return open_encoder(EncoderChoice()).encoder
    except ValueError:  # pixels have to do
        return None
