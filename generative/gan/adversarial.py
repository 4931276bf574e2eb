"""A generator and its discriminator: noise in, samples out, judged by a network that learns too.

I. Goodfellow et al., "Generative adversarial nets", NIPS 2014, algorithm 1, for any objective of
``objectives``. A step of either player goes over one or several parts of a batch, whose gradients
add up to that of the whole. Optimisers and the backward pass are handed in, so that the same steps
serve our own loop and Lightning's.

Departures: real and generated samples pass the discriminator as one batch, which is one pass
instead of two, so it must not normalise over a batch; zero-centred penalties use that same pass.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from etude.generative.gan.objectives import (
    Objective,
    PenaltyName,
    input_gradients,
    one_centred,
    zero_centred,
)
from etude.generative.gan.source import Batch

Scalar = Float[Tensor, ""]
Losses = dict[str, Tensor]
Backward = Callable[[Tensor], object]


@runtime_checkable
class Optimizer(Protocol):
    """What torch's optimisers do, and Lightning's wrappers of them."""

    def zero_grad(self) -> object:
        """Forget the gradients."""
        ...

    def step(self) -> object:
        """Follow them."""
        ...


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What is minimised in a step.

    Args:
        objective: of both players.
        penalty: what the discriminator pays for its gradients.
        penalty_weight: gamma of both zero-centred penalties, or lambda of the one-centred; 0 for no
            penalty in this step.
        penalty_share: of a batch whose gradients are looked at, in (0, 1].
        regularisers: what the generator pays besides, with their weights.
    """

    objective: Objective
    penalty: PenaltyName
    penalty_weight: float
    penalty_share: float = 1.0
    regularisers: Sequence[Callable[[], Scalar]] = ()


@dataclass(frozen=True, kw_only=True)
class Game:
    """The players and what moves them.

    Args:
        generator: (n, latent_dim) in [-1, 1], and labels if the data have some, to samples.
        discriminator: samples, and their labels, to logits, each from its own sample alone (or
            from a few neighbours in its batch, if their number divides that of a part).
        generator_optimizer: follows the generator's gradients.
        discriminator_optimizer: the discriminator's.
        latent_dim: how many uniform numbers become a sample.
        torch_rng: all noise comes from it.
        backward: adds the gradients of a loss.
        autocast: a type that products are computed in, instead of that of the weights.
    """

    generator: nn.Module
    discriminator: nn.Module
    generator_optimizer: Optimizer
    discriminator_optimizer: Optimizer
    latent_dim: int
    torch_rng: torch.Generator
    backward: Backward = torch.autograd.backward
    autocast: torch.dtype | None = None

    def teach_discriminator(self, rule: Rule, parts: Sequence[Batch]) -> Losses:
        """Make a step of the discriminator.

        Args:
            rule: what it minimises.
            parts: real samples of equal shapes; each meets as many generated ones.

        Returns:
            "discriminator", its loss, and "penalty" before its weight; means over the parts.
        """
        self.discriminator_optimizer.zero_grad()
        found = []
        for real in parts:
            with self._casting(real):
                with torch.no_grad():
                    fake = self._generate(real)
                losses = discriminator_losses(self.discriminator, rule, real, fake, self.torch_rng)
            total = losses["discriminator"]
            if "penalty" in losses:
                total = total + rule.penalty_weight * losses["penalty"]
            self.backward(total / len(parts))
            found.append(losses)
        self.discriminator_optimizer.step()
        return _means(found)

    def teach_generator(self, rule: Rule, parts: Sequence[Batch]) -> Losses:
        """Make a step of the generator.

        Args:
            rule: what it minimises.
            parts: real samples of equal shapes, which its own are compared with.

        Returns:
            "generator", its loss, the mean over the parts, without what regularisers add.
        """
        self.generator_optimizer.zero_grad()
        found = []
        with frozen(self.discriminator):
            for real in parts:
                with self._casting(real):
                    fake = self._generate(real)
                    loss = generator_loss(self.discriminator, rule, real, fake)
                self.backward(loss / len(parts))
                found.append({"generator": loss})
        for regulariser in rule.regularisers:
            self.backward(regulariser())
        self.generator_optimizer.step()
        return _means(found)

    def _generate(self, real: Batch) -> Batch:
        """As many samples as there are real ones, with the labels of these."""
        z = uniform_latents(len(real), self.latent_dim, self.torch_rng, real.samples.device)
        return Batch(self.generator(z, *real.conditions), real.labels)

    def _casting(self, real: Batch) -> torch.autocast:
        return torch.autocast(
            real.samples.device.type, dtype=self.autocast, enabled=self.autocast is not None
        )


def discriminator_losses(
    discriminator: nn.Module, rule: Rule, real: Batch, fake: Batch, torch_rng: torch.Generator
) -> Losses:
    """The loss of the discriminator, and its penalty before the weight, if there is one.

    Args:
        discriminator: samples to logits.
        rule: which loss and penalty.
        real: samples.
        fake: as many, with the same labels.
        torch_rng: of the points where a one-centred penalty looks.
    """
    num_penalised = math.ceil(rule.penalty_share * len(real)) if rule.penalty_weight > 0.0 else 0
    if num_penalised and rule.penalty in ("zero-centred", "r1"):
        return _zero_centred_losses(discriminator, rule, real, fake, num_penalised)
    logits = judge(discriminator, real, fake)
    losses = {"discriminator": rule.objective.discriminator(*logits.chunk(2))}
    if num_penalised and rule.penalty == "one-centred":
        shares = torch.rand(num_penalised, generator=torch_rng).to(logits.device)
        conditions = real[:num_penalised].conditions
        losses["penalty"] = one_centred(
            lambda samples: discriminator(samples, *conditions),
            real.samples[:num_penalised],
            fake.samples[:num_penalised],
            shares,
        )
    return losses


def _zero_centred_losses(
    discriminator: nn.Module, rule: Rule, real: Batch, fake: Batch, num_penalised: int
) -> Losses:
    """The loss, with R1 (and R2) of the first samples, whose logits need no second pass."""
    first, num_fake = real[:num_penalised], 0
    if rule.penalty == "zero-centred":
        first, num_fake = Batch.cat(first, fake[:num_penalised]), num_penalised
    first.samples.requires_grad_()
    logits = judge(discriminator, first)
    penalty = zero_centred(input_gradients(logits, first.samples))
    if num_fake:
        penalty = 2.0 * penalty  # R1 + R2, halves of one mean
    real_logits, fake_logits = torch.split(logits, [num_penalised, num_fake])
    others = real[num_penalised:], fake[num_fake:]
    sizes = list(map(len, others))
    if any(sizes):
        other_real, other_fake = torch.split(judge(discriminator, *others), sizes)
        real_logits = torch.cat([real_logits, other_real])
        fake_logits = torch.cat([fake_logits, other_fake])
    loss = rule.objective.discriminator(real_logits, fake_logits)
    return {"discriminator": loss, "penalty": penalty}


def generator_loss(discriminator: nn.Module, rule: Rule, real: Batch, fake: Batch) -> Scalar:
    """The loss of the generator.

    Args:
        discriminator: samples to logits.
        rule: which loss.
        real: samples.
        fake: as many, which depend on the generator.
    """
    fake_logits = judge(discriminator, fake)
    if not rule.objective.is_relativistic:
        return rule.objective.generator(fake_logits, fake_logits)
    with torch.no_grad():  # no gradient of the generator passes through the real ones
        real_logits = judge(discriminator, real)
    return rule.objective.generator(real_logits, fake_logits)


def judge(discriminator: nn.Module, *batches: Batch) -> Float[Tensor, " n"]:
    """The logits of batches, one after the other, in a single pass."""
    batch = Batch.cat(*batches)
    logits: Tensor = discriminator(batch.samples, *batch.conditions)
    return logits.float()


def uniform_latents(
    num_samples: int,
    latent_dim: int,
    torch_rng: torch.Generator,
    device: torch.device | None = None,
) -> Float[Tensor, "num_samples latent_dim"]:
    """Uniform numbers in [-1, 1), the same ones on every device."""
    return torch.rand(num_samples, latent_dim, generator=torch_rng).mul_(2.0).sub_(1.0).to(device)


@contextmanager
def frozen(network: nn.Module) -> Iterator[None]:
    """Gradients pass through the network, and none is computed for its weights."""
    network.requires_grad_(False)
    try:
        yield
    finally:
        network.requires_grad_(True)


def _means(found: Sequence[Losses]) -> Losses:
    return {
        name: torch.stack([losses[name].detach() for losses in found]).mean() for name in found[0]
    }
