"""The stop of the demo at which a photo becomes a painting."""

from pathlib import Path
from typing import Final

from torch import Tensor

from etude.benchmarks.loss_curve import loss_curve
from etude.benchmarks.page import Block, Picture
from etude.benchmarks.picture_rows import Captioned, picture_rows
from etude.benchmarks.tables import Table
from etude.generative.data import available_photos, style_image
from etude.generative.images import load_image, save_image
from etude.generative.style.encoders import (
    LAYER_WEIGHTS,
    EncoderChoice,
    held_out_encoder,
    open_encoder,
)
from etude.generative.style.gatys import GatysSettings, StyleResult, schedule, stylize
from etude.generative.style.grade import TransferGrade, TransferGrader
from etude.generative.style.losses import Style
from etude.painting_bar import PaintingBar
from etude.tour import Tour

PHOTO: Final = "hopper"  # comes with Matplotlib, which is always here
STYLE: Final = "marbling"
SIZE: Final = 256
EVALUATIONS: Final = 60
ENCODER: Final = "efficientnet-lite0"


def show_painting(tour: Tour) -> list[Block]:
    """A photo in a style that the suite draws, graded by a network that did not help."""
    words = tour.say(
        "Gatys, Ecker and Bethge change the pixels of a photo until a network sees in it the "
        f"content of the photo and the style of another picture. The network here is {ENCODER}, "
        f"whose weights come with a package; the style, {STYLE}, is drawn by a formula."
    )
    photo = load_image(available_photos()[PHOTO], SIZE)
    style = style_image(STYLE, SIZE)
    settings = GatysSettings(size=SIZE, evaluations=EVALUATIONS)
    result = paint(tour, photo, style, settings)
    path = tour.out / "painting.png"
    save_image(path, result.image, {"content": PHOTO, "styles": [STYLE], "encoder": ENCODER})
    tour.note(f"The painting: {path}")
    with tour.console.status("another network looks at the painting"):
        grader = TransferGrader(photo, style, held_out_encoder())
        columns = {
            "painting": grader(result.image),
            "photo": grader.of_photo,
            "style image": grader.of_style,
        }
    table = transfer_table(columns)
    table.print()
    return [
        words,
        before_and_after(tour.out / "before_and_after.png", photo, style, result.image),
        Picture(
            source=loss_curve(result.history, settings, "Painting"),
            alt="The loss and its terms against evaluations, falling.",
            caption="The loss that is made small, first of a small image, then of the full one.",
        ),
        tour.say(
            "The judge, EfficientNet-Lite1, took no part in the painting. It places it between the "
            "photo, which has all of the content and none of the style, and the style image."
        ),
        table,
    ]


def paint(tour: Tour, photo: Tensor, style: Tensor, settings: GatysSettings) -> StyleResult:
    """Paint, with a bar on the terminal.

    Raises:
        KeyboardInterrupt: somebody pressed Ctrl-C; the tour ends.
    """
    encoder = open_encoder(EncoderChoice(encoder=ENCODER)).encoder
    with PaintingBar(schedule(settings, *photo.shape[-2:]), tour.console) as bar:
        result = stylize(
            photo,
            [Style(style)],
            encoder,
            LAYER_WEIGHTS[ENCODER],
            settings,
            lambda step, _: bar(step),
        )
    if result.stopped == "interrupted":
        raise KeyboardInterrupt
    first, last = result.history[0], result.history[-1]
    tour.note(
        f"{len(result.history)} evaluations in {bar.seconds:.0f} s: loss {first.total:.2f} at "
        f"{first.size} pixels, {last.total:.2f} at {last.size} in the end"
    )
    return result


def before_and_after(path: Path, photo: Tensor, style: Tensor, painting: Tensor) -> Picture:
    """The three pictures side by side, saved as a file."""
    row = [
        Captioned(photo, "photo: Grace Hopper"),
        Captioned(style, f"style: {STYLE}"),
        Captioned(painting, "painting"),
    ]
    save_image(path, picture_rows([row]), {})
    return Picture(
        source=path,
        alt="The photo, the style image, and the photo painted in the style.",
        caption="What went in, and what came out.",
    )


def transfer_table(columns: dict[str, TransferGrade]) -> Table:
    """The grade of a painting beside those of what it lies between."""
    rows = {
        "content kept": [f"{grade.content_kept:.0%}" for grade in columns.values()],
        "style reached": [f"{grade.style_reached:.0%}" for grade in columns.values()],
        "transfer distance": [f"{grade.transfer:.3f}" for grade in columns.values()],
        "SSIM with the photo": [f"{grade.similarity:.3f}" for grade in columns.values()],
    }
    return Table(
        caption="The grade of the painting",
        note="A transfer distance of 0 is perfect, 1 no better than the photo or the style image.",
        heading=("", *columns),
        rows=tuple((name, *cells) for name, cells in rows.items()),
    )
