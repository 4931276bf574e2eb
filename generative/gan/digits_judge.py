"""A small classifier of scikit-learn's digits: it names modes, and its features measure images.

Offline it stands in for Inception, as classifiers of the data at hand do for MNIST (A. Srivastava
et al., "VEEGAN", NeurIPS 2017, sec. 4.1, count modes with one): Frechet distances of its features
compare among themselves, not with those of other papers. It has seen the digits of "train" only,
turned, scaled, moved and noisy, and names 99.4 % of the others right; ``train_judge`` makes it
again.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from etude.generative.checkpoints import load_weights, save_weights
from etude.generative.gan.stacked_digits import (
    NUM_DIGITS,
    NUM_STACKED,
    SIDE,
    Stacks,
    digits,
    mode_of,
)

FILE: Final = Path(__file__).with_name("digits_judge.safetensors")
NUM_FEATURES: Final = 64
TRAINING_STEPS: Final = 1_500
_BATCH_SIZE: Final = 64
_LEARNING_RATE: Final = 2e-3
_SMOOTHING: Final = 0.05  # of the labels; without it, seeds differ more
_CHUNK: Final = 8_192  # images in memory at a time

Images = Float[Tensor, "n 1 8 8"]


class DigitsJudge(nn.Module):
    """(n, 1, 8, 8) in [-1, 1] to (n, 10) logits; 63,554 parameters, PyTorch's initialisation.

    Args:
        width: channels of the first layer; the others have twice as many.
    """

    def __init__(self, width: int = 20) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, width, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(width, 2 * width, 3, padding=1, stride=2),
            nn.ReLU(),
            nn.Conv2d(2 * width, 2 * width, 3, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(2 * width * (SIDE // 2) ** 2, NUM_FEATURES),
            nn.ReLU(),
        )
        self.head = nn.Linear(NUM_FEATURES, NUM_DIGITS)

    def forward(self, images: Images) -> Float[Tensor, "n 10"]:
        """Logits."""
        logits: Tensor = self.head(self.body(images))
        return logits

    @torch.no_grad()
    def features(self, images: Images) -> Float[Tensor, "n 64"]:
        """What the last layer sees, at least 0."""
        parts = [self.body(images[i : i + _CHUNK]) for i in range(0, len(images), _CHUNK)]
        return torch.cat([torch.empty(0, NUM_FEATURES), *parts])

    @torch.no_grad()
    def probabilities(self, stacks: Stacks) -> Float[Tensor, "n 3 10"]:
        """Of each digit in each channel."""
        logits: Tensor = self.head(self.features(stacks.reshape(-1, 1, SIDE, SIDE)))
        return logits.softmax(dim=1).reshape(-1, NUM_STACKED, NUM_DIGITS)

    def modes(self, stacks: Stacks) -> Int[Tensor, " n"]:
        """0 to 999: the likeliest digits of the channels, read as one number."""
        return mode_of(self.probabilities(stacks).argmax(dim=2))


@lru_cache
def load_judge() -> DigitsJudge:
    """The judge that comes with the package, frozen."""
    judge = DigitsJudge()
    state, _ = load_weights(FILE)
    judge.load_state_dict(state)
    return judge.eval().requires_grad_(False)


def train_judge(seed: int = 0, num_steps: int = TRAINING_STEPS) -> DigitsJudge:
    """Train a judge; seven seconds on a core.

    Args:
        seed: of the weights and the batches.
        num_steps: of 64 digits each.

    Raises:
        ValueError: less than one step.
        ImportError: scikit-learn is not installed.
    """
    if num_steps < 1:
        raise ValueError(f"training takes at least one step, got {num_steps}; for example 1500.")
    images, labels = digits("train")
    torch_rng = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        judge = DigitsJudge()
    optimizer = torch.optim.AdamW(judge.parameters(), _LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, num_steps)
    for _ in range(num_steps):
        batch = torch.randint(len(images), (_BATCH_SIZE,), generator=torch_rng)
        logits = judge(_vary(images[batch], torch_rng))
        loss = F.cross_entropy(logits, labels[batch], label_smoothing=_SMOOTHING)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        schedule.step()
    return judge.eval().requires_grad_(False)


def save_judge(path: Path, judge: DigitsJudge, notes: Mapping[str, str]) -> None:
    """Write a judge as ``load_judge`` reads it.

    Raises:
        ValueError: the folder does not exist.
    """
    save_weights(path, judge, {"architecture": "digits-judge", **notes})


def accuracy(judge: DigitsJudge, split: str = "test") -> float:
    """Share of the digits that a judge names right.

    Raises:
        ValueError: an unknown split.
        ImportError: scikit-learn is not installed.
    """
    images, labels = digits(split)
    named: Tensor = judge.head(judge.features(images)).argmax(dim=1)
    return (named == labels).double().mean().item()


def _vary(images: Images, torch_rng: torch.Generator) -> Images:
    """Turned by up to 0.2 radians, scaled by up to 10 %, moved by up to 0.8 pixels, and noisy."""
    n = len(images)
    angles, scales, right, down = torch.rand(4, n, generator=torch_rng) * 2.0 - 1.0
    angles, scales = 0.2 * angles, 1.0 + 0.1 * scales
    cosines, sines = scales * angles.cos(), scales * angles.sin()
    maps = torch.stack((cosines, -sines, 0.2 * right, sines, cosines, 0.2 * down), dim=1)
    grid = F.affine_grid(maps.reshape(n, 2, 3), list(images.shape), align_corners=False)
    moved = F.grid_sample(images + 1.0, grid, align_corners=False) - 1.0  # black comes in
    return moved + 0.1 * torch.randn(images.shape, generator=torch_rng)
