"""The grade of a painted clip: means, and paint that sticks to what moves."""

import pytest
import torch
from torch import Tensor

from etude.generative.data import available_photos
from etude.generative.images import load_image
from etude.generative.style.clip_grade import grade_clip, mean_grade
from etude.generative.style.encoders import LAYER_WEIGHTS, Judge
from etude.generative.style.grade import TransferGrade, grade_transfer
from etude.generative.style.tiny_encoder import TinyEncoder

TINY = Judge(TinyEncoder(), LAYER_WEIGHTS["tiny"])


def noise(height: int, width: int, seed: int) -> Tensor:
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(seed))


def pan(num_frames: int) -> list[Tensor]:
    """The camera moves right by 2 pixels a frame."""
    scene = load_image(available_photos()["hopper"], 120)
    return [scene[..., 20:84, 2 * i : 2 * i + 64] for i in range(num_frames)]


def test_paint_that_moves_with_the_film_is_steady_and_paint_that_changes_is_not() -> None:
    film = pan(4)
    darker = [0.5 * frame for frame in film]
    flickering = [0.5 * frame + 0.3 * noise(64, 64, i) for i, frame in enumerate(film)]
    style = noise(32, 32, 9)
    steady, unsteady = (grade_clip(film, style, clip, TINY) for clip in (darker, flickering))
    assert steady.warping_error is not None
    assert steady.warping_error_of_film is not None
    assert unsteady.warping_error is not None
    assert steady.warping_error == pytest.approx(steady.warping_error_of_film / 4.0, rel=1e-4)
    assert unsteady.warping_error > 0.3**2 / 12.0  # the variance of the noise
    assert unsteady.warping_error_of_film == steady.warping_error_of_film
    assert unsteady.warping_error > 10.0 * steady.warping_error


def test_grades_are_means_over_the_frames_that_are_looked_at() -> None:
    film, style = pan(5), noise(32, 32, 9)
    painted = [1.0 - frame for frame in film]
    grade = grade_clip(iter(film), style, iter(painted), TINY, every=2)
    assert (grade.num_frames, grade.num_graded) == (5, 3)
    single = [grade_transfer(film[i], style, painted[i], TINY) for i in (0, 2, 4)]
    assert grade.painting == mean_grade(single)
    assert grade.painting.content == pytest.approx(sum(one.content for one in single) / 3.0)
    assert isinstance(grade.photo, TransferGrade)
    assert (grade.photo.content, grade.style_image.content_kept) == (0.0, 0.0)


def test_a_single_frame_does_not_move() -> None:
    frame = pan(1)
    grade = grade_clip(frame, noise(32, 32, 9), frame, TINY)
    assert grade.warping_error is None
    assert grade.warping_error_of_film is None


@pytest.mark.parametrize(
    ("num_painted", "message"),
    [(1, "got only 1; cut the film"), (3, "got more than 2"), (0, "got only 0")],
)
def test_clips_of_different_lengths(num_painted: int, message: str) -> None:
    film = pan(3)
    with pytest.raises(ValueError, match=message):
        grade_clip(film[:2], noise(32, 32, 9), film[:num_painted], TINY)


def test_no_frames() -> None:
    with pytest.raises(ValueError, match="at least one frame, got none"):
        grade_clip([], noise(32, 32, 9), [], TINY)
