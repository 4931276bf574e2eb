"""Pictures in rows: sizes, places, captions."""

import pytest
import torch

from etude.benchmarks.picture_rows import CAPTION_HEIGHT, GAP, Captioned, picture_rows


def flat(height: int, width: int, grey: float) -> Captioned:
    return Captioned(torch.full((1, 3, height, width), grey))


def test_all_have_one_height_and_keep_their_shape() -> None:
    sheet = picture_rows([[flat(20, 10, 0.0), flat(5, 10, 0.2)], [flat(8, 8, 0.4)]], height=40)
    assert sheet.shape == (1, 3, 2 * 40 + 3 * GAP, (20 + 80) + 3 * GAP)
    grey = sheet[0, 0]
    assert (grey[GAP : GAP + 40, GAP : GAP + 20] == 0.0).all()
    second = grey[GAP : GAP + 40, 2 * GAP + 20 : 2 * GAP + 100]
    assert torch.allclose(second, torch.tensor(0.2), atol=1e-6)
    left = (sheet.shape[-1] - 40) // 2  # the shorter row is centred
    below = grey[2 * GAP + 40 : 2 * GAP + 80, left : left + 40]
    assert torch.allclose(below, torch.tensor(0.4), atol=1e-6)
    assert (grey[:, :GAP] == 1.0).all()


def test_captions_stand_below() -> None:
    plain = picture_rows([[flat(20, 40, 0.5)]], height=40)
    named = picture_rows([[flat(20, 40, 0.5)._replace(caption="waves")]], height=40)
    assert named.shape[2] == plain.shape[2] + CAPTION_HEIGHT
    assert torch.equal(named[..., : GAP + 40, :], plain[..., : GAP + 40, :])
    assert named[..., GAP + 40 :, :].min() < 0.5


@pytest.mark.parametrize("rows", [[], [[]]])
def test_empty_rows(rows: list[list[Captioned]]) -> None:
    with pytest.raises(ValueError, match="rows with pictures"):
        picture_rows(rows)
