"""The best known settings for each kind of data; benchmarks/README.md has what they reach."""

from dataclasses import replace
from typing import Final, Literal

from etude.generative.gan.settings import GANSettings, ObjectiveName
from etude.generative.gan.stacked_digits import STACKED_DIGITS
from etude.generative.gan.toy import TOY

Preset = Literal["best", "fast"]

RING: Final = GANSettings(steps=5_000, batch_size=256, final_batch_size=512)
GRID: Final = GANSettings(
    steps=6_000, batch_size=512, final_batch_size=512, latent_dim=4, num_digits=3
)
DIGITS: Final = GANSettings(
    steps=20_000,
    batch_size=64,
    final_batch_size=128,
    learning_rate=2.5e-3,
    final_share=0.02,
    gamma=2.5,
    final_gamma=0.03,
    average_decay=0.998,
    latent_dim=16,
    num_digits=3,
    generator_width=256,
    generator_depth=2,
    discriminator_width=256,
    discriminator_depth=2,
    num_waves=0,
)
PICTURES: Final = GANSettings(
    steps=5_000,
    batch_size=32,
    final_batch_size=32,
    learning_rate=1e-3,
    gamma=10.0,
    final_gamma=1.0,
    penalty_every_steps=4,
    penalty_share=1.0,
    average_decay=0.995,
    latent_dim=64,
    generator_width=32,
    discriminator_width=32,
)
FAST_SHARE: Final = 0.35  # of the steps, of anything else


def recipe(data: str, objective: ObjectiveName, preset: Preset) -> GANSettings:
    """The settings to begin with.

    Args:
        data: see ``open_task``; other points are learned like the grid.
        objective: what is minimised; all have the same networks, batches and steps.
        preset: "best", or "fast" for half of the time and less.
    """
    if data in TOY:
        best = RING if data == "ring8" else GRID
        fast = replace(best, steps=5_000, batch_size=256, final_batch_size=256)
        settings = fast if preset == "fast" else best
    else:
        best = DIGITS if data == STACKED_DIGITS else PICTURES
        steps = round(FAST_SHARE * best.steps) if preset == "fast" else best.steps
        settings = replace(best, steps=steps)
    return replace(settings, objective=objective)
