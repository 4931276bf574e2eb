"""Patches that units answer to: found where they are, apart from each other, none of dead units."""

import pytest
import torch
from torch import Tensor, nn

from etude.generative.features.top_activations import (
    Peaks,
    Sending,
    around_grey,
    central_share,
    find_peaks,
    selective_units,
    top_activations,
    views_of,
)


class Brightness(nn.Module):
    """The three colours, a channel that is always 0, and one that is always 1."""

    name = "brightness"
    layers = ("colours",)

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        return {
            "colours": torch.cat([images, 0.0 * images[:, :1], 0.0 * images[:, :1] + 1.0], dim=1)
        }


def photo_with_dots() -> Tensor:
    photo = torch.zeros(1, 3, 100, 130)
    photo[0, 0, 30, 40] = 0.9  # red
    photo[0, 0, 33, 60] = 0.8  # too near
    photo[0, 0, 80, 100] = 0.7
    photo[0, 1, 50, 70] = 1.0  # green
    return photo


def test_views_have_sides_that_all_strides_divide() -> None:
    photos = [torch.rand(1, 3, 100, 130), torch.rand(1, 3, 40, 70)]
    views = views_of(photos, (1.0, 0.5), 32)
    assert [(view.photo, view.scale, tuple(view.image.shape[2:])) for view in views] == [
        (0, 1.0, (96, 128)),
        (0, 0.5, (32, 64)),
        (1, 1.0, (32, 64)),
    ]
    assert torch.equal(views[0].image, photos[0][..., 2:98, 1:129])
    with pytest.raises(ValueError, match="at least 200 x 200 pixels, got none"):
        views_of(photos, (1.0,), 200)


def test_peaks_are_where_they_are() -> None:
    (view,) = views_of([photo_with_dots()], (1.0,), 32)
    peaks = find_peaks(Brightness(), [view], "colours")
    assert peaks.strengths.shape == (12, 5)
    best = peaks.strengths[:, 1].argmax()
    assert peaks.places[best, 1].tolist() == [48.5, 69.5]  # without 2 rows and 1 column
    seen = top_activations(Brightness(), [view], "colours", peaks, 0, sending=Sending(window=64))
    assert seen.strengths.tolist() == pytest.approx([0.9, 0.7])  # those apart
    for patch, strength in zip(seen.patches, seen.strengths, strict=True):
        middle = patch.shape[-1] // 2
        assert patch[0, middle - 1 : middle + 2, middle - 1 : middle + 2].max() == strength
    assert seen.projections[:, 1:].abs().max() == 0  # red has not seen green


def test_a_dead_unit_has_no_patches_and_is_not_chosen() -> None:
    views = views_of([photo_with_dots()], (1.0, 0.7), 32)
    peaks = find_peaks(Brightness(), views, "colours")
    seen = top_activations(Brightness(), views, "colours", peaks, 3, sending=Sending(window=32))
    assert len(seen.patches) == len(seen.projections) == len(seen.strengths) == 0
    assert set(selective_units(peaks, 10)) == {0, 1, 4}


def test_selective_units_answer_to_few_places() -> None:
    steady = torch.ones(90)
    picky = torch.full((90,), 0.01)
    picky[:20] = 1.0
    once = torch.zeros(90)
    once[0] = 1.0  # as good as dead
    strengths = torch.stack([steady, picky, once, torch.zeros(90)], dim=1)
    peaks = Peaks(strengths, torch.zeros(90, 4, 2), torch.zeros(90, dtype=torch.long))
    assert selective_units(peaks, 2) == [1, 0]
    assert 3 not in selective_units(peaks, 4)


def test_pictures_of_projections() -> None:
    projections = torch.zeros(2, 3, 4, 4)
    projections[0, 0, 1, 1], projections[0, 2, 2, 2] = 8.0, -8.0
    pictures = around_grey(projections)
    assert pictures[0, 0, 1, 1] == 1.0
    assert pictures[0, 2, 2, 2] == 0.0
    assert (pictures[1] == 0.5).all()  # of nothing, nothing but grey
    places = torch.tensor([[1.5, 1.5], [2.0, 2.0]])
    assert central_share(projections, places, 2).tolist() == [0.5, 0.0]
    assert central_share(projections, places, 4).tolist() == [1.0, 0.0]


def test_what_users_do_wrong() -> None:
    views = views_of([photo_with_dots()], (1.0,), 32)
    peaks = find_peaks(Brightness(), views, "colours")
    with pytest.raises(ValueError, match="a channel from 0 to 4, got 5"):
        top_activations(Brightness(), views, "colours", peaks, 5, sending=Sending())
    with pytest.raises(ValueError, match="window is a multiple of 32, got 100"):
        Sending(window=100)
    with pytest.raises(ValueError, match="shifts is at least 1, got 0"):
        Sending(shifts=0)
