"""A few small paintings, which the tiny encoder sees in a moment."""

import pytest
import torch

from etude.envs.style_weights.instances import Instance


@pytest.fixture(scope="session")
def instances() -> list[Instance]:
    """Noise of 16 x 20 pixels in the style of stripes of 18 x 16 pixels, at five preferences."""
    torch_rng = torch.Generator().manual_seed(0)
    stripes = torch.linspace(0.0, 12.0, 18).sin()[None, None, :, None]
    made = []
    for i in range(5):
        content = torch.rand(1, 3, 16, 20, generator=torch_rng)
        tint = torch.rand(1, 3, 1, 16, generator=torch_rng)
        made.append(Instance(content, (0.5 + 0.5 * stripes) * tint, i / 4, f"c{i}", f"s{i}"))
    return made
