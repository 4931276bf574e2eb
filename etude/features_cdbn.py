"""What the layers of a convolutional deep belief network have learned: ``etude features cdbn``."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

import torch
import tyro
from jaxtyping import Float
from rich.console import Console
from torch import Tensor

from etude import __version__
from etude.benchmarks.picture_rows import Captioned, picture_rows
from etude.cdbn_pictures import answers, filter_sheet, hidden_half, shown, stretched
from etude.generative.features.cdbn import CDBN
from etude.generative.features.cdbn_data import FACE_SIZE, whitened_faces
from etude.generative.features.cdbn_file import SHIPPED, TrainedCDBN, open_cdbn
from etude.generative.features.whitening import grey, whiten
from etude.generative.images import check_savable, load_image, resize, resize_to, save_image
from etude.output import Outcome

Side = Literal["left", "right", "top", "bottom"]
PHOTO_SIZE: Final = 160  # the longer side that a stack of photos looks at
CELL: Final = 150  # pixels of a picture in the sheet
SHEET_CELL: Final = 190  # of a sheet of filters, which has two rows
NUM_FACES: Final = 5  # held out, that are completed
NUM_UNITS: Final = 3  # of a layer that are shown
TITLES: Final = {"photos": ("edges", "contours"), "faces": ("edges", "parts", "faces")}


@dataclass(frozen=True, kw_only=True)
class Inference:
    """How hidden halves are completed.

    Raises:
        ValueError: no sweeps, or a number below 0.
    """

    hide: Side = "right"
    """The half that is hidden."""
    sweeps: int = 40
    """Of block Gibbs sampling, of which the mean is taken."""
    burn_in: int = 20
    """Sweeps before these."""
    seed: int = 0
    """Of the samples."""

    def __post_init__(self) -> None:
        for name, least in (("sweeps", 1), ("burn_in", 0), ("seed", 0)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} is at least {least}, got {getattr(self, name)}.")


def cdbn(
    photo: Annotated[Path | None, tyro.conf.Positional] = None,
    *,
    out: Annotated[Path, tyro.conf.arg(aliases=["-o"])] = Path("cdbn.png"),
    model: Path = SHIPPED,
    stack: str | None = None,
    inference: Annotated[Inference, tyro.conf.arg(name="")] = Inference(),
) -> Outcome:
    """Show the filters of a convolutional deep belief network, and what it makes of a picture.

    Without a photo: the filters of all layers as weighted combinations of those below, down to the
    pixels, and held-out faces of which a half is hidden and completed. With one: which units of
    each layer answer to it and where, what each layer keeps of it, and its hidden half completed
    from all layers at once.

    Args:
        photo: a picture to look at.
        out: the sheet, a name that ends in .png, .jpg, .webp or .tif.
        model: a file of `etude train cdbn`; the networks that come along if left out.
        stack: "photos", which looks at a picture of any shape, or "faces", which takes its central
            square for a face; "photos" for a photo if left out.
        inference: how hidden halves are completed.

    Returns:
        The sheet, and the stack that looked at the photo.

    Raises:
        ValueError: an unknown stack, another kind of file, or a picture that is too small.
        ImportError: faces come with scikit-image, which is not installed.
        OSError: the sheet cannot be written.
    """
    check_savable(out)
    if photo is None and stack is not None:
        raise ValueError(
            f"a stack looks at a photo, got --stack {stack} and none; leave it out or name one."
        )
    torch.set_num_threads(1)  # networks this small lose more by sharing the work than they gain
    trained = open_cdbn(model)
    if photo is None:
        sheet = figure(trained, inference)
    else:
        sheet = look_at(trained.stack(stack or "photos"), photo, stack == "faces", inference)
    note = {
        "made_by": f"etude features cdbn {__version__}",
        "photo": photo.name if photo else None,
        "stack": stack,
    }
    save_image(out, sheet, note)
    Console(highlight=False).print(f"sheet: {out}", soft_wrap=True)
    return {"sheet": out, "stack": (stack or "photos") if photo else None}


def figure(trained: TrainedCDBN, inference: Inference) -> Float[Tensor, "1 3 h w"]:
    """A sheet of filters of each layer, and completed faces."""
    rows: list[list[Captioned]] = []
    for name, titles in TITLES.items():
        stack = trained.stack(name)
        for layer in range(1 if rows else 0, len(stack.machines)):  # edges are the same in both
            caption = f"{titles[layer]}: layer {layer + 1}, learned from {name}"
            rows.append([Captioned(filter_sheet(stack, layer), caption)])
    sheets = picture_rows(rows, SHEET_CELL)
    stack, faces = trained.stack("faces"), whitened_faces("held_out")[:NUM_FACES]
    return _below(sheets, picture_rows(completions(stack, faces, inference), CELL))


def completions(
    stack: CDBN, images: Float[Tensor, "n 1 h w"], inference: Inference
) -> list[list[Captioned]]:
    """Images, what is known of them, one pass up and down, and the completion by all layers."""
    torch_rng = torch.Generator().manual_seed(inference.seed)
    known = hidden_half(images, inference.hide)
    seen = torch.where(known, images, torch.zeros(()))
    answered = stack.ascend(seen)
    top = len(stack.machines) - 1
    once = stack.descend(answered[top].detection, top)
    inferred = stack.infer(
        images, known, torch_rng, num_sweeps=inference.sweeps, burn_in=inference.burn_in
    )
    made = inferred.images
    captions = ("whitened", f"{inference.hide} hidden", "one pass", "inference")
    shows = (shown(images), shown(seen), stretched(once), shown(made))
    return [
        [Captioned(image[i : i + 1], caption if i == 0 else "") for i in range(len(images))]
        for image, caption in zip(shows, captions, strict=True)
    ]


def look_at(
    stack: CDBN, photo: Path, is_face: bool, inference: Inference
) -> Float[Tensor, "1 3 h w"]:
    """What the layers answer to a picture, what they keep of it, and its completion."""
    image = looked_at(stack, photo, is_face)
    seen = stack.ascend(image)
    kept = [
        Captioned(stretched(stack.descend(answer.detection, i)), f"from layer {i + 1}")
        for i, answer in enumerate(seen)
    ]
    known = hidden_half(image, inference.hide)
    torch_rng = torch.Generator().manual_seed(inference.seed)
    made = stack.infer(
        image, known, torch_rng, num_sweeps=inference.sweeps, burn_in=inference.burn_in
    )
    hidden = Captioned(shown(torch.where(known, image, torch.zeros(()))), "hidden half")
    completed = Captioned(shown(made.images), "completed")
    rows = [[Captioned(shown(image), "whitened"), *kept], [hidden, completed]]
    rows += [answers(stack, i, answer, NUM_UNITS) for i, answer in enumerate(seen)]
    return picture_rows(rows, CELL)


def looked_at(stack: CDBN, photo: Path, is_face: bool) -> Float[Tensor, "1 1 h w"]:
    """A picture as a stack sees it: grey, whitened, of a size that its blocks fill.

    Raises:
        ValueError: it is too small.
    """
    image = grey(load_image(photo))
    if is_face:
        side = min(image.shape[2:])
        top, left = ((size - side) // 2 for size in image.shape[2:])
        square = image[..., top : top + side, left : left + side]
        return whiten(resize_to(square, FACE_SIZE, FACE_SIZE))
    image = whiten(resize(image, PHOTO_SIZE))
    height, width = (stack.fitting(size) for size in image.shape[2:])
    return image[..., :height, :width]


def _below(first: Tensor, second: Tensor) -> Float[Tensor, "1 3 h w"]:
    """Two pictures one below the other, on white."""
    width = max(first.shape[-1], second.shape[-1])
    sheet = torch.ones(1, 3, first.shape[-2] + second.shape[-2], width)
    top = 0
    for picture in (first, second):
        left = (width - picture.shape[-1]) // 2
        h, w = picture.shape[-2:]
        sheet[..., top : top + h, left : left + w] = picture
        top += h
    return sheet
