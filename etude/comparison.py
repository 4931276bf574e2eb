"""A painting, or a painted clip, in numbers beside the photo and the style image."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import track
from torch import Tensor

from etude.generative.clips import open_clip, read_frames
from etude.generative.data import MIN_SIZE
from etude.generative.images import load_image, resize, resize_to
from etude.generative.perceptual_distance import PerceptualDistance
from etude.generative.style.clip_grade import grade_clip
from etude.generative.style.encoders import held_out_encoder
from etude.generative.style.grade import TransferGrader
from etude.wanted_styles import load_style

LARGEST_SIZE: Final = 512
MOST_GRADED_FRAMES: Final = 10
SAME_SHAPE: Final = 0.03  # relative difference of aspects: sides are whole pixels
NO_LPIPS_OF_CLIPS: Final = "LPIPS is computed of pictures, not of clips"


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A painting beside what it lies between, ready to be shown.

    Args:
        judge: the encoder that looked.
        width: at which everything was looked at, in pixels.
        height: the same.
        measures: numbers by name, of "painting", "photo" (unchanged) and "style_image".
        missing: what could not be computed, and why.
        frames: of clips: how many there are, and of how many the grades are means.
    """

    judge: str
    width: int
    height: int
    measures: dict[str, dict[str, float]]
    missing: dict[str, str]
    frames: tuple[int, int] | None = None


def compare_pictures(content: Path, style: str, result: Path, size: int | None) -> Comparison:
    """A painting beside photo and style.

    Raises:
        ValueError: a file that is no picture, a painting of another shape than the photo, or an
            unknown style.
    """
    painting = load_image(result)
    painting = resize(painting, _size(size, *painting.shape[-2:]))
    photo = _in_shape_of(painting, load_image(content, max(painting.shape[-2:])))
    image = _style_at(style, painting)
    with Console(stderr=True).status("the judge looks at the pictures"):
        judge = held_out_encoder()
        grader = TransferGrader(photo, image, judge)
        grades = {"painting": grader(painting), "photo": grader.of_photo}
        grades["style_image"] = grader.of_style
    measures = {name: asdict(grade) for name, grade in grades.items()}
    missing = {}
    try:
        lpips = PerceptualDistance()
        stretched = resize_to(image, *photo.shape[-2:])
        for name, one in (("painting", painting), ("photo", photo), ("style_image", stretched)):
            measures[name]["lpips"] = lpips(one, photo).item()
    except (FileNotFoundError, ValueError) as error:
        missing["lpips"] = str(error)
    return Comparison(
        judge=judge.encoder.name,
        width=painting.shape[-1],
        height=painting.shape[-2],
        measures=measures,
        missing=missing,
    )


def compare_clips(content: Path, style: str, result: Path, size: int | None) -> Comparison:
    """A painted clip beside film and style.

    Raises:
        ValueError: a file that is no clip, clips of different lengths or shapes, or an unknown
            style.
    """
    painted = open_clip(result)
    size = _size(size, painted.height, painted.width)
    first = next(read_frames(result, size)).image
    total = painted.num_frames or 1
    judge = held_out_encoder()
    grade = grade_clip(
        (_in_shape_of(first, frame.image) for frame in read_frames(content, size)),
        _style_at(style, first),
        track(
            (frame.image for frame in read_frames(result, size)),
            "the judge looks at the frames",
            total=total,
            console=Console(stderr=True),
            transient=True,
        ),
        judge,
        every=-(-total // MOST_GRADED_FRAMES),
    )
    measures = {name: asdict(getattr(grade, name)) for name in ("painting", "photo", "style_image")}
    if grade.warping_error is not None and grade.warping_error_of_film is not None:
        measures["painting"]["warping_error"] = grade.warping_error
        measures["photo"]["warping_error"] = grade.warping_error_of_film
    return Comparison(
        judge=judge.encoder.name,
        width=first.shape[-1],
        height=first.shape[-2],
        measures=measures,
        missing={"lpips": NO_LPIPS_OF_CLIPS},
        frames=(grade.num_frames, grade.num_graded),
    )


def _size(size: int | None, height: int, width: int) -> int:
    """The longer side at which all are looked at."""
    return min(max(height, width), LARGEST_SIZE) if size is None else size


def _style_at(style: str, painting: Tensor) -> Tensor:
    """The style image, its longer side that of the painting."""
    size = max(painting.shape[-2:])
    return resize(load_style(style, max(size, MIN_SIZE)), size)


def _in_shape_of(painting: Tensor, photo: Tensor) -> Tensor:
    """The photo in exactly the painting's size, if it has its shape."""
    (h, w), (height, width) = photo.shape[-2:], painting.shape[-2:]
    if abs((w / h) / (width / height) - 1.0) > SAME_SHAPE:
        raise ValueError(
            f"a painting has the shape of its photo, got {width} x {height} for {w} x {h}; crop "
            "one of them."
        )
    return resize_to(photo, height, width)
