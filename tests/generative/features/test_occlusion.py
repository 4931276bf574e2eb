"""What falls when a part of a photo is covered, where the answer is known."""

import pytest
import torch
from torch import Tensor, nn

from etude.generative.features.occlusion import GREY, Square, occlusion_map
from etude.generative.style.tiny_encoder import TinyEncoder


class Identity(nn.Module):
    """The pixels themselves."""

    name = "identity"
    layers = ("pixels",)

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        return {"pixels": images}


def test_it_falls_where_the_square_covers_it_and_nowhere_else() -> None:
    image = torch.zeros(1, 3, 10, 12)
    image[0, 1, 4, 7] = 1.0
    fall = occlusion_map(Identity(), image, "pixels", 1, Square(side=3, stride=1))
    expected = torch.zeros(8, 10)
    expected[2:5, 5:8] = 1.0 - GREY  # squares that begin up to two pixels before it
    assert torch.equal(fall, expected)


def test_an_activation_may_rise() -> None:
    image = torch.full((1, 3, 6, 6), 0.2)
    fall = occlusion_map(Identity(), image, "pixels", 0, Square(side=6))
    assert fall.tolist() == [[pytest.approx(0.2 - GREY)]]


def test_far_from_the_receptive_field_nothing_happens() -> None:
    image = torch.rand(1, 3, 24, 24, generator=torch.Generator().manual_seed(0))
    encoder = TinyEncoder(["conv1"])
    fall = occlusion_map(encoder, image, "conv1", 2, Square(side=4, stride=4))
    row, column = divmod(int(encoder(image)["conv1"][0, 2].argmax()), 24)
    for i in range(6):
        for j in range(6):
            near_rows = 4 * i - 1 <= row <= 4 * i + 4
            near_columns = 4 * j - 1 <= column <= 4 * j + 4
            assert (fall[i, j] != 0) == (near_rows and near_columns)


def test_what_users_do_wrong() -> None:
    image = torch.rand(1, 3, 8, 10)
    with pytest.raises(ValueError, match="within the photo of 10 x 8 pixels, got one of 9"):
        occlusion_map(Identity(), image, "pixels", 0, Square(side=9))
    with pytest.raises(ValueError, match="a channel from 0 to 2, got 3"):
        occlusion_map(Identity(), image, "pixels", 3, Square(side=2))
    for wrong in ({"side": 0}, {"stride": 0}):
        with pytest.raises(ValueError, match="at least 1 pixel, got 0"):
            Square(**wrong)
