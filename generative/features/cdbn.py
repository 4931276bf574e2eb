"""A convolutional deep belief network: machines on machines, and inference over all at once.

Each layer is a convolutional RBM whose image is the pooling units of the layer below, trained when
the layers below are. Seen from an image, the layers answer one after the other; but what a layer
above believes bears on what a layer below should: a face whose half is hidden has two eyes. Block
Gibbs sampling over all layers weighs both. Given its neighbours, a layer has the exact conditional

    P(h = 1 | below, above) = exp(I(h) + I(p)) / (1 + sum over the block of exp(I(h) + I(p)))

I(h) = b + W * below from the image's side, I(p) = the layer above's filters laid where its units
are on.

H. Lee, R. Grosse, R. Ranganath and A. Y. Ng, "Convolutional deep belief networks for scalable
unsupervised learning of hierarchical representations", ICML 2009, sec. 3.5 and 3.6.

Departures: the layer above has a bias for each pooling unit, which the paper's energy has not. It
says how common the unit is, which the unit's own bias has said already; so I(p) is that bias and
the filters, less the log-odds of the unit in the data: what the layer above knows beyond that.
Where most of what a detection unit of the lowest layer looks at is hidden, the image says no more
than how common the unit is, and I(h) is just that: sampling hidden pixels from the units and the
units from the pixels by turns would stay for ever where it began.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional as F

from etude.generative.features.crbm import (
    CRBM,
    Blocks,
    CRBMArchitecture,
    Images,
    Maps,
    Pooled,
    block_probabilities,
    sample_blocks,
    spread,
)

SEEN_SHARE: Final = 0.5  # of the pixels that a detection unit looks at, for them to say something


class Posterior(NamedTuple):
    """Means over samples of everything given what is known of an image."""

    images: Float[Tensor, "n channels h w"]
    layers: list[Blocks]


class CDBN(nn.Module):
    """A stack of machines.

    Args:
        architectures: of the layers, the lowest first.
        torch_rng: of the filters; zeros if left out.

    Attributes:
        layers: the machines.

    Raises:
        ValueError: no layers, or one that does not fit the one below.
    """

    def __init__(
        self,
        architectures: Sequence[CRBMArchitecture],
        torch_rng: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        _check_stack(architectures)
        self.layers = nn.ModuleList(CRBM(a, torch_rng) for a in architectures)
        for i, architecture in enumerate(architectures):
            self.register_buffer(f"log_odds_{i}", torch.zeros(architecture.channels))

    @property
    def machines(self) -> list[CRBM]:
        """The layers, the lowest first."""
        return [layer for layer in self.layers if isinstance(layer, CRBM)]

    def lowest(self, num_layers: int) -> "CDBN":
        """The stack of the lowest layers, which are shared."""
        stack = CDBN([machine.architecture for machine in self.machines[:num_layers]])
        stack.layers = self.layers[:num_layers]
        for layer in range(num_layers):
            stack.log_odds(layer).copy_(self.log_odds(layer))
        return stack

    def log_odds(self, layer: int) -> Float[Tensor, " channels"]:
        """How common the pooling units below a layer are in the data that it learned from."""
        found = getattr(self, f"log_odds_{layer}")
        assert isinstance(found, Tensor)
        return found

    def fitting(self, size: int) -> int:
        """The largest side, up to a size, of an image that the blocks of all layers fill.

        Raises:
            ValueError: none is large enough for every layer to have a block.
        """
        for side in range(size, 0, -1):
            if self._fits(side):
                return side
        raise ValueError(f"an image has at least {self.least_size} pixels a side, got {size}.")

    @property
    def least_size(self) -> int:
        """Pixels a side of the smallest image in which every layer has a block."""
        size = 1
        for machine in reversed(self.machines):
            size = machine.architecture.pooling * size + machine.architecture.filter_size - 1
        return size

    def ascend(self, images: Images) -> list[Blocks]:
        """What each layer answers in one pass from below: probabilities given those below."""
        answers = []
        below = images
        for machine in self.machines:
            answers.append(machine.hidden(below))
            below = answers[-1].pooling
        return answers

    def descend(self, detection: Maps, layer: int, seen: Sequence[Blocks] | None = None) -> Images:
        """The mean image of what the detection units of a layer say, layer by layer.

        Args:
            detection: of that layer.
            layer: its number, 0 for the lowest.
            seen: what the layers below answered to an image, which says where in its block a unit
                is; all places are equally likely if left out.
        """
        for i in range(layer, 0, -1):
            pooled = self.machines[i].visible_mean(detection)
            pooling = self.machines[i - 1].architecture.pooling
            if seen is None:
                detection = spread(pooled / pooling**2, pooling)
            else:
                answer = seen[i - 1]
                share = answer.detection / spread(answer.pooling, pooling).clamp_min(1e-12)
                detection = spread(pooled, pooling) * share
        return self.machines[0].visible_mean(detection)

    def filters_in_pixels(self, layer: int) -> Float[Tensor, "filters channels h w"]:
        """The filters of a layer as weighted combinations of those below, down to the pixels."""
        maps: Tensor = self.machines[layer].weight
        for machine in reversed(self.machines[:layer]):
            pooling = machine.architecture.pooling
            maps = F.conv_transpose2d(spread(maps / pooling**2, pooling), machine.weight)
        return maps

    def above(self, detection: Maps, layer: int) -> Pooled:
        """I(p): what the detection units of a layer say for the pooling units below it."""
        bias = self.machines[layer].visible_bias - self.log_odds(layer)
        return self.machines[layer].visible_evidence(detection) + bias[:, None, None]

    def infer(
        self,
        images: Images,
        known: Bool[Tensor, "#n 1 h w"],
        torch_rng: torch.Generator,
        *,
        num_sweeps: int = 40,
        burn_in: int = 20,
    ) -> Posterior:
        """Sample all layers, and the pixels that are not known, given those that are (sec. 3.6).

        A sweep draws the layers of odd numbers given their neighbours, then the others.

        Args:
            images: whose unknown pixels do not matter.
            known: where they are known.
            torch_rng: of the samples.
            num_sweeps: of which means are taken.
            burn_in: sweeps before these.
        """
        means: list[Posterior] = []
        v = torch.where(known, images, self.machines[0].visible_bias[:, None, None])
        blind = self._blind(known, images)
        samples = [sample_blocks(chances, torch_rng) for chances in self.ascend(v)]
        for sweep in range(burn_in + num_sweeps):
            chances: list[Blocks] = [*samples]
            for start in (0, 1):
                for i in range(start, len(samples), 2):
                    chances[i] = self._chances(v, samples, i, blind)
                    samples[i] = sample_blocks(chances[i], torch_rng)
                if start == 0:
                    made = self.machines[0].sample_visible(samples[0].detection, torch_rng)
                    v = torch.where(known, images, made)
            if sweep >= burn_in:
                mean = self.machines[0].visible_mean(samples[0].detection)
                means.append(Posterior(mean, chances))
        average = _average(means)
        return average._replace(images=torch.where(known, images, average.images))

    def _blind(
        self, known: Bool[Tensor, "#n 1 h w"], images: Images
    ) -> Bool[Tensor, "#n 1 rows columns"]:
        """Where the lowest detection units see less than half of their field."""
        size = self.machines[0].architecture.filter_size
        return F.avg_pool2d(known.to(images.dtype), size, stride=1) < SEEN_SHARE

    def _chances(
        self, v: Images, samples: Sequence[Blocks], layer: int, blind: Bool[Tensor, "#n 1 _ _"]
    ) -> Blocks:
        below = samples[layer - 1].pooling if layer else v
        has_above = layer + 1 < len(samples)
        above = self.above(samples[layer + 1].detection, layer + 1) if has_above else None
        machine = self.machines[layer]
        if layer or not has_above:
            return machine.hidden(below, above)
        pooling = machine.architecture.pooling
        common = self.log_odds(1)[:, None, None] - math.log(pooling**2)
        evidence = torch.where(blind, common, machine.evidence(v))
        return block_probabilities(evidence, pooling, above)

    def _fits(self, size: int) -> bool:
        for machine in self.machines:
            detection = size - machine.architecture.filter_size + 1
            if detection < 1 or detection % machine.architecture.pooling:
                return False
            size = detection // machine.architecture.pooling
        return True


def _average(means: Sequence[Posterior]) -> Posterior:
    images = torch.stack([mean.images for mean in means]).mean(dim=0)
    layers = [
        Blocks(*(torch.stack(parts).mean(dim=0) for parts in zip(*blocks, strict=True)))
        for blocks in zip(*(mean.layers for mean in means), strict=True)
    ]
    return Posterior(images, layers)


def _check_stack(architectures: Sequence[CRBMArchitecture]) -> None:
    if not architectures:
        raise ValueError("a stack has at least one layer, got none.")
    for below, above in pairwise(architectures):
        if above.channels != below.filters or above.visible != "binary":
            raise ValueError(
                f"a layer has binary units, a channel for each of {below.filters} filters below, "
                f"got {above.channels} channels of {above.visible} units."
            )
