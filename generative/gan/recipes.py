"""The best known settings for each kind of data; benchmarks/README.md has what they reach."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final, Literal

from etude.generative.gan.faces import FACES
from etude.generative.gan.settings import Architecture, GANSettings, ObjectiveName
from etude.generative.gan.stacked_digits import DIGITS, STACKED_DIGITS
from etude.generative.gan.toy import TOY

Preset = Literal["best", "fast"]

RING: Final = GANSettings(steps=5_000, batch_size=256, final_batch_size=512)
GRID: Final = GANSettings(
    steps=6_000, batch_size=512, final_batch_size=512, latent_dim=4, num_digits=3
)
STACKS: Final = GANSettings(
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
    architecture="dcgan",
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
BIGGAN_DIGITS: Final = GANSettings(
    architecture="biggan",
    objective="hinge",
    steps=5_000,
    batch_size=64,
    final_batch_size=128,
    learning_rate=1e-3,
    final_share=0.02,
    discriminator_final_share=0.1,
    average_decay=0.999,
    latent_dim=32,
    generator_width=16,
    discriminator_width=16,
)
STYLEGAN_DIGITS: Final = GANSettings(
    architecture="stylegan",
    steps=11_000,
    batch_size=32,
    final_batch_size=64,
    learning_rate=4e-3,
    final_share=0.05,
    discriminator_final_share=0.05,
    gamma=0.7,
    final_gamma=0.1,
    penalty_every_steps=4,
    penalty_share=0.5,
    average_decay=0.998,
    latent_dim=64,
    generator_width=64,
    generator_depth=2,
    discriminator_width=64,
    style_mixing=0.0,
)
STYLEGAN_PICTURES: Final = GANSettings(
    architecture="stylegan",
    steps=3_000,
    batch_size=32,
    final_batch_size=32,
    learning_rate=3e-3,
    final_share=0.05,
    discriminator_final_share=0.1,
    gamma=0.05,
    final_gamma=0.005,
    penalty_every_steps=4,
    penalty_share=0.5,
    average_decay=0.998,
    augmentation="translation",
    latent_dim=64,
    generator_width=32,
    generator_depth=2,
    discriminator_width=32,
    style_mixing=0.0,
)
CIFAR10: Final = replace(  # the paper's for 32 pixels, which needs a GPU; never run to its end here
    BIGGAN_DIGITS,
    steps=50_000,
    batch_size=50,
    final_batch_size=50,
    learning_rate=2e-4,
    discriminator_steps=4,
    memory=0.999,
    average_decay=0.9999,
    latent_dim=128,
    generator_width=64,
    discriminator_width=64,
)
DCGAN_DIGITS: Final = replace(PICTURES, batch_size=64, final_batch_size=64, generator_width=64)
FAST_SHARE: Final = 0.35  # of the steps, of anything else
POINTS: Final = "points"
FOLDER: Final = "folder"
BEST: Final[Mapping[str, Mapping[Architecture, GANSettings]]] = MappingProxyType(
    {
        "ring8": {"mlp": RING},
        POINTS: {"mlp": GRID},
        STACKED_DIGITS: {"mlp": STACKS},
        DIGITS: {
            "biggan": BIGGAN_DIGITS,
            "stylegan": STYLEGAN_DIGITS,
            "dcgan": DCGAN_DIGITS,
            "mlp": STACKS,
        },
        FACES: {"stylegan": STYLEGAN_PICTURES, "dcgan": PICTURES},
        "cifar10": {"biggan": CIFAR10, "dcgan": PICTURES, "stylegan": STYLEGAN_PICTURES},
        FOLDER: {"dcgan": PICTURES, "stylegan": STYLEGAN_PICTURES},
    }
)


def recipe(
    data: str,
    objective: ObjectiveName | None = None,
    preset: Preset = "best",
    architecture: Architecture | None = None,
) -> GANSettings:
    """The settings to begin with.

    Args:
        data: see ``Task.kind``; other points are learned like the grid.
        objective: what is minimised; all have the same networks, batches and steps. The best known
            if left out.
        preset: "best", or "fast" for half of the time and less.
        architecture: which networks play; the best known if left out. Those that were never tried
            with the data begin with the settings of others.
    """
    known = BEST.get(data) or BEST[POINTS if data in TOY else FOLDER]
    best = next(iter(known.values()))
    if architecture is not None:
        best = replace(known.get(architecture, best), architecture=architecture)
    if preset == "fast":
        is_of_points = data in TOY
        best = (
            replace(best, steps=5_000, batch_size=256, final_batch_size=256)
            if is_of_points
            else replace(best, steps=round(FAST_SHARE * best.steps))
        )
    return replace(best, objective=objective or best.objective)
