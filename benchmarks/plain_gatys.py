"""Gatys' method as tutorials write it, to measure against.

The image is laid out channel by channel, convolutions are direct, the Gram matrix is left to
autograd, L-BFGS has PyTorch's default history, and there is one size. What is fair is kept: the
weights are frozen, the network ends after its last layer, and the loss is the same number.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from etude.generative.style.gatys import GatysSettings
from etude.generative.style.losses import LayerWeights
from etude.generative.style.vgg import VGG19, ConvolutionReLU

Image = Float[Tensor, "1 3 h w"]


class PlainVGG19:
    """The features of an encoder, computed plainly.

    Args:
        encoder: whose weights are taken.
    """

    def __init__(self, encoder: VGG19) -> None:
        self._encoder = encoder
        self._weights = {}
        for layer, convolution in encoder.convolutions.items():
            assert isinstance(convolution, ConvolutionReLU)
            assert convolution.bias is not None
            self._weights[layer] = (convolution.weight.contiguous(), convolution.bias)

    def __call__(self, images: Image) -> dict[str, Tensor]:
        """See ``VGG19``."""
        features = (images - self._encoder.mean) / self._encoder.std
        found = {}
        for i, (layer, (weight, bias)) in enumerate(self._weights.items()):
            if layer.endswith("_1") and i > 0:
                features = self._encoder.pool(features)
            features = F.relu(F.conv2d(features, weight, bias, padding=1))
            found[layer] = features
        return found


class PlainObjective:
    """The weighted sum of the terms.

    Args:
        encoder: of the features.
        layers: as for ``losses.Objective``; all count the same.
        content: RGB in [0, 1].
        style: RGB in [0, 1].
        settings: the weights of the terms.
    """

    def __init__(
        self,
        encoder: PlainVGG19,
        layers: LayerWeights,
        content: Image,
        style: Image,
        settings: GatysSettings,
    ) -> None:
        self._encoder = encoder
        self._settings = settings
        features, styled = encoder(content), encoder(style)
        self._content = {layer: features[layer] for layer in layers.content}
        self._grams = {layer: _gram(styled[layer]) for layer in layers.style}

    def __call__(self, image: Image) -> Tensor:
        """The loss, differentiable."""
        features, settings = self._encoder(image), self._settings
        content = sum(
            F.mse_loss(features[layer], wanted) / wanted.var(correction=0)
            for layer, wanted in self._content.items()
        )
        style = sum(
            F.mse_loss(_gram(features[layer]), wanted) / wanted.square().mean()
            for layer, wanted in self._grams.items()
        )
        down = (image[:, :, 1:] - image[:, :, :-1]).square().mean()
        right = (image[:, :, :, 1:] - image[:, :, :, :-1]).square().mean()
        loss: Tensor = (
            settings.content_weight * content / len(self._content)
            + settings.style_weight * style / len(self._grams)
            + settings.variation_weight * (down + right)
        )
        return loss


def descend(objective: Callable[[Image], Tensor], start: Image, evaluations: int) -> list[float]:
    """The losses of so many evaluations by L-BFGS, from the content on."""
    image = start.clone().requires_grad_()
    optimiser = torch.optim.LBFGS([image], max_iter=1)
    losses: list[float] = []

    def evaluate() -> Tensor:
        optimiser.zero_grad()
        loss = objective(image)
        loss.backward()  # type: ignore[no-untyped-call]
        losses.append(loss.item())
        return loss

    while len(losses) < evaluations:
        optimiser.step(evaluate)  # type: ignore[no-untyped-call]
    return losses


def _gram(features: Float[Tensor, "1 c h w"]) -> Float[Tensor, "c c"]:
    rows = features[0].flatten(1)  # (c, h*w)
    return rows @ rows.t() / rows.shape[1]
