"""A linear classifier on features, whose regularisation is chosen by leaving one out, exactly.

Ridge regression to targets of 1 for the right class and -1 for the others; the class with the
largest output is chosen. With the kernel K of the centred training features and G = (K + a I)^-1,
the output for an example that was left out has a closed form (G. Wahba, "Spline models for
observational data", 1990, sec. 4.2):

    y_i - (G y)_i / G_ii

so every strength a is tried on all examples at the price of one inverse.
"""

from typing import Final

import torch
from jaxtyping import Float, Int
from torch import Tensor

STRENGTHS: Final = tuple(10.0**power for power in range(-4, 4))
"""Times the mean squared length of the centred features."""


class LinearProbe:
    """Learns from labelled features at once.

    Args:
        features: of the training examples.
        labels: their classes.
        num_classes: how many there are.
        strengths: of the regularisation, of which the one that errs least is taken, of equal ones
            the largest.

    Attributes:
        strength: the one taken.
    """

    def __init__(
        self,
        features: Float[Tensor, "n d"],
        labels: Int[Tensor, " n"],
        num_classes: int,
        strengths: tuple[float, ...] = STRENGTHS,
    ) -> None:
        targets = 2.0 * torch.nn.functional.one_hot(labels, num_classes).double() - 1.0
        self._mean, self._offset = features.double().mean(dim=0), targets.mean(dim=0)
        self._features = features.double() - self._mean
        kernel = self._features @ self._features.T
        # the mean of the targets is taken away by all examples; leaving one out moves it little
        centred = targets - self._offset
        scale = kernel.diagonal().mean().clamp_min(1e-12)
        errors, duals = [], []
        for strength in strengths:
            inverse = torch.linalg.inv(kernel + strength * scale * torch.eye(len(kernel)).double())
            dual = inverse @ centred
            left_out = centred - dual / inverse.diagonal()[:, None] + self._offset
            errors.append(float((left_out.argmax(dim=1) != labels).double().mean()))
            duals.append(dual)
        best = min(range(len(strengths)), key=lambda i: (errors[i], -strengths[i]))
        self.strength = strengths[best]
        self._weights = self._features.T @ duals[best]

    def __call__(self, features: Float[Tensor, "m d"]) -> Int[Tensor, " m"]:
        """The classes of other examples."""
        outputs: Tensor = (features.double() - self._mean) @ self._weights + self._offset
        classes: Tensor = outputs.argmax(dim=1)
        return classes
