"""How well a painted clip shows a film in a style, and how steady it is."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields

import torch
from jaxtyping import Float
from torch import Tensor

from etude.generative.metrics import warping_error
from etude.generative.style.encoders import Judge
from etude.generative.style.grade import TransferGrade, TransferGrader
from etude.generative.style.optical_flow import estimate_motion

Image = Float[Tensor, "1 3 h w"]


@dataclass(frozen=True, kw_only=True)
class ClipGrade:
    """A painted clip in numbers, those of frames being means over the frames that were graded.

    Args:
        painting: of the painted frames.
        photo: of the film's frames, unchanged.
        style_image: of the style image, scaled to the frames' size.
        num_graded: frames that were graded.
        num_frames: of the clip.
        warping_error: change along the film's motion, the mean over all pairs of frames, see
            ``metrics.warping_error``; None for a single frame.
        warping_error_of_film: that of the film itself, where light changes and the flow errs.
    """

    painting: TransferGrade
    photo: TransferGrade
    style_image: TransferGrade
    num_graded: int
    num_frames: int
    warping_error: float | None
    warping_error_of_film: float | None


def grade_clip(
    contents: Iterable[Image],
    style: Float[Tensor, "1 3 style_h style_w"],
    results: Iterable[Image],
    judge: Judge,
    every: int = 1,
) -> ClipGrade:
    """Grade a painted clip; two frames of each clip are in memory at a time.

    Args:
        contents: the frames of the film, RGB in [0, 1].
        style: the style image, RGB in [0, 1], of any size.
        results: the painted frames, of the same size and number.
        judge: see ``encoders.held_out_encoder``.
        every: how many frames there are for each that the judge looks at; the motion is followed
            through all of them.

    Raises:
        ValueError: the clips differ in size or in number, have no frames, or a side below 11
            pixels.
    """
    grades: list[tuple[TransferGrade, TransferGrade, TransferGrade]] = []
    errors: list[tuple[float, float]] = []
    previous: tuple[Image, Image] | None = None
    num_frames = 0
    for content, result in _pairs(contents, results):
        if num_frames % every == 0:
            grader = TransferGrader(content, style, judge)
            grades.append((grader(result), grader.of_photo, grader.of_style))
        if previous is not None:
            errors.append(_warping_errors(content, result, *previous))
        previous = content, result
        num_frames += 1
    if not grades:
        raise ValueError("a clip has at least one frame, got none; check what you read.")
    painting, photo, style_image = (mean_grade(column) for column in zip(*grades, strict=True))
    means = [sum(column) / len(errors) for column in zip(*errors, strict=True)]
    return ClipGrade(
        painting=painting,
        photo=photo,
        style_image=style_image,
        num_graded=len(grades),
        num_frames=num_frames,
        warping_error=means[0] if errors else None,
        warping_error_of_film=means[1] if errors else None,
    )


def mean_grade(grades: Sequence[TransferGrade]) -> TransferGrade:
    """The mean of each number."""
    names = [field.name for field in fields(TransferGrade)]
    columns = {name: [getattr(grade, name) for grade in grades] for name in names}
    return TransferGrade(**{name: sum(column) / len(column) for name, column in columns.items()})


def _pairs(contents: Iterable[Image], results: Iterable[Image]) -> Iterator[tuple[Image, Image]]:
    """The frames of both clips side by side, as many of the one as of the other."""
    contents, results = iter(contents), iter(results)
    for num_frames, content in enumerate(contents):
        result = next(results, None)
        if result is None:
            raise ValueError(
                f"a painted clip has as many frames as its film, got only {num_frames}; cut the "
                "film."
            )
        yield content, result
    if next(results, None) is not None:
        raise ValueError(
            f"a painted clip has as many frames as its film, got more than {num_frames + 1}; cut "
            "the painted one."
        )


def _warping_errors(
    content: Image, result: Image, last_content: Image, last_result: Image
) -> tuple[float, float]:
    """Of the painted and of the filmed frame, along the motion of the film."""
    flow, visible = estimate_motion(content, last_content)
    with torch.no_grad():
        return (
            warping_error(result, last_result, flow, visible).item(),
            warping_error(content, last_content, flow, visible).item(),
        )
