"""Training convolutional deep belief networks layer by layer: photographs, then faces.

As in the paper's sec. 4.1 and 4.3, the first layer learns from natural photographs; a second one
learns from them too, and another second and third one learn from a class of objects, here faces.
Each layer learns while those below stay as they are.

Departure: the bias of each pooling unit below a new layer starts at the log-odds with which the
unit is on in the data. Started at 0, the layer spends its first hundreds of steps, and some of its
filters, on saying that most units are off.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor

from etude.generative.features.cdbn import CDBN
from etude.generative.features.cdbn_data import Squares, pooled_maps
from etude.generative.features.crbm import CRBM, CRBMArchitecture
from etude.generative.features.crbm_training import CRBMLesson, CRBMSettings

Maps = Sequence[Float[Tensor, "1 channels _ _"]]
LEAST_CHANCE: Final = 1e-4  # of a pooling unit, whose log-odds stay finite
SEED_STRIDE: Final = 1_000  # between the layers of a run


@dataclass(frozen=True, kw_only=True)
class LayerPlan:
    """A layer of a stack: what it is, what it sees at once, and how it learns.

    Raises:
        ValueError: a square that leaves part of a block.
    """

    architecture: CRBMArchitecture
    """Of the layer."""
    square: int
    """A side of what is cut out of the maps of the layer below, or of the image."""
    settings: CRBMSettings
    """How it learns."""

    def __post_init__(self) -> None:
        self.architecture.detection_size(self.square)


EDGES: Final = LayerPlan(
    architecture=CRBMArchitecture(filters=24, filter_size=10, sigma=0.2),
    square=31,
    settings=CRBMSettings(learning_rate=0.06, final_rate=0.02, weight_decay=0.003),
)
UPPER: Final = CRBMSettings(  # where few units are on, gradients are small, so rates are large
    steps=700,
    batch_size=8,
    learning_rate=3.0,
    final_rate=0.7,
    weight_decay=0.0003,
    sparsity=0.012,
    sparsity_rate=0.2,
)
CONTOURS: Final = LayerPlan(
    architecture=CRBMArchitecture(channels=24, filters=24, filter_size=8, visible="binary"),
    square=21,
    settings=replace(UPPER, learning_rate=2.0, final_rate=0.5),
)
PARTS: Final = LayerPlan(
    architecture=CRBMArchitecture(channels=24, filters=24, filter_size=8, visible="binary"),
    square=23,
    settings=UPPER,
)
FACES: Final = LayerPlan(
    architecture=CRBMArchitecture(channels=24, filters=24, filter_size=5, visible="binary"),
    square=8,
    settings=replace(UPPER, batch_size=16, sparsity=0.02),
)


@dataclass(frozen=True, kw_only=True)
class CDBNSettings:
    """The layers of both stacks, and the seed.

    Raises:
        ValueError: a seed below 0.
    """

    edges: LayerPlan = EDGES
    """The first layer of both."""
    contours: LayerPlan = CONTOURS
    """The second of photographs."""
    parts: LayerPlan = PARTS
    """The second of faces."""
    faces: LayerPlan = FACES
    """The third of faces."""
    seed: int = 0
    """Of the filters, the squares and the samples."""

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise ValueError(f"seed is at least 0, got {self.seed}; for example 1.")

    def scaled(self, share: float) -> "CDBNSettings":
        """With a share of the steps of every layer, at least one.

        Raises:
            ValueError: a share that is not above 0.
        """
        if not share > 0.0:
            raise ValueError(f"a share of the steps is above 0, got {share}; 1 is all.")

        def shortened(plan: LayerPlan) -> LayerPlan:
            steps = max(round(share * plan.settings.steps), 1)
            return replace(plan, settings=replace(plan.settings, steps=steps))

        return replace(
            self,
            edges=shortened(self.edges),
            contours=shortened(self.contours),
            parts=shortened(self.parts),
            faces=shortened(self.faces),
        )


STAGES: Final = ("edges", "contours", "parts", "faces")
STACKS: Final[Mapping[str, tuple[str, ...]]] = {
    "photos": ("edges", "contours"),
    "faces": ("edges", "parts", "faces"),
}
Train = Callable[[str, CRBMLesson, LayerPlan], None]
"""Trains a lesson of a name to its end."""


def train_stacks(
    settings: CDBNSettings, photos: Maps, faces: Maps, train: Train
) -> dict[str, CDBN]:
    """Train all layers, each on what those below answer.

    Args:
        settings: of all layers.
        photos: whitened ones.
        faces: whitened ones.
        train: what runs a lesson.
    """
    trained: dict[str, Learned] = {}
    for stack, data in (("photos", photos), ("faces", faces)):
        maps = data
        for name in STACKS[stack]:
            if name not in trained:
                plan = getattr(settings, name)
                seed = settings.seed + SEED_STRIDE * STAGES.index(name)
                trained[name] = begin(plan, maps, seed)
                train(name, lesson_of(trained[name].machine, plan, maps, seed), plan)
            maps = pooled_maps(trained[name].machine, maps)
    return {stack: assembled([trained[name] for name in names]) for stack, names in STACKS.items()}


@dataclass(frozen=True)
class Learned:
    """A layer, and how common the units below it are in its data."""

    machine: CRBM
    log_odds: Float[Tensor, " channels"]


def begin(plan: LayerPlan, maps: Maps, seed: int) -> Learned:
    """A layer before its training."""
    machine = CRBM(plan.architecture, torch.Generator().manual_seed(seed))
    if plan.architecture.visible == "real":
        return Learned(machine, torch.zeros_like(machine.visible_bias))
    totals = torch.stack([m.sum(dim=(0, 2, 3)) for m in maps]).sum(dim=0)
    share = totals / sum(m.shape[2] * m.shape[3] for m in maps)
    log_odds = share.clamp(LEAST_CHANCE, 1.0 - LEAST_CHANCE).logit()
    machine.visible_bias.copy_(log_odds)
    return Learned(machine, log_odds)


def lesson_of(machine: CRBM, plan: LayerPlan, maps: Maps, seed: int) -> CRBMLesson:
    """How a layer learns from the maps below it."""
    return CRBMLesson(machine, Squares(maps, plan.square), plan.settings, seed)


def assembled(layers: Sequence[Learned]) -> CDBN:
    """A stack of trained layers."""
    stack = CDBN([layer.machine.architecture for layer in layers])
    for i, layer in enumerate(layers):
        stack.machines[i].load_state_dict(layer.machine.state_dict())
        stack.log_odds(i).copy_(layer.log_odds)
    return stack
