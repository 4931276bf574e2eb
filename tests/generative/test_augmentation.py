"""Augmentation: images stay images, what is drawn is repeatable, and something changes."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from etude.generative.augmentation import before_backgrounds, smooth_images, vary_light


def images(seed: int, num: int = 4, size: int = 16) -> torch.Tensor:
    return torch.rand(num, 3, size, size, generator=torch.Generator().manual_seed(seed))


@given(seed=st.integers(0, 1000))
def test_images_stay_images_and_repeat(seed: int) -> None:
    for change in (vary_light, before_backgrounds):
        changed = [change(images(0), torch.Generator().manual_seed(seed)) for _ in range(2)]
        assert torch.equal(*changed)
        assert changed[0].shape == (4, 3, 16, 16)
        assert changed[0].min() >= 0.0
        assert changed[0].max() <= 1.0
        assert not torch.equal(changed[0], images(0))


def test_the_order_of_brightness_stays_or_turns_round() -> None:
    ramp = torch.linspace(0.2, 0.8, 32).expand(64, 3, 1, 32).clone()
    changed = vary_light(ramp, torch.Generator().manual_seed(0)).mean(dim=1)[:, 0]  # (64, 32)
    rising = (changed.diff() >= -1e-6).all(dim=1)
    falling = (changed.diff() <= 1e-6).all(dim=1)
    assert (rising | falling).all()
    assert 5 <= falling.sum() <= 30  # a quarter of 64, give or take


def test_backgrounds_are_smooth_and_leave_parts_of_the_photo() -> None:
    torch_rng = torch.Generator().manual_seed(0)
    assert smooth_images(8, 64, torch_rng).diff(dim=-1).abs().max() < 0.15
    photo = images(1, num=1, size=64).repeat(8, 1, 1, 1)
    changed = before_backgrounds(photo, torch_rng)
    kept = ((changed - photo).abs() < 0.05).float().mean()
    assert 0.1 < kept < 0.9
