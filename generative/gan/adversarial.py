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
    """

    objective: Objective
    penalty: PenaltyName
    penalty_weight: float
    penalty_share: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Game:
    """The players and what moves them.

    Args:
        generator: (n, latent_dim) in [-1, 1] to samples.
        discriminator: samples to logits, each from its own sample alone.
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

    def teach_discriminator(self, rule: Rule, parts: Sequence[Tensor]) -> Losses:
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
            z = uniform_latents(len(real), self.latent_dim, self.torch_rng, real.device)
            with self._casting(real):
                with torch.no_grad():
                    fake = self.generator(z)
                losses = discriminator_losses(self.discriminator, rule, real, fake, self.torch_rng)
            total = losses["discriminator"]
            if "penalty" in losses:
                total = total + rule.penalty_weight * losses["penalty"]
            self.backward(total / len(parts))
            found.append(losses)
        self.discriminator_optimizer.step()
        return _means(found)

    def teach_generator(self, rule: Rule, parts: Sequence[Tensor]) -> Losses:
        """Make a step of the generator.

        Args:
            rule: what it minimises.
            parts: real samples of equal shapes, which its own are compared with.

        Returns:
            "generator", its loss, the mean over the parts.
        """
        self.generator_optimizer.zero_grad()
        found = []
        with _frozen(self.discriminator):
            for real in parts:
                z = uniform_latents(len(real), self.latent_dim, self.torch_rng, real.device)
                with self._casting(real):
                    fake = self.generator(z)
                    loss = generator_loss(self.discriminator, rule, real, fake)
                self.backward(loss / len(parts))
                found.append({"generator": loss})
        self.generator_optimizer.step()
        return _means(found)

    def _casting(self, real: Tensor) -> torch.autocast:
        return torch.autocast(
            real.device.type, dtype=self.autocast, enabled=self.autocast is not None
        )


def discriminator_losses(
    discriminator: nn.Module,
    rule: Rule,
    real: Float[Tensor, "n *shape"],
    fake: Float[Tensor, "n *shape"],
    torch_rng: torch.Generator,
) -> Losses:
    """The loss of the discriminator, and its penalty before the weight, if there is one.

    Args:
        discriminator: samples to logits.
        rule: which loss and penalty.
        real: samples.
        fake: as many.
        torch_rng: of the points where a one-centred penalty looks.
    """
    num_penalised = math.ceil(rule.penalty_share * len(real)) if rule.penalty_weight > 0.0 else 0
    if num_penalised and rule.penalty == "zero-centred":
        return _zero_centred_losses(discriminator, rule.objective, real, fake, num_penalised)
    logits = discriminator(torch.cat([real, fake])).float()
    losses = {"discriminator": rule.objective.discriminator(*logits.chunk(2))}
    if num_penalised and rule.penalty == "one-centred":
        shares = torch.rand(num_penalised, generator=torch_rng).to(real.device)
        pairs = real[:num_penalised], fake[:num_penalised]
        losses["penalty"] = one_centred(discriminator, *pairs, shares)
    return losses


def _zero_centred_losses(
    discriminator: nn.Module,
    objective: Objective,
    real: Float[Tensor, "n *shape"],
    fake: Float[Tensor, "n *shape"],
    num_penalised: int,
) -> Losses:
    """The loss, with R1 and R2 of the first samples, whose logits need no second pass."""
    looked_at = torch.cat([real[:num_penalised], fake[:num_penalised]]).requires_grad_()
    logits = discriminator(looked_at).float()
    penalty = 2.0 * zero_centred(input_gradients(logits, looked_at))  # R1 + R2, halves of one mean
    real_logits, fake_logits = logits.chunk(2)
    if num_penalised < len(real):
        others = torch.cat([real[num_penalised:], fake[num_penalised:]])
        other_real, other_fake = discriminator(others).float().chunk(2)
        real_logits = torch.cat([real_logits, other_real])
        fake_logits = torch.cat([fake_logits, other_fake])
    return {"discriminator": objective.discriminator(real_logits, fake_logits), "penalty": penalty}


def generator_loss(
    discriminator: nn.Module,
    rule: Rule,
    real: Float[Tensor, "n *shape"],
    fake: Float[Tensor, "n *shape"],
) -> Scalar:
    """The loss of the generator.

    Args:
        discriminator: samples to logits.
        rule: which loss.
        real: samples.
        fake: as many, which depend on the generator.
    """
    fake_logits = discriminator(fake).float()
    if not rule.objective.is_relativistic:
        return rule.objective.generator(fake_logits, fake_logits)
    with torch.no_grad():  # no gradient of the generator passes through the real ones
        real_logits = discriminator(real).float()
    return rule.objective.generator(real_logits, fake_logits)


def uniform_latents(
    num_samples: int,
    latent_dim: int,
    torch_rng: torch.Generator,
    device: torch.device | None = None,
) -> Float[Tensor, "num_samples latent_dim"]:
    """Uniform numbers in [-1, 1), the same ones on every device."""
    return torch.rand(num_samples, latent_dim, generator=torch_rng).mul_(2.0).sub_(1.0).to(device)


@contextmanager
def _frozen(network: nn.Module) -> Iterator[None]:
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
