"""What a layer keeps of a photo: images that look the same to it.

A. Mahendran and A. Vedaldi, "Understanding deep image representations by inverting them", CVPR
2015, eq. 1: from noise, descend on

    |F(x) - F(photo)|^2 / |F(photo) - mean|^2 + roughness V(x)

for the features F of a layer; what of the photo is not in x, the layer has thrown away. With Gram
matrices G of several layers in the place of F, x keeps what L. A. Gatys et al. call the style (CVPR
2016, fig. 1; eq. 4 and 5):

    mean over layers of |G(x) - G(photo)|^2 / |G(photo)|^2 + roughness V(x)

Departures: V is the mean squared difference of neighbours (their beta of 2); instead of their
alpha-norm, which keeps values near grey, the image is a logistic function, so that it stays within
[0, 1], of its spectrum (see ``fourier_image``), on which L-BFGS goes much faster from coarse to
fine; the denominator of the content is the variance of the features, as elsewhere in this suite.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor

from etude.generative.features.fourier_image import FourierImage
from etude.generative.style.lbfgs import LBFGS
from etude.generative.style.losses import content_loss, style_loss
from etude.generative.style.protocol import Encoder, check_layers
from etude.generative.style.statistics import mean_gram, total_variation

Image = Float[Tensor, "1 3 h w"]
Features = dict[str, Tensor]
Distance = Callable[[Features], Tensor]
OnStep = Callable[[], None]
HISTORY: Final = 20  # steps that L-BFGS remembers
OVERSHOT: Final = 2.0  # times the best loss, from where it starts again
MINIMUM_SIDE: Final = 16


@dataclass(frozen=True, kw_only=True)
class InversionSettings:
    """How features are inverted.

    Raises:
        ValueError: a number out of its range.
    """

    size: int = 160
    """Longer side of the images in pixels."""
    evaluations: int = 80
    """How often the loss is evaluated for each image."""
    roughness: float = 0.1
    """How much smoothness counts; 0 leaves what the layer does not see as it was in the noise."""
    seed: int = 0
    """Of the noise to begin with."""

    def __post_init__(self) -> None:
        for name, least in (("size", MINIMUM_SIDE), ("evaluations", 1), ("roughness", 0.0)):
            if not getattr(self, name) >= least:
                raise ValueError(f"{name} is at least {least}, got {getattr(self, name)}.")


@dataclass(frozen=True)
class Inverted:
    """An image that a network can hardly tell from a photo.

    Args:
        image: RGB in [0, 1].
        distance: what is left of the distance of features, 1 being about that of a grey image.
        at_first: the distance of the noise.
    """

    image: Image
    distance: float
    at_first: float


def invert_content(
    encoder: Encoder,
    photo: Image,
    layer: str,
    settings: InversionSettings,
    on_step: OnStep = lambda: None,
) -> Inverted:
    """What the activations of a layer keep.

    Args:
        encoder: a frozen one.
        photo: RGB in [0, 1].
        layer: one of the encoder's.
        settings: how; the photo is taken in the size that it has.
        on_step: called after each evaluation.

    Raises:
        ValueError: an unknown layer.
    """
    check_layers([layer], encoder.layers, encoder.name)
    with torch.no_grad():
        target = encoder(photo)[layer]
    return _descend(
        encoder, photo, lambda found: content_loss(found[layer], target), settings, on_step
    )


def invert_style(
    encoder: Encoder,
    photo: Image,
    layers: Sequence[str],
    settings: InversionSettings,
    on_step: OnStep = lambda: None,
) -> Inverted:
    """What the Gram matrices of layers keep.

    Args:
        encoder: a frozen one.
        photo: RGB in [0, 1].
        layers: of the encoder's; they count alike.
        settings: how; the photo is taken in the size that it has.
        on_step: called after each evaluation.

    Raises:
        ValueError: no or unknown layers.
    """
    check_layers(layers, encoder.layers, encoder.name)
    with torch.no_grad():
        features = encoder(photo)
        targets = {layer: mean_gram(features[layer]) for layer in layers}

    def distance(found: Features) -> Tensor:
        terms = [style_loss(mean_gram(found[layer]), gram) for layer, gram in targets.items()]
        return torch.stack(terms).mean()

    return _descend(encoder, photo, distance, settings, on_step)


def _descend(
    encoder: Encoder,
    photo: Image,
    distance: Distance,
    settings: InversionSettings,
    on_step: OnStep,
) -> Inverted:
    """From noise to an image at a small distance; the best one so far is kept."""
    fourier = FourierImage(*photo.shape[-2:])
    torch_rng = torch.Generator().manual_seed(settings.seed)
    spectrum = fourier.start(1, torch_rng)
    best, best_loss, left = spectrum, float("inf"), float("inf")
    at_first = float("nan")
    optimiser = LBFGS(HISTORY)
    for evaluation in range(settings.evaluations):
        current = spectrum.clone().requires_grad_(True)
        image = fourier(current)
        apart = distance(encoder(image))
        loss = apart + settings.roughness * total_variation(image)
        (gradient,) = torch.autograd.grad(loss, current)
        at_first = apart.item() if evaluation == 0 else at_first
        if loss.item() < best_loss:
            best, best_loss, left = spectrum, loss.item(), apart.item()
        if not loss.item() <= OVERSHOT * best_loss:  # also if it is no number
            spectrum, optimiser = best, LBFGS(HISTORY)
        else:
            spectrum = spectrum + optimiser.step(gradient)
        on_step()
    with torch.no_grad():
        return Inverted(fourier(best), left, at_first)
